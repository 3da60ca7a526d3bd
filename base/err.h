/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_ERR_H
#define HEADLINED_BASE_ERR_H

/*
 * What went wrong, told once, by whoever knows it best. The caller gives the
 * storage, so that reporting a failure cannot itself fail. Where a caller must
 * choose between failures the function returns an enum; err is for people.
 */
struct err {
	const char	*file;		/* NULL: no place applies; borrowed */
	int		 line;		/* from 1 */
	int		 col;		/* from 1, in bytes */
	char		 msg[512];
};

/* All return -1, so that a failing function can end in one line. */
int	err_set(struct err *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
int	err_at(struct err *, const char *, int, int, const char *, ...)
	    __attribute__((format(printf, 5, 6)));

/* Puts context before the message: "opening the store: disk full". */
int	err_wrap(struct err *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
