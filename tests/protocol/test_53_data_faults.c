/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules about data: changed on its way, moved or written in part; and entries in halves. */
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/faults.h"
#include "tests/harness/main.h"

#define SECOND	  1000000000ull
#define BLOCK	  512u
#define PAGE	  4096u
#define UNTOUCHED 0xee
#define GUARD	  NVME_MASK(NVME_RW_PRCHK_GUARD)

static struct th_host *host_with(const char *text)
{
	struct th_host *h = th_enabled(.io_queues = 1,
				       .controller = "faults=8,dsm=true,compare=true,mdts=8");

	th_faults(h, text);
	return h;
}

/* A buffer of @pages pages whose PRPs are in @command; the list is in front of it. */
static uint64_t buffer(struct th_host *h, struct th_command *command, uint32_t pages, uint8_t byte)
{
	uint64_t list = th_alloc(h, PAGE), data = th_alloc(h, pages * PAGE);

	memset(th_ptr(h, data), byte, pages * PAGE);
	for (uint32_t i = 1; i < pages; i++)
		nvme_store_le64((uint8_t *)th_ptr(h, list) + 8 * (i - 1), data + i * PAGE);
	command->prp1 = data;
	command->prp2 = pages == 2 ? data + PAGE : pages > 2 ? list : 0;
	return data;
}

/* A Read or Write of @blocks blocks from @lba on; returns the buffer, filled with @byte before. */
static uint8_t *move(struct th_host *h, uint8_t opcode, uint32_t lba, uint32_t blocks, uint8_t byte)
{
	struct th_command command = {
		.opcode = opcode, .nsid = 1, .cid = 1, .cdw10 = lba, .cdw12 = blocks - 1
	};
	uint64_t data = buffer(h, &command, (blocks * BLOCK + PAGE - 1) / PAGE, byte);

	th_submit_(h, 1, command, true);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	return th_ptr(h, data);
}

static void fill_medium(struct th_host *h, uint32_t lba, uint32_t blocks, uint8_t byte)
{
	for (uint32_t i = 0; i < blocks; i++)
		memset(th_media_block(h, 1, lba + i), byte, BLOCK);
}

static const uint8_t *medium(struct th_host *h, uint32_t lba)
{
	return th_media_block(h, 1, lba);
}

static void expect_bytes(const uint8_t *data, uint8_t byte, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		ck_assert_uint_eq(data[i], byte);
}

START_TEST(bits_flip_between_the_medium_and_the_host)
{
	struct th_host *h = host_with(
		"[fault out]\nat = xfer.out\nwhen = op == read && lba == 8\n"
		"do = flip 3:80; flip 511:01ff\n"
		"[fault in]\nat = xfer.in\nwhen = lba == 16 && bytes == 1024\n"
		"do = put 600:a1b2c3d4e5f60718\n");
	const uint8_t *data;

	fill_medium(h, 8, 2, 0x11);
	data = move(h, NVME_CMD_READ, 8, 2, UNTOUCHED);
	expect_bytes(data, 0x11, 3);
	ck_assert_uint_eq(data[3], 0x91);
	expect_bytes(data + 4, 0x11, 507);
	ck_assert_uint_eq(data[511], 0x10);
	ck_assert_uint_eq(data[512], 0xee);
	expect_bytes(data + 513, 0x11, 511);
	expect_bytes(medium(h, 8), 0x11, BLOCK);
	data = move(h, NVME_CMD_WRITE, 16, 2, 0x22);
	expect_bytes(data, 0x22, 2 * BLOCK);
	expect_bytes(medium(h, 16), 0x22, BLOCK);
	expect_bytes(medium(h, 17), 0x22, 88);
	ck_assert_int_eq(memcmp(medium(h, 17) + 88, "\xa1\xb2\xc3\xd4\xe5\xf6\x07\x18", 8), 0);
	expect_bytes(medium(h, 17) + 96, 0x22, BLOCK - 96);
	/* The next ones are as they should be. */
	expect_bytes(move(h, NVME_CMD_READ, 9, 1, UNTOUCHED), 0x11, BLOCK);
	move(h, NVME_CMD_WRITE, 17, 1, 0x33);
	expect_bytes(medium(h, 17), 0x33, BLOCK);
	th_free(h);
}
END_TEST

START_TEST(data_of_several_pieces_changes_in_each)
{
	struct th_host *h = host_with(
		"[fault a]\nat = xfer.out\nwhen = q == 1\n"
		"do = put 0:01; put 65535:0203; put 131071:04; put 131072:05\n"
		"[fault b]\nat = xfer.out\nwhen = q == 1\n"
		"do = put 1:06; put 2:07; put 3:08; put 4:09\n"
		"[fault ninth]\nat = xfer.out\nwhen = q == 1\ndo = put 5:0a\n");
	uint8_t *data = move(h, NVME_CMD_READ, 0, 256, UNTOUCHED);

	ck_assert_int_eq(memcmp(data, "\x01\x06\x07\x08\x09\x00", 6), 0);
	ck_assert_int_eq(memcmp(data + 65534, "\x00\x02\x03\x00", 4), 0);
	ck_assert_uint_eq(data[131071], 4);
	ck_assert_uint_eq(th_fired(h, "ninth"), 1);
	th_free(h);
}
END_TEST

START_TEST(a_part_of_the_data_is_moved_and_nobody_is_told)
{
	struct th_host *h = host_with(
		"[fault some]\nat = xfer.out\nwhen = lba == 8\ndo = short 700\n"
		"[fault none]\nat = xfer.out\nwhen = lba == 9\ndo = short 0\n"
		"[fault all]\nat = xfer.out\nwhen = lba == 10\ndo = short 512\n"
		"[fault long]\nat = xfer.out\nwhen = lba == 200\n"
		"do = short 70000\n"
		"[fault in]\nat = xfer.in\nwhen = q == 1\ndo = short 10\n");
	const uint8_t *data;

	fill_medium(h, 8, 3, 0x11);
	fill_medium(h, 200, 256, 0x11);
	data = move(h, NVME_CMD_READ, 8, 2, UNTOUCHED);
	expect_bytes(data, 0x11, 700);
	expect_bytes(data + 700, UNTOUCHED, 324);
	expect_bytes(move(h, NVME_CMD_READ, 9, 1, UNTOUCHED), UNTOUCHED, BLOCK);
	expect_bytes(move(h, NVME_CMD_READ, 10, 1, UNTOUCHED), 0x11, BLOCK);
	data = move(h, NVME_CMD_READ, 200, 256, UNTOUCHED);
	expect_bytes(data, 0x11, 70000);
	expect_bytes(data + 70000, UNTOUCHED, 256 * BLOCK - 70000);
	move(h, NVME_CMD_WRITE, 8, 2, 0x22);
	expect_bytes(medium(h, 8), 0x22, 10);
	expect_bytes(medium(h, 8) + 10, 0, BLOCK - 10);
	expect_bytes(medium(h, 9), 0, BLOCK);
	th_free(h);
}
END_TEST

START_TEST(identify_data_says_what_cannot_be)
{
	/* Base 2.0 5.17.2.1, NVM 1.0 4.1.5.1 (unverified): MDTS is byte 77, NSZE bytes 7:0 */
	struct th_host *h = host_with(
		"[fault mdts]\nat = xfer.out\nwhen = op == identify && cns == 1\n"
		"do = put 77:ff\n"
		"[fault nsze]\nat = xfer.out\nwhen = op == identify && cns == 0\n"
		"do = put 0:0000000000000000; short 4000\n");
	uint64_t data = th_alloc(h, PAGE);
	uint8_t *bytes = th_ptr(h, data);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = data, .cdw10 = 1);
	ck_assert_uint_eq(bytes[77], 0xff);
	ck_assert_uint_eq(bytes[78], 1); /* CNTLID */
	memset(bytes, UNTOUCHED, PAGE);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = data, .cdw10 = 0);
	ck_assert_uint_eq(nvme_load_le64(bytes), 0);
	ck_assert_uint_eq(nvme_load_le64(bytes + 8), 2048); /* NCAP */
	expect_bytes(bytes + 4000, UNTOUCHED, 96);
	th_free(h);
}
END_TEST

START_TEST(a_list_of_the_host_is_read_otherwise)
{
	/* NVM 1.0 3.2.3 (unverified): block 1 for the host, 2 for the drive */
	struct th_host *h = host_with("[fault list]\nat = xfer.in\nwhen = op == dsm\n"
				      "do = flip 8:03\n");
	uint64_t list = th_alloc(h, PAGE);
	struct nvme_dsm_range *range = th_ptr(h, list);

	*range = (struct nvme_dsm_range){ .nlb = nvme_le32(1), .slba = nvme_le64(1) };
	move(h, NVME_CMD_WRITE, 0, 4, 0x11);
	th_io(h, 1, .opcode = NVME_CMD_DSM, .nsid = 1, .cid = 2, .prp1 = list, .cdw11 = 4);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	ck_assert(th_media_allocated(h, 1, 1));
	ck_assert(!th_media_allocated(h, 1, 2));
	th_free(h);
}
END_TEST

START_TEST(protection_information_finds_what_changed)
{
	/* NVM 1.0 5.2.1: the drive checks the guard on the way in, the host on the way out */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "faults=2",
				       .ns = { .ms = 8, .pi = NVME_PI_TYPE1 });
	uint64_t data = th_alloc(h, PAGE), meta = th_alloc(h, PAGE);
	struct th_command c = { .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = data, .mptr = meta };

	th_faults(h, "[fault in]\nat = xfer.in\nwhen = op == write\nnth = 2\ndo = flip 100:01\n"
		     "[fault out]\nat = xfer.out\nwhen = op == read\ndo = flip 100:01\n");
	c.cdw12 = GUARD; /* the guard of zeros is 0 */
	ck_assert_uint_eq(th_try_(h, 1, c, __LINE__), 0);
	ck_assert_uint_eq(nvme_status_code(th_try_(h, 1, c, __LINE__)), NVME_SC_GUARD_CHECK_ERROR);
	c.opcode = NVME_CMD_READ;
	ck_assert_uint_eq(th_try_(h, 1, c, __LINE__), 0);
	ck_assert_uint_eq(((const uint8_t *)th_ptr(h, data))[100], 1);
	ck_assert_uint_eq(((const uint8_t *)th_ptr(h, meta))[0], 0);
	th_free(h);
}
END_TEST

START_TEST(a_compare_is_not_asked_for_its_data)
{
	/* NVM 1.0 3.2.1 (unverified) */
	struct th_host *h = host_with(
		"[fault in]\nat = xfer.in\noptional = true\ndo = flip 0:ff\n");

	fill_medium(h, 0, 1, 0x11);
	move(h, NVME_CMD_COMPARE, 0, 1, 0x11);
	ck_assert_uint_eq(th_fired(h, "in"), 0);
	th_free(h);
}
END_TEST

START_TEST(a_write_is_torn_lost_or_goes_elsewhere)
{
	struct th_host *h = host_with(
		"[fault torn]\nat = media.write\nwhen = lba == 8\ndo = torn 9\n"
		"[fault lost]\nat = media.write\nwhen = lba == 40\ndo = torn 0\n"
		"[fault whole]\nat = media.write\nwhen = lba == 48\ndo = torn 8\n"
		"[fault astray]\nat = media.write\nwhen = lba == 64\ndo = lba ^= 0x20\n"
		"[fault other]\nat = media.read\nwhen = lba == 64\ndo = lba = 8\n"
		"[fault zero]\nat = media.dealloc\nwhen = lba == 8\ndo = torn 1\n");

	move(h, NVME_CMD_WRITE, 8, 24, 0x11);
	expect_bytes(medium(h, 16), 0x11, BLOCK);
	expect_bytes(medium(h, 17), 0, BLOCK);
	ck_assert(!th_media_allocated(h, 1, 17));
	move(h, NVME_CMD_WRITE, 40, 8, 0x22);
	expect_bytes(medium(h, 40), 0, BLOCK);
	move(h, NVME_CMD_WRITE, 48, 8, 0x33);
	expect_bytes(medium(h, 55), 0x33, BLOCK);
	move(h, NVME_CMD_WRITE, 64, 1, 0x44);
	expect_bytes(medium(h, 64), 0, BLOCK);
	expect_bytes(medium(h, 96), 0x44, BLOCK);
	expect_bytes(move(h, NVME_CMD_READ, 64, 1, UNTOUCHED), 0x11, BLOCK);
	th_io(h, 1, .opcode = NVME_CMD_WRITE_ZEROES, .nsid = 1, .cid = 2, .cdw10 = 8, .cdw12 = 7);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	expect_bytes(medium(h, 8), 0, BLOCK);
	expect_bytes(medium(h, 9), 0x11, BLOCK);
	th_free(h);
}
END_TEST

/* The slot of the admin completion queue that the host looks at next. */
static const struct nvme_cqe *next_slot(struct th_host *h)
{
	const struct nvme_cqe *queue = th_ptr(h, th_read64(h, NVME_REG_ACQ));

	return queue + th_head(h, 0);
}

static void get_queue_count(struct th_host *h, uint16_t cid)
{
	th_admin(h, .opcode = NVME_ADMIN_GET_FEATURES, .cid = cid, .cdw10 = NVME_FID_NUM_QUEUES);
	th_run(h);
}

START_TEST(the_phase_of_an_entry_comes_late)
{
	/* Base 2.0 3.3.3.2 (unverified): legal; the host sees nothing until it is whole */
	struct th_host *h = host_with("[fault late]\nat = cqe.post\nwhen = cid == 7\n"
				      "do = late-phase 2s\n");
	uint32_t count = th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_NUM_QUEUES);
	const struct nvme_cqe *slot = next_slot(h);

	th_irqs(h, 0);
	get_queue_count(h, 7);
	th_expect_none(h, 0);
	ck_assert_uint_ne(count, 0);
	ck_assert_uint_eq(nvme_cpu32(slot->dw0), count);
	ck_assert_uint_eq(nvme_cpu16(slot->cid), 0);
	ck_assert_uint_eq(th_irqs(h, 0), 0);
	get_queue_count(h, 8); /* behind it, and not seen before it */
	th_expect_none(h, 0);
	th_time(h, 2 * SECOND);
	ck_assert_uint_gt(th_irqs(h, 0), 0);
	th_expect_cqe(h, .cqid = 0, .cid = 7, .dw0 = count);
	th_expect_cqe(h, .cqid = 0, .cid = 8, .dw0 = count);
	th_free(h);
}
END_TEST

START_TEST(the_phase_of_an_entry_comes_early)
{
	/* Base 2.0 3.3.3.2 (unverified): not legal; the host believes the old dwords */
	struct th_host *h = host_with("[fault early]\nat = cqe.post\nwhen = cid == 7\n"
				      "do = early-phase 0s; duplicate\n");
	uint32_t count = th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_NUM_QUEUES);
	const struct nvme_cqe *slot = next_slot(h);
	unsigned int stages = 0;

	th_irqs(h, 0);
	th_admin(h, .opcode = NVME_ADMIN_GET_FEATURES, .cid = 7, .cdw10 = NVME_FID_NUM_QUEUES);
	while (nvme_cpu16(slot->cid) != 7 && stages++ < 10)
		ck_assert_uint_eq(th_step(h, 1), 1);
	ck_assert_uint_eq(nvme_cpu16(slot->status) & 1, 1);
	ck_assert_uint_eq(nvme_cpu32(slot->dw0), 0);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 0), 1);
	th_expect_cqe(h, .cqid = 0, .cid = 7, .dw0 = count);
	th_expect_cqe(h, .cqid = 0, .cid = 7, .dw0 = count);
	th_expect_none(h, 0);
	th_free(h);
}
END_TEST

START_TEST(half_an_entry_is_given_up_with_its_queue)
{
	struct th_host *h = host_with("[fault late]\nat = cqe.post\nwhen = q == 1\n"
				      "do = late-phase 10s\n");

	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = 3);
	th_run(h);
	th_expect_none(h, 1);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_time(h, 20 * SECOND);
	th_expect_none(h, 1);
	th_free(h);
}
END_TEST

static Suite *data_faults(void)
{
	Suite *suite = suite_create("data_faults");
	TCase *tcase = tcase_create("data_faults");

	tcase_add_test(tcase, bits_flip_between_the_medium_and_the_host);
	tcase_add_test(tcase, data_of_several_pieces_changes_in_each);
	tcase_add_test(tcase, a_part_of_the_data_is_moved_and_nobody_is_told);
	tcase_add_test(tcase, identify_data_says_what_cannot_be);
	tcase_add_test(tcase, a_list_of_the_host_is_read_otherwise);
	tcase_add_test(tcase, protection_information_finds_what_changed);
	tcase_add_test(tcase, a_compare_is_not_asked_for_its_data);
	tcase_add_test(tcase, a_write_is_torn_lost_or_goes_elsewhere);
	tcase_add_test(tcase, the_phase_of_an_entry_comes_late);
	tcase_add_test(tcase, the_phase_of_an_entry_comes_early);
	tcase_add_test(tcase, half_an_entry_is_given_up_with_its_queue);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ data_faults }, 1);
}
