/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * make bench: how fast the simulator is, with all oracles and both sides' records.
 *
 *	simulator SECONDS FILE...	each figure is measured for so long; FILE: the library
 *	simulator --count BYTES		some commands of BYTES, for counting instructions
 *					(cost.sh); prints how many, and the compiler
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/cli/memory.h"
#include "tests/sim/explore.h"

#define PAGE	 4096u
#define COMMANDS 32768u
#define SHARES	 13u /* of an exploration: prime, so that each has all kinds of cases */
#define MIXED	 "[workload]\npattern = mixed\nops = 32768\nqueue_depth = 16\nblocks = "
#define ONE	 "[workload]\npattern = read\nops = 1\n"
#define HANG                                                                            \
	"[fault hang]\nat = cmd.execute\nwhen = q == 1\nnth = 1\ndo = hang\n[expect]\n" \
	"driver.timeouts = 1\n"

static struct sim_file *library;
static unsigned int library_files;
static struct sim_file file; /* too large for a stack, as the bench is */
static struct sim_bench bench;
static struct sim_result result;
static char says[8192];
static void *memory;
static size_t memory_bytes;
static double seconds;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "simulator: %s: %s\n", what, why);
	exit(3);
}

/* Of this process alone, which waits for nothing: others that work on the machine matter little. */
static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void need_memory(size_t bytes)
{
	if (bytes <= memory_bytes)
		return;
	free(memory);
	memory_bytes = (bytes + PAGE - 1) / PAGE * PAGE;
	memory = aligned_alloc(PAGE, memory_bytes);
	if (!memory)
		fail("memory", strerror(ENOMEM));
}

static void load(struct sim_file *to, const char *name, const char *text, size_t bytes)
{
	struct nvme_ini_error error;

	if (sim_file_load(to, text, bytes, &error) != NVME_INI_OK)
		fail(name, error.message);
	need_memory(sim_memory_bytes(to));
}

static void load_text(const char *group, const char *value)
{
	char text[512];
	int bytes = snprintf(text, sizeof(text), "[scenario]\nformat = 1\n%s%s\n", group, value);

	load(&file, "scenario", text, (size_t)bytes);
}

static void load_library(char **paths, unsigned int count)
{
	static char text[NVME_INI_BYTES_MAX];

	library = calloc(count, sizeof(*library));
	if (!library)
		fail("memory", strerror(ENOMEM));
	for (; library_files < count; library_files++) {
		FILE *in = fopen(paths[library_files], "rb");

		if (!in)
			fail(paths[library_files], strerror(errno));
		load(&library[library_files], paths[library_files], text,
		     fread(text, 1, sizeof(text), in));
		fclose(in);
	}
}

static void judge(const struct sim_file *of)
{
	struct nvme_text text;

	nvme_text_init(&text, says, sizeof(says));
	if (sim_judge(of, &result, &text) != SIM_PASS)
		fail("a run failed", says);
}

static void run(const struct sim_file *of)
{
	sim_run(of, memory, NULL, &result);
	judge(of);
}

/* Seconds of one run of the scenario in @file, in the mean of as many as fit. */
static double time_of_run(void)
{
	double start = now(), end = start;
	unsigned int runs = 0;

	for (; end - start < seconds; end = now(), runs++)
		run(&file);
	return (end - start) / runs;
}

static void measure_commands(const char *blocks, unsigned int bytes)
{
	double rate;

	load_text(MIXED, blocks);
	rate = COMMANDS / time_of_run();
	printf("%-52s %12.0f\n",
	       bytes == 512 ? "commands, mixed, 512 bytes, depth 16"
			    : "commands, mixed, 4096 bytes, depth 16",
	       rate);
}

static void measure_library(void)
{
	double start = now(), end = start, virtual = 0;
	unsigned int runs = 0;

	for (; end - start < seconds; end = now()) {
		for (unsigned int i = 0; i < library_files; i++, runs++) {
			run(&library[i]);
			virtual += (double)result.counter[SIM_TIME_MS] / 1e3;
		}
	}
	printf("%-52s %12.0f\n", "scenarios of the library", runs / (end - start));
	printf("%-52s %12.0f\n", "virtual seconds, of the library", virtual / (end - start));
}

static void measure_virtual(void)
{
	load_text("[controller]\nservice_time = 80us\n" MIXED, "8");
	run(&file);
	printf("%-52s %12.1f\n", "virtual seconds, 4096 bytes, 80 us each, depth 16",
	       (double)result.counter[SIM_TIME_MS] / 1e3 / time_of_run());
}

static void measure_timeout(void)
{
	double alone, hung;

	load_text(ONE, "");
	alone = time_of_run();
	load_text(ONE, HANG);
	hung = time_of_run();
	printf("%-52s %12.1f us, of %.0f us with start and shutdown\n",
	       "a timeout of 30 s, with abort and retry", (hung - alone) * 1e6, hung * 1e6);
}

/* In the order in which the cases branch off; Return: how many there are. */
static uint64_t run_share(const struct sim_plan *plan, uint64_t share)
{
	uint64_t cases = 0;

	for (uint32_t note = 0; note < bench.trunk.notes; note++) {
		for (uint64_t number = share; number < plan->cases; number += SHARES) {
			if (sim_plan_note(plan, number, &bench) != note)
				continue;
			sim_plan_run(plan, number, &bench, &result);
			judge(&bench.work);
			cases++;
		}
	}
	return cases;
}

static void measure_exploration(void)
{
	struct sim_arena *arena;
	struct sim_plan plan;
	double start, end;
	uint64_t share = 0, cases = 0;

	load_text("", "");
	arena = sim_arena_new(sim_plan_bytes(&file, &bench.work), NULL);
	if (!arena)
		fail("memory", strerror(ENOMEM));
	bench.memory = sim_arena_memory(arena);
	bench.snapshots = sim_arena_snapshots(arena);
	sim_plan_make(&plan, &file, SIM_SPACE_SINGLE, 0, &bench);
	start = end = now();
	for (; end - start < seconds; end = now(), share = (share + 1) % SHARES)
		cases += run_share(&plan, share);
	printf("%-52s %12.0f, of %llu\n", "cases of exploration, single faults",
	       (double)cases / (end - start), (unsigned long long)plan.cases);
	sim_arena_free(arena);
}

static int count_commands(unsigned long bytes)
{
	load_text(MIXED, bytes == 512 ? "1" : "8");
	run(&file);
#ifdef __clang__
	printf("%u clang-%d\n", COMMANDS, __clang_major__);
#else
	printf("%u gcc-%d\n", COMMANDS, __GNUC__);
#endif
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--count") == 0 &&
	    (strcmp(argv[2], "512") == 0 || strcmp(argv[2], "4096") == 0))
		return count_commands(strtoul(argv[2], NULL, 10));
	seconds = argc > 2 ? strtod(argv[1], NULL) : 0;
	if (seconds < 0.01 || seconds > 60) {
		fprintf(stderr, "usage: simulator SECONDS FILE... (0.01..60) | --count 512|4096\n");
		return 2;
	}
	load_library(argv + 2, (unsigned int)argc - 2);
	printf("\nThe simulator, all oracles and both sides' records, a second of one "
	       "processor:\n");
	measure_commands("1", 512);
	measure_commands("8", 4096);
	measure_virtual();
	measure_library();
	measure_exploration();
	measure_timeout();
	free(library);
	free(memory);
	return 0;
}
