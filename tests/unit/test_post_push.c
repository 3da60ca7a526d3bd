/* SPDX-License-Identifier: ISC */
/*
 * What push and incident services are given, read as they read it: hostile
 * titles show as they stand, nothing in them is active, and every limit holds.
 */
#include "post_rig.h"

#include "hostile_titles.h"

#include "alerts/post_address.h"
#include "base/digest.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static size_t
utf16_units(struct str s)
{
	size_t n = 0, len;

	for (size_t i = 0; i < s.n; i += len)
		n += utf8_decode(s.p + i, s.n - i, &len) > 0xffff ? 2 : 1;
	return n;
}

static void
check_line(struct str shown, struct str text)
{
	struct buf b;

	buf_init(&b, RIG_MAX);
	buf_add_str(&b, shown);
	rig_check_shown(&b, text, false);
	buf_clear(&b);
}

/* The view's text, a line end where there is one, and the last line. */
static void
check_whole(const struct post_rig *rig, struct str whole)
{
	size_t n = whole.n;
	struct buf b;

	while (n > 0 && whole.p[n - 1] != '\n')
		n--;
	assert_non_null(memmem(whole.p + n, whole.n - n, " \xc2\xb7 ", 4));
	buf_init(&b, RIG_MAX);
	buf_add_str(&b, str_sub(whole, 0, n > 0 ? n - 1 : 0));
	rig_check_shown(&b, rig->v.text, rig->v.lines);
	buf_clear(&b);
}

static void
check_link(const struct post_rig *rig, const struct json *url)
{
	if (url == NULL)
		return;
	assert_true(rig->v.url.n > 0);
	rig_check_url(json_as_str(url));
}

/*
 * Readers
 */

static void
check_ntfy(const struct post_rig *rig, const struct json *root)
{
	int64_t priority = json_get_int(root, "priority", 0);

	assert_true(str_eq_c(json_get_str(root, "topic"), "desk_1"));
	check_line(json_get_str(root, "title"), rig->v.title);
	check_whole(rig, json_get_str(root, "message"));
	assert_true(json_get_str(root, "message").n < 4096);
	assert_true(json_get_str(root, "title").n <= 250);
	assert_true(priority >= 1 && priority <= 5);
	assert_int_equal(json_length(json_get(root, "tags")), 1);
	check_link(rig, json_get(root, "click"));
	assert_null(json_get(root, "markdown"));
}

static void
check_gotify(const struct post_rig *rig, const struct json *root)
{
	const struct json *extras = json_get(root, "extras");

	check_line(json_get_str(root, "title"), rig->v.title);
	check_whole(rig, json_get_str(root, "message"));
	assert_true(json_get_int(root, "priority", -1) >= 0 &&
	    json_get_int(root, "priority", 11) <= 10);
	assert_true(str_eq_c(json_get_str(json_get(extras, "client::display"),
	    "contentType"), "text/plain"));
	check_link(rig, json_get(json_get(json_get(extras,
	    "client::notification"), "click"), "url"));
}

static void
check_pagerduty(const struct post_rig *rig, const struct json *root)
{
	const struct json *payload = json_get(root, "payload");
	const struct json *details = json_get(payload, "custom_details");
	struct str href = json_get_str(json_at(json_get(root, "links"), 0),
	    "href");
	struct str severity = json_get_str(payload, "severity");

	assert_true(str_eq_c(json_get_str(root, "routing_key"), "12:tok-_en"));
	assert_true(str_eq_c(json_get_str(root, "event_action"), "trigger"));
	assert_in_range(json_get_str(root, "dedup_key").n, 1, 255);
	check_line(json_get_str(payload, "summary"), rig->v.title);
	assert_true(utf16_units(json_get_str(payload, "summary")) <= 1024);
	assert_true(json_get_str(payload, "summary").n > 0);
	assert_true(json_get(payload, "source") != NULL);
	assert_true(str_has_word(STR("critical error warning info"),
	    severity));
	check_whole(rig, json_get_str(details, "text"));
	check_link(rig, json_get(details, "url"));
	assert_true(href.n == 0 || post_address_is_strict(href));
}

static void
check_alertmanager(const struct post_rig *rig, const struct json *root)
{
	const struct json *alert = json_at(root, 0);
	const struct json *labels = json_get(alert, "labels");
	const struct json *notes = json_get(alert, "annotations");
	struct str url = json_get_str(alert, "generatorURL");

	assert_int_equal(json_length(root), 1);
	assert_true(json_get(labels, "alertname") != NULL);
	assert_true(str_eq_c(json_get_str(labels, "job"), "headlined"));
	assert_int_equal(json_get_str(alert, "startsAt").n, 20);
	assert_null(json_get(alert, "endsAt"));
	check_line(json_get_str(notes, "title"), rig->v.title);
	check_whole(rig, json_get_str(notes, "summary"));
	check_link(rig, json_get(notes, "url"));
	assert_true(url.n == 0 || post_address_is_strict(url));
}

/* Telegram's HTML: what it shows, and where its links lead. */
struct telegram {
	struct buf	shown, url;
	size_t		bold, linked, slanted;	/* tags that are open */
	size_t		title_end, about;	/* bytes of shown */
};

static bool
take(struct str *s, const char *what, const char *with, struct buf *out)
{
	if (!str_starts(*s, str_from(what)))
		return false;
	buf_add_c(out, with);
	*s = str_sub(*s, strlen(what), s->n);
	return true;
}

static void
read_attribute(struct telegram *t, struct str *s)
{
	while (s->n > 0 && s->p[0] != '"') {
		if (take(s, "&amp;", "&", &t->url))
			continue;
		assert_true(s->p[0] != '&' && s->p[0] != '<' &&
		    s->p[0] != '>');
		buf_add_char(&t->url, s->p[0]);
		*s = str_sub(*s, 1, s->n);
	}
	assert_true(take(s, "\">", "", &t->url));
}

/* False: it is no tag that Telegram is given. */
static bool
read_tag(struct telegram *t, struct str *s)
{
	if (take(s, "<b>", "", &t->shown)) {
		t->bold++;
	} else if (take(s, "</b>", "", &t->shown)) {
		assert_int_not_equal(t->bold--, 0);
		if (t->title_end == 0)
			t->title_end = t->shown.n;
	} else if (take(s, "<a href=\"", "", &t->shown)) {
		assert_int_equal(t->linked++, 0);
		read_attribute(t, s);
	} else if (take(s, "</a>", "", &t->shown)) {
		assert_int_equal(t->linked--, 1);
	} else if (take(s, "<i>", "", &t->shown)) {
		assert_int_equal(t->slanted++, 0);
		t->about = t->shown.n;
	} else if (take(s, "</i>", "", &t->shown)) {
		assert_int_equal(t->slanted--, 1);
	} else {
		return false;
	}
	return true;
}

static void
read_telegram(struct telegram *t, struct str s)
{
	memset(t, 0, sizeof(*t));
	buf_init(&t->shown, RIG_MAX);
	buf_init(&t->url, RIG_MAX);
	while (s.n > 0) {
		if (read_tag(t, &s) || take(&s, "&amp;", "&", &t->shown) ||
		    take(&s, "&lt;", "<", &t->shown) ||
		    take(&s, "&gt;", ">", &t->shown))
			continue;
		assert_true(s.p[0] != '<' && s.p[0] != '>' && s.p[0] != '&');
		buf_add_char(&t->shown, s.p[0]);
		s = str_sub(s, 1, s.n);
	}
	assert_int_equal(t->bold + t->linked + t->slanted, 0);
}

/* No address, name, tag or command that it would make a link of by itself. */
static void
check_no_links(struct str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		struct str rest = str_sub(s, i + 1, s.n);

		if (strchr("@#$/.:", s.p[i]) != NULL && s.p[i] != '\0' &&
		    rest.p[0] != ' ' && rest.p[0] != '\n' &&
		    !str_starts(rest, STR("\xe2\x80\x8b")))
			fail_msg("%.*s", STR_ARG(str_sub(s, i, 40)));
	}
}

static void
drop_line(struct buf *b)
{
	const char *end = memchr(b->p, '\n', b->n);
	size_t n = end != NULL ? (size_t)(end - b->p) + 1 : b->n;

	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

static void
check_telegram(const struct post_rig *rig, const struct json *root)
{
	struct str whole;
	struct telegram t;
	struct buf b;

	assert_true(str_eq_c(json_get_str(root, "chat_id"), "-100123"));
	assert_true(str_eq_c(json_get_str(root, "parse_mode"), "HTML"));
	assert_true(json_get_bool(json_get(root, "link_preview_options"),
	    "is_disabled"));
	read_telegram(&t, json_get_str(root, "text"));
	whole = buf_str(&t.shown);
	assert_in_range(utf16_units(whole), 1, 4096);
	check_line(str_sub(whole, 0, t.title_end), rig->v.title);
	buf_init(&b, RIG_MAX);
	if (t.about > t.title_end + 1)
		buf_add_str(&b, str_sub(whole, t.title_end + 1,
		    t.about - t.title_end - 2));
	if (rig->v.url.n > 0 && t.url.n == 0)
		drop_line(&b);		/* an address that is no link */
	rig_check_shown(&b, rig->v.text, rig->v.lines);
	check_no_links(str_sub(whole, 0, t.about));
	if (t.url.n > 0)
		rig_check_url(buf_str(&t.url));
	buf_clear(&b);
	buf_clear(&t.shown);
	buf_clear(&t.url);
}

static const struct service {
	const char	*name;
	void		(*check)(const struct post_rig *, const struct json *);
	const char	*posted_to, *header;
	size_t		 max_body;
} services[] = {
	{ "ntfy", check_ntfy, "https://e.org/", "Authorization: Bearer "
	    "12:tok-_en", 8192 },
	{ "gotify", check_gotify, "https://e.org/desk_1/message",
	    "X-Gotify-Key: 12:tok-_en", 32 * 1024 },
	{ "pagerduty", check_pagerduty, "https://e.org/desk_1", NULL,
	    512 * 1024 },
	{ "alertmanager", check_alertmanager,
	    "https://e.org/desk_1/api/v2/alerts",
	    "Authorization: Bearer 12:tok-_en", 64 * 1024 },
	{ "telegram", check_telegram,
	    "https://e.org/desk_1/bot12:tok-_en/sendMessage", NULL,
	    32 * 1024 },
};

static const struct post_settings settings = { .url = "https://e.org/desk_1",
	.token = { "12:tok-_en", 10 }, .chat = "-100123" };

static void
check_posts(struct post_rig *rig, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < N(services); i++) {
		const struct service *s = &services[i];
		struct json_tree *t;
		struct err err = { .msg = "" };
		struct post p;

		post_init(&p);
		if (post_find_format(s->name)->write(&p, &rig->m, &settings,
		    &err) == -1)
			fail_msg("%s: %s", s->name, err.msg);
		assert_string_equal(buf_cstr(&p.url), s->posted_to);
		assert_string_equal(p.content_type, "application/json");
		assert_int_equal(p.n_headers, s->header != NULL);
		if (s->header != NULL)
			assert_string_equal(buf_cstr(&p.headers[0]),
			    s->header);
		assert_true(p.body.n <= s->max_body);
		rig_check_clean(buf_str(&p.body));
		t = json_parse(buf_str(&p.body), &err);
		assert_non_null(t);
		s->check(rig, json_root(t));
		json_tree_free(t);
		post_clear(&p);
	}
}

static void
hostile_titles_show_as_they_stand(void **state)
{
	struct post_rig rig;
	struct buf b;

	(void)state;
	rig_init(&rig);
	buf_init(&b, RIG_MAX);
	for (size_t i = 0; i < N_HOSTILE_TITLES; i++) {
		buf_reset(&b);
		hostile_title_add(&b, i);
		rig_try(&rig, buf_str(&b), check_posts, NULL);
		buf_add_c(&b, "x");
		rig_try(&rig, buf_str(&b), check_posts, NULL);
	}
	buf_clear(&b);
	rig_clear(&rig);
}

static void
so_do_random_ones(void **state)
{
	struct post_rig rig;
	unsigned seed = 9;
	struct buf b;

	(void)state;
	rig_init(&rig);
	buf_init(&b, RIG_MAX);
	for (int i = 0; i < 500; i++) {
		buf_reset(&b);
		hostile_random_add(&b, &seed);
		rig_try(&rig, buf_str(&b), check_posts, NULL);
	}
	buf_clear(&b);
	rig_clear(&rig);
}

/*
 * Whole bodies
 */

#define S(lit)	{ (lit), sizeof(lit) - 1 }

static const struct hit hits[] = {
	{ .term = S("peace"), .field = "content", .text = S("peace"),
	  .context = S("Talks of peace & more.") },
};

static const struct message alert = { .kind = MESSAGE_ALERT, .alert = {
	.id = S("msg_1"), .instance = S("desk-1"), .topic = S("ukraine"),
	.severity = SEVERITY_CRIT, .time_s = 1700000000,
	.item = { .title = S("Talks <soon>"),
	    .url = S("https://a.example/x?a=1&b=2"),
	    .published_s = ITEM_NO_TIME },
	.feed = { .title = S("A News"), .site = S("a.example") },
	.hits = hits, .n_hits = N(hits)
} };

#define META	"\xc2\xb7 ukraine \xc2\xb7 A News \xc2\xb7 " \
	"2023-11-14 22:13 UTC"

static const struct {
	const char	*format, *want;
} wholes[] = {
	{ "ntfy", "{\"topic\":\"desk_1\",\"title\":\"Talks <soon>\","
	    "\"message\":\"Talks of peace & more.\\nCRIT " META "\","
	    "\"priority\":5,\"tags\":[\"rotating_light\"],"
	    "\"click\":\"https://a.example/x?a=1&b=2\"}" },
	{ "gotify", "{\"title\":\"Talks <soon>\","
	    "\"message\":\"Talks of peace & more.\\nCRIT " META "\","
	    "\"priority\":8,\"extras\":{\"client::display\":"
	    "{\"contentType\":\"text/plain\"},\"client::notification\":"
	    "{\"click\":{\"url\":\"https://a.example/x?a=1&b=2\"}}}}" },
	{ "pagerduty", "{\"routing_key\":\"12:tok-_en\","
	    "\"event_action\":\"trigger\",\"dedup_key\":\"msg_1\","
	    "\"client\":\"headlined\",\"links\":[{"
	    "\"href\":\"https://a.example/x?a=1&b=2\","
	    "\"text\":\"Talks <soon>\"}],\"payload\":{"
	    "\"summary\":\"Talks <soon>\",\"source\":\"A News\","
	    "\"severity\":\"critical\","
	    "\"timestamp\":\"2023-11-14T22:13:20Z\","
	    "\"group\":\"ukraine\",\"custom_details\":{"
	    "\"text\":\"Talks of peace & more.\\nCRIT " META "\","
	    "\"id\":\"msg_1\",\"url\":\"https://a.example/x?a=1&b=2\"}}}" },
	{ "alertmanager", "[{\"labels\":{\"job\":\"headlined\","
	    "\"kind\":\"alert\",\"alertname\":\"ukraine\","
	    "\"topic\":\"ukraine\",\"site\":\"a.example\","
	    "\"instance\":\"desk-1\",\"id\":\"msg_1\","
	    "\"severity\":\"crit\"},\"annotations\":{"
	    "\"title\":\"Talks <soon>\","
	    "\"summary\":\"Talks of peace & more.\\nCRIT " META "\","
	    "\"source\":\"A News\","
	    "\"url\":\"https://a.example/x?a=1&b=2\"},"
	    "\"startsAt\":\"2023-11-14T22:13:20Z\","
	    "\"generatorURL\":\"https://a.example/x?a=1&b=2\"}]" },
	{ "telegram", "{\"chat_id\":\"-100123\",\"parse_mode\":\"HTML\","
	    "\"link_preview_options\":{\"is_disabled\":true},\"text\":"
	    "\"<b><a href=\\\"https://a.example/x?a=1&amp;b=2\\\">"
	    "Talks &lt;soon&gt;</a></b>\\n"
	    "Talks of <b>peace</b> &amp; more.\\n<i>CRIT " META "</i>\"}" },
};

static void
bodies_are_what_services_take(void **state)
{
	struct err err = { .msg = "" };
	struct post p;

	(void)state;
	for (size_t i = 0; i < N(wholes); i++) {
		post_init(&p);
		assert_int_equal(post_find_format(wholes[i].format)->write(&p,
		    &alert, &settings, &err), 0);
		assert_string_equal(buf_cstr(&p.body), wholes[i].want);
		post_clear(&p);
	}
}

/*
 * What is over
 */

static struct json_tree *
write_notice(const char *format, bool over, enum severity severity,
    const char *about)
{
	const struct message m = { .kind = MESSAGE_NOTICE, .notice = {
		.id = over ? (struct str)S("msg_b") : (struct str)S("msg_a"),
		.instance = S("desk-1"), .condition = S("feed_failing"),
		.about = str_from(about), .over = over, .severity = severity,
		.since_s = 1700000000, .time_s = over ? 1700000600 :
		    1700000300,
		.message = S("said") } };
	struct err err = { .msg = "" };
	struct json_tree *t;
	struct post p;

	post_init(&p);
	assert_int_equal(post_find_format(format)->write(&p, &m, &settings,
	    &err), 0);
	t = json_parse(buf_str(&p.body), &err);
	assert_non_null(t);
	post_clear(&p);
	return t;
}

static void
pagerduty_resolves_what_is_over(void **state)
{
	struct json_tree *begun = write_notice("pagerduty", false,
	    SEVERITY_ERR, "a");
	struct json_tree *over = write_notice("pagerduty", true,
	    SEVERITY_NOTICE, "a");
	struct json_tree *other = write_notice("pagerduty", true,
	    SEVERITY_NOTICE, "b");
	struct str key = json_get_str(json_root(begun), "dedup_key");

	(void)state;
	assert_true(str_eq_c(json_get_str(json_root(begun), "event_action"),
	    "trigger"));
	assert_true(str_eq_c(json_get_str(json_root(over), "event_action"),
	    "resolve"));
	assert_true(key.n > 0);
	assert_true(str_eq(key, json_get_str(json_root(over), "dedup_key")));
	assert_false(str_eq(key, json_get_str(json_root(other),
	    "dedup_key")));
	json_tree_free(begun);
	json_tree_free(over);
	json_tree_free(other);
}

static void
alertmanager_resolves_what_is_over(void **state)
{
	static const char *const labels[] = { "job", "kind", "alertname",
	    "about", "instance" };
	struct json_tree *begun = write_notice("alertmanager", false,
	    SEVERITY_ERR, "a");
	struct json_tree *over = write_notice("alertmanager", true,
	    SEVERITY_NOTICE, "a");
	const struct json *was = json_at(json_root(begun), 0);
	const struct json *is = json_at(json_root(over), 0);

	(void)state;
	for (size_t i = 0; i < N(labels); i++) {
		assert_true(json_get_str(json_get(was, "labels"),
		    labels[i]).n > 0);
		assert_true(str_eq(json_get_str(json_get(was, "labels"),
		    labels[i]), json_get_str(json_get(is, "labels"),
		    labels[i])));
	}
	assert_null(json_get(json_get(was, "labels"), "id"));
	assert_null(json_get(json_get(is, "labels"), "severity"));
	assert_true(str_eq_c(json_get_str(was, "startsAt"),
	    "2023-11-14T22:13:20Z"));
	assert_null(json_get(was, "endsAt"));
	assert_true(str_eq(json_get_str(is, "startsAt"),
	    json_get_str(was, "startsAt")));
	assert_true(str_eq_c(json_get_str(is, "endsAt"),
	    "2023-11-14T22:23:20Z"));
	json_tree_free(begun);
	json_tree_free(over);
}

/*
 * Settings
 */

static const struct {
	const char	*format, *url, *token, *chat, *want;
} cannot[] = {
	{ "ntfy", NULL, "", NULL, "without a topic" },
	{ "ntfy", "https://ntfy.sh", "", NULL, "without a topic" },
	{ "ntfy", "https://ntfy.sh/", "", NULL, "without a topic" },
	{ "ntfy", "https://ntfy.sh/a?b=c", "", NULL, "without a topic" },
	{ "ntfy", "https://ntfy.sh/a.b", "", NULL, "without a topic" },
	{ "ntfy", "https://ntfy.sh/a", "x\ny", NULL, "printable" },
	{ "gotify", "https://e.org", "", NULL, "a token of 0 bytes" },
	{ "gotify", "https://e.org", "a b", NULL, "printable" },
	{ "gotify", NULL, "a", NULL, "no URL" },
	{ "pagerduty", "https://e.org", "", NULL, "no routing key" },
	{ "pagerduty", NULL, "a", NULL, "no URL" },
	{ "alertmanager", NULL, "", NULL, "no URL" },
	{ "alertmanager", "https://e.org", "a\r\nb: c", NULL, "printable" },
	{ "telegram", "https://e.org", "", "1", "no token" },
	{ "telegram", "https://e.org", "12345", "1", "no token" },
	{ "telegram", "https://e.org", "1:a/../b", "1", "no token" },
	{ "telegram", "https://e.org", "1:a", NULL, "no chat" },
	{ "telegram", "https://e.org", "1:a", "", "no chat" },
	{ "telegram", NULL, "1:a", "1", "no URL" },
};

static void
settings_that_cannot_be_are_told(void **state)
{
	struct err err;
	struct post p;

	(void)state;
	for (size_t i = 0; i < N(cannot); i++) {
		const struct post_settings s = { .url = cannot[i].url,
			.token = str_from(cannot[i].token),
			.chat = cannot[i].chat };

		post_init(&p);
		if (post_find_format(cannot[i].format)->write(&p, &alert, &s,
		    &err) == 0 || strstr(err.msg, cannot[i].want) == NULL)
			fail_msg("%s %s: %s", cannot[i].format,
			    cannot[i].url, err.msg);
		post_clear(&p);
	}
}

static void
addresses_are_made_of_what_is_configured(void **state)
{
	static const struct { const char *format, *url, *want; } rows[] = {
		{ "ntfy", "https://ntfy.sh/a_B-9/", "https://ntfy.sh/" },
		{ "ntfy", "http://[::1]:80/x", "http://[::1]:80/" },
		{ "gotify", "https://e.org/g///", "https://e.org/g/message" },
		{ "gotify", "https://e.org/message",
		    "https://e.org/message" },
		{ "gotify", "https://e.org/?x=1#y", "https://e.org/message" },
		{ "alertmanager", "http://e.org:9093",
		    "http://e.org:9093/api/v2/alerts" },
		{ "alertmanager", "http://e.org/am/api/v2/alerts",
		    "http://e.org/am/api/v2/alerts" },
		{ "telegram", "https://e.org/",
		    "https://e.org/bot12:tok-_en/sendMessage" },
	};
	struct err err;
	struct post p;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct post_settings s = settings;

		s.url = rows[i].url;
		post_init(&p);
		assert_int_equal(post_find_format(rows[i].format)->write(&p,
		    &alert, &s, &err), 0);
		assert_string_equal(buf_cstr(&p.url), rows[i].want);
		post_clear(&p);
	}
}

static void
strict_addresses_are_known(void **state)
{
	static const struct { const char *url; bool strict; } rows[] = {
		{ "https://e.org", true }, { "http://e.org:80/a?b#c", true },
		{ "https://e.org/%C3%A9", true }, { "https://1.2.3.4/", true },
		{ "https://e.org/%zz", false }, { "https://e.org/%4", false },
		{ "https://e.org/a b", false }, { "https://e.org:/", false },
		{ "https://e.org:123456/", false }, { "https:///a", false },
		{ "https://a@e.org/", false }, { "ftp://e.org/", false },
		{ "https://e.org:8x/", false },
		{ "https://\xc3\xa9.org", false },
		{ "https://e.org/\x7f", false }, { "", false },
		{ "https://e.org/<", false }, { "https://e%41.org/", false },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		if (post_address_is_strict(str_from(rows[i].url)) !=
		    rows[i].strict)
			fail_msg("%s", rows[i].url);
}

#define ZWSP	"\xe2\x80\x8b"

/* A service that cannot read a link refuses the message with it. */
static void
odd_hosts_are_text_and_no_links(void **state)
{
	static const struct { const char *format, *link, *text; } rows[] = {
		{ "slack", "\"type\":\"link\"",
		    "\"text\":\"\\nhttps://\xc3\xa9.org/x\"" },
		{ "discord", "\"url\":", "\"name\":\"URL\","
		    "\"value\":\"https\\\\://\xc3\xa9.org/x\"" },
		{ "telegram", "<a ", "https:" ZWSP "/" ZWSP "/" ZWSP
		    "\xc3\xa9." ZWSP "org/" ZWSP "x\\n" },
	};
	struct post_rig rig;
	struct post p;
	struct err err;

	(void)state;
	rig_init(&rig);
	for (size_t i = 0; i < N(rows) * 2; i++) {
		bool odd = i >= N(rows);
		const char *link = rows[i % N(rows)].link;

		rig_make(&rig, MESSAGE_ALERT, STR("x"));
		rig.m.alert.item.url = odd ? STR("https://\xc3\xa9.org/x") :
		    STR("https://e.org/x");
		post_init(&p);
		assert_int_equal(post_find_format(rows[i % N(rows)].format)
		    ->write(&p, &rig.m, &settings, &err), 0);
		if ((strstr(buf_cstr(&p.body), link) != NULL) == odd ||
		    (strstr(buf_cstr(&p.body), rows[i % N(rows)].text) !=
		    NULL) != odd)
			fail_msg("%s", buf_cstr(&p.body));
		post_clear(&p);
	}
	rig_clear(&rig);
}

static void
no_memory_is_told(void **state)
{
	struct err err;
	struct post p;

	(void)state;
	for (size_t i = 0; i < N(services); i++) {
		post_init(&p);
		p.body.max = 50;
		assert_int_equal(post_find_format(services[i].name)->write(&p,
		    &alert, &settings, &err), -1);
		assert_non_null(strstr(err.msg, "out of memory"));
		post_clear(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_what_services_take),
		cmocka_unit_test(pagerduty_resolves_what_is_over),
		cmocka_unit_test(alertmanager_resolves_what_is_over),
		cmocka_unit_test(settings_that_cannot_be_are_told),
		cmocka_unit_test(addresses_are_made_of_what_is_configured),
		cmocka_unit_test(strict_addresses_are_known),
		cmocka_unit_test(odd_hosts_are_text_and_no_links),
		cmocka_unit_test(no_memory_is_told),
		cmocka_unit_test(hostile_titles_show_as_they_stand),
		cmocka_unit_test(so_do_random_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
