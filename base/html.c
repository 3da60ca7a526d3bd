/* SPDX-License-Identifier: ISC */
/*
 * Bytes are taken in blocks of 4 KiB, whatever they came in, so that libxml2
 * (which reads differently when cut differently) always sees the same pieces:
 *
 *	push -> block -> mend UTF-8 -> html_trim -> libxml2 -> handlers
 */
#include "base/html.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include "base/html_private.h"
#include "base/utf8.h"

/* A block becomes longer on its way: "<" is four bytes, a quote six. */
enum {
	BLOCK = 4096, CHAR_MAX_BYTES = 4,
	OUT_MAX = 6 * BLOCK + HTML_TAG_MAX + HTML_ATTR_MAX + 1024
};

struct html {
	struct html_settings	 set;
	const struct html_ops	*ops;
	void			*ctx;
	htmlParserCtxtPtr	 parser;	/* made with the first block */
	enum html_state		 state;
	size_t			 n_bytes;
	unsigned		 depth;
	struct html_trim	 trim;
	struct buf		 out;
	size_t			 n_block;
	char			 block[BLOCK];
};

static void
stop(struct html *h, enum html_state state)
{
	if (h->state != HTML_MORE)
		return;
	h->state = state;
	if (h->parser != NULL)
		xmlStopParser(h->parser);
}

/* -- What libxml2 calls --------------------------------------------------- */

/* Pairs of name and value, NULL behind the last. */
static size_t
take_attrs(const xmlChar **from, struct html_attr *to)
{
	size_t n = 0;

	for (; from != NULL && from[0] != NULL && n < HTML_ATTRS_MAX;
	    from += 2, n++)
		to[n] = (struct html_attr){ str_from((const char *)from[0]),
		    str_from((const char *)from[1]) };
	return n;
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar **attrs)
{
	struct html_attr list[HTML_ATTRS_MAX];
	struct html *h = ctx;

	if (h->state != HTML_MORE)
		return;
	if (h->depth == h->set.max_depth) {
		stop(h, HTML_TOO_DEEP);
		return;
	}
	h->depth++;
	if (h->ops->on_start != NULL && h->ops->on_start(
	    str_from((const char *)name), list, take_attrs(attrs, list),
	    h->ctx) != 0)
		stop(h, HTML_STOPPED);
}

static void
on_end(void *ctx, const xmlChar *name)
{
	struct html *h = ctx;

	if (h->state != HTML_MORE)
		return;
	if (h->depth > 0)
		h->depth--;
	if (h->ops->on_end != NULL &&
	    h->ops->on_end(str_from((const char *)name), h->ctx) != 0)
		stop(h, HTML_STOPPED);
}

static void
on_text(void *ctx, const xmlChar *p, int n)
{
	struct html *h = ctx;

	if (h->state == HTML_MORE && n > 0 && h->ops->on_text != NULL &&
	    h->ops->on_text((struct str){ (const char *)p, (size_t)n },
	    h->ctx) != 0)
		stop(h, HTML_STOPPED);
}

/* Nobody writes HTML without errors; nothing is printed. */
static void
on_error(void *ctx, xmlErrorPtr error)
{
	(void)ctx;
	(void)error;
}

/* -- Blocks --------------------------------------------------------------- */

static bool
make_parser(struct html *h)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	htmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
	    .startElement = on_start, .endElement = on_end,
	    .characters = on_text, .ignorableWhitespace = on_text,
	    .cdataBlock = on_text, .serror = on_error };

	if (pthread_once(&once, xmlInitParser) != 0)
		return false;
	h->parser = htmlCreatePushParserCtxt(&sax, h, NULL, 0, NULL,
	    XML_CHAR_ENCODING_UTF8);
	if (h->parser == NULL)
		return false;
	/* What a page says of its charset is not true any more. The call gives
	 * back what it does not know: NONET, of which there is no need yet. */
	(void)htmlCtxtUseOptions(h->parser, HTML_PARSE_RECOVER |
	    HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	return true;
}

static bool
is_unwanted(char c)
{
	return (unsigned char)c < ' ' && c != '\t' && c != '\n' &&
	    c != '\r' && c != '\f';
}

/* One character at p; how many bytes it takes. */
static size_t
take_char(struct html *h, const char *p, size_t n)
{
	char mended[CHAR_MAX_BYTES];
	size_t len = 1;
	uint32_t code;

	if ((unsigned char)*p >= 0x80) {
		code = utf8_decode(p, n, &len);
		html_trim_char(&h->trim, mended, utf8_encode(code, mended));
	} else if (*p != 0x7F && !is_unwanted(*p))
		html_trim_char(&h->trim, p, 1);
	return len;
}

/*
 * libxml2 keeps what it has read, where nothing makes it let go of it. The
 * place up to which it has looked counts from there, so it looks again: at a
 * text or a script without its end, which are short.
 */
static void
parse(struct html *h)
{
	/* Errors are recovered from; the end of memory is not. */
	(void)htmlParseChunk(h->parser, h->out.p, (int)h->out.n, 0);
	if (h->parser->errNo == XML_ERR_NO_MEMORY)
		stop(h, HTML_NO_MEMORY);
	if (h->state != HTML_MORE)
		return;
	xmlParserInputShrink(h->parser->input);
	h->parser->checkIndex = 0;
}

/* Takes the block but for a character that may be cut at its end. */
static void
take_block(struct html *h, bool last)
{
	size_t keep = last ? 0 : CHAR_MAX_BYTES - 1, at = 0;

	if (h->parser == NULL && !make_parser(h)) {
		stop(h, HTML_NO_MEMORY);
		return;
	}
	buf_reset(&h->out);
	while (at + keep < h->n_block) {
		size_t run = html_trim_run(&h->trim, h->block + at,
		    h->n_block - keep - at);

		at += run > 0 ? run :
		    take_char(h, h->block + at, h->n_block - at);
	}
	if (last)
		html_trim_finish(&h->trim);
	memmove(h->block, h->block + at, h->n_block - at);
	h->n_block -= at;
	if (h->out.failed || h->trim.tag.failed)
		stop(h, HTML_NO_MEMORY);
	else if (h->out.n > 0)
		parse(h);
}

/* -- Public face ---------------------------------------------------------- */

struct html *
html_new(const struct html_settings *set, const struct html_ops *ops,
    void *ctx)
{
	struct html *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->set = *set;
	h->ops = ops;
	h->ctx = ctx;
	buf_init(&h->out, OUT_MAX);
	html_trim_init(&h->trim, &h->out, set->max_raw,
	    set->max_code > 0 ? set->max_code : set->max_raw);
	return h;
}

void
html_free(struct html *h)
{
	if (h == NULL)
		return;
	if (h->parser != NULL)
		htmlFreeParserCtxt(h->parser);
	html_trim_clear(&h->trim);
	buf_clear(&h->out);
	free(h);
}

enum html_state
html_push(struct html *h, const char *p, size_t n)
{
	while (n > 0 && h->state == HTML_MORE) {
		size_t room = BLOCK - h->n_block, left = h->set.max_bytes -
		    h->n_bytes;
		size_t take = n < room ? n : room;

		if (left == 0) {
			(void)html_finish(h);
			stop(h, HTML_FULL);
			break;
		}
		if (take > left)
			take = left;
		memcpy(h->block + h->n_block, p, take);
		h->n_block += take;
		h->n_bytes += take;
		p += take;
		n -= take;
		if (h->n_block == BLOCK)
			take_block(h, false);
	}
	return h->state;
}

enum html_state
html_finish(struct html *h)
{
	if (h->state == HTML_MORE)
		take_block(h, true);
	if (h->state == HTML_MORE)
		(void)htmlParseChunk(h->parser, NULL, 0, 1);
	return h->state;
}

struct str
html_attr_of(const struct html_attr *attrs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(attrs[i].name, name))
			return attrs[i].value;
	return STR_NONE;
}
