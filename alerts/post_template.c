/* SPDX-License-Identifier: ISC */
/*
 * Two contexts: the event as it is stored, and in front of it the short names
 * of its view. The names of all kinds of messages are in one tree; what one
 * kind has not is empty there.
 */
#include "alerts/post_template.h"

#include "alerts/alert_format.h"
#include "alerts/post_address.h"
#include "alerts/post_table.h"
#include "alerts/post_text.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

enum { MAX_SHORT = 64 * 1024, MAX_ARENA = 1 << 20 };

#define TEXT(name)		{ name, MUSTACHE_TEXT, NULL }
#define FLAG(name)		{ name, MUSTACHE_FLAG, NULL }
#define MAP(name, below)	{ name, MUSTACHE_MAP, below }
#define LIST(name, below)	{ name, MUSTACHE_LIST, below }
#define END			{ NULL, MUSTACHE_TEXT, NULL }

static const struct mustache_name item_names[] = {
	TEXT("id"), TEXT("url"), TEXT("title"), TEXT("summary"),
	LIST("authors", NULL), TEXT("published"), TEXT("first_seen"),
	TEXT("language"), TEXT("text_from"), END
}, feed_names[] = {
	TEXT("title"), TEXT("url"), TEXT("site"), END
}, match_names[] = {
	TEXT("term"), TEXT("field"), TEXT("text"), TEXT("context"), END
}, entity_names[] = {
	TEXT("id"), TEXT("kind"), TEXT("name"), TEXT("mentions"), END
}, story_names[] = {
	TEXT("id"), TEXT("copies"), LIST("sites", NULL), END
}, topic_names[] = {
	TEXT("topic"), TEXT("count"), END
}, digest_names[] = {
	TEXT("id"), TEXT("topic"), TEXT("severity"), TEXT("title"),
	TEXT("url"), TEXT("site"), TEXT("time"), END
}, data_names[] = {
	/* Of an alert. */
	TEXT("topic"), TEXT("severity"), MAP("item", item_names),
	MAP("feed", feed_names), LIST("matches", match_names),
	LIST("entities", entity_names), MAP("story", story_names),
	/* Of a notice; of a digest; of a test. */
	TEXT("condition"), TEXT("state"), TEXT("about"), TEXT("since"),
	TEXT("message"),
	TEXT("count"), TEXT("until"), LIST("topics", topic_names),
	LIST("alerts", digest_names),
	TEXT("sink"), END
}, names[] = {
	TEXT("title"), TEXT("url"), TEXT("topic"), TEXT("source"),
	TEXT("text"), TEXT("severity"), TEXT("id"), TEXT("type"),
	TEXT("time"), FLAG("alert"), FLAG("health"), FLAG("digest"),
	FLAG("test"), MAP("data", data_names), END
};

static const char *const kind_names[] = {
	[MESSAGE_ALERT] = "alert", [MESSAGE_NOTICE] = "health",
	[MESSAGE_DIGEST] = "digest", [MESSAGE_TRIAL] = "test"
};

/*
 * Contexts
 */

static int
write_event(struct buf *b, const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_ALERT:
		return alert_to_json(b, &m->alert);
	case MESSAGE_NOTICE:
		return notice_to_json(b, &m->notice);
	case MESSAGE_DIGEST:
		return digest_to_json(b, &m->digest);
	case MESSAGE_TRIAL:
		break;
	}
	return trial_to_json(b, &m->trial);
}

static void
pair(struct json_out *j, const char *key, const struct post_source *source)
{
	static const struct post_style plain = { .unit = POST_BYTES };
	struct buf b;

	buf_init(&b, MAX_SHORT);
	(void)post_text_add(&b, &plain, source, MAX_SHORT);
	json_pair_str(j, key, buf_str(&b));
	buf_clear(&b);
}

static void
pair_line(struct json_out *j, const char *key, struct str text)
{
	const struct post_source source = { .text = text };

	pair(j, key, &source);
}

static int
write_short(struct buf *b, const struct message *m,
    const struct message_view *v)
{
	const struct post_source text = post_text_of(v);
	struct json_out *j = json_out_new(b, false);

	if (j == NULL)
		return -1;
	json_open_map(j);
	pair_line(j, "title", v->title);
	pair_line(j, "url", v->url);
	pair_line(j, "topic", v->label);
	pair_line(j, "source", v->source);
	pair(j, "text", &text);
	json_pair_str(j, "severity", str_from(severity_word(v->severity)));
	json_pair_bool(j, kind_names[m->kind], true);
	json_close_map(j);
	return json_out_finish(j);
}

static struct json_tree *
make_short(const struct message *m, struct err *err)
{
	struct json_tree *tree = NULL;
	struct message_view v;
	struct arena *arena = arena_new(MAX_ARENA);
	struct buf b;

	buf_init(&b, 8 * MAX_SHORT);
	if (arena != NULL && message_view(arena, m, &v) == 0 &&
	    write_short(&b, m, &v) == 0)
		tree = json_parse(buf_str(&b), err);
	else
		(void)err_set(err, "a message: out of memory");
	buf_clear(&b);
	arena_free(arena);
	return tree;
}

static struct json_tree *
make_event(const struct message *m, struct err *err)
{
	struct json_tree *tree = NULL;
	struct buf b;

	buf_init(&b, ALERT_MAX_JSON);
	if (write_event(&b, m) == 0)
		tree = json_parse(buf_str(&b), err);
	else
		(void)err_set(err, "a message: out of memory");
	buf_clear(&b);
	return tree;
}

static int
render(const struct mustache *t, const struct message *m, struct buf *out,
    struct err *err)
{
	struct json_tree *event = make_event(m, err);
	struct json_tree *view = event != NULL ? make_short(m, err) : NULL;
	int rc = -1;

	if (view != NULL) {
		const struct json *const contexts[] = {
			json_root(event), json_root(view)
		};

		rc = mustache_render(t, contexts, 2, out, err);
	}
	json_tree_free(event);
	json_tree_free(view);
	return rc;
}

static int
template_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	if (settings->url == NULL)
		return err_set(err, "no URL");
	if (settings->token.n > 0 && post_address_add_header(p,
	    "Authorization", "Bearer ", settings->token, err) == -1)
		return -1;
	p->content_type = settings->content_type;
	buf_add_c(&p->url, settings->url);
	if (render(settings->template, m, &p->body, err) == -1)
		return -1;
	return p->url.failed ? err_set(err, "a URL: out of memory") : 0;
}

const struct post_format post_format_template = {
	.name = "template",
	.needs = POST_TEMPLATE,
	.may = POST_TOKEN | POST_TEMPLATE,
	.write = template_write,
};

/*
 * Trying
 */

/*
 * What a body must keep apart from its own quotes, brackets and escapes; as
 * JSON has it.
 */
#define HARD	"\"It's \\\"so\\\\\\\" & <so>\""

#define EVENT(kind, data)						\
	"{\"specversion\":\"1.0\",\"id\":\"msg_1\","			\
	"\"source\":\"urn:headlined:desk\","				\
	"\"type\":\"io.headlined." kind ".v1\",\"subject\":" HARD ","	\
	"\"time\":\"2026-11-23T10:00:00Z\","				\
	"\"timestamp\":\"2026-11-23T10:00:00Z\","			\
	"\"datacontenttype\":\"application/json\",\"data\":{" data "}}"

#define TIME	"\"2026-11-23T10:00:00Z\""
#define MATCH	"{\"term\":" HARD ",\"field\":\"title\",\"text\":" HARD	\
	",\"context\":" HARD "}"
#define ENTITY	"{\"id\":\"Q1\",\"kind\":\"person\",\"name\":" HARD	\
	",\"mentions\":2}"
#define ALERT	"{\"id\":\"msg_2\",\"topic\":" HARD			\
	",\"severity\":\"err\",\"title\":" HARD ",\"url\":" HARD	\
	",\"site\":\"example.org\",\"time\":" TIME "}"

/* One a kind; of what is a list there are two, for what stands between. */
static const char *const samples[] = {
	EVENT("alert", "\"topic\":" HARD ",\"severity\":\"warning\","
	    "\"item\":{\"id\":" HARD ",\"url\":\"https://example.org/?a=1&b\","
	    "\"title\":" HARD ",\"summary\":" HARD ","
	    "\"authors\":[" HARD "," HARD "],\"published\":" TIME ","
	    "\"first_seen\":" TIME ",\"language\":\"en\","
	    "\"text_from\":\"feed\"},"
	    "\"feed\":{\"title\":" HARD ",\"url\":\"https://example.org/\","
	    "\"site\":\"example.org\"},"
	    "\"matches\":[" MATCH "," MATCH "],"
	    "\"entities\":[" ENTITY "," ENTITY "],"
	    "\"story\":{\"id\":\"st_1\",\"copies\":2,"
	    "\"sites\":[\"example.org\",\"example.net\"]}"),
	EVENT("health", "\"condition\":\"feed_failing\",\"state\":\"begun\","
	    "\"severity\":\"warning\",\"about\":" HARD ",\"since\":" TIME ","
	    "\"message\":" HARD),
	EVENT("digest", "\"sink\":" HARD ",\"count\":2,\"severity\":\"err\","
	    "\"since\":" TIME ",\"until\":" TIME ","
	    "\"topics\":[{\"topic\":" HARD ",\"count\":1},"
	    "{\"topic\":" HARD ",\"count\":1}],"
	    "\"alerts\":[" ALERT "," ALERT "]"),
	EVENT("test", "\"severity\":\"notice\",\"sink\":" HARD ","
	    "\"message\":" HARD)
};

enum { N_SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static int
check_body(struct str body, const char *kind, struct err *err)
{
	struct json_tree *tree = json_parse(body, err);

	if (tree == NULL)
		return err_wrap(err, "of %s message it makes no JSON (try it "
		    "with \"...\" around {{names}}, commas between values and "
		    "no {{{names}}})", kind);
	json_tree_free(tree);
	return 0;
}

static int
try_sample(const struct mustache *t, size_t i, bool json, struct err *err)
{
	static const char *const words[] = {
		[MESSAGE_ALERT] = "an alert", [MESSAGE_NOTICE] = "a health",
		[MESSAGE_DIGEST] = "a digest", [MESSAGE_TRIAL] = "a test"
	};
	struct arena *arena = arena_new(MAX_ARENA);
	struct message m;
	struct buf body;
	int rc;

	if (arena == NULL)
		return err_set(err, "a template: out of memory");
	buf_init(&body, POST_MAX_BODY);
	rc = message_read(arena, str_from(samples[i]), &m, err);
	if (rc == 0)
		rc = render(t, &m, &body, err);
	if (rc == 0 && json)
		rc = check_body(buf_str(&body), words[m.kind], err);
	buf_clear(&body);
	arena_free(arena);
	return rc;
}

struct mustache *
post_template_compile(struct str text, const char *file,
    const char *content_type, struct err *err)
{
	enum mustache_escape escape = mustache_escape_of(content_type);
	struct mustache *t = mustache_compile(text, file, escape, names, err);

	for (size_t i = 0; i < N_SAMPLES && t != NULL; i++)
		if (try_sample(t, i, escape == MUSTACHE_JSON, err) == -1) {
			mustache_free(t);
			t = NULL;
			err->file = file;
		}
	return t;
}
