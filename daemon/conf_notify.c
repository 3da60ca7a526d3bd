/* SPDX-License-Identifier: ISC */
/*
 * To which sinks alerts go: `notify` of a topic, of the defaults, of health.
 * It is read after all sinks, for their order in the file is free. Whoever
 * asked to be told and names only sinks that cannot be used is told by the
 * built-in syslog, which needs no settings: nobody goes blind.
 */
#include "daemon/conf_load.h"

#include "base/arena.h"
#include "daemon/conf.h"
#include "daemon/faults.h"

/* Indices into conf.sinks, each once. */
struct picked {
	size_t	*list;
	size_t	 n;
};

static void
add(struct picked *p, size_t number)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i] == number - 1)
			return;
	p->list[p->n++] = number - 1;
}

static void
add_syslog(struct conf_loader *l, struct picked *p)
{
	struct conf_name *name = conf_names_find(&l->sinks, STR("syslog"));
	size_t number = name != NULL ? conf_sinks_number(l, name) : 0;

	if (number > 0)
		add(p, number);
}

/* False: one of the words is no sink's name. */
static bool
add_words(struct conf_loader *l, const struct conf_words *w, struct picked *p)
{
	bool known = true;

	for (size_t i = 0; i < w->n; i++) {
		struct conf_name *name = conf_names_find(&l->sinks,
		    w->list[i].text);
		size_t number;

		if (name == NULL) {
			conf_fault_unknown(l, &w->list[i], "no such sink",
			    &l->sinks);
			known = false;
			continue;
		}
		number = conf_sinks_number(l, name);
		if (number > 0)
			add(p, number);
	}
	return known;
}

/* Room for the words' sinks and for syslog; false when memory is out. */
static bool
make_room(struct conf_loader *l, const struct conf_words *w, struct picked *p)
{
	*p = (struct picked){ .list = arena_array(l->arena, w->n + 1,
	    sizeof(*p->list)) };
	return p->list != NULL;
}

/* The words' sinks; false when memory is out. */
static bool
resolve(struct conf_loader *l, const struct conf_words *w,
    struct conf_topic *t)
{
	struct picked p;
	bool known;

	if (!make_room(l, w, &p))
		return false;
	conf_enter(l, STR("notify"));
	known = add_words(l, w, &p);
	if (!w->given) {
		add_syslog(l, &p);
	} else if (w->n == 0) {
		conf_warn(l, &w->at, "an empty list: nobody is told");
	} else if (p.n == 0 && known) {
		conf_warn(l, &w->list[0], "none of these sinks can be used: "
		    "alerts go to syslog");
		add_syslog(l, &p);
	}
	conf_leave(l);
	t->sinks = p.list;
	t->n_sinks = p.n;
	return true;
}

/*
 * Where nobody is named there are no alerts about headlined itself. A wrong
 * name among others leaves the others: what is told this way is, first of all,
 * that the configuration has a fault.
 */
static bool
resolve_health(struct conf_loader *l)
{
	const struct conf_words *w = &l->health;
	size_t before = faults_errors(l->faults);
	struct picked p;

	if (!make_room(l, w, &p))
		return false;
	conf_enter(l, STR("health"));
	conf_enter(l, STR("notify"));
	add_words(l, w, &p);
	if (w->n > 0 && p.n == 0) {
		conf_warn(l, &w->list[0], "none of these sinks can be used: "
		    "alerts about headlined itself go to syslog");
		add_syslog(l, &p);
	}
	conf_leave(l);
	conf_leave(l);
	l->conf->left_out += faults_errors(l->faults) > before;
	l->conf->health.sinks = p.list;
	l->conf->health.n_sinks = p.n;
	return true;
}

/* A default in error is dropped: syslog, where it is needed. */
static bool
resolve_default(struct conf_loader *l)
{
	static const struct conf_words none = { .n = 0 };
	size_t before = faults_errors(l->faults);
	struct conf_topic t = { .sinks = NULL };

	if (!l->defaults.notify.given)
		return true;
	conf_enter(l, STR("defaults"));
	if (!resolve(l, &l->defaults.notify, &t))
		return false;
	conf_leave(l);
	if (faults_errors(l->faults) > before) {
		l->conf->left_out++;
		l->defaults.notify = none;
		return true;
	}
	l->defaults.sinks = t.sinks;
	l->defaults.n_sinks = t.n_sinks;
	return true;
}

bool
conf_notify_finish(struct conf_loader *l)
{
	return conf_sinks_know(l) && resolve_default(l) && resolve_health(l);
}

bool
conf_notify_resolve(struct conf_loader *l, const struct conf_words *own,
    struct conf_topic *t)
{
	if (own->given)
		return resolve(l, own, t);
	if (l->defaults.sinks == NULL) {
		if (!resolve(l, &l->defaults.notify, t))
			return false;
		l->defaults.sinks = t->sinks;
		l->defaults.n_sinks = t->n_sinks;
	}
	t->sinks = l->defaults.sinks;
	t->n_sinks = l->defaults.n_sinks;
	return true;
}
