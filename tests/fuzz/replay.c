/* SPDX-License-Identifier: ISC */
/*
 * Gives a fuzz target the files of its corpus, once each, without libFuzzer:
 * what was found by fuzzing stays found in every `make check`. Arguments are
 * files and folders; each is a TAP line. A target that fails ends the process.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { FILE_MAX = 16 << 20 };

/* False when it cannot be read whole. */
static bool
replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc(FILE_MAX);
	size_t n = 0;
	bool good = false;

	if (f == NULL || bytes == NULL)
		goto out;
	n = fread(bytes, 1, FILE_MAX, f);
	if (ferror(f) || !feof(f))
		goto out;
	/* Its own size, so that the sanitizers see a step past its end. */
	if (n > 0) {
		uint8_t *exact = realloc(bytes, n);

		bytes = exact != NULL ? exact : bytes;
	}
	(void)LLVMFuzzerTestOneInput(bytes, n);		/* always 0 */
	good = true;
out:
	free(bytes);
	if (f != NULL && fclose(f) != 0)
		good = false;
	return good;
}

/* How many files were replayed; -1 when one could not be read. */
static int
replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	char below[4096];
	int n = 0;

	if (dir == NULL)
		return -1;
	while (n >= 0 && (e = readdir(dir)) != NULL) {
		int length;

		if (e->d_name[0] == '.')
			continue;
		length = snprintf(below, sizeof(below), "%s/%s", path,
		    e->d_name);
		if (length < 0 || (size_t)length >= sizeof(below) ||
		    !replay_file(below))
			n = -1;
		else
			n++;
	}
	if (closedir(dir) != 0)
		return -1;
	return n;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		struct stat st;
		int n = -1;

		if (stat(argv[i], &st) == 0)
			n = S_ISDIR(st.st_mode) ? replay_folder(argv[i]) :
			    replay_file(argv[i]) ? 1 : -1;
		/* An empty folder has tested nothing. */
		failed += n <= 0;
		printf("%sok %d - %s: %d files\n", n > 0 ? "" : "not ", i,
		    argv[i], n > 0 ? n : 0);
		if (fflush(stdout) != 0)
			failed++;
	}
	return failed > 0;
}
