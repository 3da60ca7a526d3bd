/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_POST_TEMPLATE_H
#define HEADLINED_ALERTS_POST_TEMPLATE_H

/*
 * format: template, a body that the administrator wrote in mustache's syntax
 * (alerts/mustache.h). These names are there for every message:
 *
 *	id type time		of the event: msg_...,
 *				io.headlined.alert.v1, 2026-11-23T10:00:00Z
 *	title url topic source text severity
 *				what a short form shows (struct message_view);
 *				text may have several lines
 *	alert health digest test
 *				which of them it is, for sections
 *	data			the event's own, as headlined.yaml(5) shows it:
 *				data.item.title, data.feed.site,
 *				{{#data.matches}}{{term}} {{/data.matches}}
 *
 * What a message has not is empty. Every value is clean (utf8_clean_line).
 */

#include "alerts/mustache.h"
#include "base/str.h"

struct err;

/*
 * Compiles and tries it: on a message of each kind, whose texts have quotes,
 * backslashes and markup in them, it must fit; where the content type is JSON,
 * the body must be JSON. NULL and *err: what is wrong, with file (borrowed),
 * line and column where there is a place. mustache_free() frees.
 */
struct mustache	*post_template_compile(struct str text, const char *file,
		    const char *content_type, struct err *);

#endif
