/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs that have their beginning in common: see trunk.h.
 *
 * A counter is a rule that never fires: its matches are the occurrences of its site. A branch has
 * to be what a run from the start is, so its rules get the matches that they would have, and all
 * sites were asked from the start: what a site marks when it is asked is there.
 */
#include "tests/sim/trunk.h"

#include "tests/sim/internal.h"

/* As far as there is room. */
static void add_counters(struct nvme_scenario *scenario)
{
	for (unsigned int site = 0; site < NVME_SITES; site++) {
		struct nvme_fault_rule *rule = &scenario->fault[scenario->faults];

		if (scenario->faults == NVME_SCENARIO_FAULTS)
			return;
		*rule = (struct nvme_fault_rule){ .site = (uint8_t)site, .nth = UINT64_MAX };
		scenario->faults++;
	}
}

/* How often each site was reached: the matches of the counters, which are behind @rules rules. */
static void look(const struct sim_trunk *trunk, uint32_t rules, uint64_t *ret_occurrences)
{
	const struct nvme_fault_set *set = emu_fault_set(trunk->world->emu);

	for (uint32_t site = 0; site < NVME_SITES; site++) {
		uint32_t index = rules + site;

		ret_occurrences[site] = index < set->count ? set->state[index].matches : 0;
	}
}

/* Go on with @rules, the first @kept of which are those that there were. */
static void change_rules(struct sim_trunk *trunk, const struct nvme_scenario *scenario,
			 uint32_t kept, const uint64_t *occurrences)
{
	const struct nvme_fault_set *set = emu_fault_set(trunk->world->emu);
	struct nvme_fault_state states[NVME_SCENARIO_FAULTS];

	for (uint32_t i = 0; i < scenario->faults; i++) {
		const struct nvme_fault_rule *rule = &scenario->fault[i];

		states[i] = (struct nvme_fault_state){ .armed = !rule->disarmed,
						       .matches = occurrences[rule->site] };
		if (i < kept)
			states[i] = set->state[i];
	}
	emu_fault_change(trunk->world->emu, scenario->fault, states, scenario->faults);
}

void sim_trunk_begin(struct sim_trunk *trunk, const struct sim_file *base, void *memory,
		     const struct sim_snapshots *snapshots)
{
	trunk->snapshots = snapshots;
	trunk->memory = memory;
	trunk->world = NULL;
	trunk->file = *base;
	trunk->file.emulator.faults = NVME_SCENARIO_FAULTS;
}

/* Back to the beginning, with the trunk's own rules. */
static void begin_again(struct sim_trunk *trunk)
{
	static const uint64_t none[NVME_SITES];

	trunk->turn = 0;
	trunk->kept = false;
	if (trunk->world && trunk->snapshots) {
		trunk->snapshots->restore(trunk->snapshots->arg, SIM_SNAPSHOT_BEGIN);
		change_rules(trunk, &trunk->file.scenario, 0, none);
		return;
	}
	trunk->world = sim_begin(&trunk->file, trunk->memory, NULL);
	if (trunk->snapshots)
		trunk->snapshots->keep(trunk->snapshots->arg, SIM_SNAPSHOT_BEGIN);
}

/* There is no room for all turns: each second note goes, and each second turn has none. */
static void thin_out(struct sim_trunk *trunk)
{
	for (uint32_t i = 1; i < SIM_NOTES / 2; i++)
		memcpy(trunk->reached[i], trunk->reached[(size_t)i * 2], sizeof(trunk->reached[i]));
	trunk->notes = SIM_NOTES / 2;
	trunk->stride *= 2;
}

static void take_note(struct sim_trunk *trunk)
{
	uint64_t occurrences[NVME_SITES];

	if (trunk->turn % trunk->stride != 0)
		return;
	if (trunk->notes == SIM_NOTES)
		thin_out(trunk);
	if (trunk->turn % trunk->stride != 0)
		return;
	look(trunk, trunk->rules, occurrences);
	for (unsigned int site = 0; site < NVME_SITES; site++)
		trunk->reached[trunk->notes][site] = (uint32_t)occurrences[site];
	trunk->notes++;
}

uint64_t sim_trunk_grow(struct sim_trunk *trunk, const struct sim_file *file,
			uint64_t *ret_occurrences)
{
	struct sim_result result;

	trunk->file.scenario = file->scenario;
	trunk->rules = file->scenario.faults;
	add_counters(&trunk->file.scenario);
	trunk->stride = 1;
	trunk->notes = 0;
	begin_again(trunk);
	do {
		take_note(trunk);
		trunk->turn++;
	} while (sim_turn(trunk->world));
	look(trunk, trunk->rules, ret_occurrences);
	sim_end(trunk->world, &result);
	trunk->turn = UINT64_MAX;
	return result.hash[NVME_TRACE_CONTROLLER];
}

uint32_t sim_trunk_note(const struct sim_trunk *trunk, unsigned int site, uint64_t occurrence)
{
	uint32_t low = 0, high = trunk->notes;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (trunk->reached[middle][site] <= occurrence)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Have the run at @turn, and a snapshot of that. */
static void go_to(struct sim_trunk *trunk, uint64_t turn)
{
	if (trunk->turn > turn)
		begin_again(trunk);
	if (trunk->kept && trunk->turn == turn)
		return;
	for (; trunk->turn < turn; trunk->turn++)
		sim_turn(trunk->world);
	trunk->snapshots->keep(trunk->snapshots->arg, SIM_SNAPSHOT_TURN);
	trunk->kept = true;
}

void sim_trunk_branch(struct sim_trunk *trunk, struct sim_file *file, uint32_t note,
		      uint64_t *ret_occurrences, struct sim_result *ret_result)
{
	struct nvme_scenario *scenario = &file->scenario;
	uint64_t occurrences[NVME_SITES];
	uint32_t rules = scenario->faults;

	go_to(trunk, note * trunk->stride);
	look(trunk, trunk->rules, occurrences);
	if (ret_occurrences)
		add_counters(scenario);
	change_rules(trunk, scenario, trunk->rules, occurrences);
	scenario->faults = rules;
	while (sim_turn(trunk->world))
		;
	if (ret_occurrences)
		look(trunk, rules, ret_occurrences);
	sim_end(trunk->world, ret_result);
	trunk->snapshots->restore(trunk->snapshots->arg, SIM_SNAPSHOT_TURN);
}
