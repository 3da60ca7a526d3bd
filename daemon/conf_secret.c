/* SPDX-License-Identifier: ISC */
/*
 * Files that hold secrets: a key, or a URL that is one. systemd hands them
 * over in $CREDENTIALS_DIRECTORY; LoadCredential=headlined:DIRECTORY gives
 * FILE there the name headlined_FILE (systemd.exec(5)). Without one, they
 * stand beside the configuration.
 */
#include "daemon/conf_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

enum { MAX_SECRET = 8192, MAX_PLACES = 3 };

struct places {
	const char	*path[MAX_PLACES];
	size_t		 n;
};

static void
add_place(struct conf_loader *l, struct places *p, const char *dir,
    const char *prefix, const char *name)
{
	size_t size = strlen(dir) + 1 + strlen(prefix) + strlen(name) + 1;
	char *path = arena_alloc(l->scratch, size);

	if (path == NULL)
		return;
	snprintf(path, size, "%s/%s%s", dir, prefix, name);
	p->path[p->n++] = path;
}

static void
find_places(struct conf_loader *l, struct str name, struct places *p)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");

	p->n = 0;
	if (name.n > 0 && name.p[0] == '/') {
		p->path[p->n++] = name.p;
		return;
	}
	if (credentials != NULL && credentials[0] == '/') {
		add_place(l, p, credentials, "", name.p);
		add_place(l, p, credentials, "headlined_", name.p);
	}
	add_place(l, p, l->dir, "", name.p);
}

/* The first that is there: its descriptor, or -1 with errno, and its path. */
static int
open_first(const struct places *p, const char **path)
{
	int fd = -1;

	errno = ENOMEM;
	for (size_t i = 0; i < p->n; i++) {
		*path = p->path[i];
		/* A FIFO must not hold up the start. */
		fd = open(*path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd != -1 || (errno != ENOENT && errno != ENOTDIR))
			break;
	}
	return fd;
}

static bool
check_file(struct conf_loader *l, const struct yaml_event *at, int fd,
    const char *path)
{
	struct stat st;

	if (fstat(fd, &st) == -1) {
		conf_fault(l, at, "cannot look at %s: %s", path,
		    strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		conf_fault(l, at, "%s is not a file", path);
		return false;
	}
	if ((st.st_mode & S_IROTH) != 0) {
		conf_fault(l, at, "everybody may read %s (chmod o-r, and "
		    "change the secret)", path);
		return false;
	}
	return true;
}

/* At most size bytes; -1 with errno. */
static ssize_t
read_whole(int fd, char *to, size_t size)
{
	size_t have = 0;
	ssize_t n;

	while (have < size) {
		n = read(fd, to + have, size - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static bool
read_text(struct conf_loader *l, const struct yaml_event *at, int fd,
    const char *path, struct str *text)
{
	char bytes[MAX_SECRET + 1];
	ssize_t n = read_whole(fd, bytes, sizeof(bytes));
	bool ok = false;

	if (n == -1) {
		conf_fault(l, at, "cannot read %s: %s", path, strerror(errno));
	} else if (n > MAX_SECRET) {
		conf_fault(l, at, "%s is larger than %d bytes", path,
		    MAX_SECRET);
	} else {
		*text = arena_copy(l->arena,
		    (struct str){ bytes, (size_t)n });
		ok = text->p != NULL;
	}
	explicit_bzero(bytes, sizeof(bytes));
	return ok;
}

bool
conf_read_secret(struct conf_loader *l, const struct yaml_event *at,
    struct str *text)
{
	struct places places;
	const char *path = "";
	bool ok;
	int fd;

	find_places(l, at->text, &places);
	fd = open_first(&places, &path);
	if (fd == -1) {
		conf_fault(l, at, "cannot open %s%s: %s", path,
		    places.n > 1 ? " (nor a credential of that name)" : "",
		    strerror(errno));
		return false;
	}
	ok = check_file(l, at, fd, path) && read_text(l, at, fd, path, text);
	(void)close(fd);		/* was only read from */
	return ok;
}
