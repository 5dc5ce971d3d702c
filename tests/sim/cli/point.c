/* SPDX-License-Identifier: BSD-3-Clause */
/* A test point: one scenario with one seed, run twice. */
#include "tests/sim/cli/point.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "tests/sim/cli/memory.h"
#include "tests/sim/cli/record.h"

#define PAGE 4096 /* what sim_run() wants its memory aligned to */

const char *sim_verdict_text(uint32_t verdict)
{
	switch (verdict) {
	case SIM_PASS:
		return "as it should be";
	case SIM_FAIL:
		return "an oracle failed";
	case SIM_NOT_DETERMINISTIC:
		return "not deterministic";
	case SIM_NEVER_FIRED:
		return "a rule never fired";
	case SIM_EXPECTATION_MISSED:
		return "an expectation was missed";
	default:
		return "?";
	}
}

char *sim_point_name(const struct sim_point *point)
{
	const char *title = point->file->scenario.title;
	g_autofree char *seed = point->seeded ? g_strdup_printf(" (seed 0x%" G_GINT64_MODIFIER "x)",
								point->seed)
					      : g_strdup("");

	return g_strconcat(point->path, seed, title[0] ? ": " : "", title, NULL);
}

char *sim_point_repeat(const struct sim_point *point)
{
	g_autofree char *path = g_shell_quote(point->path);

	return g_strdup_printf("nvmelab-sim run --seed 0x%" G_GINT64_MODIFIER "x %s", point->seed,
			       path);
}

/* The smaller exit code is the weightier one. */
static void add_verdict(struct sim_outcome *outcome, uint32_t verdict)
{
	if (outcome->verdict == SIM_PASS || (verdict != SIM_PASS && verdict < outcome->verdict))
		outcome->verdict = verdict;
}

static void compare_runs(struct sim_outcome *outcome, const struct sim_result *again,
			 struct nvme_text *says)
{
	const struct sim_result *first = &outcome->result;

	for (unsigned int side = 0; side < 2; side++) {
		if (first->hash[side] == again->hash[side] &&
		    first->records[side] == again->records[side])
			continue;
		add_verdict(outcome, SIM_NOT_DETERMINISTIC);
		nvme_text_add(says, "the ");
		nvme_text_add(says, nvme_trace_side_name(side));
		nvme_text_add(says, " side differs between two runs: ");
		nvme_text_u64(says, first->records[side]);
		nvme_text_add(says, " records with hash ");
		nvme_text_hex(says, first->hash[side]);
		nvme_text_add(says, ", then ");
		nvme_text_u64(says, again->records[side]);
		nvme_text_add(says, " with ");
		nvme_text_hex(says, again->hash[side]);
		nvme_text_char(says, '\n');
	}
}

/*
 * The second run is at another address, in memory that the first one has used: what depends on
 * either shows in the records.
 */
static void run_twice(const struct sim_file *file, char *memory, const struct sim_options *options,
		      struct sim_outcome *outcome)
{
	struct sim_result again;
	struct nvme_text says;

	nvme_text_init(&says, outcome->says, sizeof(outcome->says));
	sim_run(file, memory, options, &outcome->result);
	sim_run(file, memory + PAGE, NULL, &again);
	add_verdict(outcome, sim_judge(file, &outcome->result, &says));
	compare_runs(outcome, &again, &says);
}

static int run_traced(const struct sim_file *file, char *memory, const char *path,
		      struct sim_outcome *outcome)
{
	struct sim_options options;
	struct sim_record_file *trace = path ? sim_record_open(path, &options) : NULL;

	if (path && !trace)
		return errno;
	run_twice(file, memory, trace ? &options : NULL, outcome);
	return sim_record_close(trace);
}

void sim_point_run(const struct sim_point *point, struct sim_outcome *ret_outcome)
{
	g_autofree struct sim_file *file = g_memdup2(point->file, sizeof(*file));
	size_t bytes = sim_memory_bytes(file) + PAGE;
	char *memory = sim_memory_new(bytes, NULL);

	memset(ret_outcome, 0, sizeof(*ret_outcome));
	if (!memory) {
		ret_outcome->failure = ENOMEM;
		return;
	}
	file->scenario.seed = point->seed;
	ret_outcome->failure = run_traced(file, memory, point->trace, ret_outcome);
	sim_memory_free(memory, bytes);
}
