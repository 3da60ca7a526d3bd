/* SPDX-License-Identifier: ISC */
/*
 * daemon/reserve: real blocks, taken only where there is room for twice as
 * much, given up at once; and what else may stand in the file's place. Full and
 * read-only disks are small ones of our own, where the kernel lets us mount.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/reserve.h"

enum { MIB = 1 << 20, DISK_MIB = 16 };

struct fixture {
	char		 dir[64], store[96], file[112], filler[96];
	struct reserve	*reserve;
	bool		 mounted;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-reserve-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->store, sizeof(f->store), "%s/store.db", f->dir);
	snprintf(f->file, sizeof(f->file), "%s.reserve", f->store);
	snprintf(f->filler, sizeof(f->filler), "%s/filler", f->dir);
	f->reserve = reserve_new(f->store);
	assert_non_null(f->reserve);
	*state = f;
	return 0;
}

/* A disk of its own, in a mount namespace that ends with this process. */
static int
setup_disk(void **state)
{
	static bool apart;
	struct fixture *f;
	char size[32];

	setup(state);
	f = *state;
	if (!apart)
		apart = unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL,
		    MS_REC | MS_PRIVATE, NULL) == 0;
	snprintf(size, sizeof(size), "size=%dm", DISK_MIB);
	f->mounted = apart && mount("none", f->dir, "tmpfs", 0, size) == 0;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	reserve_free(f->reserve);
	if (f->mounted)
		assert_int_equal(umount(f->dir), 0);
	else {
		(void)unlink(f->file);
		(void)rmdir(f->file);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static void
make_file(const char *path, off_t size, bool real)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	if (real)
		assert_int_equal(posix_fallocate(fd, 0, size), 0);
	else
		assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
assert_whole(const struct fixture *f)
{
	struct stat st;

	assert_true(reserve_stands(f->reserve));
	assert_int_equal(lstat(f->file, &st), 0);
	assert_int_equal(st.st_size, RESERVE_BYTES);
	assert_true(st.st_blocks * 512 >= RESERVE_BYTES);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
it_is_made_of_real_blocks_and_given_up_once(void **state)
{
	struct fixture *f = *state;
	struct err err;

	assert_false(reserve_stands(f->reserve));
	assert_false(reserve_spend(f->reserve));
	assert_int_equal(reserve_make(f->reserve, &err), 0);
	assert_whole(f);
	assert_int_equal(reserve_make(f->reserve, &err), 0);	/* again */
	assert_whole(f);
	assert_true(reserve_spend(f->reserve));
	assert_false(exists(f->file));
	assert_false(reserve_stands(f->reserve));
	assert_false(reserve_spend(f->reserve));
	assert_int_equal(reserve_make(f->reserve, &err), 0);
	assert_whole(f);
}

static void
one_left_by_an_earlier_process_counts(void **state)
{
	struct fixture *f = *state;
	struct err err;

	assert_int_equal(reserve_make(f->reserve, &err), 0);
	reserve_free(f->reserve);
	assert_true(exists(f->file));
	f->reserve = reserve_new(f->store);
	assert_true(reserve_spend(f->reserve));
	assert_false(exists(f->file));
}

static void
a_file_that_is_not_whole_is_made_whole(void **state)
{
	static const struct {
		const char *says;
		off_t size;
		bool real;
	} cases[] = {
		{ "empty, from a crash", 0, true },
		{ "a part", 3 * MIB, true },
		{ "all of its size, none of its blocks", RESERVE_BYTES, false },
	};
	struct fixture *f = *state;
	struct err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].says);
		if (cases[i].size > 0)
			make_file(f->file, cases[i].size, cases[i].real);
		else
			make_file(f->file, 0, false);
		assert_int_equal(reserve_make(f->reserve, &err), 0);
		assert_whole(f);
	}
}

/* Behind our back. */
static void
one_that_was_removed_is_made_again(void **state)
{
	struct fixture *f = *state;
	struct err err;

	assert_int_equal(reserve_make(f->reserve, &err), 0);
	assert_int_equal(unlink(f->file), 0);
	assert_false(reserve_spend(f->reserve));
	assert_int_equal(reserve_make(f->reserve, &err), 0);
	assert_whole(f);
}

static void
what_is_no_file_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	struct err err;

	make_file(f->filler, 10, false);
	assert_int_equal(symlink(f->filler, f->file), 0);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_false(reserve_stands(f->reserve));
	assert_int_equal(stat(f->filler, &st), 0);
	assert_int_equal(st.st_size, 10);	/* not what it points to */
	assert_int_equal(unlink(f->file), 0);
	assert_int_equal(unlink(f->filler), 0);

	assert_int_equal(mkfifo(f->file, 0600), 0);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_non_null(strstr(err.msg, "not a regular file"));
	assert_true(exists(f->file));
	assert_int_equal(unlink(f->file), 0);

	assert_int_equal(mkdir(f->file, 0700), 0);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_non_null(strstr(err.msg, f->file));
	assert_false(reserve_spend(f->reserve));
	assert_true(exists(f->file));
}

static void
without_a_folder_it_says_where(void **state)
{
	struct fixture *f = *state;
	struct reserve *r = reserve_new("/nonexistent/store.db");
	struct err err;

	(void)f;
	assert_non_null(r);
	assert_int_equal(reserve_make(r, &err), -1);
	assert_non_null(strstr(err.msg, "/nonexistent/store.db.reserve"));
	assert_false(reserve_spend(r));
	reserve_free(r);
}

/* From where we are; and one that is no file's name at all. */
static void
any_way_to_name_the_store_will_do(void **state)
{
	struct fixture *f = *state;
	char before[512];
	struct reserve *r;
	struct err err;

	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(f->dir), 0);
	r = reserve_new("store.db");
	assert_int_equal(reserve_make(r, &err), 0);
	assert_true(exists(f->file));
	assert_true(reserve_spend(r));
	assert_false(exists(f->file));
	reserve_free(r);
	assert_int_equal(chdir(before), 0);
	r = reserve_new("/no-such-folder.db/");
	assert_int_equal(reserve_make(r, &err), -1);
	reserve_free(r);
}

/* As a quota does: statvfs knows of room that the file does not get. */
static void
half_a_file_is_not_left_behind(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct rlimit limit, low;
	struct fixture *f = *state;
	struct err err;
	int result;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(sigaction(SIGXFSZ, &ignore, &before), 0);
	low = limit;
	low.rlim_cur = 6 * MIB;		/* enough for one, not for twice */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	result = reserve_make(f->reserve, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(sigaction(SIGXFSZ, &before, NULL), 0);
	assert_int_equal(result, -1);
	assert_false(reserve_stands(f->reserve));
	assert_false(exists(f->file));
	assert_int_equal(reserve_make(f->reserve, &err), 0);
}

static uint64_t
free_bytes(const struct fixture *f)
{
	struct statvfs fs;

	assert_int_equal(statvfs(f->dir, &fs), 0);
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

static void
it_takes_the_last_room_from_nobody(void **state)
{
	struct fixture *f = *state;
	char before[sizeof(((struct err *)NULL)->msg)];
	struct err err;

	if (!f->mounted)
		skip();
	/* Room for one and a half: what is written next would find none. */
	make_file(f->filler, (DISK_MIB - 6) * MIB, true);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_non_null(strstr(err.msg, "free room there until it has 8 MiB"));
	snprintf(before, sizeof(before), "%s", err.msg);
	assert_false(exists(f->file));
	assert_int_equal(free_bytes(f), 6 * MIB);
	/* Who told it and who tells it now say the same. */
	make_file(f->filler, (DISK_MIB - 5) * MIB, true);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_string_equal(err.msg, before);
	/* Room for twice: half of it stays. */
	make_file(f->filler, (DISK_MIB - 9) * MIB, true);
	assert_int_equal(reserve_make(f->reserve, &err), 0);
	assert_whole(f);
	assert_true(free_bytes(f) >= RESERVE_BYTES);
}

/* Nobody is asked to free more than there is. */
static void
a_disk_that_is_too_small_is_called_so(void **state)
{
	struct fixture *f = *state;
	struct err err;

	if (!f->mounted)
		skip();
	make_file(f->filler, 1 * MIB, true);
	make_file(f->store, (DISK_MIB - 8) * MIB, true);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_non_null(strstr(err.msg, "free room there until it has 8 MiB"));
	make_file(f->store, (DISK_MIB - 7) * MIB, true);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_null(strstr(err.msg, "free room"));
	assert_non_null(strstr(err.msg, "is too small, where 8 MiB must be"));
	assert_int_equal(unlink(f->store), 0);
	assert_int_equal(mount("none", f->dir, "tmpfs", MS_REMOUNT,
	    "size=6m"), 0);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_non_null(strstr(err.msg, "its disk of 6144 KiB is too small"));
}

static void
what_stands_stays_on_a_full_disk_and_is_room_when_spent(void **state)
{
	struct fixture *f = *state;
	struct err err;

	if (!f->mounted)
		skip();
	assert_int_equal(reserve_make(f->reserve, &err), 0);
	make_file(f->filler, (off_t)free_bytes(f), true);
	assert_int_equal(free_bytes(f), 0);
	assert_int_equal(reserve_make(f->reserve, &err), 0);
	assert_whole(f);
	assert_true(reserve_spend(f->reserve));
	assert_int_equal(free_bytes(f), RESERVE_BYTES);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_int_equal(free_bytes(f), RESERVE_BYTES);
}

static void
on_a_read_only_disk_it_says_what_helps(void **state)
{
	struct fixture *f = *state;
	struct err err;

	if (!f->mounted)
		skip();
	assert_int_equal(mount("none", f->dir, NULL, MS_REMOUNT | MS_RDONLY,
	    NULL), 0);
	assert_int_equal(reserve_make(f->reserve, &err), -1);
	assert_non_null(strstr(err.msg, "for writing"));
	assert_int_equal(mount("none", f->dir, NULL, MS_REMOUNT, NULL), 0);
	assert_int_equal(reserve_make(f->reserve, &err), 0);
	assert_int_equal(mount("none", f->dir, NULL, MS_REMOUNT | MS_RDONLY,
	    NULL), 0);
	assert_false(reserve_spend(f->reserve));	/* it cannot */
	assert_true(exists(f->file));
}

#define TEST(name)							\
	cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_ON_DISK(name)						\
	cmocka_unit_test_setup_teardown(name, setup_disk, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_made_of_real_blocks_and_given_up_once),
		TEST(one_left_by_an_earlier_process_counts),
		TEST(a_file_that_is_not_whole_is_made_whole),
		TEST(one_that_was_removed_is_made_again),
		TEST(what_is_no_file_is_left_alone),
		TEST(without_a_folder_it_says_where),
		TEST(any_way_to_name_the_store_will_do),
		TEST(half_a_file_is_not_left_behind),
		TEST_ON_DISK(it_takes_the_last_room_from_nobody),
		TEST_ON_DISK(a_disk_that_is_too_small_is_called_so),
		TEST_ON_DISK(
		    what_stands_stays_on_a_full_disk_and_is_room_when_spent),
		TEST_ON_DISK(on_a_read_only_disk_it_says_what_helps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
