/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/yaml.h"
#include "filters/entity_forms.h"
#include "filters/entity_pack.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* What a pack gave: entities and faults, a line each. */
struct read {
	struct arena		*arena;
	struct buf		 all;
	struct entity_counts	 counts;
	struct err		 err;
	int			 rc;
	size_t			 n;
};

static const struct entity *
on_entity(const struct entity *e, void *ctx)
{
	static const char uses[] = "=-?~@";
	struct read *r = ctx;

	buf_addf(&r->all, "%s %s:", entity_kind_name(e->kind), e->id);
	for (size_t i = 0; i < e->n_names; i++) {
		const struct entity_name *n = &e->names[i];
		const struct entity_rule *rule = n->rule;

		buf_addf(&r->all, " %c%.*s", uses[n->use], STR_ARG(n->text));
		if (rule != NULL)
			buf_addf(&r->all, "[%s%s%s %zu+%zu-%zu]",
			    rule->match_case ? "c" : "",
			    rule->solo ? "s" : "", rule->introduced ? "i" :
			    "", rule->n_need, rule->n_deny,
			    (size_t)rule->within);
		if (rule != NULL && rule->weighs)
			buf_addf(&r->all, "{%zu$%zu %zu$%zu%s}",
			    rule->likely.n_words, rule->likely.n_lists,
			    rule->unlikely.n_words, rule->unlikely.n_lists,
			    rule->by_silence ? " text" :
			    rule->by_default ? "" : " no");
	}
	buf_addf(&r->all, " (%zu %zu %zu)\n", e->n_codes, e->n_groups,
	    e->n_rivals);
	r->n++;
	return e;
}

static void
on_fault(const struct entity_fault *f, void *ctx)
{
	struct read *r = ctx;

	buf_addf(&r->all, "%s%d:%d: %s: %s\n", f->warning ? "warning " : "",
	    f->at->line, f->at->col, f->key, f->message);
}

static void
read_pack(struct read *r, struct str text)
{
	const struct entity_pack_ops ops = { on_entity, on_fault, r };

	memset(r, 0, sizeof(*r));
	r->arena = arena_new(SIZE_MAX);
	assert_non_null(r->arena);
	buf_init(&r->all, 1 << 28);
	r->rc = entity_pack_read(r->arena, "p", text, &ops, &r->counts,
	    &r->err);
	assert_true(r->rc == -1 || !r->counts.stumbled);
}

static void
clear(struct read *r)
{
	arena_free(r->arena);
	buf_clear(&r->all);
}

#define E	"entities:\n- id: X1\n  kind: person\n  name: Ada\n"

static const struct {
	const char	*says;
	const char	*text;
	const char	*want;
} packs[] = {
	{ "nothing", "", "" },
	{ "no entity", "as_of: 2026-11-01\n", "" },
	{ "the least", E, "person X1: =Ada (0 0 0)\n" },
	{ "one without a list", "entities: {id: a.b-c_d, kind: org, name: N}",
	    "org a.b-c_d: =N (0 0 0)\n" },
	{ "every key", E "  codes: [AD, ADA]\n  names: [Ada L, Augusta]\n"
	    "  weak: [{name: L, case: yes, solo: true, introduced: yes,\n"
	    "    need: [a, b], deny: c, within: 9}]\n  demonyms: adan\n"
	    "  seats: [Hall]\n  group: g7\n  rivals: [X2, X3]\n",
	    "person X1: =Ada -Ada L ~adan -Augusta @Hall ?L[csi 2+1-9] "
	    "(2 1 2)\n" },
	{ "endings", E "  names: [\"B{a,,ccc}d\"]\n",
	    "person X1: =Ada -Bad -Bcccd -Bd (0 0 0)\n" },
	{ "endings of two words", E "  names: [\"{B,C}{o,i}\"]\n",
	    "person X1: =Ada -Bi -Bo -Ci -Co (0 0 0)\n" },
	{ "a weak name without more wants the full one first",
	    E "  weak: [L]\n", "person X1: =Ada ?L[i 0+0-0] (0 0 0)\n" },
	{ "a rule outside of weak", E "  demonyms: [{name: L, case: yes}]\n",
	    "person X1: =Ada ~L[c 0+0-0] (0 0 0)\n" },
	{ "a map without a rule counts always",
	    E "  names: [{name: L, case: no}]\n",
	    "person X1: =Ada -L (0 0 0)\n" },
	{ "the name among the weak ones is weak", E "  weak: [ada]\n",
	    "person X1: =Ada[i 0+0-0] ?ada[i 0+0-0] (0 0 0)\n" },
	{ "the name again among the names", E "  names: [Ada, L]\n",
	    "person X1: =Ada -Ada -L (0 0 0)\n" },
	{ "a name twice", E "  names: [Lo, B]\n  demonyms: [lo]\n",
	    "warning 6:14: X1: lo stands here again (the first is in line 5)\n"
	    "person X1: =Ada -B -Lo ~lo (0 0 0)\n" },
	{ "US is not us", E "  names: [US, us]\n",
	    "person X1: =Ada -US -us (0 0 0)\n" },
	{ "Turc is not turc where the case counts", E
	    "  weak: [{name: Turc, case: yes}]\n"
	    "  demonyms: [{name: turc, case: yes}]\n",
	    "person X1: =Ada ?Turc[c 0+0-0] ~turc[c 0+0-0] (0 0 0)\n" },
	{ "and is where it counts for one alone", E
	    "  demonyms: [{name: Turc, case: yes}, turc]\n",
	    "warning 5:39: X1: turc stands here again (the first is in line "
	    "5)\nperson X1: =Ada ~Turc[c 0+0-0] ~turc (0 0 0)\n" },
	{ "weak and not", E "  names: [L]\n  weak: [L]\n",
	    "6:10: X1: L stands among the weak names and outside of them "
	    "(the other is in line 5)\n" },
	{ "no id", "entities:\n- kind: org\n  name: N\n",
	    "2:3: N: an entity needs an id (Wikidata's, such as Q212, or one "
	    "of your own)\n" },
	{ "neither kind nor name", "entities:\n- id: X\n",
	    "2:3: X: an entity needs a kind (country, person, org or place)\n"
	    "2:3: X: an entity needs a name\n" },
	{ "the next one counts", "entities:\n- id: X\n  kind: town\n"
	    "  name: N\n- {id: Y, kind: org, name: M}\n",
	    "3:9: X.kind: no such kind: town (country, person, org or place)\n"
	    "org Y: =M (0 0 0)\n" },
	{ "an unknown key", E "  demonym: [L]\n",
	    "5:3: X1: no such key: demonym (did you mean demonyms?)\n" },
	{ "a key twice", E "  kind: org\n",
	    "5:3: X1: stands here again (the first is in line 3)\n" },
	{ "an unknown key of a rule", E "  weak: [{name: L, cas: yes}]\n",
	    "5:20: X1.weak: no such key: cas (did you mean case?)\n" },
	{ "neither yes nor no", E "  weak: [{name: L, case: ja}]\n",
	    "5:26: X1.case: neither yes nor no\n" },
	{ "a rule of no name", E "  weak: [{case: yes}]\n",
	    "5:10: X1.weak: a rule needs the name it is for (name: X)\n" },
	{ "words that weigh", "words: {a: [x, y], b: []}\n" E
	    "  weak: [{name: L, likely: [c, $a, $b], unlikely: [$b, d, e]}]\n",
	    "person X1: =Ada ?L[ 0+0-0]{1$2 2$1} (0 0 0)\n" },
	{ "a default alone weighs", E
	    "  weak: [{name: L, default: no}]\n",
	    "person X1: =Ada ?L[ 0+0-0]{0$0 0$0 no} (0 0 0)\n" },
	{ "a default for texts", E
	    "  weak: [{name: L, default: text}]\n",
	    "person X1: =Ada ?L[ 0+0-0]{0$0 0$0 text} (0 0 0)\n" },
	{ "a default that is none", E
	    "  weak: [{name: L, default: ja}]\n",
	    "5:29: X1.default: neither yes nor no nor text\n" },
	{ "the default that is one", E
	    "  weak: [{name: L, likely: a, default: yes}]\n",
	    "person X1: =Ada ?L[ 0+0-0]{1$0 0$0} (0 0 0)\n" },
	{ "a list that is not there", E
	    "  weak: [{name: L, likely: $a}]\n",
	    "5:28: X1.likely: no such list under words: of this pack, which "
	    "stand before its entities: $a\n" },
	{ "a list behind the entities", E
	    "  weak: [{name: L, likely: $a}]\nwords: {a: [x]}\n",
	    "5:28: X1.likely: no such list under words: of this pack, which "
	    "stand before its entities: $a\n" },
	{ "a list where none stands", "words: {a: [x], b: [$a]}\n" E
	    "  weak: [{name: L, need: $a}]\n",
	    "1:21: words: a list's name, which stands under likely and "
	    "unlikely alone\n"
	    "6:26: X1.need: a list's name, which stands under likely and "
	    "unlikely alone\n" },
	{ "beginnings of words and endings", "words: {a: [\"x*\"]}\n" E
	    "  weak: [{name: L, deny: \"x*\", likely: \"y{,s}\"}]\n",
	    "1:13: words: whole words stand here, without * (each form by "
	    "itself)\n"
	    "6:26: X1.deny: whole words stand here, without * (each form by "
	    "itself)\n"
	    "6:40: X1.likely: whole words stand here, without { (each form by "
	    "itself)\n" },
	{ "lists that are none", "words: [a]\n" E,
	    "1:8: words: expected a map of lists (sport: [striker, "
	    "goalkeeper])\nperson X1: =Ada (0 0 0)\n" },
	{ "a list of one word", "words: {a: x}\n" E
	    "  weak: [{name: L, likely: $a}]\n",
	    "person X1: =Ada ?L[ 0+0-0]{0$1 0$0} (0 0 0)\n" },
	{ "a list that is none", "words: {a: {x: y}}\n" E,
	    "1:12: words: expected a list of words\n"
	    "person X1: =Ada (0 0 0)\n" },
	{ "a list twice", "words: {a: [x], a: [y]}\n" E,
	    "1:17: words: the name of another list: a\n"
	    "person X1: =Ada (0 0 0)\n" },
	{ "a list's word that is none", "words: {a: [\"-\", [x]]}\n" E,
	    "1:13: words: no letter or digit to look for: -\n"
	    "1:18: words: expected a word\nperson X1: =Ada (0 0 0)\n" },
	{ "a list's name", "words: {a b: [x]}\n" E,
	    "1:9: words: expected 1 to 64 letters of ASCII, digits, - _ .\n"
	    "person X1: =Ada (0 0 0)\n" },
	{ "how far nothing looks", E "  weak: [{name: L, within: 3}]\n",
	    "5:17: X1.weak: within says how far need, deny, likely and "
	    "unlikely look, and there is none\n" },
	{ "too far", E "  weak: [{name: L, need: a, within: 51}]\n",
	    "5:37: X1.within: not a number of words (1 to 50)\n" },
	{ "no number", E "  weak: [{name: L, need: a, within: 1x}]\n",
	    "5:37: X1.within: not a number of words (1 to 50)\n" },
	{ "its own rival", E "  rivals: x1\n", "2:7: X1: is its own rival\n" },
	{ "an id with a space", "entities: {id: a b, kind: org, name: N}",
	    "1:16: id: not an id (1 to 64 letters of ASCII, digits, - _ .)\n" },
	{ "a code with a space", E "  codes: [U A]\n",
	    "5:11: X1.codes: expected 1 to 64 letters of ASCII, digits, - _ "
	    ".\n" },
	{ "no word in a name", E "  names: [\"--\"]\n",
	    "5:11: X1.names: no letter or digit to look for: --\n" },
	{ "a list in a list", E "  names: [[L]]\n",
	    "5:11: X1.names: expected a name, or a map of its rule\n" },
	{ "an empty name", E "  names: [~]\n",
	    "5:11: X1.names: expected a name, or a map of its rule\n" },
	{ "a NUL", E "  names: [\"A\\0B\"]\n",
	    "5:11: : a NUL character cannot stand in a text\n" },
	{ "an escape in what a rule needs",
	    E "  weak: [{name: L, need: [\"\\e[2J\"]}]\n",
	    "5:27: X1.need: a line break or another control character in "
	    "it\n" },
	{ "lines in a name", E "  names:\n  - |\n   A\n   B\n",
	    "7:1: X1.names: a line break or another control character in "
	    "it\n" },
	{ "endings in the name", "entities: {id: X, kind: org, "
	    "name: \"N{a,b}\"}",
	    "1:36: X.name: has endings (they belong into names:)\n" },
	{ "an open brace", E "  names: L{a,b\n",
	    "5:10: X1.names: a { that is never closed (endings stand as in "
	    "Ukrain{e,ian}, at most 64 forms of a name)\n" },
	{ "a closed one", E "  names: La,b}\n",
	    "5:10: X1.names: a } that was never opened (endings stand as in "
	    "Ukrain{e,ian}, at most 64 forms of a name)\n" },
	{ "one in another", E "  names: L{a,{b,c}}\n",
	    "5:10: X1.names: a { inside of another (endings stand as in "
	    "Ukrain{e,ian}, at most 64 forms of a name)\n" },
	{ "one ending", E "  names: L{a}\n",
	    "5:10: X1.names: one ending alone in braces (endings stand as in "
	    "Ukrain{e,ian}, at most 64 forms of a name)\n" },
	{ "too many forms", E "  names: a{a,b,c,d,e}{a,b,c,d,e}{a,b,c}\n",
	    "5:10: X1.names: too many forms (endings stand as in "
	    "Ukrain{e,ian}, at most 64 forms of a name)\n" },
	{ "forms of a bomb", E "  names: a{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"
	    "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}\n",
	    "5:10: X1.names: too many forms (endings stand as in "
	    "Ukrain{e,ian}, at most 64 forms of a name)\n" },
	{ "no date", "as_of: soon\n", "1:8: as_of: not a date (such as "
	    "2026-11-01, 2026-11 or 2026)\n" },
	{ "no pack", "[1, 2]\n", "1:1: : not a pack (as_of: and entities:)\n" },
	{ "no entity in the list", "entities: [N]\n",
	    "1:12: : expected an entity (- id: X, and what else is known of "
	    "it)\n" },
	{ "a brace in a list without quotes", E "  names: [L{a,b}]\n",
	    "5:12: : missing comma in flow sequence (in [ ] a name with "
	    "{endings} stands in quotes)\n" },
};

static void
packs_are_read(void **state)
{
	struct read r;

	(void)state;
	for (size_t i = 0; i < N(packs); i++) {
		read_pack(&r, str_from(packs[i].text));
		if (strcmp(buf_cstr(&r.all), packs[i].want) != 0)
			print_error("%s:\n%s--- not\n%s", packs[i].says,
			    buf_cstr(&r.all), packs[i].want);
		assert_string_equal(buf_cstr(&r.all), packs[i].want);
		clear(&r);
	}
}

static const struct {
	const char	*says;
	const char	*text;
	size_t		 max;
	enum entity_forms want;
	size_t		 n;
	const char	*forms;
} forms[] = {
	{ "no brace", "Ada", 4, ENTITY_FORMS_FINE, 1, "Ada;" },
	{ "nothing", "", 4, ENTITY_FORMS_FINE, 1, ";" },
	{ "an empty ending", "A{,s}", 4, ENTITY_FORMS_FINE, 2, "A;As;" },
	{ "endings of more bytes", "У{а,ою}", 4, ENTITY_FORMS_FINE, 2,
	    "Уа;Уою;" },
	{ "in the middle", "a{b,c}d", 4, ENTITY_FORMS_FINE, 2, "abd;acd;" },
	{ "as many as may be", "{a,b}{c,d}", 4, ENTITY_FORMS_FINE, 4,
	    "ac;bc;ad;bd;" },
	{ "one more", "{a,b}{c,d,e}", 5, ENTITY_FORMS_MANY, 0, NULL },
};

static void
forms_are_written(void **state)
{
	struct buf b;
	size_t n, at;

	(void)state;
	for (size_t i = 0; i < N(forms); i++) {
		struct str s = str_from(forms[i].text);

		print_message("%s\n", forms[i].says);
		assert_int_equal(entity_forms_count(s, forms[i].max, &n, &at),
		    forms[i].want);
		if (forms[i].forms == NULL)
			continue;
		assert_int_equal(n, forms[i].n);
		buf_init(&b, 1000);
		for (size_t k = 0; k < n; k++) {
			entity_forms_write(&b, s, k);
			buf_add_char(&b, ';');
		}
		assert_string_equal(buf_cstr(&b), forms[i].forms);
		buf_clear(&b);
	}
}

/* A pack whose one entity has `n` names of 64 forms. */
static void
an_entity_has_so_many_names(void **state)
{
	struct buf b;
	struct read r;

	(void)state;
	for (int more = 0; more < 2; more++) {
		buf_init(&b, 1 << 24);
		buf_add_c(&b, E "  names:\n");
		for (int i = 0; i < ENTITY_MAX_NAMES / ENTITY_MAX_FORMS +
		    more; i++)
			buf_addf(&b, "  - n%d{a,b,c,d,e,f,g,h}"
			    "{a,b,c,d,e,f,g,h}\n", i);
		read_pack(&r, buf_str(&b));
		assert_int_equal(r.n, more ? 0 : 1);
		assert_int_equal(r.counts.forms, ENTITY_MAX_NAMES);
		assert_int_equal(r.counts.left_out, more);
		if (more)
			assert_non_null(strstr(buf_cstr(&r.all),
			    "too many names (at most 4096"));
		clear(&r);
		buf_clear(&b);
	}
}

/* Bytes that are no UTF-8 make no entity of what follows them. */
static const char *const broken[] = {
	E "  names: [\"\xff\"]\n", E "  names: [\"a\xc3\"]\n",
	E "  names: [\"\xed\xa0\x80\"]\n",	/* half of a pair */
	E "  names: [\"\xc0\xaf\"]\n",		/* longer than need be */
	E "  weak: [{name: L, need: \"\xf4\x90\x80\x80\"}]\n",
	E "  names: [\"\\ud800\"]\n",
};

static void
broken_text_is_refused(void **state)
{
	struct read r;

	(void)state;
	for (size_t i = 0; i < N(broken); i++) {
		read_pack(&r, str_from(broken[i]));
		print_message("%s", buf_cstr(&r.all));
		assert_int_equal(r.n, 0);
		assert_true(r.all.n > 0 || (r.rc == -1 &&
		    r.err.msg[0] != '\0'));
		clear(&r);
	}
}

/* The longest that may be, and one more of each. */
static const struct {
	const char	*says;
	const char	*before, *unit, *after;
	size_t		 most;
	const char	*message;
} longest[] = {
	{ "an id", "entities: {id: ", "x", ", kind: org, name: N}", 64,
	    "not an id" },
	{ "words of a name", E "  names: [aa,\"aaa ", "b ", "\"]\n", 63,
	    "too many words" },
	{ "the name", "entities: {id: X, kind: org, name: \"a ", "--", "\"}",
	    127, "too long (at most 256 bytes)" },
	{ "a name", E "  names: [\"a ", "--", "\"]\n", 127,
	    "too long (at most 256 bytes)" },
	{ "a word", E "  names: [\"", "x", "\"]\n", 128, "too long a word" },
	{ "codes", E "  codes: [", "c,", "]\n", 64, "too many (at most 64)" },
	{ "words of a rule", E "  weak: [{name: L, need: [", "c,", "]}]\n",
	    64, "too many (at most 64)" },
	{ "a rule's word", E "  weak: [{name: L, deny: \"", "c", "\"}]\n",
	    256, "too long (at most 256 bytes)" },
};

static void
everything_has_a_most(void **state)
{
	struct buf b;
	struct read r;

	(void)state;
	for (size_t i = 0; i < N(longest); i++)
		for (size_t more = 0; more < 2; more++) {
			buf_init(&b, 1 << 16);
			buf_add_c(&b, longest[i].before);
			for (size_t k = 0; k < longest[i].most + more; k++)
				buf_add_c(&b, longest[i].unit);
			buf_add_c(&b, longest[i].after);
			read_pack(&r, buf_str(&b));
			print_message("%s: %s\n", longest[i].says,
			    buf_cstr(&r.all));
			assert_int_equal(r.n, 1 - more);
			assert_int_equal(strstr(buf_cstr(&r.all),
			    longest[i].message) != NULL, more);
			clear(&r);
			buf_clear(&b);
		}
}

static void
the_pack_of_tests_is_whole(void **state)
{
	static char text[1 << 16];
	char path[4096];
	const char *src = getenv("srcdir");
	struct read r;
	size_t n;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/data/pack.yaml",
	    src != NULL ? src : "../..");
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	assert_int_equal(fclose(f), 0);
	read_pack(&r, (struct str){ text, n });
	if (r.rc == -1)
		fail_msg("%s", buf_cstr(&r.all));
	assert_null(strstr(buf_cstr(&r.all), "warning"));
	assert_int_equal(r.counts.left_out, 0);
	assert_int_equal(r.counts.entities, r.n);
	assert_true(r.n >= 30);
	clear(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packs_are_read),
		cmocka_unit_test(forms_are_written),
		cmocka_unit_test(an_entity_has_so_many_names),
		cmocka_unit_test(broken_text_is_refused),
		cmocka_unit_test(everything_has_a_most),
		cmocka_unit_test(the_pack_of_tests_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
