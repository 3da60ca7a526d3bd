/* SPDX-License-Identifier: ISC */
/* Two tables of the same words: a document's fields and a record's. */
#include "daemon/keeper.h"

#include <stdlib.h>

#include "base/item.h"
#include "daemon/batch.h"
#include "daemon/item_text.h"
#include "daemon/judge.h"

/* Room for text that is kept; a larger item's is freed. */
enum { KEPT_ROOM = 1 << 20 };

struct keeper {
	struct item_text	 text;
	struct kept_texts	*texts;
};

static const struct {
	enum field		field;
	enum kept_field		kept;
} pairs[] = {
	{ FIELD_TITLE,		KEPT_TITLE },
	{ FIELD_SUMMARY,	KEPT_SUMMARY },
	{ FIELD_CONTENT,	KEPT_CONTENT },
	{ FIELD_AUTHOR,		KEPT_AUTHORS },
	{ FIELD_TAG,		KEPT_TAGS },
	{ FIELD_URL,		KEPT_URL },
	{ FIELD_FEED,		KEPT_FEED },
};

enum { N_PAIRS = sizeof(pairs) / sizeof(pairs[0]) };

struct keeper *
keeper_new(void)
{
	struct keeper *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	item_text_init(&k->text);
	k->texts = kept_texts_new();
	if (k->texts != NULL)
		return k;
	keeper_free(k);
	return NULL;
}

void
keeper_free(struct keeper *k)
{
	if (k == NULL)
		return;
	item_text_clear(&k->text);
	kept_texts_free(k->texts);
	free(k);
}

static void
give_back(struct item_text *t)
{
	if (t->summary.cap + t->content.cap + t->authors.cap + t->tags.cap <=
	    KEPT_ROOM)
		return;
	item_text_clear(t);
	item_text_init(t);
}

static int
add(struct keeper *k, const struct judge_item *it,
    const struct keeper_how *how, struct batch *batch)
{
	struct item_text_row row = { .id_hash = how->id_hash,
		.part = how->part, .passed_over = how->passed_over,
		.seen_s = it->wall_s, .published_s = it->item->published };
	struct kept_text text = { 0 };
	struct document doc = { .text[FIELD_FEED] = it->feed_title };

	if (item_text_fill(&k->text, it->item, &doc) == -1)
		return -1;
	for (size_t i = 0; i < N_PAIRS; i++)
		text.field[pairs[i].kept] = doc.text[pairs[i].field];
	text.field[KEPT_NAME] = it->name;
	text.field[KEPT_SITE] = it->site;
	text.field[KEPT_LANGUAGE] = it->language;
	if (kept_text_pack(k->texts, &text, &row) == -1)
		return -1;
	return batch_add_item(batch, &row);
}

int
keeper_add(struct keeper *k, const struct judge_item *it,
    const struct keeper_how *how, struct batch *batch)
{
	int rc = add(k, it, how, batch);

	give_back(&k->text);
	return rc;
}

/* As old as it was when topics saw it. */
int
keeper_open(struct keeper *k, const struct item_text_row *row,
    struct kept_item *it, struct err *err)
{
	*it = (struct kept_item){ .doc = { .age_s = 0 } };
	if (kept_text_open(k->texts, row, &it->text, err) == -1)
		return -1;
	for (size_t i = 0; i < N_PAIRS; i++)
		it->doc.text[pairs[i].field] = it->text.field[pairs[i].kept];
	it->doc.site = it->text.field[KEPT_SITE];
	it->doc.language = it->text.field[KEPT_LANGUAGE];
	if (row->published_s != ITEM_NO_TIME && row->published_s < row->seen_s)
		it->doc.age_s = row->seen_s - row->published_s;
	return 0;
}
