/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CTL_ASK_H
#define HEADLINED_DAEMON_CTL_ASK_H

/*
 * One question to the running daemon over its control socket, for the verbs
 * that need one. Blocks until the answer is whole.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

struct ctl_answer {
	int		status;		/* HTTP */
	bool		unread;		/* whoever reads what is printed has
					 * gone, so it was waited no longer */
	struct buf	body;		/* the caller's to clear */
};

struct ctl_question {
	const char	*socket;	/* path of the control socket */
	const char	*path;		/* "/status" */
	bool		 post;		/* else GET */
	int64_t		 timeout_ms;	/* whole; 0: no limit, but of a minute
					 * without a byte */
	bool		 for_reader;	/* no answer is wanted once nobody
					 * reads standard output, a pipe */
	struct str	 body;		/* of a POST; or empty */
	/* Told of the body as it comes, all of it so far; or NULL. */
	void		(*on_part)(struct str so_far, void *ctx);
	void		*ctx;
};

/* 0, or -1 and *err: one sentence that says what to do, or that the answer is
 * unread. The answer's body is made either way. */
int	ctl_ask(const struct ctl_question *, struct ctl_answer *,
	    struct err *);

/*
 * The options that every such verb has: -c FILE, --socket PATH, --json. CTL_OK,
 * or the exit status of what was said: they are wrong (with the verb's usage),
 * -c's file cannot be opened or does not tell its socket, memory is out.
 * socket: as -c's configuration names it (or seems to, where it is no YAML),
 * else as --socket says, else the default; heap, the caller's.
 */
int	ctl_read_asker(int argc, char **argv, char **socket, bool *json);

/* The same for a verb with an option of its own, which takes no value, or with
 * an argument. */
struct ctl_asker {
	const char	*flag;		/* its name, without --; given, or
					 * NULL */
	const char	*wants;		/* what the argument is; given, or
					 * NULL: none */
	bool		 has_flag;	/* these four are found */
	char		*socket;
	bool		 json;
	const char	*argument;	/* of argv */
};
int	ctl_read_asker_flag(int argc, char **argv, struct ctl_asker *);

/* For a verb with more options: the socket that these two name (either may be
 * NULL). As ctl_read_asker. */
int	ctl_find_socket(const char *conf_path, const char *socket_path,
	    char **socket);

/* Posts to this path, and shows the answer, a sentence to people, all of it to
 * programs. The exit status. */
int	ctl_order(const char *socket, const char *path, bool json);

/* Of an answer that is {"message": ...}. */
int	ctl_show_message(const struct ctl_answer *, bool json);

/* Waits so long before another question. */
void	ctl_pause(int seconds);

/* Appends "?key=value", or with a & behind others, every byte escaped that a
 * query may not have as it is. value NULL: nothing. */
void	ctl_add_pair(struct buf *path, const char *key, const char *value);

#endif
