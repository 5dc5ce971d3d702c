/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Both sides of the bus: the transport that the driver core gets, and the ops that the controller
 * core gets. Each register write runs the device until it is idle, as a server does; time passes
 * only where somebody waits.
 */
#include "driver/transport/msix.h"
#include "tests/sim/known.h"

#define DEVICE_STAGES (1u << 22) /* more than finite queues can give it to do at once */

bool sim_run_device(struct sim_world *world)
{
	unsigned int done = emu_step(world->emu, DEVICE_STAGES);

	if (done == DEVICE_STAGES)
		sim_violation(world, SIM_ORACLE_SETTLE, "the controller's work does not end", 0, 0);
	return done > 0;
}

void sim_advance(struct sim_world *world, uint64_t to_nsec)
{
	if (to_nsec > world->now)
		world->now = to_nsec;
	emu_set_time(world->emu, world->now);
	sim_run_device(world);
}

static uint64_t reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct sim_host *host = arg;
	uint8_t data[8] = { 0 };

	emu_bar_read(host->world->emu, host->index, offset, data, bytes);
	return nvme_load_le64(data);
}

static void reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	struct sim_host *host = arg;
	uint8_t data[8];

	nvme_store_le64(data, value);
	emu_bar_write(host->world->emu, host->index, offset, data, bytes);
	sim_run_device(host->world);
}

static uint32_t cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct sim_host *host = arg;
	uint8_t data[4] = { 0 };

	emu_cfg_read(host->world->emu, host->index, offset, data, bytes);
	return nvme_load_le32(data);
}

static void cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	struct sim_host *host = arg;
	uint8_t data[4];

	nvme_store_le32(data, value);
	emu_cfg_write(host->world->emu, host->index, offset, data, bytes);
	sim_run_device(host->world);
}

static int irq_assign(void *arg, uint32_t vectors)
{
	struct sim_host *host = arg;
	struct nvl_ops ops;
	struct emu_host_fault fault;
	int have;

	if (vectors > 0) {
		fault = emu_fault_host(host->world->emu, host->index, NVME_SITE_ENV_VECTORS,
				       vectors);
		if (fault.refused)
			return -NVL_ENOMEM;
		vectors = (uint32_t)fault.value;
	}
	sim_port_ops(host, &ops);
	have = nvl_msix_enable(&ops, vectors > 0);
	if (have < 0)
		return have;
	if (vectors > (uint32_t)have)
		vectors = (uint32_t)have;
	if (vectors > SIM_VECTORS)
		vectors = SIM_VECTORS;
	host->vectors = vectors;
	memset(host->fired, 0, sizeof(host->fired));
	for (uint32_t vector = 0; vector < vectors; vector++)
		emu_irq_changed(host->world->emu, host->index, vector);
	sim_run_device(host->world);
	return (int)vectors;
}

static int function_reset(void *arg)
{
	struct sim_host *host = arg;

	emu_reset(host->world->emu, host->index, EMU_RESET_FUNCTION);
	sim_run_device(host->world);
	return emu_busy(host->world->emu, host->index) ? -NVL_ETIMEDOUT : 0;
}

/* Queues first, then the buffers of operations; what a failure leaves behind is nothing. */
int sim_map(struct sim_host *host)
{
	const uint64_t bytes[] = { host->dma.bytes, host->world->data.bytes };

	for (uint32_t i = 0; i < 2; i++) {
		if (emu_fault_host(host->world->emu, host->index, NVME_SITE_ENV_MAP, bytes[i])
			    .refused)
			return -NVL_ENOMEM;
	}
	host->mapped = true;
	return 0;
}

void sim_unmap(struct sim_host *host)
{
	host->mapped = false;
}

/* When the driver is woken up that sleeps until @at_nsec; something else happens at @other_nsec. */
uint64_t sim_wake(struct sim_host *host, uint64_t at_nsec, uint64_t other_nsec)
{
	uint64_t delay;

	if (at_nsec <= host->world->now || at_nsec >= other_nsec)
		return at_nsec;
	if (at_nsec != host->timer_nsec) {
		delay = emu_fault_host(host->world->emu, host->index, NVME_SITE_ENV_TIMER, 0)
				.delay_nsec;
		host->timer_nsec = at_nsec;
		host->late_nsec = delay < NVL_NEVER - at_nsec ? at_nsec + delay : NVL_NEVER;
	}
	return host->late_nsec;
}

static uint64_t now(void *arg)
{
	return ((struct sim_host *)arg)->world->now;
}

static void wait(void *arg, uint32_t vector, uint64_t deadline_nsec)
{
	struct sim_host *host = arg;
	uint64_t next;

	sim_run_device(host->world);
	if (vector < SIM_VECTORS && host->fired[vector]) {
		host->fired[vector] = false;
		return;
	}
	next = emu_deadline(host->world->emu);
	deadline_nsec = sim_wake(host, deadline_nsec, next);
	sim_advance(host->world, next < deadline_nsec ? next : deadline_nsec);
	if (vector < SIM_VECTORS)
		host->fired[vector] = false;
}

static void stop(struct sim_world *world, const char *what)
{
	sim_violation(world, SIM_ORACLE_SETTLE, what, 0, 0);
	__builtin_trap(); /* a bug of the simulator or of a core, not of a scenario */
}

static inline uint64_t crc64(void *arg, uint64_t crc, const void *data, size_t bytes)
{
	const struct sim_world *world = arg;
	const struct sim_medium *medium = &world->medium;

	return sim_crc64(sim_contents_of(medium->contents, (size_t)1 << medium->lbads),
			 sim_known_of(world, data, bytes), crc, data, bytes);
}

static uint64_t host_crc64(void *arg, uint64_t crc, const void *data, size_t bytes)
{
	return crc64(((struct sim_host *)arg)->world, crc, data, bytes);
}

static void panic(void *arg, const char *what)
{
	stop(arg, what);
}

static void host_panic(void *arg, const char *what)
{
	stop(((struct sim_host *)arg)->world, what);
}

void sim_port_ops(struct sim_host *host, struct nvl_ops *ret_ops)
{
	*ret_ops = (struct nvl_ops){
		.arg = host,
		.reg_read = reg_read,
		.reg_write = reg_write,
		.cfg_read = cfg_read,
		.cfg_write = cfg_write,
		.irq_assign = irq_assign,
		.reset = function_reset,
		.now = now,
		.wait = wait,
		.crc64 = host_crc64,
		.panic = host_panic,
	};
}

/* A buffer belongs to the device while its operation is in flight, and only in one direction. */
static inline void check_owner(struct sim_world *world, uint64_t offset, enum emu_prot prot)
{
	uint32_t number = world->app.slot[offset / world->slot_bytes].op;
	const struct sim_op *op = &world->app.op[number];

	if (number == 0)
		sim_violation(world, SIM_ORACLE_OWNER,
			      "the device touches a buffer that no operation has", 0, 0);
	else if (prot == EMU_DMA_WRITE && sim_op_writes(op))
		sim_violation(world, SIM_ORACLE_OWNER, "the device changes what it was to write",
			      number, op->slba);
}

static void *queue_memory(struct sim_host *host, uint64_t iova, uint64_t bytes)
{
	uint64_t offset = iova - host->dma.iova;

	if (!host->mapped || offset >= host->dma.bytes || bytes > host->dma.bytes - offset)
		return NULL;
	if (nvl_dma_safe(host->nvl))
		sim_violation(host->world, SIM_ORACLE_OWNER,
			      "the device touches a queue after it was disabled", 0, 0);
	return (uint8_t *)host->dma.data + offset;
}

static inline void *memory_of(struct sim_host *host, uint64_t iova, uint64_t bytes,
			      enum emu_prot prot)
{
	struct sim_world *world = host->world;
	uint64_t offset = iova - SIM_IOVA_DATA;

	if (offset >= world->data.bytes)
		return queue_memory(host, iova, bytes);
	if (!host->mapped || bytes > world->data.bytes - offset)
		return NULL;
	check_owner(world, offset, prot);
	if (prot == EMU_DMA_WRITE)
		sim_known_drop(world, offset, bytes);
	return (uint8_t *)world->data.data + offset;
}

void *sim_host_memory(struct sim_host *host, uint64_t iova, uint64_t bytes, enum emu_prot prot)
{
	return memory_of(host, iova, bytes, prot);
}

static void *dma(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot)
{
	return memory_of(&((struct sim_world *)arg)->host[ctrl], iova, bytes, prot);
}

static int media(void *arg, const struct emu_media *request)
{
	return sim_medium_do(arg, request);
}

static int cut(void *arg, enum emu_cut keep)
{
	return sim_medium_cut(arg, keep);
}

static bool irq(void *arg, uint32_t ctrl, uint32_t vector)
{
	struct sim_host *host = &((struct sim_world *)arg)->host[ctrl];

	if (vector >= host->vectors)
		return false;
	host->fired[vector] = true;
	return true;
}

static uint32_t choose(void *arg, enum emu_choice site, uint64_t identity, uint32_t n)
{
	const struct sim_world *world = arg;

	return emu_draw_choice(world->file->scenario.seed, site, identity, n);
}

void sim_device_ops(struct sim_world *world, struct emu_ops *ret_ops)
{
	*ret_ops = (struct emu_ops){
		.arg = world,
		.dma = dma,
		.media = media,
		.irq = irq,
		.cut = cut,
		.trace = sim_watch_controller,
		.choose = choose,
		.crc64 = crc64,
		.panic = panic,
	};
}
