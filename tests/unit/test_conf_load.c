/* SPDX-License-Identifier: ISC */
/* daemon/conf_load: what is read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alerts/post.h"
#include "base/buf.h"
#include "filters/topic_set.h"
#include "conf_fixture.h"

/* What is read */

static void
has_defaults(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, "");

	assert_int_equal(c->poll.min_s, 300);
	assert_int_equal(c->poll.max_s, 86400);
	assert_int_equal(c->poll.timeout_s, 30);
	assert_int_equal(c->poll.max_body_bytes, 10 << 20);
	assert_int_equal(c->poll.per_host, 2);
	assert_int_equal(c->poll.host_gap_us, 1000000);
	assert_int_equal(c->poll.first_s, 86400);
	assert_null(c->poll.user_agent_url);
	assert_string_equal(c->store.path, HEADLINED_STATEDIR "/headlined.db");
	assert_int_equal(c->store.keep_s, 30 * 86400);
	assert_string_equal(c->control.socket, HEADLINED_RUNDIR
	    "/control.sock");
	assert_string_equal(c->path, f->path);
	assert_null(c->instance);
	assert_int_equal(c->n_feeds + c->n_topics + c->n_sinks, 0);
	assert_non_null(c->topic_set);
	/* Nothing to watch, nothing to alert. */
	assert_int_equal(faults_warnings(f->faults), 2);
}

static void
reads_every_setting(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f,
	    "instance: desk-1\n"
	    "poll: {min: 1m, max: 2h, timeout: 9s, max_body: 64KiB, per_host: "
	    "3,\n  host_gap: 2s, first: all, user_agent_url: "
	    "'https://example.org/bot'}\n"
	    "store: {path: db/x.db, keep: 2w}\n"
	    "control: {socket: /run/x.sock}\n");
	char path[PATH_MAX];

	assert_string_equal(c->instance, "desk-1");
	assert_int_equal(c->poll.min_s, 60);
	assert_int_equal(c->poll.max_s, 7200);
	assert_int_equal(c->poll.timeout_s, 9);
	assert_int_equal(c->poll.max_body_bytes, 65536);
	assert_int_equal(c->poll.per_host, 3);
	assert_int_equal(c->poll.host_gap_us, 2000000);
	assert_true(c->poll.first_s == INT64_MAX);
	assert_string_equal(c->poll.user_agent_url, "https://example.org/bot");
	in_dir(f, "db/x.db", path);
	assert_string_equal(c->store.path, path);
	assert_int_equal(c->store.keep_s, 1209600);
	assert_string_equal(c->control.socket, "/run/x.sock");
	assert_int_equal(load_whole(f, "poll: {first: none}")->poll.first_s,
	    0);
	assert_int_equal(load_whole(f, "poll: {first: 36h}")->poll.first_s,
	    129600);
	assert_int_equal(load_whole(f, "poll: {host_gap: 0}")->poll.host_gap_us,
	    0);
}

static void
reads_feeds_of_all_forms(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f,
	    "feeds:\n"
	    "  - https://a.example/x.xml\n"
	    "  - url: http://b.example:8080/rss?a=1&b=2\n"
	    "    name: B News\n"
	    "    every: 5m\n"
	    "    tags: [world, en]\n"
	    "    lang: pt-BR\n"
	    "    headers: {X-Token: abc, Accept: '*/*'}\n"
	    "  - {file: wire/latest.xml, tags: wire}\n"
	    "  - file: /var/spool/x.xml\n");
	const struct conf_feed *b;
	char url[PATH_MAX + 8];

	assert_int_equal(c->n_feeds, 4);
	assert_string_equal(c->feeds[0].url, "https://a.example/x.xml");
	assert_null(c->feeds[0].set->file);
	assert_null(c->feeds[0].name);
	assert_null(c->feeds[0].set->headers);
	assert_int_equal(c->feeds[0].set->every_s, 0);
	b = &c->feeds[1];
	assert_string_equal(b->url, "http://b.example:8080/rss?a=1&b=2");
	assert_string_equal(b->name, "B News");
	assert_int_equal(b->set->every_s, 300);
	assert_int_equal(b->set->n_tags, 2);
	assert_string_equal(b->set->tags[1], "en");
	assert_string_equal(b->set->lang, "pt-BR");
	assert_string_equal(b->set->headers[0], "X-Token: abc");
	assert_string_equal(b->set->headers[1], "Accept: */*");
	assert_null(b->set->headers[2]);
	snprintf(url, sizeof(url), "file://%s/wire/latest.xml", f->dir);
	assert_string_equal(c->feeds[2].url, url);
	assert_string_equal(c->feeds[2].set->file, url + strlen("file://"));
	assert_int_equal(c->feeds[2].set->n_tags, 1);
	assert_string_equal(c->feeds[3].url, "file:///var/spool/x.xml");
}

static void
takes_one_value_for_a_list(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, "feeds: https://a.example/x\n"
	    "topics: {a: word, b: {match: word, notify: terminal}}\n");

	assert_int_equal(c->n_feeds, 1);
	assert_int_equal(c->n_topics, 2);
	assert_string_equal(c->sinks[c->topics[1].sinks[0]].name, "terminal");
	c = load_whole(f, "feeds: {url: 'https://a.example/x', tags: t}\n"
	    "topics: {a: {match: word, feeds: t}}\n");
	assert_int_equal(c->n_feeds, 1);
	assert_int_equal(faults_warnings(f->faults), 0);
}

static void
takes_empty_sections(void **state)
{
	struct fixture *f = *state;

	(void)load_whole(f, "feeds:\ntopics:\nsinks:\npoll:\nstore: ~\n"
	    "control: {}\ndefaults: null\n");
	(void)load_whole(f, "feeds: []\ntopics: {}\nsinks: {terminal:}\n");
	assert_int_equal(f->conf->n_sinks, 1);
}

static void
reads_topics(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f,
	    "topics:\n"
	    "  long:\n"
	    "    match: |\n"
	    "      # why\n"
	    "      sanctions AND\n"
	    "      embargo\n"
	    "    severity: warning\n"
	    "    until: 2027-03-01\n"
	    "  short: [sanctions, rare earth*]\n"
	    "defaults: {severity: err}\n");

	assert_int_equal(c->n_topics, 2);
	assert_int_equal(topic_set_count(c->topic_set), 2);
	assert_string_equal(c->topics[0].name, "long");
	assert_int_equal(c->topics[0].severity, SEVERITY_WARNING);
	assert_int_equal(c->topics[0].until_s, 1803859200);
	assert_string_equal(c->topics[1].name, "short");
	assert_int_equal(c->topics[1].severity, SEVERITY_ERR);
	assert_true(c->topics[1].until_s == INT64_MAX);
}

/* Sinks */

static void
assert_notifies(const struct conf *c, size_t topic, const char *names)
{
	const struct conf_topic *t = &c->topics[topic];
	struct buf b;

	buf_init(&b, 256);
	for (size_t i = 0; i < t->n_sinks; i++)
		buf_addf(&b, "%s ", c->sinks[t->sinks[i]].name);
	assert_string_equal(buf_cstr(&b), names);
	buf_clear(&b);
}

static void
notifies_syslog_when_nothing_is_said(void **state)
{
	struct conf *c = load_whole(*state, "topics: {a: x, b: y}\n");

	assert_int_equal(c->n_sinks, 1);
	assert_string_equal(c->sinks[0].kind, "syslog");
	assert_int_equal(c->sinks[0].facility, 3);
	assert_notifies(c, 0, "syslog ");
	assert_notifies(c, 1, "syslog ");
}

static void
notifies_as_said(void **state)
{
	struct conf *c = load_whole(*state,
	    "topics:\n"
	    "  a: x\n"
	    "  b: {match: y, notify: [terminal, room, terminal]}\n"
	    "sinks: {room: {webhook: 'https://h.example/in', keep_trying: "
	    "2d}}\n"
	    "defaults: {notify: [syslog, room]}\n");

	assert_notifies(c, 0, "syslog room ");
	assert_notifies(c, 1, "terminal room ");
	assert_int_equal(c->n_sinks, 3);
	assert_string_equal(c->sinks[0].kind, "webhook");
	assert_string_equal(c->sinks[0].url, "https://h.example/in");
	assert_string_equal(c->sinks[0].format, "cloudevents");
	assert_int_equal(c->sinks[0].keep_trying_s, 172800);
	assert_int_equal(c->sinks[0].secret.n, 0);
}

static void
reads_how_a_sink_is_served(void **state)
{
	struct conf *c = load_whole(*state,
	    "topics: {a: {match: x, notify: [room, syslog, terminal]}}\n"
	    "sinks:\n"
	    "  room: {webhook: 'https://h.example/in', parallel: 8,"
	    " rate: 30/m, digest: 15m}\n"
	    "  syslog: {rate: none}\n"
	    "  terminal: {rate: 5/2s}\n");

	assert_int_equal(c->n_sinks, 3);
	assert_int_equal(c->sinks[0].parallel, 8);
	assert_int_equal(c->sinks[0].rate, 30);
	assert_int_equal(c->sinks[0].rate_s, 60);
	assert_int_equal(c->sinks[0].digest_s, 900);
	assert_int_equal(c->sinks[1].rate, 0);
	assert_int_equal(c->sinks[1].parallel, 0);
	assert_int_equal(c->sinks[2].rate, 5);
	assert_int_equal(c->sinks[2].rate_s, 2);
	assert_int_equal(c->sinks[2].digest_s, 0);
}

static void
knows_what_services_take(void **state)
{
	struct conf *c = load_whole(*state,
	    "topics: {a: {match: x, notify: [one, two, three]}}\n"
	    "sinks:\n"
	    "  one: {webhook: 'https://h.example/in', format: slack}\n"
	    "  two: {webhook: 'https://h.example/in', format: slack,"
	    " rate: none}\n"
	    "  three: {webhook: 'https://h.example/in'}\n");
	const struct post_format *slack = post_find_format("slack");

	assert_true(slack->rate > 0);
	assert_int_equal(c->sinks[0].rate, slack->rate);
	assert_int_equal(c->sinks[0].rate_s, slack->rate_s);
	assert_int_equal(c->sinks[0].burst, 1);
	assert_int_equal(c->sinks[1].rate, 0);
	assert_int_equal(c->sinks[2].rate, 0);
}

static void
keeps_built_in_sinks_on_their_defaults(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f, "topics: {a: x}\n"
	    "sinks: {syslog: {facility: local7, remote: 'h:0'}}\n");

	assert_int_equal(faults_errors(f->faults), 1);
	assert_int_equal(c->left_out, 1);
	assert_notifies(c, 0, "syslog ");
	assert_int_equal(c->sinks[0].facility, 23);
}

/* A topic that only names sinks in error must not fall silent. */
static void
goes_to_syslog_when_its_sinks_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f, "feeds: https://a.example/\n"
	    "topics:\n"
	    "  a: {match: x, notify: room}\n"
	    "  b: {match: y, notify: [room, terminal]}\n"
	    "sinks: {room: {webhook: 'ftp://h.example/in'}}\n");

	assert_int_equal(faults_errors(f->faults), 1);
	assert_int_equal(faults_warnings(f->faults), 1);
	assert_int_equal(c->left_out, 1);
	assert_notifies(c, 0, "syslog ");
	assert_notifies(c, 1, "terminal ");
}

static void
drops_a_default_that_names_no_sink(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f, "topics: {a: x, b: y}\n"
	    "defaults: {notify: [terminal, nobody]}\n");

	assert_int_equal(faults_errors(f->faults), 1);
	assert_string_equal(first_error(f->faults)->key, "defaults.notify");
	assert_int_equal(c->left_out, 1);
	assert_int_equal(c->n_topics, 2);
	assert_notifies(c, 1, "syslog ");
}

static void
caps_connections_per_address(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(conf_per_address(load_whole(f,
	    "feeds: 'http://a.example/'\n")), 8);
	assert_int_equal(conf_per_address(load_whole(f,
	    "feeds: 'http://a.example/'\npoll: {per_host: 20}\n")), 20);
}

static void
is_counted(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load_whole(f, "instance: x\n");

	assert_ptr_equal(conf_ref(c), c);
	conf_unref(c);
	assert_string_equal(c->instance, "x");
	conf_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(has_defaults),
		T(reads_every_setting),
		T(reads_feeds_of_all_forms),
		T(takes_one_value_for_a_list),
		T(takes_empty_sections),
		T(reads_topics),
		T(notifies_syslog_when_nothing_is_said),
		T(notifies_as_said),
		T(reads_how_a_sink_is_served),
		T(knows_what_services_take),
		T(keeps_built_in_sinks_on_their_defaults),
		T(goes_to_syslog_when_its_sinks_are_left_out),
		T(drops_a_default_that_names_no_sink),
		T(caps_connections_per_address),
		T(is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
