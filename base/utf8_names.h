/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_UTF8_NAMES_H
#define HEADLINED_BASE_UTF8_NAMES_H

/*
 * libcurl reads a host's name of more than ASCII in the character set of the
 * thread's locale, which in a daemon is none. Between these two calls it is
 * UTF-8, as in all of our texts, whatever the program's locale is.
 *
 *	utf8_names_begin -> (libcurl) -> utf8_names_end
 *
 * Any thread, for itself; may be nested. Both are cheap.
 */

#include <locale.h>

/* What utf8_names_end wants. Where the system has no C.UTF-8, all stays as it
 * is, and such names are refused. */
locale_t	utf8_names_begin(void);
void		utf8_names_end(locale_t before);

#endif
