/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_CLAIMS_H
#define HEADLINED_FEEDS_CLAIMS_H

/*
 * When each feed was last asked, and before when it must not be asked again:
 * a mapped file, written before a request leaves. What a process wrote into a
 * mapped page stays in the page cache when the process is killed, so that a
 * kill never makes a second request early; no system call, no transaction.
 *
 *	claims_open -> claims_take (before a request; again when its answer
 *	            begins, so that no server's stamp is later than ours)
 *	            -> claims_forbid, claims_forbid_host (a server's refusal)
 *	            -> claims_hint (how long its answer stays fresh) ...
 *	            -> claims_close
 *
 *	header | slot | slot | slot ...	  open addressing by a hash
 *	         URL, asked_s, not_before_s (a refusal's or a hint's)
 *
 * All spellings of a URL that ask for the same are one (url_canonical). Only
 * hashes are kept, and anybody's redirect may put a URL here: the hashes are
 * keyed by a secret that each file has of its own, so that nobody can make one
 * that stands for another's.
 *
 * A host's slot is one like a URL's, by its "name:port", under a secret of its
 * own: it is made by its first refusal. A URL that a redirect led to has one as
 * well, and a hostile server may invent such a URL at each poll: a slot that
 * says nothing any more is dropped when the table is full, or would grow at a
 * start, or could be much smaller. It says nothing once neither a refusal
 * nor a hint holds and so much time has gone by since it was asked (keep_s)
 * that, were the store to know nothing of that poll, the feed might be asked
 * again. So the table grows with what is asked within keep_s, not with all that
 * ever was.
 *
 * All times are seconds of steady time (base/clock.h).
 *
 * A claim outlives its feed's poll; the store knows better once the poll is
 * acknowledged, and the later of both holds. After a power cut the file may
 * be old or torn: a slot that makes no sense counts as never asked, a header
 * that makes no sense as an empty file.
 *
 * Any thread; one mutex inside (a leaf, see base/mailbox.h).
 */

#include <stddef.h>
#include <stdint.h>

struct claims;
struct err;

struct claim {
	int64_t	asked_s;	/* 0: never */
	int64_t	not_before_s;	/* a refusal holds until then; 0: none */
	int64_t	hint_s;		/* the answer is fresh until then, for as long
				 * as the store knows nothing of it; 0: none,
				 * or a refusal holds */
};

struct claims_age {
	int64_t	now_s;
	int64_t	keep_s;		/* 0: for ever */
};

/* For a file of the layout before, which had no secret. */
struct claims_known {
	/* The i-th URL that may be in there; NULL: there are no more. */
	const char	*(*url_at)(size_t i, void *ctx);
	void		*ctx;
};

/*
 * Opens the file, made where there is none (mode 0600), with room for `feeds`
 * feeds and as many to come again; grown where it is too small, keeping what
 * it holds but for what says nothing any more (NULL: all of it). A file
 * that is no table of claims is begun anew. NULL and *err: it cannot be made or
 * mapped.
 */
struct claims	*claims_open(const char *path, size_t feeds,
		    const struct claims_age *, struct err *);

/*
 * The same; of a file of the layout before, whose hashes say nothing of who
 * they are of, what is said of these URLs and of their hosts is kept. Without
 * them such a file is no table of claims. Borrowed for the call.
 */
struct claims	*claims_open_known(const char *path, size_t feeds,
		    const struct claims_age *, const struct claims_known *,
		    struct err *);
void		 claims_close(struct claims *);		/* NULL is fine */

/* Another configuration: how long a claim says something from now on. */
void		 claims_keep(struct claims *, int64_t keep_s);

/* What is known of the URL, or of the host; one never claimed gives zeroes. */
struct claim	 claims_find(struct claims *, const char *url);
struct claim	 claims_find_host(struct claims *, const char *host);

/*
 * The feed is asked now. 0, or -1 and *err: the table is full and cannot be
 * grown (disk full): do not ask. A refusal that is over is forgotten, a hint,
 * and a refusal of another boot whose clock was ahead of ours.
 */
int		 claims_take(struct claims *, const char *url, int64_t now_s,
		    struct err *);

/* Nothing to this feed before until_s, or a later one said before. The feed was
 * claimed before. */
void		 claims_forbid(struct claims *, const char *url,
		    int64_t until_s);

/* The same for a host, from now on; where the table is full and cannot be
 * grown, nothing is noted. */
void		 claims_forbid_host(struct claims *, const char *host,
		    int64_t now_s, int64_t until_s);

/* The answer that has begun says that it stays fresh until then. Nothing where
 * a refusal holds. The feed was claimed before. */
void		 claims_hint(struct claims *, const char *url,
		    int64_t until_s);

size_t		 claims_count(struct claims *);	/* slots in use */

/*
 * After many were looked up at once, as at a start: the table's pages stay
 * where they are, in the page cache, but weigh on this process no more until
 * it touches them again.
 */
void		 claims_rest(struct claims *);

#endif
