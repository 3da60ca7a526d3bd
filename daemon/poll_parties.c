/* SPDX-License-Identifier: ISC */
/* Who has to do with the document that begins, and what each of them knows by
 * itself. */
#include "daemon/poll_private.h"

#include "daemon/conf.h"
#include "daemon/parties.h"
#include "feeds/feed_store.h"

struct filling {
	struct known_set	*known;
	bool			 failed;
};

static void
put(const struct known_item *item, void *ctx)
{
	struct filling *f = ctx;

	if (known_set_put(f->known, item) == -1)
		f->failed = true;
}

static int
fill(struct poll *p, const struct conf_feed *feed, struct known_set *known)
{
	struct filling f = { known, known == NULL };

	if (!f.failed && feed_store_each_known(p->env.reader, feed->url, NULL,
	    put, &f, &p->err) == -1)
		return -1;
	return f.failed ? err_set(&p->err, "out of memory") : 0;
}

/* Bit sets belong to one configuration: who it is is looked up in the
 * poll's. */
static int
add(const char *name, bool served, void *ctx)
{
	struct poll *p = ctx;
	const struct conf_feed *f = conf_find_feed(p->env.conf, name);
	const uint64_t *own = p->feed->set->wanted;

	if (f == NULL || f == p->feed || !led_poll_are_alike(f, p->feed))
		return 0;
	if (p->parties == NULL)
		p->parties = parties_new(p->env.conf->n_topics, own);
	if (p->parties == NULL)
		return err_set(&p->err, "out of memory");
	return fill(p, f, parties_add(p->parties, f->set->wanted, served));
}

int
poll_gather_parties(struct poll *p)
{
	p->err = (struct err){ 0 };
	if (p->feed->set->file != NULL ||
	    led_poll_each_party(&p->led, add, p) == 0)
		return 0;
	return p->err.msg[0] != '\0' ? -1 :
	    err_set(&p->err, "out of memory");
}
