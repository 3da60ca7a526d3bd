/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_CLIP_H
#define HEADLINED_FILTERS_ENTITY_CLIP_H

/*
 * Words with an apostrophe that are a name and what a language ties to it: to
 * queries and texts they are one word each (filters/token.h), but a name in
 * them is a name.
 *
 *	l'Ukraine, d'Israel, qu'Emmanuel	an elided word before it
 *	dell'Iran, all'ONU			so in Italian, Catalan
 *	Ankara'da, NATO'nun, Putin'den		Turkish endings
 *	d'Ankara'ya				both
 *
 * Both lists are closed: O'Brien, Xi'an, Modi'in hold no name. Pure.
 */

#include <stddef.h>

#include "base/str.h"

enum { ENTITY_CLIPS = 3 };

/*
 * What a folded word is without its ending, without the word before it, and
 * without both, in that order: slices of it, none of them empty. How many.
 */
size_t	 entity_clip(struct str folded, struct str out[ENTITY_CLIPS]);

#endif
