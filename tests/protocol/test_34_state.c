/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host managed live migration (Base 2.1 5.1.16, 5.1.17 and 8.1.12): what is refused, and that a
 * state which is wrong changes nothing. The statuses are unverified.
 */
#include "common/random.h"
#include "tests/harness/main.h"
#include "tests/protocol/migration.h"

/* A state that is wrong at one place, of @bytes. */
static const struct wrong {
	uint8_t at;
	uint8_t bytes;
	uint32_t value;
	uint16_t code;
} wrongs[] = {
	/* clang-format off */
	{ 0, 2, 1, NVME_SC_INVALID_FIELD },
	{ 2, 1, 0, NVME_SC_INVALID_FIELD },
	{ 16, 4, 13, NVME_SC_INVALID_FIELD },
	{ 16, 4, 15, NVME_SC_INVALID_FIELD },
	{ 20, 4, 1, NVME_SC_INVALID_FIELD },
	{ 24, 4, 1, NVME_SC_INVALID_FIELD },
	{ 32, 4, 1, NVME_SC_INVALID_FIELD },
	{ 40, 4, 1, NVME_SC_INVALID_FIELD },
	{ 48, 2, 1, NVME_SC_INVALID_FIELD },
	{ 50, 2, 2, NVME_SC_INVALID_FIELD },
	{ 52, 2, 0xffff, NVME_SC_INVALID_FIELD },
	{ SQ_AT, 1, 8, NVME_SC_PRP_OFFSET_INVALID },
	{ SQ_AT + 8, 2, 0, NVME_SC_INVALID_QUEUE_SIZE },
	{ SQ_AT + 8, 2, 0xffff, NVME_SC_INVALID_QUEUE_SIZE },
	{ SQ_AT + 10, 2, 0, NVME_SC_INVALID_QUEUE_ID },
	{ SQ_AT + 10, 2, 0xffff, NVME_SC_INVALID_QUEUE_ID },
	{ SQ_AT + 12, 2, 0, NVME_SC_CQ_INVALID },
	{ SQ_AT + 12, 2, 2, NVME_SC_CQ_INVALID },
	{ SQ_AT + 12, 2, 0xffff, NVME_SC_CQ_INVALID },
	{ SQ_AT + 14, 2, 0, NVME_SC_INVALID_FIELD },
	{ SQ_AT + 16, 2, ENTRIES, NVME_SC_INVALID_FIELD },
	{ SQ_AT + 18, 2, ENTRIES, NVME_SC_INVALID_FIELD },
	{ CQ_AT, 1, 8, NVME_SC_PRP_OFFSET_INVALID },
	{ CQ_AT + 8, 2, 0, NVME_SC_INVALID_QUEUE_SIZE },
	{ CQ_AT + 8, 2, 0xffff, NVME_SC_INVALID_QUEUE_SIZE },
	{ CQ_AT + 10, 2, 0, NVME_SC_INVALID_QUEUE_ID },
	{ CQ_AT + 10, 2, 0xffff, NVME_SC_INVALID_QUEUE_ID },
	{ CQ_AT + 12, 2, ENTRIES, NVME_SC_INVALID_FIELD },
	{ CQ_AT + 14, 2, ENTRIES, NVME_SC_INVALID_FIELD },
	{ CQ_AT + 16, 2, 2, NVME_SC_INVALID_FIELD },
	{ CQ_AT + 18, 2, 0xffff, NVME_SC_INVALID_INTERRUPT_VECTOR },
	/* clang-format on */
};

#define WRONGS (int)(sizeof(wrongs) / sizeof(wrongs[0]))

START_TEST(a_state_that_is_wrong_anywhere_changes_nothing)
{
	/* Base 2.1 5.1.17 and 8.1.12; the statuses are those of the commands that create queues. */
	struct th_host *h = three((struct th_options){ 0 });
	uint64_t before = th_alloc(h, 4096), after = th_alloc(h, 4096);
	uint8_t good[8];

	th_ctrl(h, TARGET);
	th_create_queues(h, 1, 8);
	work(h, 3);
	suspend(h, TARGET);
	suspend(h, SOURCE);
	get(h, SOURCE);
	get_part(h, TARGET, before, 0, 64);
	memcpy(good, th_ptr(h, page_ + wrongs[_i].at), wrongs[_i].bytes);
	for (uint32_t i = 0; i < wrongs[_i].bytes; i++)
		*(uint8_t *)th_ptr(h, page_ + wrongs[_i].at + i) = (uint8_t)(wrongs[_i].value >>
									     8 * i);
	ck_assert_uint_eq(set(h, TARGET), wrongs[_i].code);
	get_part(h, TARGET, after, 0, 64);
	ck_assert_mem_eq(th_ptr(h, after), th_ptr(h, before), 256);
	memcpy(th_ptr(h, page_ + wrongs[_i].at), good, wrongs[_i].bytes);
	ck_assert_uint_eq(set(h, TARGET), 0);
	get_part(h, TARGET, after, 0, STATE / 4);
	ck_assert_mem_eq(th_ptr(h, after), th_ptr(h, page_), STATE);
	th_free(h);
}
END_TEST

START_TEST(a_queue_that_is_named_twice_is_refused)
{
	/* Base 2.1 8.1.12. */
	struct th_host *h = three((struct th_options){ 0 });

	suspend(h, SOURCE);
	get(h, SOURCE);
	/* Either one of each kind more, or two submission queues. */
	memcpy(th_ptr(h, page_ + STATE), th_ptr(h, page_ + CQ_AT), 24);
	if (_i == 1)
		memcpy(th_ptr(h, page_ + CQ_AT), th_ptr(h, page_ + SQ_AT), 24);
	*(uint8_t *)th_ptr(h, page_ + 16) = (STATE + 24 - 48) / 4;
	*(uint8_t *)th_ptr(h, page_ + (_i == 1 ? 50 : 52)) = 2;
	suspend(h, TARGET);
	ck_assert_uint_eq(set(h, TARGET), NVME_SC_INVALID_FIELD); /* NUMD is too few */
	ck_assert_uint_eq(set_part(h, TARGET, NVME_SEQIND_ENTIRE, 0, STATE / 4 + 6),
			  NVME_SC_INVALID_QUEUE_ID);
	th_free(h);
}
END_TEST

START_TEST(a_controller_without_queues_of_any_size_gets_none)
{
	/* Base 2.0 3.1.3.5: entry sizes, and a controller that is not enabled (unverified). */
	struct th_host *h = three((struct th_options){ 0 });
	uint32_t cc = th_read32(h, NVME_REG_CC);

	suspend(h, SOURCE);
	get(h, SOURCE);
	th_ctrl(h, TARGET);
	th_write32(h, NVME_REG_CC, cc & ~1u);
	th_run(h);
	suspend(h, TARGET);
	ck_assert_uint_eq(set(h, TARGET), NVME_SC_COMMAND_SEQUENCE_ERROR);
	th_write32(h, NVME_REG_CC, (cc & 0xffff) | 1);
	th_run(h);
	ck_assert_uint_eq(set(h, TARGET), NVME_SC_INVALID_QUEUE_SIZE);
	/* One of no queues is good for any. */
	memset(th_ptr(h, page_ + 50), 0, 4);
	*(uint8_t *)th_ptr(h, page_ + 16) = 2;
	ck_assert_uint_eq(set(h, TARGET), 0);
	th_free(h);
}
END_TEST

/* Commands of the manager while SOURCE is suspended, or is not. */
static const struct refused {
	uint8_t opcode;
	bool suspended;
	uint32_t cdw10, cdw11, cdw12, cdw13, cdw15;
	uint16_t code;
} refusals[] = {
/* clang-format off */
#define SEND NVME_ADMIN_MIGRATION_SEND
#define RECV NVME_ADMIN_MIGRATION_RECV
	{ SEND, false, 0, CNTLID(MANAGER) | SUSPEND, 0, 0, 0, NVME_SC_INVALID_CTRL_ID },
	{ SEND, false, 0, 0 | SUSPEND, 0, 0, 0, NVME_SC_INVALID_CTRL_ID },
	{ SEND, false, 0, 4 | SUSPEND, 0, 0, 0, NVME_SC_INVALID_CTRL_ID },
	{ SEND, false, 0, 0xffff | SUSPEND, 0, 0, 0, NVME_SC_INVALID_CTRL_ID },
	{ SEND, false, 0, CNTLID(SOURCE) | 2 << 16, 0, 0, 0, NVME_SC_INVALID_FIELD },
	{ SEND, true, 0, CNTLID(SOURCE) | SUSPEND, 0, 0, 0, NVME_SC_CTRL_SUSPENDED },
	{ SEND, true, 0, CNTLID(SOURCE), 0, 0, 0, NVME_SC_CTRL_SUSPENDED },
	{ SEND, false, 1, CNTLID(SOURCE), 0, 0, 0, NVME_SC_CTRL_NOT_SUSPENDED },
	{ SEND, true, 1, CNTLID(MANAGER), 0, 0, 0, NVME_SC_INVALID_CTRL_ID },
	{ SEND, true, 3, CNTLID(SOURCE), 0, 0, 0, NVME_SC_INVALID_FIELD },
	{ SEND, false, SET(3), CNTLID(SOURCE), 0, 0, 14, NVME_SC_CTRL_NOT_SUSPENDED },
	{ SEND, true, SET(3), CNTLID(SOURCE) | 2 << 16, 0, 0, 14, NVME_SC_INVALID_FIELD },
	{ SEND, true, SET(3), CNTLID(SOURCE) | 1 << 24, 0, 0, 14, NVME_SC_INVALID_FIELD },
	{ SEND, true, SET(3), CNTLID(SOURCE), 4, 0, 14, NVME_SC_INVALID_FIELD },
	{ SEND, true, SET(1), CNTLID(SOURCE), 0, 1, 14, NVME_SC_INVALID_FIELD },
	{ SEND, true, SET(3), CNTLID(SOURCE), 0, 0, 0, NVME_SC_INVALID_FIELD },
	{ SEND, true, SET(3), CNTLID(SOURCE), 0, 0, 1, NVME_SC_INVALID_FIELD },
	{ SEND, true, SET(3), CNTLID(SOURCE), 0, 0, 8192, NVME_SC_NOT_ENOUGH_RESOURCES },
	{ SEND, true, SET(3), CNTLID(SOURCE), 0, 0, UINT32_MAX, NVME_SC_NOT_ENOUGH_RESOURCES },
	{ RECV, true, 0, CNTLID(MANAGER), 0, 0, 13, NVME_SC_INVALID_CTRL_ID },
	{ RECV, true, 0, 4, 0, 0, 13, NVME_SC_INVALID_CTRL_ID },
	{ RECV, true, 1, CNTLID(SOURCE), 0, 0, 13, NVME_SC_INVALID_FIELD },
	{ RECV, true, 2 << 16, CNTLID(SOURCE), 0, 0, 13, NVME_SC_INVALID_FIELD },
	{ RECV, true, 0, CNTLID(SOURCE) | 1 << 16, 0, 0, 13, NVME_SC_INVALID_FIELD },
	{ RECV, true, 0, CNTLID(SOURCE), 2, 0, 13, NVME_SC_INVALID_FIELD },
	{ RECV, true, 0, CNTLID(SOURCE), STATE, 0, 13, NVME_SC_INVALID_FIELD },
	{ RECV, true, 0, CNTLID(SOURCE), 0, 1, 13, NVME_SC_INVALID_FIELD },
	{ RECV, true, 0, CNTLID(SOURCE), 0, 0, UINT32_MAX, NVME_SC_INVALID_FIELD },
	/* clang-format on */
};

#define REFUSALS (int)(sizeof(refusals) / sizeof(refusals[0]))

START_TEST(what_cannot_be_asked_for_is_refused)
{
	/* Base 2.1 5.1.16 and 5.1.17. */
	struct th_host *h = three((struct th_options){ 0 });
	const struct refused *refused = &refusals[_i];

	if (refused->suspended)
		suspend(h, SOURCE);
	th_ctrl(h, MANAGER);
	ck_assert_uint_eq(th_code(h, .opcode = refused->opcode, .prp1 = page_,
				  .cdw10 = refused->cdw10, .cdw11 = refused->cdw11,
				  .cdw12 = refused->cdw12, .cdw13 = refused->cdw13,
				  .cdw15 = refused->cdw15),
			  refused->code);
	if (refused->suspended)
		ck_assert_uint_eq(resume(h, SOURCE), 0);
	th_ctrl(h, SOURCE);
	work(h, 5);
	th_free(h);
}
END_TEST

/* Stories that a seed tells: three controllers, each of which manages the others. */
struct tale {
	struct th_host *h;
	uint64_t seed;
	uint64_t sq[3];
	uint64_t cq[3];
};

static uint32_t draw(struct tale *t, uint32_t n)
{
	t->seed = nvme_mix(t->seed);
	return (uint32_t)(t->seed >> 32) % n;
}

/* Whatever waits in queue memory is a read; so what a doorbell says is always a command. */
static void begin(struct tale *t)
{
	for (uint32_t i = 0; i < 3; i++) {
		struct nvme_sqe *sqe;

		t->sq[i] = th_alloc(t->h, 4096);
		t->cq[i] = th_alloc(t->h, 4096);
		sqe = th_ptr(t->h, t->sq[i]);
		for (uint16_t slot = 0; slot < ENTRIES; slot++) {
			sqe[slot].opcode = NVME_CMD_READ;
			sqe[slot].cid = nvme_le16(slot);
			sqe[slot].nsid = nvme_le32(1);
			sqe[slot].prp1 = nvme_le64(page_ + 4096);
		}
	}
}

static void create_or_delete(struct tale *t, uint32_t ctrl)
{
	const uint32_t size = (ENTRIES - 1) << 16 | 1;

	switch (draw(t, 4)) {
	case 0:
		th_admin(t->h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = t->cq[ctrl],
			 .cdw10 = size, .cdw11 = 1 << 16 | 3);
		break;
	case 1:
		th_admin(t->h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = t->sq[ctrl],
			 .cdw10 = size, .cdw11 = 1 << 16 | 1);
		break;
	case 2:
		th_admin(t->h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = 1);
		break;
	default:
		th_admin(t->h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = 1);
		break;
	}
}

/* One controller about another, or about itself or nobody; a state may have been spoilt. */
static void migrate(struct tale *t)
{
	uint32_t about = draw(t, 8) ? 1 + draw(t, 3) : 4;

	switch (draw(t, 4)) {
	case 0:
		th_admin(t->h, .opcode = SEND, .cdw11 = about | SUSPEND | (draw(t, 2) ? DUDMQ : 0));
		break;
	case 1:
		th_admin(t->h, .opcode = SEND, .cdw10 = NVME_MIGRATION_RESUME, .cdw11 = about);
		break;
	case 2:
		th_admin(t->h, .opcode = RECV, .prp1 = page_, .cdw11 = about, .cdw15 = 63);
		break;
	default:
		if (draw(t, 8) == 0)
			*(uint8_t *)th_ptr(t->h, page_ + draw(t, STATE)) ^= 1 << draw(t, 8);
		th_admin(t->h, .opcode = SEND, .prp1 = page_, .cdw11 = about, .cdw15 = 64,
			 .cdw10 = SET(draw(t, 2) ? draw(t, 4) : NVME_SEQIND_ENTIRE));
		break;
	}
}

static void go_on(struct tale *t)
{
	uint32_t ctrl = draw(t, 3);

	th_ctrl(t->h, ctrl);
	switch (draw(t, 64) ? 1 + draw(t, 16) : 0) {
	case 0:
		th_write32(t->h, NVME_REG_CC, 0);
		th_enable(t->h, 16);
		break;
	case 1 ... 2:
		create_or_delete(t, ctrl);
		break;
	case 3 ... 6:
		th_ring_sq(t->h, 1, draw(t, ENTRIES));
		break;
	case 7:
	case 8:
		th_ring_cq(t->h, 1, draw(t, ENTRIES));
		break;
	case 9:
	case 10:
		if (th_media_pending(t->h))
			th_media(t->h, draw(t, th_media_pending(t->h)), 0);
		break;
	default:
		migrate(t);
		break;
	}
	th_run(t->h);
}

/* Completions of the admin queues; returns how many commands succeeded. */
static unsigned int reap(struct th_host *h)
{
	unsigned int succeeded = 0;
	struct nvme_cqe cqe;

	for (uint32_t ctrl = 0; ctrl < 3; ctrl++) {
		bool some = false;

		th_ctrl(h, ctrl);
		while (th_next_cqe(h, 0, &cqe)) {
			succeeded += nvme_cqe_status(nvme_cpu16(cqe.status)) == 0;
			some = true;
		}
		if (some)
			th_ring_cq(h, 0, th_head(h, 0));
	}
	return succeeded;
}

START_TEST(whatever_is_asked_for_the_books_balance)
{
	/* Base 2.1 8.1.12: any order of commands, doorbells, resets and answers of the medium. */
	struct tale t = { three((struct th_options){ .slow_media = true,
						     .controller = "migration=true,cdq=true" }),
			  (uint64_t)_i,
			  { 0 },
			  { 0 } };
	unsigned int succeeded = 0;

	begin(&t);
	for (unsigned int step = 0; step < 300; step++) {
		go_on(&t);
		succeeded += reap(t.h);
		th_check(t.h);
	}
	ck_assert_uint_gt(succeeded, 5);
	while (th_media_pending(t.h)) {
		th_media(t.h, 0, 0);
		th_run(t.h);
	}
	th_free(t.h);
}
END_TEST

static Suite *states(void)
{
	Suite *suite = suite_create("controller state");
	TCase *refusing = tcase_create("refusing");

	tcase_set_timeout(refusing, 60);
	tcase_add_loop_test(refusing, a_state_that_is_wrong_anywhere_changes_nothing, 0, WRONGS);
	tcase_add_loop_test(refusing, a_queue_that_is_named_twice_is_refused, 0, 2);
	tcase_add_test(refusing, a_controller_without_queues_of_any_size_gets_none);
	tcase_add_loop_test(refusing, what_cannot_be_asked_for_is_refused, 0, REFUSALS);
	tcase_add_loop_test(refusing, whatever_is_asked_for_the_books_balance, 0, 32);
	suite_add_tcase(suite, refusing);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { states };

	return th_main(suites, 1);
}
