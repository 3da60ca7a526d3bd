/* SPDX-License-Identifier: ISC */
/*
 * Whatever a text or a blob holds. The bytes are read as a signature's blob,
 * which is refused, or is the same when it is written again; and as an article,
 * whose signature is within its bounds, is the same twice, and goes through a
 * window where it stands beside itself. In a block of its own length, so that
 * sanitizers see what is read beyond it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "filters/document.h"
#include "filters/story_sign.h"
#include "filters/story_window.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
require_bounds(const struct story_sign *sign)
{
	require(sign->n_parts <= STORY_SIGN_MAX_PARTS);
	require(sign->days < 1 << 7);
}

static void
read_blob(struct str bytes)
{
	struct story_sign sign;
	struct buf again;

	if (story_sign_read(&sign, bytes) == -1)
		return;
	require_bounds(&sign);
	buf_init(&again, STORY_SIGN_MAX_BYTES);
	story_sign_write(&sign, &again);
	require(!again.failed && str_eq(buf_str(&again), bytes));
	buf_clear(&again);
}

static void
pass(const struct story_sign *sign)
{
	static const struct story_window_limits limits = { .max_items = 16,
		.max_bytes = 1 << 20, .keep_s = 3600 };
	struct story_window *w = story_window_new(&limits);
	struct story_verdict v;

	require(w != NULL);
	for (uint64_t i = 1; i <= 3; i++)
		story_window_add(w, &(struct story_item){ .number = i,
		    .key = i, .time_s = (int64_t)i, .site = i }, sign, &v);
	require(sign->text == 0 || (v.is_copy && v.copy_of == 1 &&
	    v.story == 1 && v.items == 3 && v.copies == 2));
	story_window_free(w);
}

static void
make(struct str bytes)
{
	static struct story_signer *signer;
	struct story_sign a, b;
	struct document doc;
	struct buf blob;

	if (signer == NULL)
		signer = story_signer_new();
	require(signer != NULL);
	document_of_text(&doc, bytes);
	story_sign_make(signer, &doc, NULL, NULL, 0, &a);
	story_sign_make(signer, &doc, NULL, NULL, 0, &b);
	require_bounds(&a);
	buf_init(&blob, STORY_SIGN_MAX_BYTES);
	story_sign_write(&a, &blob);
	require(!blob.failed && story_sign_read(&b, buf_str(&blob)) == 0);
	require(a.text == b.text && a.n_parts == b.n_parts &&
	    memcmp(a.part, b.part, sizeof(a.part[0]) * a.n_parts) == 0);
	buf_clear(&blob);
	pass(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1);

	require(copy != NULL);
	if (n > 0)
		memcpy(copy, data, n);
	read_blob((struct str){ copy, n });
	make((struct str){ copy, n });
	free(copy);
	return 0;
}
