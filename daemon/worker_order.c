/* SPDX-License-Identifier: ISC */
/* Which feeds go to which worker, as the orders that bring them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "daemon/conf.h"
#include "daemon/worker.h"

enum { MAX_HOST = 255 };	/* a longer one is spread by its beginning */

/*
 * The host as it is written, in lower case: no more is needed to tell hosts
 * apart here, and 100,000 URLs are looked at in a start.
 */
static struct str
host_of(const char *url, char buf[MAX_HOST])
{
	const char *p = strstr(url, "://"), *at;
	size_t n;

	if (p == NULL)
		return str_from(url);
	p += 3;
	n = strcspn(p, "/?#");
	at = memrchr(p, '@', n);
	if (at != NULL) {
		n -= (size_t)(at + 1 - p);
		p = at + 1;
	}
	if (n > MAX_HOST)
		n = MAX_HOST;
	for (size_t i = 0; i < n; i++)
		buf[i] = (char)tolower((unsigned char)p[i]);
	return (struct str){ buf, n };
}

size_t
worker_of(const struct conf_feed *f, size_t n)
{
	char buf[MAX_HOST];

	if (n <= 1)
		return 0;
	return (size_t)(digest_hash64(0, f->set->file != NULL ?
	    str_from(f->url) : host_of(f->url, buf)) % n);
}

void
worker_order_free(struct worker_order *o)
{
	if (o == NULL)
		return;
	conf_unref(o->conf);
	free(o->feeds);
	free(o);
}

static struct worker_order *
new_order(struct conf *conf)
{
	struct worker_order *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->feeds = calloc(conf->n_feeds + 1, sizeof(*o->feeds));
	if (o->feeds == NULL) {
		free(o);
		return NULL;
	}
	o->conf = conf_ref(conf);
	return o;
}

int
worker_orders_new(struct conf *conf, struct worker_order **orders, size_t n)
{
	struct worker_order *o;

	for (size_t i = 0; i < n; i++) {
		orders[i] = new_order(conf);
		if (orders[i] != NULL)
			continue;
		while (i > 0)
			worker_order_free(orders[--i]);
		return -1;
	}
	for (size_t i = 0; i < conf->n_feeds; i++) {
		o = orders[worker_of(&conf->feeds[i], n)];
		o->feeds[o->n_feeds++] = &conf->feeds[i];
	}
	return 0;
}
