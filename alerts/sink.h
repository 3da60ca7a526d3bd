/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_SINK_H
#define HEADLINED_ALERTS_SINK_H

/*
 * Where alerts go: a struct of functions. A kind of sink is a row in
 * sink_table.c and a file sink_<kind>.c; delivery knows none of them.
 *
 *	open -> send ... done, send ... done -> free
 *
 * All on the courier's thread and loop.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct clock;
struct err;
struct event_base;
struct http;
struct sink;

/* What the administrator says of a sink: the union of all kinds' keys. The
 * strings are borrowed as long as the sink lives. */
struct sink_settings {
	const char	*name;
	const char	*kind;		/* "syslog", "terminal", "webhook" */
	const char	*socket;	/* syslog: path, NULL: /dev/log */
	int		 facility;	/* syslog: LOG_DAEMON >> 3, ... */
	const char	*url;		/* webhook */
	struct str	 secret;	/* webhook: text of the secret file */
	const char	*format;	/* webhook: NULL: "cloudevents" */
	int64_t		 keep_trying_s;
	struct str	 token;		/* webhook: of token_file, trimmed */
	const char	*chat;		/* format telegram: where to */
	const char	*template;	/* format template: its text */
	const char	*content_type;	/* of what it makes; NULL: JSON */
	int		 parallel;	/* messages at once; 0 is 1. More than
					 * one: without promise of order */
	int64_t		 rate, rate_s;	/* so many messages in so many seconds;
					 * rate 0: no limit */
	int64_t		 digest_s;	/* collects alerts for so long; 0: no */
	const char	*remote;	/* syslog: host; NULL: local */
	const char	*port;		/* of the remote, a number */
	const char	*transport;	/* "udp", "tcp", "tls" */
	struct str	 ca;		/* PEM; not set: the system's */
	struct str	 client_cert;	/* PEM; both or none */
	struct str	 client_key;
	const char	*journal;	/* syslog: path; NULL: systemd's, unless
					 * socket is set; it is no key of the
					 * configuration */
	int64_t		 burst;		/* of rate at once, and never more than
					 * rate in rate_s; 0: rate in the long
					 * run (alerts/quota.h) */
};

enum { SINK_MAX_PARALLEL = 8 };

enum { SINK_FINGERPRINT_SIZE = 64 + 1 };

/* What tells two settings apart: SHA-256 over all of them, in hex. The secret
 * cannot be had back from it. */
void	sink_settings_fingerprint(const struct sink_settings *,
	    char out[SINK_FINGERPRINT_SIZE]);

/* A copy of settings and all their texts, on the heap; NULL: memory is out. */
struct sink_settings *sink_settings_copy(const struct sink_settings *);
void	sink_settings_free(struct sink_settings *);	/* NULL is fine */

/* What sinks share; borrowed. */
struct sink_env {
	struct event_base	*base;
	struct http		*http;
	const struct clock	*clock;
	const char		*user_agent;	/* headlined/VERSION */
};

struct sink_message {
	struct str	id;		/* of the alert or notice */
	struct str	body;		/* alert_to_json's, notice_to_json's */
};

enum send_result {
	SEND_DELIVERED,
	SEND_SINK_WAITS,	/* no answer, 408, 429, 5xx, 401, 404 ... */
	SEND_REJECTED,		/* 400, 413, 414, 415, 422: this alert alone */
	SEND_SINK_GONE		/* 410 */
};

struct send_outcome {
	enum send_result	result;
	int64_t			retry_after_s;	/* 0: not said */
	char			message[96];	/* for people */
};

typedef void	 sink_done_fn(const struct send_outcome *, void *ctx);

struct sink_kind {
	const char	*name;
	/* NULL and *err: what is wrong with the settings. */
	struct sink	*(*open)(const struct sink_env *,
			    const struct sink_settings *, struct err *);
	/*
	 * Begins to send one message (copied); done comes exactly once, later
	 * from the loop or before send returns. One at a time.
	 */
	void		 (*send)(struct sink *, const struct sink_message *,
			    sink_done_fn *done, void *ctx);
	/* Forgets what is under way: no done follows. */
	void		 (*cancel)(struct sink *);
	void		 (*free)(struct sink *);	/* NULL is fine */
};

/* The kind with this name, or NULL. */
const struct sink_kind	*sink_find_kind(const char *name);

/* The same for settings: a kind may have several ways. */
const struct sink_kind	*sink_kind_for(const struct sink_settings *);

/* Index from 0; NULL past the last: for messages that list them. */
const struct sink_kind	*sink_kind_at(size_t index);

#endif
