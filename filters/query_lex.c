/* SPDX-License-Identifier: ISC */
/*
 * A word is whatever stands between white space, brackets and quotes; what it
 * means is decided by its first byte, by being an operator in capitals, or by
 * beginning with name: (letters and underscores).
 */
#include "filters/query_lex.h"

#include <stdint.h>

#include "base/utf8.h"

enum { LONGEST_NAME = 16 };	/* of an operator with its number */

/* What is not read yet; where it is empty it still tells the place. */
static struct str
rest(const struct query_lexer *lex)
{
	if (lex->text.n == 0)
		return lex->text;
	return (struct str){ lex->text.p + lex->at,
	    lex->text.n - lex->at };
}

/* Bytes that begin what may be white space or a quote beyond ASCII. */
static bool
may_be_wide(char c)
{
	return c == '\xc2' || c == '\xe2' || c == '\xe3' || c == '\xef';
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t
query_lex_space(struct str s)
{
	size_t len;
	uint32_t cp;

	if (s.n == 0)
		return 0;
	if (!may_be_wide(s.p[0]))
		return is_blank(s.p[0]);
	cp = utf8_decode(s.p, s.n, &len);
	if (cp == 0xa0 || cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200b) ||
	    cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0xfeff)
		return len;
	return 0;
}

/* A double quote, straight or curly, as bytes; 0: none. */
static size_t
quote_at(struct str s)
{
	size_t len;
	uint32_t cp;

	if (s.n == 0)
		return 0;
	if (s.p[0] != '\xe2')
		return s.p[0] == '"';
	cp = utf8_decode(s.p, s.n, &len);
	return cp >= 0x201c && cp <= 0x201f ? len : 0;
}

/* A hyphen, or the dash that a word processor makes of it. */
static size_t
dash_at(struct str s)
{
	size_t len;
	uint32_t cp;

	if (s.n == 0)
		return 0;
	if (s.p[0] != '\xe2')
		return s.p[0] == '-';
	cp = utf8_decode(s.p, s.n, &len);
	return cp == 0x2010 || cp == 0x2011 || cp == 0x2013 || cp == 0x2212 ?
	    len : 0;
}

static bool
is_line_start(const struct query_lexer *lex)
{
	size_t i = lex->at;

	while (i > 0 && (lex->text.p[i - 1] == ' ' ||
	    lex->text.p[i - 1] == '\t'))
		i--;
	return i == 0 || lex->text.p[i - 1] == '\n';
}

/* White space and comments: lines that begin with a number sign. */
static void
skip_space(struct query_lexer *lex)
{
	size_t n;

	for (;;) {
		while ((n = query_lex_space(rest(lex))) > 0)
			lex->at += n;
		if (lex->at == lex->text.n || lex->text.p[lex->at] != '#' ||
		    !is_line_start(lex))
			return;
		while (lex->at < lex->text.n && lex->text.p[lex->at] != '\n')
			lex->at++;
	}
}

static bool
ends_word(struct str s, size_t i)
{
	struct str here;

	if (s.p[i] == '(' || s.p[i] == ')' || s.p[i] == '"' ||
	    is_blank(s.p[i]))
		return true;
	if (!may_be_wide(s.p[i]))
		return false;
	here = (struct str){ s.p + i, s.n - i };
	return quote_at(here) > 0 || query_lex_space(here) > 0;
}

static size_t
word_length(struct str s)
{
	size_t i = 0;

	while (i < s.n && !ends_word(s, i))
		i++;
	return i;
}

static size_t
count_digits(struct str s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

static struct lexeme
take(struct query_lexer *lex, enum lexeme_kind kind, size_t n)
{
	struct lexeme l = { .kind = kind };

	l.at = l.inner = rest(lex);
	l.at.n = l.inner.n = n;
	lex->at += l.at.n;
	return l;
}

/* From quote to quote, and the ~n behind it. */
static struct lexeme
take_phrase(struct query_lexer *lex, size_t quote)
{
	struct str s = rest(lex), inner, tail = STR_NONE;
	size_t i = quote, close = 0;
	bool distance;
	struct lexeme l;

	while (i < s.n && (close = quote_at(str_sub(s, i, SIZE_MAX))) == 0)
		i++;
	inner = (struct str){ s.p + quote, i - quote };
	i += close;
	distance = close > 0 && i < s.n && s.p[i] == '~';
	if (distance) {
		tail = str_sub(s, i + 1, SIZE_MAX);
		tail.n = word_length(tail);
		i += 1 + tail.n;
	}
	l = take(lex, LEX_PHRASE, i);
	l.inner = inner;
	l.tail = tail;
	l.unclosed = close == 0;
	l.distance = distance;
	query_lex_split_star(&l);
	return l;
}

/* name: at the start of s, its length with the colon; 0: none, or a URL. */
static size_t
field_length(struct str s)
{
	size_t i = 0;

	while (i < s.n && ((s.p[i] >= 'a' && s.p[i] <= 'z') ||
	    (s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '_'))
		i++;
	if (i == 0 || i == s.n || s.p[i] != ':' ||
	    str_starts(str_sub(s, i + 1, SIZE_MAX), STR("//")))
		return 0;
	return i + 1;
}

/* /text/i; without a second slash it is what a word would be. */
static struct lexeme
take_regex(struct query_lexer *lex)
{
	struct str s = rest(lex);
	struct lexeme l;
	size_t i;

	for (i = 1; i < s.n && s.p[i] != '/' && s.p[i] != '\n'; i++)
		i += s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] != '\n';
	if (i >= s.n || s.p[i] != '/') {
		l = take(lex, LEX_REGEX, word_length(s));
		l.unclosed = true;
		return l;
	}
	l = take(lex, LEX_REGEX, i + 1 + word_length(str_sub(s, i + 1,
	    SIZE_MAX)));
	l.inner = str_sub(s, 1, i - 1);
	l.tail = str_sub(l.at, i + 1, SIZE_MAX);
	return l;
}

/* <2d; between sign and number may be blanks. */
static struct lexeme
take_compare(struct query_lexer *lex)
{
	struct str s = rest(lex);
	size_t sign = 1, from, n;
	struct lexeme l;

	sign += s.n > 1 && (s.p[1] == '=' || s.p[1] == '>');
	for (from = sign; from < s.n && s.p[from] == ' '; from++)
		;
	if (from > sign && count_digits(str_sub(s, from, 1)) == 0)
		from = sign;
	n = from + word_length(str_sub(s, from, SIZE_MAX));
	l = take(lex, LEX_COMPARE, n);
	l.inner = str_sub(l.at, from, SIZE_MAX);
	l.tail = str_sub(l.at, 0, sign);
	return l;
}

/*
 * Operators.
 */

/* The operator that a whole word is, or LEX_WORD. */
static struct lexeme
read_operator(struct str w)
{
	static const struct {
		struct str		 name;
		enum lexeme_kind	 kind;
		bool			 distance, ordered;
	} operators[] = {
		{ { "AND", 3 },		LEX_AND,	false,	false },
		{ { "OR", 2 },		LEX_OR,		false,	false },
		{ { "NOT", 3 },		LEX_NOT,	false,	false },
		{ { "NEAR", 4 },	LEX_NEAR,	true,	false },
		{ { "ONEAR", 5 },	LEX_NEAR,	true,	true },
		{ { "ATLEAST", 7 },	LEX_ATLEAST,	true,	false },
	};
	struct lexeme l = { .kind = LEX_WORD };

	if (w.p[0] != 'A' && w.p[0] != 'N' && w.p[0] != 'O')
		return l;
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		struct str name = operators[i].name;

		if (!str_starts(w, name) || (w.n > name.n &&
		    (!operators[i].distance || w.p[name.n] != '/')))
			continue;
		l.kind = operators[i].kind;
		l.inner = str_sub(w, name.n + 1, SIZE_MAX);
		l.ordered = operators[i].ordered;
		return l;
	}
	return l;
}

/* n, nf, and where a slash stands before it s or p as well. */
static bool
is_distance(struct str s, bool slash)
{
	size_t digits = count_digits(s);

	if (digits > 0)
		return digits == s.n ||
		    (digits + 1 == s.n && (s.p[digits] | 0x20) == 'f');
	return slash && s.n == 1 &&
	    ((s.p[0] | 0x20) == 's' || (s.p[0] | 0x20) == 'p');
}

/* near/5 NEAR5 NEAR~5 w/5 pre/5 /5: the operator, or LEX_WORD. */
static struct lexeme
read_foreign_near(struct str w)
{
	static const struct {
		struct str		 name;
		struct str		 marks;	/* one before the number */
		bool			 bare;	/* it may follow at once */
		bool			 ordered;
		enum lexeme_kind	 kind;
	} rows[] = {
		{ { "near", 4 }, { "/~:", 3 }, true, false, LEX_NEAR },
		{ { "onear", 5 }, { "/~:", 3 }, true, true, LEX_NEAR },
		{ { "within", 6 }, { "/~", 2 }, true, false, LEX_NEAR },
		{ { "adj", 3 }, { "/~", 2 }, true, true, LEX_NEAR },
		{ { "pre", 3 }, { "/", 1 }, false, true, LEX_NEAR },
		{ { "w", 1 }, { "/", 1 }, false, false, LEX_NEAR },
		{ { "", 0 }, { "/", 1 }, false, false, LEX_NEAR },
		{ { "atleast", 7 }, { "/~:", 3 }, true, false, LEX_ATLEAST },
	};
	struct lexeme l = { .kind = LEX_WORD, .elsewhere = true };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = rows[i].name.n;
		bool mark;

		if (w.n <= n || !str_eq_nocase(str_sub(w, 0, n), rows[i].name))
			continue;
		mark = memchr(rows[i].marks.p, w.p[n], rows[i].marks.n) !=
		    NULL;
		l.inner = str_sub(w, n + mark, SIZE_MAX);
		l.ordered = rows[i].ordered;
		if ((mark || rows[i].bare) &&
		    is_distance(l.inner, w.p[n] == '/')) {
			l.kind = rows[i].kind;
			return l;
		}
	}
	return l;
}

/* An operator as other programs write it, or LEX_WORD. */
static struct lexeme
read_foreign(struct str w)
{
	static const struct {
		struct str		 name;
		enum lexeme_kind	 kind;
	} signs[] = {
		{ { "&", 1 }, LEX_AND }, { { "&&", 2 }, LEX_AND },
		{ { "+", 1 }, LEX_AND }, { { "|", 1 }, LEX_OR },
		{ { "||", 2 }, LEX_OR }, { { "!", 1 }, LEX_NOT },
		{ { "ANDNOT", 6 }, LEX_NOT },
	};
	struct lexeme l = { .kind = LEX_WORD, .elsewhere = true };

	if (memchr("&|+!AaNnOoWwPp/", w.p[0], 15) == NULL)
		return l;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (str_eq(w, signs[i].name))
			l.kind = signs[i].kind;
	return l.kind != LEX_WORD ? l : read_foreign_near(w);
}

void
query_lex_split_star(struct lexeme *l)
{
	struct str s = l->kind == LEX_PHRASE ? str_trim(l->inner) : l->inner;

	l->star = s.n > 1 && s.p[s.n - 1] == '*' && !is_blank(s.p[s.n - 2]);
	if (l->star)
		s.n--;
	l->inner = s;
}

static struct lexeme
take_as(struct query_lexer *lex, const struct lexeme *as, size_t n)
{
	struct lexeme l = take(lex, as->kind, n);

	l.inner = as->inner;
	l.ordered = as->ordered;
	l.elsewhere = as->elsewhere;
	return l;
}

/* NEAR:5, which is no field. It is short: a word is not read to its end for
 * each of the fields that may stand in it. */
static bool
is_foreign_field(struct str s)
{
	struct str w = str_sub(s, 0, 2 * LONGEST_NAME);

	w.n = word_length(w);
	return w.n < 2 * LONGEST_NAME && read_foreign_near(w).kind != LEX_WORD;
}

static struct lexeme
take_word(struct query_lexer *lex)
{
	struct str s = rest(lex);
	size_t name = field_length(s);
	struct lexeme l;

	if (name > 0 && !is_foreign_field(s)) {
		l = take(lex, LEX_FIELD, name);
		l.inner.n--;
		return l;
	}
	s.n = word_length(s);
	l = read_operator(s);
	if (l.kind == LEX_WORD)
		l = read_foreign(s);
	if (l.kind != LEX_WORD)
		return take_as(lex, &l, s.n);
	l = take(lex, LEX_WORD, s.n);
	query_lex_split_star(&l);
	return l;
}

/* -x, -"x y" and -(x OR y): the bytes of the dash; 0: none. */
static size_t
negation_at(struct str s)
{
	size_t n = dash_at(s);

	if (n == 0 || n == s.n || s.p[n] == ')' ||
	    query_lex_space(str_sub(s, n, 4)) > 0)
		return 0;
	return n;
}

/* !x, as others write NOT. */
static bool
is_exclamation(struct str s)
{
	return s.p[0] == '!' && s.n > 1 && s.p[1] != ')' &&
	    query_lex_space(str_sub(s, 1, 4)) == 0;
}

/* A regex, or /5 for NEAR; right behind a field always the first. */
static struct lexeme
take_slash(struct query_lexer *lex)
{
	struct str w = str_sub(rest(lex), 0, word_length(rest(lex)));
	struct lexeme l;

	if (lex->at > 0 && lex->text.p[lex->at - 1] == ':')
		return take_regex(lex);
	l = read_foreign(w);
	return l.kind == LEX_WORD ? take_regex(lex) : take_as(lex, &l, w.n);
}

struct lexeme
query_lex_next(struct query_lexer *lex)
{
	struct lexeme l;
	struct str s;
	size_t n;

	skip_space(lex);
	s = rest(lex);
	if (s.n == 0)
		return take(lex, LEX_END, 0);
	if (s.p[0] == '(' || s.p[0] == ')')
		return take(lex, s.p[0] == '(' ? LEX_OPEN : LEX_CLOSE, 1);
	if ((n = quote_at(s)) > 0)
		return take_phrase(lex, n);
	if ((n = negation_at(s)) > 0)
		return take(lex, LEX_NOT, n);
	if (is_exclamation(s)) {
		l = take(lex, LEX_NOT, 1);
		l.elsewhere = true;
		return l;
	}
	if (s.p[0] == '<' || s.p[0] == '>' || s.p[0] == '=')
		return take_compare(lex);
	if (s.p[0] == '/')
		return take_slash(lex);
	return take_word(lex);
}
