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
#include "feeds/kept_text.h"
#include "feeds/known_item.h"

enum { SEED = 4242, NOW_S = 1772500000, MAX_TEXT = 16 << 10,
    BODY_BYTES = 1500 };

/* Scatters numbers over 64 bits, as hashes are; one to one. */
static uint64_t
scatter(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Title, text and URL of a number. */
static int
make_text(struct buf *to, struct kept_texts *texts, struct prose *p, size_t i)
{
	struct buf title, text, url;
	struct kept_text kept = { 0 };
	struct item_text_row row;
	int rc;

	buf_init(&title, MAX_TEXT);
	buf_init(&text, MAX_TEXT);
	buf_init(&url, MAX_TEXT);
	prose_add_title(p, &title);
	prose_add_paragraph(p, &text, i % 7 < 5 ?
	    100 + prose_below(p, 300) : 1000 + prose_below(p, 3000));
	buf_addf(&url, "https://news.example.com/world/2026/03/"
	    "article-%016" PRIx64 "?utm_source=rss", scatter(i));
	kept.field[KEPT_TITLE] = buf_str(&title);
	kept.field[KEPT_CONTENT] = buf_str(&text);
	kept.field[KEPT_URL] = kept.field[KEPT_NAME] = buf_str(&url);
	kept.field[KEPT_FEED] = STR("World news");
	kept.field[KEPT_SITES] = STR("news.example.com");
	kept.field[KEPT_LANGUAGE] = STR("en");
	rc = kept_text_pack(texts, &kept, &row);
	if (rc == 0)
		buf_add_str(to, row.packed);
	buf_clear(&title);
	buf_clear(&text);
	buf_clear(&url);
	return rc;
}

static int
make_texts(struct intake *in, struct prose *p)
{
	struct kept_texts *texts = kept_texts_new();
	int rc = texts != NULL ? 0 : -1;

	for (size_t i = 0; i < INTAKE_TEXTS && rc == 0; i++) {
		buf_init(&in->packed[i], MAX_TEXT);
		rc = make_text(&in->packed[i], texts, p, i);
	}
	buf_init(&in->body, MAX_TEXT);
	buf_add_c(&in->body, "{\"specversion\": \"1.0\", \"data\": \"");
	prose_add_paragraph(p, &in->body, BODY_BYTES);
	buf_add_c(&in->body, "\"}");
	kept_texts_free(texts);
	return rc;
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
	int rc;

	*in = (struct intake){ .n_items = n_items / INTAKE_POLL *
	    INTAKE_POLL };
	in->batches = calloc(n_items / INTAKE_POLL + n_items /
	    INTAKE_HIT_EVERY + 2, sizeof(*in->batches));
	if (p == NULL || in->batches == NULL) {
		prose_free(p);
		return -1;
	}
	cut_batches(in);
	rc = make_texts(in, p);
	prose_free(p);
	return in->body.failed ? -1 : rc;
}

void
intake_clear(struct intake *in)
{
	for (size_t i = 0; i < INTAKE_TEXTS; i++)
		buf_clear(&in->packed[i]);
	buf_clear(&in->body);
	free(in->batches);
	*in = (struct intake){ .n_items = 0 };
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
	*t = (struct item_text_row){ .id_hash = scatter(item + UINT64_C(1)),
		.seen_s = NOW_S, .published_s = NOW_S - item % 86400,
		.url_key = scatter(intake_feed(item) % 400) << 32 |
		    (scatter(item) & UINT32_MAX),
		.packed = buf_str(&in->packed[item % INTAKE_TEXTS]) };
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
