/* SPDX-License-Identifier: ISC */
#include "feeds/feed_front.h"

#include <string.h>

#include "feeds/dialect.h"

enum {
	NAME_MAX_BYTES = 12,	/* '<', the longest name, what ends it */
	BEGIN_MAX = 9		/* "<rdf:RDF>" */
};

void
feed_front_init(struct feed_front *f,
    int (*emit)(const char *, size_t, void *ctx), void *ctx)
{
	*f = (struct feed_front){ .emit = emit, .ctx = ctx };
	buf_init(&f->held, FEED_FRONT_MAX);
}

void
feed_front_clear(struct feed_front *f)
{
	buf_clear(&f->held);
}

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static bool
ends_name(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '>' ||
	    c == '/';
}

static bool
is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(str_from(name), str_from(names[i])))
			return true;
	return false;
}

/* Does HTML have it, but no page that begins with it? */
static bool
is_stray_html(const char *name)
{
	static const char *const of_pages[] = {
		"html", "head", "title", "body", "meta", "base", "script",
		"noscript", "style"
	}, *const of_text[] = { "b", "i", "hr", "pre", "span", "strong" };

	if (is_one_of(name, of_text, sizeof(of_text) / sizeof(of_text[0])))
		return true;
	return dialect_is_html(name) && !is_one_of(name, of_pages,
	    sizeof(of_pages) / sizeof(of_pages[0]));
}

/* What to do with a document that begins with what is held. */
static enum feed_front_state
judge_name(const struct feed_front *f)
{
	char name[NAME_MAX_BYTES] = "";
	size_t n = 0;

	while (n + 1 < f->held.n && is_alnum(f->held.p[n + 1])) {
		name[n] = f->held.p[n + 1];
		n++;
	}
	if (n + 1 == f->held.n)
		return n + 1 < NAME_MAX_BYTES ? FRONT_NAME : FRONT_OPEN;
	return ends_name(f->held.p[n + 1]) && is_stray_html(name) ?
	    FRONT_HOLDING : FRONT_OPEN;
}

/* Does a feed begin with these bytes? */
static bool
is_begin(struct str s)
{
	static const char *const begins[] = {
		"<?xml", "<rss", "<feed", "<rdf:RDF", "<RDF"
	};

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		struct str begin = str_from(begins[i]);

		if (s.n > begin.n && ends_name(s.p[begin.n]) &&
		    str_eq_nocase(str_sub(s, 0, begin.n), begin))
			return true;
	}
	return false;
}

/* Reads on in what is held; `whole`: it does not grow. */
static bool
find_begin(struct feed_front *f, bool whole)
{
	struct str held = buf_str(&f->held);

	for (; f->searched < held.n; f->searched++) {
		const char *from = held.p + f->searched;
		const char *q = memchr(from, '<', held.n - f->searched);

		f->searched = q != NULL ? (size_t)(q - held.p) : held.n;
		if (q == NULL || (!whole && held.n - f->searched < BEGIN_MAX))
			return false;
		if (is_begin(str_sub(held, f->searched, BEGIN_MAX)))
			return true;
	}
	return false;
}

/* What is held goes out, from the n-th byte on. */
static int
release(struct feed_front *f, size_t n)
{
	struct str out = str_sub(buf_str(&f->held), n, f->held.n);
	int rc = out.n > 0 ? f->emit(out.p, out.n, f->ctx) : 0;

	f->state = FRONT_OPEN;
	f->left_out = n > 0;
	buf_clear(&f->held);
	return rc;
}

/* Takes in as many of the n bytes as may be held now. */
static size_t
hold(struct feed_front *f, const char *p, size_t n)
{
	size_t max = f->state == FRONT_NAME ? NAME_MAX_BYTES : FEED_FRONT_MAX;
	size_t room = max - f->held.n;
	size_t take = n < room ? n : room;

	buf_add(&f->held, p, take);
	return take;
}

/* Has enough been held to say what this is? */
static int
judge(struct feed_front *f, bool whole)
{
	if (f->held.failed)
		return FEED_FRONT_NO_MEMORY;
	if (f->state == FRONT_NAME && f->held.n > 0)
		f->state = judge_name(f);
	if (f->state == FRONT_HOLDING) {
		whole = whole || f->held.n == FEED_FRONT_MAX;
		if (find_begin(f, whole))
			return release(f, f->searched);
	}
	return f->state == FRONT_OPEN || whole ? release(f, 0) : 0;
}

/* Text is nobody's matter here. */
static int
pass_text(struct feed_front *f, const char *p, size_t n, size_t *taken)
{
	const char *q = memchr(p, '<', n);

	*taken = q != NULL ? (size_t)(q - p) : n;
	if (q != NULL)
		f->state = FRONT_NAME;
	return *taken > 0 ? f->emit(p, *taken, f->ctx) : 0;
}

int
feed_front_push(struct feed_front *f, const char *p, size_t n)
{
	size_t taken = 0;
	int rc = 0;

	if (f->state == FRONT_TEXT)
		rc = pass_text(f, p, n, &taken);
	while (rc == 0 && taken < n && f->state != FRONT_OPEN) {
		taken += hold(f, p + taken, n - taken);
		rc = judge(f, false);
	}
	return rc == 0 && taken < n ? f->emit(p + taken, n - taken, f->ctx) :
	    rc;
}

int
feed_front_finish(struct feed_front *f)
{
	return f->state == FRONT_NAME || f->state == FRONT_HOLDING ?
	    judge(f, true) : 0;
}
