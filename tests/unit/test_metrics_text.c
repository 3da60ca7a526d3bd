/* SPDX-License-Identifier: ISC */
/*
 * daemon/metrics_text and daemon/histogram: what is written is the text format
 * to the byte, whatever stands in a label, and never longer than it may be.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "daemon/histogram.h"
#include "daemon/metrics_text.h"

static const struct metric waiting = { "t_waiting", METRIC_GAUGE, "Wait." };
static const struct metric sent = { "t_sent_total", METRIC_COUNTER,
	"A \\ and\na \"quote\"." };
static const struct metric took = { "t_took_seconds", METRIC_HISTOGRAM,
	"Took." };
static const struct histogram_bounds bounds = { .n = 3,
	.us = { 5000, 50000, 1000000 } };

struct page {
	struct buf		out;
	struct metrics_text	text;
};

static struct page *
page_new(size_t max)
{
	struct page *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	buf_init(&p->out, max);
	metrics_text_init(&p->text, &p->out);
	return p;
}

static void
page_free(struct page *p)
{
	metrics_text_clear(&p->text);
	buf_clear(&p->out);
	free(p);
}

static void
test_families(void **state)
{
	const struct metric_label labels[] = { { "sink", STR("desk") },
		{ "kind", STR("webhook") } };
	struct page *p = page_new(1 << 16);

	(void)state;
	metrics_text_family(&p->text, &waiting);
	metrics_text_int(&p->text, labels, 2, 17);
	metrics_text_int(&p->text, NULL, 0, -3);
	metrics_text_family(&p->text, &sent);
	metrics_text_int(&p->text, labels, 1, INT64_MAX);
	assert_string_equal(buf_cstr(&p->out),
	    "# HELP t_waiting Wait.\n"
	    "# TYPE t_waiting gauge\n"
	    "t_waiting{sink=\"desk\",kind=\"webhook\"} 17\n"
	    "t_waiting -3\n"
	    "# HELP t_sent_total A \\\\ and\\na \"quote\".\n"
	    "# TYPE t_sent_total counter\n"
	    "t_sent_total{sink=\"desk\"} 9223372036854775807\n");
	page_free(p);
}

static void
test_seconds(void **state)
{
	static const struct {
		int64_t		 us;
		const char	*text;
	} cases[] = {
		{ 0, "t_waiting 0\n" },
		{ 1, "t_waiting 0.000001\n" },
		{ 250000, "t_waiting 0.25\n" },
		{ 1000000, "t_waiting 1\n" },
		{ INT64_C(1764207000123456), "t_waiting 1764207000.123456\n" },
		{ -1500000, "t_waiting -1.5\n" },
		{ -5, "t_waiting -0.000005\n" },
		{ INT64_MIN, "t_waiting -9223372036854.775808\n" },
	};
	struct page *p = page_new(1 << 16);

	(void)state;
	metrics_text_family(&p->text, &waiting);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&p->out);
		metrics_text_us(&p->text, NULL, 0, cases[i].us);
		assert_string_equal(buf_cstr(&p->out), cases[i].text);
	}
	page_free(p);
}

/* What stands in the label behind x=" */
static void
assert_label(struct str value, const char *want)
{
	const struct metric_label label = { "x", value };
	struct page *p = page_new(1 << 16);
	char line[8192];

	metrics_text_family(&p->text, &waiting);
	buf_reset(&p->out);
	metrics_text_int(&p->text, &label, 1, 1);
	snprintf(line, sizeof(line), "t_waiting{x=\"%s\"} 1\n", want);
	assert_string_equal(buf_cstr(&p->out), line);
	page_free(p);
}

static void
test_hostile_labels(void **state)
{
	const struct {
		struct str	 value;
		const char	*want, *says;
	} cases[] = {
		{ STR(""), "", "an empty one" },
		{ STR("a\"} 1\nt_waiting{x=\"b"),
		    "a\\\"} 1\\nt_waiting{x=\\\"b", "a line of its own" },
		{ STR("\\"), "\\\\", "a backslash at the end" },
		{ STR("\\n"), "\\\\n", "a backslash and an n" },
		{ STR("\r\x1b[31m\x7f\xc2\x9b"), "  [31m  ",
		    "what a terminal obeys" },
		{ STR("a\0b"), "a b", "a NUL" },
		{ STR("\xff\xc3(\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd("
		    "\xef\xbf\xbd", "what is no UTF-8" },
		{ STR("\xe2\x80\xae" "evil\xe2\x81\xa9"), "evil",
		    "text that runs backwards" },
		{ STR("Z\xc3\xbcrich \xf0\x9f\x94\x94"),
		    "Z\xc3\xbcrich \xf0\x9f\x94\x94", "an honest one" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].says);
		assert_label(cases[i].value, cases[i].want);
	}
}

/* 2 MB of what grows most when it is mended: the label has its bound, and ends
 * with a whole character. */
static void
test_long_label(void **state)
{
	enum { LONG = 2 << 20 };
	char *bytes = malloc(LONG);
	const struct metric_label label = { "x", { bytes, LONG } };
	struct page *p = page_new(1 << 16);

	(void)state;
	assert_non_null(bytes);
	for (int fill = 0; fill < 256; fill++) {
		memset(bytes, fill, LONG);
		metrics_text_family(&p->text, &waiting);
		buf_reset(&p->out);
		metrics_text_int(&p->text, &label, 1, 1);
		assert_false(p->out.failed);
		assert_true(p->out.n <= 2 * METRICS_LABEL_MAX + 32);
		assert_true(p->out.n >= METRICS_LABEL_MAX);
		assert_true(utf8_is_valid(buf_str(&p->out)));
	}
	free(bytes);
	page_free(p);
}

/* Past its ceiling nothing is written any more, and it is said. */
static void
test_ceiling(void **state)
{
	const struct metric_label label = { "x", STR("value") };
	struct page *p = page_new(100);

	(void)state;
	metrics_text_family(&p->text, &waiting);
	for (int i = 0; i < 1000; i++)
		metrics_text_int(&p->text, &label, 1, i);
	assert_true(p->out.failed);
	assert_true(p->out.n <= 100);
	page_free(p);
}

static void
test_histogram(void **state)
{
	static const int64_t samples[] = { 0, 4999, 5000, 5001, 50000, 1000000,
		1000001, -7 };
	const struct metric_label label = { "sink", STR("desk") };
	struct page *p = page_new(1 << 16);
	struct histogram_reading r;
	struct histogram h;

	(void)state;
	histogram_init(&h, &bounds);
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		histogram_add(&h, samples[i]);
	histogram_read(&h, &r);
	metrics_text_family(&p->text, &took);
	metrics_text_histogram(&p->text, &label, 1, &r);
	assert_string_equal(buf_cstr(&p->out),
	    "# HELP t_took_seconds Took.\n"
	    "# TYPE t_took_seconds histogram\n"
	    "t_took_seconds_bucket{sink=\"desk\",le=\"0.005\"} 4\n"
	    "t_took_seconds_bucket{sink=\"desk\",le=\"0.05\"} 6\n"
	    "t_took_seconds_bucket{sink=\"desk\",le=\"1\"} 7\n"
	    "t_took_seconds_bucket{sink=\"desk\",le=\"+Inf\"} 8\n"
	    "t_took_seconds_sum{sink=\"desk\"} 2.065001\n"
	    "t_took_seconds_count{sink=\"desk\"} 8\n");
	buf_reset(&p->out);
	metrics_text_histogram(&p->text, NULL, 0, &r);
	assert_true(str_starts(buf_str(&p->out),
	    STR("t_took_seconds_bucket{le=\"0.005\"} 4\n")));
	page_free(p);
}

/* A clock that lies cannot make the sum run over. */
static void
test_huge_samples(void **state)
{
	struct histogram_reading r;
	struct histogram h;

	(void)state;
	histogram_init(&h, &bounds);
	for (int i = 0; i < 10000; i++)
		histogram_add(&h, INT64_MAX);
	histogram_read(&h, &r);
	assert_int_equal(r.cumulative[2], 0);
	assert_int_equal(r.cumulative[3], 10000);
	assert_true(r.sum_us > 0);
}

enum { ADDERS = 4, EACH = 20000 };

static void *
add_many(void *arg)
{
	for (int i = 0; i < EACH; i++)
		histogram_add(arg, i % 2 == 0 ? 1 : 60000);
	return NULL;
}

/* Read while others add: cumulative within a reading, never less than in the
 * one before, and exact at the end. */
static void
test_threads(void **state)
{
	struct histogram_reading r, last = { .sum_us = 0 };
	pthread_t threads[ADDERS];
	struct histogram h;

	(void)state;
	histogram_init(&h, &bounds);
	for (int i = 0; i < ADDERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many,
		    &h), 0);
	do {
		histogram_read(&h, &r);
		for (size_t i = 0; i <= bounds.n; i++) {
			assert_true(i == 0 ||
			    r.cumulative[i] >= r.cumulative[i - 1]);
			assert_true(r.cumulative[i] >= last.cumulative[i]);
		}
		assert_true(r.sum_us >= last.sum_us);
		last = r;
	} while (r.cumulative[bounds.n] < ADDERS * EACH / 2);
	for (int i = 0; i < ADDERS; i++)
		pthread_join(threads[i], NULL);
	histogram_read(&h, &r);
	assert_int_equal(r.cumulative[0], ADDERS * EACH / 2);
	assert_int_equal(r.cumulative[1], ADDERS * EACH / 2);
	assert_int_equal(r.cumulative[3], ADDERS * EACH);
	assert_int_equal(r.sum_us, (int64_t)ADDERS * EACH / 2 * 60001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_hostile_labels),
		cmocka_unit_test(test_long_label),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_huge_samples),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
