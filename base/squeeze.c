/* SPDX-License-Identifier: ISC */
#include "base/squeeze.h"

#include <stdlib.h>

#include <zstd.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * The next levels give a fiftieth at best, and take a third longer. The quick
 * one codes no letters, which saves little of a short text and takes a fourth
 * of the time: used below this size, it costs a fifteenth of all bytes of real
 * feeds.
 */
enum { LEVEL = 1, QUICK_LEVEL = -1, SHORT_BYTES = 4096 };

struct squeezer {
	ZSTD_CCtx	*in;		/* NULL until they are needed */
	ZSTD_DCtx	*out;
};

struct squeezer *
squeezer_new(void)
{
	return calloc(1, sizeof(struct squeezer));
}

void
squeezer_free(struct squeezer *s)
{
	if (s == NULL)
		return;
	(void)ZSTD_freeCCtx(s->in);	/* both cannot fail */
	(void)ZSTD_freeDCtx(s->out);
	free(s);
}

int
squeeze(struct squeezer *s, struct str text, struct buf *out)
{
	size_t room = ZSTD_compressBound(text.n), n;
	char *to = buf_reserve(out, room);

	if (s->in == NULL)
		s->in = ZSTD_createCCtx();
	if (to == NULL || s->in == NULL)
		return -1;
	n = ZSTD_compressCCtx(s->in, to, room, text.p, text.n,
	    text.n < SHORT_BYTES ? QUICK_LEVEL : LEVEL);
	if (ZSTD_isError(n))
		return -1;
	out->n += n;
	out->p[out->n] = '\0';
	return 0;
}

int
unsqueeze(struct squeezer *s, struct str frame, struct buf *out,
    struct err *err)
{
	unsigned long long size = ZSTD_getFrameContentSize(frame.p, frame.n);
	size_t n;
	char *to;

	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
		return err_set(err, "no squeezed text");
	if (out->n > out->max || size > out->max - out->n)
		return err_set(err, "a squeezed text of %llu bytes is too "
		    "large", size);
	if (s->out == NULL)
		s->out = ZSTD_createDCtx();
	to = buf_reserve(out, (size_t)size);
	if (to == NULL || s->out == NULL)
		return err_set(err, "out of memory");
	n = ZSTD_decompressDCtx(s->out, to, (size_t)size, frame.p, frame.n);
	if (ZSTD_isError(n))
		return err_set(err, "a squeezed text is damaged: %s",
		    ZSTD_getErrorName(n));
	out->n += n;
	out->p[out->n] = '\0';
	return 0;
}
