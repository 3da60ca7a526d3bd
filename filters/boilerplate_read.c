/* SPDX-License-Identifier: ISC */
/*
 * A field's lines; of each its words as hashes, the title's made one; then the
 * hashes of the line and of its sentences. Start reading at boilerplate_read.
 */
#include "filters/boilerplate_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "filters/token.h"

enum {
	LEAST_TITLE = 3,		/* words: fewer are no title's */
	MOST_TITLE = 64, MOST_TITLE_BYTES = 2048,
	MOST_UNITS = 16384,		/* of an item; what is behind is
					 * matched as it is */
	SENTENCE_WORDS = 4, JOINED_MOST = 3,
	NAMES_MOST = 3,			/* words that may be a dateline */

	/* A template: so many words that stay, of at most so many, and so
	 * many names behind the first word. */
	TEMPLATE_FIXED = 5, TEMPLATE_MOST = 40, TEMPLATE_NAMES = 2,
	TEMPLATE_MASKED = 4,

	LONG_WORD = 4			/* bytes of a word that tells titles
					 * apart */
};

/* What stands for what is masked. */
static const uint64_t title_hash = UINT64_C(0x7469746c65),
    name_hash = UINT64_C(0x6e616d65),
    template_seed = UINT64_C(0x74656d706c617465);

bool
boilerplate_grow(void **p, size_t *room, size_t n, size_t size)
{
	size_t more = *room > 0 ? *room * 2 : 64;
	void *bigger;

	if (n < *room)
		return true;
	if (more > SIZE_MAX / size ||
	    (bigger = realloc(*p, more * size)) == NULL)
		return false;
	*p = bigger;
	*room = more;
	return true;
}

struct boilerplate_reader *
boilerplate_reader_new(void)
{
	return calloc(1, sizeof(struct boilerplate_reader));
}

void
boilerplate_reader_free(struct boilerplate_reader *r)
{
	if (r == NULL)
		return;
	free(r->units);
	free(r->words);
	free(r->title);
	free(r->spans);
	free(r);
}

/*
 * The title
 */

static bool
is_title_at(const struct boilerplate_reader *r, size_t at)
{
	if (r->words[at].plain != r->title[0].plain ||
	    r->n_words - at < r->n_title)
		return false;
	for (size_t i = 1; i < r->n_title; i++)
		if (r->words[at + i].plain != r->title[i].plain)
			return false;
	return true;
}

/* The title's words become one. */
static void
mask_title(struct boilerplate_reader *r)
{
	size_t n = 0;

	if (r->n_title < LEAST_TITLE)
		return;
	while (n < r->n_words && !is_title_at(r, n))
		n++;
	for (size_t i = n; i < r->n_words; n++) {
		struct boilerplate_word w = r->words[i];

		if (is_title_at(r, i)) {
			w.end = r->words[i + r->n_title - 1].end;
			w.kind = WORD_TITLE;
			w.plain = w.masked = title_hash;
			i += r->n_title;
		} else
			i++;
		r->words[n] = w;
	}
	r->n_words = n;
}

/*
 * Hashes
 */

/* Of words, as they are or less digits. Never 0. */
static uint64_t
hash_words(const struct boilerplate_word *w, size_t n, bool plain)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++)
		h = boilerplate_stir(h, plain ? w[i].plain : w[i].masked);
	return h != 0 ? h : 1;
}

/* With one mask for each run of names; 0: there are none in it, or it is
 * hardly more. The first word has its capital from where it stands. */
static uint64_t
hash_template(const struct boilerplate_word *w, size_t n)
{
	size_t fixed = 0, masked = 0, names = 0;
	uint64_t h = template_seed;

	if (n > TEMPLATE_MOST)
		return 0;
	for (size_t i = 0; i < n; i++) {
		bool runs_on = i > 0 && w[i - 1].kind == WORD_UPPER;

		if (w[i].kind != WORD_UPPER) {
			h = boilerplate_stir(h, w[i].plain);
			fixed += w[i].kind == WORD_LOWER;
			continue;
		}
		if (!runs_on)
			h = boilerplate_stir(h, name_hash);
		names += i > 0 && (!runs_on || i == 1);
		masked += i > 0;
	}
	if (fixed < TEMPLATE_FIXED || names > TEMPLATE_NAMES ||
	    masked > TEMPLATE_MASKED || fixed < 2 * masked ||
	    (masked == 0 && w[0].kind != WORD_UPPER))
		return 0;
	return h != 0 ? h : 1;
}

static bool
is_in_title(const struct boilerplate_reader *r,
    const struct boilerplate_word *w)
{
	for (size_t i = 0; i < r->n_title; i++)
		if (r->title[i].plain == w->plain)
			return true;
	return false;
}

/* Whom the item is about is no advert's name. Of the words that a template
 * masks the first may be no name, but where there are others. */
static bool
is_about(const struct boilerplate_reader *r, const struct boilerplate_word *w,
    size_t n)
{
	bool has_others = false;

	for (size_t i = 1; i < n; i++)
		if (w[i].kind == WORD_UPPER) {
			has_others = true;
			if (is_in_title(r, &w[i]))
				return true;
		}
	return (!has_others || w[1].kind == WORD_UPPER) &&
	    is_in_title(r, &w[0]);
}

/* Then its numbers are what is new. */
static bool
names_what_title_does(const struct boilerplate_reader *r,
    const struct boilerplate_word *w, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (w[i].kind == WORD_UPPER &&
		    w[i].end - w[i].offset >= LONG_WORD &&
		    is_in_title(r, &w[i]))
			return true;
	return false;
}

struct word_counts_of {
	size_t	lower, names, masked, letters;
};

static struct word_counts_of
count_words(const struct boilerplate_word *w, size_t n)
{
	struct word_counts_of c = { 0 };

	for (size_t i = 0; i < n; i++) {
		bool is_name = w[i].kind == WORD_UPPER ||
		    w[i].kind == WORD_CASELESS;

		c.lower += w[i].kind == WORD_LOWER;
		c.names += is_name;
		c.letters += is_name || w[i].kind == WORD_LOWER;
		c.masked += w[i].masked != w[i].plain;
	}
	return c;
}

/*
 * Lines
 */

static struct boilerplate_unit *
add_unit(struct boilerplate_reader *r, size_t field, size_t offset,
    size_t length)
{
	void *p = r->units;

	if (r->n_units == MOST_UNITS)
		return NULL;
	if (!boilerplate_grow(&p, &r->room_units, r->n_units,
	    sizeof(*r->units))) {
		r->failed = true;
		return NULL;
	}
	r->units = p;
	r->units[r->n_units] = (struct boilerplate_unit){
		.offset = (uint32_t)offset, .length = (uint32_t)length,
		.field = (uint8_t)field };
	return &r->units[r->n_units++];
}

/* What is hashed of it, if it may be boilerplate: numbers and links alone are
 * none, nor is one name, nor the title. */
static void
fill_unit(const struct boilerplate_reader *r, struct boilerplate_unit *u,
    const struct boilerplate_word *w, size_t n)
{
	struct word_counts_of c = count_words(w, n);

	u->words = (uint32_t)n;
	u->need = u->is_sentence ? NEED_PART : NEED_LINE;
	if (c.letters == 0 || (n == 1 && c.names == 1))
		return;
	if (n <= NAMES_MOST && c.lower == 0)
		u->need = NEED_NAMES;
	u->is_masked = !u->is_sentence && c.masked > 0 &&
	    !names_what_title_does(r, w, n);
	u->exact = hash_words(w, n, !u->is_masked);
	u->template = hash_template(w, n);
	if (u->template != 0 && is_about(r, w, n))
		u->template = 0;
}

static bool
ends_with(struct str s, struct str end)
{
	return s.n >= end.n && str_eq(str_sub(s, s.n - end.n, end.n), end);
}

/* Does it end with a full stop, or the like? */
static bool
has_stop(struct str s)
{
	static const struct str stops[] = { { ".", 1 }, { "!", 1 },
	    { "?", 1 }, { "\xe2\x80\xa6", 3 }, { "\xe3\x80\x82", 3 },
	    { "\xef\xbc\x81", 3 }, { "\xef\xbc\x9f", 3 }, { "\xd8\x9f", 2 },
	    { "\xdb\x94", 2 }, { "\xe0\xa5\xa4", 3 } };

	s = str_trim(s);
	while (s.n > 0 && (s.p[s.n - 1] == ')' || s.p[s.n - 1] == ']' ||
	    s.p[s.n - 1] == '"' || s.p[s.n - 1] == '\''))
		s.n--;
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		if (ends_with(s, stops[i]))
			return true;
	return false;
}

/* A line that is looked at, and where. */
struct line {
	size_t		field, offset;
	struct str	text;
	bool		is_last;	/* of its field */
};

/* A short sentence counts at the line's end only. */
static bool
may_be_learned(const struct line *l, size_t from, size_t end, size_t words)
{
	if (words >= SENTENCE_WORDS)
		return true;
	return end == l->text.n && words > 0 && (l->is_last ||
	    !has_stop(str_sub(l->text, from, end - from)));
}

/* Does a sentence begin between this word, which is not the first, and the one
 * before? *at: where. */
static bool
begins_before(const struct boilerplate_word *w, struct str line, size_t *at)
{
	if (!w->after_stop)
		return false;
	*at = token_sentence_end(str_sub(line, 0, w->end), w[-1].end - 1,
	    TOKEN_LINES);
	return *at <= w->offset;
}

/* Where the sentence that begins with that word ends: not within a title, which
 * is one word. *word: the first behind it. */
static size_t
end_sentence(const struct boilerplate_reader *r, struct str line,
    size_t *word)
{
	size_t at;

	for ((*word)++; *word < r->n_words; (*word)++)
		if (begins_before(&r->words[*word], line, &at))
			return at;
	return line.n;
}

/* Bytes of a line, and words. */
struct part {
	size_t	from, end, first, behind;
};

static void
add_part(struct boilerplate_reader *r, const struct line *l,
    const struct part *p, bool is_joined)
{
	struct boilerplate_unit *u = add_unit(r, l->field,
	    l->offset + p->from, p->end - p->from);

	if (u == NULL)
		return;
	u->is_sentence = true;
	u->is_joined = is_joined;
	fill_unit(r, u, r->words + p->first, p->behind - p->first);
}

/* The last short sentences since one that is not. */
struct shorts {
	struct part	at[JOINED_MOST];
	size_t		n;
};

static void
keep_short(struct shorts *s, const struct part *p)
{
	if (s->n == JOINED_MOST) {
		memmove(s->at, s->at + 1, (s->n - 1) * sizeof(s->at[0]));
		s->n--;
	}
	s->at[s->n++] = *p;
}

/* The short ones before it, with it, as many as there are and fewer: any of
 * them may be the paragraph's own. Not the whole line once more. */
static void
join(struct boilerplate_reader *r, const struct line *l,
    const struct shorts *s, const struct part *p)
{
	for (size_t i = 0; i < s->n; i++) {
		struct part both = *p;

		both.from = s->at[i].from;
		both.first = s->at[i].first;
		if (both.behind - both.first >= SENTENCE_WORDS &&
		    (both.from > 0 || both.end < l->text.n))
			add_part(r, l, &both, true);
	}
}

static void
read_sentences(struct boilerplate_reader *r, const struct line *l)
{
	struct shorts shorts = { .n = 0 };
	struct part p = { .end = 0 };
	size_t words;

	while (p.end < l->text.n) {
		p.from = p.end;
		p.first = p.behind;
		p.end = end_sentence(r, l->text, &p.behind);
		if (p.from == 0 && p.end == l->text.n)
			return;		/* it is the whole line */
		words = p.behind - p.first;
		if (words >= SENTENCE_WORDS || p.end == l->text.n)
			join(r, l, &shorts, &p);
		if (may_be_learned(l, p.from, p.end, words))
			add_part(r, l, &p, false);
		if (words >= SENTENCE_WORDS)
			shorts.n = 0;
		else
			keep_short(&shorts, &p);
	}
}

/* It says the title and nothing else. */
static bool
is_title(const struct boilerplate_reader *r)
{
	if (r->n_words == 1 && r->words[0].kind == WORD_TITLE)
		return true;
	if (r->n_words == 0 || r->n_words != r->n_title)
		return false;
	for (size_t i = 0; i < r->n_words; i++)
		if (r->words[i].plain != r->title[i].plain)
			return false;
	return true;
}

static void
read_line(struct boilerplate_reader *r, const struct line *l)
{
	struct boilerplate_unit *u;
	void *words = r->words;
	size_t whole;

	if (!boilerplate_read_words(r, l->text, &words, &r->room_words,
	    &r->n_words))
		r->failed = true;
	r->words = words;
	mask_title(r);
	if (r->failed || r->n_words == 0 || is_title(r) ||
	    (u = add_unit(r, l->field, l->offset, l->text.n)) == NULL)
		return;
	r->text_words += r->n_words;
	fill_unit(r, u, r->words, r->n_words);
	whole = r->n_units;
	read_sentences(r, l);
	r->units[whole - 1].has_sentences = r->n_units > whole;
}

static void
read_field(struct boilerplate_reader *r, size_t field)
{
	struct str whole = str_sub(r->item.field[field], 0,
	    BOILERPLATE_TEXT_MOST), rest = whole;
	struct line l = { .field = field };
	const char *end;

	/* A line that is cut there is none. */
	while (rest.n > 0 && !r->failed) {
		end = memchr(rest.p, '\n', rest.n);
		if (end == NULL && whole.n < r->item.field[field].n)
			return;
		l.text = str_sub(rest, 0, end != NULL ?
		    (size_t)(end - rest.p) : rest.n);
		rest = str_sub(rest, l.text.n + 1, rest.n);
		l.is_last = rest.n == 0 &&
		    whole.n == r->item.field[field].n;
		l.text = str_trim(l.text);
		l.offset = (size_t)(l.text.p - whole.p);
		if (l.text.n > 0)
			read_line(r, &l);
	}
}

/* Words that tell titles apart. */
static void
print_title(struct boilerplate_reader *r)
{
	r->n_title_prints = 0;
	for (size_t i = 0; i < r->n_title &&
	    r->n_title_prints < TITLE_PRINTS; i++)
		if (r->title[i].end - r->title[i].offset >= LONG_WORD &&
		    r->title[i].kind != WORD_DIGITS)
			r->title_prints[r->n_title_prints++] =
			    (uint16_t)(r->title[i].plain >> 48);
}

/* The first line of its text, where it has none. */
static struct str
title_of(const struct boilerplate_item *it)
{
	struct str text = str_trim(it->title);
	const char *end;

	for (size_t i = 0; i < BOILERPLATE_FIELDS && text.n == 0; i++) {
		text = str_trim(it->field[i]);
		end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
		if (end != NULL)
			text.n = (size_t)(end - text.p);
	}
	return str_sub(text, 0, MOST_TITLE_BYTES);
}

static bool
read_title(struct boilerplate_reader *r)
{
	void *words = r->title;
	bool ok = boilerplate_read_words(r, title_of(&r->item), &words,
	    &r->room_title, &r->n_title);

	r->title = words;
	if (!ok)
		return false;
	if (r->n_title > MOST_TITLE)
		r->n_title = MOST_TITLE;
	print_title(r);
	/* What stands in for it may be a line like others. */
	if (r->item.title.n == 0)
		r->n_title = 0;
	return true;
}

int
boilerplate_read(struct boilerplate_reader *r,
    const struct boilerplate_item *it)
{
	r->item = *it;
	r->n_units = r->n_spans = 0;
	r->text_words = 0;
	r->failed = !read_title(r);
	for (size_t i = 0; i < BOILERPLATE_FIELDS && !r->failed; i++)
		read_field(r, i);
	if (!r->failed)
		return 0;
	r->n_units = 0;
	return -1;
}
