/* SPDX-License-Identifier: ISC */
#include "daemon/topic_named.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "daemon/conf.h"

const char *
topic_named_nearest(const struct conf *conf, const char *name,
    size_t *topic)
{
	const char **names = calloc(conf->n_topics + 1, sizeof(*names));
	const char *near;

	*topic = SIZE_MAX;
	for (size_t i = 0; i < conf->n_topics; i++) {
		if (names != NULL)
			names[i] = conf->topics[i].name;
		if (strcmp(conf->topics[i].name, name) == 0)
			*topic = i;
	}
	near = names != NULL ? nearest_name(str_from(name), names,
	    conf->n_topics) : NULL;
	free(names);
	return near;
}

void
topic_named_refuse(const char *name, const char *near, char *what,
    size_t size)
{
	snprintf(what, size, "no topic is called %.60s%s%.64s%s", name,
	    near != NULL ? " (did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?)" : "");
}

int
topic_named_find(const struct conf *conf, const char *name, size_t *topic,
    char *what, size_t size)
{
	const char *near = topic_named_nearest(conf, name, topic);

	if (*topic != SIZE_MAX)
		return 0;
	topic_named_refuse(name, near, what, size);
	return -1;
}
