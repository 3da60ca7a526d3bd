/* SPDX-License-Identifier: ISC */
/*
 * A word is whatever stands between white space, brackets and quotes; what it
 * means is decided by its first byte, by being an operator in capitals, or by
 * beginning with name: (letters and underscores).
 */
#include "filters/query_lex.h"

#include "base/utf8.h"

/* What is not read yet; where it is empty it still tells the place. */
static struct str
rest(const struct query_lexer *lex)
{
	if (lex->text.n == 0)
		return lex->text;
	return (struct str){ lex->text.p + lex->at,
	    lex->text.n - lex->at };
}

/* White space, that of pasted text as well, as bytes; 0: none. */
static size_t
space_at(struct str s)
{
	size_t len;
	uint32_t cp;

	if (s.n == 0)
		return 0;
	cp = utf8_decode(s.p, s.n, &len);
	if (cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0xa0 ||
	    cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200b) || cp == 0x2028 ||
	    cp == 0x2029 || cp == 0x202f || cp == 0xfeff)
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
	cp = utf8_decode(s.p, s.n, &len);
	return cp == '"' || (cp >= 0x201c && cp <= 0x201f) ? len : 0;
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
		while ((n = space_at(rest(lex))) > 0)
			lex->at += n;
		if (lex->at == lex->text.n || lex->text.p[lex->at] != '#' ||
		    !is_line_start(lex))
			return;
		while (lex->at < lex->text.n && lex->text.p[lex->at] != '\n')
			lex->at++;
	}
}

static size_t
word_length(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		struct str here = str_sub(s, i, SIZE_MAX);

		if (s.p[i] == '(' || s.p[i] == ')' || quote_at(here) > 0 ||
		    space_at(here) > 0)
			break;
	}
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
	struct str s = rest(lex);
	size_t i = quote, close = 0;
	bool distance = false;
	struct lexeme l;

	while (i < s.n && (close = quote_at(str_sub(s, i, SIZE_MAX))) == 0)
		i++;
	l.inner = (struct str){ s.p + quote, i - quote };
	i += close;
	if (close > 0 && i < s.n && s.p[i] == '~') {
		distance = true;
		for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			;
	}
	s = l.inner;
	l = take(lex, LEX_PHRASE, i);
	l.inner = s;
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
	size_t i;

	for (i = 1; i < s.n && s.p[i] != '/' && s.p[i] != '\n'; i++)
		i += s.p[i] == '\\';
	if (i >= s.n || s.p[i] != '/')
		return take(lex, LEX_REGEX, word_length(s));
	return take(lex, LEX_REGEX, i + 1 +
	    word_length(str_sub(s, i + 1, SIZE_MAX)));
}

/* The operator that a whole word is, or LEX_WORD. */
static enum lexeme_kind
kind_of_word(struct str w)
{
	static const struct {
		const char		*name;
		enum lexeme_kind	 kind;
	} operators[] = {
		{ "AND", LEX_AND },	{ "OR", LEX_OR },
		{ "NOT", LEX_NOT },	{ "NEAR", LEX_NEAR },
		{ "ONEAR", LEX_NEAR },	{ "ATLEAST", LEX_ATLEAST },
	};

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		struct str name = str_from(operators[i].name);

		if (str_eq(w, name))
			return operators[i].kind;
		if (name.n > 3 && str_starts(w, name) && w.p[name.n] == '/')
			return operators[i].kind;
	}
	return LEX_WORD;
}

void
query_lex_split_star(struct lexeme *l)
{
	struct str s = l->kind == LEX_PHRASE ? str_trim(l->inner) : l->inner;

	l->star = s.n > 1 && s.p[s.n - 1] == '*' && s.p[s.n - 2] != ' ';
	if (l->star)
		s.n--;
	l->inner = s;
}

static struct lexeme
take_word(struct query_lexer *lex)
{
	struct str s = str_sub(rest(lex), 0, word_length(rest(lex)));
	size_t name = field_length(s);
	struct lexeme l;

	if (name > 0) {
		l = take(lex, LEX_FIELD, name);
		l.inner.n--;
		return l;
	}
	l = take(lex, kind_of_word(s), s.n);
	if (l.kind == LEX_WORD)
		query_lex_split_star(&l);
	return l;
}

struct lexeme
query_lex_next(struct query_lexer *lex)
{
	struct str s;
	size_t quote;

	skip_space(lex);
	s = rest(lex);
	if (s.n == 0)
		return take(lex, LEX_END, 0);
	if (s.p[0] == '(' || s.p[0] == ')')
		return take(lex, s.p[0] == '(' ? LEX_OPEN : LEX_CLOSE, 1);
	if ((quote = quote_at(s)) > 0)
		return take_phrase(lex, quote);
	if (s.p[0] == '-' && word_length(s) == 1 && s.n > 1 &&
	    space_at(str_sub(s, 1, 4)) == 0 && s.p[1] != ')')
		return take(lex, LEX_NOT, 1);		/* -( and -" */
	if (s.p[0] == '-' && word_length(s) > 1)
		return take(lex, LEX_NOT, 1);
	if (s.p[0] == '/')
		return take_regex(lex);
	if (s.p[0] == '<' || s.p[0] == '>' || s.p[0] == '=')
		return take(lex, LEX_COMPARE, word_length(s));
	return take_word(lex);
}
