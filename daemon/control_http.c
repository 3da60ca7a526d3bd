/* SPDX-License-Identifier: ISC */
/*
 *	READING -- a request is in --> a page, or a refusal ---+
 *	   |                                                   v
 *	   +--> ANSWERING: what the control socket says --> LEAVING: the rest is
 *	                                                    written
 *	                                    on_flushed         |
 *	                                 LINGERING <-----------+
 *
 * on_deadline, or an end of either side, ends each of them.
 */
#include "daemon/control_http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "daemon/control_http_head.h"
#include "daemon/loopback.h"
#include "daemon/ui.h"

enum { BACKLOG = 128, RETRY_S = 10, LEAVE_S = 20, LINGER_S = 2,
    MOST_UNREAD = 1 << 20, MAX_REFUSAL = 4 << 10, MOST_STATUS_LINE = 1 << 10,
    LOW = CONTROL_HTTP_WAITING_BYTES / 4 };

/* Of all answers. An answer is data and no page, unless it is one: then the
 * page may use what stands beside it and ask where it is from. */
#define ALWAYS \
	"X-Content-Type-Options: nosniff\r\n" \
	"Referrer-Policy: no-referrer\r\n" \
	"Cross-Origin-Resource-Policy: same-origin\r\n"
#define OF_DATA \
	"Content-Security-Policy: default-src 'none'; " \
	"frame-ancestors 'none'\r\n" \
	"Cache-Control: no-store\r\n"
#define OF_PAGES \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; " \
	"style-src 'self'; img-src 'self'; connect-src 'self'; " \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " \
	"require-trusted-types-for 'script'; trusted-types 'none'\r\n" \
	"Cross-Origin-Opener-Policy: same-origin\r\n" \
	"Cache-Control: no-cache\r\n"
#define CLOSES	"Connection: close\r\n"

enum visit_state { READING, ANSWERING, LEAVING, LINGERING };

/* A connection. */
struct visit {
	LIST_ENTRY(visit)	 link;
	struct control_http	*owner;
	enum visit_state	 state;
	struct bufferevent	*down;		/* whoever asks */
	struct bufferevent	*up;		/* control socket, or NULL */
	struct event		*deadline;
	size_t			 looked;	/* for the head's end, so far */
	struct evbuffer		*request;	/* the head for up, or NULL */
	size_t			 body_bytes;	/* behind it */
	bool			 follows;	/* /stream: has no end */
	bool			 has_status;	/* of the answer */
	size_t			 unread;	/* thrown away */
};

LIST_HEAD(visits, visit);

struct control_http {
	struct event_base	*base;
	char			*socket_path;
	struct evconnlistener	*listener;	/* or NULL */
	char			*place;		/* wanted; or NULL */
	struct evconnlistener	*next;		/* prepared, or NULL */
	char			*next_place;
	bool			 is_prepared;
	struct event		*retry;
	struct event		*breath;	/* descriptors are out */
	struct visits		 visits;
	size_t			 n, n_asking, n_following;
};

static void	on_down_read(struct bufferevent *, void *);
static void	on_down_write(struct bufferevent *, void *);
static void	on_down_event(struct bufferevent *, short, void *);
static void	on_up_read(struct bufferevent *, void *);
static void	on_up_event(struct bufferevent *, short, void *);

/*
 * A visit's end
 */

static size_t *
places_of(const struct visit *v)
{
	return v->follows ? &v->owner->n_following : &v->owner->n_asking;
}

static void
close_up(struct visit *v)
{
	if (v->up == NULL)
		return;
	bufferevent_free(v->up);
	v->up = NULL;
	--*places_of(v);
}

static void
visit_free(struct visit *v)
{
	LIST_REMOVE(v, link);
	v->owner->n--;
	close_up(v);
	if (v->request != NULL)
		evbuffer_free(v->request);
	if (v->down != NULL)
		bufferevent_free(v->down);
	loop_event_free(v->deadline);
	free(v);
}

static void
set_deadline(struct visit *v, time_t s)
{
	const struct timeval in = { s, 0 };

	(void)evtimer_del(v->deadline);		/* none was set: fine */
	if (s > 0)
		(void)evtimer_add(v->deadline, &in);
}

/* All is written. What still comes is read for a moment: the kernel would throw
 * the answer away with it (RFC 9112, 9.6). */
static void
linger(struct visit *v)
{
	v->state = LINGERING;
	(void)shutdown(bufferevent_getfd(v->down), SHUT_WR); /* gone: fine */
	set_deadline(v, LINGER_S);
}

static void
leave(struct visit *v)
{
	v->state = LEAVING;
	set_deadline(v, LEAVE_S);
	bufferevent_setwatermark(v->down, EV_WRITE, 0, 0);
	if (evbuffer_get_length(bufferevent_get_output(v->down)) == 0)
		linger(v);
}

/*
 * Answers of our own
 */

static const char *
reason_of(int code)
{
	static const struct {
		int		 code;
		const char	*reason;
	} reasons[] = {
		{ 200, "OK" }, { 400, "Bad Request" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" },
		{ 408, "Request Timeout" }, { 411, "Length Required" },
		{ 413, "Content Too Large" }, { 417, "Expectation Failed" },
		{ 421, "Misdirected Request" },
		{ 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" }, { 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == code)
			return reasons[i].reason;
	return "Error";
}

static void
say(struct visit *v, int code, const char *type, const char *headers,
    struct str body)
{
	struct evbuffer *out = bufferevent_get_output(v->down);

	if (evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\n" CLOSES ALWAYS "%s\r\n", code,
	    reason_of(code), type, body.n, headers) == -1 ||
	    evbuffer_add(out, body.p, body.n) == -1) {
		visit_free(v);
		return;
	}
	leave(v);
}

/* {"message": why}, as the control socket refuses. */
static void
refuse(struct visit *v, int code, const char *why)
{
	struct json_out *j;
	struct buf out;

	buf_init(&out, MAX_REFUSAL);
	j = json_out_new(&out, false);
	if (j != NULL) {
		json_open_map(j);
		json_pair_str(j, "message", str_from(why));
		json_close_map(j);
	}
	if (j == NULL || json_out_finish(j) == -1)
		visit_free(v);
	else
		say(v, code, "application/json", code == 405 ?
		    "Allow: GET, POST\r\n" OF_DATA : OF_DATA, buf_str(&out));
	buf_clear(&out);
}

static void
send_page(struct visit *v, const struct ui_file *f)
{
	say(v, 200, ui_type(f), OF_PAGES,
	    (struct str){ (const char *)f->bytes, f->n });
}

/* Main loop: too slow. */
static void
on_deadline(evutil_socket_t unused, short what, void *arg)
{
	struct visit *v = arg;

	(void)unused;
	(void)what;
	if (v->state == READING)
		refuse(v, 408, "the request took too long");
	else
		visit_free(v);
}

/*
 * On the control socket
 */

static int
connect_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -1;
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	/* Never under way: it is there, or its backlog is full. */
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The request, whole and in our words: nothing that was not read above. */
static int
send_up(struct visit *v)
{
	struct evbuffer *to = bufferevent_get_output(v->up);
	struct evbuffer *in = bufferevent_get_input(v->down);

	if (evbuffer_add_buffer(to, v->request) == -1 ||
	    evbuffer_remove_buffer(in, to, v->body_bytes) !=
	    (int)v->body_bytes)
		return -1;
	bufferevent_setcb(v->up, on_up_read, NULL, on_up_event, v);
	bufferevent_setwatermark(v->up, EV_READ, 0, LOW);
	return bufferevent_enable(v->up, EV_READ | EV_WRITE);
}

static void
ask(struct visit *v)
{
	struct control_http *h = v->owner;
	int fd;

	if (*places_of(v) >= (v->follows ? CONTROL_HTTP_FOLLOWING :
	    CONTROL_HTTP_ASKING)) {
		refuse(v, 503, "too many ask at once: ask again in a moment");
		return;
	}
	fd = connect_to(h->socket_path);
	if (fd != -1)
		v->up = bufferevent_socket_new(h->base, fd,
		    BEV_OPT_CLOSE_ON_FREE);
	if (v->up == NULL) {
		if (fd != -1)
			close(fd);
		refuse(v, 503, "the control socket does not answer");
		return;
	}
	++*places_of(v);
	v->state = ANSWERING;
	set_deadline(v, v->follows ? 0 : CONTROL_HTTP_ANSWER_S);
	if (send_up(v) == -1)
		visit_free(v);
}

/* Behind the status line: what holds of all answers. False: not there yet. */
static bool
pass_status(struct visit *v, struct evbuffer *in)
{
	struct evbuffer *out = bufferevent_get_output(v->down);
	size_t eol_n;
	struct evbuffer_ptr at = evbuffer_search_eol(in, NULL, &eol_n,
	    EVBUFFER_EOL_CRLF_STRICT);

	if (at.pos == -1)
		return false;
	(void)evbuffer_remove_buffer(in, out, (size_t)at.pos + eol_n);
	(void)evbuffer_add_printf(out, ALWAYS OF_DATA);
	v->has_status = true;
	return true;
}

/* Main loop: a piece of the answer. A reader that is behind has the rest wait
 * where it is. */
static void
on_up_read(struct bufferevent *up, void *arg)
{
	struct visit *v = arg;
	struct evbuffer *in = bufferevent_get_input(up);
	struct evbuffer *out = bufferevent_get_output(v->down);

	if (!v->has_status && !pass_status(v, in)) {
		if (evbuffer_get_length(in) > MOST_STATUS_LINE)
			visit_free(v);
		return;
	}
	if (evbuffer_add_buffer(out, in) == -1) {
		visit_free(v);
		return;
	}
	if (evbuffer_get_length(out) >= CONTROL_HTTP_WAITING_BYTES - LOW)
		(void)bufferevent_disable(up, EV_READ);
}

/* Main loop: the answer has ended. */
static void
on_up_event(struct bufferevent *up, short what, void *arg)
{
	struct visit *v = arg;

	(void)up;
	(void)what;
	close_up(v);
	if (!v->has_status)
		refuse(v, 503, "the control socket does not answer");
	else
		leave(v);
}

/*
 * The request
 */

static void
add_field(struct evbuffer *out, const char *name, struct str value)
{
	if (value.p != NULL)
		(void)evbuffer_add_printf(out, "%s: %.*s\r\n", name,
		    STR_ARG(value));
}

/* What the control socket is to hear of it; it is behind this one. */
static int
note_request(struct visit *v, const struct control_http_head *head)
{
	v->request = evbuffer_new();
	if (v->request == NULL)
		return -1;
	v->body_bytes = head->body_bytes;
	v->follows = str_eq(head->path, STR("/stream"));
	(void)evbuffer_add_printf(v->request, "%.*s %.*s HTTP/1.%d\r\n"
	    "Host: localhost\r\nConnection: close\r\n", STR_ARG(head->method),
	    STR_ARG(head->target), head->is_1_0 ? 0 : 1);
	add_field(v->request, "Content-Type", head->content_type);
	add_field(v->request, "Last-Event-ID", head->last_event_id);
	if (head->length.p != NULL)
		(void)evbuffer_add_printf(v->request,
		    "Content-Length: %zu\r\n", head->body_bytes);
	return evbuffer_add(v->request, "\r\n", 2);
}

/* With a head of so many bytes. True: the body is next. */
static bool
take_head(struct visit *v, struct evbuffer *in, size_t n)
{
	const char *text = (const char *)evbuffer_pullup(in, (ev_ssize_t)n);
	const struct ui_file *page = NULL;
	struct control_http_head head;
	const char *why = "memory is out";
	int code = text == NULL ? 503 : control_http_head_read(&head,
	    (struct str){ text, n }, &why);

	if (code == 0)
		code = control_http_head_admit(&head, &why);
	if (code == 0 && str_eq(head.method, STR("GET")))
		page = ui_find(head.path);
	if (code == 0 && page == NULL && note_request(v, &head) == -1) {
		code = 503;
		why = "memory is out";
	}
	/* It points into what goes. */
	if (code == 0 && head.expects && head.body_bytes > 0)
		(void)evbuffer_add_printf(bufferevent_get_output(v->down),
		    "HTTP/1.1 100 Continue\r\n\r\n");
	(void)evbuffer_drain(in, n);
	if (code != 0)
		refuse(v, code, why);
	else if (page != NULL)
		send_page(v, page);
	return code == 0 && page == NULL;
}

/* Each byte is looked at once. True: the head is read. */
static bool
read_head(struct visit *v, struct evbuffer *in)
{
	size_t n = evbuffer_get_length(in);
	struct evbuffer_ptr from, end;

	(void)evbuffer_ptr_set(in, &from, v->looked, EVBUFFER_PTR_SET);
	end = evbuffer_search(in, "\r\n\r\n", 4, &from);
	if (end.pos != -1)
		return take_head(v, in, (size_t)end.pos + 4);
	if (n > CONTROL_HTTP_MOST_HEAD)
		refuse(v, 431, "the headers are too long");
	else
		v->looked = n > 3 ? n - 3 : 0;
	return false;
}

static void
read_request(struct visit *v)
{
	struct evbuffer *in = bufferevent_get_input(v->down);
	size_t n;

	if (v->request == NULL && !read_head(v, in))
		return;
	n = evbuffer_get_length(in);
	if (n > v->body_bytes)
		refuse(v, 400, "one request a connection: something follows "
		    "it");
	else if (n == v->body_bytes)
		ask(v);
}

/* Main loop: somebody says something. */
static void
on_down_read(struct bufferevent *down, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(down);
	struct visit *v = arg;

	switch (v->state) {
	case READING:
		read_request(v);
		return;
	case ANSWERING:
	case LEAVING:
	case LINGERING:
		v->unread += evbuffer_get_length(in);
		(void)evbuffer_drain(in, evbuffer_get_length(in));
		/* A second request gets no answer, and is no reason to stop
		 * the first; but there is an end to it. */
		if (v->unread > MOST_UNREAD)
			visit_free(v);
	}
}

/* Main loop: little or nothing is left to write. */
static void
on_down_write(struct bufferevent *down, void *arg)
{
	struct visit *v = arg;

	if (v->state == ANSWERING && v->up != NULL)
		(void)bufferevent_enable(v->up, EV_READ);
	else if (v->state == LEAVING &&
	    evbuffer_get_length(bufferevent_get_output(down)) == 0)
		linger(v);
}

/* Main loop: it has hung up, failed, or does not read. */
static void
on_down_event(struct bufferevent *down, short what, void *arg)
{
	struct visit *v = arg;

	(void)down;
	/* Some say that they have nothing more to ask, and still read. */
	if ((what & BEV_EVENT_EOF) != 0 && v->state == LEAVING)
		return;
	visit_free(v);
}

/*
 * Listening
 */

static void
visit_new(struct control_http *h, int fd)
{
	static const struct timeval read_s = { CONTROL_HTTP_READ_S, 0 };
	struct visit *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		close(fd);
		return;
	}
	LIST_INSERT_HEAD(&h->visits, v, link);
	h->n++;
	v->owner = h;
	v->down = bufferevent_socket_new(h->base, fd, BEV_OPT_CLOSE_ON_FREE);
	v->deadline = evtimer_new(h->base, on_deadline, v);
	if (v->down == NULL)
		close(fd);
	if (v->down == NULL || v->deadline == NULL) {
		visit_free(v);
		return;
	}
	bufferevent_setcb(v->down, on_down_read, on_down_write, on_down_event,
	    v);
	bufferevent_setwatermark(v->down, EV_READ, 0,
	    CONTROL_HTTP_MOST_HEAD + CONTROL_HTTP_MOST_BODY + 1);
	bufferevent_setwatermark(v->down, EV_WRITE, LOW, 0);
	(void)bufferevent_set_timeouts(v->down, NULL, &read_s);
	set_deadline(v, CONTROL_HTTP_ASK_S);
	if (bufferevent_enable(v->down, EV_READ | EV_WRITE) == -1)
		visit_free(v);
}

/* Main loop: a connection. One too many is told so as far as the kernel takes
 * it at once. */
static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int size, void *arg)
{
	static const char full[] = "HTTP/1.1 503 Service Unavailable\r\n"
	    "Content-Length: 0\r\n" CLOSES ALWAYS OF_DATA "\r\n";
	struct control_http *h = arg;

	(void)listener;
	(void)from;
	(void)size;
	if (h->n < CONTROL_HTTP_CONNECTIONS) {
		visit_new(h, fd);
		return;
	}
	(void)send(fd, full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static void
on_breath(evutil_socket_t unused, short what, void *arg)
{
	struct control_http *h = arg;

	(void)unused;
	(void)what;
	if (h->listener != NULL)
		(void)evconnlistener_enable(h->listener);
}

/* Main loop: descriptors are out. The connection stays where it is, and would
 * be told of at once again. */
static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	static const struct timeval soon = { 1, 0 };
	struct control_http *h = arg;

	(void)evconnlistener_disable(listener);
	(void)evtimer_add(h->breath, &soon);
}

/* NULL and *err, one sentence. */
static struct evconnlistener *
listen_at(struct control_http *h, const char *place, struct err *err)
{
	struct evconnlistener *listener;
	struct sockaddr_storage to;
	socklen_t size;
	const char *why = loopback_read(str_from(place), &to, &size);

	if (why != NULL) {
		err_set(err, "control.http: %s is %s", place, why);
		return NULL;
	}
	listener = evconnlistener_new_bind(h->base, on_accept, h,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
	    LEV_OPT_REUSEABLE, BACKLOG, (const struct sockaddr *)&to,
	    (int)size);
	if (listener != NULL)
		evconnlistener_set_error_cb(listener, on_accept_error);
	else
		err_set(err, "control.http: cannot listen on %s: %s%s", place,
		    strerror(errno), loopback_hint(errno,
		    getenv("INVOCATION_ID") != NULL));
	return listener;
}

static void
listener_free(struct evconnlistener *listener)
{
	if (listener != NULL)
		evconnlistener_free(listener);
}

static int
try(struct control_http *h, struct err *err)
{
	h->listener = listen_at(h, h->place, err);
	if (h->listener == NULL)
		return -1;
	log_info("pages_served", LOG_S("at", h->place));
	return 0;
}

static void
on_retry(evutil_socket_t unused, short what, void *arg)
{
	static const struct timeval later = { RETRY_S, 0 };
	struct control_http *h = arg;
	struct err err;

	(void)unused;
	(void)what;
	if (h->place != NULL && h->listener == NULL && try(h, &err) == -1)
		(void)evtimer_add(h->retry, &later);
}

void
control_http_begin(struct control_http *h, const char *place)
{
	static const struct timeval later = { RETRY_S, 0 };
	struct err err;

	if (place == NULL)
		return;
	h->place = strdup(place);
	if (h->place == NULL)
		err_set(&err, "out of memory");
	else if (try(h, &err) == 0)
		return;
	log_error("pages_not_served", LOG_S("why", err.msg),
	    LOG_I("again_in_s", RETRY_S));
	(void)evtimer_add(h->retry, &later);
}

int
control_http_prepare(struct control_http *h, const char *place,
    struct err *err)
{
	control_http_settle(h, false);
	if (str_same(h->place, place))
		return 0;
	if (place != NULL && (h->next_place = strdup(place)) == NULL)
		return err_set(err, "out of memory");
	if (place != NULL && (h->next = listen_at(h, place, err)) == NULL) {
		free(h->next_place);
		h->next_place = NULL;
		return -1;
	}
	h->is_prepared = true;
	return 0;
}

/* Those who are here already stay to the end of their answers. */
static void
take_next(struct control_http *h)
{
	listener_free(h->listener);
	free(h->place);
	h->listener = h->next;
	h->place = h->next_place;
	h->next = NULL;
	h->next_place = NULL;
	if (h->place != NULL)
		log_info("pages_served", LOG_S("at", h->place));
}

void
control_http_settle(struct control_http *h, bool is_taken)
{
	if (h->is_prepared && is_taken)
		take_next(h);
	listener_free(h->next);
	free(h->next_place);
	h->next = NULL;
	h->next_place = NULL;
	h->is_prepared = false;
}

struct control_http *
control_http_new(struct event_base *base, const char *socket_path)
{
	struct control_http *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	LIST_INIT(&h->visits);
	h->base = base;
	h->socket_path = strdup(socket_path);
	h->retry = evtimer_new(base, on_retry, h);
	h->breath = evtimer_new(base, on_breath, h);
	if (h->socket_path != NULL && h->retry != NULL && h->breath != NULL)
		return h;
	control_http_free(h);
	return NULL;
}

void
control_http_free(struct control_http *h)
{
	struct visit *v;

	if (h == NULL)
		return;
	control_http_settle(h, false);
	listener_free(h->listener);
	while ((v = LIST_FIRST(&h->visits)) != NULL)
		visit_free(v);
	loop_event_free(h->retry);
	loop_event_free(h->breath);
	free(h->place);
	free(h->socket_path);
	free(h);
}
