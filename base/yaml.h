/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_YAML_H
#define HEADLINED_BASE_YAML_H

/*
 * Reads YAML 1.2 (and so JSON) as a stream of events with places. The door to
 * libfyaml, by its event parser: a document of any size costs the memory of
 * its text. What is JSON is read in half the time (base/yaml_json); in a file
 * called .json that is neither, the fault is what keeps it from being JSON.
 *
 *	yaml_open_text -> yaml_next ... YAML_END -> yaml_close
 *
 * A reader pulls: after YAML_MAP come key (a scalar), value, key, value ...
 * YAML_MAP_END; what it does not want it passes to yaml_skip. Scalars stay
 * strings: NO is no boolean. Anchors, aliases, tags and keys that are not
 * scalars are refused, as is a second document: a configuration needs none of
 * them, and each is a way to blow up or to hide something. Nesting over 64
 * levels is refused. Duplicate keys are for the reader to find: it knows the
 * place of both.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;
struct yaml;

enum yaml_kind {
	YAML_SCALAR,
	YAML_SEQ, YAML_SEQ_END,
	YAML_MAP, YAML_MAP_END,
	YAML_END		/* of the document; empty files end at once */
};

enum yaml_style { YAML_PLAIN, YAML_QUOTED, YAML_LITERAL, YAML_FOLDED };

struct yaml_event {
	enum yaml_kind	kind;
	enum yaml_style	style;		/* of a scalar */
	struct str	text;		/* of a scalar; NUL-terminated; lives
					 * until the yaml is closed */
	int		line, col;	/* where it begins; from 1 */
	size_t		source_offset;	/* the same, as a byte of the source */
	const struct yaml *yaml;	/* whose it is: there may be many */
};

/* Text in memory; name (the file's) stands in messages. Both are copied. NULL
 * and *err, with name:line:col where the text is at fault. */
struct yaml	*yaml_open_text(const char *name, struct str text,
		    struct err *);
void		 yaml_close(struct yaml *);		/* NULL is fine */

/*
 * 0 and the next event, or -1 and *err with the place and, where YAML
 * stumbles in the value of a key whose queries often hold such characters
 * (match), the hint to write `match: |`. After -1 only yaml_close.
 */
int		 yaml_next(struct yaml *, struct yaml_event *, struct err *);

/* Passes over the rest of the value that `begun` started. 0 or -1. */
int		 yaml_skip(struct yaml *, const struct yaml_event *begun,
		    struct err *);

/*
 * The place in the file of byte `offset` of a scalar's text: exact in literal
 * block scalars and on the first line of others, which is where queries
 * stand.
 */
void		 yaml_place(const struct yaml_event *, size_t offset,
		    int *line, int *col);

/* Line `line` (from 1) of the source without its end; empty beyond it. */
struct str	 yaml_source_line(const struct yaml *, int line);
const char	*yaml_name(const struct yaml *);

#endif
