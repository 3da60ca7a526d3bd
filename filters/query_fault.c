/* SPDX-License-Identifier: ISC */
/* Past the last place in the list faults are only counted. */
#include "filters/query_fault.h"

#include <stdarg.h>
#include <stdio.h>

static void
add_fault(struct query_faults *faults, bool warning, size_t offset,
    size_t length, const char *message)
{
	struct query_fault *f;

	if (!warning)
		faults->errors++;
	if (faults->n == QUERY_MAX_FAULTS)
		return;
	f = &faults->list[faults->n++];
	f->warning = warning;
	f->offset = offset;
	f->length = length;
	snprintf(f->message, sizeof(f->message), "%s", message);
}

void
query_add_error(struct query_faults *faults, struct str text, struct str at,
    const char *fmt, ...)
{
	char message[sizeof(faults->list[0].message)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	add_fault(faults, false, at.p != NULL ? (size_t)(at.p - text.p) : 0,
	    at.n, message);
}

void
query_add_warning(struct query_faults *faults, struct str text,
    struct str at, const char *fmt, ...)
{
	char message[sizeof(faults->list[0].message)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	add_fault(faults, true, at.p != NULL ? (size_t)(at.p - text.p) : 0,
	    at.n, message);
}
