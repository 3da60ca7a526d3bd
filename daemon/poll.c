/* SPDX-License-Identifier: ISC */
/*
 * The document's source is a fetch or a file; from then on both take the same
 * way. A poll counts the batches it has given to the ledger (`posted`) and
 * ends when its last batch and all before it have come back.
 */
#include "daemon/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/http.h"
#include "base/log.h"
#include "base/url.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/pipeline.h"
#include "daemon/poll_state.h"
#include "feeds/claims.h"
#include "feeds/host_gate.h"
#include "feeds/known_set.h"
#include "feeds/schedule.h"

/*
 * Batches of one poll that may be at the ledger before its source is paused:
 * enough that an alert waits for nobody, few enough that a slow disk holds a
 * bounded part of each document in memory.
 */
enum { MAX_POSTED = 8, RESUME_POSTED = 4 };

enum { FILE_CHUNK = 16 << 10, DAY_S = 86400,
    RETRY_AFTER_MAX_S = 7 * DAY_S };

struct poll {
	struct poll_env		 env;		/* its parts are borrowed */
	const struct conf_feed	*feed;
	const struct feed_state	*before;
	const struct poll_ops	*ops;
	void			*ctx;
	struct poll_token	 token;
	struct known_set	 known;
	bool			 known_failed;	/* memory ran out reading it */
	struct fetch		*fetch;		/* NULL: none under way */
	struct event		*file_turn;	/* reads a file from the loop */
	int			 file_fd;	/* -1: not open */
	char			 file_stamp[96];
	struct pipeline		*pipeline;	/* NULL: no document yet */
	uint64_t		 body_hash;
	struct err		 err;		/* why the pipeline stopped */
	size_t			 posted;	/* batches at the ledger */
	bool			 paused;	/* the source is, until some
						 * of them are back */
	bool			 last_posted;	/* no more will follow */
	bool			 cancelled;
	bool			 committed;	/* the last batch was */
	struct feed_state	 after;		/* as committed */
};

static int	poll_on_open(const struct http_meta *, const char *, void *);
static int	poll_on_body(const char *, size_t, void *);
static void	poll_on_refusal(const struct http_meta *, const char *,
		    void *);
static bool	poll_may_ask(const char *, void *);
static void	poll_on_fetched(const struct fetch_result *, void *);
static void	poll_on_batch(struct batch *, void *);
static void	poll_on_file(evutil_socket_t, short, void *);

static const struct fetch_ops fetch_ops = { .on_open = poll_on_open,
	.on_body = poll_on_body, .on_refusal = poll_on_refusal,
	.may_ask = poll_may_ask, .on_end = poll_on_fetched };
static const struct pipeline_ops pipeline_ops = { .on_batch = poll_on_batch };

static int64_t
now_s(const struct poll *p)
{
	return clock_wall_us(p->env.fetch.clock) / CLOCK_US_PER_S;
}

static void
poll_free(struct poll *p)
{
	pipeline_free(p->pipeline);
	known_set_clear(&p->known);
	feed_state_clear(&p->after);
	if (p->file_turn != NULL)
		event_free(p->file_turn);
	if (p->file_fd != -1)
		close(p->file_fd);
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
	b->job.reply = p->env.replies;
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

static void
add_known(const struct known_item *item, void *ctx)
{
	struct poll *p = ctx;

	if (known_set_put(&p->known, item) == -1)
		p->known_failed = true;
}

/* The document begins: what is known of the feed is read now. */
static int
begin_document(struct poll *p, const char *base_url,
    struct str content_type, struct str content_language)
{
	const struct pipeline_env env = {
		.conf = p->env.conf, .matcher = p->env.matcher,
		.instance = p->env.instance, .feed = p->feed,
		.token = &p->token, .known = &p->known,
		.baseline = !p->before->baseline_done,
		.quiet = p->before->quiet,
		.ids_change = feed_state_ids_change(p->before),
		.title = p->before->title, .base_url = base_url,
		.content_type = content_type,
		.content_language = content_language,
		.begun_s = now_s(p),
	};

	if (feed_store_each_known(p->env.reader, p->feed->url, add_known, p,
	    &p->err) == -1)
		return -1;
	if (p->known_failed)
		return err_set(&p->err, "out of memory");
	p->pipeline = pipeline_new(&env, &pipeline_ops, p);
	if (p->pipeline == NULL)
		return err_set(&p->err, "out of memory");
	return 0;
}

static int
poll_on_open(const struct http_meta *meta, const char *url, void *ctx)
{
	return begin_document(ctx, url, str_from(meta->content_type),
	    str_from(meta->content_language));
}

static int
poll_on_body(const char *bytes, size_t n, void *ctx)
{
	struct poll *p = ctx;

	p->body_hash = digest_hash64(p->body_hash, (struct str){ bytes, n });
	return pipeline_push(p->pipeline, bytes, n, now_s(p), &p->err);
}

/* The hop's URL may be a feed of its own: what it said, it said of itself too.
 * Only feeds have claims; of other URLs nothing is noted. */
static void
forbid(struct poll *p, const char *url, int64_t until_s)
{
	claims_forbid(p->env.claims, p->feed->url, until_s);
	if (url != NULL && strcmp(url, p->feed->url) != 0)
		claims_forbid(p->env.claims, url, until_s);
}

/* Worker's loop: from now on it holds, also over a kill. */
static void
poll_on_refusal(const struct http_meta *meta, const char *url, void *ctx)
{
	struct poll *p = ctx;
	int64_t now = now_s(p);
	int64_t wait = http_meta_retry_s(meta, now, RETRY_AFTER_MAX_S);

	forbid(p, url, now + 1 + (wait > 0 ? wait : SCHEDULE_TOLD_OFF_S));
}

/* Worker's loop: a redirect to a feed that was told off holds too. */
static bool
poll_may_ask(const char *url, void *ctx)
{
	const struct poll *p = ctx;
	struct claim c = claims_find(p->env.claims, url);

	return c.not_before_s <= c.asked_s || c.not_before_s <= now_s(p);
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

/* A refusal holds from now on, also over a kill before it is stored; 429 is
 * said by the host, not by the one feed (RFC 6585, 4). */
static void
obey(struct poll *p, const struct poll_source *src,
    const struct feed_state *st)
{
	int64_t wait_s = st->due_s - st->last_asked_s;
	char host[URL_MAX_BYTES];
	struct err err;

	if (src->end != POLL_TOLD_OFF)
		return;
	forbid(p, src->url, st->due_s);
	if (src->status != 429 || src->url == NULL || wait_s > DAY_S ||
	    fetch_host_of(src->url, host, sizeof(host), &err) == -1)
		return;
	host_gate_close_until(p->env.fetch.gate, host,
	    clock_mono_us(p->env.fetch.clock) + wait_s * CLOCK_US_PER_S);
}

/* The feed's new state, as the last batch will store it. */
static void
conclude(struct poll *p, const struct poll_source *src,
    const struct pipeline_result *doc, struct feed_state *after)
{
	struct poll_seen seen = { .conf = p->env.conf, .feed = p->feed,
		.before = p->before, .source = src, .document = doc,
		.body_hash = p->body_hash, .now_s = now_s(p) };

	if (getrandom(&seen.random, sizeof(seen.random), GRND_NONBLOCK) == -1)
		seen.random = (uint32_t)p->body_hash;
	poll_state_fill(after, &seen);
	obey(p, src, after);
	poll_state_log(&seen, after);
}

/* The request is over: the last batch goes out with the feed's new state. */
static void
finish(struct poll *p, struct poll_source *src)
{
	struct pipeline_result doc = { 0 };
	struct batch *b;

	p->fetch = NULL;
	if (p->pipeline != NULL)
		judge_document(p, &doc, src);
	counters_add(&p->env.counters->polls, 1);
	if (src->end != POLL_FRESH && src->end != POLL_UNCHANGED)
		counters_add(&p->env.counters->polls_failed, 1);
	b = p->pipeline != NULL ? pipeline_take_batch(p->pipeline) :
	    batch_new(&p->token, p->feed->url);
	p->last_posted = true;
	if (b == NULL) {
		log_error("poll_dropped", LOG_S("feed", p->feed->url),
		    LOG_S("why", "out of memory"));
		end_if_answered(p);
		return;
	}
	b->ends_poll = true;
	conclude(p, src, &doc, &b->state);
	b->touches = feed_state_is_touch(p->before, &b->state);
	b->trims = p->known.n > BATCH_KNOWN_MOST;
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

/* Worker's loop: the fetch has ended, however. */
static void
poll_on_fetched(const struct fetch_result *r, void *ctx)
{
	struct poll *p = ctx;
	struct poll_source src = { .end = POLL_FAILED, .status = r->status,
		.word = r->word, .message = r->message, .meta = r->meta,
		.url = r->url };

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
	case FETCH_NOT_MODIFIED:
		src.end = POLL_UNCHANGED;
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
	finish(p, &src);
}

static struct poll *
new_poll(const struct poll_env *env, const struct conf_feed *feed,
    const struct feed_state *state, const struct poll_ops *ops, void *ctx)
{
	struct poll *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->env = *env;
	p->env.conf = conf_ref(env->conf);
	p->feed = feed;
	p->before = state;
	p->file_fd = -1;
	p->ops = ops;
	p->ctx = ctx;
	return p;
}

/* The place that the caller took, when not even a poll came of it. */
static void
leave_gate(const struct poll_env *env, const struct conf_feed *feed)
{
	char host[URL_MAX_BYTES];
	struct err err;

	if (feed->file == NULL &&
	    fetch_host_of(feed->url, host, sizeof(host), &err) == 0)
		host_gate_leave(env->fetch.gate, host,
		    clock_mono_us(env->fetch.clock));
}

/* Who we are, and where a publisher may read about it. */
static void
name_us(const struct conf *conf, char *out, size_t size)
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
	const struct fetch_request request = {
		.url = p->feed->url, .etag = p->before->etag,
		.last_modified = p->before->last_modified,
		.validators_url = p->before->validators_url,
		.headers = p->feed->headers,
		.user_agent = agent,
		.timeout_ms = conf->poll.timeout_s * 1000,
		.max_body_bytes = conf->poll.max_body_bytes,
	};

	name_us(conf, agent, sizeof(agent));
	/* Before the request leaves: a kill must not make a second one. */
	if (claims_take(p->env.claims, p->feed->url, now_s(p), err) == -1) {
		leave_gate(&p->env, p->feed);
		return -1;
	}
	p->fetch = fetch_start(&p->env.fetch, &request, &fetch_ops, p, err);
	return p->fetch != NULL ? 0 : -1;
}

static int
start_file(struct poll *p, struct err *err)
{
	static const struct timeval at_once = { 0, 0 };

	p->file_turn = evtimer_new(p->env.fetch.base, poll_on_file, p);
	if (p->file_turn == NULL || evtimer_add(p->file_turn, &at_once) != 0)
		return err_set(err, "out of memory");
	return 0;
}

struct poll *
poll_start(const struct poll_env *env, const struct conf_feed *feed,
    const struct feed_state *state, const struct poll_ops *ops, void *ctx,
    struct err *err)
{
	struct poll *p = new_poll(env, feed, state, ops, ctx);
	int rc;

	if (p == NULL) {
		leave_gate(env, feed);
		err_set(err, "out of memory");
		return NULL;
	}
	rc = feed->file != NULL ? start_file(p, err) : start_fetch(p, err);
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
	if (p->file_turn != NULL)
		event_del(p->file_turn);
	end_if_answered(p);
}

bool
poll_file_stamp(const char *path, char *out, size_t size, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == -1) {
		err_set(err, "%s", strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, "not a regular file");
		return false;
	}
	snprintf(out, size, "%" PRId64 ".%09ld-%" PRId64 "-%" PRIu64,
	    (int64_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    (int64_t)st.st_size, (uint64_t)st.st_ino);
	return true;
}

/* Opens the watched file; false and p->err when it cannot be read. */
static bool
open_file(struct poll *p)
{
	if (!poll_file_stamp(p->feed->file, p->file_stamp,
	    sizeof(p->file_stamp), &p->err))
		return false;
	p->file_fd = open(p->feed->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p->file_fd == -1) {
		err_set(&p->err, "%s", strerror(errno));
		return false;
	}
	return begin_document(p, NULL, STR_NONE, STR_NONE) == 0;
}

/* How much was read: 0 at the end, -1 and p->err when it is over. */
static ssize_t
read_chunk(struct poll *p)
{
	char chunk[FILE_CHUNK];
	ssize_t n = read(p->file_fd, chunk, sizeof(chunk));

	if (n == -1)
		err_set(&p->err, "%s", strerror(errno));
	else if (n > 0 && poll_on_body(chunk, (size_t)n, p) == -1)
		return -1;
	return n;
}

/*
 * Worker's loop, one turn after the start and then again for each chunk:
 * reads a watched file. Regular files only (a pipe would block the loop),
 * opened without waiting.
 */
static void
poll_on_file(evutil_socket_t unused, short what, void *arg)
{
	static const struct timeval at_once = { 0, 0 };
	struct poll *p = arg;
	struct poll_source src = { .end = POLL_FAILED, .word = "file",
		.message = p->err.msg, .file_stamp = p->file_stamp };
	ssize_t n = -1;

	(void)unused;
	(void)what;
	if (p->file_fd != -1 || open_file(p))
		n = read_chunk(p);
	if (n > 0 && (p->paused || evtimer_add(p->file_turn, &at_once) == 0))
		return;		/* paused: resume adds it */
	src.have_document = p->pipeline != NULL && n <= 0;
	finish(p, &src);
}
