/* SPDX-License-Identifier: BSD-3-Clause */
/* A host in memory: see host.h. */
#include "tests/harness/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *th_dma_(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot)
{
	struct th_host *host = arg;
	uint64_t offset = iova - TH_BASE;

	for (unsigned int i = 0; i < EMU_WINDOWS; i++) {
		uint64_t at = iova - host->now.window[ctrl][i].iova;

		if (at < host->now.window[ctrl][i].bytes)
			return host->window[ctrl][i] + at;
	}
	if (iova < TH_BASE || offset > TH_MEMORY_BYTES || bytes > TH_MEMORY_BYTES - offset)
		return NULL;
	if (prot == EMU_DMA_WRITE && offset < host->now.read_only)
		return NULL;
	if (host->now.unmapped && (iova & ~(uint64_t)(TH_PAGE - 1)) == host->now.unmapped)
		return NULL;
	return host->memory + (iova - TH_BASE);
}

static void op_window(void *arg, uint32_t ctrl, enum emu_window window, uint64_t iova,
		      uint64_t bytes)
{
	struct th_host *host = arg;

	host->now.window[ctrl][window].iova = iova;
	host->now.window[ctrl][window].bytes = bytes;
}

static volatile void *op_shared(void *arg, uint32_t ctrl, uint64_t offset)
{
	struct th_host *host = arg;

	return host->shared[ctrl] ? host->shared[ctrl] + offset : NULL;
}

static int op_media(void *arg, const struct emu_media *media)
{
	struct th_host *host = arg;
	int error = host->now.media_error;

	host->now.last = *media;
	host->now.media_error = 0;
	if (error)
		return error;
	if (!host->options.slow_media)
		return th_medium_do_(host, media);
	ck_assert_uint_lt(host->now.pending_count, TH_PENDING);
	host->now.pending[host->now.pending_count++] = *media;
	return EMU_PENDING;
}

static void op_cancel(void *arg, uint32_t tag)
{
	struct th_host *host = arg;

	for (unsigned int i = 0; i < host->now.pending_count; i++) {
		if (host->now.pending[i].tag == tag)
			host->now.cancelled++;
	}
}

static bool op_irq(void *arg, uint32_t ctrl, uint32_t vector)
{
	struct th_host *host = arg;

	ck_assert_uint_lt(vector, TH_VECTORS);
	if (host->now.irqs_refused)
		return false;
	host->now.irqs[ctrl][vector]++;
	return true;
}

static void op_intx(void *arg, uint32_t ctrl, bool asserted)
{
	struct th_host *host = arg;

	ck_assert(host->now.line[ctrl] != asserted); /* told once, when it changes */
	host->now.line[ctrl] = asserted;
}

static void op_trace(void *arg, const struct nvme_trace_record *record)
{
	struct th_host *host = arg;

	host->now.events[record->event]++;
	if (host->observe)
		host->observe(host->observe_arg, record);
	nvme_trace_json(&host->trace_text, record);
	nvme_text_char(&host->trace_text, '\n');
}

static uint32_t op_choose(void *arg, enum emu_choice site, uint64_t identity, uint32_t n)
{
	struct th_host *host = arg;

	(void)site;
	(void)identity;
	return host->now.choice % n;
}

static int op_cut(void *arg, enum emu_cut keep)
{
	struct th_host *host = arg;

	host->now.cuts[keep]++;
	return 0;
}

static void op_panic(void *arg, const char *what)
{
	(void)arg;
	ck_abort_msg("the core says: %s", what);
}

/* Of all controllers, or (@own) of the one with index 1. */
static void set_keys(struct emu_config *config, const char *keys, bool own, struct nvme_text *error)
{
	while (keys && *keys) {
		size_t key = strcspn(keys, "=");
		size_t value = strcspn(keys + key + 1, ",");

		int result = own ? emu_config_set_own(config, 1, keys, key, keys + key + 1, value,
						      error)
				 : emu_config_set(config, keys, key, keys + key + 1, value, error);

		ck_assert_msg(result == 0, "%s", error->data);
		keys += key + 1 + value;
		keys += *keys == ',';
	}
}

static void add_ns(struct emu_config *config, uint32_t nsid, uint64_t blocks, uint32_t lbads,
		   struct nvme_text *error)
{
	struct emu_ns_config ns = { .nsid = nsid, .blocks = blocks, .lbads = lbads };

	ck_assert_msg(emu_config_add_ns(config, &ns, error) == 0, "%s", error->data);
}

static void add_first(struct emu_config *config, const struct th_options *options,
		      struct nvme_text *error)
{
	struct emu_ns_config ns = options->ns;

	ns.nsid = 1;
	ns.blocks = options->blocks ? options->blocks : 2048;
	ns.lbads = options->lbads ? options->lbads : 9;
	ck_assert_msg(emu_config_add_ns(config, &ns, error) == 0, "%s", error->data);
}

static void configure(const struct th_options *options, struct emu_config *config)
{
	char buffer[256];
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	emu_config_init(config);
	if (options->profile)
		ck_assert_int_eq(emu_config_profile(config, options->profile, &error), 0);
	config->queues = config->queues < TH_QUEUES - 1 ? config->queues : TH_QUEUES - 1;
	config->max_requests = 64;
	config->controllers = options->controllers ? options->controllers : 1;
	set_keys(config, options->controller, false, &error);
	set_keys(config, options->own, true, &error);
	add_first(config, options, &error);
	if (options->ns2_blocks)
		add_ns(config, 3, options->ns2_blocks, options->ns2_lbads ? options->ns2_lbads : 12,
		       &error);
	for (uint32_t i = 0; i < options->more_ns; i++)
		add_ns(config, 5 + 2 * i, 8, 9, &error);
	ck_assert_msg(emu_config_check(config, &error) == 0, "%s", error.data);
}

/* Not by malloc(): a sanitizer would look at all of it for each test, and most is never touched. */
static void *map_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	return memory;
}

void th_start_(struct th_host *host, const struct emu_config *config)
{
	const struct emu_ops ops = {
		.arg = host,
		.dma = th_dma_,
		.window = op_window,
		.shared = host->options.shared ? op_shared : NULL,
		.media = op_media,
		.cancel = host->options.cancels ? op_cancel : NULL,
		.irq = op_irq,
		.intx = op_intx,
		.trace = op_trace,
		.choose = op_choose,
		.save = host->options.forgets ? NULL : th_op_save_,
		.cut = op_cut,
		.panic = op_panic,
	};

	host->emu = emu_init(host->emu ? (void *)host->emu : aligned_alloc(64, host->emu_bytes),
			     config, &ops);
	for (uint32_t i = 0; i < config->controllers; i++) {
		host->now.ctrl = i;
		th_cfg_write(host, 4, 2, host->options.intx ? 0x0006 : 0x0406);
		if (!host->options.no_msix && !host->options.intx)
			th_cfg_write(host, 0xb2, 2, 0x8000);
	}
	host->now.ctrl = 0;
}

struct th_host *th_new_(struct th_options options, bool enable)
{
	struct th_host *host = calloc(1, sizeof(*host));
	struct emu_config config;

	ck_assert_ptr_nonnull(host);
	host->options = options;
	host->memory = map_memory(TH_MEMORY_BYTES);
	host->records = map_memory(TH_RECORD_BYTES);
	host->trace = map_memory(TH_TRACE_BYTES);
	nvme_text_init(&host->trace_text, host->trace, TH_TRACE_BYTES);
	configure(&options, &config);
	th_media_make_(host, &config);
	host->emu_bytes = emu_size(&config);
	ck_assert_uint_gt(host->emu_bytes, 0);
	for (uint32_t i = 0; options.shared && i < config.controllers; i++)
		host->shared[i] = calloc(1, TH_SHARED_BYTES);
	for (uint32_t i = 0; i < config.controllers; i++) {
		host->window[i][EMU_WINDOW_CMB] = calloc(1, config.cmb + 1);
		host->window[i][EMU_WINDOW_PMR] = calloc(1, config.pmr + 1);
	}
	th_start_(host, &config);
	if (!enable)
		return host;
	th_enable(host, options.entries ? options.entries : 16);
	for (uint32_t qid = 1; qid <= options.io_queues; qid++)
		th_create_queues(host, qid, options.entries ? options.entries : 16);
	if (options.intx)
		th_run(host); /* All completions so far are read: the line is not asserted. */
	memset(host->now.events, 0, sizeof(host->now.events));
	memset(host->now.irqs, 0, sizeof(host->now.irqs));
	return host;
}

void th_free(struct th_host *host)
{
	th_check(host);
	th_media_free_(host->media);
	for (uint32_t i = 0; i < TH_CTRLS; i++) {
		free(host->shared[i]);
		free(host->window[i][EMU_WINDOW_CMB]);
		free(host->window[i][EMU_WINDOW_PMR]);
	}
	free(host->emu);
	munmap(host->memory, TH_MEMORY_BYTES);
	munmap(host->records, TH_RECORD_BYTES);
	munmap(host->trace, TH_TRACE_BYTES);
	free(host);
}

struct emu *th_emu(struct th_host *host)
{
	return host->emu;
}

void th_ctrl(struct th_host *host, uint32_t ctrl)
{
	host->now.ctrl = ctrl;
}

void th_run(struct th_host *host)
{
	unsigned int changed;

	do {
		changed = 0;
		for (uint32_t i = 0;
		     host->options.shared && i < emu_config_of(host->emu)->controllers; i++) {
			changed += emu_poll_registers(host->emu, i);
			for (unsigned int turn = 0; turn < 64; turn++)
				changed += emu_poll_doorbells(host->emu, i);
		}
		changed += emu_step(host->emu,
				    host->options.stages ? host->options.stages : 1000000);
	} while (changed);
}

unsigned int th_step(struct th_host *host, unsigned int stages)
{
	return emu_step(host->emu, stages);
}

void th_time(struct th_host *host, uint64_t nsec)
{
	host->now.time_nsec += nsec;
	emu_set_time(host->emu, host->now.time_nsec);
	th_run(host);
}

uint32_t th_read32(struct th_host *host, uint32_t offset)
{
	uint8_t data[4];

	emu_bar_read(host->emu, host->now.ctrl, offset, data, 4);
	return nvme_load_le32(data);
}

uint64_t th_read64(struct th_host *host, uint32_t offset)
{
	uint8_t data[8];

	emu_bar_read(host->emu, host->now.ctrl, offset, data, 8);
	return nvme_load_le64(data);
}

void th_write32(struct th_host *host, uint32_t offset, uint32_t value)
{
	uint8_t data[4];

	nvme_store_le32(data, value);
	if (host->shared[host->now.ctrl])
		nvme_store_doorbell(host->shared[host->now.ctrl] + offset, value);
	else
		emu_bar_write(host->emu, host->now.ctrl, offset, data, 4);
}

void th_write64(struct th_host *host, uint32_t offset, uint64_t value)
{
	uint8_t data[8];

	if (host->shared[host->now.ctrl]) {
		th_write32(host, offset, (uint32_t)value);
		th_write32(host, offset + 4, (uint32_t)(value >> 32));
		return;
	}
	nvme_store_le64(data, value);
	emu_bar_write(host->emu, host->now.ctrl, offset, data, 8);
}

uint32_t th_cfg_read(struct th_host *host, uint32_t offset, uint32_t bytes)
{
	uint8_t data[4] = { 0 };

	emu_cfg_read(host->emu, host->now.ctrl, offset, data, bytes);
	return nvme_load_le32(data);
}

void th_cfg_write(struct th_host *host, uint32_t offset, uint32_t bytes, uint32_t value)
{
	uint8_t data[4];

	nvme_store_le32(data, value);
	emu_cfg_write(host->emu, host->now.ctrl, offset, data, bytes);
}

static uint32_t doorbell(struct th_host *host, uint32_t number)
{
	return NVME_DOORBELL_OFFSET + (number << (2 + emu_config_of(host->emu)->dstrd));
}

void th_ring_sq(struct th_host *host, uint32_t qid, uint32_t tail)
{
	th_write32(host, doorbell(host, 2 * qid), tail);
}

void th_ring_cq(struct th_host *host, uint32_t qid, uint32_t head)
{
	th_write32(host, doorbell(host, 2 * qid + 1), head);
}

const uint8_t *th_page(struct th_host *host)
{
	return host->shared[host->now.ctrl];
}

uint64_t th_alloc(struct th_host *host, uint32_t bytes)
{
	uint64_t page = (uint64_t)TH_PAGE << host->options.mps;
	uint64_t iova = TH_BASE + host->now.used;

	host->now.used += (bytes + page - 1) & ~(page - 1);
	ck_assert_uint_le(host->now.used, TH_MEMORY_BYTES);
	return iova;
}

void th_rewind(struct th_host *host)
{
	memset(host->memory, 0, host->now.used);
	host->now.used = 0;
}

void *th_ptr(struct th_host *host, uint64_t iova)
{
	return host->memory + (iova - TH_BASE);
}

void th_unmap(struct th_host *host, uint64_t iova)
{
	host->now.unmapped = iova & ~(uint64_t)(TH_PAGE - 1);
}

void th_read_only(struct th_host *host, uint64_t end)
{
	host->now.read_only = end ? end - TH_BASE : 0;
}

void th_map(struct th_host *host)
{
	host->now.unmapped = 0;
	emu_dma_changed(host->emu, host->now.ctrl);
}

unsigned int th_irqs(struct th_host *host, uint32_t vector)
{
	unsigned int count = host->now.irqs[host->now.ctrl][vector];

	host->now.irqs[host->now.ctrl][vector] = 0;
	return count;
}

bool th_line(struct th_host *host)
{
	return host->now.line[host->now.ctrl];
}

void th_refuse_irqs(struct th_host *host, bool refuse)
{
	host->now.irqs_refused = refuse;
}

void th_media(struct th_host *host, unsigned int position, int result)
{
	struct emu_media media;

	ck_assert_uint_lt(position, host->now.pending_count);
	media = host->now.pending[position];
	host->now.pending_count--;
	memmove(&host->now.pending[position], &host->now.pending[position + 1],
		(host->now.pending_count - position) * sizeof(media));
	emu_media_done(host->emu, media.tag, result ? result : th_medium_do_(host, &media));
}

unsigned int th_media_pending(struct th_host *host)
{
	return host->now.pending_count;
}

unsigned int th_cancelled(struct th_host *host)
{
	unsigned int count = host->now.cancelled;

	host->now.cancelled = 0;
	return count;
}

unsigned int th_cuts(struct th_host *host, enum emu_cut keep)
{
	unsigned int count = host->now.cuts[keep];

	host->now.cuts[keep] = 0;
	return count;
}

void th_media_fail(struct th_host *host, int error)
{
	host->now.media_error = error;
}

const struct emu_media *th_media_last(struct th_host *host)
{
	return &host->now.last;
}

void th_choose(struct th_host *host, uint32_t answer)
{
	host->now.choice = answer;
}

unsigned int th_events(struct th_host *host, unsigned int event)
{
	unsigned int count = host->now.events[event];

	host->now.events[event] = 0;
	return count;
}

void th_observe(struct th_host *host,
		void (*observe)(void *arg, const struct nvme_trace_record *record), void *arg)
{
	host->observe = observe;
	host->observe_arg = arg;
}

const char *th_trace(struct th_host *host)
{
	return host->trace;
}

void *th_window(struct th_host *host, enum emu_window window)
{
	return host->window[host->now.ctrl][window];
}
