/* SPDX-License-Identifier: BSD-3-Clause */
/* A replay begins: whether the trace can be replayed, and the controller that it is of. */
#include <errno.h>
#include <stdlib.h>

#include "driver/cli/error.h"
#include "emulator/device/scenario.h"
#include "tests/sim/cli/replay_parts.h"

#define TRANSFER_BYTES (64u << 20) /* of one record of data that may have to be made up */
#define REQUESTS_EXTRA 64u /* of each controller, beyond max_requests: admin and internal ones */
#define ERROR_BYTES    4096u

/* Bounds of an argument: what a controller can have recorded, and what is not an accident. */
struct bound {
	unsigned int event;
	unsigned int arg;
	uint64_t least;
	uint64_t most;
};

static const struct bound bounds[] = {
	/* clang-format off */
	{ NVME_TRACE_REG_READ,    1, 1, SIM_REPLAY_ACCESS_BYTES },
	{ NVME_TRACE_REG_WRITE,   1, 4, 8 },
	{ NVME_TRACE_REG_REFUSED, 1, 0, SIM_REPLAY_ACCESS_BYTES },
	{ NVME_TRACE_MSIX_READ,   1, 1, SIM_REPLAY_ACCESS_BYTES },
	{ NVME_TRACE_MSIX_WRITE,  1, 4, 8 },
	{ NVME_TRACE_CFG_READ,    1, 1, SIM_REPLAY_ACCESS_BYTES },
	{ NVME_TRACE_CFG_WRITE,   1, 1, 8 },
	{ NVME_TRACE_SQ_DOORBELL, 0, 0, UINT16_MAX },
	{ NVME_TRACE_SQ_DOORBELL, 2, 0, UINT16_MAX },
	{ NVME_TRACE_CQ_DOORBELL, 0, 0, UINT16_MAX },
	{ NVME_TRACE_CQ_DOORBELL, 2, 0, UINT16_MAX },
	{ NVME_TRACE_DB_REFUSED,  0, 0, UINT16_MAX },
	{ NVME_TRACE_DB_REFUSED,  1, 0, 1 },
	{ NVME_TRACE_DB_REFUSED,  2, 0, UINT16_MAX },
	{ NVME_TRACE_XFER_IN,     2, 0, TRANSFER_BYTES },
	{ NVME_TRACE_MEDIA_DONE,  2, 0, 4095 },
	{ NVME_TRACE_CTRL_RESET,  0, 0, EMU_RESET_POWER },
	/* clang-format on */
};

#define CHANGED "what it changes there is in the trace as it was changed"
#define MADE_UP "of what it changes there the trace has only checksums (key trace_data)"

/*
 * What rules do to what the host has done, of which the trace has only what came of it: done once
 * more to that, it would be something else. And what they do to data that may be made up.
 */
static const struct lost {
	uint8_t site;
	uint8_t kind;
	bool made_up;
} losts[] = {
	/* clang-format off */
	{ NVME_SITE_DB_WRITE,    NVME_DO_DROP,   false },
	{ NVME_SITE_DB_WRITE,    NVME_DO_ASSIGN, false },
	{ NVME_SITE_SQE_FETCH,   NVME_DO_ASSIGN, false },
	{ NVME_SITE_XFER_IN,     NVME_DO_FLIP,   false },
	{ NVME_SITE_XFER_IN,     NVME_DO_PUT,    true },
	{ NVME_SITE_XFER_IN,     NVME_DO_SHORT,  true },
	{ NVME_SITE_XFER_OUT,    NVME_DO_PUT,    true },
	{ NVME_SITE_XFER_OUT,    NVME_DO_SHORT,  true },
	{ NVME_SITE_MEDIA_WRITE, NVME_DO_TORN,   true },
	/* clang-format on */
};

static bool has_action(const struct nvme_fault_rule *rule, uint8_t kind)
{
	for (unsigned int i = 0; i < rule->actions; i++) {
		if (rule->action[i].kind == kind)
			return true;
	}
	return false;
}

/* Why a rule cannot be replayed; NULL: it can. */
static const char *find_lost(const struct sim_replay *replay, const struct nvme_fault_rule *rule)
{
	for (unsigned int i = 0; i < G_N_ELEMENTS(losts); i++) {
		const struct lost *lost = &losts[i];

		if (rule->site == lost->site && has_action(rule, lost->kind) &&
		    !(lost->made_up && replay->config.trace_data))
			return lost->made_up ? MADE_UP : CHANGED;
	}
	return NULL;
}

static bool check_rules(const struct sim_replay *replay, GError **error)
{
	const struct nvme_fault_set *set = emu_fault_set(replay->core);

	for (uint32_t i = 0; set && i < set->count; i++) {
		const struct nvme_fault_rule *rule = &set->rule[i];
		const char *why = find_lost(replay, rule);

		if (why)
			return cli_fail(error, CLI_EXIT_USAGE,
					"%s:1: \"setup\": [fault %s] at %s cannot be replayed: %s",
					replay->name, rule->name, nvme_fault_site_name(rule->site),
					why);
	}
	return true;
}

static bool check_bounds(const struct cli_record *record, const char *name, GError **error)
{
	struct nvme_trace_arg args[NVME_TRACE_ARGS];

	nvme_trace_args(record->event, args);
	for (unsigned int i = 0; i < G_N_ELEMENTS(bounds); i++) {
		const struct bound *bound = &bounds[i];
		uint64_t value = record->args[bound->arg];

		if (bound->event == record->event && (value < bound->least || value > bound->most))
			return cli_fail(error, CLI_EXIT_USAGE,
					"%s:%u: %s: \"%s\" is %" G_GUINT64_FORMAT
					"; allowed: %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
					name, record->line, nvme_trace_name(record->event),
					args[bound->arg].name, value, bound->least, bound->most);
	}
	return true;
}

/* Rules are in the header, or the host has injected them; others came while the emulator ran. */
static bool has_rules(const struct sim_replay *replay, const struct cli_record *record)
{
	const struct nvme_fault_set *set = emu_fault_set(replay->core);
	const char *host = "ocp.";

	return (set && set->count > 0) || (record->data_bytes >= strlen(host) &&
					   memcmp(record->data, host, strlen(host)) == 0);
}

/* What of a recording a trace does not have. */
static const char *find_missing(const struct sim_replay *replay, const struct cli_record *record)
{
	switch (record->event) {
	case NVME_TRACE_STATE_LOAD:
	case NVME_TRACE_STATE_SAVE:
		return "the emulator had a state file (--state)";
	case NVME_TRACE_FAULT:
		return has_rules(replay, record) ? NULL
						 : "rules of faults were loaded from outside";
	case NVME_TRACE_ANA_STATE:
		return "ANA states were set from outside";
	default:
		return NULL;
	}
}

static bool check_record(const struct sim_replay *replay, const struct cli_record *record,
			 GError **error)
{
	const char *missing = find_missing(replay, record);

	if (record->ctrl >= replay->config.controllers)
		return cli_fail(error, CLI_EXIT_USAGE,
				"%s:%u: \"ctrl\" is %u, and the subsystem has %u controllers",
				replay->name, record->line, record->ctrl,
				replay->config.controllers);
	if (record->time_nsec > EMU_TIME_MAX)
		return cli_fail(error, CLI_EXIT_USAGE, "%s:%u: \"time\" is beyond 292 years",
				replay->name, record->line);
	if (missing)
		return cli_fail(error, CLI_EXIT_USAGE,
				"%s:%u: cannot be replayed: %s, and the trace does not say how",
				replay->name, record->line, missing);
	if (record->event == NVME_TRACE_IRQ_RAISE &&
	    record->args[0] >= emu_layout_of(replay->core)->vectors)
		return cli_fail(error, CLI_EXIT_USAGE,
				"%s:%u: irq.raise: \"vector\" is %" G_GUINT64_FORMAT
				"; the controller has %u",
				replay->name, record->line, record->args[0],
				emu_layout_of(replay->core)->vectors);
	return check_bounds(record, replay->name, error);
}

static bool check_records(const struct sim_replay *replay, GError **error)
{
	const struct cli_record *record;

	for (unsigned int i = 0; (record = cli_trace_record(replay->trace, i)) != NULL; i++) {
		if (!check_record(replay, record, error))
			return false;
	}
	return true;
}

/* Host memory that a host writes without anybody seeing it is in no trace. */
static bool check_config(const struct sim_replay *replay, GError **error)
{
	if (replay->config.cmb || replay->config.pmr)
		return cli_fail(
			error, CLI_EXIT_USAGE,
			"%s:1: \"setup\": cannot be replayed with the keys cmb and pmr: what "
			"a host writes there is in no trace",
			replay->name);
	return true;
}

/* The media are memory, whatever they were. */
static int open_media(struct sim_replay *replay, const struct emu_scenario *scenario,
		      struct nvme_text *why)
{
	unsigned int count = 0;
	const struct emu_ns_spec *given = emu_scenario_namespaces(scenario, &count);
	g_autofree struct emu_ns_spec *specs = g_new0(struct emu_ns_spec, count + 1);
	struct emu_backend_host *host = &replay->media.host;

	for (unsigned int i = 0; i < count; i++) {
		specs[i] = given[i];
		specs[i].file[0] = '\0';
		specs[i].nbd[0] = '\0';
		specs[i].cache_bytes = 0;
	}
	host->tables = replay->tables;
	host->event_fd = -1;
	host->epoll_fd = -1;
	host->requests = replay->config.controllers *
			 (replay->config.max_requests + REQUESTS_EXTRA);
	host->synchronous = true;
	return emu_media_table_init(&replay->media, replay->config.nn, NULL, why) ||
	       emu_media_table_open(&replay->media, &replay->config, specs, count, why);
}

static bool make_core(struct sim_replay *replay, const struct emu_scenario *scenario,
		      struct nvme_text *why)
{
	const struct emu_ops ops = sim_replay_ops(replay);

	replay->tables = g_new0(struct emu_dma_table, replay->config.controllers);
	replay->own = g_new0(struct sim_replay_own, replay->config.controllers);
	for (uint32_t i = 0; i < replay->config.controllers; i++)
		emu_dma_init(&replay->tables[i]);
	if (emu_config_check(&replay->config, why) || open_media(replay, scenario, why) ||
	    emu_config_check(&replay->config, why))
		return false;
	replay->block = aligned_alloc(64, emu_size(&replay->config));
	if (!replay->block) {
		nvme_text_add(why, "no memory");
		return false;
	}
	replay->core = emu_init(replay->block, &replay->config, &ops);
	return emu_scenario_load(scenario, replay->core, replay->config.seed, why) == 0;
}

static bool set_up(struct sim_replay *replay, GError **error)
{
	const struct cli_trace *trace = replay->trace;
	struct emu_scenario *scenario = NULL;
	char sentence[ERROR_BYTES];
	struct nvme_text why;
	bool made = false;

	if (trace->side != NVME_TRACE_CONTROLLER || !trace->setup)
		return cli_fail(
			error, CLI_EXIT_USAGE,
			"%s:1: not a trace of nvmelab-emulator: the first line has no \"setup\"",
			replay->name);
	nvme_text_init(&why, sentence, sizeof(sentence));
	emu_config_init(&replay->config);
	if (emu_scenario_parse("\"setup\"", trace->setup, strlen(trace->setup), &replay->config,
			       &scenario, &why) == 0) {
		replay->config.controllers = trace->controllers;
		made = check_config(replay, error) && make_core(replay, scenario, &why);
	}
	emu_scenario_free(scenario);
	if (!made && (!error || !*error))
		cli_fail(error, CLI_EXIT_USAGE, "%s:1: %s", replay->name, sentence);
	return made;
}

struct sim_replay *sim_replay_new(const struct cli_trace *trace, const char *name, GError **error)
{
	struct sim_replay *replay = g_new0(struct sim_replay, 1);

	replay->trace = trace;
	replay->name = name;
	replay->chunks = g_ptr_array_new_with_free_func(free);
	replay->pending = g_array_new(FALSE, FALSE, sizeof(struct sim_replay_pending));
	replay->marks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	replay->other = cli_trace_new(NVME_TRACE_CONTROLLER);
	if (set_up(replay, error) && check_rules(replay, error) && check_records(replay, error))
		return replay;
	sim_replay_free(replay);
	return NULL;
}

void sim_replay_free(struct sim_replay *replay)
{
	if (!replay)
		return;
	if (replay->media.by_nsid)
		emu_media_table_done(&replay->media);
	for (uint32_t i = 0; replay->tables && i < replay->config.controllers; i++)
		emu_dma_done(&replay->tables[i]);
	g_free(replay->tables);
	g_free(replay->own);
	g_free(replay->feed.made);
	g_array_free(replay->pending, TRUE);
	g_hash_table_unref(replay->marks);
	g_ptr_array_unref(replay->chunks);
	cli_trace_free(replay->other);
	free(replay->block);
	g_free(replay);
}
