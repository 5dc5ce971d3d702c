/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile device against the driver: registers, completions, Identify data as the fuzzer wants
 * them, under an application that calls whatever it may call.
 *
 * Every call ends, within bounded virtual time; every request that was taken completes exactly
 * once; what the driver tells the device (PRPs, doorbells, queues) is in the memory it was given.
 */
#include "tests/fuzz/device.h"

#define ACTIONS_MAX  300u
#define REQUESTS     64u
#define NAMESPACES   4u
#define TRANSFER_MAX (32u << 10)

struct request {
	bool taken;
	bool done;
	bool again; /* submits another one when it is done */
};

struct app {
	struct th_input in;
	struct th_device device;
	struct nvl_ctrl *ctrl;
	struct nvl_buffer data;
	struct request requests[REQUESTS];
	uint32_t used;
	uint32_t transfers;
	struct nvl_queue *claimed[TH_QUEUES]; /* by a thread, which polls in on_wait() */
};

typedef void action_fn(struct app *app);

static struct app app_;

static struct request *new_request(struct app *app)
{
	return app->used < REQUESTS ? &app->requests[app->used] : NULL;
}

/*
 * The driver answered: from now on it owes exactly one callback. A callback may come before this.
 */
static void took(struct app *app, struct request *request, int result)
{
	th_claim(result <= 0, "a submission has no status");
	if (result) {
		th_claim(!request->done, "what was refused does not complete");
		*request = (struct request){ 0 };
		app->used--;
		return;
	}
	request->taken = true;
}

static void submit_flush(struct app *app, struct nvl_queue *queue, bool again);

static void on_done(void *arg, const struct nvl_completion *completion)
{
	struct request *request = arg;

	th_claim(request >= app_.requests && request < app_.requests + app_.used,
		 "the argument comes back");
	th_claim(!request->done, "a request completes once");
	th_claim(completion->result <= 0 || (uint32_t)completion->result == completion->status,
		 "a status is whole");
	th_claim(completion->result >= 0 || completion->status == 0, "an errno has no status");
	request->done = true;
	if (request->again && nvl_queue(app_.ctrl, 0))
		submit_flush(&app_, nvl_queue(app_.ctrl, 0), false);
}

static struct nvl_queue *some_queue(struct app *app)
{
	return nvl_queue(app->ctrl, th_u8(&app->in) % TH_QUEUES);
}

static void submit_flush(struct app *app, struct nvl_queue *queue, bool again)
{
	struct request *request = new_request(app);

	if (!request)
		return;
	app->used++;
	request->again = again;
	took(app, request, nvl_flush(queue, 1, on_done, request));
	nvl_ring(queue);
}

static void act_start(struct app *app)
{
	int result = nvl_start(app->ctrl);

	th_claim((result == 0) == nvl_is_up(app->ctrl) || result == -NVL_EBUSY,
		 "a start that succeeds is live");
}

static bool make_io(struct app *app, struct nvl_io *ret_io)
{
	const struct nvl_ns *ns = nvl_ns_at(app->ctrl, th_u8(&app->in) % NAMESPACES);
	uint16_t blocks = th_u16(&app->in);
	uint32_t number = app->transfers;

	if (!ns || number == TH_TRANSFERS)
		return false;
	app->transfers++;
	*ret_io = (struct nvl_io){
		.ns = ns,
		.slba = (uint64_t)number << 16,
		.nlb = 1 + blocks % 300,
		.flags = blocks >> 14,
		.buffer = &app->data,
		.offset = th_u16(&app->in) * 4u % TH_DATA_BYTES,
	};
	app->device.transfers[number] = (struct th_transfer){
		.nlb = ret_io->nlb,
		.block_shift = ns->block_shift,
		.iova = TH_DATA_IOVA + ret_io->offset,
	};
	return true;
}

static void act_io(struct app *app)
{
	struct request *request = new_request(app);
	struct nvl_queue *queue = some_queue(app);
	uint8_t how = th_u8(&app->in);
	struct nvl_io io;

	if (!request || !queue || !make_io(app, &io))
		return;
	app->used++;
	if (how & 1)
		took(app, request, nvl_read(queue, &io, on_done, request));
	else
		took(app, request, nvl_write(queue, &io, on_done, request));
	if (how & 2)
		nvl_ring(queue);
}

static void act_io_wait(struct app *app)
{
	struct nvl_queue *queue = some_queue(app);
	uint8_t how = th_u8(&app->in);
	struct nvl_io io;

	if (!queue || !make_io(app, &io))
		return;
	if (how & 1)
		nvl_read_wait(queue, &io);
	else
		nvl_write_wait(queue, &io);
}

static void act_flush(struct app *app)
{
	struct nvl_queue *queue = some_queue(app);

	if (queue)
		submit_flush(app, queue, th_u8(&app->in) & 1);
}

static void act_raw(struct app *app)
{
	struct request *request = new_request(app);
	uint8_t how = th_u8(&app->in);
	struct nvl_queue *queue = how & 1 ? nvl_admin_queue(app->ctrl) : some_queue(app);
	struct nvme_sqe sqe = { .opcode = (uint8_t)(0xc0 | how) };
	struct nvl_data data = {
		.buffer = &app->data,
		.offset = th_u32(&app->in),
		.bytes = th_u32(&app->in),
	};

	if (!request || !queue)
		return;
	app->used++;
	took(app, request, nvl_submit(queue, &sqe, how & 2 ? &data : NULL, on_done, request));
}

static void act_ring(struct app *app)
{
	struct nvl_queue *queue = some_queue(app);

	nvl_ring(queue ? queue : nvl_admin_queue(app->ctrl));
}

static void act_poll(struct app *app)
{
	struct nvl_queue *queue = some_queue(app);

	nvl_poll(queue ? queue : nvl_admin_queue(app->ctrl), th_u8(&app->in) % 8);
}

static void act_tick(struct app *app)
{
	struct nvl_queue *queue = some_queue(app);

	nvl_tick(queue ? queue : nvl_admin_queue(app->ctrl));
}

static void act_time(struct app *app)
{
	app->device.now += 1ull << th_u8(&app->in) % 36;
}

static void act_work(struct app *app)
{
	th_device_work(&app->device);
}

static void act_post(struct app *app)
{
	th_device_post(&app->device);
}

static void act_watch(struct app *app)
{
	nvl_watch(app->ctrl);
}

static void act_reset(struct app *app)
{
	app->device.silent = false;
	nvl_reset(app->ctrl);
}

static void act_shutdown(struct app *app)
{
	nvl_shutdown(app->ctrl, th_u8(&app->in) & 1);
}

static void act_stop(struct app *app)
{
	nvl_stop(app->ctrl);
}

static void act_rescan(struct app *app)
{
	nvl_rescan(app->ctrl);
}

static void act_log(struct app *app)
{
	static uint8_t log[3 * NVL_ADMIN_DATA_BYTES];
	struct nvl_log operands = { .lid = th_u8(&app->in), .offset = th_u8(&app->in) * 4u };
	uint32_t bytes = th_u16(&app->in) * 4u % (sizeof(log) + 1);

	nvl_get_log(app->ctrl, &operands, log, bytes);
}

static void act_feature(struct app *app)
{
	uint8_t data[512] = { 0 };
	struct nvl_feature feature = {
		.fid = th_u8(&app->in),
		.cdw11 = th_u8(&app->in),
		.data = data,
		.data_bytes = th_u16(&app->in) % (sizeof(data) + 1),
	};
	uint32_t dw0;

	if (feature.cdw11 & 1)
		nvl_get_feature(app->ctrl, &feature, &dw0);
	else
		nvl_set_feature(app->ctrl, &feature, &dw0);
}

static void act_lie(struct app *app)
{
	uint8_t how = th_u8(&app->in);

	if (how == 1)
		app->device.gone = true;
	else if (how == 2)
		app->device.lost = -NVL_ECONNRESET;
	else
		app->device.silent = how & 128;
}

static void act_text(struct app *app)
{
	char buffer[80];
	struct nvme_text text;

	nvme_text_init(&text, buffer, th_u8(&app->in) % sizeof(buffer));
	nvl_failure_text(app->ctrl, &text);
	nvl_result_text((int8_t)th_u8(&app->in), &text);
}

static void act_claim(struct app *app)
{
	uint32_t index = th_u8(&app->in) % TH_QUEUES;
	struct nvl_queue *queue = nvl_queue(app->ctrl, index);

	if (!queue || app->claimed[index])
		return;
	app->claimed[index] = queue;
	nvl_queue_claim(queue);
}

static void act_release(struct app *app)
{
	uint32_t index = th_u8(&app->in) % TH_QUEUES;
	struct nvl_queue *queue = app->claimed[index];

	if (!queue || nvl_queue_outstanding(queue) > 0)
		return;
	app->claimed[index] = NULL;
	nvl_queue_release(queue);
}

/* The threads, while the owner waits; some of them are late. */
static void on_wait(void *arg)
{
	struct app *app = arg;

	for (uint32_t i = 0; i < TH_QUEUES; i++) {
		if (app->claimed[i] && th_is_honest(&app->device))
			nvl_poll(app->claimed[i], 0);
	}
}

static action_fn *const actions[] = {
	act_io,	  act_io,    act_io,	  act_flush,	act_raw,     act_ring,	 act_ring,
	act_poll, act_poll,  act_tick,	  act_time,	act_work,    act_work,	 act_post,
	act_post, act_watch, act_reset,	  act_stop,	act_start,   act_rescan, act_log,
	act_lie,  act_text,  act_io_wait, act_shutdown, act_feature, act_claim,	 act_release,
};

static void check(struct app *app)
{
	enum nvl_state state = nvl_state(app->ctrl);

	th_claim(state != NVL_STATE_STARTING && state != NVL_STATE_RESETTING &&
			 state != NVL_STATE_SHUTTING_DOWN,
		 "a state to rest in");
	th_claim(nvl_ns_count(app->ctrl) <= NAMESPACES, "the table's rows");
	th_claim(nvl_info(app->ctrl)->queues < TH_QUEUES, "the configured queues");
	th_claim(nvl_info(app->ctrl)->max_transfer_bytes <= TRANSFER_MAX, "the configured limit");
	for (uint32_t i = 0; i < nvl_info(app->ctrl)->queues; i++) {
		const struct nvl_queue *queue = nvl_queue(app->ctrl, i);

		th_claim(nvl_queue_outstanding(queue) <= nvl_queue_depth(queue),
			 "the queue's depth");
	}
}

static void trace(void *arg, const struct nvme_trace_record *record)
{
	static char line[16384];
	struct nvme_text text;

	(void)arg;
	th_claim(record->event < NVME_TRACE_EVENTS && record->side == NVME_TRACE_DRIVER,
		 "an event of this side");
	if (!getenv("TH_TRACE"))
		return;
	nvme_text_init(&text, line, sizeof(line));
	nvme_trace_json(&text, record);
	fprintf(stderr, "%s\n", line);
}

static void open_app(struct app *app, uint8_t how)
{
	struct nvl_buffer dma = { .bytes = TH_DMA_BYTES, .iova = TH_DMA_IOVA };
	struct nvl_config config;
	struct nvl_ops ops;
	void *memory;

	nvl_config_init(&config);
	config.queues = how & 1 ? 3 : 1;
	config.entries = how & 2 ? 4 : 16;
	config.admin_entries = how & 4 ? 2 : 8;
	config.vectors = how & 8 ? 2 : 0;
	config.max_transfer_bytes = how & 16 ? TRANSFER_MAX : NVL_PAGE_BYTES;
	config.namespaces = NAMESPACES;
	th_claim(nvl_dma_size(&config) > 0 && nvl_dma_size(&config) <= TH_DMA_BYTES,
		 "the device's memory suffices");
	app->device.in = &app->in;
	app->device.dma = aligned_alloc(NVL_PAGE_BYTES, TH_DMA_BYTES);
	app->device.data = calloc(1, TH_DATA_BYTES);
	memory = aligned_alloc(NVL_PAGE_BYTES, nvl_size(&config));
	th_claim(app->device.dma && app->device.data && memory, "there is memory");
	memset(app->device.dma, 0xff, TH_DMA_BYTES);
	dma.data = app->device.dma;
	app->data = (struct nvl_buffer){
		.data = app->device.data,
		.bytes = TH_DATA_BYTES,
		.iova = TH_DATA_IOVA,
	};
	app->device.on_wait = on_wait;
	app->device.arg = app;
	th_device_ops(&app->device, how & 32, &ops);
	app->ctrl = memory; /* which the device needs to know already */
	app->device.ctrl = memory;
	app->ctrl = nvl_init(memory, &dma, &config, &ops, how & 64 ? trace : NULL, NULL);
}

/* However it ends, each request was answered, once. */
static void close_app(struct app *app)
{
	app->device.waits = 0;
	nvl_stop(app->ctrl);
	for (uint32_t i = 0; i < TH_QUEUES; i++) {
		if (app->claimed[i])
			nvl_poll(app->claimed[i], 0);
	}
	for (uint32_t i = 0; i < app->used; i++)
		th_claim(app->requests[i].done, "every request completes");
	free(app->ctrl);
	free(app->device.dma);
	free(app->device.data);
	free(app->device.page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct app *app = &app_;
	uint8_t how;

	memset(app, 0, sizeof(*app));
	app->in = (struct th_input){ data, size };
	how = th_u8(&app->in);
	open_app(app, how);
	/* What a hostile device does to a start is for the other inputs. */
	app->device.trusted = true;
	if (how & 128)
		act_start(app);
	app->device.trusted = false;
	for (uint32_t i = 0; i < ACTIONS_MAX && app->in.bytes > 0; i++) {
		app->device.waits = 0;
		actions[th_u8(&app->in) % (sizeof(actions) / sizeof(actions[0]))](app);
		check(app);
	}
	close_app(app);
	return 0;
}
