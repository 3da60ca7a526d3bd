/* SPDX-License-Identifier: ISC */
/* Fields of a log line, and what stands at the head of lines on a terminal. */
#include "alerts/alert_text.h"

#include "base/buf.h"
#include "base/time_text.h"
#include "base/utf8.h"

enum { MAX_HEAD = 200 };

/*
 * logfmt
 */

static void
add_quoted(struct buf *b, struct str s)
{
	buf_add_char(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_char(b, '\\');
		buf_add_char(b, s.p[i]);
	}
	buf_add_char(b, '"');
}

/* A reader splits at spaces and takes a quote for the begin of a text. */
static bool
needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == '"' || s.p[i] == '\\')
			return true;
	return s.n == 0;
}

static void
add_field(struct buf *b, const char *key, struct str value, size_t max,
    bool always_quoted)
{
	struct buf line;

	buf_init(&line, max);
	utf8_clean_line(&line, value, max);
	b->failed |= line.failed;
	buf_addf(b, " %s=", key);
	if (always_quoted || needs_quotes(buf_str(&line)))
		add_quoted(b, buf_str(&line));
	else
		buf_add_str(b, buf_str(&line));
	buf_clear(&line);
}

void
alert_text_add_word(struct buf *b, const char *key, struct str value,
    size_t max)
{
	add_field(b, key, value, max, false);
}

void
alert_text_add_quoted(struct buf *b, const char *key, struct str value,
    size_t max)
{
	add_field(b, key, value, max, true);
}

/*
 * Hits
 */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* Is it `word` that stands at byte i, and not a part of a longer one? */
static bool
stands_at(struct str text, size_t i, struct str word)
{
	size_t end = i + word.n;

	if (word.n == 0 || !str_starts(str_sub(text, i, word.n), word))
		return false;
	if (i > 0 && is_letter(text.p[i - 1]) && is_letter(word.p[0]))
		return false;
	return end == text.n || !is_letter(text.p[end]) ||
	    !is_letter(word.p[word.n - 1]);
}

size_t
alert_text_hit_at(const struct hit *hits, size_t n, struct str text, size_t i)
{
	size_t longest = 0;

	for (size_t h = 0; h < n; h++)
		if (hits[h].text.n > longest &&
		    stands_at(text, i, hits[h].text))
			longest = hits[h].text.n;
	return longest;
}

/*
 * The terminal
 */

static const struct alert_style plain = { "", "", "", "" };
static const struct alert_style coloured = {
	"\033[1m", "\033[1;33m", "\033[2m", "\033[0m"
};

static const char *const colours[SEVERITY_COUNT] = {
	[SEVERITY_EMERG] = "\033[1;31m",
	[SEVERITY_ALERT] = "\033[1;31m",
	[SEVERITY_CRIT] = "\033[1;31m",
	[SEVERITY_ERR] = "\033[1;31m",
	[SEVERITY_WARNING] = "\033[1;33m",
	[SEVERITY_NOTICE] = "\033[1;36m",
	[SEVERITY_INFO] = "\033[1;34m",
	[SEVERITY_DEBUG] = "\033[1m",
};

const struct alert_style *
alert_text_style(bool colour)
{
	return colour ? &coloured : &plain;
}

/* The word of the configuration and of every other output, in capitals. */
void
alert_text_add_severity(struct buf *b, enum severity severity)
{
	for (const char *word = severity_word(severity); *word != '\0'; word++)
		buf_add_char(b, (char)(*word - 'a' + 'A'));
}

void
alert_text_add_head(struct buf *b, enum severity severity, struct str title,
    bool colour)
{
	const struct alert_style *style = alert_text_style(colour);

	buf_addf(b, "%s\xe2\x96\x8c ", colour ? colours[severity] : "");
	alert_text_add_severity(b, severity);
	buf_addf(b, "%s  %s", style->off, style->bold);
	utf8_clean_line(b, title, MAX_HEAD);
	buf_addf(b, "%s\n", style->off);
}

void
alert_text_add_line(struct buf *b, struct str text, size_t max,
    const struct alert_style *style)
{
	if (text.n == 0)
		return;
	buf_addf(b, "  %s", style->dim);
	utf8_clean_line(b, text, max);
	buf_addf(b, "%s\n", style->off);
}

void
alert_text_add_time(struct buf *b, int64_t unix_s)
{
	char text[TIME_TEXT_SIZE];

	time_text_rfc3339(unix_s, text);
	buf_addf(b, "%.10s %.5s UTC", text, text + 11);
}
