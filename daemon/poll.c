/* SPDX-License-Identifier: ISC */
/*
 * The document's source is a fetch or a file; from then on both take the same
 * way. A poll counts the batches it has given to the ledger (`posted`) and
 * ends when its last batch and all before it have come back.
 */
#include "daemon/poll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/digest.h"
#include "base/http.h"
#include "base/log.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/learner.h"
#include "daemon/parties.h"
#include "daemon/pipeline.h"
#include "daemon/poll_private.h"
#include "daemon/poll_state.h"
#include "feeds/boilerplate_store.h"
#include "feeds/claims.h"
#include "feeds/feed_move.h"
#include "feeds/feed_tail.h"

/*
 * Batches of one poll that may be at the ledger before its source is paused:
 * enough that an alert waits for nobody, few enough that a slow disk holds a
 * bounded part of each document in memory.
 */
enum { MAX_POSTED = 8, RESUME_POSTED = 4 };

static int	poll_on_open(const struct http_meta *, const char *, void *);
static int	poll_on_body(const char *, size_t, void *);
static void	poll_on_wait(bool, void *);
static void	poll_on_fetched(const struct fetch_result *, void *);
static void	poll_on_batch(struct batch *, void *);
static int	poll_on_doubt(void *, struct err *);
static int	poll_on_lines(struct buf *, void *, struct err *);
static void	poll_on_not_asked(evutil_socket_t, short, void *);

static const struct fetch_ops fetch_ops = { .on_open = poll_on_open,
	.on_body = poll_on_body, .on_request = poll_on_request,
	.on_answer = poll_on_answer, .on_redirect = poll_on_redirect,
	.on_ask = poll_on_ask, .on_wait = poll_on_wait,
	.on_end = poll_on_fetched };
static const struct pipeline_ops pipeline_ops = { .on_batch = poll_on_batch,
	.on_doubt = poll_on_doubt, .on_lines = poll_on_lines };

/* What reading the document took. */
static void
free_document(struct poll *p)
{
	pipeline_free(p->pipeline);
	p->pipeline = NULL;
	known_set_clear(&p->known);
	parties_free(p->parties);
	p->parties = NULL;
	p->memo = (struct feed_memo){ 0 };
	buf_clear(&p->chain);
}

static void
poll_free(struct poll *p)
{
	free_document(p);
	feed_state_clear(&p->after);
	if (p->file_turn != NULL)
		event_free(p->file_turn);
	if (p->file_fd != -1)
		close(p->file_fd);
	/* What is not stored was not read. */
	if (!p->committed)
		p->led.joined = false;
	led_poll_end(&p->led);
	free(p->kept_off);
	sources_clear(&p->others);
	conf_unref(p->env.conf);
	free(p);
}

static void
end_if_answered(struct poll *p)
{
	if (p->posted > 0 || !(p->last_posted || p->cancelled))
		return;
	p->ops->on_end(p->committed, &p->after, p->ctx);
	poll_free(p);
}

static void
post(struct poll *p, struct batch *b)
{
	b->owner = p;
	b->teller = p->env.teller;
	b->job.reply = p->env.replies;
	/* Nobody waits for what has no alerts, but the next poll. */
	b->job.patient = b->ends_poll && !b->job.has_alerts;
	p->posted++;
	ledger_post(p->env.ledger, &b->job);
	if (p->posted < MAX_POSTED || p->paused || p->last_posted)
		return;
	p->paused = true;
	if (p->fetch != NULL)
		fetch_pause(p->fetch);
}

/* Enough batches are back: the source goes on. */
static void
resume(struct poll *p)
{
	static const struct timeval at_once = { 0, 0 };

	if (!p->paused || p->posted > RESUME_POSTED || p->cancelled ||
	    p->last_posted)
		return;
	p->paused = false;
	if (p->fetch != NULL)
		fetch_resume(p->fetch);
	else if (p->file_turn != NULL)
		(void)evtimer_add(p->file_turn, &at_once); /* was added before:
							    * cannot fail */
}

void
poll_acknowledge(struct batch *b)
{
	struct poll *p = b->owner;

	p->posted--;
	if (b->job.committed) {
		counters_add(&p->env.counters->alerts_raised, b->raised);
		counters_add(&p->env.counters->alerts_held, b->held);
		if (b->ends_poll) {
			p->committed = true;
			p->after = b->state;
			b->state = (struct feed_state){ 0 };
		}
	} else
		counters_add(&p->env.counters->commits_refused, 1);
	batch_free(b);
	resume(p);
	end_if_answered(p);
}

static void
poll_on_batch(struct batch *b, void *ctx)
{
	post(ctx, b);
}

/* But for what it has read alone of what it now reads for others. */
static void
add_known(const struct known_item *item, void *ctx)
{
	struct poll *p = ctx;

	if (p->led.shared_s != 0 && !led_poll_knew(item, p->led.shared_s))
		return;
	if (known_set_put(&p->known, item) == -1)
		p->known_failed = true;
}

/* Nothing of it is stored for this feed yet. */
static void
add_known_of_reader(const struct known_item *item, void *ctx)
{
	struct known_item copy = *item;
	struct poll *p = ctx;

	copy.seen_s = 0;
	if (known_set_put(&p->known, &copy) == -1)
		p->known_failed = true;
}

/* Do its own known items, under their own ids, say all of what this document's
 * are to it? */
static bool
is_alone(const struct poll *p)
{
	return p->known.n == 0 && p->parties == NULL &&
	    p->before->baseline_done && p->before->same_as == NULL &&
	    !feed_state_ids_change(p->before);
}

/* What the feed has read, and what others have read in its place, or to its
 * followers: it was told then. And its title, which nobody keeps while the feed
 * waits. Where there is a memo of its own items it may do. */
static int
read_known(struct poll *p, const char *url)
{
	struct feed_store_ask ask = { .each = add_known, .ctx = p,
		.now_s = poll_steady_s(p), .chain = &p->chain };

	if (p->before->title == NULL)
		ask.title = &p->before->title;
	if (url != NULL && led_poll_each_known(&p->led, url,
	    add_known_of_reader, p, &p->err) == -1)
		return -1;
	p->makes_memo = is_alone(p);
	if (p->makes_memo)
		ask.memo = &p->memo;
	if (feed_store_recall(p->env.reader, p->feed->url, &ask,
	    &p->err) == -1)
		return -1;
	return p->known_failed ? err_set(&p->err, "out of memory") : 0;
}

/* The memo does not do. */
static int
poll_on_doubt(void *ctx, struct err *err)
{
	struct poll *p = ctx;

	if (feed_store_each_known(p->env.reader, p->feed->url, NULL,
	    add_known, p, err) == -1)
		return -1;
	return p->known_failed ? err_set(err, "out of memory") : 0;
}

static int
poll_on_lines(struct buf *saved, void *ctx, struct err *err)
{
	struct poll *p = ctx;

	return boilerplate_store_find(p->env.reader, p->feed->url, false,
	    saved, err);
}

/* Was nothing ever read whole, by the feed or for it? */
static bool
is_new(const struct poll *p)
{
	return !p->before->baseline_done && !p->led.heritage.baseline_done;
}

/* The document begins: what is known of the feed is read now. */
int
poll_begin_pipeline(struct poll *p, const char *base_url,
    struct str content_type, struct str content_language)
{
	struct pipeline_env env = {
		.conf = p->env.conf, .matcher = p->env.matcher,
		.learner = p->env.learner, .signer = p->env.signer,
		.keeper = p->env.keeper,
		.counters = p->env.counters,
		.instance = p->env.instance, .feed = p->feed,
		.token = &p->token, .known = &p->known,
		.wanted = p->feed->set->wanted,
		.baseline = is_new(p),
		.quiet = is_new(p) && p->before->quiet,
		.ids_change = feed_state_ids_change(p->before),
		.base_url = base_url,
		.content_type = content_type,
		.content_language = content_language,
		.begun_s = poll_wall_s(p),
		.steady_ahead_s = -clock_wall_ahead_s(p->env.fetch.clock),
	};

	if (poll_gather_parties(p) == -1 || read_known(p, base_url) == -1)
		return -1;
	env.makes_memo = p->makes_memo;
	env.memo = p->memo.chain.n > 0 ? &p->memo : NULL;
	env.parties = p->parties;
	env.others = &p->others;
	env.title = p->before->title;
	p->pipeline = pipeline_new(&env, &pipeline_ops, p);
	if (p->pipeline == NULL)
		return err_set(&p->err, "out of memory");
	return 0;
}

static int
poll_on_open(const struct http_meta *meta, const char *url, void *ctx)
{
	return poll_begin_pipeline(ctx, url, str_from(meta->content_type),
	    str_from(meta->content_language));
}

int
poll_take_body(struct poll *p, const char *bytes, size_t n)
{
	counters_add(&p->env.counters->body_bytes, (int64_t)n);
	p->body_hash = digest_hash64(p->body_hash, (struct str){ bytes, n });
	return pipeline_push(p->pipeline, bytes, n, poll_wall_s(p), &p->err);
}

static int
poll_on_body(const char *bytes, size_t n, void *ctx)
{
	return poll_take_body(ctx, bytes, n);
}

/* Worker's loop. */
static void
poll_on_wait(bool waits, void *ctx)
{
	struct poll *p = ctx;

	if (p->waits != waits)
		p->ops->on_wait(waits, p->ctx);
	p->waits = waits;
}

/* Words for a document that was no whole feed. */
static void
judge_document(struct poll *p, struct pipeline_result *doc,
    struct poll_source *src)
{
	struct err err;

	pipeline_finish(p->pipeline, doc, &err);
	counters_add(&p->env.counters->items_seen, doc->fresh_items);
	/* A server may hold the connection open behind the last end tag. */
	if (!src->have_document && doc->end != FEED_END_COMPLETE)
		return;		/* the source's own failure says more */
	switch (doc->end) {
	case FEED_END_COMPLETE:
		/* A server without validators may send the same again. */
		src->end = (int64_t)p->body_hash == p->before->body_hash ?
		    POLL_UNCHANGED : POLL_FRESH;
		src->word = NULL;
		src->message = NULL;
		return;
	case FEED_END_TRUNCATED:
		src->word = "truncated";
		err_set(&err, "the document ends before its last end tag");
		break;
	case FEED_END_NOT_A_FEED:
		src->word = doc->stranger;
		break;
	case FEED_END_FAILED:
		src->word = "document";
		break;
	}
	src->end = POLL_FAILED;
	p->err = err;
	src->message = p->err.msg;
}

/* It has read what the other one reads for it from now on. */
static void
join(const struct poll *p, struct poll_source *src)
{
	if (p->led.hangs && (src->end == POLL_FRESH ||
	    src->end == POLL_UNCHANGED))
		src->same_as = p->led.joins;
}

/* Who is told off and not for how long waits an hour, the first time. */
static int64_t
patience_s(const struct poll *p, const struct poll_source *src)
{
	int64_t least_s = src->end == POLL_TOLD_OFF && (src->meta == NULL ||
	    http_meta_retry_s(src->meta, poll_wall_s(p),
	    SCHEDULE_SAID_MOST_S) <= 0) ? SCHEDULE_TOLD_OFF_S / 2 : 0;

	return least_s > poll_floor_s(p) ? least_s : poll_floor_s(p);
}

/* Who owns what from now on. A feed that was kept from asking keeps what it
 * had read. */
static void
settle(struct poll *p, const struct poll_source *src)
{
	const struct led_poll_end end = { .hops = src->hops,
		.n_hops = src->n_hops, .left = src->left ||
		    src->end == POLL_HELD,
		.is_well = src->end == POLL_FRESH ||
		    src->end == POLL_UNCHANGED,
		.is_public = p->peer_public, .steady_s = poll_steady_s(p),
		.patience_s = patience_s(p, src) };

	led_poll_settle(&p->led, &end);
}

/* For jitter: a step of a generator (splitmix64) that each thread seeds once.
 * Without a seed it begins where the document's hash says. */
static uint32_t
draw(uint64_t body_hash)
{
	static _Thread_local uint64_t at;
	uint64_t z;

	if (at == 0 && getrandom(&at, sizeof(at), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(at))
		at = body_hash;
	at += UINT64_C(0x9e3779b97f4a7c15);
	z = at;
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z >> 32);
}

/* The feed's new state, as the last batch will store it. */
static void
conclude(struct poll *p, const struct poll_source *src,
    const struct pipeline_result *doc, struct feed_state *after)
{
	struct poll_seen seen = { .conf = p->env.conf, .feed = p->feed,
		.before = p->before, .source = src, .document = doc,
		.body_hash = p->body_hash, .wall_s = poll_wall_s(p),
		.steady_s = poll_steady_s(p), .random = draw(p->body_hash) };

	poll_state_fill(after, &seen);
	if (after->gaps > p->before->gaps)
		counters_add(&p->env.counters->feed_gaps, 1);
	settle(p, src);
	poll_state_log(&seen, after);
}

static int
add_heritage(const struct url_owner_reader *reader, void *ctx)
{
	return batch_add_heritage(ctx, reader->name,
	    led_poll_known_until(reader->read_s));
}

/* Whose knowledge this feed has had, should it be its own from now on. */
static void
gather_heritage(struct poll *p, struct poll_source *src, struct batch *b)
{
	if (p->feed->set->file != NULL || led_poll_each_reader(&p->led,
	    src->url, add_heritage, b) == 0)
		return;
	src->heritage = NULL;
	src->end = POLL_FAILED;
	src->word = "document";
	src->message = "out of memory";
}

/* The document that another feed read is this one's; or it does not follow any
 * more what was read for it. */
static bool
inherits(const struct poll *p, const struct poll_source *src,
    const struct feed_state *after)
{
	return src->heritage != NULL || p->led.parted ||
	    (p->before->same_as != NULL && after->same_as == NULL);
}

/* A stranger's name may lie anywhere at any time: it is the document that was
 * read there that counts, not that somebody answers. */
static enum batch_from
came_from(const struct poll *p, const struct poll_source *src)
{
	if (p->feed->set->file != NULL || !src->have_document ||
	    (src->end != POLL_FRESH && src->end != POLL_UNCHANGED))
		return BATCH_UNKNOWN;
	return p->own_near ? BATCH_NEAR : BATCH_ABROAD;
}

static bool
is_failure(enum poll_end end)
{
	return end != POLL_FRESH && end != POLL_UNCHANGED && end != POLL_HELD;
}

/* How it ended, what was answered and how long it took: in real time, whatever
 * the clock's scale, as a server's slowness is. */
static void
count(const struct poll *p, const struct poll_source *src)
{
	const struct clock *clock = p->env.fetch.clock;
	struct counters *c = p->env.counters;
	int class = src->status / 100;

	counters_add(&c->polls, 1);
	if (is_failure(src->end))
		counters_add(&c->polls_failed, 1);
	counters_add(&c->poll_results[src->end], 1);
	if (p->feed->set->file == NULL)
		counters_add(&c->poll_answers[class > 0 &&
		    class < COUNTERS_ANSWERS ? class : 0], 1);
	histogram_add(&c->polls_took, clock_real_us(clock,
	    clock_mono_us(clock) - p->began_us));
}

/* The request is over: the last batch goes out with the feed's new state. */
void
poll_finish(struct poll *p, struct poll_source *src)
{
	struct pipeline_result doc = { 0 };
	struct batch *b;

	p->fetch = NULL;
	if (p->pipeline != NULL)
		judge_document(p, &doc, src);
	count(p, src);
	b = p->pipeline != NULL ? pipeline_take_batch(p->pipeline) :
	    batch_new(&p->token, p->feed->url);
	p->last_posted = true;
	if (b == NULL) {
		log_error("poll_dropped", LOG_U("feed", p->feed->url),
		    LOG_S("why", "out of memory"));
		end_if_answered(p);
		return;
	}
	b->ends_poll = true;
	b->came_from = came_from(p, src);
	gather_heritage(p, src, b);
	join(p, src);
	conclude(p, src, &doc, &b->state);
	b->inherits = inherits(p, src, &b->state);
	poll_announce_turn(p, b->state.due_s);
	b->touches = feed_state_is_touch(p->before, &b->state);
	b->trims = p->known.n > BATCH_KNOWN_MOST;
	batch_set_memo(b, &doc.memo);
	if (doc.lines.saved.n > 0)
		batch_set_lines(b, &doc.lines, false);
	if (p->env.learner != NULL)
		b->words = learner_take(p->env.learner);
	/* Others may have it while the ledger writes: a hundred polls wait for
	 * it at a time. */
	free_document(p);
	post(p, b);
}

/* The limit on a body has a name that an administrator knows. */
static void
name_cap(struct poll *p, const struct fetch_result *r,
    struct poll_source *src)
{
	if (strcmp(r->word, http_end_word(HTTP_END_TOO_BIG)) != 0)
		return;
	err_set(&p->err, "%s: poll.max_body (%zu bytes)", r->message,
	    p->env.conf->poll.max_body_bytes);
	src->message = p->err.msg;
}

/* Nothing of what led there counts as the feed's: no validators, no hints. */
static void
leave(const struct poll *p, struct poll_source *src)
{
	src->end = POLL_UNCHANGED;
	src->left = true;
	src->same_as = p->led.owner;
	src->word = NULL;
	src->message = NULL;
	src->meta = NULL;
	if (src->same_as != NULL)
		return;
	src->word = "redirect_waits";
	src->message = "leads to what another feed reads, and waits for its "
	    "turn there";
}

/* Nor of what it was kept from: it is looked at when that is over. */
static void
hold(const struct poll *p, struct poll_source *src)
{
	int64_t now_s = poll_steady_s(p);

	src->end = POLL_HELD;
	src->held_s = p->held_until_s > now_s ? p->held_until_s - now_s : 0;
	src->meta = NULL;
}

/* Worker's loop: the fetch has ended, however. */
static void
poll_on_fetched(const struct fetch_result *r, void *ctx)
{
	struct poll *p = ctx;
	struct poll_source src = { .end = POLL_FAILED, .status = r->status,
		.word = r->word, .message = r->message, .meta = r->meta,
		.url = r->url, .hops = r->hops, .n_hops = r->n_hops,
		.left_url = r->left_url,
		.reader_total = p->led.heritage.items_total,
		.moved_for_good = r->moved_for_good };

	p->peer_public = r->peer_public;
	p->own_near = r->own_near;
	switch (r->outcome) {
	case FETCH_FRESH:
		src.have_document = true;
		break;
	case FETCH_STOPPED:
		/* Either the document was refused or it could not begin. */
		src.have_document = p->pipeline != NULL;
		src.word = "document";
		src.message = p->err.msg;
		break;
	case FETCH_LEFT:
		leave(p, &src);
		break;
	case FETCH_HELD:
		hold(p, &src);
		break;
	case FETCH_NOT_MODIFIED:
		src.end = POLL_UNCHANGED;
		if (p->led.inherits && str_same(r->url, p->led.heritage_url))
			src.heritage = &p->led.heritage;
		break;
	case FETCH_GONE:
		src.end = POLL_GONE;
		break;
	case FETCH_TOLD_OFF:
		src.end = POLL_TOLD_OFF;
		break;
	case FETCH_REFUSED:
	case FETCH_FAILED:
		name_cap(p, r, &src);
		break;
	}
	poll_finish(p, &src);
}

static struct poll *
new_poll(const struct poll_env *env, const struct conf_feed *feed,
    struct feed_state *state, const struct poll_ops *ops, void *ctx)
{
	struct poll *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->env = *env;
	p->env.conf = conf_ref(env->conf);
	p->feed = feed;
	p->before = state;
	p->led = (struct led_poll){ .conf = p->env.conf,
		.owners = env->owners, .claims = env->claims,
		.reader = env->reader, .feed = feed, .before = state };
	p->file_fd = -1;
	p->began_us = clock_mono_us(env->fetch.clock);
	buf_init(&p->chain, FEED_TAIL_CHAIN_MOST);
	sources_init(&p->others);
	p->url = poll_first_url(env, feed, state);
	p->ops = ops;
	p->ctx = ctx;
	return p;
}

const char *
poll_first_url(const struct poll_env *env, const struct conf_feed *feed,
    const struct feed_state *state)
{
	const char *url = feed_move_asks(state, feed->url);

	/* Mostly it is its own URL; another spelling of that counts as it. */
	if (url == feed->url)
		return url;
	return conf_find_document(env->conf, url) == feed ? feed->url : url;
}

void
poll_user_agent(const struct conf *conf, char *out, size_t size)
{
	const char *page = conf->poll.user_agent_url;

	if (page != NULL)
		snprintf(out, size, "headlined/%s (+%s)", HEADLINED_VERSION,
		    page);
	else
		snprintf(out, size, "headlined/%s", HEADLINED_VERSION);
}

static int
start_fetch(struct poll *p, struct err *err)
{
	const struct conf *conf = p->env.conf;
	char agent[512];	/* the page's URL has at most 256 bytes */
	struct fetch_request request = {
		.url = p->url, .own_url = p->feed->url,
		.etag = p->before->etag,
		.last_modified = p->before->last_modified,
		.validators_url = p->before->validators_url != NULL ?
		    p->before->validators_url : p->feed->url,
		.headers = p->feed->set->headers,
		.proxy = p->feed->set->proxy,
		.user_password = p->feed->set->user_password,
		.user_agent = agent,
		.timeout_ms = conf->poll.timeout_s * 1000,
		.max_body_bytes = conf->poll.max_body_bytes,
	};

	poll_user_agent(conf, agent, sizeof(agent));
	if (p->way == FETCH_FOLLOW_AFRESH)
		request.etag = request.last_modified = NULL;
	/* Of who read for this feed until now: nobody is asked for a document
	 * that we hold. */
	request.inherits = p->led.inherits || p->way == FETCH_FOLLOW_AFRESH;
	request.inherited = (struct fetch_validators){
		p->led.heritage.etag, p->led.heritage.last_modified,
		p->led.heritage_url };
	p->fetch = fetch_start(&p->env.fetch, &request, &fetch_ops, p, err);
	return p->fetch != NULL ? 0 : -1;
}

/* Before the request leaves: a kill must not make a second one. */
static int
take_claims(struct poll *p, struct err *err)
{
	const int64_t now_s = poll_steady_s(p);

	if (claims_take(p->env.claims, p->feed->url, now_s, err) == -1)
		return -1;
	return p->url == p->feed->url ? 0 :
	    claims_take(p->env.claims, p->url, now_s, err);
}

static bool
is_for_us_to_ask(struct poll *p)
{
	if (p->url == p->feed->url)
		return true;
	(void)poll_on_redirect(p->url, p);
	return p->way == FETCH_FOLLOW || p->way == FETCH_FOLLOW_AFRESH;
}

/* A stored move's URL may be another's by now: then nobody is asked, and the
 * poll ends from the loop. */
static int
start_request(struct poll *p, struct err *err)
{
	static const struct timeval at_once = { 0, 0 };
	int rc;

	if (is_for_us_to_ask(p)) {
		if (led_poll_start(&p->led, err) == 0 &&
		    take_claims(p, err) == 0)
			return start_fetch(p, err);
		rc = -1;
	} else {
		p->file_turn = evtimer_new(p->env.fetch.base,
		    poll_on_not_asked, p);
		rc = p->file_turn != NULL && evtimer_add(p->file_turn,
		    &at_once) == 0 ? 0 : err_set(err, "out of memory");
	}
	fetch_leave_gate(&p->env.fetch, p->url);
	return rc;
}

struct poll *
poll_start(const struct poll_env *env, const struct conf_feed *feed,
    struct feed_state *state, const struct poll_ops *ops, void *ctx,
    struct err *err)
{
	struct poll *p = new_poll(env, feed, state, ops, ctx);
	int rc;

	if (p == NULL) {
		if (feed->set->file == NULL)
			fetch_leave_gate(&env->fetch, poll_first_url(env,
			    feed, state));
		err_set(err, "out of memory");
		return NULL;
	}
	rc = feed->set->file != NULL ? poll_start_file(p, err) :
	    start_request(p, err);
	if (rc == 0)
		return p;
	poll_free(p);
	return NULL;
}

void
poll_cancel(struct poll *p)
{
	if (p->cancelled || p->last_posted)
		return;
	p->cancelled = true;
	if (p->fetch != NULL)
		fetch_cancel(p->fetch);
	p->fetch = NULL;
	poll_on_wait(false, p);
	if (p->file_turn != NULL)
		event_del(p->file_turn);
	end_if_answered(p);
}

/* Worker's loop, one turn after the start: what a stored move leads to is not
 * for this feed to ask now. */
static void
poll_on_not_asked(evutil_socket_t unused, short what, void *arg)
{
	struct poll *p = arg;
	struct poll_source src = { .end = POLL_FAILED,
		.word = "redirect_loop", .message = "has moved to a feed that "
		"is read for by this one" };

	(void)unused;
	(void)what;
	if (p->way == FETCH_LEAVE)
		leave(p, &src);
	else if (p->way == FETCH_UNWELCOME) {
		src.word = "redirect_refused";
		src.message = "has moved to what asked not to be asked now";
		hold(p, &src);
	}
	poll_finish(p, &src);
}
