/* SPDX-License-Identifier: ISC */
/*
 * Each open element has a frame that says where its children stand; frame 0
 * is outside of the root. What an element means is looked up once for each
 * (name, namespace, place) and remembered: libxml2 keeps names in a
 * dictionary, so that equal names are equal pointers.
 *
 *	rss        channel    item       title
 *	PLACE_ROOT PLACE_FEED PLACE_ITEM (gathering)
 */
#include "feeds/feed_sax.h"

#include <stdlib.h>

#include <libxml/parserInternals.h>

#include "base/arena.h"
#include "base/url.h"
#include "feeds/feed_sax_private.h"
#include "feeds/feed_tail.h"
#include "feeds/xml_push.h"

/* As libxml2 gives it. */
struct start_tag {
	const xmlChar		*name, *prefix, *uri;
	const xmlChar		**ns;		/* pairs: prefix, URI */
	int			 n_ns;
	const struct sax_attr	*attrs;
	size_t			 n_attrs;
};

enum {
	SCOPE_MAX = 1 << 20, LANG_MAX = 35, BASE_MAX = 2048,
	ATTRS_MAX = 1 << 17,		/* more than feeds/scrub lets through */
	TEXT_STEP = 4096, FIRST_FRAMES = 32
};

/* -- Ends ----------------------------------------------------------------- */

/* x->err is filled; nothing more is read. */
static void
stop(struct feed_sax *x, enum feed_sax_state state)
{
	if (x->state != FEED_SAX_MORE)
		return;
	x->state = state;
	xmlStopParser(x->xml);
}

static bool
stop_over_names(struct feed_sax *x)
{
	const char *what;
	int most;

	if (x->state != FEED_SAX_MORE ||
	    !xml_push_is_over(x->xml, &what, &most))
		return false;
	(void)err_set(&x->err, "over %s (%d)", what, most);	/* always -1 */
	stop(x, FEED_SAX_FAILED);
	return true;
}

static void
fail_over_cap(struct feed_sax *x)
{
	if (x->state != FEED_SAX_MORE)
		return;
	(void)err_set(&x->err, "%s over max_item_bytes (%zu)",	/* always -1 */
	    x->draft.in_item ? "an item" : "what the feed says of itself",
	    x->max_item_bytes);
	stop(x, FEED_SAX_FAILED);
}

static void
end_item(struct feed_sax *x)
{
	struct draft *d = &x->draft;

	if (arena_failed(d->item_arena)) {
		fail_over_cap(x);
		return;
	}
	draft_end_item(d);
	if (x->ops->on_item(&d->item, x->ctx) != 0) {
		(void)err_set(&x->err, "stopped by the reader of its items");
		stop(x, FEED_SAX_FAILED);
	}
	arena_reset(d->item_arena);
}

/* -- Names ---------------------------------------------------------------- */

/* Pointers of the dictionary, mixed into a slot's number. */
static size_t
mix(const xmlChar *a, size_t b)
{
	uint64_t v = (uint64_t)(uintptr_t)a + b * UINT64_C(0x9E3779B97F4A7C15);

	return (size_t)((v * UINT64_C(0x9E3779B97F4A7C15)) >> 48);
}

static enum dialect_ns
find_ns(const struct feed_sax *x, const xmlChar *uri, const xmlChar *prefix)
{
	enum dialect_ns ns;

	if (uri == NULL && prefix == NULL)
		return NS_HOME;
	ns = uri != NULL ? dialect_ns_of_uri((const char *)uri) :
	    dialect_ns_of_prefix((const char *)prefix);
	/* An RSS root in Atom's namespace is RSS all the same. */
	if (ns == x->dialect->home || (uri != NULL && uri == x->root_uri &&
	    (ns == NS_OTHER || prefix == NULL)))
		return NS_HOME;
	return ns;
}

static enum dialect_ns
ns_of(struct feed_sax *x, const xmlChar *uri, const xmlChar *prefix)
{
	struct ns_slot *s = &x->spaces[mix(uri, (size_t)(uintptr_t)prefix) %
	    NS_SLOTS];

	if (!s->used || s->uri != uri || s->prefix != prefix)
		*s = (struct ns_slot){ uri, prefix, true,
		    find_ns(x, uri, prefix) };
	return s->ns;
}

static const struct element_rule *
rule_of(struct feed_sax *x, enum dialect_place place, enum dialect_ns ns,
    const xmlChar *name)
{
	struct name_slot *s = &x->names[mix(name, (size_t)place * 16 + ns) %
	    NAME_SLOTS];

	if (s->name != name || s->ns != ns || s->place != place)
		*s = (struct name_slot){ name, (uint8_t)ns, (uint8_t)place,
		    dialect_find_rule(x->dialect, place, ns,
		    (const char *)name) };
	return s->rule;
}

static enum dialect_attr
attr_of(struct feed_sax *x, const xmlChar *name)
{
	struct attr_slot *s = &x->attr_names[mix(name, 0) % ATTR_SLOTS];

	if (s->name != name)
		*s = (struct attr_slot){ name,
		    dialect_attr_of((const char *)name) };
	return s->attr;
}

/* -- Attributes ----------------------------------------------------------- */

static struct str
raw_value(const struct sax_attr *a)
{
	return (struct str){ (const char *)a->value,
	    (size_t)(a->end - a->value) };
}

/* "&#38;" is '&' and the one thing left to decode. */
static struct str
decode_value(struct buf *b, struct str s)
{
	static const struct str amp = { "&#38;", 5 };
	size_t from = b->n;

	while (s.n > 0) {
		const char *first = memchr(s.p, '&', s.n);
		const char *q = first == NULL ? NULL : memmem(first,
		    (size_t)(s.p + s.n - first), amp.p, amp.n);
		size_t n = q != NULL ? (size_t)(q - s.p) + 1 : s.n;

		buf_add(b, s.p, n);
		s = str_sub(s, q != NULL ? n + amp.n - 1 : n, s.n);
	}
	return b->n > from ? (struct str){ b->p + from, b->n - from } :
	    STR_NONE;
}

/* Copies what rows may ask for; the copies live until the next element's. */
static void
take_attrs(struct feed_sax *x, const struct sax_attr *attrs, size_t n)
{
	size_t total = 0;

	x->element = (struct element){ .kind = TEXT_NONE };
	for (size_t i = 0; i < n; i++)
		total += raw_value(&attrs[i]).n;
	buf_reset(&x->attrs);
	if (buf_reserve(&x->attrs, total + 1) == NULL)
		return;			/* over the cap: as if it had none */
	for (size_t i = 0; i < n; i++) {
		enum dialect_attr a = attr_of(x, attrs[i].name);

		if (a != ATTR_COUNT && x->element.attr[a].n == 0)
			x->element.attr[a] = decode_value(&x->attrs,
			    raw_value(&attrs[i]));
	}
}

/* Adds to scope, with a NUL behind; 0 when there is no room. */
static uint32_t
add_scope(struct feed_sax *x, struct str s)
{
	size_t at = x->scope.n;

	if (s.n + 1 > x->scope.max - at)
		return 0;
	buf_add_str(&x->scope, s);
	buf_add_char(&x->scope, '\0');
	return x->scope.failed ? 0 : (uint32_t)at;
}

static const char *
base_of(const struct feed_sax *x, const struct frame *f)
{
	return f->base != 0 ? x->scope.p + f->base : NULL;
}

static struct str
lang_of(const struct feed_sax *x, const struct frame *f)
{
	return str_from(f->lang != 0 ? x->scope.p + f->lang : NULL);
}

/* xml:base is itself relative to the one outside (XML Base, 4.1). */
static void
take_base(struct feed_sax *x, struct frame *f, struct str value)
{
	struct buf *b = &x->draft.scratch;
	const char *outer = base_of(x, f);	/* until scope grows */
	uint32_t at;

	if (!draft_may_resolve(&x->draft, outer, value))
		return;
	buf_reset(b);
	(void)url_resolve(b, outer, value);	/* else as it stands */
	at = b->n <= BASE_MAX && !b->failed ? add_scope(x, buf_str(b)) : 0;
	if (at != 0)
		f->base = at;
}

/* xml:lang and xml:base, which hold for all that is inside. */
static bool
take_scope(struct feed_sax *x, struct frame *f, const struct sax_attr *attrs,
    size_t n)
{
	bool has_lang = false;

	for (size_t i = 0; i < n; i++) {
		struct str value = raw_value(&attrs[i]);

		if (attrs[i].prefix == NULL ||
		    !str_eq_c(STR("xml"), (const char *)attrs[i].prefix))
			continue;
		if (str_eq_c(STR("lang"), (const char *)attrs[i].name)) {
			uint32_t at = value.n <= LANG_MAX ?
			    add_scope(x, str_trim(value)) : 0;

			f->lang = at != 0 ? at : f->lang;
			has_lang = at != 0;
		} else if (str_eq_c(STR("base"),
		    (const char *)attrs[i].name)) {
			buf_reset(&x->value);
			take_base(x, f, decode_value(&x->value, value));
		}
	}
	return has_lang;
}

/* -- Elements ------------------------------------------------------------- */

static enum feed_format
format_of(const struct feed_sax *x, const xmlChar *uri)
{
	struct str version = str_trim(x->element.attr[ATTR_VERSION]);
	struct str ns = str_from((const char *)uri);

	if (x->dialect == &dialect_rdf)
		return FEED_FORMAT_RSS10;
	if (x->dialect == &dialect_rss)
		return str_starts(version, STR("0.")) ? FEED_FORMAT_RSS09X :
		    FEED_FORMAT_RSS20;
	return str_starts(version, STR("0.")) ||
	    str_eq_nocase(ns, STR("http://purl.org/atom/ns#")) ?
	    FEED_FORMAT_ATOM03 : FEED_FORMAT_ATOM10;
}

/*
 * What the root declares: RDF is a feed when RSS is among it, and RSS 0.90
 * differs from 1.0 in its namespace only. Pairs of prefix and URI.
 */
static void
read_declared(struct feed_sax *x, const xmlChar **ns, int n_ns)
{
	for (int i = 0; i < n_ns && x->dialect == &dialect_rdf; i++) {
		const char *uri = (const char *)ns[2 * i + 1];

		if (uri == NULL || dialect_ns_of_uri(uri) != NS_RSS)
			continue;
		x->saw_feed = true;
		if (strstr(uri, ".netscape.com/") != NULL)
			x->info.format = FEED_FORMAT_RSS09X;
	}
}

static void
open_root(struct feed_sax *x, const xmlChar *name, const xmlChar *uri)
{
	struct frame *f = &x->frames[x->depth];

	x->dialect = dialect_of_root((const char *)name);
	if (x->dialect == NULL) {
		(void)dialect_name_stranger((const char *)name, &x->err);
		stop(x, dialect_is_html((const char *)name) ? FEED_SAX_PAGE :
		    FEED_SAX_STRANGER);
		return;
	}
	x->root_uri = x->dialect != &dialect_rdf ? uri : NULL;
	x->info.format = format_of(x, uri);
	x->saw_feed = x->dialect != &dialect_rdf;
	f->inside = PLACE_ROOT;
	draft_set_language(&x->draft, lang_of(x, f), 1);
}

/* An item in an item: the end tag of the outer one is lost. */
static void
begin_item(struct feed_sax *x, struct frame *f)
{
	if (x->draft.in_item)
		end_item(x);
	x->saw_feed = x->saw_item = true;
	f->opens_item = true;
	draft_begin_item(&x->draft);
	draft_set_language(&x->draft, lang_of(x, f), 1);
}

static enum gather
gather_of(const struct feed_sax *x, const struct element_rule *rule)
{
	switch (rule->form) {
	case FORM_WORD:
	case FORM_MIXED:
		return GATHER_WORD;
	case FORM_HTML:
		return rule->ns == NS_XHTML ? GATHER_XHTML : GATHER_HTML;
	case FORM_TYPED:
		return feed_gather_typed(&x->element);
	case FORM_NONE:
		break;
	}
	return GATHER_NOT;
}

/* What the rule of the element just opened asks for. */
static void
obey_rule(struct feed_sax *x, struct frame *f, bool has_lang)
{
	const struct element_rule *rule = f->rule;

	if (rule->inside == PLACE_ITEM)
		begin_item(x, f);
	if (rule->inside == PLACE_PERSON)
		dialect_open_person(&x->draft, &(struct element){
		    .rank = rule->rank });
	f->inside = (uint8_t)rule->inside;
	if (rule->inside == PLACE_SAME)
		f->inside = f[-1].inside;
	if (rule->inside == PLACE_FEED)
		x->saw_feed = true;
	else
		x->understood = true;
	x->element.rank = rule->rank;
	x->element.loose = rule->form == FORM_HTML && rule->ns != NS_XHTML;
	if (has_lang && rule->set == dialect_set_content)
		draft_set_language(&x->draft, lang_of(x, f), 3);
	x->draft.base = base_of(x, f);
	if (rule->form != FORM_NONE)
		feed_gather_begin(x, gather_of(x, rule));
	else if (rule->set != NULL)
		rule->set(&x->draft, &x->element);
}

/*
 * Without a prefix a name is what it seems where somebody declared another
 * format's namespace on it, and the names that hold all others are so in any.
 */
static const struct element_rule *
find_plain(struct feed_sax *x, enum dialect_place place, enum dialect_ns ns,
    const xmlChar *name)
{
	const struct element_rule *rule = rule_of(x, place, NS_HOME, name);
	bool is_format = ns == NS_ATOM || ns == NS_RSS;

	return rule != NULL && (is_format || rule->inside == PLACE_ITEM ||
	    rule->inside == PLACE_FEED) ? rule : NULL;
}

/*
 * Items are taken wherever they stand outside of another item: in elements
 * nobody knows too, and where end tags were lost.
 */
static const struct element_rule *
find_rule(struct feed_sax *x, enum dialect_place place, enum dialect_ns ns,
    const xmlChar *name)
{
	const struct element_rule *rule = rule_of(x, place, ns, name);

	if (rule != NULL || place == PLACE_FEED)
		return rule;
	rule = rule_of(x, PLACE_FEED, ns, name);
	return rule != NULL && rule->inside == PLACE_ITEM &&
	    (!x->draft.in_item || place == PLACE_ITEM) ? rule : NULL;
}

static void
open_element(struct feed_sax *x, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, const struct sax_attr *attrs, size_t n_attrs)
{
	struct frame *f = &x->frames[x->depth];
	enum dialect_place place = (enum dialect_place)f[-1].inside;
	enum dialect_ns ns;
	bool has_lang;

	*f = (struct frame){ .scope_n = (uint32_t)x->scope.n,
	    .base = f[-1].base, .lang = f[-1].lang };
	has_lang = n_attrs > 0 && take_scope(x, f, attrs, n_attrs);
	if (x->depth == 1) {
		take_attrs(x, attrs, n_attrs);
		open_root(x, name, uri);
		return;
	}
	ns = ns_of(x, uri, prefix);
	f->rule = find_rule(x, place, ns, name);
	if (f->rule == NULL && prefix == NULL)
		f->rule = find_plain(x, place, ns, name);
	if (f->rule == NULL)
		return;
	take_attrs(x, attrs, n_attrs);
	obey_rule(x, f, has_lang);
}

/* xml:base holds within a text too; the text's own is told with the text. */
static void
open_gathered(struct feed_sax *x, const char *name,
    const struct sax_attr *attrs, size_t n)
{
	struct frame *f = &x->frames[x->depth];

	*f = (struct frame){ .scope_n = (uint32_t)x->scope.n,
	    .base = f[-1].base, .lang = f[-1].lang };
	if (n > 0)
		(void)take_scope(x, f, attrs, n);	/* its language too */
	x->draft.base = base_of(x, f);		/* scope may have moved */
	feed_gather_open(x, name, attrs, n,
	    f->base != x->frames[x->gather_depth].base ? base_of(x, f) : NULL);
}

/* The gathered text of this frame's element goes where its rule wants it. */
static bool
give_text(struct feed_sax *x, const struct frame *f)
{
	struct text t;

	if (x->text.failed) {
		fail_over_cap(x);
		return false;
	}
	t = feed_gather_end(x);
	x->element.text = t.s;
	x->element.kind = t.kind;
	x->draft.base = base_of(x, f);
	f->rule->set(&x->draft, &x->element);
	return true;
}

/* The element whose child is at the present depth, when it is such a one. */
static const struct frame *
mixed_parent(const struct feed_sax *x)
{
	const struct frame *f = &x->frames[x->depth - 1];

	return f->rule != NULL && f->rule->form == FORM_MIXED ? f : NULL;
}

/*
 * A child of a gathered element that speaks for itself: what was gathered so
 * far is given, and on_end goes on with the rest.
 */
static bool
leaves_text(struct feed_sax *x, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	const struct frame *f = mixed_parent(x);

	return f != NULL && x->gather_depth + 1 == x->depth &&
	    rule_of(x, f->rule->inside, ns_of(x, uri, prefix), name) != NULL &&
	    give_text(x, f);
}

static void
resume_text(struct feed_sax *x)
{
	const struct element_rule *rule = x->frames[x->depth].rule;

	x->element = (struct element){ .rank = rule->rank };
	feed_gather_begin(x, gather_of(x, rule));
}

static void
close_element(struct feed_sax *x)
{
	struct frame *f = &x->frames[x->depth];

	if (x->gather != GATHER_NOT && !give_text(x, f))
		return;
	if (f->opens_item && x->draft.in_item)
		end_item(x);
	else if (!x->draft.in_item && arena_failed(x->draft.info_arena))
		fail_over_cap(x);
	x->scope.n = f->scope_n;
}

/* -- What items depend on ------------------------------------------------- */

static uint64_t
hash_word(uint64_t h, const xmlChar *s)
{
	/* With its NUL: "a", "bc" is not "ab", "c". */
	return feed_tail_hash(h, s == NULL ? STR_NONE : (struct str){
	    (const char *)s, strlen((const char *)s) + 1 });
}

static uint64_t
hash_attrs(uint64_t h, const struct sax_attr *attrs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		h = hash_word(h, attrs[i].name);
		h = hash_word(h, attrs[i].prefix);
		h = hash_word(h, attrs[i].uri);
		h = feed_tail_hash(h, raw_value(&attrs[i]));
	}
	return h;
}

/* Is the element just opened one that holds items? Its tag is noted, but not of
 * a parser that was stopped with it: the tag is freed then. */
static void
note_holder(struct feed_sax *x, const struct start_tag *tag)
{
	const struct element_rule *rule = x->frames[x->depth].rule;
	uint64_t h;

	if (x->state != FEED_SAX_MORE ||
	    x->depth != x->n_holders + 1 || x->depth > MAX_HOLDERS ||
	    (x->depth > 1 && (rule == NULL || rule->inside != PLACE_FEED)))
		return;
	h = hash_word(x->contexts[x->n_holders], tag->name);
	h = hash_word(h, tag->prefix);
	h = hash_word(h, tag->uri);
	h ^= (uint64_t)tag->n_ns << 32 ^ tag->n_attrs;
	for (int i = 0; i < 2 * tag->n_ns; i++)
		h = hash_word(h, tag->ns[i]);
	x->contexts[++x->n_holders] = hash_attrs(h, tag->attrs, tag->n_attrs);
}

bool
feed_sax_begin_items(struct feed_sax *x, uint64_t *context)
{
	/* Links of the items share the budget (draft_may_resolve). */
	enum { RESOLVED_MOST = 1 << 20 };

	x->began_items = true;
	*context = x->contexts[x->n_holders];
	return x->state == FEED_SAX_MORE && x->dialect != NULL &&
	    x->depth == x->n_holders && x->gather == GATHER_NOT &&
	    !x->saw_item && x->draft.resolved < RESOLVED_MOST;
}

bool
feed_sax_only_items(const struct feed_sax *x)
{
	return !x->saw_other;
}

void
feed_sax_skip_items(struct feed_sax *x)
{
	x->saw_feed = x->understood = true;
}

/* -- What libxml2 calls --------------------------------------------------- */

/* Five pointers an attribute: name, prefix, URI, value, its end. */
static const struct sax_attr *
attr_records(const xmlChar **attrs)
{
	_Static_assert(sizeof(struct sax_attr) == 5 * sizeof(xmlChar *),
	    "attributes are read in place");
	return (const struct sax_attr *)(const void *)attrs;
}

/* Few documents are as deep as they may be. */
static bool
grow_frames(struct feed_sax *x)
{
	size_t n = x->n_frames * 2;
	struct frame *frames = realloc(x->frames, n * sizeof(*frames));

	if (frames == NULL) {
		(void)err_set(&x->err, "out of memory");
		stop(x, FEED_SAX_FAILED);
		return false;
	}
	x->frames = frames;
	x->n_frames = n;
	return true;
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int n_ns, const xmlChar **ns, int n_attrs,
    int n_defaulted, const xmlChar **attrs)
{
	struct feed_sax *x = ctx;
	size_t n = n_attrs > 0 ? (size_t)n_attrs : 0;
	const struct start_tag tag = { name, prefix, uri, ns, n_ns,
		attr_records(attrs), n };

	(void)n_defaulted;		/* needs a DTD, which never comes */
	if (x->state != FEED_SAX_MORE)
		return;
	if (x->depth == x->max_depth) {
		(void)err_set(&x->err, "over max_depth (%u)", x->max_depth);
		stop(x, FEED_SAX_FAILED);
		return;
	}
	if (stop_over_names(x))
		return;
	if (x->depth + 1 == x->n_frames && !grow_frames(x))
		return;
	x->depth++;
	if (x->gather != GATHER_NOT && !leaves_text(x, name, prefix, uri))
		open_gathered(x, (const char *)name, attr_records(attrs), n);
	else
		open_element(x, name, prefix, uri, attr_records(attrs), n);
	if (x->depth == 1)
		read_declared(x, ns, n_ns);
	note_holder(x, &tag);
	x->saw_other |= x->began_items && !x->draft.in_item;
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct feed_sax *x = ctx;
	bool resumes = false;

	(void)prefix;
	(void)uri;
	if (x->state != FEED_SAX_MORE || x->depth == 0)
		return;
	if (x->gather != GATHER_NOT && x->depth > x->gather_depth) {
		feed_gather_close(x, (const char *)name);
		x->scope.n = x->frames[x->depth].scope_n;
	} else {
		close_element(x);
		resumes = mixed_parent(x) != NULL;
	}
	x->depth--;
	if (x->n_holders > x->depth)
		x->n_holders = x->depth;
	if (resumes)
		resume_text(x);
}

static void
on_text(void *ctx, const xmlChar *p, int n)
{
	struct feed_sax *x = ctx;

	if (x->gather != GATHER_NOT && n > 0)
		feed_gather_text(x, (const char *)p, (size_t)n);
}

/* -- Life ----------------------------------------------------------------- */

static xmlParserCtxtPtr
new_xml(struct feed_sax *x)
{
	xmlSAXHandler sax = { .startElementNs = on_start,
	    .endElementNs = on_end,
	    .characters = on_text, .ignorableWhitespace = on_text,
	    .cdataBlock = on_text };

	return xml_push_new(&sax, x);
}

/* The sum of a base and the machinery's own needs. */
static void
init_buffers(struct feed_sax *x, const struct feed_parser_settings *set)
{
	struct str base = str_from(set->base_url);

	buf_init_stepped(&x->text, set->max_item_bytes, TEXT_STEP);
	x->draft.gathered = &x->text;
	buf_init(&x->attrs, ATTRS_MAX);
	buf_init(&x->value, ATTRS_MAX);
	buf_init(&x->scope, SCOPE_MAX);
	buf_add_char(&x->scope, '\0');		/* place 0 is none */
	if (base.n > 0 && base.n <= BASE_MAX)
		x->frames[0].base = add_scope(x, base);
}

struct feed_sax *
feed_sax_new(const struct feed_parser_ops *ops, void *ctx,
    const struct feed_parser_settings *set)
{
	struct feed_sax *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->ops = ops;
	x->ctx = ctx;
	x->max_item_bytes = set->max_item_bytes;
	x->max_depth = set->max_depth;
	x->n_frames = FIRST_FRAMES;
	x->frames = calloc(x->n_frames, sizeof(*x->frames));
	x->xml = new_xml(x);
	if (draft_init(&x->draft, &x->info, set) == -1 || x->frames == NULL ||
	    x->xml == NULL)
		goto fail;
	init_buffers(x, set);
	if (!x->scope.failed)
		return x;
fail:
	feed_sax_free(x);
	return NULL;
}

void
feed_sax_free(struct feed_sax *x)
{
	if (x == NULL)
		return;
	if (x->xml != NULL)
		xmlFreeParserCtxt(x->xml);
	draft_clear(&x->draft);
	buf_clear(&x->scope);
	buf_clear(&x->attrs);
	buf_clear(&x->value);
	buf_clear(&x->text);
	free(x->frames);
	free(x);
}

enum feed_sax_state
feed_sax_push(struct feed_sax *x, const char *p, size_t n, struct err *err)
{
	if (x->state == FEED_SAX_MORE) {
		/* Errors are recovered from; what ends it all is seen here. */
		(void)xmlParseChunk(x->xml, p, (int)n, 0);
		if (x->state == FEED_SAX_MORE && x->text.failed)
			fail_over_cap(x);
		(void)stop_over_names(x);	/* attributes have some too */
		if (x->state == FEED_SAX_MORE && x->xml->disableSAX != 0) {
			(void)err_set(&x->err, "the XML parser gave up: "
			    "error %d", x->xml->errNo);
			stop(x, FEED_SAX_FAILED);
		}
	}
	if (x->state != FEED_SAX_MORE)
		*err = x->err;
	return x->state;
}

enum feed_sax_state
feed_sax_end(struct feed_sax *x, struct err *err)
{
	draft_end_feed(&x->draft);
	if (x->state == FEED_SAX_MORE && x->dialect != NULL && !x->saw_feed) {
		(void)err_set(&x->err, "an RDF document without a channel, "
		    "not a feed");
		x->state = FEED_SAX_STRANGER;
	}
	if (x->state != FEED_SAX_MORE)
		*err = x->err;
	return x->state;
}

bool
feed_sax_has_root(const struct feed_sax *x)
{
	return x->dialect != NULL;
}

bool
feed_sax_understood(const struct feed_sax *x)
{
	return x->understood;
}

struct feed_info *
feed_sax_info(struct feed_sax *x)
{
	return &x->info;
}

const struct draft *
feed_sax_draft(const struct feed_sax *x)
{
	return &x->draft;
}
