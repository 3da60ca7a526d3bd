/* SPDX-License-Identifier: ISC */
/* One table of words, read both ways. */
#include "daemon/explain.h"

#include "base/json.h"
#include "filters/document.h"

static const struct {
	enum query_kind	kind;
	const char	*word;
} kinds[] = {
	{ QUERY_TERM,	"term" },
	{ QUERY_SET,	"set" },
	{ QUERY_AND,	"and" },
	{ QUERY_OR,	"or" },
	{ QUERY_NOT,	"not" },
	{ QUERY_NEAR,	"near" },
	{ QUERY_ATLEAST, "atleast" },
	{ QUERY_REGEX,	"regex" },
	{ QUERY_SOURCE,	"source" },
	{ QUERY_NUMBER,	"number" },
	{ QUERY_TOPIC,	"topic" },
};

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const char *
kind_word(enum query_kind kind)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].word;
	return "";
}

static enum query_kind
read_kind(struct str word)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (str_eq_c(word, kinds[i].word))
			return kinds[i].kind;
	return QUERY_TERM;
}

void
explain_write_hit(struct json_out *j, const struct hit *h)
{
	json_open_map(j);
	json_pair_str(j, "term", h->term);
	json_pair_str(j, "field", str_from(h->field));
	json_pair_str(j, "text", h->text);
	json_pair_int(j, "offset", (int64_t)h->offset);
	json_pair_str(j, "context", h->context);
	if (h->text.p >= h->context.p &&
	    h->text.p + h->text.n <= h->context.p + h->context.n)
		json_pair_int(j, "context_offset",
		    h->text.p - h->context.p);
	json_close_map(j);
}

void
explain_write(struct json_out *j, const struct matcher_node *node)
{
	json_open_map(j);
	json_pair_int(j, "depth", node->depth);
	json_pair_str(j, "kind", str_from(kind_word(node->kind)));
	json_pair_str(j, "text", node->text);
	json_pair_bool(j, "held", node->held);
	json_key(j, "hits");
	json_open_array(j);
	for (size_t i = 0; i < node->n_hits; i++)
		explain_write_hit(j, &node->hits[i]);
	json_close_array(j);
	json_close_map(j);
}

/* Without a field: of no field. */
static const char *
read_field(struct str name)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		if (str_eq_c(name, field_name((enum field)f)))
			return field_name((enum field)f);
	return "";
}

static struct hit
read_hit(const struct json *map)
{
	struct hit h = { .term = json_get_str(map, "term"),
		.field = read_field(json_get_str(map, "field")),
		.text = json_get_str(map, "text"),
		.context = json_get_str(map, "context") };
	int64_t at = json_get_int(map, "context_offset", -1);
	int64_t offset = json_get_int(map, "offset", 0);
	struct str there;

	h.offset = offset > 0 ? (size_t)offset : 0;
	if (at < 0 || (size_t)at > h.context.n)
		return h;
	there = str_sub(h.context, (size_t)at, h.text.n);
	if (str_eq(there, h.text))
		h.text = there;
	return h;
}

void
explain_read(const struct json *map, struct matcher_node *node,
    struct hit *hits)
{
	const struct json *list = json_get(map, "hits");
	int64_t depth = json_get_int(map, "depth", 0);

	*node = (struct matcher_node){
		.depth = depth > 0 && depth <= UINT16_MAX ?
		    (unsigned)depth : 0,
		.kind = read_kind(json_get_str(map, "kind")),
		.text = json_get_str(map, "text"),
		.held = json_get_bool(map, "held"), .hits = hits };
	while (node->n_hits < json_length(list) &&
	    node->n_hits < MATCHER_MAX_HITS) {
		hits[node->n_hits] = read_hit(json_at(list, node->n_hits));
		node->n_hits++;
	}
}
