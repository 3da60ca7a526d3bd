/* SPDX-License-Identifier: ISC */
/*
 * The group stands on the socket, or on its directory where even that may not
 * be entered.
 */
#include "daemon/ctl_denied.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

/* The group that opens the door, or NULL. */
static const char *
find_group(const char *socket_path)
{
	const char *slash = strrchr(socket_path, '/');
	char dir[PATH_MAX] = ".";
	const struct group *g;
	struct stat st;
	size_t n;

	if (slash != NULL) {
		n = slash == socket_path ? 1 : (size_t)(slash - socket_path);
		if (n >= sizeof(dir))
			return NULL;
		memcpy(dir, socket_path, n);
		dir[n] = '\0';
	}
	if (stat(socket_path, &st) == -1 && stat(dir, &st) == -1)
		return NULL;
	/* Where the group may not either, joining it is no help. */
	if ((st.st_mode & S_IRWXG) == 0)
		return NULL;
	g = getgrgid(st.st_gid);
	return g != NULL ? g->gr_name : NULL;
}

bool
ctl_denied(const char *socket_path, struct err *err)
{
	const char *group;

	if (access(socket_path, R_OK | W_OK) == 0 || errno != EACCES)
		return false;
	group = find_group(socket_path);
	if (group == NULL || strcmp(group, "root") == 0)
		err_set(err, "you may not use the socket %s: its owner may "
		    "(try sudo)", socket_path);
	else
		err_set(err, "you may not use the socket %s: join the group "
		    "%s (sudo usermod -aG %s USER, then log in again), or "
		    "use sudo", socket_path, group, group);
	return true;
}
