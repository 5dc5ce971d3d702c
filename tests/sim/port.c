/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Both sides of the bus: the transport that the driver core gets, and the ops that the controller
 * core gets. Each register write runs the device until it is idle, as a server does; time passes
 * only where somebody waits.
 */
#include "tests/sim/known.h"

#define PCI_CAPABILITIES  0x34
#define PCI_CAP_MSIX	  0x11
#define MSIX_CONTROL	  2
#define MSIX_ENABLE	  0x8000u
#define MSIX_MASK	  0x4000u
#define DEVICE_STAGES	  (1u << 22) /* more than finite queues can give it to do at once */
#define CAPABILITIES_MOST 48

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
	struct sim_world *world = arg;
	uint8_t data[8] = { 0 };

	emu_bar_read(world->emu, 0, offset, data, bytes);
	return nvme_load_le64(data);
}

static void reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	struct sim_world *world = arg;
	uint8_t data[8];

	nvme_store_le64(data, value);
	emu_bar_write(world->emu, 0, offset, data, bytes);
	sim_run_device(world);
}

static uint32_t cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct sim_world *world = arg;
	uint8_t data[4] = { 0 };

	emu_cfg_read(world->emu, 0, offset, data, bytes);
	return nvme_load_le32(data);
}

static void cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	struct sim_world *world = arg;
	uint8_t data[4];

	nvme_store_le32(data, value);
	emu_cfg_write(world->emu, 0, offset, data, bytes);
	sim_run_device(world);
}

/* Offset of the MSI-X capability; 0: there is none. */
static uint32_t find_msix(void *arg)
{
	uint32_t at = cfg_read(arg, PCI_CAPABILITIES, 1) & 0xfc;

	for (unsigned int i = 0; at && at != 0xfc && i < CAPABILITIES_MOST; i++) {
		if (cfg_read(arg, at, 1) == PCI_CAP_MSIX)
			return at;
		at = cfg_read(arg, at + 1, 1) & 0xfc;
	}
	return 0;
}

static int irq_assign(void *arg, uint32_t vectors)
{
	struct sim_world *world = arg;
	uint32_t at = find_msix(arg);
	uint32_t control, have;

	if (at == 0)
		return -NVL_EOPNOTSUPP;
	control = cfg_read(arg, at + MSIX_CONTROL, 2);
	have = (control & 0x7ff) + 1;
	control &= ~(MSIX_ENABLE | MSIX_MASK);
	cfg_write(arg, at + MSIX_CONTROL, 2, control | (vectors ? MSIX_ENABLE : 0));
	if (vectors > have)
		vectors = have;
	if (vectors > SIM_VECTORS)
		vectors = SIM_VECTORS;
	world->vectors = vectors;
	memset(world->fired, 0, sizeof(world->fired));
	for (uint32_t vector = 0; vector < vectors; vector++)
		emu_irq_changed(world->emu, 0, vector);
	sim_run_device(world);
	return (int)vectors;
}

static int function_reset(void *arg)
{
	struct sim_world *world = arg;

	emu_reset(world->emu, 0, EMU_RESET_FUNCTION);
	sim_run_device(world);
	return emu_busy(world->emu, 0) ? -NVL_ETIMEDOUT : 0;
}

static uint64_t now(void *arg)
{
	return ((struct sim_world *)arg)->now;
}

static void wait(void *arg, uint32_t vector, uint64_t deadline_nsec)
{
	struct sim_world *world = arg;
	uint64_t next;

	sim_run_device(world);
	if (vector < SIM_VECTORS && world->fired[vector]) {
		world->fired[vector] = false;
		return;
	}
	next = emu_deadline(world->emu);
	sim_advance(world, next < deadline_nsec ? next : deadline_nsec);
	if (vector < SIM_VECTORS)
		world->fired[vector] = false;
}

static void panic(void *arg, const char *what)
{
	sim_violation(arg, SIM_ORACLE_SETTLE, what, 0, 0);
	__builtin_trap(); /* a bug of the simulator or of a core, not of a scenario */
}

static inline uint64_t crc64(void *arg, uint64_t crc, const void *data, size_t bytes)
{
	const struct sim_world *world = arg;
	const struct sim_medium *medium = &world->medium;

	return sim_crc64(sim_contents_of(medium->contents, (size_t)1 << medium->lbads),
			 sim_known_of(world, data, bytes), crc, data, bytes);
}

void sim_port_ops(struct sim_world *world, struct nvl_ops *ret_ops)
{
	*ret_ops = (struct nvl_ops){
		.arg = world,
		.reg_read = reg_read,
		.reg_write = reg_write,
		.cfg_read = cfg_read,
		.cfg_write = cfg_write,
		.irq_assign = irq_assign,
		.reset = function_reset,
		.now = now,
		.wait = wait,
		.crc64 = crc64,
		.panic = panic,
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

void *sim_host_memory(struct sim_world *world, uint64_t iova, uint64_t bytes, enum emu_prot prot)
{
	uint64_t offset = iova - SIM_IOVA_DMA;

	if (offset < world->dma.bytes && bytes <= world->dma.bytes - offset) {
		if (nvl_dma_safe(world->nvl))
			sim_violation(world, SIM_ORACLE_OWNER,
				      "the device touches a queue after it was disabled", 0, 0);
		return (uint8_t *)world->dma.data + offset;
	}
	offset = iova - SIM_IOVA_DATA;
	if (offset >= world->data.bytes || bytes > world->data.bytes - offset)
		return NULL;
	check_owner(world, offset, prot);
	if (prot == EMU_DMA_WRITE)
		sim_known_drop(world, offset, bytes);
	return (uint8_t *)world->data.data + offset;
}

static void *dma(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot)
{
	(void)ctrl;
	return sim_host_memory(arg, iova, bytes, prot);
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
	struct sim_world *world = arg;

	(void)ctrl;
	if (vector >= world->vectors)
		return false;
	world->fired[vector] = true;
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
