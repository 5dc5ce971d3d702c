/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The core as a machine: one stage at a time or many, copied and put back, shared by controllers,
 * and fed with anything. There is no clause of the specification for it; emu.h has the promises.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/bits.h"
#include "common/nvme_names.h"
#include "common/random.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define CC_ON	    (4 << 20 | 6 << 16 | 1)
#define MILLISECOND 1000000ull

static uint64_t draw(uint64_t seed, uint64_t n, uint64_t which, uint64_t limit)
{
	return nvme_draw_below(nvme_draw(seed, which, n, 0), limit);
}

/* A mixture of what hosts do; after each act the controller has nothing left to do. */
static void act(struct th_host *h, uint64_t n)
{
	uint32_t qid = 1 + (uint32_t)draw(1, n, 1, 2);
	uint16_t cid = (uint16_t)n;
	uint64_t page = th_read64(h, NVME_REG_ASQ) + 0x100000; /* somewhere behind the rings */
	struct nvme_cqe cqe;

	switch (draw(1, n, 2, 8)) {
	case 0:
		th_admin(h, .opcode = NVME_ADMIN_IDENTIFY, .cid = cid, .prp1 = page, .cdw10 = 1);
		break;
	case 1:
		th_admin(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .cid = cid, .prp1 = page,
			 .cdw10 = 127u << 16 | (uint32_t)draw(1, n, 3, 4));
		break;
	case 2:
		th_ring_sq(h, 6, 1); /* an event */
		break;
	case 3:
		th_fill(h, qid, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
		/* fall through */
	default:
		th_io(h, qid, .opcode = n % 2 ? NVME_CMD_READ : NVME_CMD_WRITE, .cid = cid,
		      .nsid = 1, .prp1 = page, .prp2 = page + 4096,
		      .cdw10 = (uint32_t)draw(1, n, 4, 2060), .cdw12 = (uint32_t)draw(1, n, 5, 16));
	}
	th_run(h);
	for (uint32_t cqid = 0; cqid < 3; cqid++) {
		uint32_t consumed = 0;

		while (th_next_cqe(h, cqid, &cqe))
			consumed++;
		if (consumed)
			th_ring_cq(h, cqid, th_head(h, cqid));
	}
}

static const unsigned int pieces[] = { 1, 2, 3, 7, 64 };

static struct th_host *two_controllers(unsigned int stages)
{
	struct th_host *h = th_enabled(.io_queues = 2, .controllers = 2,
				       .controller = "reorder=3,rab=1,service_time=2us",
				       .stages = stages);

	th_ctrl(h, 1);
	th_enable(h, 16);
	for (uint32_t qid = 1; qid <= 2; qid++)
		th_create_queues(h, qid, 16);
	return h;
}

START_TEST(the_trace_is_the_same_however_the_stages_are_divided)
{
	struct th_host *all = two_controllers(0), *some = two_controllers(pieces[_i]);

	for (uint64_t n = 0; n < 300; n++) {
		th_ctrl(all, n % 3 == 0);
		th_ctrl(some, n % 3 == 0);
		act(all, n);
		act(some, n);
		if (n % 2) {
			th_time(all, 1000);
			th_time(some, 1000);
		}
	}
	ck_assert_uint_gt(strlen(th_trace(all)), 100000);
	ck_assert(strcmp(th_trace(all), th_trace(some)) == 0);
	th_free(all);
	th_free(some);
}
END_TEST

START_TEST(a_step_does_at_most_what_it_may_and_says_how_much)
{
	struct th_host *h = th_enabled(.io_queues = 1);
	unsigned int stages = 0;

	ck_assert_uint_eq(th_step(h, 100), 0);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	ck_assert_uint_eq(th_step(h, 0), 0);
	while (th_step(h, 1) == 1)
		stages++;
	ck_assert_uint_eq(stages, 5); /* fetch, execute, transfer, complete, interrupt */
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	ck_assert_uint_eq(th_step(h, 100), 0);
	th_free(h);
}
END_TEST

/* Some commands of every kind, some of which the medium keeps, and no stage done yet. */
static void load(struct th_host *h)
{
	uint64_t page = th_alloc(h, 16 * 4096), list = th_alloc(h, 4096);

	for (uint32_t i = 0; i < 7; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, list) + 8 * i, page + 8192 * i + 4096);
	for (uint16_t cid = 0; cid < 6; cid++)
		th_io(h, 1, .opcode = cid % 2 ? NVME_CMD_READ : NVME_CMD_WRITE, .cid = cid,
		      .nsid = 1, .prp1 = page, .prp2 = list, .cdw10 = cid, .cdw12 = 63);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 100);
	th_admin(h, .opcode = NVME_ADMIN_IDENTIFY, .cid = 101, .prp1 = page, .cdw10 = 1);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 102, .cdw10 = 2);
	th_ring_sq(h, 6, 1);
}

static void play_to_the_end(struct th_host *h)
{
	th_time(h, MILLISECOND);
	while (th_media_pending(h)) {
		th_media(h, th_media_pending(h) / 2, th_media_pending(h) == 3 ? -EIO : 0);
		th_time(h, MILLISECOND);
	}
	th_write32(h, NVME_REG_CC, CC_ON | 1 << 14);
	th_run(h);
	while (th_media_pending(h))
		th_media(h, 0, 0);
	th_time(h, MILLISECOND);
}

START_TEST(a_copy_put_back_in_place_plays_the_same_again)
{
	/* emu.h: a snapshot is a copy of emu_size() bytes, at any moment between two stages. */
	struct th_host *h = th_enabled(.io_queues = 2, .slow_media = true,
				       .controller = "mdts=3,spans=2,service_time=1us");
	const char *first, *second;
	size_t bytes;

	load(h);
	for (unsigned int stage = 0; stage < 30; stage++) {
		struct th_snapshot *snapshot = th_save(h);

		first = th_trace(h) + strlen(th_trace(h));
		play_to_the_end(h);
		bytes = strlen(first);
		th_restore(h, snapshot);
		th_check(h);
		second = first + bytes;
		play_to_the_end(h);
		ck_assert_uint_gt(bytes, 500);
		ck_assert(strlen(second) == bytes && memcmp(first, second, bytes) == 0);
		ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 9);
		th_restore(h, snapshot);
		th_discard(snapshot);
		th_step(h, 1);
	}
	th_free(h);
}
END_TEST

START_TEST(controllers_take_turns)
{
	/* Both have work for ever; neither is ahead of the other by more than a burst. */
	struct th_host *h = th_enabled(.controllers = 2, .io_queues = 1, .entries = 64,
				       .controller = "rab=2");
	uint32_t done[2] = { 0, 0 };
	struct nvme_cqe cqe;

	th_ctrl(h, 1);
	th_enable(h, 64);
	th_create_queues(h, 1, 64);
	for (uint32_t ctrl = 0; ctrl < 2; ctrl++) {
		th_ctrl(h, ctrl);
		for (uint16_t cid = 0; cid < 60; cid++)
			th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
		th_ring_sq(h, 1, th_tail(h, 1));
	}
	while (th_step(h, 1)) {
		for (uint32_t ctrl = 0; ctrl < 2; ctrl++) {
			th_ctrl(h, ctrl);
			done[ctrl] += th_next_cqe(h, 1, &cqe);
		}
		ck_assert(done[0] <= done[1] + 8 && done[1] <= done[0] + 8);
	}
	ck_assert(done[0] == 60 && done[1] == 60);
	th_free(h);
}
END_TEST

START_TEST(memory_grows_with_queues_and_never_with_their_depth)
{
	struct nvme_text error;
	struct emu_config config;
	char buffer[200];
	size_t few, shallow;

	nvme_text_init(&error, buffer, sizeof(buffer));
	emu_config_init(&config);
	config.queues = 1;
	few = emu_size(&config);
	config.queues = 65535;
	config.mqes = 1;
	shallow = emu_size(&config);
	config.mqes = 65535;
	ck_assert_uint_eq(emu_size(&config), shallow);
	ck_assert_uint_gt(shallow, few);
	ck_assert_uint_le(shallow - few, 65534ull * 200);
	ck_assert_uint_eq(few % 64, 0);
	config.controllers = 16;
	ck_assert_uint_gt(emu_size(&config), shallow * 10);
}
END_TEST

START_TEST(the_last_of_65535_pairs_works_at_full_depth)
{
	struct th_host *h = th_enabled(.controller = "queues=65535,mqes=65535");
	uint64_t cq = th_alloc(h, 65536 * 16), sq = th_alloc(h, 65536 * 64);
	struct nvme_sqe *slot = th_ptr(h, sq);
	const struct nvme_cqe *cqe = th_ptr(h, cq);

	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 7), 0xfffefffe);
	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq, .cdw10 = 0xffffffff, .cdw11 = 1);
	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = sq, .cdw10 = 0xffffffff,
	      .cdw11 = 0xffff0001);
	for (uint32_t i = 0; i < 65535; i++) {
		slot[i].nsid = nvme_le32(1); /* Flush */
		slot[i].cid = nvme_le16((uint16_t)i);
	}
	th_ring_sq(h, 65535, 65535);
	th_run(h);
	for (uint32_t i = 0; i < 65535; i++) {
		if (nvme_cpu16(cqe[i].cid) != i || !nvme_cqe_phase(&cqe[i]) ||
		    nvme_cqe_status(nvme_cpu16(cqe[i].status)))
			ck_abort_msg("completion %u", i);
	}
	ck_assert_uint_eq(nvme_cpu16(cqe[65534].sqid), 65535);
	ck_assert(!nvme_cqe_phase(&cqe[65535]));
	th_free(h);
}
END_TEST

START_TEST(the_block_may_hold_anything_before_and_ends_where_it_says)
{
	struct emu_config config;
	size_t bytes;
	uint8_t *memory;
	struct emu_ops ops = { 0 };

	emu_config_init(&config);
	bytes = emu_size(&config);
	memory = aligned_alloc(64, bytes + 64);
	ck_assert_ptr_nonnull(memory);
	memset(memory, 0xa5, bytes + 64);
	ck_assert_ptr_eq(emu_init(memory, &config, &ops), memory);
	emu_step((struct emu *)(void *)memory, 1000);
	for (uint32_t i = 0; i < 64; i++)
		ck_assert_uint_eq(memory[bytes + i], 0xa5);
	free(memory);
}
END_TEST

/* What the random host watches: a completion belongs to a command and has a status that exists. */
struct watch {
	uint16_t outstanding[2][8][256]; /* by controller, queue and CID */
	uint64_t completions;
};

static void observe(void *arg, const struct nvme_trace_record *record)
{
	struct watch *watch = arg;
	const uint64_t *args = record->args;

	if (record->event == NVME_TRACE_SQE_FETCH) {
		ck_assert(args[0] < 8);
		watch->outstanding[record->ctrl][args[0]][args[2] % 256]++;
	} else if (record->event == NVME_TRACE_CTRL_RESET) {
		memset(watch->outstanding[record->ctrl], 0, sizeof(watch->outstanding[0]));
	} else if (record->event == NVME_TRACE_CQE_POST) {
		uint16_t *count = &watch->outstanding[record->ctrl][args[3]][args[4] % 256];
		nvme_status status = (nvme_status)args[6];

		if (args[3] >= 8 || *count == 0 || !nvme_status_name(status) ||
		    NVME_GET(status, NVME_STATUS_CRD) || (status & ~0x7fff) ||
		    (nvme_status_code(status) == 0 && status != 0))
			ck_abort_msg("queue %u cid %u status %04x", (unsigned int)args[3],
				     (unsigned int)args[4], status);
		--*count;
		watch->completions++;
	}
}

/* Mostly plausible: what is random everywhere is refused at the first field. */
static uint32_t some_bits(uint64_t n, uint64_t which)
{
	uint32_t any = (uint32_t)draw(2, n, which, 1ull << 32);

	switch (any % 5) {
	case 0:
		return any;
	case 1:
		return any >> 16 & 0xff;
	case 2:
		return 1u << (any >> 27);
	case 3:
		return (any >> 16 & 3) << 16 | (any >> 8 & 7);
	default:
		return any >> 30;
	}
}

static uint64_t some_address(uint64_t n, uint64_t which)
{
	uint64_t address = 0x100000 + draw(2, n, which, 64) * 4096;

	return draw(2, n, which + 100, 8) ? address : address ^ draw(2, n, which + 200, UINT64_MAX);
}

static void random_command(struct th_host *h, uint64_t n)
{
	uint32_t qid = (uint32_t)draw(2, n, 10, 4);
	static const uint8_t admin[] = { 0, 1, 2, 4, 5, 6, 8, 9, 0xa, 0xc, 0x18, 0x7f };
	uint8_t opcode = qid ? (uint8_t)draw(2, n, 11, 4) : admin[draw(2, n, 11, sizeof(admin))];

	th_submit_(h, qid,
		   (struct th_command){
			   .opcode = opcode,
			   .flags = draw(2, n, 12, 10) ? 0 : (uint8_t)draw(2, n, 13, 256),
			   .cid = (uint16_t)draw(2, n, 14, 256),
			   .nsid = draw(2, n, 15, 4) ? 1 : some_bits(n, 16),
			   .prp1 = some_address(n, 17),
			   .prp2 = some_address(n, 18),
			   .cdw10 = some_bits(n, 19),
			   .cdw11 = draw(2, n, 20, 2) ? 0 : some_bits(n, 21),
			   .cdw12 = some_bits(n, 22) & 0xff,
			   .cdw13 = draw(2, n, 23, 4) ? 0 : some_bits(n, 24),
			   .cdw14 = draw(2, n, 25, 4) ? 0 : some_bits(n, 26),
		   },
		   draw(2, n, 27, 4) > 0);
}

/* A function reset heals whatever was done. */
static void start_over(struct th_host *h)
{
	th_map(h);
	emu_reset(th_emu(h), 0, EMU_RESET_FUNCTION);
	th_run(h);
	while (th_media_pending(h))
		th_media(h, 0, 0);
	th_run(h);
	ck_assert(!emu_busy(th_emu(h), 0));
	th_rewind(h);
	th_cfg_write(h, 4, 2, 0x406); /* no INTx, which has one vector only */
	th_enable(h, 16);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	for (uint32_t qid = 1; qid <= 3; qid++)
		th_create_queues(h, qid, 16);
}

static void random_act(struct th_host *h, uint64_t n)
{
	switch (draw(2, n, 1, 24)) {
	case 0:
		th_write32(h, (uint32_t)draw(2, n, 2, 0x80) & ~3u, some_bits(n, 3));
		break;
	case 1:
		th_write64(h, (uint32_t)draw(2, n, 2, 0x1100) & ~7u, draw(2, n, 3, UINT64_MAX));
		break;
	case 2:
		th_write32(h, NVME_REG_CC, CC_ON | (uint32_t)draw(2, n, 2, 40) / 39 << 14);
		break;
	case 3:
		th_ring_sq(h, (uint32_t)draw(2, n, 2, 8), (uint32_t)draw(2, n, 3, 18));
		break;
	case 4:
	case 5:
		th_ring_cq(h, (uint32_t)draw(2, n, 2, 4), (uint32_t)draw(2, n, 3, 16));
		break;
	case 6:
		th_cfg_write(h, (uint32_t)draw(2, n, 2, 256), 1 + (uint32_t)draw(2, n, 4, 4),
			     some_bits(n, 3));
		break;
	case 7:
		if (draw(2, n, 2, 4) == 0)
			th_unmap(h, 0x100000 + draw(2, n, 3, 64) * 4096);
		else
			th_map(h);
		break;
	case 8:
		th_time(h, draw(2, n, 2, 100 * MILLISECOND));
		break;
	case 9:
	case 10:
	case 11:
		if (th_media_pending(h))
			th_media(h, (unsigned int)draw(2, n, 2, th_media_pending(h)),
				 draw(2, n, 3, 8) ? 0 : -EIO);
		break;
	case 12:
		th_choose(h, (uint32_t)draw(2, n, 2, 64));
		th_refuse_irqs(h, draw(2, n, 3, 2));
		emu_irq_changed(th_emu(h), 0, (uint32_t)draw(2, n, 4, 8));
		break;
	default:
		random_command(h, n);
	}
	if (draw(2, n, 5, 3))
		th_step(h, (unsigned int)draw(2, n, 6, 20));
}

START_TEST(anything_from_the_host_is_survived_and_answered_by_the_book)
{
	/* 25,000 acts a turn, with the books checked between them; four turns. */
	struct th_host *h = th_off(.slow_media = true, .shared = _i == 3, .entries = 16,
				   .controller = "reorder=3,mdts=3,spans=3,max_requests=6,"
						 "aerl=2,acl=0,elpe=3");
	struct watch *watch = calloc(1, sizeof(*watch));

	th_observe(h, observe, watch);
	for (uint64_t n = 0; n < 25000; n++) {
		if (n % 250 == 0)
			start_over(h);
		random_act(h, n + (uint64_t)_i * 25000);
		if (n % 16 == 0)
			th_check(h);
	}
	ck_assert_uint_gt(watch->completions, 2000);
	th_free(h);
	free(watch);
}
END_TEST

static Suite *stepping(void)
{
	Suite *suite = suite_create("stepping");
	TCase *tcase = tcase_create("stepping");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, the_trace_is_the_same_however_the_stages_are_divided, 0,
			    sizeof(pieces) / sizeof(pieces[0]));
	tcase_add_test(tcase, a_step_does_at_most_what_it_may_and_says_how_much);
	tcase_add_test(tcase, a_copy_put_back_in_place_plays_the_same_again);
	tcase_add_test(tcase, controllers_take_turns);
	tcase_add_test(tcase, memory_grows_with_queues_and_never_with_their_depth);
	tcase_add_test(tcase, the_last_of_65535_pairs_works_at_full_depth);
	tcase_add_test(tcase, the_block_may_hold_anything_before_and_ends_where_it_says);
	tcase_add_loop_test(tcase, anything_from_the_host_is_survived_and_answered_by_the_book, 0,
			    4);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { stepping };

	return th_main(suites, 1);
}
