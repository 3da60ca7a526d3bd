/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_PROSE_H
#define HEADLINED_BENCH_PROSE_H

/*
 * Text that looks like news to a tokeniser: words by Zipf's law, sentences and
 * paragraphs with their punctuation, names in the several spellings that
 * newsrooms use. The same seed gives the same text. One thread.
 *
 *	new -> add_sentence, add_title ... -> free
 */

#include <stddef.h>
#include <stdint.h>

struct buf;
struct prose;

enum prose_script { PROSE_LATIN, PROSE_CYRILLIC, PROSE_HAN };

/* Words in the vocabulary; the first hundred or so are "the", "of", ... */
enum { PROSE_WORDS = 20000, PROSE_NAMES = 1000, PROSE_MAX_SPELLINGS = 5 };

/* NULL when memory is out. */
struct prose	*prose_new(uint64_t seed);
void		 prose_free(struct prose *);		/* NULL is fine */

/* What sentences are written in from now on; Latin at first. */
void		 prose_set_script(struct prose *, enum prose_script);

/* A number below n (n is not 0); true `percent` times in a hundred. */
uint32_t	 prose_below(struct prose *, uint32_t n);
int		 prose_chance(struct prose *, unsigned percent);
uint64_t	 prose_number(struct prose *);

/* The word of this rank, lower case. */
const char	*prose_word(const struct prose *, uint32_t rank);

/* The spellings of a name of a person, place or body; NULL ends them. The
 * first forty or so are real, and the most frequent. */
const char *const *prose_name(const struct prose *, uint32_t rank);

/* About so many words, with a full stop and no space behind it. */
void		 prose_add_sentence(struct prose *, struct buf *,
		    unsigned words);

/* Words with capitals, now and then a name, no full stop. */
void		 prose_add_title(struct prose *, struct buf *);

/* Sentences until so many bytes are added. */
void		 prose_add_paragraph(struct prose *, struct buf *,
		    size_t bytes);

#endif
