/* SPDX-License-Identifier: ISC */
/*
 * Edit distance with swaps of neighbours (optimal string alignment): three
 * rows of the usual table suffice, as a swap looks back two.
 */
#include "base/nearest.h"

#include <stdbool.h>
#include <stdint.h>

enum { MAX_BYTES = 64 };

typedef uint8_t row[MAX_BYTES + 1];

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static uint8_t
least(uint8_t a, uint8_t b)
{
	return a < b ? a : b;
}

static bool
same(struct str a, size_t i, struct str b, size_t j)
{
	return lower(a.p[i]) == lower(b.p[j]);
}

/* Row i: what the first i bytes of a cost against each start of b. */
static void
fill_row(struct str a, struct str b, size_t i, row rows[3])
{
	const uint8_t *before = rows[(i + 1) % 3], *above = rows[(i + 2) % 3];
	uint8_t *now = rows[i % 3];
	uint8_t cost;

	now[0] = (uint8_t)i;
	for (size_t j = 1; j <= b.n; j++) {
		cost = same(a, i - 1, b, j - 1) ? 0 : 1;
		now[j] = least((uint8_t)(above[j - 1] + cost),
		    (uint8_t)(least(above[j], now[j - 1]) + 1));
		if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) &&
		    same(a, i - 2, b, j - 1))
			now[j] = least(now[j], (uint8_t)(before[j - 2] + 1));
	}
}

size_t
nearest_distance(struct str a, struct str b)
{
	row rows[3];

	if (a.n > MAX_BYTES || b.n > MAX_BYTES)
		return a.n > b.n ? a.n : b.n;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= a.n; i++)
		fill_row(a, b, i, rows);
	return rows[a.n % 3][b.n];
}

const char *
nearest_name(struct str what, const char *const *names, size_t n)
{
	size_t most = what.n < 3 ? 1 : what.n / 3;
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t d = nearest_distance(what, str_from(names[i]));

		if (d > most || (best != NULL && d == most))
			continue;
		most = d;
		best = names[i];
	}
	return best;
}
