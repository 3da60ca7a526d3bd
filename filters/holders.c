/* SPDX-License-Identifier: ISC */
#include "filters/holders.h"

#include <stdlib.h>
#include <string.h>

/* So few are sorted sooner than a table is cleared. */
enum { FEW = 24, DIGIT_BITS = 9, DIGITS = 1 << DIGIT_BITS };

int
holders_begin(struct holders *h, size_t n_topics)
{
	h->n = 0;
	if (n_topics <= h->cap)
		return 0;
	holders_clear(h);
	h->list = calloc(n_topics, sizeof(*h->list));
	h->spare = calloc(n_topics, sizeof(*h->spare));
	if (h->list == NULL || h->spare == NULL) {
		holders_clear(h);
		return -1;
	}
	h->cap = n_topics;
	return 0;
}

void
holders_clear(struct holders *h)
{
	free(h->list);
	free(h->spare);
	memset(h, 0, sizeof(*h));
}

static void
sort_few(struct holder *list, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		struct holder h = list[i];
		uint32_t k = i;

		for (; k > 0 && list[k - 1].topic > h.topic; k--)
			list[k] = list[k - 1];
		list[k] = h;
	}
}

/* In order of this digit of the numbers. */
static void
sort_by_digit(struct holders *h, unsigned shift)
{
	uint32_t at[DIGITS + 1] = { 0 };
	struct holder *list = h->list;

	for (uint32_t i = 0; i < h->n; i++)
		at[(list[i].topic >> shift & (DIGITS - 1)) + 1]++;
	for (int d = 1; d < DIGITS; d++)
		at[d] += at[d - 1];
	for (uint32_t i = 0; i < h->n; i++)
		h->spare[at[list[i].topic >> shift & (DIGITS - 1)]++] =
		    list[i];
	h->list = h->spare;
	h->spare = list;
}

/* From the last digit to the first: no comparison can be guessed wrong. */
void
holders_sort(struct holders *h, uint32_t n_topics)
{
	if (h->n <= FEW) {
		sort_few(h->list, h->n);
		return;
	}
	for (unsigned shift = 0; shift < 32 && n_topics >> shift > 0;
	    shift += DIGIT_BITS)
		sort_by_digit(h, shift);
}
