/* SPDX-License-Identifier: ISC */
/*
 * Lines are built on the stack and cut at its size, so that logging needs no
 * memory and no lock.
 */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/url.h"

struct line {
	char	text[2048];
	size_t	n;
};

static const struct {
	int		 priority;	/* sd-daemon(3) */
	const char	*colour;
	const char	*word;
} levels[] = {
	[LOG_LEVEL_ERROR] = { 3, "\033[31m", "error" },
	[LOG_LEVEL_WARN] = { 4, "\033[33m", "warn " },
	[LOG_LEVEL_INFO] = { 6, "\033[2m", "info " },
	[LOG_LEVEL_DEBUG] = { 7, "\033[2m", "debug" },
};

static enum log_level highest = LOG_LEVEL_INFO;

void
log_set_level(enum log_level level)
{
	highest = level;
}

static void
add(struct line *l, const char *s, size_t n)
{
	size_t room = sizeof(l->text) - 1 - l->n;

	if (n > room)
		n = room;
	memcpy(l->text + l->n, s, n);
	l->n += n;
}

/* C0, DEL, and either byte of C1 in UTF-8: U+009B starts escapes as well. */
static bool
is_control(const char *s, const char *begin)
{
	unsigned char c = (unsigned char)*s, next = (unsigned char)s[1];

	if (c < ' ' || c == 0x7f)
		return true;
	if (c == 0xc2)
		return next >= 0x80 && next <= 0x9f;
	return c >= 0x80 && c <= 0x9f && s > begin &&
	    (unsigned char)s[-1] == 0xc2;
}

static bool
needs_quotes(const char *s)
{
	const char *begin = s;

	if (*s == '\0')
		return true;
	for (; *s != '\0'; s++)
		if (is_control(s, begin) || *s == ' ' || *s == '"' ||
		    *s == '=' || *s == '\\')
			return true;
	return false;
}

/* A value from outside must not end its line or speak to a terminal. */
static void
add_quoted(struct line *l, const char *s)
{
	const char *begin = s;
	char hex[8];

	add(l, "\"", 1);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\') {
			add(l, "\\", 1);
			add(l, s, 1);
		} else if (is_control(s, begin)) {
			snprintf(hex, sizeof(hex), "\\x%02x",
			    (unsigned int)(unsigned char)*s);
			add(l, hex, 4);
		} else
			add(l, s, 1);
	}
	add(l, "\"", 1);
}

static void
add_string(struct line *l, const char *s)
{
	if (s == NULL)
		add(l, "-", 1);
	else if (needs_quotes(s))
		add_quoted(l, s);
	else
		add(l, s, strlen(s));
}

static void
add_url(struct line *l, const char *url)
{
	char text[sizeof(l->text)];
	struct str shown[2];

	url_without_user(str_from(url), shown);
	snprintf(text, sizeof(text), "%.*s%.*s", STR_ARG(shown[0]),
	    STR_ARG(shown[1]));
	add_string(l, text);
}

static void
add_field(struct line *l, const struct log_field *f)
{
	char number[24];
	int n;

	add(l, " ", 1);
	add(l, f->key, strlen(f->key));
	add(l, "=", 1);
	if (f->type == LOG_TYPE_INT) {
		n = snprintf(number, sizeof(number), "%" PRId64, f->number);
		add(l, number, (size_t)n);
	} else if (f->type == LOG_TYPE_URL && f->string != NULL)
		add_url(l, f->string);
	else
		add_string(l, f->string);
}

static void
add_head(struct line *l, enum log_level level, bool terminal)
{
	char head[64];
	struct tm tm;
	time_t now;
	int n;

	if (!terminal) {
		n = snprintf(head, sizeof(head), "<%d>",
		    levels[level].priority);
	} else {
		now = time(NULL);
		localtime_r(&now, &tm);
		n = snprintf(head, sizeof(head), "%s%02d:%02d:%02d %s ",
		    levels[level].colour, tm.tm_hour, tm.tm_min, tm.tm_sec,
		    levels[level].word);
	}
	add(l, head, (size_t)n);
}

void
log_write(enum log_level level, const char *event,
    const struct log_field *fields)
{
	struct line l = { .n = 0 };
	int saved = errno;	/* isatty and write change it */
	bool terminal;
	ssize_t sent;

	if (level > highest)
		return;
	terminal = isatty(STDERR_FILENO) == 1;
	add_head(&l, level, terminal);
	add(&l, event, strlen(event));
	for (; fields->type != LOG_TYPE_END; fields++)
		add_field(&l, fields);
	if (terminal)
		add(&l, "\033[0m", 4);
	l.text[l.n++] = '\n';
	do
		sent = write(STDERR_FILENO, l.text, l.n);
	while (sent == -1 && errno == EINTR);
	errno = saved;
}
