/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_LANGUAGE_H
#define HEADLINED_FEEDS_PAGE_LANGUAGE_H

/* Language tags (BCP 47) as pages write them. Pure, any thread. */

#include <stdbool.h>

#include "base/str.h"

enum { PAGE_LANGUAGE_MAX = 35 };	/* bytes (RFC 5646, 4.4.1) */

/*
 * Is it one, of two or three letters and what may follow? "pt-BR", "zh_Hant_TW"
 * are; "English", "en, de" are none.
 */
bool	 page_language_is(struct str);

/* One that is, spelled as all do: "PT_br" becomes "pt-BR", "ZH-HANT" "zh-Hant"
 * (RFC 5646, 2.1.1). Gives a slice of tag. */
struct str	 page_language_spell(struct str,
		    char tag[PAGE_LANGUAGE_MAX]);

#endif
