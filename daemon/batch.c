/* SPDX-License-Identifier: ISC */
/* Gathers in the worker, writes in the ledger, ends in the worker again. */
#include "daemon/batch.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "daemon/learner.h"
#include "daemon/teller.h"
#include "feeds/known_item.h"
#include "feeds/page_store.h"
#include "filters/word_counts.h"

enum {
	BATCH_MAX_BYTES = 64 << 20,
	/* Where a batch is full. */
	FULL_KNOWN = 1000, FULL_TEXT_BYTES = 256 << 10
};

static int	batch_write(struct ledger_job *, struct db *, struct err *);
static void	batch_on_undone(struct ledger_job *);
static void	batch_on_refused(struct ledger_job *);

struct batch *
batch_new(struct poll_token *token, const char *feed_url)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->token = token;
	b->arena = arena_new(BATCH_MAX_BYTES);
	if (b->arena != NULL)
		b->feed_url = arena_copy(b->arena, str_from(feed_url)).p;
	if (b->feed_url == NULL) {
		batch_free(b);
		return NULL;
	}
	b->job.write = batch_write;
	b->job.on_undone = batch_on_undone;
	b->job.on_refused = batch_on_refused;
	return b;
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	feed_state_clear(&b->state);
	word_counts_free(b->words);
	arena_free(b->arena);
	free(b->known);
	free(b->heritage);
	free(b->items);
	free(b->pages);
	free(b->stories);
	free(b->alerts);
	free(b);
}

/* Room for one more of `size` bytes in the array at *p. */
static int
grow(void **p, size_t *cap, size_t n, size_t size)
{
	size_t more = *cap > 0 ? *cap * 2 : 16;
	void *bigger;

	if (n < *cap)
		return 0;
	if (more > SIZE_MAX / size || (bigger = realloc(*p, more * size)) ==
	    NULL)
		return -1;
	*p = bigger;
	*cap = more;
	return 0;
}

int
batch_add_known(struct batch *b, const struct known_item *item)
{
	struct known_item copy = *item;
	void *p = b->known;

	if (grow(&p, &b->cap_known, b->n_known, sizeof(*item)) == -1)
		return -1;
	b->known = p;
	copy.name = arena_copy(b->arena, item->name);
	if (arena_failed(b->arena))
		return -1;
	b->known[b->n_known++] = copy;
	b->job.rows++;
	return 0;
}

int
batch_add_heritage(struct batch *b, const char *from, int64_t until_s)
{
	struct batch_heritage one = { .until_s = until_s };
	void *p = b->heritage;

	if (grow(&p, &b->cap_heritage, b->n_heritage, sizeof(one)) == -1)
		return -1;
	b->heritage = p;
	one.from = arena_copy(b->arena, str_from(from)).p;
	if (arena_failed(b->arena))
		return -1;
	b->heritage[b->n_heritage++] = one;
	return 0;
}

int
batch_add_item(struct batch *b, const struct item_text_row *item)
{
	struct item_text_row copy = *item;
	void *p = b->items;

	if (grow(&p, &b->cap_items, b->n_items, sizeof(copy)) == -1)
		return -1;
	b->items = p;
	copy.packed = arena_copy(b->arena, item->packed);
	copy.url = arena_copy(b->arena, item->url);
	copy.title = arena_copy(b->arena, item->title);
	copy.text = arena_copy(b->arena, item->text);
	if (arena_failed(b->arena))
		return -1;
	b->text_bytes += copy.packed.n + copy.url.n + copy.title.n +
	    copy.text.n;
	b->items[b->n_items++] = copy;
	b->job.rows++;
	return 0;
}

/* Only what the store keeps of it. */
static int
copy_item(struct arena *arena, const struct item *from, struct item *to)
{
	struct item cut = *from;

	cut.summary.s = utf8_cut(cut.summary.s, PAGE_TEXT_MOST);
	cut.content.s = utf8_cut(cut.content.s, PAGE_TEXT_MOST);
	cut.n_attachments = 0;
	return item_copy(arena, &cut, to);
}

int
batch_add_page(struct batch *b, const struct page_wait *page)
{
	struct page_wait copy = *page;
	size_t before = arena_bytes(b->arena);
	void *p = b->pages;

	if (grow(&p, &b->cap_pages, b->n_pages, sizeof(copy)) == -1)
		return -1;
	b->pages = p;
	copy.name = arena_copy(b->arena, page->name);
	copy.url = arena_copy(b->arena, page->url);
	copy.feed_title = arena_copy(b->arena, page->feed_title);
	copy.site = arena_copy(b->arena, page->site);
	copy.language = arena_copy(b->arena, page->language);
	if (copy_item(b->arena, &page->item, &copy.item) == -1 ||
	    arena_failed(b->arena))
		return -1;
	b->text_bytes += arena_bytes(b->arena) - before + sizeof(copy);
	b->pages[b->n_pages++] = copy;
	b->job.rows++;
	return 0;
}

void
batch_set_memo(struct batch *b, const struct feed_memo *memo)
{
	b->memo = *memo;
	b->memo.chain = arena_copy(b->arena, memo->chain);
}

void
batch_set_lines(struct batch *b, const struct boilerplate_row *lines,
    bool of_pages)
{
	b->lines = *lines;
	b->lines.saved = arena_copy(b->arena, lines->saved);
	b->lines.shown = arena_copy(b->arena, lines->shown);
	b->of_pages = of_pages;
	if (arena_failed(b->arena))
		b->lines = (struct boilerplate_row){ .lines = 0 };
}

bool
batch_is_full(const struct batch *b)
{
	return b->n_known >= FULL_KNOWN || b->text_bytes >= FULL_TEXT_BYTES;
}

int
batch_add_story(struct batch *b, const struct batch_story *story)
{
	struct batch_story copy = *story;
	void *p = b->stories;

	if (grow(&p, &b->cap_stories, b->n_stories, sizeof(copy)) == -1)
		return -1;
	b->stories = p;
	copy.site = arena_copy(b->arena, story->site);
	copy.sign = arena_copy(b->arena, story->sign);
	copy.is_placed = false;
	if (arena_failed(b->arena))
		return -1;
	b->stories[b->n_stories++] = copy;
	b->job.rows++;
	return 0;
}

int
batch_add_alert(struct batch *b, const struct batch_alert *alert)
{
	const struct outbox_alert *a = &alert->alert;
	struct batch_alert copy = *alert;
	struct str *names;
	uint32_t *hits;
	void *p = b->alerts;

	if (grow(&p, &b->cap_alerts, b->n_alerts, sizeof(copy)) == -1)
		return -1;
	b->alerts = p;
	names = arena_array(b->arena, alert->n_sinks, sizeof(*names));
	for (size_t i = 0; names != NULL && i < alert->n_sinks; i++)
		names[i] = arena_copy(b->arena, alert->sinks[i]);
	hits = arena_array(b->arena, alert->n_hits, sizeof(*hits));
	for (size_t i = 0; hits != NULL && i < alert->n_hits; i++)
		hits[i] = alert->hits[i];
	copy.sinks = names;
	copy.hits = hits;
	copy.alert.id = arena_copy(b->arena, a->id);
	copy.alert.topic = arena_copy(b->arena, a->topic);
	copy.alert.feed = arena_copy(b->arena, a->feed);
	copy.alert.body = copy.body = arena_copy(b->arena, a->body);
	copy.is_held = false;
	copy.told_text = copy.told_story = 0;
	if (arena_failed(b->arena))
		return -1;
	b->alerts[b->n_alerts++] = copy;
	b->job.rows += 3 + alert->n_sinks;
	b->job.has_alerts = true;
	return 0;
}

static int
write_alerts(struct batch *b, struct db *db, struct err *err)
{
	bool added;

	b->raised = b->held = 0;
	for (size_t i = 0; i < b->n_alerts; i++) {
		const struct batch_alert *a = &b->alerts[i];
		struct outbox_alert row = a->alert;

		b->held += a->is_held;
		row.body = a->body;
		if (a->is_held)
			continue;
		if (outbox_add(db, &row, a->sinks, a->n_sinks, &added,
		    err) == -1)
			return -1;
		b->raised += added;
	}
	return 0;
}

static struct telling
telling_of(const struct batch *b)
{
	return (struct telling){ b->arena, b->stories, b->n_stories,
		b->alerts, b->n_alerts };
}

/* What is a copy, and of what; then the alerts that go out. */
static int
tell(struct batch *b, struct db *db, struct err *err)
{
	const struct telling telling = telling_of(b);

	if (b->teller != NULL) {
		teller_decide(b->teller, &telling);
		if (teller_write(b->teller, &telling, db, err) == -1)
			return -1;
	}
	return write_alerts(b, db, err);
}

/* Texts make room for themselves, and so go before pages. */
static int
write_items(struct batch *b, struct db *db, struct err *err)
{
	if (b->n_known > 0 && feed_store_add_known(db, b->feed_url, b->known,
	    b->n_known, err) == -1)
		return -1;
	if (item_store_put(db, b->feed_url, b->items, b->n_items, err) == -1)
		return -1;
	for (size_t i = 0; i < b->n_pages; i++)
		if (page_store_add(db, b->feed_url, &b->pages[i], err) == -1)
			return -1;
	return 0;
}

static int
write_heritage(struct batch *b, struct db *db, struct err *err)
{
	for (size_t i = 0; b->inherits && i < b->n_heritage; i++)
		if (feed_store_inherit(db, b->feed_url, b->heritage[i].from,
		    b->heritage[i].until_s, err) == -1)
			return -1;
	return 0;
}

/* On the ledger's thread, inside the transaction; perhaps more than once. */
static int
batch_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct batch *b = (struct batch *)job;

	job->follows = b->token->refused;
	if (b->token->refused)
		return err_set(err, "an earlier part of this poll was refused");
	if (write_items(b, db, err) == -1 || tell(b, db, err) == -1)
		return -1;
	if (b->lines.saved.n > 0 && boilerplate_store_put(db, b->feed_url,
	    b->of_pages, &b->lines, err) == -1)
		return -1;
	if (!b->ends_poll)
		return 0;
	if (b->words != NULL && learner_keep(db, b->words, err) == -1)
		return -1;
	if (write_heritage(b, db, err) == -1)
		return -1;
	if (b->trims && feed_store_trim(db, b->feed_url, BATCH_KNOWN_KEPT,
	    err) == -1)
		return -1;
	if ((b->touches ?
	    feed_store_touch(db, b->feed_url, &b->state, err) :
	    feed_store_save(db, b->feed_url, &b->state, err)) == -1)
		return -1;
	return b->memo.chain.n == 0 ? 0 :
	    feed_store_save_memo(db, b->feed_url, &b->memo, err);
}

static void
batch_on_undone(struct ledger_job *job)
{
	struct batch *b = (struct batch *)job;
	const struct telling telling = telling_of(b);

	if (b->teller != NULL)
		teller_undo(b->teller, &telling);
}

static void
batch_on_refused(struct ledger_job *job)
{
	struct batch *b = (struct batch *)job;

	b->token->refused = true;
}
