/* SPDX-License-Identifier: ISC */
/* base/item: a copy needs nothing of what it was made from. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/item.h"

enum { MAX_SLICES = 512, WORD = 8 };

static char text[MAX_SLICES][WORD];
static size_t n_texts;

static struct str
word(void)
{
	size_t i = n_texts++;

	assert_true(i < MAX_SLICES);
	snprintf(text[i], WORD, "w%zu", i);
	return str_from(text[i]);
}

static void
fill(struct item *it)
{
	*it = (struct item){ .id = word(), .url = word(), .title = word(),
		.summary = { word(), TEXT_HTML, word() },
		.content = { word(), TEXT_PLAIN, word() },
		.language = word(), .published = 7,
		.n_authors = ITEM_MAX_AUTHORS, .n_tags = ITEM_MAX_TAGS,
		.n_attachments = ITEM_MAX_ATTACHMENTS };
	for (size_t i = 0; i < it->n_authors; i++)
		it->authors[i] = (struct item_person){ word(), word(),
			word() };
	for (size_t i = 0; i < it->n_tags; i++)
		it->tags[i] = word();
	for (size_t i = 0; i < it->n_attachments; i++)
		it->attachments[i] = (struct item_attachment){ word(), word(),
			3 };
	it->id_base = word();
}

/*
 * Every slice of the item was filled from `text`: no pointer of the copy may
 * lead there any more, whichever field it stands in. So a field that is added
 * to the struct and filled here must be copied too.
 */
static void
no_slice_is_shared(void **state)
{
	struct arena *arena = arena_new(64 << 10);
	struct item from, to;
	const char *p;

	(void)state;
	fill(&from);
	assert_int_equal(item_copy(arena, &from, &to), 0);
	for (size_t at = 0; at + sizeof(p) <= sizeof(to);
	    at += _Alignof(struct item)) {
		memcpy(&p, (const char *)&to + at, sizeof(p));
		assert_false((uintptr_t)p >= (uintptr_t)text &&
		    (uintptr_t)p < (uintptr_t)text + sizeof(text));
	}
	memset(text, 'x', sizeof(text));
	assert_true(str_eq_c(to.id, "w0"));
	assert_true(str_eq_c(to.content.base, "w6"));
	assert_true(str_eq_c(to.authors[ITEM_MAX_AUTHORS - 1].url, "w55"));
	assert_int_equal(to.attachments[0].bytes, 3);
	assert_int_equal(to.published, 7);
	arena_free(arena);
}

static void
a_full_arena_is_told(void **state)
{
	struct arena *arena = arena_new(64);
	struct item from, to;

	(void)state;
	n_texts = 0;
	fill(&from);
	assert_int_equal(item_copy(arena, &from, &to), -1);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_slice_is_shared),
		cmocka_unit_test(a_full_arena_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
