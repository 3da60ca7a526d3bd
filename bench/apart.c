/* SPDX-License-Identifier: ISC */
/* Who may not unshare becomes root in a user namespace of its own first. */
#include "bench/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"

static int
write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);
	int rc = fd != -1 && write(fd, text, n) == (ssize_t)n ? 0 : -1;

	if (fd != -1)
		close(fd);
	return rc;
}

static int
become_root_of_our_own(int flags)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWUSER | flags) == -1)
		return -1;
	(void)snprintf(map, sizeof(map), "0 %u 1", uid);
	if (write_to("/proc/self/uid_map", map) == -1 ||
	    write_to("/proc/self/setgroups", "deny") == -1)
		return -1;
	(void)snprintf(map, sizeof(map), "0 %u 1", gid);
	return write_to("/proc/self/gid_map", map);
}

static int
raise_loopback(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	if (fd == -1)
		return -1;
	rc = ioctl(fd, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (rc == 0)
		rc = ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return rc;
}

enum apart_end
apart_enter(bool network, struct err *err)
{
	int flags = CLONE_NEWNS | (network ? CLONE_NEWNET : 0);

	if (unshare(flags) == -1 && become_root_of_our_own(flags) == -1) {
		err_set(err, "no namespaces of its own (needs root): %s",
		    strerror(errno));
		return APART_REFUSED;
	}
	/* What we mount stays with us. */
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    (network && raise_loopback() == -1)) {
		err_set(err, "setting up namespaces: %s", strerror(errno));
		return APART_FAILED;
	}
	return APART_OK;
}

int
apart_cover(const char *path, const char *with, struct err *err)
{
	if (mount(with, path, NULL, MS_BIND, NULL) == -1)
		return err_set(err, "mounting %s over %s: %s", with, path,
		    strerror(errno));
	return 0;
}
