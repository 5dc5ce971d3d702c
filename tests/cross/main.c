/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The selftest as a process: writes FOLDER/controller.trace and FOLDER/driver.trace, prints their
 * checksums. Exit status: 0; 1 something did not hold; 2 usage; 3 a file could not be written.
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/trace.h"
#include "tests/cross/selftest.h"

static int write_trace(const char *folder, unsigned int side)
{
	size_t bytes;
	const char *trace = th_selftest_trace(side, &bytes);
	char path[4096];
	FILE *file;
	int ok;

	snprintf(path, sizeof(path), "%s/%s.trace", folder, nvme_trace_side_name(side));
	file = fopen(path, "wb");
	if (!file) {
		perror(path);
		return 0;
	}
	ok = fwrite(trace, 1, bytes, file) == bytes;
	return fclose(file) == 0 && ok;
}

int main(int argc, char **argv)
{
	const char *failure;

	if (argc != 2) {
		fprintf(stderr, "usage: selftest FOLDER\n");
		return 2;
	}
	failure = th_selftest();
	for (unsigned int side = 0; side < 2; side++) {
		if (!write_trace(argv[1], side))
			return 3;
		printf("%s %016" PRIx64 "\n", nvme_trace_side_name(side), th_selftest_crc(side));
	}
	if (failure)
		fprintf(stderr, "%s\n", failure);
	return failure ? 1 : 0;
}
