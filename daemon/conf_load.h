/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONF_LOAD_H
#define HEADLINED_DAEMON_CONF_LOAD_H

/*
 * What the files that load a configuration share; nobody else includes it.
 *
 * Loading has two passes. The first reads the YAML once and keeps feeds,
 * topics and sinks as they are written, for their order in the file is free:
 *
 *	conf_file.c		where the file stands, its bytes
 *	conf_load.c		top-level keys, poll, store, control
 *	conf_include.c		files that the file includes
 *	conf_feeds.c conf_topics.c conf_sinks.c
 *	conf_opml.c		lists of feeds
 *	conf_entities.c		packs of entities
 *	conf_lists.c		files of terms
 *	conf_samples.c		texts that topics are tried on
 *	conf_feed_set.c		what many feeds have alike
 *	conf_map.c		maps, by tables of keys or by names
 *	conf_read.c		readers of values
 *	conf_remote.c		a syslog server elsewhere
 *	conf_tls.c		whom a sink trusts, and who it is
 *	conf_secret.c		files that hold secrets
 *	conf_value.c		durations, sizes, dates (pure)
 *
 * The second (conf_topics_finish and its kin) puts together what names each
 * other: conf_notify.c tells to which sinks alerts go, conf_wanted.c which
 * feeds a topic looks at.
 *
 * A key is a row of a table. What is wrong goes to faults at once; whoever
 * owns the key's feed, topic or sink sees that the count of errors has grown
 * and leaves it out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/yaml.h"
#include "daemon/conf.h"
#include "daemon/conf_names.h"
#include "filters/query_parse.h"

struct arena;
struct conf;
struct conf_feed_set;
struct conf_topic;
struct entity_index;
struct faults;

enum {
	CONF_MAX_ROWS = 16,
	CONF_MAX_PATH = 4,		/* "topics", a name, "match" */
	CONF_MAX_NAME = 128,		/* bytes of a topic's or sink's name */
	CONF_PLACE_SIZE = 320,		/* of a file and a line, to be shown */
	CONF_MAX_WORKERS = 64,
	CONF_MAX_PAGES = 100000		/* of a feed, in a day */
};

/* Scalars and where each stands. */
struct conf_words {
	struct yaml_event	*list;
	size_t			 n, cap;
	bool			 given;
	struct yaml_event	 at;		/* the list itself */
};

struct conf_raw_feed {
	struct conf_raw_feed	*next;
	bool			 bad;		/* left out */
	struct yaml_event	 at;
	struct yaml_event	 url, file, opml; /* no line: not given */
	const char		*list;		/* the OPML file it stands in;
						 * NULL: in the YAML */
	unsigned		 list_line;
	const char		*name;
	int64_t			 every_s;
	struct conf_words	 tags;
	const char		*lang;
	struct conf_words	 headers;	/* name, value, name ... */
	struct yaml_event	 credentials_file; /* no line: not given */
	const char		*proxy;		/* in the arena, */
	const char		*user_password;	/* both; or NULL */
	enum conf_text		 text;
	unsigned		 page_limit;	/* 0: not given */
	bool			 keeps_lines;
};

enum conf_step { CONF_READ, CONF_UNDER_WAY, CONF_FINISHED };

struct conf_raw_topic {
	struct conf_raw_topic	*next;
	enum conf_step		 step;
	bool			 bad;
	struct yaml_event	 name;
	struct yaml_event	 match;		/* no line: short form */
	struct conf_words	 terms;
	struct conf_words	 feeds, notify;
	struct conf_words	 sample_match, sample_not;
	int			 severity;	/* -1: the default */
	int64_t			 until_s;
	int			 per;		/* enum alert_per; -1: the
						 * default */
	unsigned		 realert_at_sites;	/* 0: never */
	bool			 keeps_lines;
	size_t			 number;	/* in the topic set */
	unsigned		 below;		/* the longest row of topics
						 * named by the one before */
};

struct conf_raw_topics {
	struct conf_raw_topic	*first, **last;
	size_t			 n;
};

struct conf_included;

struct conf_loader {
	struct yaml		*yaml;		/* the file that is read */
	struct err		 err;		/* where YAML stumbled */
	struct faults		*faults;
	struct conf		*conf;
	struct arena		*arena;		/* the configuration's */
	struct arena		*scratch;	/* the loader's */
	const char		*dir;		/* of the file, absolute */

	struct yaml_event	 key;		/* whose value is read */
	struct str		 path[CONF_MAX_PATH];
	size_t			 depth;
	size_t			 guesses;	/* names still to be compared */

	struct conf_raw_feed	*feeds, **last_feed;
	size_t			 n_feeds;
	struct conf_names	 urls;		/* of feeds, in one spelling;
						 * data: the first */
	struct conf_names	 selectors;	/* tags and names of feeds */
	struct conf_names	 feed_sets;	/* data: the record */
	const struct conf_feed_set *page_set;	/* of feeds of which nothing is
						 * said but in poll: */
	bool			 lists_unread;	/* there may be more of them */

	struct conf_tested	*tested;	/* NULL: samples rest */
	struct conf_asked	*asked;		/* a query beside the topics */
	struct conf_raw_topics	 topics;
	struct conf_names	 topic_names;	/* data: the topic */
	struct conf_names	 sink_names;	/* those written down */

	struct conf_names	 lists;		/* that queries have named */
	struct conf_names	 list_files;	/* by path; data: the text, a
						 * struct str */
	struct conf_words	 entities;	/* packs: names, paths */
	struct entity_index	*entity_index;	/* NULL: no pack is named */
	bool			 packs_unread;	/* one of them; it was told */

	struct conf_words	 includes;	/* patterns of names */
	struct conf_included	*included;	/* the last read first */
	struct conf_names	 included_paths;
	size_t			 n_included;
	bool			 unreadable;	/* one of them; it was told */

	/* number: index in conf.sinks + 1; 0: left out. */
	struct conf_names	 sinks;
	size_t			 sinks_cap;
	struct {
		struct conf_words notify;
		int		 severity, per;
		const size_t	*sinks;		/* NULL: not resolved yet */
		size_t		 n_sinks;
	} defaults;
	struct conf_words	 health;	/* health.notify */
};

/* With all defaults, one reference, and the arena that it owns. NULL when
 * memory is out. */
struct conf	*conf_new(struct arena **);

/* A copy of the file's text as conf.text, in place of what was kept before;
 * false when memory is out. */
bool		 conf_keep_text(struct conf *, struct str);

extern const char conf_default_store[];

/* What is wrong with the value at hand, told at `at` under the key at hand. */
void	conf_fault(struct conf_loader *, const struct yaml_event *at,
	    const char *, ...) __attribute__((format(printf, 3, 4)));
void	conf_warn(struct conf_loader *, const struct yaml_event *at,
	    const char *, ...) __attribute__((format(printf, 3, 4)));

/* The same at byte `offset` of the scalar `at`. */
struct conf_spot {
	const struct yaml_event	*at;
	size_t			 offset, length;
	bool			 warning;
};
void	conf_fault_in(struct conf_loader *, const struct conf_spot *,
	    const char *message);

/* The nearest of the names; NULL: none is near, or too many were compared. */
const char *conf_nearest(struct conf_loader *, struct str name,
	    const struct conf_names *);
/* "no such feed" ... with the nearest of the names. */
void	conf_fault_unknown(struct conf_loader *, const struct yaml_event *at,
	    const char *what, const struct conf_names *);

/* "line 3" of the file that is read, "FILE, line 3" of another; gives out. */
const char *conf_show_place(const struct yaml *here, const struct yaml *,
	    int line, char out[CONF_PLACE_SIZE]);

/* The key at hand: a step deeper, and back. */
void	conf_enter(struct conf_loader *, struct str key);
void	conf_leave(struct conf_loader *);

/*
 * Reads one value, beginning with `value`, into the record `into`. -1 only
 * when YAML stumbles (l->err); what is wrong otherwise goes to faults, and the
 * value has been passed over.
 */
struct conf_row;
typedef int	conf_read_fn(struct conf_loader *, const struct conf_row *,
		    const struct yaml_event *value, void *into);

struct conf_row {
	const char	*name;
	conf_read_fn	*read;
	size_t		 offset;	/* in the record */
	int64_t		 min, max;	/* as the reader says */
};

/* A record and the keys that it may have. */
struct conf_map {
	const struct conf_row	*rows;		/* CONF_MAX_ROWS at most */
	void			*into;
	bool			 settings;	/* a key in error is left out,
						 * not the whole record */
	struct yaml_event	 at[CONF_MAX_ROWS]; /* keys; no line: absent */
};

/* All: 0, or -1 when YAML stumbles. An empty value is an empty map. */
int	conf_read_map(struct conf_loader *, struct conf_map *,
	    const struct yaml_event *begun);

/* A map whose keys are names; `doubles` counts those that came again. seen:
 * names of maps in several files; NULL: of this map alone. */
struct conf_named {
	int	(*read)(struct conf_loader *, const struct yaml_event *name,
		    const struct yaml_event *value, void *ctx);
	void			*ctx;
	struct conf_names	*seen;
	struct conf_name	*entry;		/* of the name being read */
	size_t			 doubles;
};
int	conf_read_named(struct conf_loader *, struct conf_named *,
	    const struct yaml_event *begun);

/* Readers. Lengths and ranges are min and max of the row. */
conf_read_fn	conf_read_text;		/* const char *; bytes */
conf_read_fn	conf_read_word;		/* struct yaml_event; bytes */
conf_read_fn	conf_read_lines;	/* the same, lines within */
conf_read_fn	conf_read_words;	/* struct conf_words; of each */
conf_read_fn	conf_read_texts;	/* the same, lines within */
conf_read_fn	conf_read_duration;	/* int64_t seconds */
conf_read_fn	conf_read_size;		/* size_t bytes */
conf_read_fn	conf_read_number;	/* unsigned */
conf_read_fn	conf_read_date;		/* int64_t Unix seconds */
conf_read_fn	conf_read_path;		/* const char *, absolute; bytes */
conf_read_fn	conf_read_severity;	/* int */
conf_read_fn	conf_read_per;		/* int: enum alert_per */
conf_read_fn	conf_read_text_from;	/* feed or page */
conf_read_fn	conf_read_samples;	/* struct conf_raw_topic */

/* Whether the value is a text; when not, it is told and passed over. 1, 0, or
 * -1 when YAML stumbles. what: "a duration". */
int	conf_want_text(struct conf_loader *, const struct yaml_event *value,
	    const char *what);
/* Nothing, ~ or null. */
bool	conf_is_empty(const struct yaml_event *);
/* Adds a scalar; false when memory is out. */
bool	conf_words_add(struct conf_loader *, struct conf_words *,
	    const struct yaml_event *);
/* False and a fault: empty, too long, or with control characters. */
bool	conf_check_name(struct conf_loader *, const struct yaml_event *);
/* http or https with a host, at most URL_MAX_BYTES; else false and a fault. */
struct url_parts;
bool	conf_check_url(struct conf_loader *, const struct yaml_event *at,
	    struct str url, struct url_parts *);
/* name itself when absolute, else in the configuration's directory; in the
 * arena. */
const char *conf_absolute(struct conf_loader *, struct arena *,
	    struct str name);

/*
 * The text of the file that `at` names, in the configuration's arena: looked
 * for among the credentials, then beside the configuration. False and a fault
 * that quotes nothing of it.
 */
bool	conf_read_secret(struct conf_loader *, const struct yaml_event *at,
	    struct str *text);

/* The same of a file that is no secret and has max bytes at most, from the
 * configuration's directory. */
bool	conf_read_file(struct conf_loader *, const struct yaml_event *at,
	    size_t max, struct str *text);

/* Keys of a webhook that its format reads; no line: not given. */
struct conf_raw_post {
	struct yaml_event	 format, token_file, content_type;
	struct yaml_event	 template, template_file;
	const char		*chat;
};
struct sink_settings;

/* Keys of a sink behind TLS; no line: not given. */
struct conf_raw_tls {
	struct yaml_event	 ca_file, client_cert_file, client_key_file;
};
/* Reads and tries the files. A fault: s has none of them, or some. */
void	conf_finish_tls(struct conf_loader *, const struct conf_raw_tls *,
	    struct sink_settings *s);
/* A fault for each that is given: "needs https beside it". */
void	conf_refuse_tls(struct conf_loader *, const struct conf_raw_tls *,
	    const char *needs);

/* Keys of syslog that lead to a server elsewhere; no line: not given. */
struct conf_raw_remote {
	struct yaml_event	 remote, transport;
};
/* What they say; after a fault nothing, and s is the local syslog's. */
void	conf_finish_remote(struct conf_loader *, const struct conf_raw_remote *,
	    const struct conf_raw_tls *, struct sink_settings *s);

/* s->format; false and a fault: there is no such format. */
bool	conf_finish_format(struct conf_loader *, const struct conf_raw_post *,
	    struct sink_settings *s);
/* All others, for a format that is known; s->url is NULL where it has a fault
 * or is the format's own. name: of the sink. */
void	conf_finish_post(struct conf_loader *, const struct conf_raw_post *,
	    const struct yaml_event *name, struct sink_settings *s);

/* Of a feed: const char *, a proxy's URL. */
conf_read_fn	conf_read_proxy;
/* What f->credentials_file says into f->user_password; a fault that quotes
 * nothing of it where it says nothing usable. */
void	conf_read_credentials(struct conf_loader *, struct conf_raw_feed *f);

/*
 * The files that l->includes names, in the order of the patterns and then of
 * their names, each read as the main file was; kept: what was kept of them
 * with the configuration's text, instead. What they hold is added to
 * conf.text. l->unreadable tells that one could not be read; -1: memory is
 * out (l->err).
 */
int	conf_include(struct conf_loader *, struct str kept);
/* The main file's part of a text that was kept; what was kept of the files it
 * includes goes to *included: empty where there are none. */
struct str	conf_main_text(struct str text, struct str *included);
void	conf_included_free(struct conf_loader *);

/* Lists of terms are kept in the same way: the text that was kept of this path
 * (NULL: none was), one that was read now, and all of those at the end of
 * conf.text. False: memory is out. path and text live as long as the loader. */
const struct str *conf_kept_list(const struct conf_loader *, const char *path);
bool	conf_note_list(struct conf_loader *, const char *path, struct str text);
bool	conf_keep_lists(struct conf_loader *);

/* Tells l->err as a fault of the file that is read. */
void	conf_tell_failure(struct conf_loader *, const char *path);

/* One document that begins with `rows`, to its end; -1: YAML stumbles. */
int	conf_read_document(struct conf_loader *, const struct conf_row *rows);

/* First pass: the value of feeds, topics, sinks. */
conf_read_fn	conf_read_feeds;
conf_read_fn	conf_read_topics;
conf_read_fn	conf_read_sinks;
conf_read_fn	conf_read_boilerplate;
conf_read_fn	conf_read_entities;

/*
 * A feed that was read, from the YAML or from a list. A bad one is left out;
 * one whose URL is known, in whatever spelling, becomes bad: it is one with the
 * first. -1: memory is
 * out (l->err).
 */
int	conf_feed_keep(struct conf_loader *, struct conf_raw_feed *);

/* All feeds of the list that entry->opml names, each with what else the entry
 * says. 0, or -1: memory is out (l->err). */
int	conf_opml_read(struct conf_loader *,
	    const struct conf_raw_feed *entry);

/*
 * What is configured of the feed but its URL and name: one record for all that
 * are configured alike, also in that the same topics look at them
 * (conf_feed_set_wanted, the second step). NULL: memory is out.
 */
const struct conf_feed_set *conf_feed_set_of(struct conf_loader *,
	    const struct conf_raw_feed *);
const struct conf_feed_set *conf_feed_set_wanted(struct conf_loader *,
	    const struct conf_feed_set *, const uint64_t *wanted);

/* Second pass; false when memory is out. */
bool	conf_feeds_finish(struct conf_loader *);
bool	conf_topics_finish(struct conf_loader *);
/* Tries all samples of topics that are not left out, on the set that was
 * compiled. 0, or -1: memory is out (l->err). */
int	conf_samples_try(struct conf_loader *);
/* Gives all feeds the records that say which topics look at them. */
bool	conf_wanted_finish(struct conf_loader *);
/* Makes the feeds known by their URL, in memory of the arena; they stay where
 * they are from then on. */
bool	conf_index_feeds(struct conf *, struct arena *);

/*
 * Names of sinks, once all are read. conf_sinks_know makes the built-in ones
 * known; false when memory is out. conf_sinks_number is that of a known one,
 * which is made now where it is built in and nobody declared it: its index in
 * conf.sinks + 1, or 0: left out.
 */
bool	conf_sinks_know(struct conf_loader *);
size_t	conf_sinks_number(struct conf_loader *, struct conf_name *);

/* Between the passes: what defaults.notify and health.notify name. */
bool	conf_notify_finish(struct conf_loader *);
/* A topic's sinks into *t: those of the words, or the default ones. What is
 * wrong with them goes to faults; false when memory is out. */
bool	conf_notify_resolve(struct conf_loader *, const struct conf_words *,
	    struct conf_topic *t);

/*
 * Between the passes: reads the packs that entities names. What is wrong with
 * them goes to faults; false when memory is out.
 */
bool	conf_entities_finish(struct conf_loader *);

/* What a query calls an entity or a list, for struct query_names; ctx is the
 * loader. The set lives as long as the loader. */
const struct query_set *conf_find_entity(enum query_entity, struct str name,
	    struct buf *why, void *ctx);
const struct query_set *conf_find_list(struct str name, struct buf *why,
	    void *ctx);

#endif
