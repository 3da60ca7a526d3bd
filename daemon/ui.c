/* SPDX-License-Identifier: ISC */
#include "daemon/ui.h"

#define PLACE	"/ui/"
#define FIRST	"index.html"

static const struct {
	const char	*end, *type;
} types[] = {
	{ ".html",	"text/html; charset=utf-8" },
	{ ".css",	"text/css; charset=utf-8" },
	{ ".js",	"text/javascript; charset=utf-8" },
	{ ".svg",	"image/svg+xml" },
};

const struct ui_file *
ui_find(struct str path)
{
	struct str name = STR(FIRST);

	if (!str_eq(path, STR("/"))) {
		if (!str_starts(path, STR(PLACE)))
			return NULL;
		name = str_sub(path, strlen(PLACE), path.n);
	}
	for (const struct ui_file *f = ui_files; f->name != NULL; f++)
		if (str_eq_c(name, f->name))
			return f;
	return NULL;
}

const char *
ui_type(const struct ui_file *f)
{
	size_t n = strlen(f->name);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t end = strlen(types[i].end);

		if (n > end && strcmp(f->name + n - end, types[i].end) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}
