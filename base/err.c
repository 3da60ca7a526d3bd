/* SPDX-License-Identifier: ISC */
/* The text of a failure, cut at the size of its storage. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	e->file = NULL;
	e->line = e->col = 0;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_at(struct err *e, const char *file, int line, int col, const char *fmt, ...)
{
	va_list ap;

	e->file = file;
	e->line = line;
	e->col = col;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)];
	va_list ap;
	size_t n, room;
	int said;

	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	said = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	if (said < 0 || (size_t)said + 3 >= sizeof(e->msg))
		return -1;
	n = strnlen(old, sizeof(old) - 1);
	room = sizeof(e->msg) - (size_t)said - 3;
	if (n > room)
		n = room;
	memcpy(e->msg + said, ": ", 2);
	memcpy(e->msg + said + 2, old, n);
	e->msg[(size_t)said + 2 + n] = '\0';
	return -1;
}
