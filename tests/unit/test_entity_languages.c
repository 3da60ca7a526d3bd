/* SPDX-License-Identifier: ISC */
/*
 * The most used names of the shipped pack in its eight languages, and the
 * adjectives of countries, in the forms in which sentences have them:
 * tests/gold/entities-languages.txt.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/yaml.h"
#include "filters/document.h"
#include "filters/entity_index.h"
#include "filters/entity_sense.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

enum { MAX_FILE = 4 << 20, MAX_CARRIERS = 128, MIN_NAMES = 100,
	MIN_SENTENCES = 3, MIN_OTHERS = 60, MIN_ADJECTIVES = 60,
	MIN_MEANT = 90 };

static const char *const languages[] = {
	"uk", "ru", "de", "fr", "es", "tr", "ar", "zh",
};

/* A sentence, with room for form `form` of a name, or of an adjective; 0: for
 * any. */
struct carrier {
	struct str	language, before, behind;
	unsigned	form;
	bool		adjective;
};

static struct {
	struct entity_senses	*senses;
	struct entity_finder	*finder;
	struct carrier		 carriers[MAX_CARRIERS];
	size_t			 n_carriers;
	struct str		 id, name;
	unsigned		 in[N(languages)];	/* sentences of it */
	bool			 none[N(languages)];	/* "-": it has none */
	bool			 adjectives;		/* of g.id, not names */
	unsigned		 names, of_adjectives, sentences, missed;
	unsigned		 others, meant, wrong;
} g;

static char *
read_file(const char *name, struct str *text)
{
	const char *top = getenv("srcdir");
	char path[4096], *p = malloc(MAX_FILE);
	FILE *f;

	assert_non_null(p);
	(void)snprintf(path, sizeof(path), "%s/%s", top != NULL ? top : ".",
	    name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s: cannot be read", path);
	*text = (struct str){ p, fread(p, 1, MAX_FILE, f) };
	assert_true(feof(f));
	(void)fclose(f);
	return p;
}

static void
on_fault(const struct entity_fault *f, void *ctx)
{
	(void)ctx;
	fail_msg("geopolitics:%d:%d: %s: %s", f->at->line, f->at->col, f->key,
	    f->message);
}

static void
read_pack(void)
{
	const struct entity_pack_ops ops = { NULL, on_fault, NULL };
	struct entity_index *x = entity_index_new();
	struct entity_counts counts;
	struct err err;
	struct str text;
	char *pack = read_file("filters/packs/geopolitics.yaml", &text);

	assert_non_null(x);
	assert_int_equal(entity_index_read(x, "geopolitics", text, &ops,
	    &counts, &err), 0);
	g.senses = entity_index_take_senses(x, &err);
	g.finder = entity_finder_new();
	assert_non_null(g.senses);
	assert_non_null(g.finder);
	entity_index_free(x);
	free(pack);
}

static bool
finds(struct str text, enum field field)
{
	struct document doc = { .age_s = 0 };
	const struct entity_mention *m;
	struct err err;
	size_t n;

	doc.text[field] = text;
	assert_int_equal(entity_finder_run(g.finder, g.senses, &doc, &m, &n,
	    &err), 0);
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(g.id, m[i].entity->id))
			return true;
	return false;
}

/* The form in the sentence, as a text and as a title. */
static void
judge(const struct carrier *c, struct str form, size_t language)
{
	struct buf text;

	buf_init(&text, 4096);
	buf_add_str(&text, c->before);
	buf_add_str(&text, form);
	buf_add_str(&text, c->behind);
	for (enum field f = FIELD_TITLE; f <= FIELD_SUMMARY; f++) {
		g.sentences++;
		g.in[language]++;
		if (finds(buf_str(&text), f))
			continue;
		g.missed++;
		print_error("%.*s: %.*s: %s%.*s\n", STR_ARG(g.name),
		    STR_ARG(c->language), f == FIELD_TITLE ? "title: " : "",
		    STR_ARG(buf_str(&text)));
	}
	buf_clear(&text);
}

static size_t
language_of(struct str s)
{
	for (size_t i = 0; i < N(languages); i++)
		if (str_eq_c(s, languages[i]))
			return i;
	fail_msg("no such language: %.*s", STR_ARG(s));
	return 0;
}

static void
judge_all(struct str language, struct str word, unsigned form)
{
	size_t l = language_of(language);

	for (size_t i = 0; i < g.n_carriers; i++) {
		const struct carrier *c = &g.carriers[i];

		if (c->adjective == g.adjectives &&
		    str_eq(c->language, language) &&
		    (c->form == 0 || c->form == form))
			judge(c, word, l);
	}
}

/* "uk one; two; three"; "-": there is none */
static void
read_forms(struct str line)
{
	struct str language = str_next_word(&line);

	for (unsigned form = 1; line.n > 0; form++) {
		size_t n = str_find_nocase(line, str_from(";"));
		struct str word = str_trim(str_sub(line, 0, n));

		if (str_eq_c(word, "-"))
			g.none[language_of(language)] |= form == 1;
		else
			judge_all(language, word, form);
		line = str_sub(line, n + 1, line.n);
	}
}

/* "uk 1 before {} behind" */
static void
read_carrier(struct str line, bool adjective)
{
	struct carrier *c = &g.carriers[g.n_carriers];
	struct str form;
	size_t at;

	assert_true(g.n_carriers < MAX_CARRIERS);
	g.n_carriers++;
	c->adjective = adjective;
	c->language = str_next_word(&line);
	(void)language_of(c->language);
	form = str_next_word(&line);
	c->form = form.p[0] == '*' ? 0 : (unsigned)(form.p[0] - '0');
	line = str_trim(line);
	at = str_find_nocase(line, str_from("{}"));
	assert_true(at < line.n);
	c->before = str_sub(line, 0, at);
	c->behind = str_sub(line, at + 2, line.n);
}

/* "Q212 uk a text": one that means it, or does not. */
static void
read_sentence(struct str line, bool means_it)
{
	g.id = str_next_word(&line);
	(void)str_next_word(&line);
	g.others += !means_it;
	g.meant += means_it;
	for (enum field f = FIELD_TITLE; f <= FIELD_SUMMARY; f++) {
		if (finds(str_trim(line), f) == means_it)
			continue;
		g.wrong++;
		print_error("%.*s is %smeant: %.*s\n", STR_ARG(g.id),
		    means_it ? "" : "not ", STR_ARG(line));
	}
}

static void
end_name(void)
{
	if (g.id.n == 0)
		return;
	g.names += !g.adjectives;
	g.of_adjectives += g.adjectives;
	for (size_t i = 0; i < N(languages); i++) {
		if (g.in[i] < (g.adjectives ? 2 : MIN_SENTENCES) &&
		    !(g.adjectives && g.none[i]))
			fail_msg("%.*s: %u sentences in %s", STR_ARG(g.name),
			    g.in[i], languages[i]);
		g.in[i] = 0;
		g.none[i] = false;
	}
}

static void
read_line(struct str line)
{
	if (line.n == 0 || line.p[0] == '#')
		return;
	if (line.p[0] == '=' || line.p[0] == '~') {
		read_carrier(str_sub(line, 1, line.n), line.p[0] == '~');
		return;
	}
	if (line.p[0] == '!' || line.p[0] == '+') {
		end_name();
		read_sentence(str_sub(line, 1, line.n), line.p[0] == '+');
		g.id = STR_NONE;
		return;
	}
	if (line.p[0] != '@' && line.p[0] != '&') {
		read_forms(line);
		return;
	}
	end_name();
	g.adjectives = line.p[0] == '&';
	g.name = str_sub(line, 1, line.n);
	g.id = str_next_word(&g.name);
	g.name = str_trim(g.name);
}

static void
names_are_found_in_all_languages(void **state)
{
	struct str text;
	char *gold = read_file("tests/gold/entities-languages.txt", &text);

	(void)state;
	read_pack();
	while (text.n > 0) {
		size_t n = str_find_nocase(text, str_from("\n"));

		read_line(str_sub(text, 0, n));
		text = str_sub(text, n + 1, text.n);
	}
	end_name();
	printf("# %u names, adjectives of %u, %u sentences, %u missed; "
	    "%u that mean it, %u others, %u wrong\n", g.names,
	    g.of_adjectives, g.sentences, g.missed, g.meant, g.others,
	    g.wrong);
	entity_finder_free(g.finder);
	entity_senses_unref(g.senses);
	free(gold);
	assert_true(g.names >= MIN_NAMES);
	assert_true(g.of_adjectives >= MIN_ADJECTIVES);
	assert_true(g.meant >= MIN_MEANT);
	assert_true(g.others >= MIN_OTHERS);
	assert_int_equal(g.missed, 0);
	assert_int_equal(g.wrong, 0);
}

/* Ids that the pack has had for persons who have Wikidata's now. */
static const struct {
	const char	*old, *now;
} moved[] = {
	{ "alexander-lukashenko", "Q2866" },
	{ "sergei-lavrov", "Q58217" },
	{ "donald-tusk", "Q946" },
	{ "mark-rutte", "Q57792" },
	{ "justin-trudeau", "Q3099714" },
	{ "ursula-von-der-leyen", "Q60772" },
	{ "mohammed-bin-salman", "Q6892571" },
	{ "robert-fico", "Q57606" },
	{ "nicolas-maduro", "Q58132" },
	{ "pedro-sanchez", "Q6070218" },
	{ "nikol-pashinyan", "Q7035479" },
	{ "andres-manuel-lopez-obrador", "Q318508" },
	{ "abdel-fattah-el-sisi", "Q307871" },
	{ "george-w-bush", "Q207" },
	{ "nicolas-sarkozy", "Q329" },
	{ "marine-le-pen", "Q12927" },
	{ "dilma-rousseff", "Q40722" },
};

static void
ids_of_before_are_names(void **state)
{
	const struct entity_pack_ops ops = { NULL, on_fault, NULL };
	struct entity_index *x = entity_index_new();
	struct entity_counts counts;
	struct str text;
	struct buf why;
	struct err err;
	char *pack = read_file("filters/packs/geopolitics.yaml", &text);

	(void)state;
	buf_init(&why, 4096);
	assert_int_equal(entity_index_read(x, "geopolitics", text, &ops,
	    &counts, &err), 0);
	for (size_t i = 0; i < N(moved); i++) {
		const struct query_set *set = entity_index_find(x,
		    QUERY_ENTITY_PERSON, str_from(moved[i].old), &why);

		if (set == NULL)
			fail_msg("%s: %s", moved[i].old, buf_cstr(&why));
		assert_ptr_equal(set, entity_index_find(x,
		    QUERY_ENTITY_PERSON, str_from(moved[i].now), &why));
	}
	buf_clear(&why);
	entity_index_free(x);
	free(pack);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_in_all_languages),
		cmocka_unit_test(ids_of_before_are_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
