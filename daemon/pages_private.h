/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_PAGES_PRIVATE_H
#define HEADLINED_DAEMON_PAGES_PRIVATE_H

/*
 * What the files behind daemon/pages.h share and nobody else sees:
 *
 *	pages.c		which rows are held as pages; life and end
 *	page_feeds.c	which rows are due; configurations
 *	page_hosts.c	whose turn it is: a line for each host
 *	page_rules.c	refusals; the request for an origin's robots.txt
 *	page_read.c	one page's way: begun, asked, extracted
 *	page_judge.c	what an item is with its page's text
 *	page_end.c	how it ends, or is put off
 *
 *	struct pages --- feeds (rows in the store, scanned when one is due)
 *	      |     \--- hosts (a line of pages, robots.txt under way)
 *	      \--------- pages, by the id of their row
 */

#include <sys/queue.h>

#include "base/buf.h"
#include "daemon/batch.h"
#include "daemon/extractor.h"
#include "daemon/ledger.h"
#include "daemon/pages.h"
#include "feeds/page_store.h"
#include "feeds/schedule.h"

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

struct conf_feed;
struct event;
struct fetch;
struct page_rules_fetch;

enum page_state {
	PAGE_WAITS,		/* in its host's line */
	PAGE_BEGINS,		/* page_store_begin is at the ledger */
	PAGE_ASKED,		/* the request is under way */
	PAGE_LED,		/* where its redirect leads is at the ledger */
	PAGE_EXTRACTED,		/* with the extractor */
	PAGE_ENDS		/* its outcome is at the ledger */
};

enum { PAGE_MAX_HOPS = 5 };	/* redirects of a try */

/* A feed with rows in the store. */
struct pages_feed {
	struct schedule_entry	 entry;		/* first: we cast. When its
						 * next row is due */
	UT_hash_handle		 hh;
	TAILQ_ENTRY(pages_feed)	 link;		/* of the hungry */
	bool			 is_hungry;	/* has rows that are not held */
	bool			 near;		/* its document came from a
						 * private address */
	int64_t			 after;		/* id: all before are held */
	int64_t			 look_s;	/* steady; of the entry */
	int64_t			 closed_s;	/* page_limit is used up until
						 * then (steady); 0 */
	int64_t			 rules_day;	/* steady, of: */
	unsigned		 n_rules;	/* requests for robots.txt */
	/* Which lines its pages repeat, as the last one that was judged has
	 * left it, while any is in flight: the store may not have it yet. */
	struct buf		 lines;
	size_t			 n_pages;
	size_t			 n_active;	/* of them, and robots.txt for
						 * them, in flight */
	char			 url[];
};

struct pages_host {
	struct schedule_entry	 entry;		/* first: we cast. Its turn */
	UT_hash_handle		 hh;
	struct pages		*pages;
	TAILQ_HEAD(page_line, page) line;	/* by due time */
	size_t			 n_pages;	/* in flight, too */
	bool			 was_full;	/* rows were left in the store
						 * for it */
	bool			 awaits;	/* robots.txt, asked by another
						 * worker */
	bool			 begins;	/* one of the line does: no
						 * other has its turn */
	bool			 is_held_up;	/* the feeds of all in the line
						 * have what they may have */
	bool			 is_loaded;	/* the store was asked for its
						 * rules, before the gate */
	struct page_rules_fetch *robots;	/* under way, or NULL */
	struct pages_feed	*robots_for;	/* whose share it is of */
	char			 name[];	/* as the gate has it */
};

/* How a page ends; the row stays where it is put off. */
struct page_end {
	enum page_outcome	 outcome;
	int64_t			 again_s;	/* steady: put off until then;
						 * 0: it ends */
	bool			 gives_back;	/* the try, which it did not
						 * use */
};

struct page {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct extraction	 extraction;
	enum page_state		 state;
	UT_hash_handle		 hh;		/* by id */
	TAILQ_ENTRY(page)	 link;		/* its host's line */
	struct pages		*pages;
	struct pages_feed	*feed;
	struct pages_host	*host;
	int64_t			 id, due_s, seen_s;
	unsigned		 tries;
	char			*url;		/* asked next; owned */

	bool			 is_begun;	/* page_store_begin was
						 * committed */
	unsigned		 n_hops;	/* redirects followed, */
	char			*was[PAGE_MAX_HOPS]; /* from these; owned */
	struct page_begun	 begun;
	struct fetch		*fetch;
	char			*next_url;	/* that it is led to; owned */
	char			*base_url, *content_type; /* of the answer */
	struct buf		 body;
	bool			 is_cut, is_wall;
	bool			 is_judged;	/* on_open or on_body said: */
	struct page_end		 end;
	struct poll_token	 token;
	struct buf		 text;		/* of its article, for others */
	bool			 is_named;	/* base_url is its own, it
						 * says */
	struct batch		*batch;		/* alerts and text, or NULL */
	int64_t			 steady_s;	/* of the job */
	int64_t			 began_s;	/* of that which began it */
	int64_t			 limit;		/* page_limit, likewise */
};

TAILQ_HEAD(pages_feed_line, pages_feed);

struct pages {
	struct pages_env	 env;
	pages_idle_fn		*on_idle;
	void			*ctx;
	struct mailbox		*jobs;		/* also woken for robots.txt */
	struct mailbox		*extracted;
	struct event		*on_job, *on_extracted;
	struct event		*turn;		/* when something is due */
	struct schedule		*due_hosts, *due_feeds;	/* mono µs */
	struct pages_feed	*feeds;		/* by url */
	struct pages_host	*hosts;		/* by name */
	struct page		*by_id;
	struct pages_feed_line	 hungry;
	size_t			 n_hungry, n_scans; /* of those to be looked at
						 * in the next turns */
	size_t			 n_active;	/* pages, robots.txt in
						 * flight */
	size_t			 n_keeping;	/* jobs that keep the latter, or
						 * give tries back */
	bool			 was_full;	/* as of a host */
	bool			 draining;
};

/* pages.c */

int64_t	pages_mono_us(const struct pages *);
int64_t	pages_steady_s(const struct pages *);
int64_t	pages_wall_s(const struct pages *);

/* Something may be due now. */
void	pages_look(struct pages *);

/* The page of this row, or NULL. */
struct page *pages_find(struct pages *, int64_t id);

/* The row is held as a page. False: it stays in the store. */
bool	pages_hold(struct pages *, struct pages_feed *,
	    const struct page_wait *);

/* It is held no more; frees. Calls on_idle where it was in flight. */
void	pages_let_go(struct page *);

/* The feed's pages (NULL: all) that are not in flight. */
void	pages_let_waiting_go(struct pages *, const struct pages_feed *);

/* One more of the feed's is in flight, or one less: the feed may go. */
void	pages_go(struct pages *, struct pages_feed *);
void	pages_come(struct pages *, struct pages_feed *);

/* page_feeds.c */

/* Which rows are due? */
void	page_feeds_turn(struct pages *);

/* Its rows are looked for in the store again at this moment. */
void	page_feeds_look_at(struct pages *, struct pages_feed *,
	    int64_t steady_s);

/* Until then the feed may not ask: its pages that wait are let go. */
void	page_feeds_close(struct pages *, struct pages_feed *,
	    int64_t steady_s);

/*
 * May robots.txt be asked for because of this feed? It is no page, and one for
 * all pages of an origin: page_limit does not count it. But links to a thousand
 * hosts that forbid everything are a thousand requests: so many as page_limit
 * says are made in a day, of each life of the process: the store does not count
 * them. 0: yes; else when it may (steady). The other: one was made.
 */
int64_t	page_feeds_rules_at(const struct pages *, const struct pages_feed *);
void	page_feeds_count_rules(const struct pages *, struct pages_feed *);

/* The feed, with `text: page`, as it is configured now; or NULL. */
const struct conf_feed *page_feeds_conf(const struct pages *,
	    const struct pages_feed *);

/* Goes where nothing is known of it that the store does not know. */
void	page_feeds_forget(struct pages *, struct pages_feed *);
void	page_feeds_free(struct pages *);

/* page_hosts.c */

/* Into the line of its URL's host; first: in front of all. False: no host in
 * it, or memory is out. */
bool	page_hosts_add(struct page *, bool first);

/* Out of the line, or what was in flight: its host may go. */
void	page_hosts_remove(struct page *);

/* Is there room in the host's line for one more? */
bool	page_hosts_has_room(struct pages *, struct str url);

/* One that waits: nobody asks for it now, or ever. */
void	page_hosts_end(struct page *, struct page_end);

/* Its begin is back from the ledger. is_asked: it waits for the gate, in front
 * of its line. */
void	page_hosts_begun(struct page *, bool is_asked);

/* Begins what is due. */
void	page_hosts_turn(struct pages *);

/* A feed may have one more in flight: those that it held up look again. */
void	page_hosts_release(struct pages *);

/* robots.txt has come, or not; looks again after wait_us. */
void	page_hosts_resume(struct pages_host *, int64_t wait_us);

/* Other workers have fetched one. */
void	page_hosts_on_wake(struct pages *);

/* A drain: lines are empty; requests for robots.txt are given up. */
void	page_hosts_free(struct pages *);

/* page_rules.c */

/* In the gate of the page's host, for its origin. Ends in page_hosts_resume.
 * -1: it could not begin; the gate is left, others may try. */
int	page_rules_start(struct page *, const char *origin);
void	page_rules_cancel(struct page_rules_fetch *);

/* Into the table, what the store knows of an origin that the table does not
 * know: false where that is nothing. */
bool	page_rules_load(struct pages *, const char *origin);

/* Is this a job that keeps what has come? It is back then. */
bool	page_rules_acknowledge(struct mail *);

/* A host has answered: 429 closes it. */
void	page_rules_obey(struct pages *, int status, const struct http_meta *,
	    const char *url);

/* page_read.c */

/* Out of its line: to be begun; begun and in the gate. */
void	page_read_begin(struct page *);
void	page_read_ask(struct page *);

/* Its job is back; its text is there. */
void	page_read_acknowledge(struct page *);
void	page_read_extracted(struct page *);

/* Its request is given up, and it is let go, as it is when it comes back from
 * the extractor unread; what else is under way ends. */
void	page_read_cancel(struct page *);

/* What requests for pages and for robots.txt have alike: all but URL and
 * Accept. agent is room for the User-Agent, which the request borrows. */
void	page_read_fill_request(const struct page *, char *agent, size_t size,
	    struct fetch_request *);

/* page_end.c */

/* It ends with this; was no whole answer or an error of the server's, who wants
 * so much time (0: did not say): put off or ended; its address is private,
 * perhaps only until more is known of its feed. */
struct page_end	page_end_of(enum page_outcome);
struct page_end	page_end_failed(const struct page *, int64_t said_s);
struct page_end	page_end_private(const struct page *);

/* The store is told; page_end_acknowledge lets it go then. */
void	page_end_send(struct page *, struct page_end);
void	page_end_acknowledge(struct page *);

/* Any job of it; a refused one leaves the row as it is. */
void	page_end_post(struct page *, int (*write)(struct ledger_job *,
	    struct db *, struct err *));
void	page_end_refused(struct page *);

/* A stop lets go what is begun and of which nothing was asked yet: those of p
 * that wait, or this one. Its row may be begun anew. */
void	page_end_give_back(struct page *);
void	page_end_give_all_back(struct pages *);

/* Is this the job that does so? It is back then. */
bool	page_end_acknowledge_back(struct mail *);

/* page_judge.c */

/*
 * The row's item with this text, which said (or NULL) is of: p->batch holds
 * alerts and text where it is PAGE_READ. PAGE_SHORT: the feed's says as much.
 * -1 and *err.
 */
struct page_meta_said;
int	page_judge(struct page *, struct str text,
	    const struct page_meta_said *, enum page_outcome *, struct err *);

#endif
