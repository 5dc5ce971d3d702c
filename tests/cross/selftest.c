/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Both cores in one program: see selftest.h.
 *
 *	by_hand()      rings and registers by hand: identify, queues, blocks, a PRP list, an event
 *	by_driver()    bring-up, transfers of every shape, logs, features, an error, reset, shutdown
 *
 * Time is virtual: it passes where the driver waits, and from deadline to deadline by hand.
 */
#include "tests/cross/selftest.h"

#include "common/crc.h"
#include "common/random.h"
#include "driver/core/nvl.h"
#include "emulator/core/emu.h"

#define IOVA	     UINT64_C(0x100000000)
#define MEMORY_BYTES (2u << 20)
#define BLOCK_BYTES  (2u << 20) /* of the subsystem, and of the driver */
#define MEDIA_BYTES  (1u << 20)
#define TRACE_BYTES  (4u << 20)
#define PENDING_MAX  64
#define NAMESPACES   2
#define SEED	     0x5eed

#define QUOTE(text)  #text
#define NUMBER(text) QUOTE(text)
#define CLAIM(condition)                                                          \
	do {                                                                      \
		if (!failure && !(condition))                                     \
			failure = "selftest.c:" NUMBER(__LINE__) ": " #condition; \
	} while (0)

/* Pages of host memory, by hand. */
enum page {
	PAGE_ASQ,
	PAGE_ACQ,
	PAGE_SQ,
	PAGE_CQ,
	PAGE_LIST,
	PAGE_DATA,
};

static _Alignas(4096) uint8_t memory[MEMORY_BYTES];
static _Alignas(4096) uint8_t emu_block[BLOCK_BYTES];
static _Alignas(4096) uint8_t nvl_block[BLOCK_BYTES];
static uint8_t media[NAMESPACES][MEDIA_BYTES];
static char trace_text[2][TRACE_BYTES];
static struct nvme_text trace[2];
static struct emu_media pending[PENDING_MAX];
static uint32_t pending_count;
static uint32_t unsaved[PENDING_MAX];
static uint32_t unsaved_count;
static struct emu *emu;
static const char *failure;
static uint32_t fired;

static void *op_dma(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot)
{
	(void)arg;
	(void)ctrl;
	(void)prot;
	if (iova < IOVA || iova - IOVA > MEMORY_BYTES || bytes > MEMORY_BYTES - (iova - IOVA))
		return NULL;
	return memory + (iova - IOVA);
}

/* Later, in the order of the requests, so that the medium takes part in the order of things. */
static int op_media(void *arg, const struct emu_media *request)
{
	(void)arg;
	if (pending_count == PENDING_MAX)
		return -5;
	pending[pending_count++] = *request;
	return EMU_PENDING;
}

static int move(const struct emu_media *request)
{
	uint8_t *at = media[request->nsid == 1 ? 0 : 1] + (request->slba << request->lbads);

	size_t all = (size_t)request->nlb << request->lbads;

	if (request->op == EMU_MEDIA_WRITE_ZEROES || request->op == EMU_MEDIA_DEALLOCATE) {
		memset(at, 0, all);
		return 0;
	}
	if (request->op > EMU_MEDIA_FLUSH)
		return -95; /* ENOTSUP */
	if (request->data)
		memcpy(request->op == EMU_MEDIA_READ ? request->data : at,
		       request->op == EMU_MEDIA_READ ? at : request->data, all);
	for (const struct emu_spans *node = request->spans; node; node = node->next) {
		for (uint32_t i = 0; i < node->count; i++) {
			size_t bytes = (size_t)node->span[i].bytes;
			uint8_t *host = op_dma(NULL, 0, node->span[i].iova, bytes, EMU_DMA_READ);

			if (node->span[i].iova == EMU_SPAN_BUCKET) {
				at += bytes;
				continue;
			}
			if (!host)
				return -14;
			if (request->op == EMU_MEDIA_READ)
				memcpy(host, at, bytes);
			else
				memcpy(at, host, bytes);
			at += bytes;
		}
	}
	return 0;
}

/* Durable later, as on a disk. */
static int op_save(void *arg, const struct emu_record *record)
{
	(void)arg;
	if (unsaved_count == PENDING_MAX)
		return -28;
	unsaved[unsaved_count++] = record->tag;
	return EMU_PENDING;
}

static bool op_irq(void *arg, uint32_t ctrl, uint32_t vector)
{
	(void)arg;
	(void)ctrl;
	fired |= 1u << vector;
	return true;
}

static void op_trace(void *arg, const struct nvme_trace_record *record)
{
	struct nvme_text *text = &trace[record->side];

	(void)arg;
	nvme_trace_json(text, record);
	nvme_text_char(text, '\n');
}

static uint32_t op_choose(void *arg, enum emu_choice site, uint64_t identity, uint32_t n)
{
	(void)arg;
	return (uint32_t)nvme_draw_below(nvme_draw(SEED, nvme_key("choose") + site, identity, 0),
					 n);
}

static void op_panic(void *arg, const char *what)
{
	(void)arg;
	(void)what;
	__builtin_trap();
}

/* Everything that is due now: stages, and what the medium was asked for. */
static void run(void)
{
	while (emu_step(emu, 1000) > 0 || pending_count > 0 || unsaved_count > 0) {
		struct emu_media request = pending[0];

		if (unsaved_count > 0)
			emu_save_done(emu, unsaved[--unsaved_count], 0);
		if (pending_count == 0)
			continue;
		pending_count--;
		memmove(pending, pending + 1, pending_count * sizeof(pending[0]));
		emu_media_done(emu, request.tag, move(&request));
	}
}

/* And what is due later, up to the end of all deadlines but the Keep Alive Timer's. */
static void settle(void)
{
	run();
	while (emu_deadline(emu) != EMU_NEVER) {
		emu_set_time(emu, emu_deadline(emu));
		run();
	}
}

static uint64_t reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	uint8_t data[8] = { 0 };

	(void)arg;
	emu_bar_read(emu, 0, offset, data, bytes);
	return nvme_load_le64(data);
}

static void reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	uint8_t data[8];

	(void)arg;
	nvme_store_le64(data, value);
	emu_bar_write(emu, 0, offset, data, bytes);
	run();
}

static uint32_t cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	uint8_t data[4] = { 0 };

	(void)arg;
	emu_cfg_read(emu, 0, offset, data, bytes);
	return nvme_load_le32(data);
}

static void cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	uint8_t data[4];

	(void)arg;
	nvme_store_le32(data, value);
	emu_cfg_write(emu, 0, offset, data, bytes);
	run();
}

static void power_on(void)
{
	const struct emu_ops ops = {
		.dma = op_dma,
		.media = op_media,
		.irq = op_irq,
		.trace = op_trace,
		.choose = op_choose,
		.save = op_save,
		.panic = op_panic,
	};
	struct emu_config config;

	emu_config_init(&config);
	config.queues = 4;
	config.max_requests = 32;
	config.mdts = 4;
	config.reorder = 4;
	config.ready_delay = 1000000;
	config.service_time = 5000;
	config.namespaces = NAMESPACES;
	config.ns[0] = (struct emu_ns_config){ .nsid = 1, .blocks = 2048, .lbads = 9 };
	config.ns[1] = (struct emu_ns_config){ .nsid = 3, .blocks = 256, .lbads = 12 };
	CLAIM(emu_size(&config) > 0 && emu_size(&config) <= sizeof(emu_block));
	memset(memory, 0, sizeof(memory));
	memset(media, 0, sizeof(media));
	pending_count = 0;
	unsaved_count = 0;
	if (!failure)
		emu = emu_init(emu_block, &config, &ops);
}

static uint64_t page(uint32_t number)
{
	return IOVA + (uint64_t)number * 4096;
}

static uint8_t *at_page(uint32_t number)
{
	return memory + (size_t)number * 4096;
}

/* Slot @slot of queue @qid gets @sqe; then the doorbell, and the completion that is expected. */
static void command(uint32_t qid, uint32_t slot, struct nvme_sqe sqe, nvme_status expected)
{
	const uint8_t *cqe = at_page(qid ? PAGE_CQ : PAGE_ACQ) + (size_t)slot * NVME_CQE_BYTES;

	sqe.cid = nvme_le16((uint16_t)(0x100 * qid + slot));
	memcpy(at_page(qid ? PAGE_SQ : PAGE_ASQ) + (size_t)slot * NVME_SQE_BYTES, &sqe,
	       sizeof(sqe));
	reg_write(NULL, NVME_DOORBELL_OFFSET + 8 * qid, 4, slot + 1);
	settle();
	CLAIM(nvme_load_le16(cqe + 12) == 0x100 * qid + slot);
	CLAIM((nvme_load_le16(cqe + 14) & 1) == 1);
	CLAIM(nvme_status_code(nvme_cqe_status(nvme_load_le16(cqe + 14))) == expected);
	reg_write(NULL, NVME_DOORBELL_OFFSET + 8 * qid + 4, 4, slot + 1);
}

static void enable_by_hand(void)
{
	cfg_write(NULL, 0x04, 2, 0x0406);
	cfg_write(NULL, 0xb2, 2, 0x8000);
	reg_write(NULL, NVME_REG_AQA, 4, 15 << 16 | 15);
	reg_write(NULL, NVME_REG_ASQ, 8, page(PAGE_ASQ));
	reg_write(NULL, NVME_REG_ACQ, 8, page(PAGE_ACQ));
	reg_write(NULL, NVME_REG_CC, 4, 4 << 20 | 6 << 16 | 1);
	settle();
	CLAIM(reg_read(NULL, NVME_REG_CSTS, 4) == 1);
}

static void queues_by_hand(void)
{
	struct nvme_sqe sqe = { .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = nvme_le32(NVME_CNS_CTRL) };

	sqe.prp1 = nvme_le64(page(PAGE_DATA));
	command(0, 0, sqe, NVME_SC_SUCCESS);
	CLAIM(nvme_load_le16(at_page(PAGE_DATA)) == 0x4e4c);
	sqe.opcode = NVME_ADMIN_CREATE_IO_CQ;
	sqe.cdw10 = nvme_le32(15 << 16 | 1);
	sqe.cdw11 = nvme_le32(1 << 16 | 3);
	sqe.prp1 = nvme_le64(page(PAGE_CQ));
	command(0, 1, sqe, NVME_SC_SUCCESS);
	sqe.opcode = NVME_ADMIN_CREATE_IO_SQ;
	sqe.cdw11 = nvme_le32(1 << 16 | 1);
	sqe.prp1 = nvme_le64(page(PAGE_SQ));
	command(0, 2, sqe, NVME_SC_SUCCESS);
	sqe.opcode = 0xff;
	command(0, 3, sqe, NVME_SC_INVALID_OPCODE);
}

/* One block, then forty through a list of pages in descending order, written and read back. */
static void blocks_by_hand(void)
{
	struct nvme_sqe sqe = { .opcode = NVME_CMD_WRITE, .nsid = nvme_le32(1) };

	sqe.prp1 = nvme_le64(page(PAGE_DATA));
	nvme_pattern_fill(at_page(PAGE_DATA), 512, SEED, 7);
	sqe.cdw10 = nvme_le32(7);
	command(1, 0, sqe, NVME_SC_SUCCESS);
	memset(at_page(PAGE_DATA), 0, 512);
	sqe.opcode = NVME_CMD_READ;
	command(1, 1, sqe, NVME_SC_SUCCESS);
	CLAIM(nvme_pattern_check(at_page(PAGE_DATA), 512, SEED, 7) == 512);
	for (uint32_t i = 0; i < 5; i++) {
		nvme_pattern_fill(at_page(PAGE_DATA + 5 - i), 4096, SEED, i);
		if (i > 0)
			nvme_store_le64(at_page(PAGE_LIST) + 8 * (i - 1), page(PAGE_DATA + 5 - i));
	}
	sqe.opcode = NVME_CMD_WRITE;
	sqe.prp1 = nvme_le64(page(PAGE_DATA + 5));
	sqe.prp2 = nvme_le64(page(PAGE_LIST));
	sqe.cdw10 = nvme_le32(100);
	sqe.cdw12 = nvme_le32(39);
	command(1, 2, sqe, NVME_SC_SUCCESS);
	for (uint32_t i = 0; i < 5; i++)
		CLAIM(nvme_pattern_check(media[0] + 100 * 512 + i * 4096, 4096, SEED, i) == 4096);
	sqe.cdw10 = nvme_le32(2047);
	command(1, 3, sqe, NVME_SC_LBA_OUT_OF_RANGE);
}

static void by_hand(void)
{
	struct nvme_sqe aer = { .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST };

	power_on();
	if (failure)
		return;
	enable_by_hand();
	queues_by_hand();
	blocks_by_hand();
	/* A doorbell of a queue that is not there is an event, which waits for its request. */
	reg_write(NULL, NVME_DOORBELL_OFFSET + 16, 4, 1);
	command(0, 4, aer, NVME_SC_SUCCESS);
	CLAIM(fired == 3);
	reg_write(NULL, NVME_REG_CC, 4, 4 << 20 | 6 << 16 | 1 << 14 | 1);
	settle();
	CLAIM(reg_read(NULL, NVME_REG_CSTS, 4) == (2 << 2 | 1));
}

static uint64_t op_now(void *arg)
{
	(void)arg;
	return emu_time(emu);
}

static void op_wait(void *arg, uint32_t vector, uint64_t deadline_nsec)
{
	uint64_t next = emu_deadline(emu);

	(void)arg;
	(void)vector;
	emu_set_time(emu, next < deadline_nsec ? next : deadline_nsec);
	run();
}

static int op_irq_assign(void *arg, uint32_t vectors)
{
	cfg_write(arg, 0xb2, 2, vectors ? 0x8000 : 0);
	return (int)vectors;
}

static struct nvl_ctrl *open_driver(struct nvl_buffer *ret_data)
{
	const struct nvl_ops ops = {
		.reg_read = reg_read,
		.reg_write = reg_write,
		.cfg_read = cfg_read,
		.cfg_write = cfg_write,
		.irq_assign = op_irq_assign,
		.now = op_now,
		.wait = op_wait,
		.panic = op_panic,
	};
	struct nvl_config config;
	struct nvl_buffer dma = { .data = memory, .iova = IOVA };
	size_t used;

	nvl_config_init(&config);
	config.queues = 2;
	config.entries = 8;
	config.vectors = 3;
	config.max_transfer_bytes = 64u << 10;
	config.namespaces = 8;
	used = nvl_dma_size(&config);
	CLAIM(used > 0 && used < MEMORY_BYTES / 2);
	CLAIM(nvl_size(&config) > 0 && nvl_size(&config) <= sizeof(nvl_block));
	dma.bytes = used;
	*ret_data = (struct nvl_buffer){
		.data = memory + used,
		.bytes = MEMORY_BYTES - used,
		.iova = IOVA + used,
	};
	return failure ? NULL : nvl_init(nvl_block, &dma, &config, &ops, op_trace, NULL);
}

/* @nlb blocks with an offset into the buffer: within a page, over two, with a list, split. */
static void transfer(struct nvl_queue *queue, const struct nvl_ns *ns,
		     const struct nvl_buffer *data, uint64_t slba, uint32_t nlb, uint64_t offset)
{
	size_t bytes = (size_t)nlb << ns->block_shift;
	uint8_t *at = (uint8_t *)data->data + offset;
	const struct nvl_io io = {
		.ns = ns,
		.slba = slba,
		.nlb = nlb,
		.buffer = data,
		.offset = offset,
	};

	nvme_pattern_fill(at, bytes, SEED, slba);
	CLAIM(nvl_write_wait(queue, &io) == 0);
	memset(at, 0xa5, bytes);
	CLAIM(nvl_read_wait(queue, &io) == 0);
	CLAIM(nvme_pattern_check(at, bytes, SEED, slba) == bytes);
}

struct outcome {
	uint32_t done;
	uint32_t errors;
};

static void on_done(void *arg, const struct nvl_completion *completion)
{
	struct outcome *outcome = arg;

	outcome->done++;
	outcome->errors += completion->result != 0;
}

/* Several at once, which the controller may complete in another order. */
static void batch(struct nvl_queue *queue, const struct nvl_ns *ns, const struct nvl_buffer *data)
{
	struct outcome outcome = { 0 };

	for (uint32_t i = 0; i < 6; i++) {
		const struct nvl_io io = {
			.ns = ns,
			.slba = i < 5 ? 8 * i : UINT64_MAX, /* the last one is out of range */
			.nlb = 8,
			.buffer = data,
			.offset = i * 4096,
		};

		CLAIM(nvl_read(queue, &io, on_done, &outcome) == 0);
	}
	nvl_ring(queue);
	for (uint32_t turn = 0; outcome.done < 6 && turn < 100; turn++) {
		nvl_wait(queue, emu_time(emu) + 1000000000);
		nvl_poll(queue, 0);
	}
	CLAIM(outcome.done == 6 && outcome.errors == 1);
}

static void use_driver(struct nvl_ctrl *ctrl, const struct nvl_buffer *data)
{
	const struct nvl_log log = { .lid = NVME_LID_ERROR };
	struct nvl_feature feature = { .fid = NVME_FID_TEMP_THRESHOLD };
	struct nvme_error_log_entry entry;
	const struct nvl_ns *ns = nvl_ns_find(ctrl, 1);
	uint32_t dw0 = 0;

	CLAIM(nvl_info(ctrl)->queues == 2 && nvl_ns_count(ctrl) == 2 && ns);
	if (failure)
		return;
	transfer(nvl_queue(ctrl, 0), ns, data, 0, 1, 0);
	transfer(nvl_queue(ctrl, 1), ns, data, 9, 8, 512);
	transfer(nvl_queue(ctrl, 0), ns, data, 40, 100, 4);
	transfer(nvl_queue(ctrl, 1), nvl_ns_find(ctrl, 3), data, 1, 100, 1028);
	batch(nvl_queue(ctrl, 1), ns, data);
	CLAIM(nvl_flush_wait(nvl_queue(ctrl, 0), 1) == 0);
	CLAIM(nvl_get_log(ctrl, &log, &entry, sizeof(entry)) == 0);
	CLAIM(nvme_cpu64(entry.error_count) == 1);
	CLAIM(nvl_get_feature(ctrl, &feature, &dw0) == 0);
}

static void by_driver(void)
{
	struct nvl_buffer data;
	struct nvl_ctrl *ctrl;

	power_on();
	ctrl = open_driver(&data);
	if (failure)
		return;
	CLAIM(nvl_start(ctrl) == 0);
	if (!failure)
		use_driver(ctrl, &data);
	CLAIM(nvl_reset(ctrl) == 0);
	if (!failure)
		transfer(nvl_queue(ctrl, 0), nvl_ns_at(ctrl, 0), &data, 300, 3, 0);
	CLAIM(nvl_shutdown(ctrl, false) == 0 && nvl_dma_safe(ctrl));
}

const char *th_selftest(void)
{
	for (unsigned int side = 0; side < 2; side++)
		nvme_text_init(&trace[side], trace_text[side], TRACE_BYTES);
	by_hand();
	if (!failure)
		by_driver();
	CLAIM(!trace[0].cut && !trace[1].cut);
	CLAIM(trace[0].used > 0 && trace[1].used > 0);
	return failure;
}

const char *th_selftest_trace(unsigned int side, size_t *ret_bytes)
{
	*ret_bytes = trace[side].used;
	return trace[side].data;
}

uint64_t th_selftest_crc(unsigned int side)
{
	return nvme_crc64(0, trace[side].data, trace[side].used);
}
