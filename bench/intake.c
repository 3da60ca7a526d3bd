/* SPDX-License-Identifier: ISC */
/*
 * Lengths of texts are those of real feeds: five of seven carry a sentence or
 * two, the others whole articles.
 */
#include "bench/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/prose.h"
#include "feeds/known_item.h"

enum { SEED = 4242, NOW_S = 1772500000, MAX_TEXT = 16 << 10,
    BODY_BYTES = 1500 };

static void
make_texts(struct intake *in, struct prose *p)
{
	for (size_t i = 0; i < INTAKE_TEXTS; i++) {
		buf_init(&in->texts[i], MAX_TEXT);
		buf_init(&in->titles[i], MAX_TEXT);
		prose_add_title(p, &in->titles[i]);
		prose_add_paragraph(p, &in->texts[i], i % 7 < 5 ?
		    100 + prose_below(p, 300) : 1000 + prose_below(p, 3000));
	}
	buf_init(&in->body, MAX_TEXT);
	buf_add_c(&in->body, "{\"specversion\": \"1.0\", \"data\": \"");
	prose_add_paragraph(p, &in->body, BODY_BYTES);
	buf_add_c(&in->body, "\"}");
}

static void
cut_batches(struct intake *in)
{
	struct intake_batch b = { 0, 0, false };

	for (uint32_t i = 0; i < in->n_items; i++) {
		b.n++;
		in->n_hits += intake_is_hit(i);
		b.ends_poll = i % INTAKE_POLL == INTAKE_POLL - 1;
		if (!b.ends_poll && !intake_is_hit(i))
			continue;
		in->batches[in->n_batches++] = b;
		b = (struct intake_batch){ i + 1, 0, false };
	}
}

/* n_items is rounded down to whole polls. */
int
intake_init(struct intake *in, size_t n_items)
{
	struct prose *p = prose_new(SEED);

	*in = (struct intake){ .n_items = n_items / INTAKE_POLL *
	    INTAKE_POLL };
	in->batches = calloc(n_items / INTAKE_POLL + n_items /
	    INTAKE_HIT_EVERY + 2, sizeof(*in->batches));
	if (p == NULL || in->batches == NULL) {
		prose_free(p);
		return -1;
	}
	make_texts(in, p);
	cut_batches(in);
	prose_free(p);
	return in->body.failed ? -1 : 0;
}

void
intake_clear(struct intake *in)
{
	for (size_t i = 0; i < INTAKE_TEXTS; i++) {
		buf_clear(&in->texts[i]);
		buf_clear(&in->titles[i]);
	}
	buf_clear(&in->body);
	free(in->batches);
	*in = (struct intake){ .n_items = 0 };
}

/* Scatters numbers over 64 bits, as hashes are; one to one. */
static uint64_t
scatter(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void
intake_known(const struct intake *in, uint32_t item, struct known_item *k)
{
	(void)in;
	*k = (struct known_item){
		.id_hash = scatter(item + UINT64_C(1)),
		.content_hash = scatter(~(uint64_t)item), .seen_s = NOW_S };
}

void
intake_text(struct intake *in, uint32_t item, struct item_text_row *t)
{
	size_t i = item % INTAKE_TEXTS;
	int n = snprintf(in->url, sizeof(in->url), "https://news.example.com/"
	    "world/2026/03/article-%016" PRIx64 "?utm_source=rss",
	    scatter(item));

	*t = (struct item_text_row){ .id_hash = scatter(item + UINT64_C(1)),
		.seen_s = NOW_S, .published_s = NOW_S - item % 86400,
		.url = { in->url, (size_t)n },
		.title = buf_str(&in->titles[i]),
		.text = buf_str(&in->texts[i]) };
}

bool
intake_is_hit(uint32_t item)
{
	return item % INTAKE_HIT_EVERY == 57;
}

void
intake_alert(struct intake *in, uint32_t item, struct outbox_alert *a)
{
	int n = snprintf(in->alert_id, sizeof(in->alert_id),
	    "msg_%016" PRIx64 "%016" PRIx64, scatter(item), scatter(~item));

	*a = (struct outbox_alert){ .id = { in->alert_id, (size_t)n },
		.topic = STR("ukraine-peacekeepers"),
		.feed = str_from(intake_feed_url(in, item)),
		.time_s = NOW_S, .body = buf_str(&in->body) };
}

int64_t
intake_feed(uint32_t item)
{
	return 1 + item / INTAKE_POLL % INTAKE_FEEDS;
}

const char *
intake_feed_url(struct intake *in, uint32_t item)
{
	(void)snprintf(in->feed_url, sizeof(in->feed_url),
	    "https://news-%" PRId64 ".example.com/rss/world.xml",
	    intake_feed(item));
	return in->feed_url;
}

void
intake_state(struct intake *in, uint32_t item, struct feed_state *st)
{
	(void)snprintf(in->etag, sizeof(in->etag), "\"%016" PRIx64 "\"",
	    scatter(item));
	(void)snprintf(in->title, sizeof(in->title), "Example News %" PRId64,
	    intake_feed(item));
	(void)snprintf(in->date, sizeof(in->date),
	    "Mon, 02 Mar 2026 08:%02u:%02u GMT", item % 60, item / 60 % 60);
	*st = (struct feed_state){ .title = in->title, .etag = in->etag,
		.last_modified = in->date,
		.body_hash = (int64_t)scatter(item), .first_asked_s = NOW_S,
		.last_asked_s = NOW_S, .last_good_s = NOW_S,
		.due_s = NOW_S + 300, .rhythm_s = 1800, .items_total = item,
		.status = 200, .baseline_done = true };
}
