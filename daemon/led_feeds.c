/* SPDX-License-Identifier: ISC */
#include "daemon/led_feeds.h"

#include <stdlib.h>

#include "daemon/conf.h"
#include "feeds/feed_store.h"
#include "feeds/url_owner.h"

struct learner {
	struct url_owners	*owners;
	const struct conf	*conf;
};

/* Whoever was there first, if it is another one, is told by the next poll. */
static void
take(struct url_owners *owners, struct str url, const char *feed)
{
	char *copy = url.n > 0 ? str_dup(url) : NULL, *other;

	if (copy == NULL)
		return;
	(void)url_owners_take(owners, copy, feed, &other);
	free(other);
	free(copy);
}

static void
learn(const struct feed_store_led *led, void *ctx)
{
	const struct learner *l = ctx;
	char *url = str_dup(led->url), *owner = str_dup(led->same_as);
	const struct conf_feed *feed, *other;

	feed = url != NULL ? conf_find_feed(l->conf, url) : NULL;
	other = owner != NULL ? conf_find_feed(l->conf, owner) : NULL;
	/* Without memory, or in a circle, it asks and finds out. */
	if (feed != NULL && other != NULL)
		(void)url_owners_follow(l->owners, feed->url, other->url);
	else if (feed != NULL) {
		take(l->owners, led->asked, feed->url);
		take(l->owners, led->validators, feed->url);
	}
	free(owner);
	free(url);
}

int
led_feeds_learn(struct url_owners *owners, struct db *db,
    const struct conf *conf, struct err *err)
{
	struct learner l = { owners, conf };

	return feed_store_each_led(db, learn, &l, err);
}

void
led_feeds_leave(struct url_owners *owners, const struct conf *conf)
{
	struct url_owner_names who;

	if (url_owners_names(owners, &who) == -1)
		return;
	for (size_t i = 0; i < who.n; i++)
		if (conf_find_feed(conf, who.names[i]) == NULL)
			url_owners_drop(owners, who.names[i]);
	free(who.names);
}
