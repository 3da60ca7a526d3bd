/* SPDX-License-Identifier: ISC */
/* Who has to do with the document that begins, and what each of them knows by
 * itself. */
#include "daemon/poll_private.h"

#include "daemon/conf.h"
#include "daemon/parties.h"
#include "feeds/feed_store.h"

struct filling {
	struct known_set	*known;
	int64_t			 until_s;	/* what was known then */
	bool			 failed;
};

static void
put(const struct known_item *item, void *ctx)
{
	struct filling *f = ctx;

	if (led_poll_knew(item, f->until_s) &&
	    known_set_put(f->known, item) == -1)
		f->failed = true;
}

static int
fill(struct poll *p, const char *feed, struct known_set *known,
    int64_t until_s)
{
	struct filling f = { known, until_s, known == NULL };

	if (!f.failed && feed_store_each_known(p->env.reader, feed, NULL,
	    put, &f, &p->err) == -1)
		return -1;
	return f.failed ? err_set(&p->err, "out of memory") : 0;
}

/* Bit sets belong to one configuration: who it is is looked up in the
 * poll's. NULL: nobody who counts. */
static const struct conf_feed *
find(const struct poll *p, const char *name)
{
	const struct conf_feed *f = conf_find_feed(p->env.conf, name);

	return f == NULL || f == p->feed ||
	    !led_poll_are_alike(f, p->feed) ? NULL : f;
}

static int
begin(struct poll *p)
{
	if (p->parties == NULL)
		p->parties = parties_new(p->env.conf->n_topics,
		    p->feed->set->wanted);
	return p->parties != NULL ? 0 : err_set(&p->err, "out of memory");
}

static int
add(const char *name, bool served, void *ctx)
{
	struct poll *p = ctx;
	const struct conf_feed *f = find(p, name);

	if (f == NULL)
		return 0;
	if (begin(p) == -1)
		return -1;
	if (served)
		sources_add(&p->others, f);
	return fill(p, f->url, parties_add(p->parties, f->set->wanted,
	    served), INT64_MAX - 1);
}

static int
add_told(const struct led_poll_told *told, void *ctx)
{
	const struct conf_feed *f;
	struct poll *p = ctx;
	size_t i = 0;

	while (i < told->to.n && find(p, told->to.names[i]) == NULL)
		i++;
	if (i == told->to.n)
		return 0;
	if (begin(p) == -1 || fill(p, told->reader,
	    parties_add_told(p->parties), told->until_s) == -1)
		return -1;
	for (; i < told->to.n; i++)
		if ((f = find(p, told->to.names[i])) != NULL)
			parties_told_to(p->parties, f->set->wanted);
	return 0;
}

/* What this feed has read for itself alone is news to the others, not to it. */
static int
add_own(struct poll *p)
{
	if (p->led.shared_s == 0)
		return 0;
	if (begin(p) == -1 || fill(p, p->feed->url,
	    parties_add_told(p->parties), INT64_MAX - 1) == -1)
		return -1;
	parties_told_to(p->parties, p->feed->set->wanted);
	return 0;
}

int
poll_gather_parties(struct poll *p)
{
	p->err = (struct err){ 0 };
	if (p->feed->set->file != NULL ||
	    (led_poll_each_party(&p->led, add, p) == 0 &&
	    led_poll_each_told(&p->led, add_told, p) == 0 &&
	    add_own(p) == 0 &&
	    !p->others.names.failed && !p->others.sites.failed))
		return 0;
	return p->err.msg[0] != '\0' ? -1 :
	    err_set(&p->err, "out of memory");
}
