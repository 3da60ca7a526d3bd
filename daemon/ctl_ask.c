/* SPDX-License-Identifier: ISC */
/* A loop for the one transfer. */
#include "daemon/ctl_ask.h"

#include <ctype.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/http.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/ctl.h"
#include "daemon/ctl_denied.h"
#include "daemon/faults.h"

/* A row for each of 500,000 feeds. */
enum { MAX_ANSWER = 256 << 20, IDLE_MS = 60000 };

struct asking {
	const struct ctl_question *question;
	struct ctl_answer	*answer;
	struct http_result	 result;
};

static int
answer_on_body(const char *bytes, size_t n, void *ctx)
{
	struct asking *a = ctx;

	buf_add(&a->answer->body, bytes, n);
	if (a->question->on_part != NULL && !a->answer->body.failed)
		a->question->on_part(buf_str(&a->answer->body),
		    a->question->ctx);
	return a->answer->body.failed ? -1 : 0;
}

static void
answer_on_end(const struct http_result *r, void *ctx)
{
	struct asking *a = ctx;

	a->result = *r;
}

/* The host is none: the URL needed some name. */
static const char *
without_host(const char *message)
{
	static const struct str host = { "localhost: ", 11 };

	return str_starts(str_from(message), host) ? message + host.n :
	    message;
}

/* A connection to it is refused as if nobody listened. */
static bool
is_no_socket(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISSOCK(st.st_mode);
}

/* The end of a pipe that is written to has nothing to read, so this is an error
 * of it: the other end is closed. Else somebody sends us what we do not want,
 * and it is not looked at any more. */
static void
ask_on_stdout(evutil_socket_t fd, short what, void *arg)
{
	struct pollfd end = { .fd = fd };
	struct asking *a = arg;

	(void)what;
	a->answer->unread = poll(&end, 1, 0) == 1 &&
	    (end.revents & (POLLERR | POLLHUP)) != 0;
}

/* Of nothing else the other end can close; and libevent would say on standard
 * error that a file cannot be waited for. */
static bool
has_reader(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* NULL: there is nobody to watch, or nobody asked. */
static struct event *
watch_reader(struct event_base *base, struct asking *a)
{
	struct event *e = NULL;

	if (a->question->for_reader && has_reader(STDOUT_FILENO))
		e = event_new(base, STDOUT_FILENO, EV_READ, ask_on_stdout, a);
	if (e == NULL || event_add(e, NULL) == 0)
		return e;
	event_free(e);
	return NULL;
}

/* Ends when the transfer has: nothing else keeps the loop. */
static void
run_loop(struct http *http, struct event_base *base, struct asking *a)
{
	struct event *reader = watch_reader(base, a);

	while (http_in_flight(http) > 0 && !a->answer->unread &&
	    event_base_loop(base, EVLOOP_ONCE) == 0)
		continue;
	if (reader != NULL)
		event_free(reader);
}

static int
transfer(struct http *http, struct event_base *base,
    const struct ctl_question *q, struct asking *a, struct err *err)
{
	static const struct http_ops ops = { .on_body = answer_on_body,
		.on_end = answer_on_end };
	char url[URL_MAX_BYTES];
	const struct http_request request = { .url = url,
		.user_agent = "headlinectl/" HEADLINED_VERSION,
		.body = { !q->post ? NULL : q->body.n > 0 ? q->body.p : "",
		    q->post ? q->body.n : 0 },
		.unix_socket = q->socket,
		.connect_timeout_ms = q->timeout_ms > 0 ? q->timeout_ms :
		    IDLE_MS,
		.timeout_ms = q->timeout_ms,
		.idle_timeout_ms = q->timeout_ms > 0 ? 0 : IDLE_MS };

	if ((size_t)snprintf(url, sizeof(url), "http://localhost%s",
	    q->path) >= sizeof(url))
		return err_set(err, "what is asked for is too long");
	if (http_start(http, &request, &ops, a, err) == NULL)
		return -1;
	run_loop(http, base, a);
	if (a->answer->unread)
		return err_set(err, "nobody reads it");
	if (a->result.end == HTTP_END_DONE)
		return 0;
	if (ctl_denied(q->socket, err))
		return -1;
	if (is_no_socket(q->socket))
		return err_set(err, "%s is not a socket (--socket PATH takes "
		    "that of headlined: control.socket in its configuration)",
		    q->socket);
	return err_set(err, "no answer on %s: %s (is headlined running, and "
	    "may you use its socket? --socket PATH names another)", q->socket,
	    without_host(a->result.message));
}

int
ctl_ask(const struct ctl_question *q, struct ctl_answer *answer,
    struct err *err)
{
	struct asking a = { .question = q, .answer = answer,
		.result = { .end = HTTP_END_FAILED } };
	struct event_base *base = event_base_new();
	struct http *http = base != NULL ? http_new(base, 1) : NULL;
	int rc;

	buf_init(&answer->body, MAX_ANSWER);
	answer->unread = false;
	rc = http != NULL ? transfer(http, base, q, &a, err) :
	    err_set(err, "out of memory");
	answer->status = a.result.status;
	http_free(http);
	if (base != NULL)
		event_base_free(base);
	return rc;
}

void
ctl_pause(int seconds)
{
	const struct timeval span = { seconds, 0 };
	struct event_base *base = event_base_new();

	/* Without memory it is over at once. */
	if (base != NULL && event_base_loopexit(base, &span) == 0)
		(void)event_base_dispatch(base);
	if (base != NULL)
		event_base_free(base);
}

void
ctl_add_pair(struct buf *path, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(path, "%c%s=", memchr(path->p, '?', path->n) == NULL ? '?' :
	    '&', key);
	for (const char *p = value; *p != '\0'; p++)
		if (isalnum((unsigned char)*p) || strchr("-._~", *p) != NULL)
			buf_add_char(path, *p);
		else
			buf_addf(path, "%%%02X", (unsigned)(unsigned char)*p);
}

/* The last in error whose key begins so, or NULL: behind the one that it is no
 * YAML there is none. */
static const struct fault *
find_fault(const struct faults *faults, const char *key)
{
	const struct fault *f, *found = NULL;

	for (size_t i = 0; (f = faults_at(faults, i)) != NULL; i++)
		if (!f->warning && str_starts(str_from(f->key),
		    str_from(key)))
			found = f;
	return found;
}

/* A fault without a line is the file's own. */
static int
fail_for(const struct fault *f, const char *conf_path)
{
	char place[32] = "";
	bool has_key = f->line > 0 && f->key[0] != '\0';

	if (f->line > 0)
		snprintf(place, sizeof(place), ":%d", f->line);
	return ctl_fail("%s%s: %s%s%s; so its socket is not known (--socket "
	    "PATH names it)", conf_path, place, has_key ? f->key : "",
	    has_key ? ": " : "", f->message);
}

/*
 * What is wrong elsewhere in the configuration is no matter here, up to the
 * point that it is no YAML: the daemon runs another one then, and says so. But
 * where it does not tell its socket nobody else's daemon is asked.
 */
static int
socket_of(const char *conf_path, struct faults *faults, char **found)
{
	struct conf *conf = conf_load(conf_path, faults);
	const struct fault *f = find_fault(faults, "control");
	bool is_told = true;

	*found = conf != NULL ? strdup(conf->control.socket) :
	    conf_guess_socket(conf_path, &is_told);
	conf_unref(conf);
	if (!is_told)
		f = find_fault(faults, "");
	if (f != NULL)
		return fail_for(f, conf_path);
	return *found != NULL ? CTL_OK : ctl_fail("out of memory");
}

int
ctl_find_socket(const char *conf_path, const char *socket_path, char **found)
{
	struct faults *faults;
	int rc;

	if (conf_path == NULL) {
		*found = strdup(socket_path != NULL ? socket_path :
		    HEADLINED_RUNDIR "/control.sock");
		return *found != NULL ? CTL_OK : ctl_fail("out of memory");
	}
	if ((faults = faults_new()) == NULL)
		return ctl_fail("out of memory");
	rc = socket_of(conf_path, faults, found);
	faults_free(faults);
	if (rc != CTL_OK) {
		free(*found);
		*found = NULL;
	}
	return rc;
}

int
ctl_read_asker_flag(int argc, char **argv, struct ctl_asker *asker)
{
	const struct option longs[] = {
		{ "socket",	required_argument,	NULL, 's' },
		{ "json",	no_argument,		NULL, 'j' },
		{ asker->flag,	no_argument,		NULL, 'f' },
		{ NULL,		0,			NULL, 0 }
	};
	const char *conf_path = NULL, *socket_path = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (c == 's')
			socket_path = optarg;
		else if (c == 'c')
			conf_path = optarg;
		else if (c == 'j')
			asker->json = true;
		else if (c == 'f')
			asker->has_flag = true;
		else
			return ctl_usage_option(argv, longs);
	}
	if (asker->wants != NULL && optind < argc)
		asker->argument = argv[optind++];
	if (asker->wants != NULL &&
	    (asker->argument == NULL || asker->argument[0] == '\0'))
		return ctl_usage(argv[0], "which one?");
	if (optind != argc)
		return ctl_usage(argv[0], "no further argument is needed");
	return ctl_find_socket(conf_path, socket_path, &asker->socket);
}

int
ctl_read_asker(int argc, char **argv, char **socket, bool *json)
{
	struct ctl_asker asker = { 0 };
	int rc = ctl_read_asker_flag(argc, argv, &asker);

	*socket = asker.socket;
	*json = asker.json;
	return rc;
}
