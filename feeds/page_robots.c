/* SPDX-License-Identifier: ISC */
/*
 * A table of origins that all stand in one line as well, who was used last at
 * its end.
 *
 * The store's form of one is a line of times and then the rules:
 *
 *	1 1790000000 -1 -1
 *	user-agent:*
 *	disallow:/private/
 *
 * FORM, got_s, failing_s, tried_s.
 */
#include "feeds/page_robots.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/robots.h"
#include "base/url.h"

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

#define NEVER	INT64_C(-1)
#define LAST_S	INT64_C(253402300799)	/* the end of the year 9999 */

enum { FORM = 1, TOO_MANY_REQUESTS = 429 };

/* What is known of one. */
struct knowledge {
	struct robots	*rules;		/* NULL: never got any */
	int64_t		 got_s;		/* when they came, or NEVER */
	int64_t		 failing_s;	/* the first time of those since then
					 * that it could not be reached */
	int64_t		 tried_s;	/* and the last */
};

struct origin {
	UT_hash_handle		hh;
	TAILQ_ENTRY(origin)	line;
	struct knowledge	known;
	size_t			bytes;
	char			name[];
};

struct page_robots {
	struct page_robots_settings	 set;
	struct origin			*origins;
	TAILQ_HEAD(line, origin)	 line;
	size_t				 bytes;
};

struct page_robots *
page_robots_new(const struct page_robots_settings *set)
{
	struct page_robots *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->set = *set;
	TAILQ_INIT(&p->line);
	return p;
}

size_t
page_robots_count(const struct page_robots *p)
{
	return HASH_COUNT(p->origins);
}

size_t
page_robots_bytes(const struct page_robots *p)
{
	return p->bytes;
}

/*
 * The table
 */

static struct origin *
find(const struct page_robots *p, const char *name)
{
	struct origin *o;

	HASH_FIND_STR(p->origins, name, o);
	return o;
}

static void
drop(struct page_robots *p, struct origin *o)
{
	TAILQ_REMOVE(&p->line, o, line);
	HASH_DEL(p->origins, o);
	p->bytes -= o->bytes;
	robots_unref(o->known.rules);
	free(o);
}

void
page_robots_free(struct page_robots *p)
{
	struct origin *o;

	if (p == NULL)
		return;
	while ((o = TAILQ_FIRST(&p->line)) != NULL)
		drop(p, o);
	free(p);
}

static struct origin *
add(struct page_robots *p, const char *name)
{
	size_t n = strlen(name);
	struct origin *o = calloc(1, sizeof(*o) + n + 1);

	if (o == NULL)
		return NULL;
	memcpy(o->name, name, n + 1);
	o->known = (struct knowledge){ NULL, NEVER, NEVER, NEVER };
	HASH_ADD_KEYPTR(hh, p->origins, o->name, n, o);
	if (find(p, name) != o) {	/* uthash had no memory */
		free(o);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&p->line, o, line);
	return o;
}

static void
touch(struct page_robots *p, struct origin *o)
{
	TAILQ_REMOVE(&p->line, o, line);
	TAILQ_INSERT_TAIL(&p->line, o, line);
}

static bool
is_full(const struct page_robots *p)
{
	return page_robots_count(p) > p->set.max_origins ||
	    p->bytes > p->set.max_bytes;
}

/* Makes it what is known, and the rules in it the table's own. 0, or -1 when
 * memory is out: they are freed. */
static int
learn(struct page_robots *p, const char *name, const struct knowledge *known)
{
	struct origin *o = find(p, name), *first;

	if (o == NULL && (o = add(p, name)) == NULL) {
		robots_unref(known->rules);
		return -1;
	}
	touch(p, o);
	if (o->known.rules != known->rules)
		robots_unref(o->known.rules);
	o->known = *known;
	p->bytes -= o->bytes;
	o->bytes = sizeof(*o) + strlen(name) + 1 +
	    (known->rules != NULL ? robots_size(known->rules) : 0);
	p->bytes += o->bytes;
	while (is_full(p) && (first = TAILQ_FIRST(&p->line)) != o)
		drop(p, first);
	return 0;
}

/*
 * URLs
 */

bool
page_robots_origin(struct buf *out, const char *url)
{
	struct url_parts u;
	struct err err;
	bool is_v6;

	if (url_split(url, &u, &err) == -1)
		return false;
	is_v6 = strchr(u.host, ':') != NULL;
	buf_addf(out, "%s://%s%s%s", u.scheme, is_v6 ? "[" : "", u.host,
	    is_v6 ? "]" : "");
	if (u.port != (strcmp(u.scheme, "https") == 0 ? 443 : 80))
		buf_addf(out, ":%d", u.port);
	return !out->failed;
}

struct str
page_robots_path(const char *url)
{
	const char *host = strstr(url, "://");

	host = host != NULL ? host + 3 : url;
	host += strcspn(host, "/?#");
	return (struct str){ host, strcspn(host, "#") };
}

/*
 * Asking
 */

/* Also where the clock was set back to before it: nobody knows how long ago
 * that was. */
static bool
is_past(int64_t since_s, int64_t span_s, int64_t now_s)
{
	return now_s < since_s || now_s - since_s >= span_s;
}

static bool
is_due(const struct knowledge *k, int64_t now_s)
{
	if (k->failing_s != NEVER)
		return is_past(k->tried_s, PAGE_ROBOTS_RETRY_S, now_s);
	return is_past(k->got_s, PAGE_ROBOTS_LIFE_S, now_s);
}

enum page_robots_says
page_robots_look(struct page_robots *p, const char *name, int64_t now_s,
    struct robots **rules)
{
	struct origin *o = find(p, name);

	*rules = NULL;
	if (o == NULL)
		return PAGE_ROBOTS_MUST_FETCH;
	touch(p, o);
	if (is_due(&o->known, now_s))
		return PAGE_ROBOTS_MUST_FETCH;
	if (o->known.rules != NULL) {
		*rules = robots_ref(o->known.rules);
		return PAGE_ROBOTS_ALLOWED;
	}
	return now_s - o->known.failing_s >= PAGE_ROBOTS_GIVE_UP_S ?
	    PAGE_ROBOTS_ALLOWED : PAGE_ROBOTS_UNREACHABLE;
}

enum page_robots_says
page_robots_ask(struct page_robots *p, const char *name, struct str path,
    int64_t now_s)
{
	struct robots *rules;
	enum page_robots_says says = page_robots_look(p, name, now_s, &rules);

	if (rules != NULL && !robots_allows(rules, path))
		says = PAGE_ROBOTS_FORBIDDEN;
	robots_unref(rules);
	return says;
}

/*
 * Learning
 */

static bool
is_reached(int status)
{
	return status >= 200 && status < 500 && status != TOO_MANY_REQUESTS;
}

static int
learn_rules(struct page_robots *p, const char *name, struct str text,
    int64_t now_s)
{
	struct knowledge k = { robots_parse(text, p->set.agent), now_s, NEVER,
		NEVER };

	return k.rules != NULL ? learn(p, name, &k) : -1;
}

static int
learn_failure(struct page_robots *p, const char *name, int64_t now_s)
{
	const struct origin *o = find(p, name);
	struct knowledge k = { NULL, NEVER, NEVER, NEVER };

	if (o != NULL)
		k = o->known;
	if (k.failing_s == NEVER || k.failing_s > now_s)
		k.failing_s = now_s;
	k.tried_s = now_s;
	return learn(p, name, &k);
}

int
page_robots_got(struct page_robots *p, const char *name, int status,
    struct str body, int64_t now_s)
{
	if (!is_reached(status))
		return learn_failure(p, name, now_s);
	return learn_rules(p, name, status < 300 ? body : STR_NONE, now_s);
}

/*
 * The store's form
 */

bool
page_robots_knows(const struct page_robots *p, const char *name)
{
	return find(p, name) != NULL;
}

bool
page_robots_save(const struct page_robots *p, const char *name,
    struct buf *out)
{
	const struct origin *o = find(p, name);
	const struct knowledge *k;

	if (o == NULL)
		return false;
	k = &o->known;
	buf_addf(out, "%d %" PRId64 " %" PRId64 " %" PRId64 "\n", FORM,
	    k->got_s, k->failing_s, k->tried_s);
	if (k->rules != NULL)
		(void)robots_write(k->rules, out);	/* out keeps it */
	return !out->failed;
}

/* A number and the byte behind it off the text; -1: it has none of those that
 * are written. */
static bool
take_time(struct str *s, char behind, int64_t *value)
{
	size_t n = 0;
	int64_t v = 0;

	if (s->n > 2 && s->p[0] == '-' && s->p[1] == '1') {
		*value = NEVER;
		n = 2;
	} else {
		for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
			v = v * 10 + (s->p[n] - '0');
			if (v > LAST_S)
				return false;
		}
		*value = v;
	}
	if (n == 0 || n == s->n || s->p[n] != behind)
		return false;
	*s = str_sub(*s, n + 1, s->n);
	return true;
}

/* Times as they can come about; the rules stay in *s. */
static bool
take_times(struct str *s, struct knowledge *k)
{
	int64_t version;

	return take_time(s, ' ', &version) && version == FORM &&
	    take_time(s, ' ', &k->got_s) &&
	    take_time(s, ' ', &k->failing_s) &&
	    take_time(s, '\n', &k->tried_s) &&
	    (k->failing_s == NEVER) == (k->tried_s == NEVER) &&
	    (k->got_s != NEVER || k->failing_s != NEVER);
}

int
page_robots_load(struct page_robots *p, const char *name, struct str saved)
{
	struct knowledge k = { NULL, NEVER, NEVER, NEVER };

	if (!take_times(&saved, &k))
		return -1;
	if (k.got_s != NEVER && (k.rules = robots_read(saved)) == NULL)
		return -1;
	return learn(p, name, &k);
}
