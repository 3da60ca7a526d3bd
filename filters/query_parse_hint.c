/* SPDX-License-Identifier: ISC */
/*
 * What to say where terms stand side by side: "rare earth", "rare and earth",
 * "rare near earth" each lack something else.
 */
#include "base/buf.h"
#include "base/utf8.h"
#include "filters/query_parse_private.h"

enum { SHOWN_TERMS = 3 };

/* The operator that a word between terms was meant for, or NULL. */
static const char *
small_operator(const struct query_operand *op)
{
	static const char *const words[][2] = {
		{ "and", "AND" }, { "or", "OR" }, { "not", "NOT" },
		{ "near", "NEAR/5" }, { "onear", "ONEAR/5" },
	};

	if (!op->simple || op->at.n > 5)
		return NULL;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq_nocase(op->at, str_from(words[i][0])))
			return words[i][1];
	return NULL;
}

/* a JOIN b JOIN c, each cut to what fits a message. */
static void
add_joined(struct buf *b, const struct query_operand *item, size_t n,
    const char *join, bool inner)
{
	for (size_t i = 0; i < n && i < SHOWN_TERMS; i++) {
		if (i > 0)
			buf_add_c(b, join);
		utf8_clean_line(b, inner ? item[i].inner : item[i].at,
		    QUERY_SHOWN_BYTES);
		if (inner && item[i].star)
			buf_add_char(b, '*');
	}
	if (n > SHOWN_TERMS)
		buf_addf(b, "%s…", join);
}

/* Only the last word of a phrase may end in a *. */
static bool
could_be_phrase(const struct query_operand *item, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!item[i].simple || (item[i].star && i + 1 < n))
			return false;
	return true;
}

/* n > 1 terms without an operator among them. */
static void
report_side_by_side(struct query_parser *p, const struct query_operand *item,
    size_t n)
{
	struct buf b;

	buf_init(&b, QUERY_HINT_BYTES);
	if (could_be_phrase(item, n)) {
		buf_add_c(&b, "\"");
		add_joined(&b, item, n, " ", true);
		buf_add_c(&b, "\" for the phrase, ");
	}
	add_joined(&b, item, n, " AND ", false);
	buf_add_c(&b, ", or ");
	add_joined(&b, item, n, " OR ", false);
	QUERY_FAULT(p, query_span(item[0].at, item[n - 1].at),
	    "no operator between these terms (write %s)", buf_cstr(&b));
	buf_clear(&b);
}

static void
report_small_operator(struct query_parser *p, const struct query_operand *item,
    const char *word)
{
	struct buf b;

	buf_init(&b, QUERY_HINT_BYTES);
	utf8_clean_line(&b, item[-1].at, QUERY_SHOWN_BYTES);
	buf_addf(&b, " %s ", word);
	utf8_clean_line(&b, item[1].at, QUERY_SHOWN_BYTES);
	QUERY_FAULT(p, item->at, "\"%.*s\" is a word like others (operators "
	    "stand in capitals: write %s)", STR_ARG(item->at), buf_cstr(&b));
	buf_clear(&b);
}

/* Parts the run at and, or, not between terms; what is left lacks one. */
void
query_report_run(struct query_parser *p, const struct query_operand *item,
    size_t n)
{
	size_t from = 0, i;

	if (p->faults->n == QUERY_MAX_FAULTS) {
		p->faults->errors++;	/* nobody will read it */
		return;
	}
	for (i = 1; i + 1 < n; i++) {
		const char *word = small_operator(&item[i]);

		if (word == NULL || i == from)
			continue;
		report_small_operator(p, &item[i], word);
		if (i - from > 1)
			report_side_by_side(p, item + from, i - from);
		from = i + 1;
	}
	if (n - from > 1)
		report_side_by_side(p, item + from, n - from);
}
