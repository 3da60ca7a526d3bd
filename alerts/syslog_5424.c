/* SPDX-License-Identifier: ISC */
#include "alerts/syslog_5424.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alerts/alert_format.h"
#include "alerts/message.h"
#include "alerts/message_fields.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/time_text.h"
#include "base/utf8.h"

enum {
	MAX_FACILITY = 23,	/* local7; 6.2.1 */
	MAX_VALUE = 200,
	MAX_URL = 2048,
	/* A message's before it is cut: none may be longer, for that would be
	 * told as want of memory. In logfmt a byte takes two at most, and its
	 * keys are shorter than JSON's. */
	MAX_LINE = 2 * ALERT_MAX_JSON
};

#define SD_ID	"headlined@32473"

/* 6.2.4: visible ASCII, or the NILVALUE. */
static void
read_hostname(char out[SYSLOG_HOSTNAME_SIZE])
{
	if (gethostname(out, SYSLOG_HOSTNAME_SIZE) == -1)
		out[0] = '\0';
	out[SYSLOG_HOSTNAME_SIZE - 1] = '\0';
	for (char *p = out; *p != '\0'; p++)
		if (*p < '!' || *p > '~')
			*p = '_';
	if (out[0] == '\0')
		memcpy(out, "-", 2);
}

int
syslog_check_facility(int facility, struct err *err)
{
	if (facility < 0 || facility > MAX_FACILITY)
		return err_set(err, "facility: %d: no such facility (from 0 to "
		    "%d)", facility, MAX_FACILITY);
	return 0;
}

int
syslog_origin_init(struct syslog_origin *o, int facility, struct err *err)
{
	if (syslog_check_facility(facility, err) == -1)
		return -1;
	o->facility = facility;
	o->procid = (long)getpid();
	read_hostname(o->hostname);
	return 0;
}

/*
 * STRUCTURED-DATA, 6.3
 */

/* A head that grows as long as it keeps within `max` bytes. */
struct head {
	struct buf	*out;
	size_t		 max;
};

/* 6.3.3: these three, and nothing else, are escaped. */
static void
add_escaped(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\' || s.p[i] == ']')
			buf_add_char(b, '\\');
		buf_add_char(b, s.p[i]);
	}
}

/* An empty one says nothing, and one that does not fit is left out. */
static void
add_param(struct head *h, const char *name, struct str value, size_t max_value)
{
	struct buf clean, param;

	buf_init(&clean, max_value);
	buf_init(&param, 2 * max_value + 32);
	utf8_clean_line(&clean, value, max_value);
	if (clean.n > 0) {
		buf_addf(&param, " %s=\"", name);
		add_escaped(&param, buf_str(&clean));
		buf_add_char(&param, '"');
	}
	h->out->failed |= clean.failed || param.failed;
	if (h->out->n + param.n <= h->max)
		buf_add_str(h->out, buf_str(&param));
	buf_clear(&param);
	buf_clear(&clean);
}

static void
add_field(struct head *h, const struct message_field *f)
{
	if (!f->is_url)
		add_param(h, f->name, f->value, MAX_VALUE);
	else if (f->value.n <= MAX_URL)
		add_param(h, f->name, f->value, MAX_URL);
}

static int64_t
time_of(const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_ALERT:
		return m->alert.time_s;
	case MESSAGE_NOTICE:
		return m->notice.time_s;
	case MESSAGE_DIGEST:
		return m->digest.time_s;
	case MESSAGE_TRIAL:
		break;
	}
	return m->trial.time_s;
}

/* In a buffer of its own, for max counts from its first byte. */
static void
write_whole(struct buf *whole, const struct syslog_origin *o,
    const struct message *m, size_t max)
{
	struct head h = { whole, max / 2 };
	struct message_fields fields;
	char stamp[TIME_TEXT_SIZE];

	time_text_rfc3339(time_of(m), stamp);
	buf_addf(whole, "<%d>1 %s %s headlined %ld %s [" SD_ID,
	    o->facility << 3 | (int)message_severity(m), stamp, o->hostname,
	    o->procid, message_kind_word(m));
	message_list_fields(m, &fields);
	for (size_t i = 0; i < fields.n; i++)
		add_field(&h, &fields.list[i]);
	buf_add_c(whole, "] \xef\xbb\xbf");
	message_to_logfmt(whole, m);
}

void
syslog_5424_write(struct buf *b, const struct syslog_origin *o,
    const struct message *m, size_t max)
{
	struct buf whole;

	buf_init(&whole, MAX_LINE + max);
	write_whole(&whole, o, m, max);
	b->failed |= whole.failed;
	buf_add_str(b, utf8_cut(buf_str(&whole), max));
	buf_clear(&whole);
}

int
syslog_5424_from_json(struct buf *b, const struct syslog_origin *o,
    struct arena *arena, struct str json, size_t max, struct err *err)
{
	struct message m;

	arena_reset(arena);
	if (message_read(arena, json, &m, err) == -1)
		return -1;
	syslog_5424_write(b, o, &m, max);
	return b->failed ? err_set(err, "out of memory") : 0;
}
