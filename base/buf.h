/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_BUF_H
#define HEADLINED_BASE_BUF_H

/*
 * Bytes that grow, up to a ceiling.
 *
 *	init -> add ... -> str -> reset -> add ... -> clear
 *
 * Failure sticks: after the ceiling or memory is reached nothing more is added
 * and `failed` stays set until reset; writers check once, at their end. Zeroed
 * storage is a buffer with ceiling 0: clear accepts it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf {
	char	*p;		/* NUL behind n bytes; NULL until first add */
	size_t	 n;
	size_t	 cap;
	size_t	 max;		/* most bytes n may reach */
	size_t	 step;		/* grows by so much; 0: doubles */
	bool	 failed;
};

void		 buf_init(struct buf *, size_t max);
/* For what may be large and must not be larger: memory is at most `step`
 * bytes more than what is in it. */
void		 buf_init_stepped(struct buf *, size_t max, size_t step);
void		 buf_reset(struct buf *);	/* empties, keeps the memory */
void		 buf_rewind(struct buf *);	/* likewise; a failure stays */
void		 buf_clear(struct buf *);	/* frees; NULL is fine */

void		 buf_add(struct buf *, const void *, size_t);
void		 buf_add_str(struct buf *, struct str);
void		 buf_add_c(struct buf *, const char *);
void		 buf_add_char(struct buf *, char);

/* The lowest bytes of a number, the lowest first; see str_le. */
void		 buf_add_le(struct buf *, uint64_t, size_t bytes);
void		 buf_addf(struct buf *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* Room for n more bytes at p + n, or NULL (failed is set). Add to n after. */
char		*buf_reserve(struct buf *, size_t n);

static inline struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

/* Never NULL; valid until the next add. */
const char	*buf_cstr(const struct buf *);

#endif
