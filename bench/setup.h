/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_SETUP_H
#define HEADLINED_BENCH_SETUP_H

/*
 * What a row that watches the whole daemon needs of files and addresses: its
 * feeds' URLs, a configuration, a store in which each feed has its due time, a
 * hosts file for names. All files stand in the scratch folder under the row's
 * name.
 *
 *	setup_init -> (urls, files) -> setup_start -> (child_kill)
 *
 * Feed i is on host i modulo n_hosts. Hosts are addresses from 127.0.0.1 on, or
 * names hN.feeds.test of such addresses.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bench;
struct err;

enum { SETUP_URL_SIZE = 96, SETUP_PATH_SIZE = 4096 };

struct setup {
	const char	*name, *scratch;
	size_t		 n_feeds, n_hosts;
	int		 port;
	bool		 names, tls;
	const char	*every;		/* of each feed */
	const char	*poll;		/* more keys of poll, ", key: value" */
	int		 workers;	/* 0: as the daemon likes */
	const char	*more_feed;	/* URL of one feed more; or NULL */
	const char	*topics;	/* blocks of topics, sinks and the like;
					 * NULL: a topic that tells nobody */
	char		 conf[SETUP_PATH_SIZE], store[SETUP_PATH_SIZE];
	char		 log[SETUP_PATH_SIZE], hosts[SETUP_PATH_SIZE];
};

/* Fills in the paths; name and scratch are borrowed. */
void	setup_init(struct setup *, const char *name, const struct bench *);

void	setup_url(const struct setup *, size_t feed,
	    char out[SETUP_URL_SIZE]);
void	setup_host(const struct setup *, size_t host,
	    char out[SETUP_URL_SIZE]);

/* 0, or -1 and *err. */
int	setup_write_conf(const struct setup *, struct err *);
int	setup_write_hosts(const struct setup *, struct err *);

/*
 * A new store in which each feed was read an hour ago (the answerer's
 * validators are known) and feed i is due at first_s + i modulo spread_s, a
 * Unix time. The feed more is due at first_s. 0, or -1 and *err.
 */
int	setup_fill_store(const struct setup *, int64_t first_s,
	    int spread_s, struct err *);
/* The store of a run before, with what belongs to it, is gone. */
void	setup_remove_store(const struct setup *);

int64_t	setup_due_s(size_t feed, int64_t first_s, int spread_s);

/* Starts the daemon; its pid, or -1 and *err. time_scale may be NULL. */
pid_t	setup_start(const struct setup *, const struct bench *,
	    const char *time_scale, struct err *);

#endif
