/* SPDX-License-Identifier: ISC */
/*
 * A socket file that nobody answers on is the remains of a crash and is taken
 * over; one that somebody answers on is not.
 */
#include "daemon/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/status.h"
#include "daemon/store.h"

enum { MAX_HEADERS = 16 << 10, MAX_BODY = 1 << 20, TIMEOUT_S = 10,
    BACKLOG = 16, MAX_ANSWER = 64 << 20 };

struct control {
	struct evhttp		*http;
	const struct status_env	*env;		/* borrowed */
	char			*path;
	int			 fd;		/* -1 once evhttp owns it */
	bool			 bound;
};

struct route {
	const char	*path;
	void		(*answer)(struct control *, struct evhttp_request *);
};

static void	answer_status(struct control *, struct evhttp_request *);
static void	answer_healthz(struct control *, struct evhttp_request *);

static const struct route routes[] = {
	{ "/status",	answer_status },
	{ "/healthz",	answer_healthz },
};

static void
send_text(struct evhttp_request *req, int code, const char *type,
    struct str text)
{
	struct evbuffer *body = evhttp_request_get_output_buffer(req);

	evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Type", type);
	if (evbuffer_add(body, text.p, text.n) == -1)
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
	else
		evhttp_send_reply(req, code, NULL, NULL);
}

static void
answer_status(struct control *c, struct evhttp_request *req)
{
	struct buf out;
	struct err err;

	buf_init(&out, MAX_ANSWER);
	if (status_write(&out, c->env, &err) == 0)
		send_text(req, HTTP_OK, "application/json", buf_str(&out));
	else
		send_text(req, HTTP_INTERNAL, "text/plain",
		    str_from(err.msg));
	buf_clear(&out);
}

static void
answer_healthz(struct control *c, struct evhttp_request *req)
{
	(void)c;
	send_text(req, HTTP_OK, "text/plain", STR("ok\n"));
}

/* Main loop: a whole request is in. */
static void
control_on_request(struct evhttp_request *req, void *arg)
{
	const char *path = evhttp_uri_get_path(
	    evhttp_request_get_evhttp_uri(req));
	struct control *c = arg;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (path == NULL || strcmp(path, routes[i].path) != 0)
			continue;
		routes[i].answer(c, req);
		return;
	}
	send_text(req, HTTP_NOTFOUND, "text/plain",
	    STR("no such path (see headlinectl(1))\n"));
}

static int
fill_address(struct sockaddr_un *sun, const char *path, struct err *err)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(sun->sun_path))
		return err_set(err, "the control socket's path is too long: "
		    "%s (at most %zu bytes; set control.socket)", path,
		    sizeof(sun->sun_path) - 1);
	memcpy(sun->sun_path, path, strlen(path));
	return 0;
}

/* 0 when the path is free for us now. */
static int
clear_stale(const struct sockaddr_un *sun, struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	bool answers;

	if (fd == -1)
		return err_set(err, "making a socket: %s", strerror(errno));
	/* EAGAIN: somebody listens, and is busy. */
	answers = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ==
	    0 || errno == EAGAIN;
	close(fd);
	if (answers)
		return err_set(err, "another headlined answers on %s (stop "
		    "that one, or set another control.socket)",
		    sun->sun_path);
	if (unlink(sun->sun_path) == -1 && errno != ENOENT)
		return err_set(err, "cannot take the control socket %s: %s",
		    sun->sun_path, strerror(errno));
	return 0;
}

static int
bind_socket(struct control *c, const struct sockaddr_un *sun,
    struct err *err)
{
	mode_t old;
	int rc;

	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (c->fd == -1)
		return err_set(err, "making a socket: %s", strerror(errno));
	/* The mode must be right from the first moment on. */
	old = umask(0117);
	rc = bind(c->fd, (const struct sockaddr *)sun, sizeof(*sun));
	umask(old);
	c->bound = rc == 0;
	if (rc == -1 || listen(c->fd, BACKLOG) == -1)
		return err_set(err, "cannot listen on %s: %s (make its "
		    "directory writable, or set control.socket)",
		    sun->sun_path, strerror(errno));
	return 0;
}

static int
serve(struct control *c, struct event_base *base, struct err *err)
{
	c->http = evhttp_new(base);
	if (c->http == NULL || evhttp_accept_socket(c->http, c->fd) == -1)
		return err_set(err, "out of memory");
	c->fd = -1;
	evhttp_set_max_headers_size(c->http, MAX_HEADERS);
	evhttp_set_max_body_size(c->http, MAX_BODY);
	evhttp_set_timeout(c->http, TIMEOUT_S);
	evhttp_set_allowed_methods(c->http, EVHTTP_REQ_GET);
	evhttp_set_gencb(c->http, control_on_request, c);
	return 0;
}

struct control *
control_new(struct event_base *base, const char *socket_path,
    const struct status_env *env, struct err *err)
{
	struct control *c = calloc(1, sizeof(*c));
	struct sockaddr_un sun;

	if (c == NULL || (c->path = strdup(socket_path)) == NULL) {
		free(c);
		err_set(err, "out of memory");
		return NULL;
	}
	c->fd = -1;
	c->env = env;
	if (fill_address(&sun, socket_path, err) == 0 &&
	    store_make_parent(socket_path, err) == 0 &&
	    clear_stale(&sun, err) == 0 && bind_socket(c, &sun, err) == 0 &&
	    serve(c, base, err) == 0)
		return c;
	control_free(c);
	return NULL;
}

void
control_free(struct control *c)
{
	if (c == NULL)
		return;
	if (c->http != NULL)
		evhttp_free(c->http);
	if (c->fd != -1)
		close(c->fd);
	if (c->bound)
		(void)unlink(c->path);	/* gone already: fine */
	free(c->path);
	free(c);
}
