/* SPDX-License-Identifier: BSD-3-Clause */
/* Firmware Image Download and Commit, Base 2.0 5.11, 5.12 and 3.11 (unverified where marked). */
#include <string.h>

#include "common/bits.h"
#include "common/crc.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define PIECE		     4096u
#define MILLISECOND	     1000000ull
#define COMMIT(slot, action) ((uint32_t)(slot) | (uint32_t)(action) << 3)

/* An image of ours (docs/firmware.md): what differs from the simplest one. */
struct image {
	const char *revision; /* 8 characters */
	uint32_t bytes;
	uint32_t activation_msec;
	uint8_t needs, flags;
	bool damaged;
};

static uint64_t make_image(struct th_host *h, struct image image)
{
	uint32_t bytes = image.bytes ? image.bytes : PIECE;
	uint64_t iova = th_alloc(h, bytes);
	uint8_t *data = th_ptr(h, iova);

	memcpy(data, "NVMELFW1", 8);
	nvme_store_le32(data + 8, bytes);
	memcpy(data + 16, image.revision, 8);
	nvme_store_le32(data + 24, image.activation_msec);
	data[28] = image.needs;
	data[29] = image.flags;
	for (uint32_t i = 64; i < bytes; i++)
		data[i] = (uint8_t)(i * 7);
	nvme_store_le32(data + 12, nvme_crc32c(0, data + 16, bytes - 16));
	data[bytes - 1] ^= image.damaged;
	return iova;
}

static uint16_t download(struct th_host *h, uint64_t iova, uint32_t offset, uint32_t bytes)
{
	return th_code(h, .opcode = NVME_ADMIN_FW_DOWNLOAD, .prp1 = iova, .prp2 = iova + PIECE,
		       .cdw10 = bytes / 4 - 1, .cdw11 = offset / 4);
}

static uint16_t commit(struct th_host *h, uint32_t slot, uint32_t action)
{
	return th_code(h, .opcode = NVME_ADMIN_FW_COMMIT, .cdw10 = COMMIT(slot, action));
}

/* Downloads an image of one piece and commits it. */
static uint16_t update(struct th_host *h, uint32_t slot, uint32_t action, struct image image)
{
	ck_assert_uint_eq(download(h, make_image(h, image), 0, PIECE), NVME_SC_SUCCESS);
	return commit(h, slot, action);
}

static const struct nvme_id_ctrl *identify(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	return th_ptr(h, page);
}

static const struct nvme_fw_slot_log *slots(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 127u << 16 | NVME_LID_FW_SLOT);
	return th_ptr(h, page);
}

static void expect(struct th_host *h, uint32_t active, uint32_t next, const char *revision)
{
	ck_assert_uint_eq(slots(h)->afi, active | next << 4);
	ck_assert_mem_eq(identify(h)->fr, revision, 8);
}

static void controller_reset(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
}

static void reset(struct th_host *h, enum emu_reset_kind kind)
{
	emu_reset(th_emu(h), 0, kind);
	th_run(h);
	if (kind == EMU_RESET_FUNCTION || kind == EMU_RESET_POWER)
		th_cfg_write(h, 4, 2, 0x0406);
	th_enable(h, 16);
}

START_TEST(identify_says_what_can_be_updated)
{
	/* Base 2.0 5.17.2.1: OACS bit 2, FRMW, MTFA, FWUG. */
	struct th_host *h = th_enabled(.controller = _i ? "fw_slots=3,fw_slot1_ro=false,mtfa=77"
							: "fw_update=false,fw_slots=1");
	const struct nvme_id_ctrl *id = identify(h);

	ck_assert_uint_eq(nvme_cpu16(id->oacs) >> 2 & 1, (unsigned int)_i);
	ck_assert_uint_eq(id->frmw, _i ? 1u << 5 | 1u << 4 | 3u << 1 : 1u << 1 | 1);
	ck_assert_uint_eq(nvme_cpu16(id->mtfa), _i ? 77 : 0);
	ck_assert_uint_eq(id->fwug, (unsigned int)_i);
	if (!_i) {
		ck_assert_uint_eq(commit(h, 1, 2), NVME_SC_INVALID_OPCODE);
		ck_assert_uint_eq(download(h, th_alloc(h, 4096), 0, PIECE), NVME_SC_INVALID_OPCODE);
	}
	th_free(h);
}
END_TEST

START_TEST(an_image_is_stored_then_runs_after_the_next_reset)
{
	/* Base 2.0 3.11.1: actions 0 and 2, or 1 alone. */
	struct th_host *h = th_enabled();
	struct image image = { .revision = "2.0     " };

	if (_i == 0) {
		ck_assert_uint_eq(update(h, 3, NVME_FW_COMMIT_REPLACE, image), NVME_SC_SUCCESS);
		expect(h, 1, 0, "0.1     ");
		ck_assert_uint_eq(commit(h, 3, NVME_FW_COMMIT_ACTIVATE_AT_RESET), NVME_SC_SUCCESS);
	} else {
		ck_assert_uint_eq(update(h, 3, NVME_FW_COMMIT_REPLACE_AND_ACTIVATE_AT_RESET, image),
				  NVME_SC_SUCCESS);
	}
	expect(h, 1, 3, "0.1     ");
	ck_assert_mem_eq(slots(h)->frs[2], "2.0     ", 8);
	controller_reset(h);
	expect(h, 3, 0, "2.0     ");
	controller_reset(h);
	expect(h, 3, 0, "2.0     ");
	ck_assert_uint_eq(commit(h, 1, NVME_FW_COMMIT_ACTIVATE_AT_RESET), NVME_SC_SUCCESS);
	controller_reset(h);
	expect(h, 1, 0, "0.1     ");
	th_free(h);
}
END_TEST

START_TEST(pieces_come_in_any_order)
{
	/* Base 2.0 5.12: the image is whole when every piece was there once. */
	struct th_host *h = th_enabled();
	uint64_t iova = make_image(h, (struct image){ .revision = "7       ", .bytes = 5 * PIECE });
	static const uint8_t orders[2][5] = { { 0, 1, 2, 3, 4 }, { 3, 0, 4, 2, 1 } };

	for (uint32_t i = 0; i < 4; i++) {
		uint32_t piece = orders[_i][i];

		ck_assert_uint_eq(download(h, iova + piece * PIECE, piece * PIECE, PIECE),
				  NVME_SC_SUCCESS);
	}
	if (_i) { /* one is missing: nothing is kept, not even what was there */
		ck_assert_uint_eq(commit(h, 2, 0), NVME_SC_INVALID_FW_IMAGE);
		for (uint32_t i = 0; i < 4; i++)
			download(h, iova + orders[_i][i] * PIECE, orders[_i][i] * PIECE, PIECE);
	}
	ck_assert_uint_eq(download(h, iova + orders[_i][4] * PIECE, orders[_i][4] * PIECE, PIECE),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(commit(h, 2, 0), NVME_SC_SUCCESS);
	ck_assert_mem_eq(slots(h)->frs[1], "7       ", 8);
	th_free(h);
}
END_TEST

/* fw_size=16 is 65536 bytes; FWUG 1 is 4096. */
static const struct {
	const char *keys;
	uint32_t offset, bytes;
	uint16_t sc;
} pieces[] = {
	{ "fwug=1", 0, PIECE, NVME_SC_SUCCESS },
	{ "fwug=1", PIECE, 2 * PIECE, NVME_SC_SUCCESS },
	{ "fwug=1", 0, 4, NVME_SC_INVALID_FIELD },
	{ "fwug=1", 2048, PIECE, NVME_SC_INVALID_FIELD },
	{ "fwug=2", PIECE, 2 * PIECE, NVME_SC_INVALID_FIELD },
	{ "fwug=2", 0, PIECE, NVME_SC_INVALID_FIELD },
	{ "fwug=2", 2 * PIECE, 2 * PIECE, NVME_SC_SUCCESS },
	{ "fwug=0", 4, 4, NVME_SC_SUCCESS },
	{ "fwug=255", 100, 8, NVME_SC_SUCCESS },
	{ "fw_size=16", 15 * PIECE, PIECE, NVME_SC_SUCCESS },
	{ "fw_size=16", 15 * PIECE, 2 * PIECE, NVME_SC_INVALID_FIELD },
	{ "fw_size=16", 16 * PIECE, PIECE, NVME_SC_INVALID_FIELD },
	{ "fw_size=16", 0xfffff000, PIECE, NVME_SC_INVALID_FIELD },
};

START_TEST(pieces_have_the_granularity_and_fit)
{
	/* Base 2.0 5.12: FWUG; unverified for the size. */
	struct th_host *h = th_enabled(.controller = pieces[_i].keys);

	ck_assert_uint_eq(download(h, th_alloc(h, 3 * PIECE), pieces[_i].offset, pieces[_i].bytes),
			  pieces[_i].sc);
	th_free(h);
}
END_TEST

START_TEST(a_piece_that_overlaps_makes_the_host_start_again)
{
	/* Base 2.0 5.12: Overlapping Range; unverified that the parts are forgotten. */
	struct th_host *h = th_enabled();
	uint64_t iova = make_image(h, (struct image){ .revision = "8       ", .bytes = 3 * PIECE });

	ck_assert_uint_eq(download(h, iova + PIECE, PIECE, 2 * PIECE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(download(h, iova, 0, 2 * PIECE), NVME_SC_OVERLAPPING_RANGE);
	ck_assert_uint_eq(commit(h, 2, 0), NVME_SC_INVALID_FW_IMAGE);
	ck_assert_uint_eq(download(h, iova, 0, 2 * PIECE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(download(h, iova + 2 * PIECE, 2 * PIECE, PIECE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(commit(h, 2, 0), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_piece_whose_memory_was_away_can_be_sent_again)
{
	/* Base 2.0 5.12: a transfer that failed is no overlap. */
	struct th_host *h = th_enabled();
	uint64_t iova = make_image(h, (struct image){ .revision = "8       ", .bytes = 2 * PIECE });

	th_unmap(h, iova + PIECE);
	ck_assert_uint_eq(download(h, iova, 0, 2 * PIECE), NVME_SC_DATA_TRANSFER_ERROR);
	th_map(h);
	ck_assert_uint_eq(download(h, iova, 0, 2 * PIECE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(commit(h, 2, 0), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(downloads_of_two_controllers_at_once_are_noticed)
{
	/* Base 2.0 5.11: MUD in dword 0 of the completion, FRMW bit 5. */
	struct th_host *h = th_enabled(.controllers = 2);
	uint64_t iova = make_image(h, (struct image){ .revision = "8       ", .bytes = 2 * PIECE });

	download(h, iova, 0, PIECE);
	th_ctrl(h, 1);
	th_enable(h, 16);
	download(h, iova + PIECE, PIECE, PIECE);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_FW_COMMIT, .cdw10 = COMMIT(2, 0)), 1);
	th_ctrl(h, 0);
	download(h, iova, 0, 2 * PIECE);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_FW_COMMIT, .cdw10 = COMMIT(2, 0)), 0);
	th_free(h);
}
END_TEST

static const struct {
	struct image image;
	uint32_t slot, action;
	uint16_t sc;
} commits[] = {
	{ { .revision = "2       " }, 0, 0, NVME_SC_SUCCESS },
	{ { .revision = "2       " }, 7, 0, NVME_SC_SUCCESS },
	{ { .revision = "2       " }, 1, 0, NVME_SC_INVALID_FW_SLOT }, /* read only */
	{ { .revision = "2       " }, 2, 4, NVME_SC_INVALID_FIELD },
	{ { .revision = "2       " }, 2, 5, NVME_SC_INVALID_FIELD },
	{ { .revision = "2       " }, 2, 6, NVME_SC_INVALID_FIELD }, /* boot partitions */
	{ { .revision = "2       " }, 2, 7, NVME_SC_INVALID_FIELD },
	{ { .revision = "2       " }, 0, 2, NVME_SC_INVALID_FW_SLOT },
	{ { .revision = "2       " }, 4, 2, NVME_SC_INVALID_FW_IMAGE }, /* empty */
	{ { .revision = "2       ", .damaged = true }, 2, 0, NVME_SC_INVALID_FW_IMAGE },
	{ { .revision = "2\0\0\0\0\0\0\0" }, 2, 0, NVME_SC_INVALID_FW_IMAGE },
	{ { .revision = "2       ", .needs = 4 }, 2, 0, NVME_SC_INVALID_FW_IMAGE },
	{ { .revision = "2       ", .flags = 4 }, 2, 0, NVME_SC_INVALID_FW_IMAGE },
	{ { .revision = "2       ", .flags = 1 }, 2, 0, NVME_SC_SUCCESS }, /* stored only */
	{ { .revision = "2       ", .flags = 1 }, 2, 1, NVME_SC_FW_ACTIVATION_PROHIBITED },
	{ { .revision = "2       ", .flags = 1 }, 2, 3, NVME_SC_FW_ACTIVATION_PROHIBITED },
};

START_TEST(a_commit_is_refused_for_its_reason_and_changes_nothing_then)
{
	/* Base 2.0 5.11; unverified which reason comes first. */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(update(h, commits[_i].slot, commits[_i].action, commits[_i].image),
			  commits[_i].sc);
	expect(h, 1, 0, "0.1     ");
	if (commits[_i].sc) {
		for (uint32_t slot = 2; slot <= 7; slot++)
			ck_assert_uint_eq(slots(h)->frs[slot - 1][0], 0);
	}
	th_free(h);
}
END_TEST

START_TEST(slots_that_do_not_exist_are_invalid)
{
	/* Base 2.0 5.11: Invalid Firmware Slot. Slot 1 may be written when it is not read only. */
	struct th_host *h = th_enabled(.controller = "fw_slots=2,fw_slot1_ro=false");
	struct image image = { .revision = "3       " };

	ck_assert_uint_eq(update(h, 3, 0, image), NVME_SC_INVALID_FW_SLOT);
	ck_assert_uint_eq(update(h, 1, 0, image), NVME_SC_SUCCESS);
	ck_assert_uint_eq(commit(h, 2, 0), NVME_SC_INVALID_FW_IMAGE); /* the download is gone */
	expect(h, 1, 0, "0.1     ");				      /* still runs */
	reset(h, EMU_RESET_POWER);
	expect(h, 1, 0, "3       ");
	th_free(h);
}
END_TEST

/* What an image needs; the status of action 1; which reset activates it. */
static const struct {
	uint8_t needs;
	uint16_t at_reset, now;
	bool controller, function, subsystem;
} needs[] = {
	{ 1, NVME_SC_SUCCESS, NVME_SC_FW_NEEDS_CONTROLLER_RESET, true, true, true },
	{ 2, NVME_SC_FW_NEEDS_CONVENTIONAL_RESET, NVME_SC_FW_NEEDS_CONVENTIONAL_RESET, false, false,
	  true },
	{ 3, NVME_SC_FW_NEEDS_SUBSYSTEM_RESET, NVME_SC_FW_NEEDS_SUBSYSTEM_RESET, false, false,
	  true },
};

START_TEST(an_image_waits_for_the_reset_that_it_needs)
{
	/* Base 2.0 5.11: 0Bh, 10h and 11h say that the commit was done and what is missing. */
	static const enum emu_reset_kind kinds[] = { EMU_RESET_CONTROLLER, EMU_RESET_FUNCTION,
						     EMU_RESET_SUBSYSTEM, EMU_RESET_POWER };
	int row = _i / 4, kind = _i % 4;
	bool enough[] = { needs[row].controller, needs[row].function, needs[row].subsystem, true };
	struct th_host *h = th_enabled();
	struct image image = { .revision = "4       ", .needs = needs[row].needs };

	ck_assert_uint_eq(update(h, 2, 1, image), needs[row].at_reset);
	expect(h, 1, 2, "0.1     ");
	ck_assert_uint_eq(commit(h, 2, 3), needs[row].now);
	expect(h, 1, 2, "0.1     ");
	reset(h, kinds[kind]);
	if (enough[kind])
		expect(h, 2, 0, "4       ");
	else
		expect(h, 1, 2, "0.1     ");
	th_free(h);
}
END_TEST

START_TEST(an_activation_without_reset_pauses_commands_for_its_time)
{
	/* Base 2.0 3.11.2: the event, CSTS.PP, then the new revision and the completion. */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct image image = { .revision = "5       ", .activation_msec = 400 };

	download(h, make_image(h, image), 0, PIECE);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = 1u << 9);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 9);
	th_admin(h, .opcode = NVME_ADMIN_FW_COMMIT, .cid = 10, .cdw10 = COMMIT(2, 3));
	th_run(h);
	th_expect_cqe(h, .cid = 9, .dw0 = NVME_AER_FW_ACTIVATION);
	th_expect_none(h, 0);
	ck_assert_uint_eq(NVME_GET(th_read32(h, NVME_REG_CSTS), NVME_CSTS_PP), 1);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = 11);
	th_time(h, 400 * MILLISECOND - 1);
	th_expect_none(h, 1);
	th_expect_none(h, 0);
	th_time(h, 1);
	th_expect_cqe(h, .cid = 10);
	th_expect_cqe(h, .cqid = 1, .cid = 11);
	ck_assert_uint_eq(NVME_GET(th_read32(h, NVME_REG_CSTS), NVME_CSTS_PP), 0);
	expect(h, 2, 0, "5       ");
	th_free(h);
}
END_TEST

START_TEST(a_reset_ends_an_activation_at_once)
{
	/* Base 2.0 3.11.2, unverified: the other controller goes on, and its commit completes. */
	struct th_host *h = th_enabled(.controllers = 2);
	struct image image = { .revision = "5       ", .activation_msec = 400 };

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_ctrl(h, 0);
	download(h, make_image(h, image), 0, PIECE);
	th_admin(h, .opcode = NVME_ADMIN_FW_COMMIT, .cid = 10, .cdw10 = COMMIT(2, 3));
	th_run(h);
	th_ctrl(h, (uint32_t)_i);
	controller_reset(h);
	expect(h, 2, 0, "5       ");
	th_ctrl(h, 0);
	if (_i)
		th_expect_cqe(h, .cid = 10);
	th_expect_none(h, 0);
	expect(h, 2, 0, "5       ");
	th_free(h);
}
END_TEST

START_TEST(an_activation_that_takes_longer_than_mtfa_is_refused)
{
	/* Base 2.0 5.11: Maximum Time Violation; with a reset it works. */
	struct th_host *h = th_enabled(.controller = "mtfa=3");
	struct image image = { .revision = "6       ", .activation_msec = 301 };

	ck_assert_uint_eq(update(h, 2, 3, image), NVME_SC_FW_NEEDS_MAX_TIME_VIOLATION);
	expect(h, 1, 0, "0.1     ");
	ck_assert_uint_eq(commit(h, 2, 2), NVME_SC_SUCCESS);
	controller_reset(h);
	expect(h, 2, 0, "6       ");
	th_free(h);
}
END_TEST

START_TEST(an_image_that_does_not_load_leaves_the_old_one_running)
{
	/* Base 2.0 5.2: Firmware Image Load Error. */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(update(h, 2, 1, (struct image){ .revision = "9       ", .flags = 2 }),
			  NVME_SC_SUCCESS);
	controller_reset(h);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 9);
	th_run(h);
	th_expect_cqe(h, .cid = 9, .dw0 = NVME_AER_FW_LOAD_ERROR);
	expect(h, 1, 0, "0.1     ");
	th_free(h);
}
END_TEST

START_TEST(a_sanitize_operation_waits_for_the_reset_that_activates)
{
	/* Base 2.0 8.21, unverified: refused with the reset that is needed, until it was there. */
	static const uint16_t statuses[] = { NVME_SC_FW_NEEDS_CONTROLLER_RESET,
					     NVME_SC_FW_NEEDS_CONTROLLER_RESET,
					     NVME_SC_FW_NEEDS_CONVENTIONAL_RESET,
					     NVME_SC_FW_NEEDS_SUBSYSTEM_RESET };
	struct th_host *h = th_enabled();

	update(h, 2, 1, (struct image){ .revision = "2       ", .needs = (uint8_t)_i });
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_SANITIZE, .cdw10 = NVME_SANITIZE_CRYPTO_ERASE),
		statuses[_i]);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_SANITIZE, .cdw10 = NVME_SANITIZE_EXIT_FAILURE),
		NVME_SC_SUCCESS);
	reset(h, EMU_RESET_POWER);
	expect(h, 2, 0, "2       ");
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_SANITIZE, .cdw10 = NVME_SANITIZE_CRYPTO_ERASE),
		NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_reset_forgets_the_pieces)
{
	/* Base 2.0 5.12: a Controller Level Reset before the commit. */
	struct th_host *h = th_enabled();
	uint64_t iova = make_image(h, (struct image){ .revision = "8       " });

	download(h, iova, 0, PIECE);
	controller_reset(h);
	ck_assert_uint_eq(commit(h, 2, 0), NVME_SC_INVALID_FW_IMAGE);
	ck_assert_uint_eq(download(h, iova, 0, PIECE), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(slots_outlive_the_power)
{
	/* Base 2.0 3.11, unverified: what waits for a reset is active after power-on. */
	struct th_host *h = th_enabled(), *next = th_off();
	const uint8_t *record;
	uint32_t bytes;

	ck_assert_uint_eq(update(h, 3, 0, (struct image){ .revision = "3.3     " }),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(update(h, 5, 1, (struct image){ .revision = "5.5     ", .needs = 3 }),
			  NVME_SC_FW_NEEDS_SUBSYSTEM_RESET);
	for (uint32_t id = 0; id <= 5; id++) {
		record = th_record(h, EMU_RECORD_FIRMWARE, id, &bytes);
		if (!record)
			continue;
		ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_FIRMWARE, 8, record, bytes),
				 -22);
		ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_FIRMWARE, id, record, bytes - 1),
				 -22);
		ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_FIRMWARE, id, record, bytes), 0);
	}
	th_enable(next, 16);
	expect(next, 5, 0, "5.5     ");
	ck_assert_mem_eq(slots(next)->frs[2], "3.3     ", 8);
	th_free(next);
	th_free(h);
}
END_TEST

static Suite *firmware(void)
{
	Suite *suite = suite_create("firmware");
	TCase *tcase = tcase_create("firmware");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, identify_says_what_can_be_updated, 0, 2);
	tcase_add_loop_test(tcase, an_image_is_stored_then_runs_after_the_next_reset, 0, 2);
	tcase_add_loop_test(tcase, pieces_come_in_any_order, 0, 2);
	tcase_add_loop_test(tcase, pieces_have_the_granularity_and_fit, 0,
			    sizeof(pieces) / sizeof(pieces[0]));
	tcase_add_test(tcase, a_piece_that_overlaps_makes_the_host_start_again);
	tcase_add_test(tcase, a_piece_whose_memory_was_away_can_be_sent_again);
	tcase_add_test(tcase, downloads_of_two_controllers_at_once_are_noticed);
	tcase_add_loop_test(tcase, a_commit_is_refused_for_its_reason_and_changes_nothing_then, 0,
			    sizeof(commits) / sizeof(commits[0]));
	tcase_add_test(tcase, slots_that_do_not_exist_are_invalid);
	tcase_add_loop_test(tcase, an_image_waits_for_the_reset_that_it_needs, 0, 12);
	tcase_add_test(tcase, an_activation_without_reset_pauses_commands_for_its_time);
	tcase_add_loop_test(tcase, a_reset_ends_an_activation_at_once, 0, 2);
	tcase_add_test(tcase, an_activation_that_takes_longer_than_mtfa_is_refused);
	tcase_add_test(tcase, an_image_that_does_not_load_leaves_the_old_one_running);
	tcase_add_loop_test(tcase, a_sanitize_operation_waits_for_the_reset_that_activates, 0, 4);
	tcase_add_test(tcase, a_reset_forgets_the_pieces);
	tcase_add_test(tcase, slots_outlive_the_power);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { firmware };

	return th_main(suites, 1);
}
