/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_SCRUB_PRIVATE_H
#define HEADLINED_FEEDS_SCRUB_PRIVATE_H

/*
 * What the files of feeds/scrub share: scrub.c (states outside of tags, the
 * output), scrub_tag.c (tags, which are open) and scrub_char.c (characters
 * and references).
 *
 * A reading function takes what it can decide about and returns true, or
 * returns false because what is left must wait for more; it then leaves at
 * most SCRUB_LOOKAHEAD bytes, which are held for the next push.
 */

#include <stdint.h>

#include "base/buf.h"
#include "feeds/scrub.h"

enum {
	SCRUB_BLOCK = 4096,	/* output between two cuts */
	SCRUB_LOOKAHEAD = 40,	/* the longest reference */
	SCRUB_NAME_MAX = 255,
	SCRUB_TAG_MAX = 65536,	/* bytes of one tag */
	SCRUB_ATTRS_MAX = 128,	/* the check for doubles is quadratic */
	SCRUB_ATTR_BYTES = 2048	/* of all their names */
};

enum scrub_state {
	IN_PROLOG, IN_TEXT, IN_CDATA,
	IN_COMMENT, IN_PI, IN_DOCTYPE,		/* dropped */
	IN_NAME,				/* of a start or end tag */
	IN_END_TAG,				/* behind its name */
	IN_GAP,					/* between attributes */
	IN_ATTR, IN_EQUALS, IN_VALUE_START,
	IN_VALUE, IN_BARE_VALUE,		/* quoted; not */
	IN_VOID					/* behind <br> and its like */
};

/* What stands there; JUNK is not looked behind. */
enum scrub_behind {
	BEHIND_BLANK, BEHIND_LESS_THAN, BEHIND_BANG, BEHIND_DASH,
	BEHIND_COMMENT, BEHIND_PI, BEHIND_JUNK
};

struct scrub_open {
	uint32_t	hash;		/* of its name, in either case */
	uint32_t	at;		/* where that begins in `names` */
};

struct scrub {
	int			 (*emit)(const char *, size_t, void *ctx);
	void			*ctx;
	enum scrub_result	 result;
	enum scrub_state	 state, outside;  /* outside: PROLOG, TEXT */
	bool			 guess_1252, saw_html;
	bool			 late;		/* something stood before */
	bool			 saw_item;	/* an item's start tag */
	bool			 stops_at_item, at_item;
	bool			 in_held;	/* reading what was held */
	size_t			 n_left;	/* of a push that stopped */
	bool			 ending;	/* nothing counts any more */
	enum scrub_behind	 behind;	/* the root's end tag */

	/* The construct being read. */
	char			 quote;		/* open; or 0 */
	bool			 closing;	/* an end tag */
	bool			 slash;		/* just read, in a start tag */
	bool			 gap;		/* white space before here */
	bool			 long_name;	/* over a limit: cut */
	bool			 skip_attr;	/* over a limit: left out */
	bool			 mute;		/* over a limit: rest dropped */
	bool			 in_subset, in_comment;	/* of the DOCTYPE */
	unsigned		 match;		/* of a closing mark, so far */
	unsigned		 n_attrs;
	size_t			 n_attr_name;
	size_t			 tag_bytes;
	char			 name[SCRUB_NAME_MAX];
	size_t			 n_name;
	unsigned		 n_colons;	/* of it, or the attribute's */

	/* Names of the tag's attributes: 4 "href" 5 "title". */
	char			 attrs[SCRUB_ATTR_BYTES + SCRUB_NAME_MAX + 2];
	size_t			 n_attr_bytes;

	/* The open elements, and their names: "rsschannelitem". */
	struct scrub_open	*open;		/* max_depth of them */
	struct buf		 names;
	unsigned		 depth, max_depth;

	size_t			 mended[SCRUB_N_MENDS];
	char			 held[64];
	size_t			 n_held;
	char			 out[SCRUB_BLOCK + 16];
	size_t			 n_out;
	char			 tail[2];	/* of what went out before */
};

struct scrub_span {
	const char	*p, *end;
	bool		 last;		/* nothing follows */
};

/* Output: as it is; within a tag's budget; in one piece or not at all. */
void	scrub_put_raw(struct scrub *, const char *, size_t);
void	scrub_put(struct scrub *, const char *, size_t);
void	scrub_put_whole(struct scrub *, const char *, size_t);
void	scrub_cut(struct scrub *);

/*
 * Counts what was mended. Once the result stands nothing counts: how far a
 * step still goes then depends on how the input was cut. Nor at the end: what
 * was held then lacks what was to follow, and nobody knows if it was bad.
 */
void	scrub_count(struct scrub *, enum scrub_mend, size_t times);

/* In a CDATA section: what comes next cannot end it with a ']' before. */
void	scrub_part_section(struct scrub *);

enum looks { LOOKS_NOT, LOOKS_LIKE, LOOKS_MAYBE };

/* Does what is there begin with `what` (case does not count), or may it? */
enum looks	 scrub_looks_like(const struct scrub_span *, struct str what);

/* Which bytes a run of plain text ends at. */
enum scrub_plain {
	PLAIN_TEXT = 1, PLAIN_CDATA = 2, PLAIN_DOUBLE = 4, PLAIN_SINGLE = 8,
	PLAIN_BARE = 16
};

/* The end of the run of good characters and references at p. */
const char	*scrub_skip_plain(const char *p, const char *end,
		    enum scrub_plain);

/* Mends the byte that ended a run: control, bad UTF-8, '&', or '<'. */
bool		 scrub_mend(struct scrub *, struct scrub_span *);

static inline bool
scrub_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline bool
scrub_is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

void		 scrub_begin_tag(struct scrub *, bool closing);
bool		 scrub_read_tag(struct scrub *, struct scrub_span *);

#endif
