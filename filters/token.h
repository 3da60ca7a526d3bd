/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TOKEN_H
#define HEADLINED_FILTERS_TOKEN_H

/*
 * Text to folded words, with their places. Queries and texts go through this
 * same door, so that whatever it decides it decides for both.
 *
 *	token_init -> token_begin -> token_next ... false -> token_begin ...
 *
 * A word is a run of letters and digits (with their marks), and
 *
 *	Putin's		putin		possessive 's goes, ' or the curly one
 *	don't O'Brien	don't o'brien	an inner apostrophe stays
 *	AT&T		at&t		an inner & stays
 *	U.S. e.g.	us eg		single letters with dots lose them
 *	1,000 3.5	1000 3.5	digit groups join, decimals stay
 *	nytimes.com	nytimes com	other inner dots part words
 *	peace-keepers	peace keepers	a hyphen parts words, and before them
 *			peacekeepers	comes their joined form (span 2), for 2
 *					to TOKEN_MAX_PARTS parts
 *	(Han, Kana, Thai, Lao, Khmer, Myanmar: each character)
 *
 * Positions count words; what follows a word stands at position + span:
 *
 *	UN peace-keepers arrive
 *	0  1     2       3	peacekeepers: position 1, span 2
 *
 * so a phrase finds both spellings. Tokens come in order of position, a joined
 * form before its parts. A line end is a gap that no phrase crosses where the
 * caller says so (names of authors, one a line), and so is a new text.
 *
 * U+001E is what was left out of the text (filters/boilerplate.h), byte by
 * byte: no phrase and no distance crosses it, and to sentences and paragraphs
 * it is white space, but a line of it is no empty one.
 *
 * A paragraph ends at an empty line, or at each line where the text has no
 * empty line. A sentence ends with a paragraph, after the full stops of CJK,
 * and at . ! ? or an ellipsis followed by space and a capital, a digit, an
 * opening quote or a letter without case; not after a usual abbreviation
 * (Mr. Gen. U.S.) or an initial (J. Smith).
 *
 * Any bytes are allowed; what is not UTF-8 parts words. One thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "filters/fold.h"

#define TOKEN_LEFT_OUT	'\x1e'

enum {
	TOKEN_MAX_FOLDED = 256,		/* bytes kept of a word */
	TOKEN_READ_AHEAD = 8,		/* behind them, to be read at will */
	TOKEN_MAX_PARTS = 4,		/* of a hyphenated word, to be joined */
	TOKEN_MAX_TEXT = 1 << 28,	/* bytes read of a text */
	TOKEN_MAX_LINES = 1 << 24,	/* of one whose lines are apart */
	TOKEN_GAP = 128			/* positions between what is apart:
					 * more than any phrase or distance */
};

struct token {
	const char	*folded;	/* lives until token_next */
	uint32_t	 n_folded;
	uint32_t	 offset, length;	/* in the text */
	uint32_t	 position;
	uint8_t		 span;		/* positions it takes */
	bool		 single;	/* one character of its script */
	bool		 cut;		/* longer than kept */
};

struct token_reader {
	const char	*text, *at, *end;
	uint32_t	 position;	/* next word's; runs on over texts */
	bool		 keep_case;
	bool		 lines_apart;
	bool		 gap;		/* due before the next word */
	bool		 chained;	/* tied by a hyphen to the last */
	bool		 has_cache;	/* it is empty or in use; not before */
	uint8_t		 n_queue, i_queue;
	struct token	 queue[TOKEN_MAX_PARTS + 1];
	struct fold_cache cache;
	char		 folded[TOKEN_MAX_FOLDED + TOKEN_READ_AHEAD];
};

/* keep_case: the folded form keeps its case. Costs no memory of its own. */
void		 token_init(struct token_reader *, bool keep_case);

/* A new text, apart from the last one. Set position to 0 for a new count. */
void		 token_begin(struct token_reader *, struct str text,
		    bool lines_apart);
bool		 token_next(struct token_reader *, struct token *);

/* What ends a paragraph. */
enum token_layout {
	TOKEN_WHOLE,		/* nothing: the text is one sentence */
	TOKEN_LINES,		/* each line end */
	TOKEN_PARAGRAPHS	/* an empty line */
};

/* TOKEN_LINES or TOKEN_PARAGRAPHS. */
enum token_layout token_layout(struct str text);

/*
 * Where the sentence, the paragraph that begins at byte `from` ends; text.n at
 * the last. From 0 on, each end is the next one's beginning; white space
 * between two belongs to the first.
 */
size_t		 token_sentence_end(struct str text, size_t from,
		    enum token_layout);
size_t		 token_paragraph_end(struct str text, size_t from,
		    enum token_layout);

/*
 * What to show of a text around hit, a slice of it: from .. to, the sentences
 * that the hit stands in; of these at most max bytes, cut at characters, the
 * hit in the middle.
 */
struct str	 token_around(struct str text, struct str hit, size_t from,
		    size_t to, size_t max);

#endif
