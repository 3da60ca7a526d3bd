/* SPDX-License-Identifier: ISC */
/*
 * Passages, made up, in which an ambiguous name means an entity of the pack, or
 * not. Prints precision, recall and F1 of the finder beside those of the bare
 * word, any case and as written. A line is an item: title | text.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/yaml.h"
#include "filters/document.h"
#include "filters/entity_sense.h"
#include "filters/token.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

enum { MAX_ENTITIES = 4096, MAX_FILE = 4 << 20, SHORT_FROM = 10,
	SHORT_TO = 50, MAX_NAME_WORDS = 8, MIN_NAMES = 60 };

enum { FINDER, ANY_CASE, AS_WRITTEN, WAYS };

static const char *const way_names[WAYS] = {
	"the rules", "the word, any case", "the word as written",
};

struct score {
	unsigned	hit, missed, wrong, right_not;
};

static struct {
	struct arena		*arena;
	const struct entity	*list[MAX_ENTITIES];
	size_t			 n;
	struct entity_senses	*senses;
	struct entity_finder	*finder;
	struct score		 all[WAYS], short_items[WAYS];
	unsigned		 names, weak_names, faults;
} g;

static double
f1(const struct score *s)
{
	return s->hit == 0 ? 0 :
	    2.0 * s->hit / (2.0 * s->hit + s->missed + s->wrong);
}

static void
show(const char *what, const struct score *s)
{
	printf("# %-24s P %.3f R %.3f F1 %.3f of %u\n", what,
	    s->hit + s->wrong > 0 ? (double)s->hit / (s->hit + s->wrong) : 0,
	    s->hit + s->missed > 0 ? (double)s->hit / (s->hit + s->missed) :
	    0, f1(s), s->hit + s->missed + s->wrong + s->right_not);
}

static char *
read_file(const char *dir, const char *name, size_t *n)
{
	char path[4096], *text = malloc(MAX_FILE);
	const char *top = getenv("srcdir");
	FILE *f;

	assert_non_null(text);
	(void)snprintf(path, sizeof(path), "%s/%s/%s", top != NULL ? top :
	    ".", dir, name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s: cannot be read", path);
	*n = fread(text, 1, MAX_FILE - 1, f);
	assert_true(feof(f));
	text[*n] = '\0';
	(void)fclose(f);
	return text;
}

static const struct entity *
on_entity(const struct entity *e, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < g.n; i++)
		if (strcmp(g.list[i]->id, e->id) == 0)
			return g.list[i];
	assert_true(g.n < MAX_ENTITIES);
	g.list[g.n++] = e;
	return e;
}

static void
on_fault(const struct entity_fault *f, void *ctx)
{
	(void)ctx;
	g.faults++;
	print_error("geopolitics:%d:%d: %s: %s\n", f->at->line, f->at->col,
	    f->key, f->message);
}

struct words {
	char	list[MAX_NAME_WORDS][TOKEN_MAX_FOLDED];
	size_t	n;
};

static void
fold_name(struct words *w, struct token_reader *reader, struct str name)
{
	struct token t;

	w->n = 0;
	token_begin(reader, name, false);
	while (token_next(reader, &t)) {
		if (t.span > 1)
			continue;
		assert_true(w->n < MAX_NAME_WORDS);
		(void)snprintf(w->list[w->n++], TOKEN_MAX_FOLDED, "%.*s",
		    (int)t.n_folded, t.folded);
	}
	assert_true(w->n > 0);
}

/* Whether a field of the document has the name's words in a row. */
static bool
has_words(struct token_reader *reader, const struct words *w, struct str text)
{
	struct token t;
	size_t at = 0;

	token_begin(reader, text, false);
	while (at < w->n && token_next(reader, &t)) {
		struct str word = { t.folded, t.n_folded };

		if (t.span > 1)
			continue;
		if (!str_eq_c(word, w->list[at]))
			at = 0;
		at += str_eq_c(word, w->list[at]);
	}
	return at == w->n;
}

/* One of the names, "Ivory Coast / Cote d'Ivoire", in any field. */
static bool
has_name(const struct document *doc, struct str names, bool keep_case)
{
	static struct token_reader reader;
	struct words w;

	token_init(&reader, keep_case);
	while (names.n > 0) {
		size_t n = str_find_nocase(names, str_from(" / "));

		fold_name(&w, &reader, str_sub(names, 0, n));
		for (enum field f = FIELD_TITLE; f <= FIELD_CONTENT; f++)
			if (has_words(&reader, &w, doc->text[f]))
				return true;
		names = str_sub(names, n + 3, names.n);
	}
	return false;
}

static bool
finds(const struct document *doc, struct str id)
{
	const struct entity_mention *m;
	struct err err;
	size_t n;

	assert_int_equal(entity_finder_run(g.finder, g.senses, doc, &m, &n,
	    &err), 0);
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(id, m[i].entity->id))
			return true;
	return false;
}

static void
note(struct score *s, bool meant, bool found)
{
	s->hit += meant && found;
	s->missed += meant && !found;
	s->wrong += !meant && found;
	s->right_not += !meant && !found;
}

static void
judge(struct str id, struct str name, struct str line, struct score *own)
{
	const char *bar = memchr(line.p, '|', line.n);
	bool meant = line.p[0] == '+', found[WAYS];
	struct document doc = { .age_s = 0 };
	size_t words = 0;
	struct str rest = line;

	if (bar == NULL)
		fail_msg("no bar: %.*s", STR_ARG(line));
	while (str_next_word(&rest).n > 0)
		words++;
	words -= 2;
	doc.text[FIELD_TITLE] = str_trim((struct str){ line.p + 1,
		(size_t)(bar - line.p) - 1 });
	doc.text[FIELD_SUMMARY] = str_trim(str_sub(line,
	    (size_t)(bar - line.p) + 1, line.n));
	found[FINDER] = finds(&doc, id);
	found[ANY_CASE] = has_name(&doc, name, false);
	found[AS_WRITTEN] = has_name(&doc, name, true);
	for (size_t w = 0; w < WAYS; w++) {
		note(&g.all[w], meant, found[w]);
		if (words >= SHORT_FROM && words <= SHORT_TO)
			note(&g.short_items[w], meant, found[w]);
	}
	note(own, meant, found[FINDER]);
	if (meant != found[FINDER])
		printf("# %.*s: %.*s\n", STR_ARG(name), STR_ARG(line));
}

static void
end_name(struct str name, struct score *own)
{
	if (own->hit + own->missed == 0)
		return;
	g.names++;
	if (f1(own) < 0.85) {
		print_error("%.*s: F1 %.3f\n", STR_ARG(name), f1(own));
		g.weak_names++;
	}
	*own = (struct score){ 0 };
}

static void
read_gold(const char *file)
{
	struct str id = STR_NONE, name = STR_NONE;
	struct score own = { 0 };
	size_t n;
	char *text = read_file("tests/gold/entities", file, &n), *at = text;

	while (at < text + n) {
		char *end = strchr(at, '\n');
		struct str line = { at, (size_t)(end - at) };

		assert_non_null(end);
		at = end + 1;
		if (line.n > 0 && line.p[0] == '@') {
			end_name(name, &own);
			name = str_sub(line, 1, line.n);
			id = str_next_word(&name);
			name = str_trim(name);
		} else if (line.n > 0 && line.p[0] != '#')
			judge(id, name, line, &own);
	}
	end_name(name, &own);
	free(text);
}

/* The same countries, in other languages than English, as news write them. */
static const struct {
	const char	*text, *ids;
} languages[] = {
	{ "Россия, Китай, Иран, Турция, Израиль, Польша и Индия",
	    "Q159 Q148 Q794 Q43 Q801 Q36 Q668" },
	{ "Власти России, Китая, Турции, Израиля, Сирии и Белоруссии",
	    "Q159 Q148 Q43 Q801 Q858 Q184" },
	{ "Росія, Китай, Іран, Туреччина, Ізраїль, Польща та Індія",
	    "Q159 Q148 Q794 Q43 Q801 Q36 Q668" },
	{ "Влада Росії, Китаю, Ізраїлю та Білорусі",
	    "Q159 Q148 Q801 Q184" },
	{ "Russland, China, die Türkei, Polen und Indien",
	    "Q159 Q148 Q43 Q36 Q668" },
	{ "la Russie, la Chine, la Turquie, la Pologne et la Syrie",
	    "Q159 Q148 Q43 Q36 Q858" },
	{ "Rusia, China, Turquía, Polonia, India y Siria",
	    "Q159 Q148 Q43 Q36 Q668 Q858" },
	{ "Rusya, Çin, Türkiye, Polonya, Hindistan ve Suriye",
	    "Q159 Q148 Q43 Q36 Q668 Q858" },
	{ "روسيا والصين وتركيا وبولندا والهند",
	    "Q159 Q148 Q43 Q36 Q668" },
	{ "俄罗斯、中国、土耳其、波兰、印度",
	    "Q159 Q148 Q43 Q36 Q668" },
};

static void
read_languages(void)
{
	for (size_t i = 0; i < N(languages); i++) {
		struct document doc = { .text[FIELD_SUMMARY] =
		    str_from(languages[i].text) };
		struct str ids = str_from(languages[i].ids), id;

		while ((id = str_next_word(&ids)).n > 0)
			if (!finds(&doc, id))
				fail_msg("%.*s: %s", STR_ARG(id),
				    languages[i].text);
	}
}

static void
names_are_told_apart(void **state)
{
	static const char *const files[] = {
		"countries.txt", "seats_and_others.txt", "places.txt",
		"organisations.txt", "persons.txt", "weak_names.txt",
		"languages.txt",
	};
	const struct entity_pack_ops ops = { on_entity, on_fault, NULL };
	struct entity_counts counts = { 0 };
	struct err err;
	size_t n;
	char *pack = read_file("filters/packs", "geopolitics.yaml", &n);

	(void)state;
	g.arena = arena_new(SIZE_MAX);
	assert_int_equal(entity_pack_read(g.arena, "geopolitics",
	    (struct str){ pack, n }, &ops, &counts, &err), 0);
	assert_int_equal(counts.left_out, 0);
	assert_int_equal(g.faults, 0);
	g.senses = entity_senses_new(g.list, g.n, NULL, &err);
	g.finder = entity_finder_new();
	assert_non_null(g.senses);
	assert_non_null(g.finder);
	for (size_t i = 0; i < N(files); i++)
		read_gold(files[i]);
	read_languages();
	for (size_t w = 0; w < WAYS; w++)
		show(way_names[w], &g.all[w]);
	for (size_t w = 0; w < WAYS; w++) {
		printf("# of %d to %d words: ", SHORT_FROM, SHORT_TO);
		show(way_names[w], &g.short_items[w]);
	}
	entity_finder_free(g.finder);
	entity_senses_unref(g.senses);
	arena_free(g.arena);
	free(pack);
	assert_true(g.names >= MIN_NAMES);
	assert_int_equal(g.weak_names, 0);
	assert_true(f1(&g.all[FINDER]) >= 0.95);
	assert_true(f1(&g.short_items[FINDER]) >= 0.95);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
