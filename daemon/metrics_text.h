/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_METRICS_TEXT_H
#define HEADLINED_DAEMON_METRICS_TEXT_H

/*
 * Prometheus' text format, version 0.0.4: families of samples, each with its
 * HELP and TYPE, one after the other.
 *
 *	init -> family, sample, sample ... -> family, ... -> clear
 *
 *	# HELP headlined_sink_sent_total Messages that were taken.
 *	# TYPE headlined_sink_sent_total counter
 *	headlined_sink_sent_total{sink="desk"} 17
 *
 * A family's samples stand together: whoever has several families over the same
 * things goes over the things once for each. It knows no metric: what there is
 * to tell is in daemon/metrics.h.
 *
 * Label values may be anybody's text. What leaves is valid UTF-8 without
 * control characters and bidirectional overrides (a scrape is also read on
 * terminals), at most METRICS_LABEL_MAX bytes of it, escaped. Two values that
 * are the same then would be one series twice, which Prometheus refuses: of
 * text from outside give what tells it apart as well (a feed's URL).
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct histogram_reading;

/* What an answer says of itself. */
#define METRICS_TEXT_TYPE	"text/plain; version=0.0.4; charset=utf-8"

enum { METRICS_LABEL_MAX = 1024 };

/* The row of a table. The name holds the unit in the plural (_seconds,
 * _bytes), a counter's ends with _total and a histogram's in neither of its
 * own endings; help is a sentence. */
enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
	const char		*name;
	enum metric_type	 type;
	const char		*help;
};

struct metric_label {
	const char	*name;
	struct str	 value;
};

struct metrics_text {
	struct buf		*out;		/* borrowed */
	const struct metric	*metric;	/* whose samples come */
	struct buf		 clean;		/* a label's value */
};

/* Failure (memory, the buffer's ceiling) sticks in the buffer. */
void	metrics_text_init(struct metrics_text *, struct buf *out);
void	metrics_text_clear(struct metrics_text *);

/* The metric is borrowed until the next one. One without a sample is fine. */
void	metrics_text_family(struct metrics_text *, const struct metric *);

/* A counter's or a gauge's, of no label or some. */
void	metrics_text_int(struct metrics_text *, const struct metric_label *,
	    size_t n_labels, int64_t value);

/* The same in seconds. */
void	metrics_text_us(struct metrics_text *, const struct metric_label *,
	    size_t n_labels, int64_t us);

/* A histogram's: _bucket for each bound and for all, _sum, _count. */
void	metrics_text_histogram(struct metrics_text *,
	    const struct metric_label *, size_t n_labels,
	    const struct histogram_reading *);

#endif
