/* SPDX-License-Identifier: BSD-3-Clause */
/* The power goes under a host with a volatile write cache: what it had made durable is there. */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "common/nvme_spec.h"
#include "emulator/core/fault.h"
#include "emulator/device/device.h"
#include "tests/harness/main.h"

#define PAGE	4096u
#define ENTRIES 16u
#define BLOCK	512u

enum page {
	ADMIN_SQ,
	ADMIN_CQ,
	IO_SQ,
	IO_CQ,
	DATA,
	PAGES
};

/* A queue pair as a host has it. */
struct rings {
	enum page sq;
	enum page cq;
	uint32_t tail;
	uint32_t head;
	uint32_t phase;
};

static struct emu_device *device;
static uint8_t memory[PAGES * PAGE] __attribute__((aligned(PAGE)));
static struct rings admin;
static struct rings io;

/* Loses every second block of what may be lost. */
static uint32_t lose_odd(void *arg, enum emu_choice site, uint64_t identity, uint32_t n)
{
	(void)arg;
	return site == EMU_CHOOSE_POWER_CUT && n == 2 ? identity & 1 : 0;
}

static void write32(uint64_t offset, uint32_t value)
{
	emu_bar_write(emu_device_core(device), 0, offset, &value, sizeof(value));
}

static uint8_t *page_at(enum page page)
{
	return memory + page * PAGE;
}

/* One command to its end; Return: its status. */
static uint32_t run(struct rings *rings, uint32_t qid, struct nvme_sqe sqe)
{
	struct nvme_cqe cqe;

	memcpy(page_at(rings->sq) + rings->tail * sizeof(sqe), &sqe, sizeof(sqe));
	rings->tail = (rings->tail + 1) % ENTRIES;
	write32(0x1000 + 8 * qid, rings->tail);
	emu_device_run(device, UINT_MAX);
	memcpy(&cqe, page_at(rings->cq) + rings->head * sizeof(cqe), sizeof(cqe));
	ck_assert_uint_eq(nvme_cpu16(cqe.status) & 1, rings->phase);
	rings->head = (rings->head + 1) % ENTRIES;
	rings->phase ^= rings->head == 0;
	write32(0x1004 + 8 * qid, rings->head);
	return nvme_cpu16(cqe.status) >> 1;
}

static void create_queue(uint8_t opcode, enum page page, uint32_t flags)
{
	const struct nvme_sqe sqe = {
		.opcode = opcode,
		.prp1 = nvme_le64(page * PAGE),
		.cdw10 = nvme_le32((ENTRIES - 1) << 16 | 1),
		.cdw11 = nvme_le32(flags),
	};

	ck_assert_uint_eq(run(&admin, 0, sqe), 0);
}

static void enable(void)
{
	uint64_t base;

	memset(memory, 0, DATA * PAGE);
	admin = (struct rings){ .sq = ADMIN_SQ, .cq = ADMIN_CQ, .phase = 1 };
	io = (struct rings){ .sq = IO_SQ, .cq = IO_CQ, .phase = 1 };
	emu_cfg_write(emu_device_core(device), 0, 4, &(uint16_t){ 6 }, 2);
	write32(NVME_REG_AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
	base = ADMIN_SQ * PAGE;
	emu_bar_write(emu_device_core(device), 0, NVME_REG_ASQ, &base, sizeof(base));
	base = ADMIN_CQ * PAGE;
	emu_bar_write(emu_device_core(device), 0, NVME_REG_ACQ, &base, sizeof(base));
	write32(NVME_REG_CC, 0x00460001);
	emu_device_run(device, UINT_MAX);
	create_queue(NVME_ADMIN_CREATE_IO_CQ, IO_CQ, 1);
	create_queue(NVME_ADMIN_CREATE_IO_SQ, IO_SQ, 1 << 16 | 1);
}

static void start(void)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL,
						    .choose = lose_odd };
	static struct emu_config config;
	struct emu_ns_spec spec;

	emu_config_init(&config);
	config.faults = 2;
	emu_ns_spec_init(&spec);
	spec.cache_bytes = 64 << 10;
	ck_assert_int_eq(emu_device_new(&config, &spec, 1, &options, &device, NULL), 0);
	ck_assert_int_eq(emu_device_map(device, 0, 0, sizeof(memory), 3, memory), 0);
	enable();
}

static void end(void)
{
	emu_device_free(device);
}

static uint32_t move(uint8_t opcode, uint32_t slba, uint32_t nlb, uint32_t flags)
{
	const struct nvme_sqe sqe = {
		.opcode = opcode,
		.nsid = nvme_le32(1),
		.prp1 = nvme_le64(DATA * PAGE),
		.cdw10 = nvme_le32(slba),
		.cdw12 = nvme_le32(flags | (nlb - 1)),
	};

	return run(&io, 1, sqe);
}

static void write_blocks(uint32_t slba, uint32_t nlb, uint8_t version, bool fua)
{
	memset(page_at(DATA), version, nlb * BLOCK);
	ck_assert_uint_eq(move(NVME_CMD_WRITE, slba, nlb, NVME_PUT(NVME_RW_FUA, fua)), 0);
}

static uint8_t read_block(uint32_t slba)
{
	memset(page_at(DATA), 0xee, BLOCK);
	ck_assert_uint_eq(move(NVME_CMD_READ, slba, 1, 0), 0);
	for (unsigned int i = 1; i < BLOCK; i++)
		ck_assert_uint_eq(page_at(DATA)[i], page_at(DATA)[0]);
	return page_at(DATA)[0];
}

static void cut(enum emu_cut keep)
{
	ck_assert_int_eq(emu_device_cut_power(device, keep), 0);
	enable();
}

START_TEST(what_was_flushed_or_forced_is_there_after_the_power_was_not)
{
	/* NVM 1.0 3.2.2, 3.2.6 (unverified) */
	const struct nvme_sqe flush = { .opcode = NVME_CMD_FLUSH, .nsid = nvme_le32(1) };

	write_blocks(0, 4, 1, false);
	ck_assert_uint_eq(run(&io, 1, flush), 0);
	write_blocks(1, 1, 2, true);
	write_blocks(2, 2, 3, false);
	ck_assert_uint_eq(read_block(2), 3);
	cut(EMU_CUT_KEEP_NONE);
	ck_assert_uint_eq(read_block(0), 1);
	ck_assert_uint_eq(read_block(1), 2);
	ck_assert_uint_eq(read_block(2), 1);
	ck_assert_uint_eq(read_block(3), 1);
}
END_TEST

START_TEST(a_write_longer_than_the_atomic_unit_may_be_torn)
{
	write_blocks(0, 4, 1, true);
	write_blocks(0, 4, 2, false);
	cut(EMU_CUT_KEEP_SUBSET);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(read_block(i), i % 2 ? 1 : 2);
}
END_TEST

START_TEST(without_the_volatile_cache_nothing_is_lost)
{
	/* Base 2.0 5.27.1.4 (unverified) */
	const struct nvme_sqe disable = {
		.opcode = NVME_ADMIN_SET_FEATURES,
		.cdw10 = nvme_le32(NVME_FID_VOLATILE_WC),
	};

	ck_assert_uint_eq(run(&admin, 0, disable), 0);
	write_blocks(0, 4, 1, false);
	cut(EMU_CUT_KEEP_NONE);
	ck_assert_uint_eq(read_block(3), 1);
}
END_TEST

static void make_rule(struct nvme_fault_rule *rule, const char *name, const char *at,
		      const char *action)
{
	struct nvme_text none;
	char buffer[200];

	nvme_text_init(&none, buffer, sizeof(buffer));
	ck_assert(nvme_fault_begin(rule, nvme_slice(name), &none));
	ck_assert(nvme_fault_set_key(rule, nvme_slice("at"), nvme_slice(at), &none));
	ck_assert(nvme_fault_set_key(rule, nvme_slice("do"), nvme_slice(action), &none));
}

START_TEST(a_rule_cuts_the_power_and_a_drive_has_lied_about_its_flush)
{
	/* NVM 1.0 3.2.2 (unverified): what was flushed has to be there; here it is not. */
	const struct nvme_sqe flush = { .opcode = NVME_CMD_FLUSH, .nsid = nvme_le32(1) };
	struct nvme_fault_rule rules[2];

	make_rule(&rules[0], "lie", "media.flush", "drop");
	make_rule(&rules[1], "cut", "reg.read", "cut-power none; disarm cut");
	ck_assert_int_eq(emu_fault_load(emu_device_core(device), rules, 1, 1), 0);
	write_blocks(0, 1, 1, true);
	write_blocks(0, 1, 2, false);
	ck_assert_uint_eq(run(&io, 1, flush), 0);
	ck_assert_int_eq(emu_fault_load(emu_device_core(device), rules, 2, 1), 0);
	emu_bar_read(emu_device_core(device), 0, NVME_REG_CSTS, &(uint32_t){ 0 }, 4);
	emu_device_run(device, UINT_MAX);
	enable();
	ck_assert_uint_eq(read_block(0), 1);
	ck_assert_uint_eq(emu_fault_set(emu_device_core(device))->state[1].fired, 1);
}
END_TEST

static Suite *power(void)
{
	Suite *suite = suite_create("power");
	TCase *tcase = tcase_create("power cuts");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, what_was_flushed_or_forced_is_there_after_the_power_was_not);
	tcase_add_test(tcase, a_write_longer_than_the_atomic_unit_may_be_torn);
	tcase_add_test(tcase, without_the_volatile_cache_nothing_is_lost);
	tcase_add_test(tcase, a_rule_cuts_the_power_and_a_drive_has_lied_about_its_flush);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ power }, 1);
}
