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
#include "filters/query_ast.h"

static void __attribute__((format(printf, 3, 0)))
add_fault(struct query_faults *faults, const struct query_fault *as,
    const char *fmt, va_list ap)
{
	char message[sizeof(as->message)];
	struct query_fault *f;
	struct buf clean;

	if (!as->warning)
		faults->errors++;
	if (faults->n == QUERY_MAX_FAULTS)
		return;
	f = &faults->list[faults->n++];
	f->warning = as->warning;
	f->offset = as->offset;
	f->length = as->length;
	f->part = as->part;
	vsnprintf(message, sizeof(message), fmt, ap);
	buf_init(&clean, sizeof(message));
	utf8_clean_line(&clean, str_from(message), sizeof(message) - 4);
	snprintf(f->message, sizeof(f->message), "%s", clean.n > 0 ?
	    buf_cstr(&clean) : "out of memory");
	buf_clear(&clean);
}

static struct query_fault
fault_at(struct str text, struct str at)
{
	return (struct query_fault){ .length = at.n,
	    .offset = at.p != NULL ? (size_t)(at.p - text.p) : 0 };
}

static struct query_fault
fault_of(const struct query *q)
{
	return (struct query_fault){ .offset = q->offset,
	    .length = q->length, .part = q->part };
}

void
query_add_error(struct query_faults *faults, struct str text, struct str at,
    const char *fmt, ...)
{
	struct query_fault as = fault_at(text, at);
	va_list ap;

	va_start(ap, fmt);
	add_fault(faults, &as, fmt, ap);
	va_end(ap);
}

void
query_add_warning(struct query_faults *faults, struct str text,
    struct str at, const char *fmt, ...)
{
	struct query_fault as = fault_at(text, at);
	va_list ap;

	as.warning = true;
	va_start(ap, fmt);
	add_fault(faults, &as, fmt, ap);
	va_end(ap);
}

void
query_add_error_of(struct query_faults *faults, const struct query *q,
    const char *fmt, ...)
{
	struct query_fault as = fault_of(q);
	va_list ap;

	va_start(ap, fmt);
	add_fault(faults, &as, fmt, ap);
	va_end(ap);
}

void
query_add_warning_of(struct query_faults *faults, const struct query *q,
    const char *fmt, ...)
{
	struct query_fault as = fault_of(q);
	va_list ap;

	as.warning = true;
	va_start(ap, fmt);
	add_fault(faults, &as, fmt, ap);
	va_end(ap);
}
