/* SPDX-License-Identifier: ISC */
#include "alerts/syslog_lines.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

static void
drop_first(struct syslog_lines *l, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(l->list[i].p);
	memmove(l->list, l->list + n, (l->n - n) * sizeof(l->list[0]));
	l->n -= n;
	l->written -= n < l->written ? n : l->written;
	l->acked -= n < l->acked ? n : l->acked;
}

void
syslog_lines_add(struct syslog_lines *l, struct buf *line)
{
	assert(l->n <= SYSLOG_KEPT_LINES);
	l->list[l->n++] = (struct syslog_line){ .p = line->p, .n = line->n };
	buf_init(line, 0);
}

void
syslog_lines_wrote(struct syslog_lines *l)
{
	l->list[l->written++].at_ms = clock_real_mono_ms();
}

void
syslog_lines_arrived(struct syslog_lines *l)
{
	for (; l->acked < l->written; l->acked++)
		l->list[l->acked].times++;
}

void
syslog_lines_rewind(struct syslog_lines *l, size_t to)
{
	if (l->written > to)
		l->written = to;
	if (l->acked > to)
		l->acked = to;
}

void
syslog_lines_drop_last(struct syslog_lines *l)
{
	free(l->list[--l->n].p);
	syslog_lines_rewind(l, l->n);
}

void
syslog_lines_drop_older(struct syslog_lines *l, int64_t ms, unsigned times)
{
	int64_t from_ms = clock_real_mono_ms() - ms;
	size_t n = 0;

	while (n < l->acked && (l->list[n].at_ms < from_ms ||
	    l->list[n].times >= times))
		n++;
	drop_first(l, n);
}

void
syslog_lines_drop_often(struct syslog_lines *l, unsigned times)
{
	size_t n = l->written;

	for (size_t i = n; i < l->n; i++)
		if (l->list[i].times < times)
			l->list[n++] = l->list[i];
		else
			free(l->list[i].p);
	l->n = n;
}

void
syslog_lines_trim(struct syslog_lines *l)
{
	if (l->n > SYSLOG_KEPT_LINES)
		drop_first(l, l->n - SYSLOG_KEPT_LINES);
}

void
syslog_lines_clear(struct syslog_lines *l)
{
	drop_first(l, l->n);
}
