/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/buf.h"
#include "filters/token.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Tokens as "position+span:folded<as written>"; span 1 is not shown. */
static const struct {
	const char	*says;
	const char	*text;
	const char	*want;
} cases[] = {
	{ "words are folded and counted", "The UN, again",
	    "0:the<The> 1:un<UN> 2:again<again>" },
	{ "nothing is in white space and signs", " \t$ -- ' & . ,\n", "" },
	{ "an empty text has no token", "", "" },
	{ "the possessive goes, the place stays", "Putin's Xi’s US'S",
	    "0:putin<Putin's> 1:xi<Xi’s> 2:us<US'S>" },
	{ "an inner apostrophe stays", "don't O’Brien l'eau",
	    "0:don't<don't> 1:o'brien<O’Brien> 2:l'eau<l'eau>" },
	{ "an apostrophe at an end is no part", "'tis James' 's",
	    "0:tis<tis> 1:james<James> 2:s<s>" },
	{ "an inner & stays, a lone one parts", "AT&T R & D A& &B",
	    "0:at&t<AT&T> 1:r<R> 2:d<D> 3:a<A> 4:b<B>" },
	{ "single letters lose their dots", "U.S. e.g., C.I.A.'s U.S",
	    "0:us<U.S.> 1:eg<e.g.> 2:cia<C.I.A.'s> 3:us<U.S>" },
	{ "initials end where a name begins", "J.K.Rowling J. Smith",
	    "0:jk<J.K.> 1:rowling<Rowling> 2:j<J> 3:smith<Smith>" },
	{ "other dots part words", "nytimes.com end.Next",
	    "0:nytimes<nytimes> 1:com<com> 2:end<end> 3:next<Next>" },
	{ "digit groups join", "1,000 1,000,000.50 12,345",
	    "0:1000<1,000> 1:1000000.50<1,000,000.50> 2:12345<12,345>" },
	{ "what is no digit group parts", "1,00 1,0000 2023,100 a1,000 1,",
	    "0:1<1> 1:00<00> 2:1<1> 3:0000<0000> 4:2023<2023> 5:100<100> "
	    "6:a1<a1> 7:000<000> 8:1<1>" },
	{ "decimals and versions stay", "3.5% v1.2.3 $500.",
	    "0:3.5<3.5> 1:v1.2.3<v1.2.3> 2:500<500>" },
	{ "a hyphenated word is its parts and their joined form",
	    "UN peace-keepers go",
	    "0:un<UN> 1+2:peacekeepers<peace-keepers> 1:peace<peace> "
	    "2:keepers<keepers> 3:go<go>" },
	{ "other hyphens are the same", "a‐b c‑d",
	    "0+2:ab<a‐b> 0:a<a> 1:b<b> 2+2:cd<c‑d> 2:c<c> 3:d<d>" },
	{ "dashes part words", "a–b c—d e--f -g h-",
	    "0:a<a> 1:b<b> 2:c<c> 3:d<d> 4:e<e> 5:f<f> 6:g<g> 7:h<h>" },
	{ "an abbreviation may be hyphenated", "U.S.-led",
	    "0+2:usled<U.S.-led> 0:us<U.S.> 1:led<led>" },
	{ "a possessive ends a hyphenated word", "vice-chair's",
	    "0+2:vicechair<vice-chair's> 0:vice<vice> 1:chair<chair's>" },
	{ "four parts join, five do not", "a-b-c-d a-b-c-d-e-f",
	    "0+4:abcd<a-b-c-d> 0:a<a> 1:b<b> 2:c<c> 3:d<d> "
	    "4:a<a> 5:b<b> 6:c<c> 7:d<d> 8:e<e> 9:f<f>" },
	{ "Han and kana are words each", "東京 Covid疫情 ひ",
	    "0:東<東> 1:京<京> 2:covid<Covid> 3:疫<疫> 4:情<情> 5:ひ<ひ>" },
	{ "Thai marks stay with their letter", "กี่ข",
	    "0:กี่<กี่> 1:ข<ข>" },
	{ "accents decomposed in the text are no letters",
	    "cafe\xcc\x81s", "0:cafes<cafe\xcc\x81s>" },
	{ "soft hyphens and joiners are not there",
	    "peace\xc2\xadkeepers", "0:peacekeepers<peace\xc2\xadkeepers>" },
	{ "what is no UTF-8 parts words", "ab\xff" "cd \xe2\x80",
	    "0:ab<ab> 1:cd<cd>" },
	{ "signs part words", "a_b@c#d",
	    "0:a<a> 1:b<b> 2:c<c> 3:d<d>" },
};

static void
print_tokens(struct buf *b, struct token_reader *r, struct str text)
{
	struct token t;

	while (token_next(r, &t)) {
		assert_true(t.offset + t.length <= text.n);
		buf_addf(b, "%s%u", b->n > 0 ? " " : "", t.position);
		if (t.span != 1)
			buf_addf(b, "+%u", t.span);
		buf_addf(b, ":%.*s<%.*s>", (int)t.n_folded, t.folded,
		    (int)t.length, text.p + t.offset);
	}
}

static void
test_cases(void **state)
{
	static struct token_reader r;
	struct buf b;

	(void)state;
	token_init(&r, false);
	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str text = str_from(cases[i].text);

		buf_reset(&b);
		r.position = 0;
		token_begin(&r, text, false);
		print_tokens(&b, &r, text);
		if (strcmp(buf_cstr(&b), cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].says, buf_cstr(&b));
	}
	buf_clear(&b);
}

/* Read again from the slice it stands in, a token is the same token. */
static void
test_slice_is_token(void **state)
{
	static struct token_reader r, again;
	struct token t, u;
	char folded[TOKEN_MAX_FOLDED];

	(void)state;
	token_init(&r, false);
	token_init(&again, false);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str text = str_from(cases[i].text);

		token_begin(&r, text, false);
		while (token_next(&r, &t)) {
			memcpy(folded, t.folded, t.n_folded);
			token_begin(&again, str_sub(text, t.offset, t.length),
			    false);
			assert_true(token_next(&again, &u));
			assert_int_equal(u.n_folded, t.n_folded);
			assert_memory_equal(u.folded, folded, u.n_folded);
			assert_int_equal(u.span, t.span);
		}
	}
}

static void
test_gaps(void **state)
{
	static struct token_reader r;
	struct str lines = STR("Ann Lee\n\nBob\n"), next = STR("x-y");
	struct buf b;

	(void)state;
	token_init(&r, false);
	buf_init(&b, 4096);
	token_begin(&r, lines, true);
	print_tokens(&b, &r, lines);
	assert_string_equal(buf_cstr(&b), "0:ann<Ann> 1:lee<Lee> 130:bob<Bob>");
	buf_reset(&b);
	token_begin(&r, next, false);
	print_tokens(&b, &r, next);
	assert_string_equal(buf_cstr(&b), "259+2:xy<x-y> 259:x<x> 260:y<y>");
	buf_clear(&b);
}

/* No phrase crosses what was left out; at the beginning nothing is to be
 * crossed. */
static void
test_left_out(void **state)
{
	const struct str text = STR("\x1e one two\x1e\x1e" "three-four \x1e"
	    "five");
	static struct token_reader r;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	token_init(&r, false);
	token_begin(&r, text, false);
	print_tokens(&b, &r, text);
	assert_string_equal(buf_cstr(&b), "0:one<one> 1:two<two> "
	    "130+2:threefour<three-four> 130:three<three> 131:four<four> "
	    "260:five<five>");
	buf_clear(&b);
}

static void
test_keeps_case(void **state)
{
	static struct token_reader r;
	struct str text = STR("U.S.-Led CAFÉ Putin'S");
	struct buf b;

	(void)state;
	token_init(&r, true);
	buf_init(&b, 4096);
	token_begin(&r, text, false);
	print_tokens(&b, &r, text);
	assert_string_equal(buf_cstr(&b), "0+2:USLed<U.S.-Led> 0:US<U.S.> "
	    "1:Led<Led> 2:CAFE<CAFÉ> 3:Putin<Putin'S>");
	buf_clear(&b);
}

static void
test_long_words(void **state)
{
	enum { BYTES = 100000 };
	static struct token_reader r;
	char *text = malloc(BYTES);
	struct token t;

	(void)state;
	token_init(&r, false);
	memset(text, 'A', BYTES);
	token_begin(&r, (struct str){ text, BYTES }, false);
	assert_true(token_next(&r, &t));
	assert_true(t.cut);
	assert_int_equal(t.n_folded, TOKEN_MAX_FOLDED);
	assert_int_equal(t.length, BYTES);
	assert_false(token_next(&r, &t));
	/* exactly as much as is kept is not cut */
	token_begin(&r, (struct str){ text, TOKEN_MAX_FOLDED }, false);
	assert_true(token_next(&r, &t));
	assert_false(t.cut);
	/* nor joined when the parts together are too long */
	text[200] = '-';
	token_begin(&r, (struct str){ text, 400 }, false);
	assert_true(token_next(&r, &t));
	assert_int_equal(t.span, 1);
	assert_false(t.cut);
	assert_true(token_next(&r, &t));
	assert_true(t.cut);
	assert_false(token_next(&r, &t));
	free(text);
}

/* Plain or not, the two ways through a text agree on ASCII words. */
static void
test_ways_agree(void **state)
{
	static struct token_reader plain, slow;
	static const char bits[] = "abC1'-.,& ";
	char text[40];
	unsigned seed = 11;
	struct buf a, b;

	(void)state;
	token_init(&plain, false);
	token_init(&slow, false);
	buf_init(&a, 4096);
	buf_init(&b, 4096);
	for (int i = 0; i < 20000; i++) {
		size_t n = 1 + (size_t)rand_r(&seed) % 16, w = 0;
		char wide[40 * 3];

		for (size_t k = 0; k < n; k++)
			text[k] = bits[(size_t)rand_r(&seed) %
			    (sizeof(bits) - 1)];
		/* A soft hyphen behind each letter sends it the slow way. */
		for (size_t k = 0; k < n; k++) {
			wide[w++] = text[k];
			if (fold_is_word(fold_ascii_class[(uint8_t)text[k]]) &&
			    text[k] != '1') {
				wide[w++] = (char)0xc2;
				wide[w++] = (char)0xad;
			}
		}
		plain.position = slow.position = 0;
		buf_reset(&a);
		buf_reset(&b);
		for (int way = 0; way < 2; way++) {
			struct token_reader *r = way == 0 ? &plain : &slow;
			struct token t;

			token_begin(r, (struct str){ way == 0 ? text : wide,
			    way == 0 ? n : w }, false);
			while (token_next(r, &t))
				buf_addf(way == 0 ? &a : &b, "%u+%u:%.*s ",
				    t.position, t.span, (int)t.n_folded,
				    t.folded);
		}
		/* U.S. needs its dot right behind the letter. */
		if (memchr(text, '.', n) == NULL)
			assert_string_equal(buf_cstr(&a), buf_cstr(&b));
	}
	buf_clear(&a);
	buf_clear(&b);
}

static const struct {
	const char		*says;
	enum token_layout	 layout;
	const char		*text, *hit, *want;
} sentences[] = {
	{ "between two stops", TOKEN_PARAGRAPHS,
	    "One here. Two hit there! Three.", "hit", "Two hit there!" },
	{ "the whole text when there is no stop", TOKEN_PARAGRAPHS,
	    "no stop hit here", "hit", "no stop hit here" },
	{ "not after titles and initials", TOKEN_PARAGRAPHS,
	    "Ok. Gen. J. Smith hit Mr. Lee. End.", "hit",
	    "Gen. J. Smith hit Mr. Lee." },
	{ "not after an abbreviation with dots", TOKEN_PARAGRAPHS,
	    "The U.S. President hit back.", "hit",
	    "The U.S. President hit back." },
	{ "not before a small letter", TOKEN_PARAGRAPHS,
	    "At 3 p.m. he hit approx. five.", "hit",
	    "At 3 p.m. he hit approx. five." },
	{ "behind a closing quote", TOKEN_PARAGRAPHS,
	    "\"Go.\" Then hit. “Now.” He", "hit", "Then hit." },
	{ "before an opening quote", TOKEN_PARAGRAPHS,
	    "Over. “hit it,” he said.", "hit", "“hit it,” he said." },
	{ "not within a decimal", TOKEN_PARAGRAPHS,
	    "It rose 3.5 points hit. So", "hit", "It rose 3.5 points hit." },
	{ "at an ellipsis", TOKEN_PARAGRAPHS, "Well… A hit… Then", "hit",
	    "A hit…" },
	{ "at CJK stops, without space", TOKEN_PARAGRAPHS,
	    "一。二hit三。四", "hit", "二hit三。" },
	{ "a closing quote goes with its CJK stop", TOKEN_PARAGRAPHS,
	    "「一。」二hit。三", "hit", "二hit。" },
	{ "at an empty line", TOKEN_PARAGRAPHS, "Head\n \nthe hit\nruns\n\nX",
	    "hit", "the hit\nruns" },
	{ "at each line, where lines are paragraphs", TOKEN_LINES,
	    "Head\nthe hit\nruns", "hit", "the hit" },
	{ "never, in what is one sentence", TOKEN_WHOLE,
	    "A. B hit.\n\nC.", "hit", "A. B hit.\n\nC." },
};

/* Around a hit, from one end of a sentence to another. */
static struct str
sentence(struct str text, struct str hit, size_t max,
    enum token_layout layout)
{
	size_t at = (size_t)(hit.p - text.p), from = 0, end = 0;

	while (end <= at) {
		from = end;
		end = token_sentence_end(text, from, layout);
	}
	while (end <= at + hit.n && end < text.n)
		end = token_sentence_end(text, end, layout);
	return token_around(text, hit, from, end, max);
}

static void
test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sentences); i++) {
		struct str text = str_from(sentences[i].text);
		const char *at = strstr(text.p, sentences[i].hit);
		struct str got = sentence(text, (struct str){ at,
		    strlen(sentences[i].hit) }, 300, sentences[i].layout);

		if (!str_eq_c(got, sentences[i].want))
			fail_msg("%s: %.*s", sentences[i].says,
			    STR_ARG(got));
	}
}

/* A sentence is read eight bytes at a time: whatever byte stands before its
 * end, and wherever the end is, it is found. */
static void
test_sentence_ends_everywhere(void **state)
{
	static const char stops[] = { '.', '!', '?' };
	char text[64];

	(void)state;
	for (unsigned c = 1; c < 0x80; c++)
		for (size_t at = 2; at < 40; at++) {
			struct str s = { text, at + 5 };

			memset(text, 'x', sizeof(text));
			text[at - 1] = (char)c;
			text[at] = stops[at % sizeof(stops)];
			text[at + 1] = ' ';
			text[at + 2] = 'B';
			if (memchr("\n.!?", (int)c, 4) != NULL)
				continue;
			if (token_sentence_end(s, 0, TOKEN_PARAGRAPHS) !=
			    at + 2)
				fail_msg("byte %u before an end at %zu", c,
				    at);
		}
}

/* Long sentences are cut at characters, with the hit inside. */
static void
test_cut_sentences(void **state)
{
	enum { CHARS = 1000 };
	char *text = malloc(2 * CHARS);
	struct str s = { text, 2 * CHARS };

	(void)state;
	for (size_t i = 0; i < CHARS; i++)
		memcpy(text + 2 * i, "é", 2);
	for (size_t at = 0; at + 10 <= s.n; at += 2) {
		struct str hit = { text + at, 10 };
		struct str got = sentence(s, hit, 101, TOKEN_PARAGRAPHS);

		assert_true(got.n <= 101);
		assert_true(got.n >= 98);
		assert_true(got.p <= hit.p);
		assert_true(got.p + got.n >= hit.p + hit.n);
		assert_int_equal((got.p - text) % 2, 0);
		assert_int_equal(got.n % 2, 0);
	}
	/* A hit longer than what may be shown is cut itself. */
	assert_int_equal(sentence(s, s, 101, TOKEN_LINES).n, 100);
	free(text);
}

static void
test_layout(void **state)
{
	(void)state;
	assert_int_equal(token_layout(STR("a\nb\nc")), TOKEN_LINES);
	assert_int_equal(token_layout(STR("a\n\nb")), TOKEN_PARAGRAPHS);
	/* A line that was left out is no empty one. */
	assert_int_equal(token_layout(STR("a\n\x1e\x1e\nb")),
	    TOKEN_LINES);
	assert_int_equal(token_layout(STR("a\n \t\r\nb")), TOKEN_PARAGRAPHS);
	assert_int_equal(token_layout(STR("\n\na\nb\n\n")), TOKEN_LINES);
	assert_int_equal(token_layout(STR_NONE), TOKEN_LINES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_slice_is_token),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_keeps_case),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_ways_agree),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_sentence_ends_everywhere),
		cmocka_unit_test(test_cut_sentences),
		cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
