/* SPDX-License-Identifier: ISC */
/*
 * A file of topics from a stranger, as a whole configuration. Beside what the
 * sanitizers see: each fault has its place and says something, nothing is left
 * out without one, what is loaded once more is the same, and what was compiled
 * can be matched and explained.
 *
 * Keys that name other files are not for this target: an input that has one of
 * their names is passed over, so that no run depends on the machine's files.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/faults.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/topic_set.h"

int		 LLVMFuzzerTestOneInput(const uint8_t *, size_t);
const char	*__lsan_default_suppressions(void);

enum { MAX_DOCUMENT = 1 << 15, MAX_EXPLAINED = 20 };

/* libfyaml 0.7 loses some bytes where a quoted scalar is in error, once a load:
 * they are not ours to free. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libfyaml.so";
}

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
names_files(struct str text)
{
	static const char *const words[] = { "include", "entities", "opml",
		"file", "list", "credentials" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_find_nocase(text, str_from(words[i])) < text.n)
			return true;
	/* An escape may spell any of them. */
	return text.n > 0 && memchr(text.p, '\\', text.n) != NULL;
}

static void
require_faults(const struct faults *faults)
{
	const struct fault *f;

	for (size_t i = 0; (f = faults_at(faults, i)) != NULL; i++) {
		require(f->line >= 0 && f->col >= 0 && f->length >= 1);
		require(f->message[0] != '\0');
	}
}

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	(void)hits;
	require(topic < topic_set_count(ctx) && n <= MATCHER_MAX_HITS);
	return 0;
}

static int
on_node(const struct matcher_node *node, void *ctx)
{
	(void)ctx;
	require(utf8_is_valid(node->text));
	return 0;
}

static void
require_usable(const struct conf *c)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	struct topic_set *set = c->topic_set;
	struct matcher *m = matcher_new();
	struct document doc;
	struct err err;

	document_of_text(&doc, STR("Peace talks in Kyiv, says Macron\n"
	    "The border is open. Peacekeepers may go there.\n\nMore talks."));
	require(topic_set_count(set) == c->n_topics);
	if (m == NULL)
		return;
	require(matcher_run(m, set, &doc, NULL, &ops, set, &err) == 0);
	for (uint32_t i = 0; i < c->n_topics && i < MAX_EXPLAINED; i++)
		require(matcher_explain(m, set, &doc, i, on_node, NULL,
		    &err) == 0);
	matcher_free(m);
}

/* What a load comes to; a conf, or NULL. */
static struct conf *
load(struct str text, size_t *errors, size_t *warnings)
{
	struct faults *faults = faults_new();
	struct conf *c;

	require(faults != NULL);
	c = conf_load_text("/nowhere/h.yaml", text, faults);
	*errors = faults_errors(faults);
	*warnings = faults_warnings(faults);
	require_faults(faults);
	if (c != NULL)
		require(c->left_out == 0 || *errors > 0);
	else
		require(*errors > 0);
	faults_free(faults);
	return c;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	size_t errors, warnings, again[2];
	struct conf *c, *d;

	if (n > MAX_DOCUMENT || names_files(text))
		return 0;
	c = load(text, &errors, &warnings);
	d = load(text, &again[0], &again[1]);
	require((c == NULL) == (d == NULL) && again[0] == errors &&
	    again[1] == warnings);
	if (c != NULL) {
		require(c->n_topics == d->n_topics);
		require_usable(c);
	}
	conf_unref(c);
	conf_unref(d);
	return 0;
}
