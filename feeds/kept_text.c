/* SPDX-License-Identifier: ISC */
#include "feeds/kept_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/squeeze.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/item_store.h"
#include "feeds/page_name.h"

enum {
	FORMAT = 1,
	LENGTH_BYTES = 3,		/* of each field, at most */
	RECORD_MOST = KEPT_TEXT_MOST + 1 + KEPT_FIELDS * LENGTH_BYTES,
	PACKED_MOST = RECORD_MOST + (RECORD_MOST >> 7) + 1024,
	SHORT_MOST = 64 << 10		/* of what is no text */
};

struct kept_texts {
	struct squeezer	*squeezer;
	struct buf	 record, packed;
};

struct kept_texts *
kept_texts_new(void)
{
	struct kept_texts *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	buf_init(&k->record, RECORD_MOST);
	buf_init(&k->packed, PACKED_MOST);
	k->squeezer = squeezer_new();
	if (k->squeezer != NULL)
		return k;
	kept_texts_free(k);
	return NULL;
}

void
kept_texts_free(struct kept_texts *k)
{
	if (k == NULL)
		return;
	squeezer_free(k->squeezer);
	buf_clear(&k->record);
	buf_clear(&k->packed);
	free(k);
}

/*
 * In
 */

/* The short ones first, then summary and content have what is left. */
static void
cut(struct kept_text *t)
{
	static const enum kept_field texts[] = { KEPT_SUMMARY, KEPT_CONTENT };
	size_t left = KEPT_TEXT_MOST;
	bool is_cut = false;
	struct str s;

	for (int f = 0; f < KEPT_FIELDS; f++) {
		if (f == KEPT_SUMMARY || f == KEPT_CONTENT)
			continue;
		s = utf8_cut(t->field[f], SHORT_MOST);
		is_cut = is_cut || s.n < t->field[f].n;
		t->field[f] = s;
		left -= s.n;
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		s = utf8_cut(t->field[texts[i]], left);
		is_cut = is_cut || s.n < t->field[texts[i]].n;
		t->field[texts[i]] = s;
		left -= s.n;
	}
	if (is_cut)
		t->field[KEPT_CUT] = STR("1");
}

static void
add_field(struct buf *to, struct str s)
{
	size_t n = s.n;

	while (n >= 0x80) {
		buf_add_char(to, (char)(n | 0x80));
		n >>= 7;
	}
	buf_add_char(to, (char)n);
	buf_add_str(to, s);
}

int
kept_text_pack(struct kept_texts *k, const struct kept_text *text,
    struct item_text_row *row)
{
	struct kept_text t = *text;

	cut(&t);
	buf_reset(&k->record);
	buf_reset(&k->packed);
	buf_add_char(&k->record, FORMAT);
	for (int f = 0; f < KEPT_FIELDS; f++)
		add_field(&k->record, t.field[f]);
	if (k->record.failed || squeeze(k->squeezer, buf_str(&k->record),
	    &k->packed) == -1)
		return -1;
	row->packed = buf_str(&k->packed);
	row->url_key = kept_text_url_key(t.field[KEPT_URL]);
	return 0;
}

/*
 * Out
 */

/* The next length of the record; false: there is none. */
static bool
take_length(struct str *left, size_t *n)
{
	*n = 0;
	for (unsigned shift = 0; shift < 7 * LENGTH_BYTES && left->n > 0;
	    shift += 7) {
		unsigned char c = (unsigned char)left->p[0];

		*left = str_sub(*left, 1, left->n);
		*n |= (size_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

static int
read_record(struct str left, struct kept_text *t, struct err *err)
{
	size_t n;

	if (left.n == 0 || left.p[0] != FORMAT)
		return err_set(err, "the text is of a newer version");
	left = str_sub(left, 1, left.n);
	for (int f = 0; f < KEPT_FIELDS; f++) {
		if (f >= KEPT_LEFT_OUT && left.n == 0)
			return 0;
		if (!take_length(&left, &n) || n > left.n)
			return err_set(err, "the text is damaged");
		t->field[f] = str_sub(left, 0, n);
		left = str_sub(left, n, left.n);
	}
	return 0;
}

int
kept_text_open(struct kept_texts *k, const struct item_text_row *row,
    struct kept_text *t, struct err *err)
{
	*t = (struct kept_text){ 0 };
	if (row->packed.n == 0) {
		t->field[KEPT_TITLE] = row->title;
		t->field[KEPT_CONTENT] = row->text;
		t->field[KEPT_URL] = row->url;
		return 0;
	}
	buf_reset(&k->record);
	if (unsqueeze(k->squeezer, row->packed, &k->record, err) == -1)
		return -1;
	return read_record(buf_str(&k->record), t, err);
}

/*
 * By URL
 */

/* Host and port of a canonical URL: what stands between "://" (and a user) and
 * the path. */
static struct str
site_of(struct str url)
{
	const char *begin = memchr(url.p, ':', url.n), *end, *at;
	struct str site;

	if (begin == NULL)
		return url;
	site = str_sub(url, (size_t)(begin - url.p) + 3, url.n);
	end = memchr(site.p, '/', site.n);
	site = str_sub(site, 0, end != NULL ? (size_t)(end - site.p) : site.n);
	at = memrchr(site.p, '@', site.n);
	return at != NULL ? str_sub(site, (size_t)(at - site.p) + 1, site.n) :
	    site;
}

/* Most are spelled so already, and to find that out is quick. */
static uint64_t
key_of(const char *url)
{
	struct buf canonical, name;
	uint64_t key = 0;

	buf_init(&canonical, 2 * URL_MAX_BYTES);
	buf_init(&name, 2 * URL_MAX_BYTES);
	if (!url_is_canonical(url))
		url = url_canonical(&canonical, url) ?
		    buf_cstr(&canonical) : "";
	if (page_name_key(&name, url))
		key = digest_hash64(0, site_of(buf_str(&name))) << 32 |
		    (digest_hash64(0, buf_str(&name)) & UINT32_MAX);
	buf_clear(&canonical);
	buf_clear(&name);
	return key;
}

uint64_t
kept_text_url_key(struct str url)
{
	char copy[URL_MAX_BYTES + 1];

	if (url.n > URL_MAX_BYTES || url.n == 0 ||
	    memchr(url.p, '\0', url.n) != NULL)
		return 0;
	memcpy(copy, url.p, url.n);
	copy[url.n] = '\0';
	return key_of(copy);
}
