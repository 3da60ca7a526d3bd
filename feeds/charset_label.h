/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_CHARSET_LABEL_H
#define HEADLINED_FEEDS_CHARSET_LABEL_H

/*
 * What the labels of charsets mean, and where documents write them. Private
 * to feeds/charset. Pure, any thread.
 */

#include "base/str.h"

struct charset_label {
	const char	*name;		/* the charset's own, lower case */
	const char	*iconv;		/* NULL: UTF-8 */
};

enum { CHARSET_LABEL_MAX = 64 };	/* with its NUL */

/*
 * Case and '_' for '-' do not matter, nor does how an ISO 8859 is written.
 * NULL for labels that the web does not know, and for UTF-16 and UTF-32: who
 * can read the label as ASCII is not reading one of these.
 */
const struct charset_label	*charset_label_find(struct str label);

/*
 * A label that might be a charset's name, lower case; false, and clean is not
 * written, when it is empty, long, or has what is no letter, digit, '-', '_',
 * '.' or ':'. Only such ever reach iconv, which loads code by name and takes
 * what stands behind a '/' for orders.
 */
bool	charset_label_clean(struct str label, char clean[CHARSET_LABEL_MAX]);

/* With '-' for each '_', which people mix up. */
void	charset_label_fold(char label[CHARSET_LABEL_MAX]);

/* The charset parameter of a Content-Type value; empty when there is none. */
struct str	charset_label_in_header(struct str content_type);

enum charset_where { CHARSET_FOUND, CHARSET_ABSENT, CHARSET_NEED_MORE };

/*
 * The encoding of the XML declaration at the start of a document, of which
 * `head` is what has arrived. White space and comments before the declaration
 * are wrong but met.
 */
enum charset_where	charset_label_in_head(struct str head,
			    struct str *label);

#endif
