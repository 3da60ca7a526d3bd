/* SPDX-License-Identifier: ISC */
/* Lists of words that rules of names share, under words: of a pack. */
#include "filters/entity_pack_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/utf8.h"

struct gather {
	struct str	*words;
	size_t		 n;
};

const struct entity_words *
pack_find_list(const struct pack *p, struct str name)
{
	struct str bare = str_sub(name, 1, name.n);

	for (size_t i = 0; i < p->n_lists; i++)
		if (str_eq(p->lists[i]->name, bare))
			return p->lists[i];
	return NULL;
}

static void
gather_word(struct pack *p, struct gather *g, const struct yaml_event *at)
{
	if (!pack_check_cue(p, at) || !pack_fold(p, at, at->text))
		return;
	if (g->n == ENTITY_MAX_LISTED)
		pack_tell(p, false, at, "too many words in a list (at most "
		    "%d)", ENTITY_MAX_LISTED);
	else
		g->words[g->n++] = pack_keep_text(p, at->text);
}

static int
gather_words(struct pack *p, const struct yaml_event *value, struct gather *g)
{
	struct yaml_event item;
	int rc;

	if (value->kind != YAML_SEQ) {
		rc = pack_want_text(p, value, "a list of words");
		if (rc == 1)
			gather_word(p, g, value);
		return rc == -1 ? -1 : 0;
	}
	for (;;) {
		if (yaml_next(p->yaml, &item, p->err) == -1)
			return -1;
		if (item.kind == YAML_SEQ_END)
			return 0;
		switch (pack_want_text(p, &item, "a word")) {
		case 1:
			gather_word(p, g, &item);
			break;
		case -1:
			return -1;
		}
	}
}

static int
keep_list(struct pack *p, struct str name, const struct gather *g)
{
	struct entity_words *l = arena_alloc(p->arena, sizeof(*l));
	struct str *words = arena_array(p->arena, g->n, sizeof(*words));

	if (l == NULL || words == NULL || arena_failed(p->arena))
		return pack_no_memory(p);
	if (g->n > 0)
		memcpy(words, g->words, g->n * sizeof(*words));
	*l = (struct entity_words){ name, words, g->n };
	p->lists[p->n_lists++] = l;
	return 0;
}

static bool
check_list_name(struct pack *p, const struct yaml_event *key,
    struct str dollared)
{
	if (!pack_is_plain(key->text))
		pack_tell(p, false, key, "expected 1 to %d letters of ASCII, "
		    "digits, - _ .", ENTITY_MAX_ID);
	else if (pack_find_list(p, dollared) != NULL)
		pack_tell(p, false, key, "the name of another list: %.*s",
		    STR_ARG(key->text));
	else if (p->n_lists == ENTITY_MAX_LISTS)
		pack_tell(p, false, key, "too many lists (at most %d)",
		    ENTITY_MAX_LISTS);
	else
		return true;
	return false;
}

static int
read_list(struct pack *p, const struct yaml_event *key, struct gather *g)
{
	char dollared[ENTITY_MAX_ID + 1] = "$";
	size_t n = key->text.n < ENTITY_MAX_ID ? key->text.n : ENTITY_MAX_ID;
	struct yaml_event value;
	struct str name;

	memcpy(dollared + 1, key->text.p, n);
	if (yaml_next(p->yaml, &value, p->err) == -1)
		return -1;
	if (!check_list_name(p, key, (struct str){ dollared, n + 1 }))
		return yaml_skip(p->yaml, &value, p->err);
	name = pack_keep_text(p, key->text);
	g->n = 0;
	if (gather_words(p, &value, g) == -1)
		return -1;
	return keep_list(p, name, g);
}

int
pack_read_lists(struct pack *p, const struct pack_row *row,
    const struct yaml_event *value)
{
	struct gather g = { NULL, 0 };
	struct yaml_event key;
	int rc = 0;

	(void)row;
	if (value->kind != YAML_MAP) {
		pack_tell(p, false, value, "expected a map of lists (sport: "
		    "[striker, goalkeeper])");
		return yaml_skip(p->yaml, value, p->err);
	}
	g.words = calloc(ENTITY_MAX_LISTED, sizeof(*g.words));
	if (g.words == NULL)
		return pack_no_memory(p);
	while (rc == 0 && (rc = yaml_next(p->yaml, &key, p->err)) == 0 &&
	    key.kind != YAML_MAP_END)
		rc = read_list(p, &key, &g);
	free(g.words);
	return rc;
}

struct entity_hints
pack_keep_hints(struct pack *p, const struct pack_words *from)
{
	struct entity_hints h = { NULL, NULL, 0, 0 };
	struct str *words = arena_array(p->arena, from->n, sizeof(*words));
	const struct entity_words **lists = arena_array(p->arena, from->n,
	    sizeof(*lists));

	if (words == NULL || lists == NULL)
		return h;
	for (size_t i = 0; i < from->n; i++) {
		if (str_starts(from->list[i], str_from("$")))
			lists[h.n_lists++] = pack_find_list(p, from->list[i]);
		else
			words[h.n_words++] = pack_keep_text(p, from->list[i]);
	}
	h.words = words;
	h.lists = lists;
	return h;
}
