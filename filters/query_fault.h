/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_QUERY_FAULT_H
#define HEADLINED_FILTERS_QUERY_FAULT_H

/*
 * What is wrong with a query, as the parser and the compiler find it: an open
 * record, zeroed to begin with. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct query;

/* What is wrong, or doubtful, with a query and where. */
struct query_fault {
	bool	warning;	/* the query stands all the same */
	size_t	offset;		/* bytes into the query's text */
	size_t	length;
	size_t	part;		/* of the short form: into which term's */
	char	message[384];	/* what is wrong (what would be right) */
};

enum { QUERY_MAX_FAULTS = 16 };

struct query_faults {
	size_t			n;		/* those kept */
	size_t			errors;		/* all, warnings left out */
	struct query_fault	list[QUERY_MAX_FAULTS];
};

/* Adds what is wrong with `at`, a slice of the query's text. */
void		 query_add_error(struct query_faults *, struct str text,
		    struct str at, const char *, ...)
		    __attribute__((format(printf, 4, 5)));
void		 query_add_warning(struct query_faults *, struct str text,
		    struct str at, const char *, ...)
		    __attribute__((format(printf, 4, 5)));

/* The same, of what a node of the tree stands for. */
void		 query_add_error_of(struct query_faults *,
		    const struct query *, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
void		 query_add_warning_of(struct query_faults *,
		    const struct query *, const char *, ...)
		    __attribute__((format(printf, 3, 4)));

#endif
