/* SPDX-License-Identifier: ISC */
/*
 * The format has two kinds of escaping: in HELP a backslash and a line feed, in
 * a label's value a double quote too. Numbers are whole, or microseconds that
 * are written as seconds: nothing is rounded on its way through a double.
 */
#include "daemon/metrics_text.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "daemon/histogram.h"

enum { US_PER_S = 1000000 };

static const char *const type_words[] = {
	[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

void
metrics_text_init(struct metrics_text *t, struct buf *out)
{
	*t = (struct metrics_text){ .out = out };
	/* A bad byte becomes three. */
	buf_init(&t->clean, 3 * METRICS_LABEL_MAX);
}

void
metrics_text_clear(struct metrics_text *t)
{
	buf_clear(&t->clean);
}

static void
add_escaped(struct buf *out, struct str s, bool quoted)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\n') {
			buf_add_c(out, "\\n");
			continue;
		}
		if (c == '\\' || (quoted && c == '"'))
			buf_add_char(out, '\\');
		buf_add_char(out, c);
	}
}

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), n_end = strlen(end);

	return n >= n_end && strcmp(s + n - n_end, end) == 0;
}

void
metrics_text_family(struct metrics_text *t, const struct metric *m)
{
	assert(ends_with(m->name, "_total") == (m->type == METRIC_COUNTER));
	t->metric = m;
	buf_addf(t->out, "# HELP %s ", m->name);
	add_escaped(t->out, str_from(m->help), false);
	buf_addf(t->out, "\n# TYPE %s %s\n", m->name, type_words[m->type]);
}

static void
add_label(struct metrics_text *t, const struct metric_label *l)
{
	buf_reset(&t->clean);
	utf8_clean_text(&t->clean, utf8_cut(l->value, METRICS_LABEL_MAX));
	if (t->clean.failed)
		t->out->failed = true;	/* half a value is another's */
	buf_addf(t->out, "%s=\"", l->name);
	add_escaped(t->out, utf8_cut(buf_str(&t->clean), METRICS_LABEL_MAX),
	    true);
	buf_add_char(t->out, '"');
}

/* Which of a histogram's samples; a bucket has a bound, told as le="0.25". */
struct bucket {
	const char	*ending;
	bool		 has_bound;
	int64_t		 us;		/* INT64_MAX: all */
};

/* "0.25", "60", "-1.5" */
static void
add_seconds(struct buf *out, int64_t us)
{
	uint64_t all = us < 0 ? -(uint64_t)us : (uint64_t)us;
	uint64_t rest = all % US_PER_S;
	int digits = 6;

	buf_addf(out, "%s%" PRIu64, us < 0 ? "-" : "", all / US_PER_S);
	if (rest == 0)
		return;
	for (; rest % 10 == 0; digits--)
		rest /= 10;
	buf_addf(out, ".%0*" PRIu64, digits, rest);
}

/* All of a sample but its value. */
static void
add_series(struct metrics_text *t, const struct bucket *b,
    const struct metric_label *labels, size_t n)
{
	buf_add_c(t->out, t->metric->name);
	buf_add_c(t->out, b->ending);
	if (n > 0 || b->has_bound)
		buf_add_char(t->out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(t->out, ',');
		add_label(t, &labels[i]);
	}
	if (b->has_bound) {
		buf_add_c(t->out, n > 0 ? ",le=\"" : "le=\"");
		if (b->us == INT64_MAX)
			buf_add_c(t->out, "+Inf");
		else
			add_seconds(t->out, b->us);
		buf_add_char(t->out, '"');
	}
	if (n > 0 || b->has_bound)
		buf_add_char(t->out, '}');
	buf_add_char(t->out, ' ');
}

static const struct bucket whole = { .ending = "" };

void
metrics_text_int(struct metrics_text *t, const struct metric_label *labels,
    size_t n, int64_t value)
{
	assert(t->metric->type != METRIC_HISTOGRAM);
	add_series(t, &whole, labels, n);
	buf_addf(t->out, "%" PRId64 "\n", value);
}

void
metrics_text_us(struct metrics_text *t, const struct metric_label *labels,
    size_t n, int64_t us)
{
	assert(t->metric->type != METRIC_HISTOGRAM);
	add_series(t, &whole, labels, n);
	add_seconds(t->out, us);
	buf_add_char(t->out, '\n');
}

void
metrics_text_histogram(struct metrics_text *t,
    const struct metric_label *labels, size_t n,
    const struct histogram_reading *r)
{
	const struct bucket sum = { .ending = "_sum" };
	const struct bucket count = { .ending = "_count" };

	assert(t->metric->type == METRIC_HISTOGRAM);
	for (size_t i = 0; i <= r->bounds->n; i++) {
		const struct bucket b = { .ending = "_bucket",
			.has_bound = true, .us = i < r->bounds->n ?
			r->bounds->us[i] : INT64_MAX };

		add_series(t, &b, labels, n);
		buf_addf(t->out, "%" PRId64 "\n", r->cumulative[i]);
	}
	add_series(t, &sum, labels, n);
	add_seconds(t->out, r->sum_us);
	buf_add_char(t->out, '\n');
	add_series(t, &count, labels, n);
	buf_addf(t->out, "%" PRId64 "\n", r->cumulative[r->bounds->n]);
}
