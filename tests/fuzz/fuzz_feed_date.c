/* SPDX-License-Identifier: ISC */
/*
 * A date from a stranger. Beside what the sanitizers see: a time is one that
 * a calendar of four digits can show, neither case nor space around it
 * changes it, and folding is done once.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/item.h"
#include "feeds/feed_date.h"
#include "feeds/feed_date_private.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* From the last day before the year 0 to the first behind 9999. */
static void
check_range(int64_t t)
{
	require(t == ITEM_NO_TIME || (t >= INT64_C(-62167305600) &&
	    t <= INT64_C(253402387200)));
}

static void
check_case(struct str s, int64_t want)
{
	char big[DATE_MAX + 2];

	big[0] = '\t';
	for (size_t i = 0; i < s.n; i++)
		big[i + 1] = s.p[i] >= 'a' && s.p[i] <= 'z' ?
		    (char)(s.p[i] - ('a' - 'A')) : s.p[i];
	big[s.n + 1] = '\n';
	require(feed_date_parse((struct str){ big, s.n + 2 }) == want);
}

static void
check_folded(struct str s, int64_t want)
{
	char once[DATE_MAX], twice[DATE_MAX];
	struct str f = { once, feed_date_fold(s, once) };
	size_t n = feed_date_fold(f, twice);

	require(f.n <= s.n);
	require(str_eq(f, (struct str){ twice, n }));
	require(feed_date_parse(f) == want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str s = { (const char *)data, n };
	int64_t t = feed_date_parse(s);

	check_range(t);
	if (n > DATE_MAX)
		return 0;
	check_case(s, t);
	check_folded(s, t);
	return 0;
}
