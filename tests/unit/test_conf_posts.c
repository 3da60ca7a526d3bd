/* SPDX-License-Identifier: ISC */
/* In which form a webhook sends: what is read, and what does not fit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alerts/post.h"
#include "alerts/sink.h"
#include "alerts/sink_post.h"
#include "conf_fixture.h"

#define SINK	"topics: {a: x}\nsinks:\n  s:\n"			\
	"    webhook: https://h.example/in\n"

static void
knows_every_format(void **state)
{
	struct fixture *f = *state;
	const char *name;
	char text[512];

	for (size_t i = 0; (name = sink_post_format_name(i)) != NULL; i++) {
		const struct post_format *format = post_find_format(name);
		struct conf *c;

		if (format != NULL && format->needs != 0)
			continue;
		snprintf(text, sizeof(text), SINK "    format: %s\n", name);
		c = load_whole(f, text);
		assert_string_equal(c->sinks[0].format, name);
		forget(f);
	}
}

static void
reads_a_template(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, SINK
	    "    format: template\n"
	    "    content_type: text/plain\n"
	    "    template: |\n"
	    "      {{title}}\n"
	    "      {{url}}\n");

	assert_string_equal(c->sinks[0].template, "{{title}}\n{{url}}\n");
	assert_string_equal(c->sinks[0].content_type, "text/plain");
	assert_null(c->sinks[0].token.p);
}

static void
reads_a_template_from_a_file(void **state)
{
	struct fixture *f = *state;
	struct conf *c;

	write_file(f, "one", 0644, "{\"t\": \"{{title}}\"}\n");
	write_file(f, "key", 0600, " secret-token \n");
	c = load_whole(f, SINK
	    "    format: template\n"
	    "    template_file: one\n"
	    "    token_file: key\n");
	assert_string_equal(c->sinks[0].template, "{\"t\": \"{{title}}\"}\n");
	assert_null(c->sinks[0].content_type);
	assert_true(str_eq_c(c->sinks[0].token, "secret-token"));
}

static const struct {
	const char	*says;
	const char	*sink;		/* what follows webhook */
	int		 line, col;
	const char	*key;
	const char	*want;
} bad[] = {
	{ "no such format", "    format: xyzzyqqq\n", 5, 13,
	    "sinks.s.format", "no such format" },
	{ "a format, misspelt", "    format: discrod\n", 5, 13,
	    "sinks.s.format", "did you mean discord?" },
	{ "a template that is not there", "    format: template\n", 5, 13,
	    "sinks.s.format", "format template needs template" },
	{ "a template for slack", "    format: slack\n    template: x\n"
	    "    content_type: text/plain\n", 5, 13, "sinks.s.format",
	    "format slack has no use for template" },
	{ "a token for cloudevents", "    token_file: key\n", 3, 3,
	    "sinks.s.format", "format cloudevents has no use for "
	    "token_file" },
	{ "a chat for slack", "    chat: -100\n    format: slack\n", 6, 13,
	    "sinks.s.format", "format slack has no use for chat" },
	{ "a content type without a template", "    format: slack\n"
	    "    content_type: text/plain\n", 5, 13, "sinks.s.format",
	    "content_type goes with a template" },
	{ "no media type", "    format: template\n    template: '{}'\n"
	    "    content_type: json\n", 7, 19, "sinks.s.content_type",
	    "not a media type" },
	{ "a name that no message has", "    format: template\n"
	    "    template: |\n      {\"a\":\n      \"{{titel}}\"}\n", 8, 10,
	    "sinks.s.template", "title" },
	{ "a template and no format", "    template: x\n", 5, 15,
	    "sinks.s.template", "needs format: template" },
	{ "a template's file and no format", "    template_file: one\n", 5,
	    20, "sinks.s.template_file", "needs format: template" },
	{ "no JSON in a file", "    format: template\n    template_file: key\n",
	    6, 20, "sinks.s.template_file", "key: of an alert message it makes "
	    "no JSON" },
	{ "no JSON", "    format: template\n    template: '{{title}}'\n", 6,
	    15, "sinks.s.template", "makes no JSON" },
	{ "two templates", "    format: template\n    template: '{}'\n"
	    "    template_file: one\n", 7, 20, "sinks.s.template_file",
	    "one of the two" },
	{ "a template in a file that is wrong", "    format: template\n"
	    "    template_file: bad\n", 6, 20, "sinks.s.template_file",
	    "bad:2:" },
	{ "a file that is not there", "    format: template\n"
	    "    template_file: none\n", 6, 20, "sinks.s.template_file",
	    "none" },
	{ "no token in the file", "    format: template\n"
	    "    template: '{}'\n    token_file: empty\n", 7, 17,
	    "sinks.s.token_file", "holds no token" },
	{ "two words for a token", "    format: template\n"
	    "    template: '{}'\n    token_file: two\n", 7, 17,
	    "sinks.s.token_file", "a token is one word" },
	{ "a token that all may read", "    format: template\n"
	    "    template: '{}'\n    token_file: open\n", 7, 17,
	    "sinks.s.token_file", "everybody may read" },
};

static void
tells_what_does_not_fit(void **state)
{
	struct fixture *f = *state;
	char text[1024];

	write_file(f, "key", 0600, "token-1");
	write_file(f, "open", 0644, "token-1");
	write_file(f, "two", 0600, "token-1 token-2");
	write_file(f, "empty", 0600, " \n");
	write_file(f, "one", 0600, "{}");
	write_file(f, "bad", 0600, "{}\n{{#x}}");
	for (size_t i = 0; i < N(bad); i++) {
		const struct fault *fault;
		struct conf *c;

		snprintf(text, sizeof(text), "%s%s", SINK, bad[i].sink);
		c = load(f, text);
		fault = faults_at(f->faults, 0);
		if (fault == NULL || faults_errors(f->faults) != 1)
			fail_msg("%s: %zu errors", bad[i].says,
			    faults_errors(f->faults));
		if (fault->line != bad[i].line || fault->col != bad[i].col ||
		    strcmp(fault->key, bad[i].key) != 0 ||
		    strstr(fault->message, bad[i].want) == NULL ||
		    strstr(fault->message, "token-") != NULL)
			fail_msg("%s: %d:%d: %s: %s", bad[i].says,
			    fault->line, fault->col, fault->key,
			    fault->message);
		assert_int_equal(c->n_sinks, 1);	/* syslog */
		assert_int_equal(c->left_out, 1);
		forget(f);
	}
}

/* A token is a secret: over https alone, but for loopback. */
static void
wants_https_for_a_token(void **state)
{
	struct fixture *f = *state;

	write_file(f, "key", 0600, "token-1");
	(void)load(f, "topics: {a: x}\nsinks: {s: {webhook: "
	    "'http://h.example/', format: template, template: '{}', "
	    "token_file: key}}\n");
	assert_int_equal(faults_errors(f->faults), 1);
	assert_non_null(strstr(faults_at(f->faults, 0)->message,
	    "needs https"));
	forget(f);
	(void)load_whole(f, "topics: {a: x}\nsinks: {s: {webhook: "
	    "'http://127.0.0.1:9/', format: template, template: '{}', "
	    "token_file: key}}\n");
}

/* Each is told, whatever else is wrong. */
static void
tells_all_in_one_run(void **state)
{
	struct fixture *f = *state;

	(void)load(f, "topics: {a: x}\nsinks: {s: {webhook: 'ftp://h', "
	    "format: slack, chat: x}}\n");
	assert_int_equal(faults_errors(f->faults), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(knows_every_format),
		T(reads_a_template),
		T(reads_a_template_from_a_file),
		T(tells_what_does_not_fit),
		T(wants_https_for_a_token),
		T(tells_all_in_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
