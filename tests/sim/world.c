/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A run: power-on, start, work, shutdown. Everything that is due at a time happens at that time,
 * device first; then time jumps to the next thing that happens.
 */
#include "tests/sim/internal.h"

#define STAND_STILL 100000 /* turns without time passing, after which a run does not end */

/* What comes after a turn: another one, or the next phase, in time or because nothing moves. */
enum turn {
	TURN_NEXT,
	TURN_OVER,
	TURN_STUCK
};

static size_t aligned(size_t bytes)
{
	return (bytes + NVL_PAGE_BYTES - 1) / NVL_PAGE_BYTES * NVL_PAGE_BYTES;
}

/* The configuration of the controller in this run. */
static void prepare(const struct sim_file *file, struct emu_config *config)
{
	*config = file->emulator;
	config->seed = file->scenario.seed;
	if (config->faults < file->scenario.faults)
		config->faults = file->scenario.faults;
}

size_t sim_memory_bytes(const struct sim_file *file)
{
	size_t emulator, driver;
	struct emu_config config;

	prepare(file, &config);
	emulator = emu_size(&config);
	driver = nvl_size(&file->driver);
	if (emulator == 0 || driver == 0)
		return 0;
	driver = aligned(driver) + aligned(nvl_dma_size(&file->driver));
	return aligned(sizeof(struct sim_world)) + aligned(emulator) +
	       aligned(emu_judge_size(&config)) + config.controllers * driver +
	       aligned(sim_medium_bytes(file)) + aligned(sim_app_bytes(file)) +
	       aligned(sim_rows_bytes(file));
}

static void *take(uint8_t **at, size_t bytes)
{
	void *taken = *at;

	*at += aligned(bytes);
	return taken;
}

/* What the judge has to know of namespace @nsid is what it is now. */
static bool space_of(void *arg, uint32_t nsid, struct emu_ns_config *ret_ns)
{
	const struct sim_world *world = arg;
	bool created;

	return emu_namespace_of(world->emu, nsid, ret_ns, &created);
}

static struct emu_judge *build_judge(struct sim_world *world, const struct emu_config *config,
				     void *memory)
{
	const struct emu_judge_ops ops = {
		.arg = world,
		.found = sim_watch_judge,
		.ns = space_of,
	};

	return emu_judge_init(memory, config, &ops);
}

static void heard(void *arg, const struct nvl_event *event)
{
	struct sim_host *host = arg;

	sim_count(host->world, host->index, SIM_DRIVER_EVENTS, event->type == NVL_EVENT_ASYNC);
	sim_count(host->world, host->index, SIM_DRIVER_RESTARTS,
		  event->type == NVL_EVENT_RESTARTED);
	if (event->type == NVL_EVENT_RESTARTED)
		sim_history_told(host->world);
}

/* The driver of controller @index, with memory of its own. */
static void build_host(struct sim_world *world, uint32_t index, uint8_t **at)
{
	struct nvl_config config = world->file->driver;
	struct sim_host *host = &world->host[index];
	void *driver = take(at, nvl_size(&config));
	struct nvl_ops ops;

	config.trace_ctrl = (uint16_t)index;
	host->world = world;
	host->index = index;
	host->dma.bytes = nvl_dma_size(&config);
	host->dma.data = take(at, host->dma.bytes);
	host->dma.iova = SIM_IOVA_DMA + index * aligned(host->dma.bytes);
	memset(host->dma.data, 0, host->dma.bytes);
	sim_port_ops(host, &ops);
	host->nvl = nvl_init(driver, &host->dma, &config, &ops, sim_watch_driver, world);
	nvl_set_event_handler(host->nvl, heard, host);
}

static struct sim_world *build(const struct sim_file *file, void *memory,
			       const struct sim_options *options)
{
	uint8_t *at = memory;
	struct sim_world *world = take(&at, sizeof(*world));
	struct emu_config config;
	struct emu_ops device_ops;
	void *emulator;

	memset(world, 0, sizeof(*world));
	prepare(file, &config);
	world->file = file;
	world->options = options;
	world->result = &world->told;
	emulator = take(&at, emu_size(&config));
	sim_medium_init(world, take(&at, sim_medium_bytes(file)));
	sim_app_init(world, take(&at, sim_app_bytes(file)));
	sim_rows_init(world, take(&at, sim_rows_bytes(file)));
	sim_device_ops(world, &device_ops);
	world->judge = build_judge(world, &config, take(&at, emu_judge_size(&config)));
	world->emu = emu_init(emulator, &config, &device_ops);
	world->hosts = config.controllers;
	for (uint32_t i = 0; i < world->hosts; i++)
		build_host(world, i, &at);
	if (file->scenario.faults) {
		emu_fault_load(world->emu, file->scenario.fault, file->scenario.faults,
			       file->scenario.seed);
		emu_fault_limit(world->emu, &file->scenario.budget);
	}
	return world;
}

/* Take completions where the driver would look: at queues that it polls, or that interrupted. */
static bool poll_queues(struct sim_host *host)
{
	uint32_t queues = nvl_info(host->nvl)->queues;
	bool any = false;

	for (uint32_t i = 0; i < queues; i++) {
		struct nvl_queue *queue = nvl_queue(host->nvl, i);
		uint32_t vector = queue ? nvl_queue_vector(queue) : NVL_NO_VECTOR;
		bool fired = vector < SIM_VECTORS && host->fired[vector];

		if (!queue)
			break;
		if (vector != NVL_NO_VECTOR && !fired &&
		    nvl_queue_deadline(queue) > host->world->now)
			continue;
		any |= nvl_poll(queue, 0) > 0;
	}
	for (uint32_t i = 1; i < SIM_VECTORS; i++)
		host->fired[i] = false;
	any |= host->fired[0];
	host->fired[0] = false;
	return any;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When the driver has something to do by itself. */
static uint64_t driver_time(const struct sim_host *host)
{
	uint64_t next = earlier(nvl_deadline(host->nvl),
				nvl_queue_deadline(nvl_admin_queue(host->nvl)));
	uint32_t queues = nvl_info(host->nvl)->queues;

	for (uint32_t i = 0; i < queues; i++) {
		const struct nvl_queue *queue = nvl_queue(host->nvl, i);

		if (queue)
			next = earlier(next, nvl_queue_deadline(queue));
	}
	return next;
}

static uint64_t next_time(struct sim_world *world)
{
	uint64_t next = earlier(emu_deadline(world->emu), sim_app_deadline(world));

	for (uint32_t i = 0; i < world->hosts; i++)
		next = earlier(next, sim_wake(&world->host[i], driver_time(&world->host[i]), next));
	return next;
}

/* What is due at this time, once; then, when nothing is left, time goes on to what comes next. */
static enum turn turn(struct sim_world *world, bool (*is_over)(const struct sim_world *world))
{
	bool any = sim_run_device(world);
	uint64_t next;

	for (uint32_t i = 0; i < world->hosts; i++) {
		struct sim_host *host = &world->host[i];

		any |= poll_queues(host);
		host->busy = nvl_step(host->nvl);
	}
	any |= sim_app_turn(world);
	if (is_over(world))
		return TURN_OVER;
	next = any ? world->now : next_time(world);
	if (next <= world->now && ++world->still < STAND_STILL)
		return TURN_NEXT;
	if (next <= world->now || next > SIM_RUN_LIMIT) {
		sim_violation(world, SIM_ORACLE_SETTLE,
			      next <= world->now ? "time stands still"
						 : "nothing happens any more, and it is not over",
			      world->app.next - 1, 0);
		return TURN_STUCK;
	}
	world->still = 0;
	sim_advance(world, next);
	return TURN_NEXT;
}

static bool is_idle(const struct sim_world *world)
{
	bool busy = false;

	for (uint32_t i = 0; i < world->hosts; i++)
		busy |= world->host[i].busy;
	return !busy;
}

static bool is_worked_off(const struct sim_world *world)
{
	return is_idle(world) && sim_app_over(world);
}

static void count(struct sim_world *world, const struct sim_host *host)
{
	const struct nvl_ctrl *nvl = host->nvl;

	sim_count(world, host->index, SIM_DRIVER_RETRIES,
		  nvl_rung_count(nvl, NVL_RUNG_RETRY) +
			  nvl_rung_count(nvl, NVL_RUNG_RETRY_DELAYED) +
			  nvl_rung_count(nvl, NVL_RUNG_RESENT));
	sim_count(world, host->index, SIM_DRIVER_RESETS, nvl_rung_count(nvl, NVL_RUNG_RESET));
	sim_count(world, host->index, SIM_DRIVER_POLLED, nvl_rung_count(nvl, NVL_RUNG_POLLED));
	sim_count(world, host->index, SIM_DRIVER_QUEUES, nvl_info(nvl)->queues);
	sim_count(world, host->index, SIM_DRIVER_NAMESPACES, nvl_ns_count(nvl));
	world->result->of[host->index].state = nvl_state(nvl);
}

/* All drivers at once. */
static void begin_start(struct sim_world *world)
{
	for (uint32_t i = 0; i < world->hosts; i++) {
		struct sim_host *host = &world->host[i];

		host->begun = sim_map(host);
		if (host->begun == 0)
			host->begun = nvl_begin(host->nvl, NVL_OP_START);
	}
}

/* How a start ended that is not under way is what it had to say at once. */
static void end_start(struct sim_world *world, bool over)
{
	uint64_t *all = &world->result->counter[SIM_DRIVER_START];

	for (uint32_t i = 0; i < world->hosts; i++) {
		const struct sim_host *host = &world->host[i];
		int result = host->begun || !over ? host->begun : nvl_result(host->nvl);
		uint64_t number = result < 0 ? 65536 + (uint64_t)-result : (uint64_t)result;

		world->result->of[i].counter[SIM_DRIVER_START] = number;
		if (*all == 0)
			*all = number;
	}
}

static void check_leaks(struct sim_world *world, const struct sim_host *host)
{
	uint32_t left = nvl_queue_outstanding(nvl_admin_queue(host->nvl));

	for (uint32_t i = 0; i < nvl_info(host->nvl)->queues; i++) {
		const struct nvl_queue *queue = nvl_queue(host->nvl, i);

		left += queue ? nvl_queue_outstanding(queue) : 0;
	}
	if (left)
		sim_violation(world, SIM_ORACLE_LEAK, "requests are outstanding after the end", 0,
			      0);
}

/* Return: whether any driver has begun to. */
static bool begin_shutdown(struct sim_world *world)
{
	bool any = false;

	for (uint32_t i = 0; i < world->hosts; i++) {
		world->host[i].begun = nvl_begin(world->host[i].nvl, NVL_OP_SHUTDOWN);
		any |= world->host[i].begun == 0;
	}
	return any;
}

static void end_shutdown(struct sim_world *world, bool over)
{
	for (uint32_t i = 0; over && i < world->hosts; i++) {
		if (world->host[i].begun == 0)
			check_leaks(world, &world->host[i]);
	}
}

static void end_work(struct sim_world *world)
{
	for (uint32_t i = 0; i < world->hosts; i++)
		count(world, &world->host[i]);
	world->result->state = world->result->of[0].state;
}

struct sim_world *sim_begin(const struct sim_file *file, void *memory,
			    const struct sim_options *options)
{
	struct sim_world *world = build(file, memory, options);

	world->result->first = SIM_ORACLES;
	return world;
}

bool sim_turn(struct sim_world *world)
{
	enum turn end = TURN_NEXT;

	switch (world->phase) {
	case SIM_PHASE_POWER_ON:
		begin_start(world);
		world->phase = SIM_PHASE_START;
		return true;
	case SIM_PHASE_START:
		end = turn(world, is_idle);
		if (end == TURN_NEXT)
			return true;
		end_start(world, end == TURN_OVER);
		world->phase = SIM_PHASE_WORK;
		world->still = 0;
		return true;
	case SIM_PHASE_WORK:
		if (turn(world, is_worked_off) == TURN_NEXT)
			return true;
		end_work(world);
		world->phase = SIM_PHASE_SHUTDOWN;
		world->still = 0;
		return world->file->workload.shutdown && begin_shutdown(world);
	case SIM_PHASE_SHUTDOWN:
		end = turn(world, is_idle);
		if (end == TURN_NEXT)
			return true;
		end_shutdown(world, end == TURN_OVER);
		break;
	}
	return false;
}

void sim_end(struct sim_world *world, struct sim_result *ret_result)
{
	struct sim_result *result = world->result;
	const struct nvme_fault_set *set = emu_fault_set(world->emu);

	if (world->app.in_flight)
		sim_violation(world, SIM_ORACLE_ONCE, "an operation never completed",
			      world->app.next - 1, 0);
	for (uint32_t i = 0; i < world->hosts; i++)
		sim_unmap(&world->host[i]);
	result->counter[SIM_TIME_MS] = world->now / 1000000;
	for (uint32_t i = 0; set && i < set->count && i < NVME_SCENARIO_FAULTS; i++)
		result->fired[i] = set->state[i].fired;
	for (unsigned int side = 0; side < 2; side++)
		result->hash[side] = nvme_mix(result->hash[side]);
	*ret_result = *result;
}

void sim_run(const struct sim_file *file, void *memory, const struct sim_options *options,
	     struct sim_result *ret_result)
{
	struct sim_world *world = sim_begin(file, memory, options);

	while (sim_turn(world))
		;
	sim_end(world, ret_result);
}
