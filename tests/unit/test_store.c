/* SPDX-License-Identifier: ISC */
/*
 * daemon/store: one process at a time, a name that stays, clear refusals, a
 * reset that loses nothing and floods nobody, a copy that can be put back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "daemon/store.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"

enum { MAX_FILE = 4 << 20 };

static const struct store_options usual = { .reset = false };
static const struct store_options anew = { .reset = true };

struct fixture {
	char		 dir[64];
	char		 path[128];
	char		 other[128];
	struct err	 err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/a/b/store.db", f->dir);
	snprintf(f->other, sizeof(f->other), "%s/other/store.db", f->dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* Fails the test where the store cannot be opened. */
static struct store *
opened(struct fixture *f, const char *path, const struct store_options *o)
{
	struct store *s = store_open(path, o, &f->err);

	if (s == NULL)
		fail_msg("%s", f->err.msg);
	return s;
}

static void
refused(struct fixture *f, const char *because)
{
	assert_null(store_open(f->path, &usual, &f->err));
	assert_non_null(strstr(f->err.msg, f->path));
	if (strstr(f->err.msg, because) == NULL)
		fail_msg("not \"%s\": %s", because, f->err.msg);
}

/* The sentence says what to do. */
static void
refused_as_damaged(struct fixture *f)
{
	refused(f, "damaged");
	assert_non_null(strstr(f->err.msg, "headlinectl store check"));
	assert_non_null(strstr(f->err.msg, "headlined --reset-store"));
}

static int64_t
ask(struct db *db, const char *sql)
{
	struct err err;
	struct db_stmt *q = db_query(db, sql, DB_NO_ARGS, &err);
	int64_t n;

	assert_int_equal(db_next(q, &err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

static bool
is_there(const char *path, const char *part)
{
	char name[160];

	snprintf(name, sizeof(name), "%s%s", path, part);
	return access(name, F_OK) == 0;
}

static void
copy_file(const char *from, const char *to, const char *part)
{
	static char bytes[MAX_FILE];
	char name[160];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "%s%s", from, part);
	fd = open(name, O_RDONLY);
	assert_int_not_equal(fd, -1);
	n = read(fd, bytes, sizeof(bytes));
	assert_in_range(n, 0, MAX_FILE - 1);
	close(fd);
	snprintf(name, sizeof(name), "%s%s", to, part);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, bytes, (size_t)n), n);
	close(fd);
}

static void
write_file(const char *path, const char *part, const char *text, int times)
{
	char name[160];
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", path, part);
	file = fopen(name, "w");
	assert_non_null(file);
	for (int i = 0; i < times; i++)
		fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* The one file that was moved aside whose name ends so. NULL: none. Heap. */
static char *
moved(struct fixture *f, const char *part)
{
	char dir[128], *found = NULL;
	struct dirent *e;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/a/b", f->dir);
	d = opendir(dir);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		const char *p = strstr(e->d_name, "store.db.broken-");
		size_t n = strlen(e->d_name);

		if (p == NULL || n < strlen(part) ||
		    strcmp(e->d_name + n - strlen(part), part) != 0)
			continue;
		assert_null(found);
		assert_true(asprintf(&found, "%s/%s", dir, e->d_name) > 0);
	}
	closedir(d);
	return found;
}

/* Opening */

static void
directories_and_database_are_private(void **state)
{
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	*strrchr(f->path, '/') = '\0';
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	store_close(s);
}

static void
a_second_instance_is_refused_until_the_first_ends(void **state)
{
	struct fixture *f = *state;
	struct store *first = opened(f, f->path, &usual), *second;

	refused(f, "in use by another headlined");
	assert_null(store_open(f->path, &anew, &f->err));
	assert_null(moved(f, ""));
	store_close(first);
	second = opened(f, f->path, &usual);
	store_close(second);
}

static void
an_instance_is_named_once(void **state)
{
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);
	char *made = store_instance(s, NULL, &f->err), *kept, *named;

	assert_non_null(made);
	store_close(s);
	s = opened(f, f->path, &usual);
	kept = store_instance(s, NULL, &f->err);
	assert_string_equal(kept, made);
	named = store_instance(s, "desk-1", &f->err);
	assert_string_equal(named, "desk-1");
	free(kept);
	kept = store_instance(s, NULL, &f->err);
	assert_string_equal(kept, "desk-1");
	store_close(s);
	free(made);
	free(kept);
	free(named);
}

static void
a_file_in_the_way_of_a_directory_is_named(void **state)
{
	struct fixture *f = *state;
	char way[128];

	snprintf(way, sizeof(way), "%s/a", f->dir);
	write_file(way, "", "", 1);
	assert_null(store_open(f->path, &usual, &f->err));
	assert_non_null(strstr(f->err.msg, way));
}

static void
the_size_has_a_limit(void **state)
{
	const struct store_options small = { .max_bytes = 1 << 20 };
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &small);
	struct db *db = store_take_writer(s);

	assert_int_equal(db_run(db, "INSERT INTO meta VALUES ('x',"
	    " zeroblob(2000000))", DB_NO_ARGS, &f->err), -1);
	assert_int_equal(db_last_fault(db), DB_FAULT_FULL);
	db_close(db);
	store_close(s);
}

/* Not read as a whole at a start: what is looked at instead must exist. */
static void
a_large_store_is_opened_again(void **state)
{
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);
	struct db *db = store_take_writer(s);

	assert_int_equal(db_run(db, "INSERT INTO meta VALUES ('x',"
	    " zeroblob(20000000))", DB_NO_ARGS, &f->err), 0);
	db_close(db);
	store_close(s);
	s = opened(f, f->path, &usual);
	store_close(s);
}

/* Versions */

/* What the first release wrote: never to be changed. */
static const char version_1[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE feed ("
    "    id INTEGER PRIMARY KEY,"
    "    url TEXT NOT NULL UNIQUE,"
    "    title TEXT,"
    "    etag TEXT,"
    "    last_modified TEXT,"
    "    validators_url TEXT,"
    "    body_hash INTEGER NOT NULL DEFAULT 0,"
    "    first_asked INTEGER NOT NULL DEFAULT 0,"
    "    last_asked INTEGER NOT NULL DEFAULT 0,"
    "    last_good INTEGER NOT NULL DEFAULT 0,"
    "    due INTEGER NOT NULL DEFAULT 0,"
    "    rhythm INTEGER NOT NULL DEFAULT 0,"
    "    items_total INTEGER NOT NULL DEFAULT 0,"
    "    status INTEGER NOT NULL DEFAULT 0,"
    "    failures INTEGER NOT NULL DEFAULT 0,"
    "    trouble TEXT,"
    "    message TEXT,"
    "    gone INTEGER NOT NULL DEFAULT 0,"
    "    baseline_done INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE known ("
    "    feed INTEGER NOT NULL REFERENCES feed,"
    "    id_hash INTEGER NOT NULL,"
    "    content_hash INTEGER NOT NULL,"
    "    seen INTEGER NOT NULL,"
    "    PRIMARY KEY (feed, id_hash)) WITHOUT ROWID;"
    "CREATE TABLE alert ("
    "    seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    id TEXT NOT NULL UNIQUE,"
    "    topic TEXT NOT NULL,"
    "    feed TEXT NOT NULL,"
    "    time INTEGER NOT NULL,"
    "    body TEXT NOT NULL);"
    "CREATE TABLE sink ("
    "    id INTEGER PRIMARY KEY,"
    "    name TEXT NOT NULL UNIQUE,"
    "    disabled INTEGER NOT NULL DEFAULT 0,"
    "    since INTEGER NOT NULL DEFAULT 0,"
    "    reason TEXT NOT NULL DEFAULT '');"
    "CREATE TABLE outbox ("
    "    seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    alert INTEGER NOT NULL REFERENCES alert,"
    "    sink INTEGER NOT NULL REFERENCES sink,"
    "    state INTEGER NOT NULL DEFAULT 0,"
    "    tries INTEGER NOT NULL DEFAULT 0,"
    "    first_tried INTEGER NOT NULL DEFAULT 0,"
    "    tried INTEGER NOT NULL DEFAULT 0,"
    "    due INTEGER NOT NULL DEFAULT 0,"
    "    error TEXT);"
    "CREATE INDEX outbox_queue ON outbox (sink, state, seq);"
    "CREATE UNIQUE INDEX outbox_way ON outbox (alert, sink);";

static const char version_1_rows[] =
    "INSERT INTO meta VALUES ('instance', 'desk-7');"
    "INSERT INTO feed (id, url, etag, due, items_total, baseline_done)"
    "    VALUES (3, 'http://e.org/f', 'W/1', 99, 4, 1);"
    "INSERT INTO known (feed, id_hash, content_hash, seen)"
    "    VALUES (3, -5, 6, 1795500000);"
    "INSERT INTO alert VALUES (8, 'msg_1', 't', 'http://e.org/f', 5, '{}');"
    "INSERT INTO sink VALUES (2, 'newsroom', 1, 7, 'HTTP 410');"
    "INSERT INTO outbox VALUES (9, 8, 2, 0, 1, 1, 1, 50, 'HTTP 500');";

static void
make_version_1(struct fixture *f, const char *path)
{
	const char *const steps[] = { version_1 };
	struct db *db;

	assert_int_equal(store_make_parent(path, &f->err), 0);
	db = db_open(path, DB_WRITER, &f->err);
	assert_non_null(db);
	assert_int_equal(db_migrate(db, steps, 1, &f->err), 0);
	assert_int_equal(db_exec(db, version_1_rows, &f->err), 0);
	/* As the first release left it: without a mark. */
	assert_int_equal(db_exec(db, "PRAGMA application_id = 0", &f->err), 0);
	db_close(db);
}

static void
a_store_of_the_first_release_keeps_its_data(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct feed_state st;
	struct db *db;
	char *name;

	make_version_1(f, f->path);
	s = opened(f, f->path, &usual);
	name = store_instance(s, NULL, &f->err);
	assert_string_equal(name, "desk-7");
	free(name);
	db = store_take_writer(s);
	assert_int_equal(ask(db, "PRAGMA user_version"), 15);
	assert_int_equal(feed_store_load(db, "http://e.org/f", &st, &f->err),
	    0);
	assert_int_equal(st.id, 3);
	assert_string_equal(st.etag, "W/1");
	assert_int_equal(st.due_s, 99);
	assert_true(st.baseline_done);
	assert_false(st.quiet);
	feed_state_clear(&st);
	assert_int_equal(st.ids_moved, 0);
	assert_int_equal(ask(db, "SELECT content_hash FROM known"), 6);
	assert_int_equal(ask(db, "SELECT alias FROM known"), 0);
	assert_int_equal(ask(db, "SELECT name IS NULL FROM known"), 1);
	assert_int_equal(ask(db, "SELECT due FROM outbox WHERE state = 0"),
	    50);
	assert_int_equal(ask(db, "SELECT disabled FROM sink"), 1);
	assert_int_equal(db_verify(db, true, &f->err), 0);
	db_close(db);
	store_close(s);
}

/* One way or the other, the tables are the same. */
static void
an_old_store_becomes_what_a_new_one_is(void **state)
{
	static const char same[] = "SELECT count(*) FROM sqlite_schema s"
	    " LEFT JOIN other.sqlite_schema o ON o.name = s.name"
	    " AND replace(o.sql, ' ', '') = replace(s.sql, ' ', '')"
	    " WHERE s.sql NOT NULL AND o.name IS NULL";
	struct fixture *f = *state;
	struct store *old, *new;
	struct db *db;
	char sql[256];

	make_version_1(f, f->path);
	old = opened(f, f->path, &usual);
	new = opened(f, f->other, &usual);
	db = store_take_writer(new);
	snprintf(sql, sizeof(sql), "ATTACH '%s' AS other", f->path);
	assert_int_equal(db_exec(db, sql, &f->err), 0);
	assert_int_equal(ask(db, same), 0);
	assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema"),
	    ask(db, "SELECT count(*) FROM other.sqlite_schema"));
	db_close(db);
	store_close(new);
	store_close(old);
}

static void
a_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);
	struct db *db = store_take_writer(s);

	assert_int_equal(db_exec(db, "PRAGMA user_version = 999", &f->err), 0);
	db_close(db);
	store_close(s);
	refused(f, "newer");
	assert_null(strstr(f->err.msg, "--reset-store"));
}

/* Damage */

static void
what_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(store_make_parent(f->path, &f->err), 0);
	write_file(f->path, "", "this is no database\n", 1000);
	refused_as_damaged(f);
}

static void
a_damaged_store_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;
	int fd;

	store_close(opened(f, f->path, &usual));
	fd = open(f->path, O_WRONLY);
	assert_int_equal(pwrite(fd, "junk junk junk", 14, 4096), 14);
	close(fd);
	assert_int_equal(stat(f->path, &before), 0);
	refused_as_damaged(f);
	assert_int_equal(stat(f->path, &after), 0);
	assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

/* As if killed: the log is left, and holds what the file does not. */
static void
leave_log(struct fixture *f, const char *path, const char *instance)
{
	struct store *s = opened(f, f->other, &usual);
	char *name = store_instance(s, instance, &f->err);

	assert_non_null(name);
	free(name);
	assert_int_equal(store_make_parent(path, &f->err), 0);
	copy_file(f->other, path, "");
	copy_file(f->other, path, "-wal");
	store_close(s);
}

static void
what_a_kill_left_is_opened(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	char *name;

	leave_log(f, f->path, "desk-8");
	s = opened(f, f->path, &usual);
	name = store_instance(s, NULL, &f->err);
	assert_string_equal(name, "desk-8");
	free(name);
	store_close(s);
}

static void
a_foreign_log_is_refused_and_not_replayed(void **state)
{
	struct fixture *f = *state;
	char third[128], log[160];
	struct store *s;
	char *name;

	store_close(opened(f, f->path, &usual));
	snprintf(third, sizeof(third), "%s/third/store.db", f->dir);
	leave_log(f, third, "stranger");
	copy_file(third, f->path, "-wal");
	refused_as_damaged(f);
	refused_as_damaged(f);
	/* Without it the store is as it was. */
	snprintf(log, sizeof(log), "%s-wal", f->path);
	assert_int_equal(unlink(log), 0);
	s = opened(f, f->path, &usual);
	name = store_instance(s, NULL, &f->err);
	assert_string_not_equal(name, "stranger");
	free(name);
	store_close(s);
}

static void
a_log_without_its_database_is_refused(void **state)
{
	struct fixture *f = *state;

	leave_log(f, f->path, "desk-8");
	assert_int_equal(unlink(f->path), 0);
	refused_as_damaged(f);
	assert_true(is_there(f->path, "-wal"));
}

/* A new beginning */

static void
a_reset_moves_all_parts_and_keeps_the_name(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	char *name, *base, *log;

	leave_log(f, f->path, "desk-9");
	write_file(f->path, ".claims", "claims", 1);
	s = opened(f, f->path, &anew);
	base = moved(f, ".db");
	log = moved(f, "-wal");
	assert_null(base);	/* its name ends in the time */
	assert_non_null(log);
	log[strlen(log) - 4] = '\0';
	assert_true(is_there(log, ""));
	assert_true(is_there(f->path, ".claims"));
	assert_false(is_there(f->path, ".resetting"));
	name = store_instance(s, NULL, &f->err);
	assert_string_equal(name, "desk-9");
	free(name);
	free(log);
	store_close(s);
	store_close(opened(f, f->path, &usual));
}

struct bad {
	const char	*says;
	const char	*part;
	const char	*text;
	int		 times;
};

static const struct bad bads[] = {
	{ "no database at all", "", "this is no database\n", 1000 },
	{ "an empty file", "", "", 1 },
	{ "a log of junk", "-wal", "this is no log\n", 10000 },
	{ "a hot journal of somebody's", "-journal", "journal", 1000 },
};

static void
a_reset_gets_over_anything(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		struct store *s;
		struct db *db;

		store_close(opened(f, f->path, &usual));
		write_file(f->path, bads[i].part, bads[i].text,
		    bads[i].times);
		s = opened(f, f->path, &anew);
		db = store_take_writer(s);
		if (db_verify(db, true, &f->err) == -1 ||
		    ask(db, "SELECT count(*) FROM feed") != 0)
			fail_msg("%s", bads[i].says);
		assert_false(is_there(f->path, "-journal"));
		db_close(db);
		store_close(s);
	}
}

/* The instance of the store at f->path, and whether it wants a baseline. */
static bool
is_quiet(struct store *s, const char *url)
{
	struct feed_state st;
	struct err err;
	struct db *db = store_reader(s, &err);
	bool quiet;

	assert_non_null(db);
	assert_int_equal(feed_store_load(db, url, &st, &err), 0);
	quiet = st.quiet;
	feed_state_clear(&st);
	db_close(db);
	return quiet;
}

static void
after_a_reset_feeds_are_quiet_once(void **state)
{
	static const char *const urls[] = { "http://e.org/1", "http://e.org/2",
		"http://e.org/3" };
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);

	assert_int_equal(store_quiet_feeds(s, urls, 2, &f->err), 0);
	assert_false(is_quiet(s, urls[0]));
	store_close(s);
	/* It ends before it could be told. */
	store_close(opened(f, f->path, &anew));
	s = opened(f, f->path, &usual);
	assert_int_equal(store_quiet_feeds(s, urls, 2, &f->err), 0);
	assert_true(is_quiet(s, urls[0]));
	assert_true(is_quiet(s, urls[1]));
	/* What is added later begins as ever. */
	assert_int_equal(store_quiet_feeds(s, urls, 3, &f->err), 0);
	assert_false(is_quiet(s, urls[2]));
	store_close(s);
}

static void
a_reset_that_was_killed_is_ended(void **state)
{
	static const char *const urls[] = { "http://e.org/1" };
	struct fixture *f = *state;
	struct store *s;
	char *name, *log;

	/* The note stands, the database is moved, the log is not. */
	leave_log(f, f->path, "desk-9");
	assert_int_equal(unlink(f->path), 0);
	write_file(f->path, ".resetting", "desk-9", 1);
	s = opened(f, f->path, &usual);
	log = moved(f, "-wal");
	assert_non_null(log);
	free(log);
	name = store_instance(s, NULL, &f->err);
	assert_string_equal(name, "desk-9");
	free(name);
	assert_int_equal(store_quiet_feeds(s, urls, 1, &f->err), 0);
	assert_true(is_quiet(s, urls[0]));
	assert_false(is_there(f->path, ".resetting"));
	store_close(s);
}

static void
a_note_of_junk_gives_no_name(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	char *name;

	assert_int_equal(store_make_parent(f->path, &f->err), 0);
	write_file(f->path, ".resetting", "a b\n'; DROP", 50);
	s = opened(f, f->path, &usual);
	name = store_instance(s, NULL, &f->err);
	assert_null(strchr(name, ' '));
	free(name);
	store_close(s);
}

/* The last good configuration */

static void
a_configuration_is_kept_for_its_path(void **state)
{
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);
	struct db *db = store_take_writer(s);
	char *text;

	assert_null(store_last_conf(f->path, "/etc/a.yaml", &f->err));
	assert_non_null(strstr(f->err.msg, "/etc/a.yaml"));
	assert_int_equal(store_keep_conf(db, "/etc/a.yaml", STR("one: 1\n"),
	    &f->err), 0);
	assert_int_equal(store_keep_conf(db, "/etc/b.yaml", STR("b: 1\n"),
	    &f->err), 0);
	assert_int_equal(store_keep_conf(db, "/etc/a.yaml", STR("two: 2\n"),
	    &f->err), 0);
	/* While it is in use, and after that. */
	text = store_last_conf(f->path, "/etc/a.yaml", &f->err);
	assert_string_equal(text, "two: 2\n");
	free(text);
	db_close(db);
	store_close(s);
	text = store_last_conf(f->path, "/etc/b.yaml", &f->err);
	assert_string_equal(text, "b: 1\n");
	free(text);
}

static void
the_same_configuration_is_not_written_again(void **state)
{
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);
	struct db *db = store_take_writer(s);

	assert_int_equal(store_keep_conf(db, "/c", STR("a: 1"), &f->err), 0);
	assert_int_equal(db_changes(db), 1);
	assert_int_equal(store_keep_conf(db, "/c", STR("a: 1"), &f->err), 0);
	assert_int_equal(db_changes(db), 0);
	db_close(db);
	store_close(s);
}

static void
without_a_store_there_is_no_configuration(void **state)
{
	struct fixture *f = *state;

	assert_null(store_last_conf(f->path, "/c", &f->err));
	assert_non_null(strstr(f->err.msg, f->path));
	assert_int_equal(store_make_parent(f->path, &f->err), 0);
	assert_null(store_last_conf(f->path, "/c", &f->err));
	assert_false(is_there(f->path, ""));
	write_file(f->path, "", "this is no database\n", 1000);
	assert_null(store_last_conf(f->path, "/c", &f->err));
	make_version_1(f, f->other);
	assert_null(store_last_conf(f->other, "/c", &f->err));
}

/* Beside the daemon */

static void
count_line(const char *line, void *ctx)
{
	assert_true(line[0] != '\0');
	++*(size_t *)ctx;
}

static size_t
wrong_in(struct fixture *f, const char *path)
{
	size_t lines = 0, wrong = 99;

	assert_int_equal(store_check(path, count_line, &lines, &wrong,
	    &f->err), 0);
	assert_int_equal(lines, wrong);
	return wrong;
}

static void
a_check_sees_damage_and_only_that(void **state)
{
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);
	size_t n = 0;
	char log[160];
	int fd;

	assert_int_equal(wrong_in(f, f->path), 0);
	store_close(s);
	assert_int_equal(wrong_in(f, f->path), 0);
	fd = open(f->path, O_WRONLY);
	assert_int_equal(pwrite(fd, "junk junk junk", 14, 4 * 4096), 14);
	close(fd);
	assert_true(wrong_in(f, f->path) > 0);
	snprintf(log, sizeof(log), "%s/no.db", f->dir);
	assert_int_equal(store_check(log, count_line, &n, &n, &f->err), -1);
	assert_false(is_there(log, ""));
}

static void
a_check_sees_a_log_that_is_wrong(void **state)
{
	struct fixture *f = *state;
	char third[128];

	leave_log(f, f->path, "desk-8");
	assert_int_equal(wrong_in(f, f->path), 0);
	snprintf(third, sizeof(third), "%s/third/store.db", f->dir);
	assert_int_equal(unlink(f->other), 0);
	leave_log(f, third, "stranger");
	copy_file(third, f->path, "-wal");
	assert_true(wrong_in(f, f->path) > 0);
}

static void
a_backup_can_be_put_back(void **state)
{
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);
	struct db *db = store_take_writer(s);
	char copy[128];

	assert_int_equal(db_exec(db, version_1_rows, &f->err), 0);
	snprintf(copy, sizeof(copy), "%s/copy.db", f->dir);
	assert_int_equal(store_backup(f->path, copy, &f->err), 0);
	assert_int_equal(store_backup(f->path, copy, &f->err), -1);
	assert_int_equal(db_exec(db, "DELETE FROM outbox", &f->err), 0);
	db_close(db);
	store_close(s);
	assert_int_equal(wrong_in(f, copy), 0);
	assert_int_equal(rename(copy, f->path), 0);
	s = opened(f, f->path, &usual);
	db = store_take_writer(s);
	assert_int_equal(ask(db, "SELECT count(*) FROM outbox"), 1);
	db_close(db);
	store_close(s);
}

static void
write_meta(struct fixture *f, const char *key, const char *value)
{
	struct db *db = db_open(f->path, DB_WRITER, &f->err);

	assert_non_null(db);
	assert_int_equal(db_run(db, "INSERT OR REPLACE INTO meta VALUES"
	    " (?, ?)", DB_ARGS(DB_S(str_from(key)), DB_S(str_from(value))),
	    &f->err), 0);
	db_close(db);
}

/* What the clock says over two starts between which it was set. */
static void
time_goes_on_over_a_start(void **state)
{
	struct fixture *f = *state;
	struct store *s = opened(f, f->path, &usual);
	char frame[CLOCK_FRAME_SIZE], again[CLOCK_FRAME_SIZE];
	struct clock clock;
	int64_t steady_us;

	assert_int_equal(clock_init(&clock, &f->err), 0);
	/* As if the wall clock had been an hour ahead at the first start. */
	clock.steady_ahead_us += 3600 * CLOCK_US_PER_S;
	clock_frame(&clock, frame);
	assert_int_equal(store_keep_time(s, &clock, &f->err), 0);
	steady_us = clock_steady_us(&clock);
	store_close(s);
	s = opened(f, f->path, &usual);
	assert_int_equal(clock_init(&clock, &f->err), 0);
	assert_true(clock_steady_us(&clock) < steady_us);
	assert_int_equal(store_keep_time(s, &clock, &f->err), 0);
	assert_true(clock_steady_us(&clock) >= steady_us);
	assert_int_equal(clock_wall_ahead_s(&clock), -3600);
	/* A frame that is none is replaced. */
	store_close(s);
	write_meta(f, "steady", "yesterday");
	s = opened(f, f->path, &usual);
	assert_int_equal(clock_init(&clock, &f->err), 0);
	assert_int_equal(store_keep_time(s, &clock, &f->err), 0);
	assert_int_equal(clock_wall_ahead_s(&clock), 0);
	clock_frame(&clock, again);
	store_close(s);
	assert_memory_equal(frame, again, 36);		/* the boot's */
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(time_goes_on_over_a_start),
		TEST(directories_and_database_are_private),
		TEST(a_second_instance_is_refused_until_the_first_ends),
		TEST(an_instance_is_named_once),
		TEST(a_file_in_the_way_of_a_directory_is_named),
		TEST(the_size_has_a_limit),
		TEST(a_large_store_is_opened_again),
		TEST(a_store_of_the_first_release_keeps_its_data),
		TEST(an_old_store_becomes_what_a_new_one_is),
		TEST(a_newer_schema_is_refused),
		TEST(what_is_no_database_is_refused),
		TEST(a_damaged_store_is_refused_and_left_alone),
		TEST(what_a_kill_left_is_opened),
		TEST(a_foreign_log_is_refused_and_not_replayed),
		TEST(a_log_without_its_database_is_refused),
		TEST(a_reset_moves_all_parts_and_keeps_the_name),
		TEST(a_reset_gets_over_anything),
		TEST(after_a_reset_feeds_are_quiet_once),
		TEST(a_reset_that_was_killed_is_ended),
		TEST(a_note_of_junk_gives_no_name),
		TEST(a_configuration_is_kept_for_its_path),
		TEST(the_same_configuration_is_not_written_again),
		TEST(without_a_store_there_is_no_configuration),
		TEST(a_check_sees_damage_and_only_that),
		TEST(a_check_sees_a_log_that_is_wrong),
		TEST(a_backup_can_be_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
