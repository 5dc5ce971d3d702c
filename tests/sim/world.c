/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A run: power-on, start, work, shutdown. Everything that is due at a time happens at that time,
 * device first; then time jumps to the next thing that happens.
 */
#include "tests/sim/internal.h"

#define STAND_STILL 100000 /* turns without time passing, after which a run does not end */

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
	return aligned(sizeof(struct sim_world)) + aligned(emulator) +
	       aligned(emu_judge_size(&config)) + aligned(driver) +
	       aligned(nvl_dma_size(&file->driver)) + aligned(sim_medium_bytes(file)) +
	       aligned(sim_app_bytes(file)) + aligned(sim_rows_bytes(file));
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
	struct sim_world *world = arg;

	sim_count(world, 0, SIM_DRIVER_EVENTS, event->type == NVL_EVENT_ASYNC);
	sim_count(world, 0, SIM_DRIVER_RESTARTS, event->type == NVL_EVENT_RESTARTED);
	if (event->type == NVL_EVENT_RESTARTED)
		sim_history_told(world);
}

static struct sim_world *build(const struct sim_file *file, void *memory,
			       const struct sim_options *options, struct sim_result *result)
{
	uint8_t *at = memory;
	struct sim_world *world = take(&at, sizeof(*world));
	void *emulator, *driver;
	struct emu_config config;
	struct emu_ops device_ops;
	struct nvl_ops port_ops;

	memset(world, 0, sizeof(*world));
	prepare(file, &config);
	world->file = file;
	world->options = options;
	world->result = result;
	emulator = take(&at, emu_size(&config));
	driver = take(&at, nvl_size(&file->driver));
	world->dma.bytes = nvl_dma_size(&file->driver);
	world->dma.data = take(&at, world->dma.bytes);
	world->dma.iova = SIM_IOVA_DMA;
	memset(world->dma.data, 0, world->dma.bytes);
	sim_medium_init(world, take(&at, sim_medium_bytes(file)));
	sim_app_init(world, take(&at, sim_app_bytes(file)));
	sim_rows_init(world, take(&at, sim_rows_bytes(file)));
	sim_device_ops(world, &device_ops);
	sim_port_ops(world, &port_ops);
	world->judge = build_judge(world, &config, take(&at, emu_judge_size(&config)));
	world->emu = emu_init(emulator, &config, &device_ops);
	world->nvl = nvl_init(driver, &world->dma, &file->driver, &port_ops, sim_watch_driver,
			      world);
	nvl_set_event_handler(world->nvl, heard, world);
	if (file->scenario.faults)
		emu_fault_load(world->emu, file->scenario.fault, file->scenario.faults,
			       file->scenario.seed);
	return world;
}

/* Take completions where the driver would look: at queues that it polls, or that interrupted. */
static bool poll_queues(struct sim_world *world)
{
	uint32_t queues = nvl_info(world->nvl)->queues;
	bool any = false;

	for (uint32_t i = 0; i < queues; i++) {
		struct nvl_queue *queue = nvl_queue(world->nvl, i);
		uint32_t vector = queue ? nvl_queue_vector(queue) : NVL_NO_VECTOR;
		bool fired = vector < SIM_VECTORS && world->fired[vector];

		if (!queue)
			break;
		if (vector != NVL_NO_VECTOR && !fired && nvl_queue_deadline(queue) > world->now)
			continue;
		any |= nvl_poll(queue, 0) > 0;
	}
	for (uint32_t i = 1; i < SIM_VECTORS; i++)
		world->fired[i] = false;
	any |= world->fired[0];
	world->fired[0] = false;
	return any;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_time(const struct sim_world *world)
{
	uint64_t next = earlier(emu_deadline(world->emu), nvl_deadline(world->nvl));
	uint32_t queues = nvl_info(world->nvl)->queues;

	next = earlier(next, nvl_queue_deadline(nvl_admin_queue(world->nvl)));
	for (uint32_t i = 0; i < queues; i++) {
		const struct nvl_queue *queue = nvl_queue(world->nvl, i);

		if (queue)
			next = earlier(next, nvl_queue_deadline(queue));
	}
	return earlier(next, sim_app_deadline(world));
}

/*
 * Go on until nothing happens any more at this time, then go to the next one; until @is_over says
 * so, or for ever: then an oracle was violated and false is returned.
 */
static bool go(struct sim_world *world, bool (*is_over)(const struct sim_world *world))
{
	uint32_t still = 0;

	for (;;) {
		bool any = sim_run_device(world);
		uint64_t next;

		any |= poll_queues(world);
		world->busy = nvl_step(world->nvl);
		any |= sim_app_turn(world);
		if (is_over(world))
			return true;
		next = any ? world->now : next_time(world);
		if (next <= world->now && ++still < STAND_STILL)
			continue;
		if (next <= world->now || next > SIM_RUN_LIMIT) {
			sim_violation(world, SIM_ORACLE_SETTLE,
				      next <= world->now
					      ? "time stands still"
					      : "nothing happens any more, and it is not over",
				      world->app.next - 1, 0);
			return false;
		}
		still = 0;
		sim_advance(world, next);
	}
}

static bool is_idle(const struct sim_world *world)
{
	return !world->busy;
}

static bool is_worked_off(const struct sim_world *world)
{
	return !world->busy && sim_app_over(world);
}

static void count(struct sim_world *world)
{
	uint64_t *counter = world->result->counter;
	const struct nvl_ctrl *nvl = world->nvl;

	counter[SIM_DRIVER_RETRIES] = nvl_rung_count(nvl, NVL_RUNG_RETRY) +
				      nvl_rung_count(nvl, NVL_RUNG_RETRY_DELAYED) +
				      nvl_rung_count(nvl, NVL_RUNG_RESENT);
	counter[SIM_DRIVER_RESETS] = nvl_rung_count(nvl, NVL_RUNG_RESET);
	counter[SIM_DRIVER_POLLED] = nvl_rung_count(nvl, NVL_RUNG_POLLED);
	counter[SIM_DRIVER_QUEUES] = nvl_info(nvl)->queues;
	counter[SIM_DRIVER_NAMESPACES] = nvl_ns_count(nvl);
	world->result->state = nvl_state(nvl);
}

static void start(struct sim_world *world)
{
	uint64_t *counter = world->result->counter;
	int result = nvl_begin(world->nvl, NVL_OP_START);

	if (result == 0 && go(world, is_idle))
		result = nvl_result(world->nvl);
	counter[SIM_DRIVER_START] = result < 0 ? 65536 + (uint64_t)-result : (uint64_t)result;
}

static void check_leaks(struct sim_world *world)
{
	uint32_t left = nvl_queue_outstanding(nvl_admin_queue(world->nvl));

	for (uint32_t i = 0; i < nvl_info(world->nvl)->queues; i++) {
		const struct nvl_queue *queue = nvl_queue(world->nvl, i);

		left += queue ? nvl_queue_outstanding(queue) : 0;
	}
	if (left)
		sim_violation(world, SIM_ORACLE_LEAK, "requests are outstanding after the end", 0,
			      0);
}

static void finish(struct sim_world *world)
{
	struct sim_result *result = world->result;
	const struct nvme_fault_set *set = emu_fault_set(world->emu);

	if (world->file->workload.shutdown && nvl_begin(world->nvl, NVL_OP_SHUTDOWN) == 0 &&
	    go(world, is_idle))
		check_leaks(world);
	if (world->app.in_flight)
		sim_violation(world, SIM_ORACLE_ONCE, "an operation never completed",
			      world->app.next - 1, 0);
	result->counter[SIM_TIME_MS] = world->now / 1000000;
	for (uint32_t i = 0; set && i < set->count && i < NVME_SCENARIO_FAULTS; i++)
		result->fired[i] = set->state[i].fired;
}

void sim_run(const struct sim_file *file, void *memory, const struct sim_options *options,
	     struct sim_result *ret_result)
{
	struct sim_world *world;

	memset(ret_result, 0, sizeof(*ret_result));
	ret_result->first = SIM_ORACLES;
	world = build(file, memory, options, ret_result);
	start(world);
	go(world, is_worked_off);
	count(world);
	finish(world);
	for (unsigned int side = 0; side < 2; side++)
		ret_result->hash[side] = nvme_mix(ret_result->hash[side]);
}
