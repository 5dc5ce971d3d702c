/* SPDX-License-Identifier: BSD-3-Clause */
/* A subsystem ready to use: the block, its callbacks, time and the loop that does the work. */
#include "emulator/device/device.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "emulator/core/ns.h"
#include "emulator/device/barmem.h"
#include "emulator/device/dma.h"
#include "emulator/device/keeper.h"
#include "emulator/device/marks.h"
#include "emulator/device/media.h"
#include "emulator/device/say.h"
#include "emulator/device/scenario.h"
#include "emulator/device/watch.h"

#define STAGES_PER_TURN 64u /* between two looks at the clock and the media */
#define REQUESTS_EXTRA	32u /* of each controller, beyond max_requests: admin and internal ones */
#define ADVANCE_MAX	1000000u
#define NSEC_PER_SEC	1000000000u

struct emu_device {
	bool running;
	struct emu *core;
	struct emu_config config;
	struct emu_device_options options;
	struct emu_dma_table *tables; /* one a controller */
	struct emu_barmem (*barmem)[EMU_WINDOWS];
	struct emu_media_table media;
	uint64_t start_nsec;
	struct emu_watch watch;
	struct emu_keeper keeper;
	struct emu_marks marks;
};

/* Time. */

static uint64_t read_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static bool is_virtual(const struct emu_device *device)
{
	return device->options.clock == EMU_CLOCK_VIRTUAL;
}

uint64_t emu_device_now(struct emu_device *device)
{
	if (is_virtual(device))
		return emu_time(device->core);
	return read_clock() - device->start_nsec;
}

static void refresh_time(struct emu_device *device)
{
	if (!is_virtual(device))
		emu_set_time(device->core, read_clock() - device->start_nsec);
}

uint64_t emu_device_deadline(const struct emu_device *device)
{
	uint64_t core = emu_deadline(device->core), hour = emu_keeper_due(&device->keeper);

	return is_virtual(device) || core < hour ? core : hour;
}

/* What the core asks for. */

static void *find_dma(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot)
{
	struct emu_device *device = arg;

	return emu_dma_at(&device->tables[ctrl], iova, bytes, (unsigned int)prot);
}

static int start_media(void *arg, const struct emu_media *media)
{
	struct emu_device *device = arg;
	bool marking = media->op == EMU_MEDIA_UNCORRECTABLE;
	int result = emu_media_table_start(&device->media, media);

	if (__builtin_expect(device->marks.active | marking, 0) && result != EMU_PENDING)
		result = emu_marks_answer(&device->marks, media->tag, result);
	return result;
}

static void cancel_media(void *arg, uint32_t tag)
{
	struct emu_device *device = arg;

	emu_media_table_cancel(&device->media, tag);
}

static void prefetch_media(void *arg, uint32_t nsid, uint64_t offset, uint32_t bytes)
{
	struct emu_device *device = arg;
	struct emu_backend *backend = emu_media_table_find(&device->media, nsid);

	if (backend && backend->ops->prefetch)
		backend->ops->prefetch(backend, offset, bytes);
}

static void finish_media(void *arg, uint32_t tag, int result)
{
	struct emu_device *device = arg;

	if (__builtin_expect(device->marks.active, 0))
		result = emu_marks_answer(&device->marks, tag, result);
	if (result != EMU_PENDING)
		emu_media_done(device->core, tag, result);
}

static void answer_kept(void *arg, uint32_t tag, int result)
{
	struct emu_device *device = arg;

	emu_media_done(device->core, tag, result);
}

static bool raise_irq(void *arg, uint32_t ctrl, uint32_t vector)
{
	struct emu_device *device = arg;

	/* The completion is where the host looks before it is told. */
	emu_dma_settle(&device->tables[ctrl]);
	return device->options.irq && device->options.irq(device->options.arg, ctrl, vector);
}

static void set_intx(void *arg, uint32_t ctrl, bool asserted)
{
	struct emu_device *device = arg;

	emu_dma_settle(&device->tables[ctrl]);
	device->options.intx(device->options.arg, ctrl, asserted);
}

static void put_trace(void *arg, const struct nvme_trace_record *record)
{
	struct emu_device *device = arg;

	emu_watch_record(&device->watch, record);
}

/* Without anybody else's answer: a function of the seed, the site and the command. */
static uint32_t choose(void *arg, enum emu_choice site, uint64_t identity, uint32_t n)
{
	struct emu_device *device = arg;

	if (device->options.choose)
		return device->options.choose(device->options.arg, site, identity, n);
	return emu_draw_choice(device->config.seed, site, identity, n);
}

static void place_window(void *arg, uint32_t ctrl, enum emu_window window, uint64_t iova,
			 uint64_t bytes)
{
	struct emu_device *device = arg;

	emu_barmem_place(&device->barmem[ctrl][window], &device->tables[ctrl], window, iova, bytes);
}

static volatile void *find_shared(void *arg, uint32_t ctrl, uint64_t offset)
{
	struct emu_device *device = arg;

	return device->options.shared(device->options.arg, ctrl, offset);
}

static int save_record(void *arg, const struct emu_record *record)
{
	struct emu_device *device = arg;

	return emu_keeper_save(&device->keeper, record);
}

static void panic(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "nvmelab: programming error: %s\n", what);
	abort();
}

/* The work. */

unsigned int emu_device_run(struct emu_device *device, unsigned int max)
{
	unsigned int done = 0;

	if (device->running)
		return 0;
	device->running = true;
	emu_dma_guard(device->tables, device->config.controllers);
	while (done < max) {
		unsigned int want = max - done < STAGES_PER_TURN ? max - done : STAGES_PER_TURN;
		unsigned int stages, answers;

		refresh_time(device);
		stages = emu_step(device->core, want);
		answers = emu_media_table_poll(&device->media) + emu_keeper_turn(&device->keeper) +
			  emu_marks_settle(&device->marks);
		done += stages + answers;
		if (stages < want && answers == 0)
			break;
	}
	for (uint32_t i = 0; i < device->config.controllers; i++)
		emu_dma_settle(&device->tables[i]);
	emu_dma_guard(NULL, 0);
	device->running = false;
	return done;
}

int emu_device_advance(struct emu_device *device, uint64_t to_nsec)
{
	if (!is_virtual(device))
		return -EINVAL;
	if (device->running)
		return -EBUSY;
	for (unsigned int i = 0; i < ADVANCE_MAX; i++) {
		uint64_t due;

		if (emu_device_run(device, EMU_DEVICE_STAGES) >= EMU_DEVICE_STAGES)
			return -ETIME;
		if (emu_time(device->core) >= to_nsec)
			return 0;
		due = emu_deadline(device->core);
		emu_set_time(device->core, due < to_nsec ? due : to_nsec);
	}
	return -ETIME;
}

/* Power cuts and bad blocks. */

static uint32_t choose_loss(void *arg, uint64_t identity, uint32_t n)
{
	return choose(arg, EMU_CHOOSE_POWER_CUT, identity, n);
}

static int cut_media(void *arg, enum emu_cut keep)
{
	struct emu_device *device = arg;
	const struct emu_config *config = &device->config;
	const struct emu_power_cut cut = {
		.keep = keep,
		.unit_blocks = 1 + (config->nawupf ? config->nawupf : config->awupf),
		.choose = choose_loss,
		.arg = device,
	};
	int result = emu_media_table_cut(&device->media, &cut);

	emu_marks_look(&device->marks);
	return result;
}

int emu_device_cut_power(struct emu_device *device, enum emu_cut keep)
{
	int result = emu_cut_power(device->core, keep);

	emu_device_run(device, EMU_DEVICE_STAGES);
	return result;
}

bool emu_device_next_uncorrectable(const struct emu_device *device, uint32_t nsid, uint64_t from,
				   uint64_t *ret_slba, uint64_t *ret_blocks)
{
	return emu_media_table_next_bad(&device->media, nsid, from, ret_slba, ret_blocks);
}

int emu_device_set_uncorrectable(struct emu_device *device, uint32_t nsid, uint64_t slba,
				 uint64_t blocks)
{
	return emu_media_table_set_bad(&device->media, nsid, slba, blocks);
}

unsigned int emu_device_pending(const struct emu_device *device)
{
	return emu_media_table_pending(&device->media) + emu_keeper_pending(&device->keeper) +
	       device->marks.held_count;
}

int emu_device_wait_fd(const struct emu_device *device)
{
	const struct emu_backend_host *host = &device->media.host;

	return host->epoll_fd >= 0 ? host->epoll_fd : host->event_fd;
}

void emu_device_woken(struct emu_device *device)
{
	eventfd_t count;

	if (device->media.host.event_fd >= 0)
		eventfd_read(device->media.host.event_fd, &count);
	device->media.woken = true;
}

struct emu *emu_device_core(struct emu_device *device)
{
	return device->core;
}

/* Host memory. */

static int make_remote(struct emu_device *device, uint32_t ctrl)
{
	const struct emu_remote like = {
		.read = device->options.host_read,
		.write = device->options.host_write,
		.arg = device->options.arg,
		.ctrl = ctrl,
	};
	struct emu_dma_table *table = &device->tables[ctrl];

	if (table->remote || !like.read || !like.write || !device->config.message_dma)
		return 0;
	table->remote = emu_remote_new(&like);
	return table->remote ? 0 : -ENOMEM;
}

int emu_device_map(struct emu_device *device, uint32_t ctrl, uint64_t iova, uint64_t bytes,
		   unsigned int prot, void *memory)
{
	int error = memory ? 0 : make_remote(device, ctrl);

	if (!error)
		error = emu_dma_map(&device->tables[ctrl], iova, bytes, prot, memory);
	if (!error)
		emu_dma_changed(device->core, ctrl);
	return error;
}

int emu_device_map_fd(struct emu_device *device, uint32_t ctrl, uint64_t iova, uint64_t bytes,
		      unsigned int prot, int fd, uint64_t offset)
{
	int error = emu_dma_map_fd(&device->tables[ctrl], iova, bytes, prot, fd, offset);

	if (!error)
		emu_dma_changed(device->core, ctrl);
	return error;
}

int emu_device_unmap(struct emu_device *device, uint32_t ctrl, uint64_t iova, uint64_t bytes)
{
	return emu_dma_unmap(&device->tables[ctrl], iova, bytes);
}

void emu_device_unmap_all(struct emu_device *device, uint32_t ctrl)
{
	emu_dma_unmap_all(&device->tables[ctrl]);
}

unsigned int emu_device_maps(const struct emu_device *device, uint32_t ctrl)
{
	return device->tables[ctrl].count;
}

/* The trace file. */

void emu_device_flush_trace(struct emu_device *device)
{
	if (device->watch.has_file)
		emu_trace_file_flush(&device->watch.file);
}

int emu_device_trace_error(const struct emu_device *device)
{
	return device->watch.has_file ? device->watch.file.error : 0;
}

const struct emu_judge *emu_device_judge(const struct emu_device *device)
{
	return device->watch.judge;
}

/* Making and freeing. */

static int allocate(struct emu_device *device, struct nvme_text *error)
{
	const struct emu_config *config = &device->config;

	device->tables = calloc(config->controllers, sizeof(*device->tables));
	device->media.host.requests = config->controllers * (config->max_requests + REQUESTS_EXTRA);
	device->media.host.tables = device->tables;
	device->media.host.synchronous = is_virtual(device);
	device->media.done = finish_media;
	device->media.arg = device;
	device->barmem = calloc(config->controllers, sizeof(*device->barmem));
	if (!device->tables || !device->barmem)
		return emu_say(error, -ENOMEM, "no memory");
	for (uint32_t i = 0; i < config->controllers; i++)
		emu_dma_init(&device->tables[i]);
	return emu_media_table_init(&device->media, config->nn, device->options.pool, error);
}

/*
 * Media as the namespaces are by the state file: deleted, formatted or created in an earlier
 * process. One that a host created has nothing to do with the medium that the configuration names.
 */
static int restore_ns(struct emu_device *device, uint32_t nsid, struct nvme_text *error)
{
	struct emu_geometry geometry = { 0 };
	struct emu_ns_config ns;
	bool created;
	bool exists = emu_namespace_of(device->core, nsid, &ns, &created);

	if (!exists || created)
		emu_media_table_drop(&device->media, nsid);
	if (!exists)
		return 0;
	geometry.blocks = ns.blocks;
	geometry.lbads = ns.lbads;
	geometry.ms = ns.ms;
	return emu_media_table_restore(&device->media, nsid, &geometry, error);
}

static int restore_media(struct emu_device *device, struct nvme_text *error)
{
	int result = 0;

	for (uint32_t nsid = 1; nsid <= device->config.nn && !result; nsid++)
		result = restore_ns(device, nsid, error);
	return result;
}

static int start_core(struct emu_device *device, struct nvme_text *error)
{
	const struct emu_device_options *options = &device->options;
	const struct emu_ops ops = {
		.arg = device,
		.dma = find_dma,
		.shared = options->shared ? find_shared : NULL,
		.window = place_window,
		.media = start_media,
		.cancel = cancel_media,
		.prefetch = prefetch_media,
		.irq = raise_irq,
		.intx = options->intx ? set_intx : NULL,
		.trace = emu_watch_wants(&device->watch) ? put_trace : NULL,
		.choose = choose,
		.save = device->keeper.file ? save_record : NULL,
		.cut = cut_media,
		.panic = panic,
	};
	size_t bytes;
	void *block;
	int result = emu_config_check(&device->config, error);

	if (result)
		return result;
	bytes = emu_size(&device->config);
	block = aligned_alloc(64, bytes);
	if (!block)
		return emu_say(error, -ENOMEM, "no memory for %zu bytes of state", bytes);
	device->start_nsec = read_clock();
	device->core = emu_init(block, &device->config, &ops);
	if (options->scenario)
		result = emu_scenario_load(options->scenario, device->core, device->config.seed,
					   error);
	if (!result)
		result = emu_keeper_load(&device->keeper, device->core, error);
	if (!result)
		result = restore_media(device, error);
	return result ? result : emu_marks_load(&device->marks, error);
}

int emu_device_memory(struct emu_device *device, uint32_t ctrl, enum emu_window window,
		      struct emu_device_memory *ret_memory)
{
	const struct emu_barmem *barmem = &device->barmem[ctrl][window];

	if (barmem->bytes == 0)
		return -ENOENT;
	*ret_memory = (struct emu_device_memory){ .fd = barmem->fd,
						  .offset = barmem->offset,
						  .bytes = barmem->bytes,
						  .memory = barmem->memory };
	return 0;
}

int emu_device_renew_memory(struct emu_device *device, uint32_t ctrl)
{
	struct emu_barmem *old = &device->barmem[ctrl][EMU_WINDOW_CMB];
	struct emu_barmem renewed;
	int result;

	if (old->bytes == 0 || device->tables[ctrl].windows[EMU_WINDOW_CMB].bytes)
		return 0;
	result = emu_barmem_open(&renewed, old->bytes, NULL, 0, NULL);
	if (result)
		return result;
	emu_barmem_close(old);
	*old = renewed;
	return 0;
}

int emu_device_memory_copy(struct emu_device *device, uint32_t ctrl, enum emu_window window,
			   uint64_t offset, void *to, const void *from, uint32_t bytes)
{
	struct emu_barmem *barmem = &device->barmem[ctrl][window];

	if (offset > barmem->bytes || bytes > barmem->bytes - offset)
		return -EINVAL;
	emu_dma_guard(device->tables, device->config.controllers);
	if (to)
		memcpy(to, barmem->memory + offset, bytes);
	else
		memcpy(barmem->memory + offset, from, bytes);
	emu_dma_guard(NULL, 0);
	return 0;
}

static int open_state(struct emu_device *device, struct nvme_text *error)
{
	device->keeper.synchronous = is_virtual(device);
	device->keeper.notice = device->options.notice;
	device->keeper.arg = device->options.arg;
	if (emu_marks_init(&device->marks, &device->media, &device->keeper) != 0)
		return emu_say(error, -ENOMEM, "no memory");
	device->marks.done = answer_kept;
	device->marks.arg = device;
	return emu_keeper_open(&device->keeper, device->options.state_path, error);
}

int emu_device_new(const struct emu_config *config, const struct emu_ns_spec *specs,
		   unsigned int count, const struct emu_device_options *options,
		   struct emu_device **ret_device, struct nvme_text *error)
{
	struct emu_device *device = calloc(1, sizeof(*device));
	int result;

	if (!device)
		return emu_say(error, -ENOMEM, "no memory");
	device->config = *config;
	device->config.namespaces = 0;
	device->media.host.event_fd = -1;
	device->media.host.epoll_fd = -1;
	if (options)
		device->options = *options;
	result = emu_config_check(&device->config, error);
	if (!result)
		result = allocate(device, error);
	if (!result)
		result = emu_media_table_open(&device->media, &device->config, specs, count, error);
	for (uint32_t i = 0; !result && i < device->config.controllers; i++)
		result = emu_barmem_open_all(device->barmem[i], config, i, device->options.pmr_path,
					     error);
	if (!result && device->options.state_path)
		result = open_state(device, error);
	if (!result)
		result = emu_watch_open(&device->watch, &device->options, &device->config,
					&device->core, error);
	if (!result)
		result = start_core(device, error);
	if (result) {
		emu_device_free(device);
		return result;
	}
	*ret_device = device;
	return 0;
}

void emu_device_free(struct emu_device *device)
{
	if (!device)
		return;
	emu_dma_guard(NULL, 0);
	emu_keeper_close(&device->keeper);
	emu_marks_done(&device->marks);
	emu_media_table_done(&device->media);
	for (uint32_t i = 0; device->tables && i < device->config.controllers; i++)
		emu_dma_done(&device->tables[i]);
	for (uint32_t i = 0; device->barmem && i < device->config.controllers; i++) {
		emu_barmem_close(&device->barmem[i][EMU_WINDOW_CMB]);
		emu_barmem_close(&device->barmem[i][EMU_WINDOW_PMR]);
	}
	emu_watch_close(&device->watch);
	if (device->media.host.epoll_fd >= 0)
		close(device->media.host.epoll_fd);
	if (device->media.host.event_fd >= 0)
		close(device->media.host.event_fd);
	free(device->core);
	free(device->barmem);
	free(device->tables);
	free(device);
}
