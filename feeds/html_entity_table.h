/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_HTML_ENTITY_TABLE_H
#define HEADLINED_FEEDS_HTML_ENTITY_TABLE_H

/* The data behind html_entity: private to it. Sorted by the bytes of name. */

#include <stddef.h>
#include <stdint.h>

struct html_entity_row {
	const char	*name;		/* without & and semicolon */
	uint32_t	 first, second;	/* code points; second may be 0 */
	uint8_t		 bare;		/* valid without a semicolon too */
};

extern const struct html_entity_row	html_entity_rows[];
extern const size_t			html_entity_n_rows;

#endif
