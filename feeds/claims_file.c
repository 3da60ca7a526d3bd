/* SPDX-License-Identifier: ISC */
/*
 * The header's secrets are as old as the file: a new one takes them from the
 * one that it replaces, with the keys. The layout before had no secrets, and
 * its keys were plain hashes: of such a file a table is only read.
 */
#include "feeds/claims_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

enum {
	LAYOUT_PLAIN = 1,		/* keys without a secret */
	LAYOUT = 2
};

/* "hlclaims" where the lowest byte comes first; elsewhere a foreign file. */
static const uint64_t magic = UINT64_C(0x736d69616c636c68);

struct header {
	uint64_t		magic;
	uint32_t		version;
	uint32_t		slot_bytes;
	uint64_t		capacity;	/* slots */
	struct digest_key	secrets[CLAIMS_KINDS];
	uint64_t		check;		/* of what stands before it */
};
_Static_assert(sizeof(struct header) == 64, "as a file has it");

/* Of LAYOUT_PLAIN: no secrets; the check stands in their place. */
enum { PLAIN_HEADER_BYTES = offsetof(struct header, secrets) + 8 };

static uint64_t
check_header(const struct header *h, size_t n)
{
	return digest_hash64(0, (struct str){ (const char *)h, n });
}

static size_t
header_bytes(bool plain)
{
	return plain ? PLAIN_HEADER_BYTES : sizeof(struct header);
}

static size_t
bytes_of(uint64_t capacity, bool plain)
{
	return header_bytes(plain) + capacity * sizeof(struct claims_slot);
}

void
claims_file_unmap(struct claims_table *t)
{
	if (t->map != NULL)
		(void)munmap(t->map, t->bytes);	/* ours: cannot fail */
	*t = (struct claims_table){ 0 };
}

static int
map(struct claims_table *t, int fd, const struct header *h, uint64_t capacity)
{
	bool plain = h->version == LAYOUT_PLAIN;
	size_t bytes = bytes_of(capacity, plain);
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	*t = (struct claims_table){ .map = p, .bytes = bytes,
		.capacity = capacity, .plain = plain,
		.slots = (struct claims_slot *)(void *)((char *)p +
		header_bytes(plain)) };
	memcpy(t->secrets, h->secrets, sizeof(t->secrets));
	return 0;
}

/* All blocks, also where the file has holes: a store into a page that finds no
 * room on the disk would kill us. */
static int
allocate(int fd, size_t bytes)
{
	int rc;

	do
		rc = posix_fallocate(fd, 0, (off_t)bytes);
	while (rc == EINTR);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

static bool
is_header(const struct header *h)
{
	if (h->magic != magic || h->slot_bytes != sizeof(struct claims_slot) ||
	    h->capacity == 0)
		return false;
	if (h->version == LAYOUT_PLAIN)
		return h->secrets[0].k0 == check_header(h,
		    offsetof(struct header, secrets));
	return h->version == LAYOUT && h->check == check_header(h,
	    offsetof(struct header, check));
}

/* The slots that are really there, or 0: no table of ours. */
static uint64_t
read_header(int fd, const struct stat *st, struct header *h)
{
	ssize_t n = pread(fd, h, sizeof(*h), 0);
	uint64_t there;

	if (n < PLAIN_HEADER_BYTES || !is_header(h))
		return 0;
	n = (ssize_t)header_bytes(h->version == LAYOUT_PLAIN);
	if (st->st_size < n)
		return 0;
	there = (uint64_t)(st->st_size - n) / sizeof(struct claims_slot);
	return there < h->capacity ? there : h->capacity;
}

/*
 * What fd holds; *t stays zeroed when that is no table. A file cut short is a
 * harmed one with as many slots as it has.
 */
static int
take_file(struct claims_table *t, int fd, const struct stat *st)
{
	struct header h = { .magic = 0 };
	uint64_t there = read_header(fd, st, &h);

	if (there == 0)
		return 0;
	if (there == h.capacity && allocate(fd, bytes_of(there,
	    h.version == LAYOUT_PLAIN)) == -1)
		return -1;
	if (map(t, fd, &h, there) == -1)
		return -1;
	claims_table_survey(t);
	t->harmed = t->harmed || there < h.capacity;
	return 0;
}

int
claims_file_open(struct claims_table *t, const char *path, struct err *err)
{
	struct stat st;
	int fd, rc = 0;

	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1 || fstat(fd, &st) == -1)
		rc = err_set(err, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		rc = err_set(err, "%s: is no regular file", path);
	else if (take_file(t, fd, &st) == -1)
		rc = err_set(err, "%s: cannot be mapped: %s", path,
		    strerror(errno));
	if (fd != -1)
		(void)close(fd);	/* nothing waits to be written */
	return rc;
}

/* Those of the file that is replaced, or new ones. 0, or -1 and errno. */
static int
make_secrets(const struct claims_table *old, struct header *h)
{
	ssize_t n = sizeof(h->secrets);

	if (old->map != NULL && !old->plain)
		memcpy(h->secrets, old->secrets, sizeof(h->secrets));
	else if (getrandom(h->secrets, (size_t)n, 0) != n)
		return -1;
	return 0;
}

int
claims_file_create(const char *path, uint64_t capacity,
    const struct claims_table *old, struct claims_table *t)
{
	struct header h = { .magic = magic, .version = LAYOUT,
		.slot_bytes = sizeof(struct claims_slot),
		.capacity = capacity };
	int fd, rc = -1, saved;

	(void)unlink(path);	/* open tells what could not be removed */
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	if (make_secrets(old, &h) == 0 &&
	    allocate(fd, bytes_of(capacity, false)) == 0 &&
	    map(t, fd, &h, capacity) == 0) {
		h.check = check_header(&h, offsetof(struct header, check));
		memcpy(t->map, &h, sizeof(h));
		rc = 0;
	}
	saved = errno;
	(void)close(fd);	/* the mapping holds the file */
	errno = saved;
	return rc;
}
