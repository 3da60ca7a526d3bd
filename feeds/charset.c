/* SPDX-License-Identifier: ISC */
/*
 * Keeps the document's head until it is known which charset is asked for; then
 * passes on what is ASCII, and where the bytes have a say keeps those from the
 * first other one on until they have said it:
 *
 *	head -> decide -> [ASCII ... -> held -> settle] -> decode
 */
#include "feeds/charset.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "feeds/charset_decode.h"
#include "feeds/charset_guess.h"
#include "feeds/charset_label.h"

enum {
	HEAD_MAX = 1024,
	HELD_MAX = 4096,	/* what the detector is shown */
	JUDGED_MAX = 1024,	/* so many valid bytes are UTF-8 */
	UTF8_ENOUGH = 6		/* see weight_of */
};

/* What the bytes from the first that is not ASCII on have a say in. */
enum watch {
	WATCH_NOT,		/* nothing: none is looked at */
	WATCH_NAME,		/* whether it is all ASCII */
	WATCH_GUESS,		/* which charset */
	WATCH_RIVALS		/* which of two labels */
};

enum verdict { VERDICT_NONE, VERDICT_UTF8, VERDICT_NOT_UTF8 };

struct charset {
	struct charset_decode	 decode;
	bool			 decided;	/* the head is done with */
	bool			 holding;
	enum watch		 watch;
	enum verdict		 verdict, rival_wins_if;
	const char		*name;
	char			 rival[CHARSET_LABEL_MAX];
	char			 own_name[CHARSET_LABEL_MAX];
	char			 header[CHARSET_LABEL_MAX];	/* its label */
	bool			 names_header;	/* it has one, good or bad */
	bool			 has_header;	/* its label is in use */
	bool			 wrong_label;	/* see the header */
	bool			 frozen;
	size_t			 n_bad;		/* not counted any more */
	bool			 is_guess;
	bool			 is_ascii_text;	/* text/..., all ASCII yet */
	size_t			 n_head, n_held;
	size_t			 n_judged;
	unsigned		 weight;	/* of the UTF-8 seen */
	char			 head[HEAD_MAX];
	char			*held;		/* HELD_MAX, while holding */
};

/* One for each document that is being read. */
_Static_assert(sizeof(struct charset) <= 6 << 10, "a charset is small");

/*
 * What the first four bytes look like; `mask`: 1 this byte, 2 white space or
 * '<', 0 any; `mark`: how many of them to drop.
 */
static const struct pattern {
	const char		*bytes, *mask;
	size_t			 n, mark;
	enum charset_how	 how;
	bool			 little_endian;
	const char		*name;
} patterns[] = {
	{ "\xff\xfe\0\0", "\1\1\1\1", 4, 4, DECODE_UTF32, true, "utf-32le" },
	{ "\0\0\xfe\xff", "\1\1\1\1", 4, 4, DECODE_UTF32, false, "utf-32be" },
	{ "\xff\xfe", "\1\1", 2, 2, DECODE_UTF16, true, "utf-16le" },
	{ "\xfe\xff", "\1\1", 2, 2, DECODE_UTF16, false, "utf-16be" },
	{ "\xef\xbb\xbf", "\1\1\1", 3, 3, DECODE_NOT, false, "utf-8" },
	{ "\0\0\0\0", "\2\1\1\1", 4, 0, DECODE_UTF32, true, "utf-32le" },
	{ "\0\0\0\0", "\1\1\1\2", 4, 0, DECODE_UTF32, false, "utf-32be" },
	{ "\0\0\0\0", "\2\1\0\1", 4, 0, DECODE_UTF16, true, "utf-16le" },
	{ "\0\0\0\0", "\1\2\1\0", 4, 0, DECODE_UTF16, false, "utf-16be" },
	{ NULL, NULL, 0, 0, DECODE_NOT, false, NULL }
};

/* RFC 3023, 3.1, and RFC 2046, 4.1.2. */
static bool
is_text(struct str content_type)
{
	return str_eq_nocase(str_sub(str_trim(content_type), 0, 5),
	    STR("text/"));
}

static void
keep_label(char kept[CHARSET_LABEL_MAX], struct str label)
{
	label = str_trim(label);
	if (label.n == 0 || label.n >= CHARSET_LABEL_MAX)
		return;
	memcpy(kept, label.p, label.n);
	kept[label.n] = '\0';
}

static bool
is_blank(char c)
{
	return c == '<' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
fits(const struct pattern *p, const char *head, size_t n_head)
{
	if (n_head < p->n)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if ((p->mask[i] == 1 && p->bytes[i] != head[i]) ||
		    (p->mask[i] == 2 && !is_blank(head[i])))
			return false;
	return true;
}

static const struct pattern *
find_pattern(const struct charset *c)
{
	for (const struct pattern *p = patterns; p->bytes != NULL; p++)
		if (fits(p, c->head, c->n_head))
			return p;
	return NULL;
}

/*
 * glibc's converter of ISO-2022-CN-EXT has run over its buffer (CVE-2024-2961)
 * and still loses count of its input; no feed is written in it or its like.
 */
static bool
is_refused(const char *name)
{
	static const char refused[] = "iso2022cn";
	const char *want = refused;

	if (str_eq_nocase(str_sub(str_from(name), 0, 2), STR("cs")))
		name += 2;
	for (; *want != '\0' && *name != '\0'; name++) {
		if (*name == '-' || *name == '_' || *name == '.' ||
		    *name == ':')
			continue;
		if ((*name | 0x20) != (*want | 0x20))
			return false;
		want++;
	}
	return *want == '\0';
}

/* Without a row in the table: by iconv's own names. */
static bool
use_foreign_label(struct charset *c, struct str label)
{
	char *name = c->own_name;

	if (!charset_label_clean(label, name) || is_refused(name))
		return false;
	if (!charset_decode_use_iconv(&c->decode, name)) {
		charset_label_fold(name);
		if (!charset_decode_use_iconv(&c->decode, name))
			return false;
	}
	c->name = c->own_name;
	return true;
}

static bool
use_label(struct charset *c, struct str label)
{
	const struct charset_label *found = charset_label_find(label);

	if (found == NULL)
		return use_foreign_label(c, label);
	if (found->iconv == NULL)
		charset_decode_use(&c->decode, DECODE_NOT, false);
	else if (str_eq_c(str_from(found->iconv), "CP1252"))
		charset_decode_use(&c->decode, DECODE_1252, false);
	else if (!charset_decode_use_iconv(&c->decode, found->iconv))
		return false;
	c->name = found->name;
	return true;
}

struct charset *
charset_new(struct str content_type,
    int (*emit)(const char *, size_t, void *ctx), void *ctx)
{
	struct charset *c = calloc(1, sizeof(*c));
	struct str label = charset_label_in_header(content_type);

	if (c == NULL)
		return NULL;
	charset_decode_init(&c->decode, emit, ctx);
	c->name = "utf-8";
	c->names_header = label.n > 0;
	keep_label(c->header, label);
	c->has_header = use_label(c, label);
	c->is_ascii_text = is_text(content_type) && !c->has_header;
	return c;
}

void
charset_free(struct charset *c)
{
	if (c == NULL)
		return;
	charset_decode_clear(&c->decode);
	free(c->held);
	free(c);
}

static bool
is_utf8_label(struct str label)
{
	const struct charset_label *found = charset_label_find(label);

	return found != NULL && found->iconv == NULL;
}

/* The header's label is one that servers put on everything. */
static bool
can_have_rival(const struct charset *c)
{
	struct str name = str_from(c->name);

	return str_eq_c(name, "utf-8") || str_eq_c(name, "iso-8859-1") ||
	    str_eq_c(name, "us-ascii");
}

/* The header's label is in use; does the declaration's rival it? */
static void
consider_rival(struct charset *c, struct str declared)
{
	bool is_utf8 = str_eq_c(str_from(c->name), "utf-8");

	if (!can_have_rival(c) || is_utf8 == is_utf8_label(declared))
		return;
	c->watch = WATCH_RIVALS;
	c->rival_wins_if = is_utf8 ? VERDICT_NOT_UTF8 : VERDICT_UTF8;
	keep_label(c->rival, declared);
}

static void
decide_by_labels(struct charset *c, bool is_declared, struct str declared)
{
	if (c->has_header) {
		if (is_declared)
			consider_rival(c, declared);
		return;
	}
	c->watch = c->is_ascii_text ? WATCH_NAME : WATCH_NOT;
	if (is_declared && use_label(c, declared))
		return;
	c->is_guess = true;
	c->watch = WATCH_GUESS;
}

/* Does a label mean UTF-16 or UTF-32, as they are read? */
static bool
means_wide(const struct charset *c, const char *label)
{
	static const char *const names_16[] = {
		"ucs-2", "iso-10646-ucs-2", "csunicode", "unicode"
	}, *const names_32[] = { "ucs-4", "iso-10646-ucs-4", "csucs4" };
	bool is_16 = c->decode.how == DECODE_UTF16;
	const char *const *names = is_16 ? names_16 : names_32;
	size_t n = is_16 ? sizeof(names_16) / sizeof(names_16[0]) :
	    sizeof(names_32) / sizeof(names_32[0]);

	if (str_eq_c(str_sub(str_from(c->name), 0, 6), label))
		return true;			/* "utf-16" */
	for (size_t i = 0; i < n; i++)
		if (strcmp(label, names[i]) == 0)
			return true;
	return strcmp(label, c->name) == 0;
}

/* Does the label mean the charset that the bytes are read as? */
static bool
is_true(const struct charset *c, struct str label)
{
	const struct charset_label *said = charset_label_find(label);
	const struct charset_label *used =
	    charset_label_find(str_from(c->name));
	char name[CHARSET_LABEL_MAX], own[CHARSET_LABEL_MAX];

	if (said != NULL && used != NULL)
		return said->iconv == used->iconv || (said->iconv != NULL &&
		    used->iconv != NULL && strcmp(said->iconv,
		    used->iconv) == 0);
	if (said != NULL || !charset_label_clean(label, name))
		return false;
	charset_label_fold(name);
	if (c->decode.how == DECODE_UTF16 || c->decode.how == DECODE_UTF32)
		return means_wide(c, name);
	if (!charset_label_clean(str_from(c->name), own))
		return false;
	charset_label_fold(own);
	return strcmp(name, own) == 0;
}

static void
judge_labels(struct charset *c, bool is_declared, struct str declared)
{
	c->wrong_label =
	    (c->names_header && !is_true(c, str_from(c->header))) ||
	    (is_declared && !is_true(c, declared));
}

/* A declaration in UTF-16 is ASCII but for its zeros. */
static size_t
drop_zeros(const struct charset *c, size_t mark, char plain[HEAD_MAX])
{
	size_t n = 0;

	for (size_t i = mark; i < c->n_head; i++)
		if (c->head[i] != '\0')
			plain[n++] = c->head[i];
	return n;
}

/* The bytes say it; what labels say is compared only. False: more is needed. */
static bool
decide_by_pattern(struct charset *c, const struct pattern *p, bool whole)
{
	char plain[HEAD_MAX];
	struct str head = { plain, drop_zeros(c, p->mark, plain) };
	struct str label = STR_NONE;
	enum charset_where where = charset_label_in_head(head, &label);

	if (where == CHARSET_NEED_MORE && !whole && c->n_head < HEAD_MAX)
		return false;
	charset_decode_use(&c->decode, p->how, p->little_endian);
	c->name = p->name;
	c->is_ascii_text = false;
	judge_labels(c, where == CHARSET_FOUND, label);
	return true;
}

/* True when it is done; *mark: how many bytes of the head to drop. */
static bool
decide(struct charset *c, bool whole, size_t *mark)
{
	struct str head = { c->head, c->n_head }, label = STR_NONE;
	enum charset_where where;
	const struct pattern *p;

	*mark = 0;
	if (head.n < 4 && !whole)
		return false;
	if ((p = find_pattern(c)) != NULL) {
		*mark = p->mark;
		return decide_by_pattern(c, p, whole);
	}
	where = charset_label_in_head(head, &label);
	if (where == CHARSET_NEED_MORE && !whole && head.n < HEAD_MAX)
		return false;
	decide_by_labels(c, where == CHARSET_FOUND, label);
	judge_labels(c, where == CHARSET_FOUND, label);
	return true;
}

/* Do the n bytes that are left begin a sequence, bad for want of more? */
static bool
is_begun(const char *p, size_t n, size_t bad_length)
{
	unsigned char lead = (unsigned char)p[0];
	size_t need = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

	return lead >= 0xC2 && lead <= 0xF4 && bad_length == n && n < need;
}

/*
 * How far a good sequence goes to show that this is UTF-8. Two letters of
 * other charsets make a short one now and then; so do three of Thai, as in the
 * word for "model". No letter of those stands below A0.
 */
static unsigned
weight_of(const char *p, size_t n)
{
	bool has_low_tail = false;

	for (size_t i = 1; i < n; i++)
		if ((unsigned char)p[i] < 0xA0)
			has_low_tail = true;
	if (n < 2)
		return 0;
	if (n == 2)
		return has_low_tail ? UTF8_ENOUGH / 3 : UTF8_ENOUGH / 6;
	return has_low_tail ? UTF8_ENOUGH : UTF8_ENOUGH / 3;
}

/* Reads on in what is held, which begins with a byte that is not ASCII. */
static enum verdict
judge(struct charset *c, bool whole)
{
	while (c->n_judged < c->n_held) {
		const char *p = c->held + c->n_judged;
		size_t n = c->n_held - c->n_judged, len;
		uint32_t code = utf8_decode(p, n, &len);

		if (code == UTF8_REPLACEMENT && !(len == 3 && p[0] == '\xEF')) {
			if (!is_begun(p, n, len))
				return VERDICT_NOT_UTF8;
			break;
		}
		c->n_judged += len;
		c->weight += weight_of(p, len);
		if (c->weight >= UTF8_ENOUGH || c->n_judged >= JUDGED_MAX)
			return VERDICT_UTF8;
	}
	if (!whole)
		return VERDICT_NONE;
	return c->weight > 0 ? VERDICT_UTF8 : VERDICT_NOT_UTF8;
}

static void
use_guess(struct charset *c)
{
	struct str held = { c->held, c->n_held };
	const struct charset_guess *guess = charset_guess(held);

	if (guess == NULL ||
	    !charset_decode_use_iconv(&c->decode, guess->iconv))
		return;
	c->name = guess->name;
	c->is_guess = false;
}

/* What is held goes out when the bytes have said which charset they are in. */
static void
settle(struct charset *c, bool whole)
{
	size_t n = c->n_held;

	if (c->verdict == VERDICT_NONE)
		c->verdict = judge(c, whole);
	if (c->verdict == VERDICT_NONE)
		return;
	if (c->watch == WATCH_GUESS && c->verdict == VERDICT_NOT_UTF8) {
		if (n < HELD_MAX && !whole)
			return;
		use_guess(c);
	}
	if (c->watch == WATCH_RIVALS && c->verdict == c->rival_wins_if)
		(void)use_label(c, str_from(c->rival));	/* else: as it was */
	c->holding = false;
	c->watch = WATCH_NOT;
	c->n_held = 0;
	(void)charset_decode(&c->decode, c->held, n);	/* kept in stopped */
	free(c->held);
	c->held = NULL;
}

static int
hold(struct charset *c, const char *p, size_t n)
{
	while (n > 0 && c->holding) {
		size_t room = HELD_MAX - c->n_held;
		size_t take = room < n ? room : n;

		memcpy(c->held + c->n_held, p, take);
		c->n_held += take;
		p += take;
		n -= take;
		settle(c, false);
	}
	if (c->decode.stopped != 0 || n == 0)
		return c->decode.stopped;
	return charset_decode(&c->decode, p, n);
}

/*
 * The ASCII goes out first: if that is the end of what anybody wants, then
 * nothing behind it may count.
 */
static int
watch(struct charset *c, const char *p, size_t n)
{
	size_t ascii = charset_count_ascii(p, n);

	if (charset_decode(&c->decode, p, ascii) != 0 || ascii == n)
		return c->decode.stopped;
	if (c->frozen)
		return charset_decode(&c->decode, p + ascii, n - ascii);
	c->is_ascii_text = false;
	if (c->watch == WATCH_NAME) {
		c->watch = WATCH_NOT;
		return charset_decode(&c->decode, p + ascii, n - ascii);
	}
	c->held = malloc(HELD_MAX);
	if (c->held == NULL) {
		c->decode.stopped = CHARSET_NO_MEMORY;
		return c->decode.stopped;
	}
	c->holding = true;
	return hold(c, p + ascii, n - ascii);
}

static int
take(struct charset *c, const char *p, size_t n)
{
	if (c->holding)
		return hold(c, p, n);
	if (c->watch != WATCH_NOT)
		return watch(c, p, n);
	return charset_decode(&c->decode, p, n);
}

/* The head goes down the same way. */
static int
take_head(struct charset *c, size_t mark)
{
	c->decided = true;
	return take(c, c->head + mark, c->n_head - mark);
}

int
charset_push(struct charset *c, const char *p, size_t n)
{
	size_t room = HEAD_MAX - c->n_head, part, mark;

	if (c->decode.stopped != 0 || n == 0)
		return c->decode.stopped;
	if (c->decided)
		return take(c, p, n);
	part = room < n ? room : n;
	memcpy(c->head + c->n_head, p, part);
	c->n_head += part;
	if (!decide(c, false, &mark))
		return 0;
	if (take_head(c, mark) != 0 || n == part)
		return c->decode.stopped;
	return take(c, p + part, n - part);
}

int
charset_flush(struct charset *c)
{
	size_t mark;

	if (!c->decided) {
		(void)decide(c, true, &mark);	/* always decides */
		(void)take_head(c, mark);	/* kept in stopped */
	}
	if (c->holding)
		settle(c, true);
	return c->decode.stopped;
}

int
charset_finish(struct charset *c)
{
	(void)charset_flush(c);		/* kept in stopped */
	charset_freeze(c);
	return charset_decode_finish(&c->decode);
}

void
charset_freeze(struct charset *c)
{
	if (!c->frozen)
		c->n_bad = c->decode.n_bad;
	c->frozen = true;
}

/* What has shifts is not ASCII, though its bytes are. */
const char *
charset_name(const struct charset *c)
{
	bool has_shifts = str_starts(str_from(c->name), STR("iso-2022"));

	if (!c->decided)
		return "utf-8";
	return c->is_ascii_text && !has_shifts ? "us-ascii" : c->name;
}

bool
charset_is_guess(const struct charset *c)
{
	return c->is_guess;
}

size_t
charset_n_bad(const struct charset *c)
{
	return c->frozen ? c->n_bad : c->decode.n_bad;
}

bool
charset_has_wrong_label(const struct charset *c)
{
	return c->wrong_label;
}
