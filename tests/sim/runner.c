/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs scenarios, without a library but that of C, so that it can be built for any machine: a line
 * for each file with its verdict and hashes. With --explore N each N-th single fault of each file,
 * too. What machines and compilers print has to be the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/explore.h"

#define PAGE 4096

static struct sim_file file; /* too large for a stack, as the bench is */
static struct sim_bench bench;
static char text[NVME_INI_BYTES_MAX];
static char says[8192];

static void *new_memory(size_t bytes)
{
	void *memory = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);

	if (!memory) {
		fprintf(stderr, "runner: no memory for %zu bytes\n", bytes);
		exit(3);
	}
	return memory;
}

static void load(const char *path)
{
	FILE *in = fopen(path, "rb");
	struct nvme_ini_error error;
	size_t bytes;

	if (!in) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(3);
	}
	bytes = fread(text, 1, sizeof(text), in);
	fclose(in);
	if (sim_file_load(&file, text, bytes, &error) != NVME_INI_OK) {
		fprintf(stderr, "%s:%u: %s\n", path, error.line, error.message);
		exit(2);
	}
}

/* The file's name without its folders: where the tree is does not matter. */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void print_result(const char *name, const struct sim_file *of,
			 const struct sim_result *result)
{
	struct nvme_text sentences;
	int verdict;

	nvme_text_init(&sentences, says, sizeof(says));
	verdict = (int)sim_judge(of, result, &sentences);
	says[strcspn(says, "\n")] = '\0';
	printf("%s %d %016llx %016llx%s%s\n", name, verdict, (unsigned long long)result->hash[0],
	       (unsigned long long)result->hash[1], says[0] ? " " : "", says);
}

static void run_file(const char *path)
{
	void *memory = new_memory(sim_memory_bytes(&file));
	struct sim_result result;

	sim_run(&file, memory, NULL, &result);
	free(memory);
	print_result(name_of(path), &file, &result);
}

static void explore_file(const char *path, unsigned long step)
{
	struct sim_plan plan;
	struct sim_result result;
	char name[512];

	bench.memory = new_memory(sim_plan_bytes(&file, &bench.work));
	sim_plan_make(&plan, &file, SIM_SPACE_SINGLE, 0, &bench);
	for (uint64_t number = 0; number < plan.cases; number += step) {
		sim_plan_case(&plan, number, &bench);
		sim_run(&bench.work, bench.memory, NULL, &result);
		snprintf(name, sizeof(name), "%s #%llu", name_of(path), (unsigned long long)number);
		print_result(name, &bench.work, &result);
	}
	free(bench.memory);
}

int main(int argc, char **argv)
{
	unsigned long step = 0;
	int first = 1;

	if (argc > 2 && strcmp(argv[1], "--explore") == 0) {
		step = strtoul(argv[2], NULL, 10);
		first = 3;
	}
	if (first >= argc) {
		fprintf(stderr, "usage: runner [--explore N] FILE...\n");
		return 2;
	}
	for (int i = first; i < argc; i++) {
		load(argv[i]);
		if (step)
			explore_file(argv[i], step);
		else
			run_file(argv[i]);
	}
	return 0;
}
