/* SPDX-License-Identifier: ISC */
/*
 * Reads the configuration's text in two passes (conf_load.h). Here stand the
 * keys of the first level and those of the small sections; a new key is a new
 * row. Ranges are where a value is surely a slip of the pen.
 */
#include "daemon/conf_load.h"

#include <limits.h>
#include <string.h>
#include <sys/un.h>

#include "alerts/alert.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/conf_file.h"
#include "daemon/conf_value.h"
#include "daemon/faults.h"
#include "daemon/loopback.h"
#include "filters/entity_index.h"

enum {
	MAX_SOCKET = sizeof(((struct sockaddr_un *)0)->sun_path) - 1,
	MAX_GUESSES = 2000000
};

/* The smallest store that tidying can keep, and one no disk has. */
#define MIN_STORE	(INT64_C(8) << 20)
#define MAX_STORE	(INT64_C(1) << 50)

#define HOUR_S	INT64_C(3600)
#define DAY_S	(24 * HOUR_S)
#define YEAR_S	(365 * DAY_S)

static conf_read_fn	read_instance, read_defaults, read_poll, read_store,
			read_health, read_workers, read_control,
			read_includes;
static conf_read_fn	read_gap, read_first, read_loopback, read_web_page;

static const struct conf_row root_rows[] = {
	{ "instance",	read_instance,		0, 0, 0 },
	{ "feeds",	conf_read_feeds,	0, 0, 0 },
	{ "topics",	conf_read_topics,	0, 0, 0 },
	{ "sinks",	conf_read_sinks,	0, 0, 0 },
	{ "defaults",	read_defaults,		0, 0, 0 },
	{ "poll",	read_poll,		0, 0, 0 },
	{ "store",	read_store,		0, 0, 0 },
	{ "health",	read_health,		0, 0, 0 },
	{ "workers",	read_workers,		0, 1, CONF_MAX_WORKERS },
	{ "control",	read_control,		0, 0, 0 },
	{ "entities",	conf_read_entities,	0, 0, 0 },
	{ "include",	read_includes,		0, 1, PATH_MAX - 1 },
	{ NULL,		NULL,			0, 0, 0 }
};

#define AT(member)	offsetof(struct conf_loader, defaults.member)
static const struct conf_row default_rows[] = {
	{ "notify",	conf_read_words,	AT(notify),	1,
	    CONF_MAX_NAME },
	{ "severity",	conf_read_severity,	AT(severity),	0, 0 },
	{ "alert_per",	conf_read_per,		AT(per),	0, 0 },
	{ NULL,		NULL,			0,		0, 0 }
};
#undef AT

static const struct conf_row health_rows[] = {
	{ "notify",	conf_read_words, offsetof(struct conf_loader, health),
	    1, CONF_MAX_NAME },
	{ NULL,		NULL,			0, 0, 0 }
};

#define AT(member)	offsetof(struct conf, member)
/* min and max first: check_bounds. */
static const struct conf_row poll_rows[] = {
	{ "min",	conf_read_duration,	AT(poll.min_s), 1, YEAR_S },
	{ "max",	conf_read_duration,	AT(poll.max_s), 1, YEAR_S },
	{ "timeout",	conf_read_duration,	AT(poll.timeout_s), 1, HOUR_S },
	{ "max_body",	conf_read_size,		AT(poll.max_body_bytes),
	    1 << 10, 1 << 30 },
	{ "per_host",	conf_read_number,	AT(poll.per_host), 1, 1000 },
	{ "host_gap",	read_gap,		AT(poll.host_gap_us), 0,
	    HOUR_S },
	{ "first",	read_first,		AT(poll.first_s), 0,
	    100 * YEAR_S },
	{ "user_agent_url", read_web_page,	AT(poll.user_agent_url), 1,
	    256 },
	{ "text",	conf_read_text_from,	AT(poll.text),	0, 0 },
	{ "page_limit",	conf_read_number,	AT(poll.page_limit), 1,
	    CONF_MAX_PAGES },
	{ NULL,		NULL,			0, 0, 0 }
};

static const struct conf_row store_rows[] = {
	{ "path",	conf_read_path,		AT(store.path), 1, PATH_MAX },
	{ "keep",	conf_read_duration,	AT(store.keep_s), HOUR_S,
	    100 * YEAR_S },
	{ "max_size",	conf_read_size,		AT(store.max_bytes), MIN_STORE,
	    MAX_STORE },
	{ NULL,		NULL,			0, 0, 0 }
};

static const struct conf_row control_rows[] = {
	{ "socket",	conf_read_path,		AT(control.socket), 1,
	    MAX_SOCKET },
	{ "http",	read_loopback,		AT(control.http), 0, 0 },
	{ NULL,		NULL,			0, 0, 0 }
};
#undef AT

/* Settings */

/* It stands in a URN (RFC 8141, 2): urn:headlined:INSTANCE. */
static int
read_instance(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	int rc = conf_want_text(l, value, "a name");

	(void)row;
	(void)into;
	if (rc != 1)
		return rc;
	if (value->text.n > 64 ||
	    value->text.p[strspn(value->text.p, unreserved)] != '\0' ||
	    value->text.n == 0)
		conf_fault(l, value, "not a name (1 to 64 letters, digits, "
		    "- . _ ~)");
	else
		l->conf->instance = arena_copy(l->arena, value->text).p;
	return 0;
}

static int
read_defaults(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_map map = { .rows = default_rows, .into = l,
		.settings = true };

	(void)row;
	(void)into;
	return conf_read_map(l, &map, value);
}

static int
read_health(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_map map = { .rows = health_rows, .into = l,
		.settings = true };

	(void)row;
	(void)into;
	return conf_read_map(l, &map, value);
}

static int
read_workers(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_row whole = { .min = row->min, .max = row->max };

	(void)into;
	return conf_read_number(l, &whole, value, &l->conf->workers);
}

static int
read_includes(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_row whole = { .min = row->min, .max = row->max };

	(void)into;
	return conf_read_words(l, &whole, value, &l->includes);
}

static int
read_section(struct conf_loader *l, struct conf_map *map,
    const struct conf_row *rows, const struct yaml_event *value)
{
	*map = (struct conf_map){ .rows = rows, .into = l->conf,
		.settings = true };
	return conf_read_map(l, map, value);
}

/* poll.min and poll.max together; `map` has where each was given. */
static void
check_bounds(struct conf_loader *l, const struct conf_map *map,
    int64_t default_min_s, int64_t default_max_s)
{
	const struct yaml_event *min_at = &map->at[0], *max_at = &map->at[1];
	struct conf *c = l->conf;
	char min[CONF_VALUE_TEXT_SIZE], max[CONF_VALUE_TEXT_SIZE];

	if (c->poll.min_s <= c->poll.max_s)
		return;
	conf_value_show_duration(c->poll.min_s, min);
	conf_value_show_duration(c->poll.max_s, max);
	conf_fault(l, min_at->line != 0 ? min_at : max_at, "min, %s, is more "
	    "than max, %s%s", min, max, min_at->line == 0 ?
	    " (min is the default: set it as well)" : max_at->line == 0 ?
	    " (max is the default: set it as well)" : "");
	c->poll.min_s = default_min_s;
	c->poll.max_s = default_max_s;
	c->left_out++;
}

static int
read_poll(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	int64_t min_s = l->conf->poll.min_s, max_s = l->conf->poll.max_s;
	struct conf_map map;

	(void)row;
	(void)into;
	if (read_section(l, &map, poll_rows, value) == -1)
		return -1;
	check_bounds(l, &map, min_s, max_s);
	return 0;
}

static int
read_store(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_map map;

	(void)row;
	(void)into;
	return read_section(l, &map, store_rows, value);
}

static int
read_control(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	struct conf_map map;

	(void)row;
	(void)into;
	return read_section(l, &map, control_rows, value);
}

static int
read_loopback(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	const char **to = (void *)((char *)into + row->offset), *why;
	int rc = conf_want_text(l, value, "an address and a port");
	struct sockaddr_storage any;
	socklen_t size;

	if (rc != 1)
		return rc;
	why = loopback_read(value->text, &any, &size);
	if (why != NULL)
		conf_fault(l, value, "%s", why);
	else
		*to = arena_copy(l->arena, value->text).p;
	return 0;
}

/* A duration, kept in microseconds. */
static int
read_gap(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	const struct conf_row seconds = { .min = row->min, .max = row->max };
	int64_t *to = (void *)((char *)into + row->offset), s = -1;

	if (conf_read_duration(l, &seconds, value, &s) == -1)
		return -1;
	if (s != -1)
		*to = s * 1000000;
	return 0;
}

static int
read_first(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	int64_t *to = (void *)((char *)into + row->offset), ignored;
	int rc = conf_want_text(l, value, "a duration, all or none");

	if (rc != 1)
		return rc;
	if (str_eq_c(value->text, "all"))
		*to = INT64_MAX;
	else if (str_eq_c(value->text, "none"))
		*to = 0;
	else if (conf_value_duration(value->text, &ignored) == 0)
		return conf_read_duration(l, row, value, into);
	else
		conf_fault(l, value, "not a duration (such as 24h), all or "
		    "none");
	return 0;
}

/* A URL for people: const char *. */
static int
read_web_page(struct conf_loader *l, const struct conf_row *row,
    const struct yaml_event *value, void *into)
{
	const char **to = (void *)((char *)into + row->offset), *text = NULL;
	const struct conf_row whole = { .min = row->min, .max = row->max };
	struct url_parts parts;

	if (conf_read_text(l, &whole, value, &text) == -1)
		return -1;
	if (text != NULL && conf_check_url(l, value, str_from(text), &parts))
		*to = text;
	return 0;
}

/* The file */

/* Where the file stands, and what it holds: kept with the configuration. */
static bool
keep_file(struct conf_loader *l, const char *path, struct str text)
{
	l->conf->path = conf_file_absolute(l->arena, path);
	if (l->conf->path == NULL)
		return false;
	l->dir = conf_file_dir(l->scratch, l->conf->path);
	return l->dir != NULL && conf_keep_text(l->conf, text) &&
	    !arena_failed(l->arena);
}

int
conf_read_document(struct conf_loader *l, const struct conf_row *rows)
{
	struct conf_map map = { .rows = rows, .into = l, .settings = true };
	size_t before = faults_errors(l->faults);
	struct yaml_event ev;

	if (yaml_next(l->yaml, &ev, &l->err) == -1)
		return -1;
	if (ev.kind == YAML_END)
		return 0;
	if (conf_read_map(l, &map, &ev) == -1)
		return -1;
	if (ev.kind != YAML_MAP && faults_errors(l->faults) > before)
		l->conf->left_out++;
	return yaml_next(l->yaml, &ev, &l->err);
}

static int
finish(struct conf_loader *l)
{
	if (!conf_feeds_finish(l) || !conf_notify_finish(l) ||
	    !conf_entities_finish(l) || !conf_topics_finish(l) ||
	    !conf_wanted_finish(l) ||
	    !conf_index_feeds(l->conf, l->arena) ||
	    arena_failed(l->arena) || arena_failed(l->scratch))
		return err_set(&l->err, "out of memory");
	if (l->tested != NULL && conf_samples_try(l) == -1)
		return -1;
	if (l->conf->n_feeds == 0 && l->conf->left_out == 0)
		faults_add(l->faults, l->yaml, 0, 0, 1, true, "feeds",
		    "no feed: nothing to watch (a headlined that runs "
		    "refuses to reload it)");
	/* What was left out has been told already. */
	if (l->conf->n_topics == 0 && l->conf->left_out == 0)
		faults_add(l->faults, l->yaml, 0, 0, 1, true, "topics",
		    "no topic: nothing to alert (a headlined that runs "
		    "refuses to reload it)");
	return 0;
}

static int
load(struct conf_loader *l, const char *path, struct str whole, bool was_kept)
{
	struct str text = whole, kept = STR_NONE;

	if (was_kept)
		text = conf_main_text(whole, &kept);
	if (l->scratch == NULL || l->conf == NULL || !keep_file(l, path, whole))
		return err_set(&l->err, "out of memory");
	l->yaml = yaml_open_text(path, text, &l->err);
	if (l->yaml == NULL || conf_read_document(l, root_rows) == -1)
		return -1;
	if (conf_include(l, kept) == -1 || (!l->unreadable && finish(l) == -1))
		return -1;
	return was_kept || l->unreadable || conf_keep_lists(l) ? 0 :
	    err_set(&l->err, "out of memory");
}

void
conf_tell_failure(struct conf_loader *l, const char *path)
{
	faults_add(l->faults, l->yaml, l->err.line, l->err.col, 1, false,
	    l->yaml != NULL ? "" : path, "%s", l->err.msg);
}

/* What is wanted beside the configuration, or NULL each. */
struct beside {
	struct conf_tested	*tested;
	struct conf_asked	*asked;
};

static const struct beside no_more;

/* whole: with what was kept of included files, if it was. */
static struct conf *
load_text(const char *path, struct str whole, bool was_kept,
    struct faults *faults, struct beside beside)
{
	struct conf_loader l = { .faults = faults, .guesses = MAX_GUESSES,
		.tested = beside.tested, .asked = beside.asked,
		.defaults.severity = SEVERITY_NOTICE,
		.defaults.per = ALERT_PER_TEXT };
	struct conf *conf;

	l.scratch = arena_new(SIZE_MAX);
	l.conf = conf = conf_new(&l.arena);
	l.last_feed = &l.feeds;
	l.topics.last = &l.topics.first;
	if (load(&l, path, whole, was_kept) == -1) {
		conf_tell_failure(&l, path);
		l.unreadable = true;
	}
	if (l.unreadable) {
		conf_unref(conf);
		conf = NULL;
	}
	conf_included_free(&l);
	conf_names_clear(&l.topic_names);
	conf_names_clear(&l.lists);
	conf_names_clear(&l.list_files);
	conf_names_clear(&l.sink_names);
	entity_index_free(l.entity_index);
	conf_names_clear(&l.urls);
	conf_names_clear(&l.selectors);
	conf_names_clear(&l.feed_sets);
	conf_names_clear(&l.sinks);
	yaml_close(l.yaml);
	arena_free(l.scratch);
	return conf;
}

struct conf *
conf_load_text(const char *path, struct str text, struct faults *faults)
{
	return load_text(path, text, true, faults, no_more);
}

static struct conf *
load_file(const char *path, struct faults *faults, struct beside beside)
{
	struct conf *conf = NULL;
	struct buf text;
	struct err err;

	buf_init(&text, CONF_FILE_MAX_BYTES);
	if (conf_file_read(path, &text, &err) == -1)
		faults_add(faults, NULL, 0, 0, 1, false, path, "%s", err.msg);
	else
		conf = load_text(path, buf_str(&text), false, faults, beside);
	buf_clear(&text);
	return conf;
}

struct conf *
conf_load(const char *path, struct faults *faults)
{
	return load_file(path, faults, no_more);
}

struct conf *
conf_load_and_test(const char *path, struct faults *faults,
    struct conf_tested *tested)
{
	*tested = (struct conf_tested){ 0 };
	return load_file(path, faults, (struct beside){ .tested = tested });
}

struct conf *
conf_load_and_ask(const char *path, struct faults *faults,
    struct conf_asked *asked)
{
	asked->topic = -1;
	return load_file(path, faults, (struct beside){ .asked = asked });
}
