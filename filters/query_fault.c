/* SPDX-License-Identifier: ISC */
/*
 * Past the last place in the list faults are only counted. Messages show what
 * people wrote, and become one clean line.
 */
#include "filters/query_fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/utf8.h"

static void __attribute__((format(printf, 5, 0)))
add_fault(struct query_faults *faults, bool warning, struct str text,
    struct str at, const char *fmt, va_list ap)
{
	char message[sizeof(faults->list[0].message)];
	struct query_fault *f;
	struct buf clean;

	if (!warning)
		faults->errors++;
	if (faults->n == QUERY_MAX_FAULTS)
		return;
	f = &faults->list[faults->n++];
	f->warning = warning;
	f->offset = at.p != NULL ? (size_t)(at.p - text.p) : 0;
	f->length = at.n;
	vsnprintf(message, sizeof(message), fmt, ap);
	buf_init(&clean, sizeof(message));
	utf8_clean_line(&clean, str_from(message), sizeof(message) - 4);
	snprintf(f->message, sizeof(f->message), "%s", clean.n > 0 ?
	    buf_cstr(&clean) : "out of memory");
	buf_clear(&clean);
}

void
query_add_error(struct query_faults *faults, struct str text, struct str at,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_fault(faults, false, text, at, fmt, ap);
	va_end(ap);
}

void
query_add_warning(struct query_faults *faults, struct str text,
    struct str at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_fault(faults, true, text, at, fmt, ap);
	va_end(ap);
}
