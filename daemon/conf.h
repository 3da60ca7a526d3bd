/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONF_H
#define HEADLINED_DAEMON_CONF_H

/*
 * The configuration as the daemon runs it: read, checked, completed with its
 * defaults, topics compiled. Immutable and counted: threads hold the one they
 * began with. Nobody but this room sees it; rooms below get small structs of
 * their own.
 *
 *	conf_load (or conf_load_and_test, _ask) -> conf_ref, conf_unref
 *
 * The keys themselves are rows of the tables in conf_load.c and are described
 * in headlined.yaml(5).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "alerts/sink.h"

struct err;
struct faults;
struct query_faults;
struct topic_set;

/* What of an item is matched. */
enum conf_text {
	CONF_TEXT_UNSAID,
	CONF_TEXT_FEED,			/* what the feed carries */
	CONF_TEXT_PAGE			/* also the article behind its link */
};

/* What many feeds have alike: equal ones are one record. */
struct conf_feed_set {
	const char		*file;		/* absolute path, or NULL */
	int64_t			 every_s;	/* 0: adaptive */
	const char *const	*tags;		/* n_tags */
	size_t			 n_tags;
	const char		*lang;		/* or NULL */
	const char *const	*headers;	/* "Name: value" lines, then
						 * NULL; or NULL */
	const char		*proxy;		/* URL, or NULL */
	const char		*user_password;	/* "user:password", or NULL */
	bool			 reads_pages;	/* text: page, of its own or
						 * of poll: */
	unsigned		 page_limit;	/* requests a day for them; 0
						 * where there are none */
	const uint64_t		*wanted;	/* bit set of the topics that
						 * look at it; NULL: all */
	bool			 keeps_lines;	/* boilerplate: keep */
};

/* There may be a million of them. */
struct conf_feed {
	const char		*url;		/* http(s), or file:///path of
						 * a watched file; identity */
	const char		*name;		/* NULL: the feed's own title */
	const struct conf_feed_set *set;	/* never NULL */
};

/* The set of a feed of which nothing but its URL is said. */
extern const struct conf_feed_set conf_feed_plain;

struct conf_topic {
	const char		*name;
	enum severity		 severity;
	const size_t		*sinks;		/* indices into conf.sinks */
	size_t			 n_sinks;
	int64_t			 until_s;	/* Unix seconds; INT64_MAX */
	enum alert_per		 per;
	unsigned		 realert_at_sites;	/* 0: never */
	bool			 keeps_lines;	/* boilerplate: keep */
};

struct conf {
	const char		*path;		/* of the file, absolute */
	struct str		 text;		/* of the file, as read, until
						 * it is forgotten */
	const char		*instance;	/* NULL: made once and stored */

	struct conf_feed	*feeds;
	size_t			 n_feeds;
	const uint32_t		*by_url;	/* for conf_find_*; NULL: they
						 * find none */
	size_t			 by_url_room;
	uint64_t		 by_url_seed;	/* so that no list of feeds
						 * can make it slow */
	struct conf_topic	*topics;	/* by number in topic_set */
	size_t			 n_topics;
	struct topic_set	*topic_set;
	/* Bit set of the topics that look at whole texts, whatever lines a feed
	 * repeats; NULL: none does. n_topics / 64 + 1 words. */
	uint64_t		*keeps_lines;
	struct sink_settings	*sinks;
	size_t			 n_sinks;

	struct {
		int64_t		 min_s, max_s, timeout_s;
		size_t		 max_body_bytes;
		unsigned	 per_host;
		int64_t		 host_gap_us;
		int64_t		 first_s;	/* INT64_MAX: all; 0: none */
		const char	*user_agent_url; /* or NULL */
		enum conf_text	 text;		/* of feeds that do not say */
		unsigned	 page_limit;
	} poll;
	struct {
		const char	*path;		/* absolute */
		int64_t		 keep_s;
		size_t		 max_bytes;
	} store;
	/* Where alerts about headlined itself go: indices into conf.sinks. */
	struct {
		const size_t	*sinks;
		size_t		 n_sinks;
	} health;
	unsigned		 workers;	/* from 1; default: cores */
	struct {
		const char	*socket;	/* absolute */
		const char	*http;		/* as loopback_read has it, or
						 * NULL */
	} control;

	/* What a start with faults left out (0: whole). */
	size_t			 left_out;
};

/*
 * Reads the file and all it names. Every fault goes to `faults`; a feed, topic
 * or sink in error is left out and counted, a setting in error keeps its
 * default. NULL only when there is nothing to run: the file cannot be read or
 * is not YAML, or memory is out (told in faults as well). Relative paths are
 * taken from the file's own directory.
 */
struct conf	*conf_load(const char *path, struct faults *);

/* The same, and each topic's samples are tried: one that comes out otherwise is
 * a fault, for which nothing is left out. */
struct conf_tested {
	size_t	topics, samples;	/* tried, */
	size_t	failed;			/* and of the samples */
};
struct conf	*conf_load_and_test(const char *path, struct faults *,
		    struct conf_tested *);

/* The same as conf_load, and one query more, which may name what topics may;
 * behind the topics, it is number `topic` of the topic set. */
struct conf_asked {
	const char		*query;		/* to fill in */
	struct query_faults	*faults;	/* likewise, zeroed */
	int			 topic;		/* -1: it is in error */
};
struct conf	*conf_load_and_ask(const char *path, struct faults *,
		    struct conf_asked *);

/* conf_load from a text kept earlier in place of the file at path, which is
 * still where relative names start and what messages name. */
struct conf	*conf_load_text(const char *path, struct str text,
		    struct faults *);

/*
 * store.path of a configuration that cannot be read as a whole: as far as it
 * was read before the fault, else as its text looks (a line `path:` below
 * `store:`, or store: {path: ...} on one line), else the default. Heap, the
 * caller's; NULL when memory is out.
 */
char		*conf_guess_store(const char *path);

/* conf.path of the file at path, also where it cannot be read. Heap, the
 * caller's; NULL when memory is out. */
char		*conf_absolute_path(const char *path);

/* The same for control.socket, likewise of the configuration's text. *found:
 * it says so itself; else it is the default. */
char		*conf_guess_socket(const char *path, bool *found);

/*
 * What of `next` cannot take effect in a running daemon that began with `now`
 * (instance, store.path, control.socket, workers): the names of the keys,
 * comma separated, into out; empty: nothing.
 */
void		 conf_needs_restart(const struct conf *now,
		    const struct conf *next, char *out, size_t size);

/* The feed with this URL, as it is configured; NULL: there is none. */
const struct conf_feed *conf_find_url(const struct conf *, struct str url);
const struct conf_feed *conf_find_feed(const struct conf *, const char *url);

/* The one whose URL asks for the same document, however it is spelled (see
 * url_canonical): no two do. NULL: there is none. */
const struct conf_feed *conf_find_document(const struct conf *,
			    const char *url);

/* The URL as it is configured, however it is spelled; else as it stands. */
const char *conf_name_document(const struct conf *, const char *url);

/* Connections that may be open at one numeric address, where many hosts may
 * lie: more than one of them is given. */
unsigned	 conf_per_address(const struct conf *);

/* Of `began`, as long as the process lives, no more than conf_needs_restart
 * looks at: a configuration of its own. NULL: memory is out. */
struct conf	*conf_brief(const struct conf *began);

/* The text is stored: from now on it is empty. By the one thread that still
 * knows of it. */
void		 conf_forget_text(struct conf *);

struct conf	*conf_ref(struct conf *);
void		 conf_unref(struct conf *);	/* NULL is fine */

/* Default places, for messages and man pages. */
extern const char conf_default_path[];

#endif
