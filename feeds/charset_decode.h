/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_CHARSET_DECODE_H
#define HEADLINED_FEEDS_CHARSET_DECODE_H

/*
 * Turns bytes of a known charset into UTF-8, as they arrive. Private to
 * feeds/charset.
 *
 *	init -> [use_...] -> charset_decode ... -> finish -> clear
 *
 * What cannot be decoded becomes one U+FFFD, as the web does it (WHATWG
 * Encoding Standard, 4.1 and the decoders): an illegal sequence of several
 * bytes is one, but never takes an ASCII byte with it, for that may be the
 * '<' of the next tag. What stands on the edge of two pieces waits in `in`, so
 * the result does not depend on where the document was cut.
 */

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHARSET_IN_MAX = 1024, CHARSET_OUT_MAX = 2048 };

enum charset_how {
	DECODE_NOT,		/* bytes go on as they are */
	DECODE_1252, DECODE_UTF16, DECODE_UTF32, DECODE_ICONV
};

struct charset_decode {
	int			 (*emit)(const char *, size_t, void *ctx);
	void			*ctx;
	int			 stopped;	/* what emit gave */
	enum charset_how	 how;
	bool			 little_endian;
	uint32_t		 high;	/* a surrogate that waits; or 0 */
	iconv_t			 cd;	/* DECODE_ICONV only */
	size_t			 n_bad;
	size_t			 n_in, n_out;
	char			 in[CHARSET_IN_MAX];	/* incomplete first */
	char			 out[CHARSET_OUT_MAX];
};

/* Of zeroed storage; DECODE_NOT. */
void	charset_decode_init(struct charset_decode *,
	    int (*emit)(const char *, size_t, void *ctx), void *ctx);
void	charset_decode_clear(struct charset_decode *);

void	charset_decode_use(struct charset_decode *, enum charset_how,
	    bool little_endian);

/*
 * From now on by iconv. False, and nothing is changed, when it does not know
 * the name or the charset is not ASCII with more: markup could not be read in
 * it, nor could we have read the label. EBCDIC, UTF-7, UTF-16 and national
 * seven-bit sets fall here; Shift JIS and Johab, which may have a currency
 * sign for the backslash and an overline for the tilde, pass. Where the
 * system lacks glibc's gconv-modules.cache, glibc keeps some 100 bytes of each
 * name that it was ever asked for in vain.
 */
bool	charset_decode_use_iconv(struct charset_decode *, const char *name);

/* How many of the n bytes stand before the first that is not ASCII. */
size_t	charset_count_ascii(const char *, size_t n);

/* What emit gave; once that is not 0 nothing more is emitted. */
int	charset_decode(struct charset_decode *, const char *, size_t);
int	charset_decode_finish(struct charset_decode *);

#endif
