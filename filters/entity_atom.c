/* SPDX-License-Identifier: ISC */
#include "filters/entity_atom.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "filters/document.h"
#include "filters/entity_sense.h"
#include "filters/query_ast.h"
#include "filters/term_index.h"

#define MARK	'\x01'

enum { MAX_WORD = QUERY_MAX_WORD_BYTES };

_Static_assert(ENTITY_MAX_ID + 16 < MAX_WORD, "ids fit in a word");

/* Words: \1country:Q212, \1any:country, \1group:g7 */

static const char of_any[] = "any:", of_group[] = "group:";

static struct str
write_word(char out[MAX_WORD + TERM_READ_AHEAD], const char *what,
    struct str name)
{
	size_t n = strlen(what);

	if (n + name.n + 1 > MAX_WORD)
		name.n = MAX_WORD - n - 1;
	memset(out, 0, MAX_WORD + TERM_READ_AHEAD);
	out[0] = MARK;
	memcpy(out + 1, what, n);
	memcpy(out + 1 + n, name.p, name.n);
	return (struct str){ out, 1 + n + name.n };
}

static struct str
write_own(char out[MAX_WORD + TERM_READ_AHEAD], enum entity_kind kind,
    struct str id)
{
	char what[16];
	size_t n = strlen(entity_kind_name(kind));

	memcpy(what, entity_kind_name(kind), n);
	memcpy(what + n, ":", 2);
	return write_word(out, what, id);
}

/* G7 is g7: packs of several people meet in it. */
static struct str
write_group(char out[MAX_WORD + TERM_READ_AHEAD], struct str group)
{
	struct str word = write_word(out, of_group, group);

	for (size_t i = 0; i < word.n; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] = (char)(out[i] - 'A' + 'a');
	return word;
}

bool
entity_atom_is(struct str folded)
{
	return folded.n > 0 && folded.p[0] == MARK;
}

bool
entity_atom_is_wide(struct str folded)
{
	struct str name = str_sub(folded, 1, folded.n);

	return entity_atom_is(folded) && (str_starts(name,
	    str_from(of_any)) || str_starts(name, str_from(of_group)));
}

/* Queries */

static const struct query_set *
new_set(struct arena *a, struct str word)
{
	static const unsigned all_text = 1U << FIELD_TITLE |
	    1U << FIELD_SUMMARY | 1U << FIELD_CONTENT;
	struct query_set *set = arena_alloc(a, sizeof(*set));
	struct query_word *w = arena_alloc(a, sizeof(*w));
	struct query *term = query_new(a, QUERY_TERM);

	if (set == NULL || w == NULL || term == NULL)
		return NULL;
	*w = (struct query_word){ .folded = arena_copy(a, word) };
	term->fields = all_text;
	term->text = str_sub(w->folded, 1, w->folded.n);
	term->words = w;
	term->n_words = 1;
	set->id = w->folded.p + 1;
	set->any = term;
	return arena_failed(a) ? NULL : set;
}

const struct query_set *
entity_atom_of(struct arena *a, enum entity_kind kind, struct str id)
{
	char word[MAX_WORD + TERM_READ_AHEAD];

	return new_set(a, write_own(word, kind, id));
}

const struct query_set *
entity_atom_of_kind(struct arena *a, enum entity_kind kind)
{
	char word[MAX_WORD + TERM_READ_AHEAD];

	return new_set(a, write_word(word, of_any,
	    str_from(entity_kind_name(kind))));
}

const struct query_set *
entity_atom_of_group(struct arena *a, struct str group)
{
	char word[MAX_WORD + TERM_READ_AHEAD];

	return new_set(a, write_group(word, group));
}

/* Atoms */

struct list {
	uint32_t	*at;
	size_t		 n, cap;
};

/* Of the word itself; a pattern is not asked. */
static int
add_atom(struct list *l, const struct term_index *ix, struct str word)
{
	uint32_t found[TERM_MAX_FOUND], *more;
	size_t n = term_index_find(ix, word, false, found);

	for (size_t i = 0; i < n; i++) {
		const struct term_atom *a = &ix->atoms[found[i]];

		if (a->prefix || a->pattern)
			continue;
		if (l->n == l->cap) {
			more = reallocarray(l->at, 2 * l->cap + 64,
			    sizeof(*more));
			if (more == NULL)
				return -1;
			l->at = more;
			l->cap = 2 * l->cap + 64;
		}
		l->at[l->n++] = found[i];
	}
	return 0;
}

static int
add_atoms(struct list *l, const struct term_index *ix, const struct entity *e)
{
	char word[MAX_WORD + TERM_READ_AHEAD];

	if (add_atom(l, ix, write_own(word, e->kind, str_from(e->id))) == -1 ||
	    add_atom(l, ix, write_word(word, of_any,
	    str_from(entity_kind_name(e->kind)))) == -1)
		return -1;
	for (size_t i = 0; i < e->n_groups; i++)
		if (add_atom(l, ix, write_group(word, e->groups[i])) == -1)
			return -1;
	return 0;
}

int
entity_atoms_make(struct entity_atoms *w, const struct term_index *ix,
    const struct entity_senses *senses)
{
	size_t n = entity_senses_count(senses);
	struct list l = { NULL, 0, 0 };
	int rc = 0;

	w->n = n;
	w->at = calloc(n + 1, sizeof(*w->at));
	if (w->at == NULL)
		return -1;
	for (size_t e = 0; e < n && rc == 0; e++) {
		rc = add_atoms(&l, ix, entity_senses_at(senses, e));
		w->at[e + 1] = (uint32_t)l.n;
	}
	w->atoms = l.at;
	if (rc == -1 || l.n == 0)
		entity_atoms_clear(w);
	return rc;
}

void
entity_atoms_clear(struct entity_atoms *w)
{
	free(w->at);
	free(w->atoms);
	*w = (struct entity_atoms){ .at = NULL };
}

size_t
entity_atoms_bytes(const struct entity_atoms *w)
{
	return w->at == NULL ? 0 : (w->n + 1 + w->at[w->n]) *
	    sizeof(*w->at);
}
