/* SPDX-License-Identifier: ISC */
/*
 * libmrss as a peer; see bench/peer.h for what it is told and answers. Built
 * where the library is there (Debian: libmrss0-dev), linked with nothing of
 * ours.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mrss.h>

struct doc {
	char	*p;
	size_t	 n;
	bool	 skip;
};

struct totals {
	int64_t	bytes, items;
};

static int64_t
cpu_us(void)
{
	struct timespec ts = { 0, 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* -1: the library reports an error. */
static int64_t
count_items(const struct doc *d)
{
	mrss_t *feed = NULL;
	int64_t n = 0;

	if (mrss_parse_buffer(d->p, d->n, &feed) != MRSS_OK)
		return -1;
	for (const mrss_item_t *it = feed->item; it != NULL; it = it->next)
		n++;
	(void)mrss_free(feed);		/* always MRSS_OK for a feed */
	return n;
}

static size_t
read_number(void)
{
	char line[64];

	return fgets(line, sizeof(line), stdin) != NULL ?
	    strtoull(line, NULL, 10) : 0;
}

static bool
read_doc(struct doc *d)
{
	d->n = read_number();
	d->p = malloc(d->n + 1);
	if (d->p == NULL || fread(d->p, 1, d->n, stdin) != d->n)
		return false;
	d->p[d->n] = '\0';
	return true;
}

static void
pass(const struct doc *docs, size_t n, struct totals *t)
{
	for (size_t i = 0; i < n; i++) {
		if (docs[i].skip)
			continue;
		t->items += count_items(&docs[i]);
		t->bytes += (int64_t)docs[i].n;
	}
}

static void
run_round(const struct doc *docs, size_t n, int64_t limit_us)
{
	int64_t start = cpu_us(), spent = 0;
	struct totals t = { 0, 0 };

	do {
		pass(docs, n, &t);
		spent = cpu_us() - start;
	} while (spent < limit_us);
	printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", t.bytes, spent,
	    t.items);
}

static void
obey(struct doc *docs, size_t n)
{
	char line[64];
	size_t index;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strncmp(line, "skip ", 5) == 0) {
			index = strtoull(line + 5, NULL, 10);
			if (index < n)
				docs[index].skip = true;
		} else if (strncmp(line, "round ", 6) == 0) {
			run_round(docs, n, strtoll(line + 6, NULL, 10));
		}
		(void)fflush(stdout);	/* or nobody is there to read it */
	}
}

int
main(void)
{
	size_t n = read_number();
	struct doc *docs = calloc(n + 1, sizeof(*docs));

	for (size_t i = 0; i < n; i++)
		if (docs == NULL || !read_doc(&docs[i]))
			return 1;
	for (size_t i = 0; i < n; i++)
		printf("%" PRId64 "\n", count_items(&docs[i]));
	(void)fflush(stdout);		/* likewise */
	obey(docs, n);
	for (size_t i = 0; i < n; i++)
		free(docs[i].p);
	free(docs);
	return 0;
}
