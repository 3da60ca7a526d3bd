/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_YAML_TEXT_H
#define HEADLINED_BASE_YAML_TEXT_H

/*
 * The source of a YAML document and the places in it; base/yaml.c's own.
 * Lines and columns count from 1, columns in bytes.
 *
 *	init -> ... -> clear
 */

#include <stddef.h>

#include "base/str.h"

struct err;
struct yaml_event;

struct yaml_text {
	char	*p;			/* no byte order mark; NUL behind */
	size_t	 n;
	size_t	*lines;			/* where each begins */
	size_t	 n_lines;
};

/*
 * Copies the text. 0, or -1 and *err: memory is out, or a byte that cannot
 * stand in YAML (5.1), with its line and column.
 */
int		yaml_text_init(struct yaml_text *, struct str, struct err *);
void		yaml_text_clear(struct yaml_text *);

void		yaml_text_place(const struct yaml_text *, size_t offset,
		    int *line, int *col);

/* The line without its end; empty beyond the last. */
struct str	yaml_text_line(const struct yaml_text *, int line);

/* yaml_place() for a scalar. */
void		yaml_text_place_in(const struct yaml_text *,
		    const struct yaml_event *, size_t offset, int *line,
		    int *col);

#endif
