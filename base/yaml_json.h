/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_YAML_JSON_H
#define HEADLINED_BASE_YAML_JSON_H

/*
 * Reads JSON (RFC 8259) as the events that YAML has for it; base/yaml.c's
 * own, for large files that programs write: JSON is YAML, but libfyaml takes
 * twice the time for it.
 *
 *	yaml_json_begins -> init -> next ... YAML_END
 *
 * Strict, so that all it gives is what YAML would give: whoever meets
 * something else may read the same text as YAML, from its start. No memory
 * but the arena's, where the texts go.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct yaml_event;

enum { YAML_JSON_MAX_DEPTH = 64 };

/* What may stand next. */
enum yaml_json_want {
	YAML_JSON_VALUE,
	YAML_JSON_VALUE_OR_END,		/* behind [ */
	YAML_JSON_KEY,			/* behind a comma */
	YAML_JSON_KEY_OR_END,		/* behind { */
	YAML_JSON_COMMA_OR_END,
	YAML_JSON_NOTHING
};

struct yaml_json {
	struct str		 source;	/* a NUL stands behind it */
	size_t			 at;
	int			 line;		/* of at, from 1 */
	size_t			 line_start;
	enum yaml_json_want	 want;
	unsigned		 depth;
	uint64_t		 maps;		/* a bit for each level: { */

	const char		*fault;		/* NULL: none so far */
	int			 fault_line, fault_col;
};

/* Whether the text is worth a try. */
bool	yaml_json_begins(struct str source);
void	yaml_json_init(struct yaml_json *, struct str source);

/*
 * Fills the event but for its reader. false: j->fault says what is not JSON,
 * and where; or memory is out (the arena tells).
 */
bool	yaml_json_next(struct yaml_json *, struct arena *,
	    struct yaml_event *);

#endif
