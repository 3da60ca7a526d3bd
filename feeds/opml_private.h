/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_OPML_PRIVATE_H
#define HEADLINED_FEEDS_OPML_PRIVATE_H

/*
 * What the files of feeds/opml share: opml.c (the line that bytes go down),
 * opml_lines.c (in which line of the document outlines begin), opml_sax.c
 * (libxml2, what outlines mean) and opml_write.c.
 */

#include <stdbool.h>

#include "feeds/opml.h"

/* -- Lines ---------------------------------------------------------------- */

enum { OPML_LINES_MAX = 4096 };

/*
 * libxml2 counts the lines of what feeds/scrub lets through, which are not the
 * document's. So the start tags of outlines are looked for in the document
 * itself, ahead of the parser, and their lines wait here until it meets them.
 */
struct opml_lines {
	unsigned	 line;		/* of the byte to come */
	bool		 after_cr;
	enum {
		LINES_TEXT, LINES_WORD, LINES_COMMENT, LINES_CDATA, LINES_PI
	}		 state;
	unsigned	 begun;		/* line of the '<' before word */
	char		 word[16];	/* what follows it, lower case */
	size_t		 n_word;
	unsigned	 match;		/* of a closing mark, so far */
	bool		 lost;		/* too many wait: no lines any more */
	size_t		 first, n;	/* those that wait, a ring */
	unsigned	 waiting[OPML_LINES_MAX];
};

void		 opml_lines_init(struct opml_lines *);
void		 opml_lines_push(struct opml_lines *, struct str);
/* The next outline's; 0: unknown. */
unsigned	 opml_lines_next(struct opml_lines *);

/* -- Outlines ------------------------------------------------------------- */

struct opml_sax;

enum opml_sax_state { OPML_SAX_MORE, OPML_SAX_STRANGER, OPML_SAX_FAILED };

/* lines is borrowed until free. NULL when memory is out. */
struct opml_sax		*opml_sax_new(int (*on_feed)(const struct opml_feed *,
			    void *ctx), void *ctx,
			    const struct opml_settings *,
			    struct opml_lines *lines);
void			 opml_sax_free(struct opml_sax *);

/* Well-formed XML without a DOCTYPE. *err unless OPML_SAX_MORE; once it is
 * not, it stays so. */
enum opml_sax_state	 opml_sax_push(struct opml_sax *, const char *, size_t,
			    struct err *);
bool			 opml_sax_has_root(const struct opml_sax *);
const struct opml_counts *opml_sax_counts(const struct opml_sax *);

#define OPML_TOO_DEEP	"outlines stand in outlines over %u levels deep"

/* "WHAT, not an OPML list of feeds" into *err. Gives -1. */
int			 opml_name_stranger(struct err *, const char *what);

#endif
