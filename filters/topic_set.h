/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TOPIC_SET_H
#define HEADLINED_FILTERS_TOPIC_SET_H

/*
 * All topics, compiled into one structure that costs a document what stands
 * in the document, not the number of topics.
 *
 *	builder_new -> add ... add -> compile -> topic_set (ref, unref)
 *
 * A builder belongs to one thread. A topic_set is immutable and counted: any
 * number of threads match against it, each with a matcher of its own, and a
 * document keeps the set it began with.
 *
 * Topics are numbered from 0 in the order they were added; the caller keeps
 * what belongs to each (severity, sinks).
 */

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct entity_senses;
struct err;
struct query;
struct query_faults;
struct topic_set;
struct topic_set_builder;
struct word_counts;

/* NULL when memory is out. */
struct topic_set_builder *topic_set_builder_new(void);
void			  topic_set_builder_free(struct topic_set_builder *);

/*
 * In how many documents words stand, as far as that was learned: what topics
 * are filed under, and which words are warned of. Borrowed until compile. Not
 * called: by the lengths of words and a list of the commonest.
 */
void			  topic_set_builder_use_counts(
			    struct topic_set_builder *,
			    const struct word_counts *);

/*
 * What finds the entities of documents; a reference is taken. Not called: no
 * document has any.
 */
void			  topic_set_builder_use_senses(
			    struct topic_set_builder *,
			    struct entity_senses *);

/*
 * Adds a topic; the tree may go afterwards, and the sets it names. Gives its
 * number, or -1 with what is wrong in faults (what only the compiler can see:
 * a query that nothing can ever satisfy, too many terms). Warnings are added
 * to faults: a topic that asks for no word and so is looked at for every item,
 * a word that nearly every item contains.
 */
int			  topic_set_builder_add(struct topic_set_builder *,
			    const struct query *, struct query_faults *);

/*
 * Frees the builder in any case. NULL and *err when memory is out, or topics
 * name each other in a circle, or more than 32 deep.
 */
struct topic_set	 *topic_set_compile(struct topic_set_builder *,
			    struct err *);

struct topic_set	 *topic_set_ref(struct topic_set *);
void			  topic_set_unref(struct topic_set *);	/* NULL: fine */

size_t			  topic_set_count(const struct topic_set *);
size_t			  topic_set_bytes(const struct topic_set *);

#endif
