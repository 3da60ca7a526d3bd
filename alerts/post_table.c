/* SPDX-License-Identifier: ISC */
/* Adding a format: a file post_<name>.c, and a row here. */
#include "alerts/post_table.h"

#include <string.h>

static const struct post_format *const formats[] = {
	&post_format_slack,
	&post_format_discord,
	&post_format_mattermost,
	&post_format_teams,
	&post_format_ntfy,
	&post_format_telegram,
	&post_format_pagerduty,
	&post_format_alertmanager,
	&post_format_gotify,
	&post_format_template,
	NULL
};

const struct post_format *
post_format_at(size_t index)
{
	size_t n = sizeof(formats) / sizeof(formats[0]) - 1;

	return index < n ? formats[index] : NULL;
}

const struct post_format *
post_find_format(const char *name)
{
	const struct post_format *format;

	for (size_t i = 0; name != NULL &&
	    (format = post_format_at(i)) != NULL; i++)
		if (strcmp(format->name, name) == 0)
			return format;
	return NULL;
}
