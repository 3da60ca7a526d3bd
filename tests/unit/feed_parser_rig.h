/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_FEED_PARSER_RIG_H
#define HEADLINED_TESTS_UNIT_FEED_PARSER_RIG_H

/*
 * Documents for the feed parser, in few letters, and checks of what it gives of
 * them: in the lines of feed_shown.h, and the same however they are cut. After
 * cmocka.h.
 */

#include "base/buf.h"
#include "base/err.h"
#include "feeds/feed_parser.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define STR_OF(lit)	{ lit, sizeof(lit) - 1 }
#define RSS(inside)	"<rss version='2.0'><channel>" inside "</channel></rss>"
#define ITEM(inside)	RSS("<item>" inside "</item>")
#define ATOM(inside)	"<feed xmlns='http://www.w3.org/2005/Atom'>" inside \
	"</feed>"
#define ENTRY(inside)	ATOM("<entry>" inside "</entry>")
#define RDF(inside)	"<rdf:RDF xmlns='http://purl.org/rss/1.0/' " \
	"xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' " \
	"xmlns:dc='http://purl.org/dc/elements/1.1/'>" inside "</rdf:RDF>"

#define FEED_SHOWN_BASE	"http://base.example/feeds/"

#include "tests/unit/feed_shown.h"

#define NO_FEED	"end not a feed: "

struct feed_case {
	const char	*says, *doc, *want;
};

static inline const struct feed_parser_settings *
default_settings(void)
{
	static struct feed_parser_settings set;

	set = feed_parser_defaults;
	set.base_url = FEED_SHOWN_BASE;
	return &set;
}

static inline void
check_cases(const struct feed_case *cases, size_t n, int what)
{
	struct buf got;

	buf_init(&got, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		buf_reset(&got);
		read_document(str_from(cases[i].doc), SIZE_MAX / 2,
		    default_settings(), what, &got);
		if (strcmp(buf_cstr(&got), cases[i].want) != 0)
			fail_msg("%s:\n%s", cases[i].says, buf_cstr(&got));
	}
	buf_clear(&got);
}

static inline void
check_steps(const char *says, struct str doc)
{
	static const size_t steps[] = { 1, 7, 1460, 16384 };
	struct buf whole, pieces;

	buf_init(&whole, SIZE_MAX / 2);
	buf_init(&pieces, SIZE_MAX / 2);
	read_document(doc, SIZE_MAX / 2, default_settings(), SHOW_ALL,
	    &whole);
	for (size_t i = 0; i < N(steps); i++) {
		buf_reset(&pieces);
		read_document(doc, steps[i], default_settings(), SHOW_ALL,
		    &pieces);
		if (!str_eq(buf_str(&whole), buf_str(&pieces)))
			fail_msg("%s: by %zu it reads otherwise", says,
			    steps[i]);
	}
	buf_clear(&whole);
	buf_clear(&pieces);
}

static inline void
check_steps_of(const struct feed_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_steps(cases[i].says, str_from(cases[i].doc));
}

static inline void
check_cap(const char *says, struct str doc, const char *want,
    const struct feed_parser_settings *set)
{
	struct buf got;

	buf_init(&got, 1 << 20);
	for (size_t step = 64; step < 65536; step *= 4) {
		buf_reset(&got);
		read_document(doc, step, set, SHOW_ITEMS | SHOW_END, &got);
		if (strcmp(buf_cstr(&got), want) != 0)
			fail_msg("%s (by %zu):\n%s", says, step,
			    buf_cstr(&got));
	}
	buf_clear(&got);
}

#endif
