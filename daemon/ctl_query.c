/* SPDX-License-Identifier: ISC */
#include "daemon/ctl_query.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "daemon/faults.h"

enum { MAX_MESSAGE = 800, SHOWN_BEFORE = 100, SHOWN = 200 };

/* The line of the text that byte *at stands in, which is counted in that then;
 * *number from 1. */
static struct str
line_at(struct str text, size_t *at, size_t *number)
{
	size_t from = 0;
	const char *end;

	*number = 1;
	for (size_t i = 0; i < *at && i < text.n; i++)
		if (text.p[i] == '\n') {
			from = i + 1;
			++*number;
		}
	*at -= from;
	text = str_sub(text, from, text.n);
	end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
	return end != NULL ? str_sub(text, 0, (size_t)(end - text.p)) : text;
}

/* Of a long line what is around byte *at, which is counted in that then. */
static struct str
cut_around(struct str line, size_t *at)
{
	size_t from = *at > SHOWN_BEFORE ? *at - SHOWN_BEFORE : 0;

	while (from > 0 && ((unsigned char)line.p[from] & 0xc0) == 0x80)
		from--;
	*at -= from;
	return utf8_cut(str_sub(line, from, line.n), SHOWN);
}

void
ctl_show_query_fault(const char *query, const struct ctl_query_fault *f)
{
	struct str text = str_from(query), line;
	size_t at = f->offset < text.n ? f->offset : text.n, number;
	struct buf message;

	line = line_at(text, &at, &number);
	buf_init(&message, 2 * MAX_MESSAGE);
	utf8_clean_line(&message, f->message, MAX_MESSAGE);
	fputs("query:", stderr);
	if (strchr(query, '\n') != NULL)
		fprintf(stderr, "%zu:", number);
	fprintf(stderr, "%zu: %s%s\n", at + 1, f->warning ? "warning: " : "",
	    buf_cstr(&message));
	line = cut_around(line, &at);
	faults_print_source(line, at, 1, stderr,
	    isatty(STDERR_FILENO) == 1);
	buf_clear(&message);
}
