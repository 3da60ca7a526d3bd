/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "alerts/alert_format.h"
#include "alerts/post_table.h"
#include "alerts/post_template.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

#define S(lit)	{ (lit), sizeof(lit) - 1 }

static const struct hit hits[] = {
	{ .term = S("peacekeep*"), .field = "title", .text = S("Peacekeepers"),
	  .context = S("Peacekeepers \"soon\"") },
	{ .term = S("ukraine"), .field = "summary", .text = S("Ukraine"),
	  .context = S("In Ukraine, <they> say & so") },
};
static const struct str sites[] = { S("a.example"), S("b.example") };

static const struct message alert = { .kind = MESSAGE_ALERT, .alert = {
	.id = S("msg_1"), .instance = S("desk-1"), .topic = S("ukraine"),
	.severity = SEVERITY_WARNING, .time_s = 1700000000,
	.item = { .id = S("i"), .url = S("https://a.example/x?a=1&b=2"),
	    .title = S("Peacekeepers\t\"soon\""), .summary = S("s"),
	    .published_s = ITEM_NO_TIME, .first_seen_s = 1700000000 },
	.feed = { .title = S("A & B"), .site = S("a.example") },
	.hits = hits, .n_hits = N(hits),
	.story = { .id = S("st"), .copies = 3, .sites = sites,
	    .n_sites = N(sites) }
} };

static const struct message notice = { .kind = MESSAGE_NOTICE, .notice = {
	.id = S("msg_2"), .instance = S("desk-1"),
	.condition = S("feed_failing"), .about = S("https://b.example/rss"),
	.severity = SEVERITY_ERR, .since_s = 1700000000, .time_s = 1700000001,
	.message = S("no document for a day")
} };

static const struct {
	const char	*says;
	const char	*type, *template;
	const struct message *message;
	const char	*want;
} bodies[] = {
	{ "short names, plain", "text/plain",
	    "{{severity}}: {{title}} ({{source}}, {{topic}}) {{url}}\n{{text}}",
	    &alert, "warning: Peacekeepers \"soon\" (A & B, ukraine) "
	    "https://a.example/x?a=1&b=2\nIn Ukraine, <they> say & so" },
	{ "JSON", "application/json",
	    "{\"text\": \"{{title}}\", \"n\": {{^data.story.copies}}0"
	    "{{/data.story.copies}}{{data.story.copies}}}", &alert,
	    "{\"text\": \"Peacekeepers \\\"soon\\\"\", \"n\": 3}" },
	{ "HTML", "text/html; charset=utf-8",
	    "<a href=\"{{url}}\">{{title}}</a> {{#data.matches}}<i>{{context}}"
	    "</i>{{/data.matches}}", &alert,
	    "<a href=\"https://a.example/x?a=1&amp;b=2\">Peacekeepers &quot;"
	    "soon&quot;</a> <i>Peacekeepers &quot;soon&quot;</i><i>In Ukraine, "
	    "&lt;they&gt; say &amp; so</i>" },
	{ "a form", "application/x-www-form-urlencoded",
	    "t={{title}}&u={{url}}", &alert, "t=Peacekeepers%20%22soon%22&u="
	    "https%3A%2F%2Fa.example%2Fx%3Fa%3D1%26b%3D2" },
	{ "the event's own", "text/plain",
	    "{{id}} {{type}} {{time}} {{data.feed.site}} "
	    "{{#data.story.sites}}[{{.}}]{{/data.story.sites}}", &alert,
	    "msg_1 io.headlined.alert.v1 2023-11-14T22:13:20Z a.example "
	    "[a.example][b.example]" },
	{ "which it is", "text/plain",
	    "{{#alert}}A {{title}}{{/alert}}{{#health}}H {{title}} {{text}} "
	    "{{data.state}}{{/health}}", &notice, "H no document for a day "
	    "https://b.example/rss begun" },
	{ "what a notice has not", "text/plain",
	    "({{url}}{{data.item.title}}{{#data.matches}}x{{/data.matches}})",
	    &notice, "()" },
};

static void
write_body(struct post *post, const char *template, const char *type,
    const struct message *m)
{
	struct err err = { .msg = "" };
	struct mustache *t = post_template_compile(str_from(template), NULL,
	    type, &err);
	const struct post_settings settings = { .url = "https://h.example/in",
		.token = STR("abc"), .template = t, .content_type = type };

	if (t == NULL || post_format_template.write(post, m,
	    &settings, &err) == -1)
		fail_msg("%s: %s", template, err.msg);
	mustache_free(t);
}

static void
bodies_are_as_the_template_says(void **state)
{
	struct post post;

	(void)state;
	for (size_t i = 0; i < N(bodies); i++) {
		post_init(&post);
		write_body(&post, bodies[i].template, bodies[i].type,
		    bodies[i].message);
		if (strcmp(buf_cstr(&post.body), bodies[i].want) != 0)
			fail_msg("%s: %s", bodies[i].says,
			    buf_cstr(&post.body));
		assert_string_equal(buf_cstr(&post.url),
		    "https://h.example/in");
		assert_string_equal(post.content_type, bodies[i].type);
		assert_int_equal(post.n_headers, 1);
		assert_string_equal(buf_cstr(&post.headers[0]),
		    "Authorization: Bearer abc");
		post_clear(&post);
	}
}

static const struct {
	const char	*type, *template, *want;
	int		 line, col;
} faults[] = {
	{ "text/plain", "{{titel}}", "(title?)", 1, 3 },
	{ "text/plain", "\n{{item.title}}", "(data.item.title?)", 2, 3 },
	{ "text/plain", "{{#data.matches}}{{trem}}{{/data.matches}}",
	    "(term?)", 1, 20 },
	{ "application/json", "{\"t\": \"{{{title}}}\"}", "makes no JSON",
	    0, 0 },
	{ "application/json", "{\"t\": {{title}}}", "makes no JSON", 0, 0 },
	{ "application/json", "{\"n\": {{data.story.copies}}}",
	    "of a health message it makes no JSON", 0, 0 },
	{ "application/json",
	    "[{{#data.matches}}\"{{term}}\",{{/data.matches}}]",
	    "of an alert message it makes no JSON", 0, 0 },
	{ "application/vnd.x+json", "{{title}}", "makes no JSON", 0, 0 },
};

static void
what_makes_no_body_is_no_template(void **state)
{
	struct mustache *t;
	struct err err;

	(void)state;
	for (size_t i = 0; i < N(faults); i++) {
		t = post_template_compile(str_from(faults[i].template), "t",
		    faults[i].type, &err);
		if (t != NULL || strstr(err.msg, faults[i].want) == NULL ||
		    err.line != faults[i].line || err.col != faults[i].col ||
		    strcmp(err.file, "t") != 0)
			fail_msg("%s: %d:%d: %s", faults[i].template, err.line,
			    err.col, t != NULL ? "compiled" : err.msg);
	}
}

/* A name that the tree has and no message writes would always be empty. */
static void
all_names_of_an_event_are_known(void **state)
{
	static const char *const paths[] = {
		"{{data.topic}}{{data.severity}}{{data.item.id}}",
		"{{data.item.url}}{{data.item.title}}{{data.item.summary}}",
		"{{#data.item.authors}}{{.}}{{/data.item.authors}}",
		"{{data.item.published}}{{data.item.first_seen}}",
		"{{data.item.language}}{{data.item.text_from}}",
		"{{data.feed.title}}{{data.feed.url}}{{data.feed.site}}",
		"{{#data.matches}}{{term}}{{field}}{{text}}{{context}}"
		    "{{/data.matches}}",
		"{{#data.entities}}{{id}}{{kind}}{{name}}{{mentions}}"
		    "{{/data.entities}}",
		"{{data.story.id}}{{data.story.copies}}",
		"{{data.condition}}{{data.state}}{{data.about}}{{data.since}}",
		"{{data.message}}{{data.count}}{{data.until}}{{data.sink}}",
		"{{#data.topics}}{{topic}}{{count}}{{/data.topics}}",
		"{{#data.alerts}}{{id}}{{topic}}{{severity}}{{title}}{{url}}"
		    "{{site}}{{time}}{{/data.alerts}}",
		"{{#digest}}{{title}}{{/digest}}{{#test}}{{text}}{{/test}}",
	};
	struct err err = { .msg = "" };

	(void)state;
	for (size_t i = 0; i < N(paths); i++) {
		struct mustache *t = post_template_compile(str_from(paths[i]),
		    NULL, "text/plain", &err);

		if (t == NULL)
			fail_msg("%s: %s", paths[i], err.msg);
		mustache_free(t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_as_the_template_says),
		cmocka_unit_test(what_makes_no_body_is_no_template),
		cmocka_unit_test(all_names_of_an_event_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
