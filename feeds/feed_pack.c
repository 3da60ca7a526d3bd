/* SPDX-License-Identifier: ISC */
/*
 * A row of the table for each field; a new field of struct feed_state is a new
 * row. A field that has the value expected of it costs nothing but its bit, so
 * that fields which are rarely used stand last, where their bits cost nothing
 * either.
 */
#include "feeds/feed_pack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/time_text.h"
#include "feeds/feed_store.h"

enum kind { LAST, TIME, SECONDS, STATUS, NUMBER, UNSIGNED, BITS_32, BITS_8,
    FLAG, HASH, TEXT, DATE };

/* Expected is of LAST a day of the year 2027 (so that four bytes tell it from
 * 2022 to 2031), of TIME that it is LAST, of STATUS that nothing is new, of all
 * else 0. */
#define LAST_S	INT64_C(1800000000)
enum { NOT_MODIFIED = 304 };

#define ROW(kind, member)	{ kind, offsetof(struct feed_state, member) }
static const struct row {
	enum kind	kind;
	size_t		offset;
} rows[] = {
	/* First: times are counted from it. */
	ROW(LAST,	last_asked_s),
	ROW(FLAG,	baseline_done),
	ROW(STATUS,	status),
	ROW(TIME,	last_good_s),
	ROW(TIME,	listed_s),
	ROW(TIME,	due_s),
	ROW(TIME,	first_asked_s),
	ROW(TEXT,	etag),
	ROW(DATE,	last_modified),
	ROW(HASH,	body_hash),
	ROW(SECONDS,	rhythm_s),
	ROW(SECONDS,	items_total),
	ROW(NUMBER,	items_listed),
	ROW(NUMBER,	items_new),
	ROW(SECONDS,	hint_s),
	ROW(SECONDS,	fresh_s),
	ROW(TIME,	news_s),
	ROW(SECONDS,	id),
	ROW(TEXT,	validators_url),
	ROW(UNSIGNED,	failures),
	ROW(TEXT,	trouble),
	ROW(NUMBER,	gaps),
	ROW(UNSIGNED,	haste),
	ROW(SECONDS,	gap_at_s),
	ROW(NUMBER,	duplicate_ids),
	ROW(NUMBER,	ids_moved),
	ROW(FLAG,	gone),
	ROW(FLAG,	quiet),
	ROW(BITS_32,	skip_hours),
	ROW(BITS_8,	skip_days),
	ROW(TEXT,	asked_url),
	ROW(TEXT,	move_url),
	ROW(NUMBER,	move_seen),
	ROW(SECONDS,	move_since_s),
	ROW(TEXT,	kept_from),
	ROW(TEXT,	same_as),
};
#undef ROW

enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };
_Static_assert(N_ROWS <= 64, "a bit for each");

enum { FIXDATE_LENGTH = 29 };

/*
 * Fields
 */

static void
load(const struct feed_state *st, const struct row *row, void *to, size_t n)
{
	memcpy(to, (const char *)st + row->offset, n);
}

static void
store(struct feed_state *st, const struct row *row, const void *from, size_t n)
{
	memcpy((char *)st + row->offset, from, n);
}

/* A number's bits, the sign carried on. */
static uint64_t
get(const struct feed_state *st, const struct row *row)
{
	int64_t s = 0;
	int number = 0;
	unsigned count = 0;
	uint32_t bits = 0;
	uint8_t few = 0;
	bool flag = false;

	switch (row->kind) {
	case LAST:
	case TIME:
	case SECONDS:
	case HASH:
		load(st, row, &s, sizeof(s));
		break;
	case STATUS:
	case NUMBER:
		load(st, row, &number, sizeof(number));
		s = number;
		break;
	case UNSIGNED:
		load(st, row, &count, sizeof(count));
		s = count;
		break;
	case BITS_32:
		load(st, row, &bits, sizeof(bits));
		s = bits;
		break;
	case BITS_8:
		load(st, row, &few, sizeof(few));
		s = few;
		break;
	case FLAG:
		load(st, row, &flag, sizeof(flag));
		s = flag;
		break;
	case TEXT:
	case DATE:
		break;		/* no number */
	}
	return (uint64_t)s;
}

static void
put(struct feed_state *st, const struct row *row, uint64_t value)
{
	const int number = (int)(int64_t)value;
	const unsigned count = (unsigned)value;
	const uint32_t bits = (uint32_t)value;
	const uint8_t few = (uint8_t)value;
	const bool flag = value != 0;

	switch (row->kind) {
	case LAST:
	case TIME:
	case SECONDS:
	case HASH:
		store(st, row, &value, sizeof(value));
		break;
	case STATUS:
	case NUMBER:
		store(st, row, &number, sizeof(number));
		break;
	case UNSIGNED:
		store(st, row, &count, sizeof(count));
		break;
	case BITS_32:
		store(st, row, &bits, sizeof(bits));
		break;
	case BITS_8:
		store(st, row, &few, sizeof(few));
		break;
	case FLAG:
		store(st, row, &flag, sizeof(flag));
		break;
	case TEXT:
	case DATE:
		break;
	}
}

static const char *
get_text(const struct feed_state *st, const struct row *row)
{
	const char *s;

	load(st, row, &s, sizeof(s));
	return s;
}

static bool
is_text(const struct row *row)
{
	return row->kind == TEXT || row->kind == DATE;
}

static uint64_t
expected(const struct feed_state *st, const struct row *row)
{
	if (row->kind == LAST)
		return (uint64_t)LAST_S;
	if (row->kind == STATUS)
		return NOT_MODIFIED;
	return row->kind == TIME ? (uint64_t)st->last_asked_s : 0;
}

/*
 * Dates: "Sun, 06 Nov 1994 08:49:37 GMT"
 */

static const char shape[] = "ddd, 00 mmm 0000 00:00:00 GMT";
/* 1970-01-01 was a Thursday; no server's day is before it. */
static const char weekdays[] = "ThuFriSatSunMonTueWed";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static void
write_fixdate(int64_t unix_s, char out[FIXDATE_LENGTH])
{
	char t[TIME_TEXT_SIZE];
	int month;

	time_text_rfc3339(unix_s, t);	/* 1994-11-06T08:49:37Z */
	month = (t[5] - '0') * 10 + t[6] - '0';
	memcpy(out, shape, FIXDATE_LENGTH);
	memcpy(out, weekdays + unix_s / 86400 % 7 * 3, 3);
	memcpy(out + 5, t + 8, 2);
	memcpy(out + 8, months + (size_t)(month - 1) * 3, 3);
	memcpy(out + 12, t, 4);
	memcpy(out + 17, t + 11, 8);
}

/* Two digits under a limit; -1: they are none. */
static int
two_digits(const char *p, int limit)
{
	int n;

	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	n = (p[0] - '0') * 10 + p[1] - '0';
	return n < limit ? n : -1;
}

/* Where the shape has a mark of its own, s has it too. */
static bool
has_shape(const char *s)
{
	if (strlen(s) != FIXDATE_LENGTH)
		return false;
	for (size_t i = 3; i < FIXDATE_LENGTH; i++)
		if (shape[i] != '0' && shape[i] != 'm' && shape[i] != s[i])
			return false;
	return true;
}

/* False: it is none that could be written again just so. */
static bool
read_fixdate(const char *s, int64_t *unix_s)
{
	int century, year, day, h, m, sec, month = 0;
	int64_t days;

	if (!has_shape(s))
		return false;
	while (month < 12 && memcmp(s + 8, months + month * 3, 3) != 0)
		month++;
	century = two_digits(s + 12, 100);
	year = two_digits(s + 14, 100);
	day = two_digits(s + 5, 32);
	h = two_digits(s + 17, 24);
	m = two_digits(s + 20, 60);
	sec = two_digits(s + 23, 60);
	if (month == 12 || century < 19 || year < 0 || day < 1 || h < 0 ||
	    m < 0 || sec < 0)
		return false;
	year += century * 100;
	days = time_days_from_civil(year, month + 1, day);
	if (days < 0 || memcmp(s, weekdays + days % 7 * 3, 3) != 0 ||
	    days >= time_days_from_civil(month < 11 ? year : year + 1,
	    month < 11 ? month + 2 : 1, 1))
		return false;
	*unix_s = days * 86400 + h * 3600 + m * 60 + sec;
	return true;
}

/*
 * Writing: once to count, once more into as much memory.
 */

struct writer {
	unsigned char	*p;		/* NULL: counts only */
	size_t		 n;
};

static void
add_bytes(struct writer *w, const void *from, size_t n)
{
	if (w->p != NULL)
		memcpy(w->p + w->n, from, n);
	w->n += n;
}

static void
add_number(struct writer *w, uint64_t v)
{
	unsigned char byte;

	do {
		byte = (unsigned char)(v & 0x7f);
		v >>= 7;
		byte |= v > 0 ? 0x80 : 0;
		add_bytes(w, &byte, 1);
	} while (v > 0);
}

/* 0, -1, 1, -2 ... as 0, 1, 2, 3; differences wrap around. */
static uint64_t
zigzag(uint64_t difference)
{
	return difference << 1 ^ (difference >> 63 != 0 ? UINT64_MAX : 0);
}

static uint64_t
unzigzag(uint64_t v)
{
	return v >> 1 ^ ((v & 1) != 0 ? UINT64_MAX : 0);
}

static bool
is_expected(const struct feed_state *st, const struct row *row)
{
	if (is_text(row))
		return get_text(st, row) == NULL;
	return get(st, row) == expected(st, row);
}

/* 0: a time follows, from the last poll on; n + 1: n bytes do. A text that is
 * never a date does without the 0. */
static void
add_text(struct writer *w, const struct feed_state *st, const struct row *row)
{
	const char *s = get_text(st, row);
	size_t n = strlen(s);
	int64_t unix_s;

	if (row->kind == DATE && read_fixdate(s, &unix_s)) {
		add_number(w, 0);
		add_number(w, zigzag((uint64_t)unix_s -
		    (uint64_t)st->last_asked_s));
		return;
	}
	add_number(w, n + (row->kind == DATE));
	add_bytes(w, s, n);
}

static void
write_state(struct writer *w, const struct feed_state *st)
{
	uint64_t mask = 0, hash;

	for (size_t i = 0; i < N_ROWS; i++)
		if (!is_expected(st, &rows[i]))
			mask |= UINT64_C(1) << i;
	add_number(w, mask);
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct row *row = &rows[i];

		if ((mask >> i & 1) == 0 || row->kind == FLAG)
			continue;
		if (is_text(row)) {
			add_text(w, st, row);
		} else if (row->kind == HASH) {
			hash = get(st, row);
			add_bytes(w, &hash, sizeof(hash));
		} else {
			add_number(w, zigzag(get(st, row) -
			    expected(st, row)));
		}
	}
}

/*
 * Reading: what was written here needs no checks.
 */

static uint64_t
take_number(const unsigned char **p)
{
	uint64_t v = 0;
	unsigned shift = 0;
	unsigned char byte;

	do {
		byte = *(*p)++;
		v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while ((byte & 0x80) != 0);
	return v;
}

/* into->text: heap; false: memory is out. Without texts they are passed
 * over. */
static bool
take_text(const unsigned char **p, const struct row *row, bool texts,
    struct feed_state *into)
{
	uint64_t n = take_number(p);
	char date[FIXDATE_LENGTH], *copy;
	struct str s = { date, sizeof(date) };

	if (row->kind == DATE && n == 0) {
		uint64_t t = unzigzag(take_number(p)) +
		    (uint64_t)into->last_asked_s;

		if (texts)
			write_fixdate((int64_t)t, date);
	} else {
		n -= row->kind == DATE;
		s = (struct str){ (const char *)*p, (size_t)n };
		*p += n;
	}
	if (!texts)
		return true;
	copy = str_dup(s);
	store(into, row, &copy, sizeof(copy));
	return copy != NULL;
}

/* False: memory is out. */
static bool
read_state(const unsigned char *p, bool texts, struct feed_state *into)
{
	uint64_t mask = take_number(&p), hash;
	bool ok = true;

	for (size_t i = 0; i < N_ROWS; i++) {
		const struct row *row = &rows[i];

		if ((mask >> i & 1) == 0) {
			if (!is_text(row))
				put(into, row, expected(into, row));
		} else if (row->kind == FLAG) {
			put(into, row, 1);
		} else if (is_text(row)) {
			ok &= take_text(&p, row, texts, into);
		} else if (row->kind == HASH) {
			memcpy(&hash, p, sizeof(hash));
			p += sizeof(hash);
			put(into, row, hash);
		} else {
			put(into, row, unzigzag(take_number(&p)) +
			    expected(into, row));
		}
	}
	return ok;
}

/*
 * Public face. A pack is the bytes that were written; no struct feed_pack is
 * ever complete.
 */

/* Nothing that would be packed is in it. */
static bool
is_zero(const struct feed_state *st)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (is_text(&rows[i]) ? get_text(st, &rows[i]) != NULL :
		    get(st, &rows[i]) != 0)
			return false;
	return true;
}

int
feed_pack_set(struct feed_pack **pack, const struct feed_state *st)
{
	struct writer w = { .p = NULL };

	if (!is_zero(st)) {
		write_state(&w, st);
		w.p = malloc(w.n);
		if (w.p == NULL)
			return -1;
		w.n = 0;
		write_state(&w, st);
	}
	feed_pack_free(*pack);
	*pack = (struct feed_pack *)(void *)w.p;
	return 0;
}

int
feed_pack_open(const struct feed_pack *pack, struct feed_state *st)
{
	*st = (struct feed_state){ 0 };
	if (pack == NULL || read_state((const unsigned char *)pack, true, st))
		return 0;
	feed_state_clear(st);
	return -1;
}

void
feed_pack_peek(const struct feed_pack *pack, struct feed_state *st)
{
	*st = (struct feed_state){ 0 };
	if (pack != NULL)
		(void)read_state((const unsigned char *)pack, false, st);
		/* can fail for texts only */
}

void
feed_pack_free(struct feed_pack *pack)
{
	free(pack);
}
