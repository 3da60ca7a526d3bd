/* SPDX-License-Identifier: ISC */
/* daemon/conf_file, conf_guess: the file's text, kept, given back, guessed at.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf_fixture.h"
#include "daemon/conf_file.h"

static const char whole[] =
    "feeds: https://a.example/\n"
    "topics: {t: word}\n"
    "sinks: {room: {webhook: 'https://h.example/', secret_file: key}}\n"
    "store: {path: db/x.db}\n";

static const char secret[] =
    "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n";

/* What is kept */

static void
keeps_the_text_and_no_secret(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	write_file(f, "key", 0600, secret);
	c = load_whole(f, whole);
	assert_true(str_eq_c(c->text, whole));
	assert_true(str_eq_c(c->sinks[0].secret, secret));
	assert_null(strstr(c->text.p, "MDEyMzQ1"));

	assert_int_equal(load_whole(f, "")->text.n, 0);
	/* Also what the reader passes over. */
	assert_true(str_eq_c(load_whole(f, "\xef\xbb\xbf# a\r\n")->text,
	    "\xef\xbb\xbf# a\r\n"));
}

/* Nothing else points into it. */
static void
forgets_the_text_alone(void **state)
{
	struct fixture *f = *state;
	struct conf *c;

	write_file(f, "key", 0600, secret);
	c = load_whole(f, whole);
	conf_forget_text(c);
	assert_int_equal(c->text.n, 0);
	assert_true(str_eq_c(c->sinks[0].secret, secret));
	assert_int_equal(c->n_feeds, 1);
	conf_forget_text(c);
}

/* What a running daemon began with outlives its configuration. */
static void
keeps_in_brief_what_needs_a_restart(void **state)
{
	static const char *const texts[] = {
		"instance: a\nstore: {path: /a/x.db}\n"
		"control: {socket: /a/s}\nworkers: 3\n",
		"instance: b\nstore: {path: /b/x.db}\n"
		"control: {socket: /b/s}\nworkers: 4\n",
	};
	struct fixture *f = *state;
	struct conf *brief = conf_brief(load(f, texts[0]));
	char needs[128];

	assert_non_null(brief);
	conf_needs_restart(brief, load(f, texts[0]), needs, sizeof(needs));
	assert_string_equal(needs, "");
	conf_needs_restart(brief, load(f, texts[1]), needs, sizeof(needs));
	assert_string_equal(needs, "instance, store.path, control.socket, "
	    "workers");
	assert_int_equal(brief->n_feeds, 0);
	conf_unref(brief);
}

/* The text is the file's that was; all else is as if it stood there still. */
static void
loads_a_text_in_place_of_its_file(void **state)
{
	struct fixture *f = *state;
	struct str text;
	struct conf *old;
	char path[PATH_MAX];

	write_file(f, "key", 0600, secret);
	old = conf_ref(load_whole(f, whole));
	assert_null(load(f, "feeds: [\n"));
	forget(f);
	f->faults = faults_new();
	text = old->text;
	f->conf = conf_load_text(f->path, text, f->faults);
	assert_non_null(f->conf);
	assert_int_equal(faults_errors(f->faults), 0);
	assert_true(str_eq(f->conf->text, text));
	assert_ptr_not_equal(f->conf->text.p, text.p);
	conf_unref(old);

	in_dir(f, "db/x.db", path);
	assert_string_equal(f->conf->store.path, path);
	assert_string_equal(f->conf->path, f->path);
	assert_int_equal(f->conf->n_feeds, 1);
	assert_true(str_eq_c(f->conf->sinks[0].secret, secret));
}

static void
tells_the_faults_of_a_text_under_its_file(void **state)
{
	struct fixture *f = *state;

	f->faults = faults_new();
	f->conf = conf_load_text("/no/such/h.yaml", STR("\npoll: {mni: 5m}\n"),
	    f->faults);
	assert_non_null(f->conf);
	assert_string_equal(first_error(f->faults)->file, "/no/such/h.yaml");
	assert_int_equal(first_error(f->faults)->line, 2);

	forget(f);
	f->faults = faults_new();
	assert_null(conf_load_text("/no/such/h.yaml", STR("a: ]\n"),
	    f->faults));
	assert_int_equal(faults_errors(f->faults), 1);
}

/* The file */

static void
reads_no_more_than_the_ceiling(void **state)
{
	struct fixture *f = *state;
	struct buf text;
	struct err err;

	(void)load(f, "0123456789");
	buf_init(&text, 10);
	assert_int_equal(conf_file_read(f->path, &text, &err), 0);
	assert_string_equal(buf_cstr(&text), "0123456789");
	buf_clear(&text);
	buf_init(&text, 9);
	assert_int_equal(conf_file_read(f->path, &text, &err), -1);
	assert_string_equal(err.msg, "larger than 9 bytes");
	buf_clear(&text);
}

static const struct {
	const char	*says;
	const char	*path;
	const char	*message;
} no_files[] = {
	{ "not there", "/no/such/place", "No such file" },
	{ "a directory", "/", "cannot read" },
	{ "a device that gives nothing", "/dev/null", "nothing to read" },
};

static void
says_why_a_file_cannot_be_read(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < N(no_files); i++) {
		forget(f);
		f->faults = faults_new();
		if (conf_load(no_files[i].path, f->faults) != NULL)
			fail_msg("%s: was read", no_files[i].says);
		if (faults_errors(f->faults) != 1 ||
		    strstr(first_error(f->faults)->message,
		    no_files[i].message) == NULL)
			fail_msg("%s: %s", no_files[i].says,
			    first_error(f->faults)->message);
		assert_string_equal(first_error(f->faults)->file,
		    no_files[i].path);
	}
}

/*
 * A shell's <(...) is a pipe: read once it holds nothing any more, and that is
 * not to be taken for a configuration of no feeds. A FIFO without a writer
 * must not be waited for.
 */
static void
reads_a_pipe_once(void **state)
{
	struct fixture *f = *state;
	int fds[2], n = (int)strlen(whole);
	char path[64], fifo[PATH_MAX];

	write_file(f, "key", 0600, secret);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], whole, (size_t)n), n);
	assert_int_equal(close(fds[1]), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	f->faults = faults_new();
	/* Names beside it do not resolve; the feed does. */
	f->conf = conf_load(path, f->faults);
	assert_non_null(f->conf);
	assert_int_equal(f->conf->n_feeds, 1);
	assert_true(str_eq_c(f->conf->text, whole));
	forget(f);
	f->faults = faults_new();
	assert_null(conf_load(path, f->faults));
	assert_int_equal(close(fds[0]), 0);

	in_dir(f, "url", fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_null(conf_load(fifo, f->faults));
	assert_int_equal(faults_errors(f->faults), 2);
}

static void
makes_paths(void **state)
{
	struct arena *a = arena_new(SIZE_MAX);
	char cwd[PATH_MAX], want[PATH_MAX + 8], *got;

	(void)state;
	assert_non_null(a);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(want, sizeof(want), "%s/h", strcmp(cwd, "/") != 0 ? cwd :
	    "");
	assert_string_equal(conf_file_absolute(a, "h"), want);
	assert_string_equal(conf_file_absolute(a, "/x/h"), "/x/h");
	got = conf_absolute_path("h");
	assert_string_equal(got, want);
	free(got);
	assert_string_equal(conf_file_dir(a, "/x/h"), "/x");
	assert_string_equal(conf_file_dir(a, "/h"), "");
	assert_string_equal(conf_file_join(a, "/x", STR("y")), "/x/y");
	assert_string_equal(conf_file_join(a, "", STR("y")), "/y");
	assert_string_equal(conf_file_join(a, "/x", STR("/y")), "/y");
	arena_free(a);
}

/* The store of a file that is no YAML */

#define BROKEN	"topics: ]\n"

static const struct {
	const char	*says;
	const char	*text;
	const char	*store;		/* in the directory; NULL: default */
} guesses[] = {
	{ "read before the fault", "store: {path: /s/x.db}\n" BROKEN,
	    "/s/x.db" },
	{ "read before the fault, in quotes with an escape",
	    "store:\n  keep: 2w\n  path: \"/s\\x2fx.db\"\n" BROKEN, "/s/x.db" },
	{ "relative ones stand beside the file",
	    "store: {path: db/x.db}\n" BROKEN, "db/x.db" },
	{ "a whole file is fine too", "store: {path: /s/x.db}\n", "/s/x.db" },
	{ "a flow over lines, read before the fault",
	    "{\"feeds\": [],\n \"store\": {\n \"path\": \"/s/x.db\"}, ]",
	    "/s/x.db" },
	{ "its own brace is the fault",
	    "store: {path: /s/x.db\ncontrol: {socket: /s/c}\n", "/s/x.db" },
	{ "its own quote is the fault",
	    "store: {path: \"/s/x.db}\ncontrol: {socket: \"/s/c\"}\n",
	    "/s/x.db" },
	{ "not the first of the keys", "instance: x\npoll: {min: 5m}\n"
	    "store: {keep: 2w, path: /s/x.db}\n" BROKEN, "/s/x.db" },
	{ "a path of something else", "other: {path: /o}\n" BROKEN, NULL },
	{ "nothing said", "poll: {min: 5m}\n" BROKEN, NULL },
	{ "an empty file", "", NULL },
	{ "a path of nothing", "store: {path: ~}\n" BROKEN, NULL },

	{ "lines behind the fault",
	    BROKEN "store:\n  path: /s/x.db\n", "/s/x.db" },
	{ "in braces behind the fault",
	    BROKEN "store: {path: /s/x.db, keep: 2w}\n", "/s/x.db" },
	{ "last in braces", BROKEN "store: {keep: 2w, path: /s/x.db}\n",
	    "/s/x.db" },
	{ "braces over lines",
	    BROKEN "store: {\n  keep: 2w,\n  path: /s/x.db\n}\n", "/s/x.db" },
	{ "relative behind the fault", BROKEN "store:\n    path:   x.db  \n",
	    "x.db" },
	{ "comments and blank lines between",
	    BROKEN "store: # here\n\n# path: /no\n  # path: /nor this\n"
	    "  keep: 2w # path: /nor\n  path: /s/x.db # yes\n", "/s/x.db" },
	{ "a number sign in a name", BROKEN "store:\n  path: /s/#x.db\n",
	    "/s/#x.db" },
	{ "single quotes", BROKEN "store:\n  path: '/s/x y.db' # yes\n",
	    "/s/x y.db" },
	{ "a quote left open", "store:\n  path: \"/s/x.db\n" BROKEN,
	    "/s/x.db" },
	{ "lines ended by CR LF",
	    BROKEN "store:\r\n  path: /s/x.db\r\n", "/s/x.db" },
	{ "no line end at the end", BROKEN "store:\n  path: /s/x.db",
	    "/s/x.db" },
	{ "the section ends at the next key",
	    BROKEN "store:\n  keep: 2w\nfeeds:\n  path: /o\n", NULL },
	{ "a key that only ends so", BROKEN "store:\n  xpath: /o\n", NULL },
	{ "a key that only begins so", BROKEN "store:\n  path:/o\n", NULL },
	{ "a section that only begins so", BROKEN "stores:\n  path: /o\n",
	    NULL },
	{ "a section further in", BROKEN "x:\n  store: {path: /o}\n", NULL },
	{ "an empty value", BROKEN "store:\n  path:\n", NULL },
	{ "a control character", BROKEN "store:\n  path: /s/\x01x\n", NULL },
	{ "only the word", "]\nstore:", NULL },
	{ "only the keys", "]\nstore:\n path:", NULL },
	{ "a byte that is no UTF-8", "\xff\nstore:\n  path: /s/x.db\n",
	    "/s/x.db" },
	{ "a tab for an indentation", "store:\n\tpath: /s/x.db\n",
	    "/s/x.db" },
};

static void
guesses_where_the_store_is(void **state)
{
	struct fixture *f = *state;
	char want[PATH_MAX], *got;

	for (size_t i = 0; i < N(guesses); i++) {
		(void)load(f, guesses[i].text);
		if (guesses[i].store == NULL)
			snprintf(want, sizeof(want), "%s",
			    HEADLINED_STATEDIR "/headlined.db");
		else if (guesses[i].store[0] == '/')
			snprintf(want, sizeof(want), "%s", guesses[i].store);
		else
			in_dir(f, guesses[i].store, want);
		got = conf_guess_store(f->path);
		assert_non_null(got);
		if (strcmp(got, want) != 0)
			fail_msg("%s: %s", guesses[i].says, got);
		free(got);
	}
}

static void
guesses_the_default_for_no_file(void **state)
{
	char *got = conf_guess_store("/no/such/h.yaml");

	(void)state;
	assert_string_equal(got, HEADLINED_STATEDIR "/headlined.db");
	free(got);
}

static void
refuses_a_guess_that_no_path_can_be(void **state)
{
	struct fixture *f = *state;
	struct buf text;
	char *got;

	buf_init(&text, 65536);
	buf_add_c(&text, BROKEN "store:\n  path: /");
	for (int i = 0; i < PATH_MAX; i++)
		buf_add_char(&text, 'x');
	(void)load(f, buf_cstr(&text));
	got = conf_guess_store(f->path);
	assert_string_equal(got, HEADLINED_STATEDIR "/headlined.db");
	free(got);
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(keeps_the_text_and_no_secret),
		T(forgets_the_text_alone),
		T(keeps_in_brief_what_needs_a_restart),
		T(loads_a_text_in_place_of_its_file),
		T(tells_the_faults_of_a_text_under_its_file),
		T(reads_no_more_than_the_ceiling),
		T(says_why_a_file_cannot_be_read),
		T(reads_a_pipe_once),
		cmocka_unit_test(makes_paths),
		T(guesses_where_the_store_is),
		cmocka_unit_test(guesses_the_default_for_no_file),
		T(refuses_a_guess_that_no_path_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
