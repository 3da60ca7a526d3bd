/* SPDX-License-Identifier: ISC */
/* Two tables of the same words: a document's fields and a record's. */
#include "daemon/keeper.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/item.h"
#include "daemon/batch.h"
#include "daemon/judge.h"
#include "daemon/left_out.h"

struct keeper {
	struct left_out		*left_out;
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
	k->left_out = left_out_new();
	k->texts = kept_texts_new();
	if (k->left_out != NULL && k->texts != NULL)
		return k;
	keeper_free(k);
	return NULL;
}

void
keeper_free(struct keeper *k)
{
	if (k == NULL)
		return;
	left_out_free(k->left_out);
	kept_texts_free(k->texts);
	free(k);
}

int
keeper_add(struct keeper *k, const struct judge_item *it,
    const struct keeper_how *how, struct batch *batch)
{
	const struct document *doc = it->text->whole;
	struct item_text_row row = { .id_hash = how->id_hash,
		.part = how->part, .passed_over = how->passed_over,
		.seen_s = it->wall_s, .published_s = it->item->published };
	struct kept_text text = { 0 };

	for (size_t i = 0; i < N_PAIRS; i++)
		text.field[pairs[i].kept] = doc->text[pairs[i].field];
	text.field[KEPT_FEED] = it->names;
	text.field[KEPT_NAME] = it->name;
	text.field[KEPT_SITES] = it->sites;
	text.field[KEPT_LANGUAGE] = it->language;
	text.field[KEPT_LEFT_OUT] = it->text->places;
	if (kept_text_pack(k->texts, &text, &row) == -1)
		return -1;
	return batch_add_item(batch, &row);
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
	it->doc.sites = it->text.field[KEPT_SITES];
	it->doc.language = it->text.field[KEPT_LANGUAGE];
	if (row->published_s != ITEM_NO_TIME && row->published_s < row->seen_s)
		it->doc.age_s = row->seen_s - row->published_s;
	return left_out_again(k->left_out, &it->doc,
	    it->text.field[KEPT_LEFT_OUT], &it->seen) == 0 ? 0 :
	    err_set(err, "out of memory");
}
