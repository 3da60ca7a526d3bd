/* SPDX-License-Identifier: ISC */
/* feeds/full_text: whole texts, and all the ways to end a beginning. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/item.h"
#include "feeds/full_text.h"

enum { HUGE_BYTES = 4 << 20 };

static char	text[HUGE_BYTES];

/* n bytes of sentences, and this behind them. */
static struct str
long_text(size_t n, const char *end)
{
	static const char sentence[] = "They met again on Monday, he said. ";
	size_t end_n = strlen(end);

	assert_true(n + end_n <= sizeof(text));
	for (size_t i = 0; i < n; i++)
		text[i] = sentence[i % (sizeof(sentence) - 1)];
	memcpy(text + n, end, end_n);
	return (struct str){ text, n + end_n };
}

static const struct {
	const char	*says;
	const char	*end;
	bool		 is_there;
} ends[] = {
	{ "a full stop", "It ended.", true },
	{ "a question", "Who knows?", true },
	{ "a quotation", "\"It is over.\"", true },
	{ "a note in brackets", "It ended. (Reporting by Jo)", true },
	{ "nothing special", "It ended", true },
	{ "white space", "It ended.\n\n  ", true },
	{ "three dots", "It ended when...", false },
	{ "dots and a line end", "It ended when ...\n", false },
	{ "an ellipsis", "It ended when\xe2\x80\xa6", false },
	{ "an ellipsis in brackets", "It ended when [\xe2\x80\xa6]", false },
	{ "dots in brackets", "It ended when [...]", false },
	{ "dots in round brackets", "It ended when (...)", false },
	{ "dots within", "It ended... in a way.", true },
	{ "an invitation", "It ended. Read more", false },
	{ "on its own line", "It ended.\nRead more", false },
	{ "with an arrow", "It ended. Read more \xe2\x86\x92", false },
	{ "with a quote", "It ended. Read more \xc2\xbb", false },
	{ "in capitals", "It ended.\n\nREAD MORE >>", false },
	{ "as a sentence", "It ended.\nRead more.", false },
	{ "in brackets", "It ended. [Read more]", false },
	{ "one with a title", "It ended.\nContinue reading The Talks",
	    false },
	{ "one with a place",
	    "It ended.\nRead more of this story at Example.", false },
	{ "honest words at the end", "He had nothing, and wanted more.",
	    true },
	{ "the end of a longer word", "It ended, furthermore", true },
	{ "words in the middle", "He could read more than others.", true },
	{ "a first line that invites", "Read more books, he said, for that "
	    "alone makes a reader out of somebody who looks at words, and he "
	    "went on about it at such a length that nobody took it for the "
	    "sort of line that stands below a story, as those are all short "
	    "and lead elsewhere.", true },
	{ "French", "C'est fini. Lire la suite", false },
	{ "German", "Es endete.\nWeiterlesen \xe2\x80\xa6", false },
	{ "German, without dots", "Es endete. Mehr lesen", false },
	{ "Spanish", "Fin. Leer m\xc3\xa1s", false },
	{ "Portuguese", "Fim. Leia mais", false },
	{ "Italian", "Fine. Leggi tutto", false },
	{ "Dutch", "Einde. Lees verder", false },
	{ "Swedish", "Slut. L\xc3\xa4s mer", false },
	{ "Polish", "Koniec. Czytaj dalej", false },
	{ "Russian, with a capital",
	    "\xd0\xa7\xd0\xb8\xd1\x82\xd0\xb0\xd1\x82\xd1\x8c "
	    "\xd0\xb4\xd0\xb0\xd0\xbb\xd0\xb5\xd0\xb5", false },
	{ "Russian, without", "\xd0\xbf\xd0\xbe\xd0\xb4\xd1\x80\xd0\xbe"
	    "\xd0\xb1\xd0\xbd\xd0\xb5\xd0\xb5", false },
	{ "Japanese", "\xe7\xb6\x9a\xe3\x81\x8d\xe3\x82\x92"
	    "\xe8\xaa\xad\xe3\x82\x80", false },
	{ "Chinese", "\xe9\x98\x85\xe8\xaf\xbb\xe5\x85\xa8"
	    "\xe6\x96\x87", false },
	{ "a footer behind a whole text", "It ended.\n\nThe post The Talks "
	    "appeared first on Example.", true },
	{ "a footer behind a beginning", "It ended when [\xe2\x80\xa6]\n\n"
	    "The post The Talks appeared first on Example.", false },
	{ "a last line like a footer", "It ended.\nThe post was vacant ...",
	    false },
};

static void
the_end_tells(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct item it = { .content = {
			long_text(FULL_TEXT_LEAST, ends[i].end), TEXT_PLAIN,
			STR_NONE } };

		if (full_text_is_there(&it) != ends[i].is_there)
			fail_msg("%s: %s", ends[i].says, ends[i].end);
	}
}

static const struct {
	const char	*says;
	size_t		 summary, content;
	bool		 is_there;
} lengths[] = {
	{ "nothing", 0, 0, false },
	{ "a short summary", 300, 0, false },
	{ "a byte too short", 0, FULL_TEXT_LEAST - 1, false },
	{ "just long enough", 0, FULL_TEXT_LEAST, true },
	{ "beside a summary", 300, FULL_TEXT_LEAST, true },
	{ "in place of the summary", FULL_TEXT_LEAST, 0, true },
	{ "a long summary beside a short content", FULL_TEXT_LEAST, 300,
	    true },
	{ "two halves are no whole", FULL_TEXT_LEAST / 2,
	    FULL_TEXT_LEAST / 2, false },
};

static void
the_longer_of_both_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct str s = long_text(FULL_TEXT_LEAST, "");
		struct item it = { .summary = { .kind = TEXT_PLAIN },
			.content = { .kind = TEXT_PLAIN } };

		it.summary.s = str_sub(s, 0, lengths[i].summary);
		it.content.s = str_sub(s, 0, lengths[i].content);
		if (full_text_is_there(&it) != lengths[i].is_there)
			fail_msg("%s", lengths[i].says);
	}
}

static void
hostile_ends_are_read_once(void **state)
{
	struct item it = { .content = { { text, sizeof(text) }, TEXT_PLAIN,
	    STR_NONE } };

	(void)state;
	memset(text, ')', sizeof(text));
	assert_true(full_text_is_there(&it));
	memset(text, ' ', sizeof(text));
	assert_false(full_text_is_there(&it));
	memcpy(text, "The post ", 9);
	memset(text + 9, 'x', sizeof(text) - 9);
	assert_true(full_text_is_there(&it));
	memset(text, '.', sizeof(text));
	assert_false(full_text_is_there(&it));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_tells),
		cmocka_unit_test(the_longer_of_both_counts),
		cmocka_unit_test(hostile_ends_are_read_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
