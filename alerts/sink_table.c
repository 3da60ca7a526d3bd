/* SPDX-License-Identifier: ISC */
/* Adding a kind of sink: a file sink_<kind>.c, and a row here. */
#include "alerts/sink_table.h"

#include <string.h>

static const struct sink_kind *const kinds[] = {
	&sink_kind_syslog,
	&sink_kind_terminal,
	&sink_kind_webhook,
};

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const struct sink_kind *
sink_find_kind(const char *name)
{
	for (size_t i = 0; name != NULL && i < N_KINDS; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

const struct sink_kind *
sink_kind_for(const struct sink_settings *s)
{
	const struct sink_kind *kind = sink_find_kind(s->kind);

	if (kind != &sink_kind_syslog || s->remote == NULL)
		return kind;
	return str_same(s->transport, "udp") ? &sink_kind_syslog_udp :
	    &sink_kind_syslog_stream;
}

const struct sink_kind *
sink_kind_at(size_t index)
{
	return index < N_KINDS ? kinds[index] : NULL;
}
