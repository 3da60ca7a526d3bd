/* SPDX-License-Identifier: ISC */
/*
 * PCRE2's limits count how often a match begins to be tried another way, anew
 * at each place of the text. They bound neither the places nor what one item
 * such as [ab]* reads at each of them: over n bytes that is n * n, with no
 * count to see it by. So a long text is searched in windows: matches that
 * begin in one window are looked for in that window and the next one alone.
 *
 *	|----- WINDOW -----|----- WINDOW -----|
 *	 matches begin here   and may reach here
 *
 * What would go on behind both windows (PCRE2 says so: a partial match) is
 * looked for once more in the whole text, from that place alone; what this may
 * cost has a bound of its own.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "filters/regex.h"

#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>

enum {
	WINDOW = 1024,
	SHORT_TEXT = 4 * WINDOW,	/* searched as a whole */
	MAX_RETRIED = 32 << 20,		/* bytes, in the whole text */
	MIN_TRIES = 2000, MAX_TRIES = 100000,	/* at one place */
	ALL_TRIES = 400000000,		/* at all places of a text */
	MAX_DEPTH = 5000,
	MAX_HEAP_KIB = 1024,
	JIT_STACK_MIN = 32 << 10, JIT_STACK_MAX = 256 << 10,
	MAX_PARENS = 100
};

static const uint32_t compile_options = PCRE2_UTF | PCRE2_UCP |
    PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;

struct regex {
	pcre2_code	*code;
};

struct regex_finder {
	pcre2_match_data	*data;
	pcre2_match_context	*context;
	pcre2_jit_stack		*stack;		/* NULL: the machine's */
};

static void
describe(int error, PCRE2_SIZE offset, struct regex_fault *fault)
{
	PCRE2_UCHAR text[sizeof(fault->message)];
	size_t i;

	/* Too long a text is cut; that is fine. */
	(void)pcre2_get_error_message(error, text, sizeof(text));
	for (i = 0; i + 1 < sizeof(fault->message) && text[i] != 0; i++)
		fault->message[i] = (char)text[i];
	fault->message[i] = '\0';
	fault->offset = offset;
}

static pcre2_code *
compile(struct str pattern, bool caseless, struct regex_fault *fault)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_SIZE offset = 0;
	pcre2_code *code;
	int error = PCRE2_ERROR_NOMEMORY;

	if (context == NULL) {
		describe(error, offset, fault);
		return NULL;
	}
	pcre2_set_parens_nest_limit(context, MAX_PARENS);
	code = pcre2_compile((PCRE2_SPTR)(pattern.n > 0 ? pattern.p : ""),
	    pattern.n, compile_options | (caseless ? PCRE2_CASELESS : 0),
	    &error, &offset, context);
	if (code == NULL)
		describe(error, offset, fault);
	pcre2_compile_context_free(context);
	return code;
}

struct regex *
regex_new(struct str pattern, bool caseless, struct regex_fault *fault)
{
	struct regex *re = calloc(1, sizeof(*re));

	if (re == NULL) {
		describe(PCRE2_ERROR_NOMEMORY, 0, fault);
		return NULL;
	}
	re->code = compile(pattern, caseless, fault);
	if (re->code == NULL) {
		free(re);
		return NULL;
	}
	/* Refused where memory must not become code: PCRE2 interprets. */
	(void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE |
	    PCRE2_JIT_PARTIAL_HARD);
	return re;
}

void
regex_free(struct regex *re)
{
	if (re == NULL)
		return;
	pcre2_code_free(re->code);
	free(re);
}

bool
regex_check(struct str pattern, bool caseless, struct regex_fault *fault)
{
	pcre2_code *code = compile(pattern, caseless, fault);

	pcre2_code_free(code);
	return code != NULL;
}

struct regex_finder *
regex_finder_new(void)
{
	struct regex_finder *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->data = pcre2_match_data_create(1, NULL);
	f->context = pcre2_match_context_create(NULL);
	if (f->data == NULL || f->context == NULL) {
		regex_finder_free(f);
		return NULL;
	}
	pcre2_set_depth_limit(f->context, MAX_DEPTH);
	pcre2_set_heap_limit(f->context, MAX_HEAP_KIB);
	f->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	if (f->stack != NULL)
		pcre2_jit_stack_assign(f->context, NULL, f->stack);
	return f;
}

void
regex_finder_free(struct regex_finder *f)
{
	if (f == NULL)
		return;
	pcre2_match_data_free(f->data);
	pcre2_match_context_free(f->context);
	pcre2_jit_stack_free(f->stack);
	free(f);
}

/* In text, a match that begins at from .. last. */
static int
match(const struct regex *re, struct regex_finder *f, struct str text,
    size_t from, size_t last, bool partial)
{
	pcre2_set_offset_limit(f->context, last);
	return pcre2_match(re->code, (PCRE2_SPTR)(text.n > 0 ? text.p : ""),
	    text.n, from, PCRE2_NO_UTF_CHECK |
	    (partial ? PCRE2_PARTIAL_HARD : 0), f->data, f->context);
}

static enum regex_result
result_of(const struct regex_finder *f, int rc, struct str text,
    struct str *match)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(f->data);

	if (rc == PCRE2_ERROR_NOMATCH)
		return REGEX_NONE;
	if (rc < 0)
		return REGEX_LIMIT;
	/* \K in a look-ahead may put the start behind the end. */
	*match = (struct str){ text.p + at[0],
	    at[1] > at[0] ? at[1] - at[0] : 0 };
	return REGEX_FOUND;
}

/* PCRE2's match limit, which is for one place. */
static void
set_tries(struct regex_finder *f, size_t places)
{
	size_t tries = places > 0 ? ALL_TRIES / places : MAX_TRIES;

	tries = tries > MAX_TRIES ? MAX_TRIES : tries;
	pcre2_set_match_limit(f->context, (uint32_t)(tries < MIN_TRIES ?
	    MIN_TRIES : tries));
}

/* At most n, and the end of a character. */
static size_t
cut(struct str text, size_t n)
{
	if (n >= text.n)
		return text.n;
	while (n > 0 && ((uint8_t)text.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Where the character at `at`, or the one it is inside of, ends. */
static size_t
behind(struct str text, size_t at)
{
	for (at++; at < text.n && ((uint8_t)text.p[at] & 0xc0) == 0x80; at++)
		;
	return at;
}

/* One window after the other; see above. */
static enum regex_result
find_in_windows(const struct regex *re, struct regex_finder *f,
    struct str text, size_t from, struct str *found)
{
	size_t last, end, retried = 0;
	int rc;

	while (from < text.n) {
		last = from + WINDOW < text.n ? cut(text, from + WINDOW) - 1 :
		    text.n;
		end = cut(text, from + 2 * WINDOW);
		rc = match(re, f, str_sub(text, 0, end), from, last,
		    end < text.n);
		if (rc == PCRE2_ERROR_PARTIAL) {
			last = pcre2_get_startchar(f->data);
			retried += text.n - last;
			if (retried > MAX_RETRIED)
				return REGEX_LIMIT;
			rc = match(re, f, text, last, last, false);
		}
		if (rc != PCRE2_ERROR_NOMATCH)
			return result_of(f, rc, text, found);
		from = behind(text, last);
	}
	return REGEX_NONE;
}

enum regex_result
regex_find(const struct regex *re, struct regex_finder *f, struct str text,
    size_t from, struct str *found)
{
	set_tries(f, text.n - from);
	if (text.n - from > SHORT_TEXT)
		return find_in_windows(re, f, text, from, found);
	return result_of(f, match(re, f, text, from, text.n, false), text,
	    found);
}
