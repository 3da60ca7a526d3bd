/* SPDX-License-Identifier: ISC */
/*
 * What all events have in common. The instance goes into `source` as a part of
 * a URN and comes back out of it; times are in the one form that is written.
 */
#include "alerts/alert_event.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/time_text.h"
#include "base/utf8.h"

#define SOURCE_PREFIX	"urn:headlined:"

enum {
	MAX_WORD = 64,		/* ids and words of our own making */
	MAX_SUBJECT = 256
};

/*
 * Writing
 */

struct str
alert_event_clean(struct buf *text, struct str s, size_t max)
{
	buf_rewind(text);
	utf8_clean_line(text, s, max);
	return buf_str(text);
}

/* Nothing in an instance's name may end the URN (RFC 8141, 2). */
static void
write_source(struct json_out *j, struct buf *text, struct str instance)
{
	char plain[3 * MAX_WORD + sizeof(SOURCE_PREFIX)];
	static const char digits[] = "0123456789ABCDEF";
	size_t n = sizeof(SOURCE_PREFIX) - 1;
	struct str name = alert_event_clean(text, instance, MAX_WORD);

	memcpy(plain, SOURCE_PREFIX, n);
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || memchr("-._~", c, 4) != NULL) {
			plain[n++] = (char)c;
			continue;
		}
		plain[n++] = '%';
		plain[n++] = digits[c >> 4];
		plain[n++] = digits[c & 0xf];
	}
	json_pair_str(j, "source", (struct str){ plain, n });
}

void
alert_event_begin(struct json_out *j, struct buf *text,
    const struct alert_event *e)
{
	json_open_map(j);
	json_pair_str(j, "specversion", STR("1.0"));
	json_pair_str(j, "id", alert_event_clean(text, e->id, MAX_WORD));
	write_source(j, text, e->instance);
	json_pair_str(j, "type", str_from(e->type));
	json_pair_opt_str(j, "subject",
	    alert_event_clean(text, e->subject, MAX_SUBJECT));
	json_pair_time(j, "time", e->time_s);
	json_pair_time(j, "timestamp", e->time_s);
	json_pair_str(j, "datacontenttype", STR("application/json"));
}

static int
write_event(struct buf *whole, struct buf *text, const struct alert_event *e,
    alert_event_data_fn *data, const void *ctx)
{
	struct json_out *j = json_out_new(whole, false);

	if (j == NULL)
		return -1;
	alert_event_begin(j, text, e);
	json_key(j, "data");
	json_open_map(j);
	data(j, text, ctx);
	json_close_map(j);
	json_close_map(j);
	return json_out_finish(j);
}

int
alert_event_write(struct buf *out, size_t max, const struct alert_event *e,
    alert_event_data_fn *data, const void *ctx)
{
	struct buf whole, text;
	int rc;

	buf_init(&whole, max);
	buf_init(&text, max);
	rc = write_event(&whole, &text, e, data, ctx);
	if (rc == 0 && !text.failed)
		buf_add_str(out, buf_str(&whole));
	else
		rc = -1;
	buf_clear(&text);
	buf_clear(&whole);
	return rc == 0 && !out->failed ? 0 : -1;
}

/*
 * Reading
 */

/* n decimal digits at p; -1 when they are none. */
static int
digits_at(const char *p, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

bool
alert_event_read_time(struct str s, int64_t *out)
{
	static const struct { size_t at, n; int min, max; } parts[] = {
		{ 0, 4, 0, 9999 }, { 5, 2, 1, 12 }, { 8, 2, 1, 31 },
		{ 11, 2, 0, 23 }, { 14, 2, 0, 59 }, { 17, 2, 0, 60 },
	};
	int v[sizeof(parts) / sizeof(parts[0])];

	if (s.n != 20 || s.p[4] != '-' || s.p[7] != '-' || s.p[10] != 'T' ||
	    s.p[13] != ':' || s.p[16] != ':' || s.p[19] != 'Z')
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		v[i] = digits_at(s.p + parts[i].at, parts[i].n);
		if (v[i] < parts[i].min || v[i] > parts[i].max)
			return false;
	}
	*out = time_days_from_civil(v[0], v[1], v[2]) * 86400 +
	    v[3] * 3600 + v[4] * 60 + v[5];
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes write_source. */
static struct str
read_source(struct arena *arena, const struct json *root)
{
	struct str s = json_get_str(root, "source");
	size_t n = 0;
	char *p;

	if (!str_starts(s, STR(SOURCE_PREFIX)))
		return STR_NONE;
	s = str_sub(s, sizeof(SOURCE_PREFIX) - 1, s.n);
	if ((p = arena_alloc(arena, s.n)) == NULL)
		return STR_NONE;
	for (size_t i = 0; i < s.n; i++) {
		bool coded = s.p[i] == '%' && s.n - i > 2 &&
		    hex_value(s.p[i + 1]) >= 0 && hex_value(s.p[i + 2]) >= 0;

		p[n++] = coded ? (char)(hex_value(s.p[i + 1]) << 4 |
		    hex_value(s.p[i + 2])) : s.p[i];
		i += coded ? 2 : 0;
	}
	return (struct str){ p, n };
}

bool
alert_event_is(const struct json *root, const struct alert_event_kind *kind)
{
	return str_eq_c(json_get_str(root, "type"), kind->type);
}

int
alert_event_read(struct arena *arena, const struct json *root,
    struct alert_event *e, struct err *err)
{
	int severity = severity_parse(json_get_str(json_get(root, "data"),
	    "severity"));

	*e = (struct alert_event){ .time_s = ITEM_NO_TIME };
	if (severity == -1 || json_get_str(root, "id").n == 0)
		return err_set(err, "no id, or no severity");
	if (!alert_event_read_time(json_get_str(root, "time"), &e->time_s))
		return err_set(err, "its time is not RFC 3339");
	e->severity = (enum severity)severity;
	e->id = arena_copy(arena, json_get_str(root, "id"));
	e->instance = read_source(arena, root);
	e->subject = arena_copy(arena, json_get_str(root, "subject"));
	return 0;
}

int
alert_event_read_kind(struct arena *arena, const struct json *root,
    const struct alert_event_kind *kind, void *into, struct err *err)
{
	if (!alert_event_is(root, kind))
		return err_set(err, "not %s: its type is not %s", kind->name,
		    kind->type);
	if (kind->read(arena, root, into, err) == -1)
		return err_wrap(err, "not %s", kind->name);
	if (arena_failed(arena))
		return err_set(err, "reading %s: out of memory", kind->name);
	return 0;
}

int
alert_event_from_json(struct arena *arena, struct str json,
    const struct alert_event_kind *kind, void *into, struct err *err)
{
	struct json_tree *tree = json_parse(json, err);
	int rc = 0;

	if (tree == NULL)
		return err_wrap(err, "reading %s", kind->name);
	if (alert_event_is(json_root(tree), kind))
		rc = alert_event_read_kind(arena, json_root(tree), kind, into,
		    err) == 0 ? 1 : -1;
	json_tree_free(tree);
	return rc;
}
