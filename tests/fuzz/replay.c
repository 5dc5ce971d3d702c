/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The main function of a fuzz target that is built without libFuzzer: runs inputs once and prints
 * TAP, so that whatever a fuzzer found stays a test. Inputs are the files named as arguments, or
 * else all of tests/fuzz/corpus/TARGET, TARGET being the program's name.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int failures;

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void report(int number, const char *path, const char *error)
{
	path = file_name(path);
	if (error) {
		failures++;
		printf("not ok %d - %s: %s\n", number, path, error);
	} else {
		printf("ok %d - %s\n", number, path);
	}
	fflush(stdout); /* The next input may end the process. */
}

/* The copy has the input's exact size, so that a sanitizer sees a read beyond it. */
static void replay(int number, const char *path)
{
	static uint8_t buffer[INPUT_BYTES_MAX];
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t size;

	if (!file) {
		report(number, path, strerror(errno));
		return;
	}
	size = fread(buffer, 1, sizeof(buffer), file);
	if (ferror(file) || !feof(file)) {
		report(number, path, "cannot be read, or is larger than 1 MiB");
		fclose(file);
		return;
	}
	fclose(file);
	data = malloc(size ? size : 1);
	if (!data) {
		report(number, path, "no memory");
		return;
	}
	memcpy(data, buffer, size);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	report(number, path, NULL);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_corpus(const char *program)
{
	const char *top = getenv("top_srcdir");
	struct dirent **entries;
	char folder[4096];
	char path[4096 + 256];
	int n;

	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", top ? top : ".",
		 file_name(program));
	n = scandir(folder, &entries, visible, alphasort);
	if (n <= 0) {
		printf("Bail out! no input in %s\n", folder);
		failures++;
		return 0;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		replay(i + 1, path);
		free(entries[i]);
	}
	free(entries);
	return n;
}

int main(int argc, char **argv)
{
	int n = argc - 1;

	for (int i = 1; i < argc; i++)
		replay(i, argv[i]);
	if (argc == 1)
		n = replay_corpus(argv[0]);
	printf("1..%d\n", n);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
