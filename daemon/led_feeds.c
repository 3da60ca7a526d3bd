/* SPDX-License-Identifier: ISC */
#include "daemon/led_feeds.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "daemon/conf.h"
#include "daemon/led_poll.h"
#include "feeds/feed_store.h"
#include "feeds/url_owner.h"

struct learner {
	struct url_owners	*owners;
	struct db		*db;
	const struct conf	*conf;
};

/* Who reads what, by the validators it has from there: of several, the one that
 * read it last, who is the first here. The rows of those before say the same
 * until they are asked again, and find that another one reads it. */
static void
learn_reader(const struct feed_store_led *led, void *ctx)
{
	const struct learner *l = ctx;
	const struct conf_feed *feed = conf_find_url(l->conf, led->url);
	const struct url_owner_read read = { .read_s = led->last_good_s };
	char *url;

	if (feed == NULL || led->same_as.n > 0 || led->validators.n == 0 ||
	    conf_find_url(l->conf, led->validators) != NULL)
		return;
	url = str_dup(led->validators);
	if (url != NULL)
		url_owners_learn(l->owners, feed->url, url, led->is_well,
		    &read);
	free(url);
}

/* Who follows was found worthy of it: its document is at the follower's own
 * host, or at a public address. */
static void
learn_to_follow(const struct learner *l, const struct conf_feed *feed,
    const struct conf_feed *other)
{
	struct feed_state st = { 0 };
	struct err err;
	const char *url;

	if (feed_store_load(l->db, other->url, &st, &err) == 0) {
		url = st.same_as == NULL && st.validators_url != NULL ?
		    st.validators_url : other->url;
		/* Without memory, or in a circle, it asks and finds out. */
		if (url_owners_follow(l->owners, feed->url, url, NULL) &&
		    !led_poll_is_at_own_host(feed, url))
			url_owners_make_public(l->owners, url);
	}
	feed_state_clear(&st);
}

static void
learn_follower(const struct feed_store_led *led, void *ctx)
{
	const struct learner *l = ctx;
	const struct conf_feed *feed = conf_find_url(l->conf, led->url);
	const struct conf_feed *other = led->same_as.n == 0 ? NULL :
	    conf_find_url(l->conf, led->same_as);

	if (feed != NULL && other != NULL &&
	    !url_owners_knows(l->owners, feed->url))
		learn_to_follow(l, feed, other);
}

static bool
is_configured(const char *feed, const void *conf)
{
	return conf_find_feed(conf, feed) != NULL;
}

void
led_feeds_leave(struct url_owners *owners, const struct conf *conf)
{
	url_owners_retain(owners, is_configured, conf);
}

int
led_feeds_learn(struct url_owners *owners, struct db *db,
    const struct conf *conf, struct err *err)
{
	struct learner l = { owners, db, conf };
	int rc;

	rc = feed_store_each_led(db, learn_reader, &l, err);
	if (rc == 0)
		rc = feed_store_each_led(db, learn_follower, &l, err);
	if (rc == 0)
		led_feeds_leave(owners, conf);
	return rc;
}
