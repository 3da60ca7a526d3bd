/* SPDX-License-Identifier: ISC */
/*
 * A look at markup that knows as little as will do: comments, CDATA sections
 * and processing instructions are passed over, and what else begins with "<",
 * perhaps a prefix, and "outline" is one. In a document so broken that
 * feeds/scrub sees other outlines, messages name lines near the right one.
 */
#include "feeds/opml.h"

#include <string.h>

#include "feeds/opml_private.h"

void
opml_lines_init(struct opml_lines *l)
{
	*l = (struct opml_lines){ .line = 1 };
}

unsigned
opml_lines_next(struct opml_lines *l)
{
	unsigned line;

	if (l->lost || l->n == 0)
		return 0;
	line = l->waiting[l->first];
	l->first = (l->first + 1) % OPML_LINES_MAX;
	l->n--;
	return line;
}

static void
add(struct opml_lines *l)
{
	if (l->n == OPML_LINES_MAX) {
		l->lost = true;
		return;
	}
	l->waiting[(l->first + l->n++) % OPML_LINES_MAX] = l->begun;
}

/* The line ends of Unix, of Windows and of old Macs. */
static void
count_line(struct opml_lines *l, char c)
{
	if (c == '\r' || (c == '\n' && !l->after_cr))
		l->line++;
	l->after_cr = c == '\r';
}

static void
begin_word(struct opml_lines *l)
{
	l->state = LINES_WORD;
	l->begun = l->line;
	l->n_word = 0;
}

/* Behind "<!": which of the two it begins; TEXT when neither. */
static void
read_mark(struct opml_lines *l)
{
	static const struct str comment = { "!--", 3 },
	    cdata = { "![cdata[", 8 };
	struct str word = { l->word, l->n_word };

	l->match = 0;
	if (str_eq(word, comment))
		l->state = LINES_COMMENT;
	else if (str_eq(word, cdata))
		l->state = LINES_CDATA;
	else if (!str_starts(comment, word) && !str_starts(cdata, word))
		l->state = LINES_TEXT;
}

static void
end_word(struct opml_lines *l)
{
	l->state = LINES_TEXT;
	if (str_eq((struct str){ l->word, l->n_word }, STR("outline")))
		add(l);
}

static void
read_word(struct opml_lines *l, char c)
{
	if (c == '<')
		begin_word(l);
	else if (c == '>' || c == '/' || (unsigned char)c <= ' ')
		end_word(l);
	else if (c == ':')
		l->n_word = 0;		/* a prefix */
	else if (c == '?' && l->n_word == 0)
		l->state = LINES_PI;
	else {
		if (l->n_word < sizeof(l->word))
			l->word[l->n_word++] = c >= 'A' && c <= 'Z' ?
			    (char)(c - 'A' + 'a') : c;
		if (l->word[0] == '!')
			read_mark(l);
	}
}

/* "-->" and "]]>". */
static void
read_past(struct opml_lines *l, char mark, char c)
{
	if (c == '>' && l->match == 2)
		l->state = LINES_TEXT;
	else if (c == mark)
		l->match = l->match < 2 ? l->match + 1 : 2;
	else
		l->match = 0;
}

static void
step(struct opml_lines *l, char c)
{
	switch (l->state) {
	case LINES_TEXT:
		if (c == '<')
			begin_word(l);
		break;
	case LINES_WORD:
		read_word(l, c);
		break;
	case LINES_COMMENT:
		read_past(l, '-', c);
		break;
	case LINES_CDATA:
		read_past(l, ']', c);
		break;
	case LINES_PI:
		if (c == '>')
			l->state = LINES_TEXT;
		break;
	}
}

void
opml_lines_push(struct opml_lines *l, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		step(l, s.p[i]);
		count_line(l, s.p[i]);
	}
}
