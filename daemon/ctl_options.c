/* SPDX-License-Identifier: ISC */
/* What is wrong with an option of a verb, where getopt_long(3) gives up, or
 * with its word. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "daemon/ctl.h"

enum { MAX_WORD = 60, MAX_WHAT = 400, MOST_OPTIONS = 16 };

/* It shall go to a terminal. */
static void
add_typed(struct buf *b, struct str word)
{
	utf8_clean_line(b, word, MAX_WORD);
}

static const char *
nearest_option(struct str word, const struct option *longs)
{
	const char *names[MOST_OPTIONS];
	size_t n = 0;

	for (; longs[n].name != NULL && n < MOST_OPTIONS; n++)
		names[n] = longs[n].name;
	return nearest_name(word, names, n);
}

static void
suggest(struct buf *b, const char *near)
{
	if (near != NULL)
		buf_addf(b, " (did you mean --%s?)", near);
}

/* The start of several: false where it is of one at most. */
static bool
add_ambiguous(struct buf *b, struct str word, const struct option *longs)
{
	size_t n = 0;

	for (const struct option *o = longs; o->name != NULL; o++)
		n += str_starts(str_from(o->name), word) ? 1 : 0;
	if (n < 2 || word.n == 0)
		return false;
	buf_add_c(b, "--");
	add_typed(b, word);
	buf_add_c(b, " may be");
	n = 0;
	for (const struct option *o = longs; o->name != NULL; o++)
		if (str_starts(str_from(o->name), word))
			buf_addf(b, "%s --%s", n++ > 0 ? " or" : "", o->name);
	return true;
}

static void
add_unknown_long(struct buf *b, const char *typed, const struct option *longs)
{
	struct str word = { typed + 2, strcspn(typed + 2, "=") };

	if (add_ambiguous(b, word, longs))
		return;
	buf_add_c(b, "unknown option --");
	add_typed(b, word);
	suggest(b, nearest_option(word, longs));
}

/* "-json" is read as -j -s ...: it was meant as one. */
static void
add_unknown_letter(struct buf *b, const char *typed,
    const struct option *longs)
{
	char letter = (char)optopt;
	bool is_first = typed != NULL && typed[0] == '-' &&
	    typed[1] == letter && typed[2] != '\0';

	buf_add_c(b, "unknown option ");
	add_typed(b, is_first ? str_from(typed) : (struct str){
	    (const char[]){ '-', letter }, 2 });
	if (is_first)
		suggest(b, nearest_option(str_from(typed + 1), longs));
}

/* An option that it knows: it lacks its value, or has one too many. */
static void
add_known(struct buf *b, const struct option *o)
{
	buf_addf(b, "--%s %s", o->name, o->has_arg == required_argument ?
	    "needs a value" : "takes no value");
}

/* Is it the word before the place that is read on at? A value is missing at
 * the end alone. Else that word is well, and in the next one stands a letter,
 * which may be the number of a long option. */
static bool
is_long(char **argv, const struct option *o)
{
	const char *typed = argv[optind - 1];

	if (o->name == NULL || !str_starts(str_from(typed), STR("--")))
		return false;
	return o->has_arg == required_argument ? argv[optind] == NULL :
	    strchr(typed, '=') != NULL;
}

/* Behind a -c without its value nothing stands; where something does, the verb
 * takes none. */
int
ctl_usage_option(char **argv, const struct option *longs)
{
	const struct option *o = longs;
	struct buf what;
	int rc;

	while (o->name != NULL && (optopt == 0 || o->val != optopt))
		o++;
	buf_init(&what, MAX_WHAT);
	if (optopt == 0)
		add_unknown_long(&what, argv[optind - 1], longs);
	else if (is_long(argv, o))
		add_known(&what, o);
	else if (optopt == 'c' && argv[optind] == NULL)
		buf_add_c(&what, "-c needs a FILE");
	else
		add_unknown_letter(&what, argv[optind], longs);
	rc = ctl_usage(argv[0], buf_cstr(&what));
	buf_clear(&what);
	return rc;
}

int
ctl_usage_word(char **argv, int argc, const char *const *words, size_t n)
{
	const char *near;
	struct buf what;
	int rc;

	buf_init(&what, MAX_WHAT);
	if (argc < 2 || argv[1][0] == '-') {
		buf_add_c(&what, "what of it?");
		for (size_t i = 0; i < n; i++)
			buf_addf(&what, "%s%s", i == 0 ? " (" : ", ",
			    words[i]);
		buf_addf(&what, "%s%s", n > 0 ? ")" : "", argc < 2 ? "" :
		    " The word comes first, options behind it.");
		rc = ctl_usage(argv[0], buf_cstr(&what));
		buf_clear(&what);
		return rc;
	}
	near = nearest_name(str_from(argv[1]), words, n);
	add_typed(&what, str_from(argv[1]));
	buf_add_c(&what, " is not known");
	if (near != NULL)
		buf_addf(&what, " (did you mean %s?)", near);
	rc = ctl_usage(argv[0], buf_cstr(&what));
	buf_clear(&what);
	return rc;
}
