/* SPDX-License-Identifier: BSD-3-Clause */
/* Copy, Dataset Management and Get LBA Status, NVM 1.0 3.2.2, 3.2.3 and 4.2.1: lists of ranges. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "common/random.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECTOR 512u

/* A host with a page for lists and some memory for data. */
struct bench {
	struct th_host *h;
	uint64_t list, data;
	uint32_t ranges;
};

static struct bench make(const char *keys)
{
	struct bench b = { .h = th_enabled(.io_queues = 1, .ns2_blocks = 512, .ns2_lbads = 9,
					   .controller = keys) };

	b.list = th_alloc(b.h, 3 * 4096);
	b.data = th_alloc(b.h, 8192);
	return b;
}

static uint16_t blocks(struct bench *b, uint8_t opcode, uint32_t nsid, uint64_t slba, uint32_t nlb)
{
	return th_code_io(b->h, 1, .opcode = opcode, .nsid = nsid, .prp1 = b->data,
			  .prp2 = b->data + 4096, .cdw10 = (uint32_t)slba, .cdw12 = nlb - 1);
}

static void write(struct bench *b, uint32_t nsid, uint64_t slba, uint32_t nlb, uint64_t version)
{
	for (uint32_t i = 0; i < nlb; i++)
		nvme_pattern_fill((uint8_t *)th_ptr(b->h, b->data) + i * SECTOR, SECTOR, version,
				  slba + i);
	ck_assert_uint_eq(blocks(b, NVME_CMD_WRITE, nsid, slba, nlb), NVME_SC_SUCCESS);
}

/* Whether block @lba holds what block @was of @version did. */
static bool holds(struct bench *b, uint32_t nsid, uint64_t lba, uint64_t version, uint64_t was)
{
	return nvme_pattern_check(th_media_block(b->h, nsid, lba), SECTOR, version, was) == SECTOR;
}

static void add_dsm(struct bench *b, uint64_t slba, uint32_t nlb)
{
	struct nvme_dsm_range *range = th_ptr(b->h, b->list);

	range[b->ranges++] = (struct nvme_dsm_range){ .cattr = nvme_le32(0x0701),
						      .nlb = nvme_le32(nlb),
						      .slba = nvme_le64(slba) };
}

static uint16_t dsm(struct bench *b, uint32_t cdw11)
{
	return th_code_io(b->h, 1, .opcode = NVME_CMD_DSM, .nsid = 1, .prp1 = b->list,
			  .prp2 = b->list + 4096, .cdw10 = b->ranges - 1, .cdw11 = cdw11);
}

START_TEST(deallocated_ranges_read_as_zeros_and_nothing_else_does)
{
	/* NVM 1.0 3.2.3.2 */
	struct bench b = make(NULL);

	write(&b, 1, 10, 12, 1);
	add_dsm(&b, 11, 2);
	add_dsm(&b, 0, 0);
	add_dsm(&b, 20, 1);
	ck_assert_uint_eq(dsm(&b, 4), NVME_SC_SUCCESS);
	for (uint64_t lba = 10; lba < 22; lba++) {
		bool gone = lba == 11 || lba == 12 || lba == 20;

		ck_assert_int_eq(th_media_allocated(b.h, 1, lba), !gone);
		ck_assert_int_eq(holds(&b, 1, lba, 1, lba), !gone);
	}
	th_free(b.h);
}
END_TEST

START_TEST(hints_without_deallocate_change_nothing)
{
	/* NVM 1.0 3.2.3: IDR, IDW and attributes; each of the other values of CDW11 */
	struct bench b = make(NULL);

	write(&b, 1, 10, 4, 1);
	add_dsm(&b, 10, 4);
	ck_assert_uint_eq(dsm(&b, (uint32_t)_i), NVME_SC_SUCCESS);
	ck_assert(holds(&b, 1, 10, 1, 10));
	ck_assert(th_media_allocated(b.h, 1, 13));
	th_free(b.h);
}
END_TEST

START_TEST(a_range_that_does_not_exist_spoils_the_whole_command)
{
	/* NVM 1.0 3.2.3: LBA Out of Range, before anything is deallocated */
	static const uint64_t starts[] = { 2048, 2040, UINT64_MAX, UINT64_MAX - 4 };
	struct bench b = make(NULL);

	write(&b, 1, 10, 4, 1);
	add_dsm(&b, 10, 4);
	add_dsm(&b, starts[_i], 9);
	ck_assert_uint_eq(dsm(&b, 4), NVME_SC_LBA_OUT_OF_RANGE);
	ck_assert(th_media_allocated(b.h, 1, 10));
	th_free(b.h);
}
END_TEST

START_TEST(dataset_management_has_limits_of_its_own)
{
	/* NVM 1.0 4.1.5.4: DMRL, DMRSL, DMSL; Command Size Limit Exceeded, unverified */
	struct bench b = make("dmrl=3,dmrsl=8,dmsl=20");
	const struct nvme_id_ctrl_nvm *id = th_ptr(b.h, b.data);

	th_do(b.h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = b.data, .cdw10 = NVME_CNS_CTRL_CSI);
	ck_assert_uint_eq(id->dmrl, 3);
	ck_assert_uint_eq(nvme_cpu32(id->dmrsl), 8);
	ck_assert_uint_eq(nvme_cpu64(id->dmsl), 20);
	add_dsm(&b, 0, 8);
	add_dsm(&b, 10, 8);
	add_dsm(&b, 20, 4);
	ck_assert_uint_eq(dsm(&b, 4), NVME_SC_SUCCESS);
	b.ranges = 2;
	add_dsm(&b, 20, 5);
	ck_assert_uint_eq(dsm(&b, 4), NVME_SC_COMMAND_SIZE_EXCEEDED);
	b.ranges = 0;
	add_dsm(&b, 0, 9);
	ck_assert_uint_eq(dsm(&b, 4), NVME_SC_COMMAND_SIZE_EXCEEDED);
	b.ranges = 0;
	for (uint32_t i = 0; i < 4; i++)
		add_dsm(&b, i, 1);
	ck_assert_uint_eq(dsm(&b, 4), NVME_SC_COMMAND_SIZE_EXCEEDED);
	th_free(b.h);
}
END_TEST

START_TEST(as_many_ranges_as_the_field_can_say_are_worked_on)
{
	/* NVM 1.0 3.2.3: 256 ranges are one page. */
	struct bench b = make(NULL);

	for (uint32_t i = 0; i < 256; i++) {
		write(&b, 1, 4 * i, 1, 1);
		add_dsm(&b, 4 * i, 1);
	}
	ck_assert_uint_eq(dsm(&b, 4), NVME_SC_SUCCESS);
	for (uint32_t i = 0; i < 256; i++)
		ck_assert(!th_media_allocated(b.h, 1, 4 * i));
	th_free(b.h);
}
END_TEST

static void add_copy(struct bench *b, uint32_t nsid, uint64_t slba, uint32_t nlb)
{
	struct nvme_copy_range *range = th_ptr(b->h, b->list);

	range[b->ranges++] = (struct nvme_copy_range){ .snsid = nvme_le32(nsid),
						       .slba = nvme_le64(slba),
						       .nlb = nvme_le16((uint16_t)(nlb - 1)) };
}

static uint16_t copy(struct bench *b, uint64_t sdlba, uint32_t format)
{
	return th_code_io(b->h, 1, .opcode = NVME_CMD_COPY, .nsid = 1, .prp1 = b->list,
			  .prp2 = b->list + 4096, .cdw10 = (uint32_t)sdlba,
			  .cdw11 = (uint32_t)(sdlba >> 32), .cdw12 = format << 8 | (b->ranges - 1));
}

static uint16_t enable_formats(struct bench *b, uint16_t cdfe)
{
	memset(th_ptr(b->h, b->data), 0, 512);
	nvme_store_le16((uint8_t *)th_ptr(b->h, b->data) + 4, cdfe);
	return th_code(b->h, .opcode = NVME_ADMIN_SET_FEATURES, .prp1 = b->data,
		       .cdw10 = NVME_FID_HOST_BEHAVIOR);
}

START_TEST(sources_follow_each_other_in_the_destination)
{
	/* NVM 1.0 3.2.2: pieces of several sizes, one larger than a bounce buffer */
	struct bench b = make(NULL);
	uint64_t to = 1000;

	for (uint32_t lba = 0; lba < 400; lba += 16)
		write(&b, 1, lba, 16, 3);
	add_copy(&b, 0, 100, 1);
	add_copy(&b, 0, 0, 300);
	add_copy(&b, 0, 7, 2);
	ck_assert_uint_eq(copy(&b, to, 0), NVME_SC_SUCCESS);
	ck_assert(holds(&b, 1, to, 3, 100));
	for (uint64_t i = 0; i < 300; i++)
		ck_assert(holds(&b, 1, to + 1 + i, 3, i));
	ck_assert(holds(&b, 1, to + 301, 3, 7));
	ck_assert(holds(&b, 1, to + 302, 3, 8));
	ck_assert(!th_media_allocated(b.h, 1, to + 303));
	th_free(b.h);
}
END_TEST

START_TEST(other_namespaces_are_sources_once_the_host_knows_them)
{
	/* Base 2.0 5.27.1.18, unverified: formats 2 and 3 need CDFE. */
	struct bench b = make(NULL);

	write(&b, 3, 5, 4, 8);
	add_copy(&b, 3, 5, 4);
	ck_assert_uint_eq(copy(&b, 50, 2), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(enable_formats(&b, 1 << 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(copy(&b, 50, 2), NVME_SC_SUCCESS);
	ck_assert(holds(&b, 1, 53, 8, 8));
	ck_assert_uint_eq(copy(&b, 50, 3), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(copy(&b, 50, 4), NVME_SC_INVALID_FIELD);
	b.ranges = 0;
	add_copy(&b, 2, 5, 4); /* no such namespace */
	ck_assert_uint_eq(copy(&b, 50, 2), NVME_SC_INVALID_NS);
	ck_assert_uint_eq(enable_formats(&b, 1), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(enable_formats(&b, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(copy(&b, 50, 2), NVME_SC_INVALID_FIELD);
	th_free(b.h);
}
END_TEST

START_TEST(a_namespace_of_another_format_is_no_source)
{
	/* NVM 1.0 3.2.2, unverified: Incompatible Namespace or Format */
	struct th_host *h = th_enabled(.io_queues = 1, .ns2_blocks = 64);
	struct bench b = { .h = h, .list = th_alloc(h, 4096), .data = th_alloc(h, 8192) };

	ck_assert_uint_eq(enable_formats(&b, 1 << 2), NVME_SC_SUCCESS);
	add_copy(&b, 3, 0, 1);
	ck_assert_uint_eq(copy(&b, 50, 2), NVME_SC_COPY_INCOMPATIBLE_NS);
	th_free(h);
}
END_TEST

/* Limits of 8 blocks a range, 20 in all, 3 ranges; the namespace has 2048 blocks. */
static const struct {
	uint32_t ranges, nlb;
	uint64_t slba, sdlba;
	uint16_t sc;
} copies[] = {
	{ 2, 8, 0, 100, NVME_SC_SUCCESS },
	{ 1, 9, 0, 100, NVME_SC_COMMAND_SIZE_EXCEEDED },
	{ 3, 7, 0, 100, NVME_SC_COMMAND_SIZE_EXCEEDED },
	{ 4, 1, 0, 100, NVME_SC_COMMAND_SIZE_EXCEEDED },
	{ 1, 8, 2041, 100, NVME_SC_LBA_OUT_OF_RANGE },
	{ 1, 8, UINT64_MAX - 2, 100, NVME_SC_LBA_OUT_OF_RANGE },
	{ 2, 8, 0, 2033, NVME_SC_LBA_OUT_OF_RANGE },
	{ 2, 8, 0, 2032, NVME_SC_SUCCESS },
	{ 1, 8, 0, 7, NVME_SC_COPY_OVERLAPPING_RANGE },
	{ 1, 8, 0, 8, NVME_SC_SUCCESS },
	{ 1, 8, 107, 100, NVME_SC_COPY_OVERLAPPING_RANGE },
};

START_TEST(a_copy_is_checked_before_anything_is_written)
{
	/* NVM 1.0 3.2.2, unverified for the order of checks and for overlaps */
	struct bench b = make("mssrl=8,mcl=20,msrc=2");

	for (uint32_t i = 0; i < copies[_i].ranges; i++)
		add_copy(&b, 0, copies[_i].slba + i * copies[_i].nlb, copies[_i].nlb);
	ck_assert_uint_eq(copy(&b, copies[_i].sdlba, 0), copies[_i].sc);
	if (copies[_i].sc)
		ck_assert_uint_eq(th_events(b.h, NVME_TRACE_MEDIA), 0);
	th_free(b.h);
}
END_TEST

START_TEST(a_source_that_cannot_be_read_ends_the_copy)
{
	/* NVM 1.0 3.2.2 */
	struct bench b = make("bounces=1");

	ck_assert_uint_eq(blocks(&b, NVME_CMD_WRITE_UNCORRECTABLE, 1, 30, 1), NVME_SC_SUCCESS);
	add_copy(&b, 0, 20, 5);
	add_copy(&b, 0, 29, 2);
	ck_assert_uint_eq(copy(&b, 100, 0), NVME_SC_UNRECOVERED_READ_ERROR);
	b.ranges = 1;
	ck_assert_uint_eq(copy(&b, 100, 0), NVME_SC_SUCCESS);
	th_media_fail(b.h, -ENOSPC);
	ck_assert_uint_eq(copy(&b, 100, 0), NVME_SC_CAPACITY_EXCEEDED);
	th_free(b.h);
}
END_TEST

START_TEST(identify_tells_the_limits_of_copy)
{
	/* NVM 1.0 4.1.5.1; OCFS */
	struct bench b = make("mssrl=8,mcl=20,msrc=2");
	const struct nvme_id_ns *ns = th_ptr(b.h, b.data);
	const struct nvme_id_ctrl *ctrl = th_ptr(b.h, b.data);

	th_do(b.h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = b.data);
	ck_assert_uint_eq(nvme_cpu16(ns->mssrl), 8);
	ck_assert_uint_eq(nvme_cpu32(ns->mcl), 20);
	ck_assert_uint_eq(ns->msrc, 2);
	th_do(b.h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = b.data, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(nvme_cpu16(ctrl->ocfs), 0xf);
	th_free(b.h);
}
END_TEST

START_TEST(wide_tags_take_the_wide_descriptor)
{
	/* NVM 1.0 3.2.2, unverified: formats 1 and 3 go with guards of 32 and 64 bits. */
	struct th_host *h = th_enabled(.io_queues = 1, .lbads = 12, .blocks = 128,
				       .controller = "metadata=true,pi=true",
				       .ns = { .ms = 16, .pif = 2, .pi = 1 });
	struct bench b = { .h = h, .list = th_alloc(h, 4096), .data = th_alloc(h, 8192) };
	struct nvme_copy_range_f1 *range = th_ptr(h, b.list);
	uint32_t pract = NVME_MASK(NVME_RW_PRACT);
	struct th_command c = { .opcode = NVME_CMD_WRITE,
				.nsid = 1,
				.prp1 = b.data,
				.cdw10 = 7,
				.cdw12 = pract,
				.cdw14 = 7,
				.cdw15 = 0xffff0042 };

	ck_assert_uint_eq(th_try_(h, 1, c, __LINE__), NVME_SC_SUCCESS);
	range[0] = (struct nvme_copy_range_f1){ .slba = nvme_le64(7),
						.elbat = nvme_le16(0x42),
						.elbatm = nvme_le16(0xffff) };
	range[0].elbst[9] = 7;
	c = (struct th_command){ .opcode = NVME_CMD_COPY,
				 .nsid = 1,
				 .prp1 = b.list,
				 .cdw10 = 50,
				 .cdw12 = 1 << 8 | 7u << 12 | pract };
	ck_assert_uint_eq(nvme_status_code(th_try_(h, 1, c, __LINE__)), NVME_SC_INVALID_FIELD);
	c.cdw12 = 1 << 8 | 15u << 12 | pract;
	c.cdw14 = 50;
	c.cdw15 = 0xffff0099;
	ck_assert_uint_eq(th_try_(h, 1, c, __LINE__), NVME_SC_SUCCESS);
	range[0].elbst[9] = 8;
	ck_assert_uint_eq(nvme_status_code(th_try_(h, 1, c, __LINE__)), NVME_SC_INVALID_PI);
	c = (struct th_command){ .opcode = NVME_CMD_VERIFY,
				 .nsid = 1,
				 .cdw10 = 50,
				 .cdw12 = 7u << 26,
				 .cdw14 = 50,
				 .cdw15 = 0xffff0099 };
	ck_assert_uint_eq(th_try_(h, 1, c, __LINE__), NVME_SC_SUCCESS);
	c.opcode = NVME_CMD_COPY;
	c.prp1 = b.list;
	c.cdw12 = 0;
	ck_assert_uint_eq(nvme_status_code(th_try_(h, 1, c, __LINE__)), NVME_SC_INVALID_FORMAT);
	th_free(h);
}
END_TEST

/* Copies block 7, whose storage tag is BEEFh, expecting @read and @written. */
static uint16_t copy_tagged(struct bench *b, uint32_t flags, uint16_t read, uint16_t written)
{
	struct nvme_copy_range_f1 *range = th_ptr(b->h, b->list);

	range[0] = (struct nvme_copy_range_f1){ .slba = nvme_le64(7) };
	range[0].elbst[4] = (uint8_t)(read >> 8);
	range[0].elbst[5] = (uint8_t)read;
	range[0].elbst[9] = 7;
	return th_code_io(b->h, 1, .opcode = NVME_CMD_COPY, .nsid = 1, .prp1 = b->list, .cdw10 = 50,
			  .cdw3 = written, .cdw12 = 1 << 8 | flags, .cdw14 = 50);
}

START_TEST(a_copy_checks_storage_tags_on_either_side)
{
	/* NVM 1.0 3.2.2, unverified: STCR and STCW, ID.PIC bit 2 */
	struct th_host *h = th_enabled(.io_queues = 1, .lbads = 12, .blocks = 128,
				       .ns = { .ms = 16, .pif = 2, .pi = 1 });
	struct bench b = { .h = h, .list = th_alloc(h, 4096), .data = th_alloc(h, 8192) };
	const uint32_t stcr = NVME_MASK(NVME_COPY_STCR), stcw = NVME_MASK(NVME_COPY_STCW);

	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = b.data,
				     .cdw10 = 7, .cdw3 = 0xbeef, .cdw12 = NVME_MASK(NVME_RW_PRACT),
				     .cdw14 = 7),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(copy_tagged(&b, 0, 1, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(copy_tagged(&b, stcr, 0xbeef, 2), NVME_SC_SUCCESS);
	ck_assert_uint_eq(copy_tagged(&b, stcr, 0xbeee, 2), NVME_SC_STORAGE_TAG_CHECK_ERROR);
	ck_assert_uint_eq(copy_tagged(&b, stcw, 1, 0xbeef), NVME_SC_SUCCESS);
	ck_assert_uint_eq(copy_tagged(&b, stcw, 1, 0xbeee), NVME_SC_STORAGE_TAG_CHECK_ERROR);
	th_free(h);
}
END_TEST

static const struct nvme_lba_status *lba_status(struct bench *b, uint32_t action, uint64_t slba,
						uint32_t rl, uint32_t bytes)
{
	memset(th_ptr(b->h, b->data), 0xa5, 8192);
	th_do(b->h, .opcode = NVME_ADMIN_GET_LBA_STATUS, .nsid = 1, .prp1 = b->data,
	      .prp2 = b->data + 4096, .cdw10 = (uint32_t)slba, .cdw12 = bytes / 4 - 1,
	      .cdw13 = action << 24 | rl);
	return th_ptr(b->h, b->data);
}

static void expect_run(const struct nvme_lba_status *status, uint32_t index, uint64_t slba,
		       uint32_t nlb, uint8_t code)
{
	const struct nvme_lba_status_desc *run = (const void *)(status + 1);

	ck_assert_uint_eq(nvme_cpu64(run[index].dslba), slba);
	ck_assert_uint_eq(nvme_cpu32(run[index].nlb), nlb);
	ck_assert_uint_eq(run[index].status & 1, code & 1);
}

START_TEST(blocks_that_cannot_be_read_are_listed)
{
	/* NVM 1.0 4.2.1, unverified */
	struct bench b = make(NULL);
	const struct nvme_lba_status *status;

	ck_assert_uint_eq(nvme_cpu32(lba_status(&b, 0x10, 0, 0, 4096)->nlsd), 0);
	blocks(&b, NVME_CMD_WRITE_UNCORRECTABLE, 1, 10, 3);
	blocks(&b, NVME_CMD_WRITE_UNCORRECTABLE, 1, 1000, 1);
	write(&b, 1, 100, 4, 1);
	status = lba_status(&b, _i ? 0x11 : 0x10, 0, 0, 4096);
	ck_assert_uint_eq(nvme_cpu32(status->nlsd), 2);
	ck_assert_uint_eq(status->cmpc, 2);
	expect_run(status, 0, 10, 3, 1);
	expect_run(status, 1, 1000, 1, 1);
	ck_assert_uint_eq(((const uint8_t *)status)[4095], 0);
	ck_assert_uint_eq(((const uint8_t *)status)[4096], 0xa5);
	status = lba_status(&b, 0x10, 11, 500, 4096);
	ck_assert_uint_eq(nvme_cpu32(status->nlsd), 1);
	expect_run(status, 0, 11, 2, 1);
	status = lba_status(&b, 0x10, 0, 0, 24); /* room for one */
	ck_assert_uint_eq(nvme_cpu32(status->nlsd), 1);
	ck_assert_uint_eq(status->cmpc, 1);
	th_free(b.h);
}
END_TEST

START_TEST(allocated_blocks_are_listed)
{
	/* NVM 1.0 4.2.1, unverified: action 02h */
	struct bench b = make(NULL);
	const struct nvme_lba_status *status;

	write(&b, 1, 100, 4, 1);
	write(&b, 1, 104, 2, 1);
	status = lba_status(&b, 0x02, 0, 0, 4096);
	ck_assert_uint_eq(nvme_cpu32(status->nlsd), 1);
	expect_run(status, 0, 100, 6, 0);
	th_free(b.h);
}
END_TEST

/* CDW10, CDW12, CDW13, NSID. */
static const struct {
	uint32_t slba, mndw, cdw13, nsid;
	uint16_t sc;
} questions[] = {
	{ 0, 1023, 0x10000000, 1, NVME_SC_SUCCESS },
	{ 2047, 1023, 0x10000001, 1, NVME_SC_SUCCESS },
	{ 2048, 1023, 0x10000000, 1, NVME_SC_LBA_OUT_OF_RANGE },
	{ 2047, 1023, 0x10000002, 1, NVME_SC_LBA_OUT_OF_RANGE },
	{ 0, 1023, 0x12000000, 1, NVME_SC_INVALID_FIELD },
	{ 0, 1023, 0x00000000, 1, NVME_SC_INVALID_FIELD },
	{ 0, 0xffffffff, 0x10000000, 1, NVME_SC_INVALID_FIELD },
	{ 0, 1023, 0x10000000, 2, NVME_SC_INVALID_FIELD },
	{ 0, 1023, 0x10000000, 0, NVME_SC_INVALID_NS },
	{ 0, 0, 0x10000000, 1, NVME_SC_SUCCESS }, /* not even the header */
};

START_TEST(a_question_about_blocks_is_checked)
{
	/* NVM 1.0 4.2.1, unverified */
	struct bench b = make(NULL);

	ck_assert_uint_eq(th_code(b.h, .opcode = NVME_ADMIN_GET_LBA_STATUS,
				  .nsid = questions[_i].nsid, .prp1 = b.data,
				  .cdw10 = questions[_i].slba, .cdw12 = questions[_i].mndw,
				  .cdw13 = questions[_i].cdw13),
			  questions[_i].sc);
	th_free(b.h);
}
END_TEST

START_TEST(the_log_names_suspect_blocks_until_they_are_written)
{
	/* NVM 1.0 4.1.4.5, unverified */
	struct bench b = make(NULL);
	const uint8_t *log = th_ptr(b.h, b.data);
	const struct nvme_lba_status_log *head = (const void *)log;
	const struct nvme_lba_status_range *range = (const void *)(log + 32);

	blocks(&b, NVME_CMD_WRITE_UNCORRECTABLE, 1, 10, 8);
	write(&b, 1, 12, 2, 1);
	th_do(b.h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = b.data,
	      .cdw10 = 63u << 16 | NVME_LID_LBA_STATUS);
	ck_assert_uint_eq(nvme_cpu32(head->nlslne), 1);
	ck_assert_uint_eq(nvme_cpu32(head->lslplen), 16 + 16 + 2 * 16);
	ck_assert_uint_eq(nvme_cpu32(head->estulb), 6);
	ck_assert_uint_eq(nvme_load_le32(log + 16), 1);
	ck_assert_uint_eq(nvme_cpu32(range[0].rnlb) + nvme_cpu32(range[1].rnlb), 6);
	write(&b, 1, 10, 8, 1);
	th_do(b.h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = b.data,
	      .cdw10 = 63u << 16 | NVME_LID_LBA_STATUS);
	ck_assert_uint_eq(nvme_cpu32(head->nlslne), 0);
	th_free(b.h);
}
END_TEST

/* What takes the blocks away: Format NVM, a deletion, Sanitize. */
static const struct {
	uint8_t opcode;
	uint32_t nsid, cdw10;
} endings[] = {
	{ NVME_ADMIN_FORMAT_NVM, 1, 0 },
	{ NVME_ADMIN_NS_MGMT, 1, NVME_NS_MGMT_DELETE },
	{ NVME_ADMIN_SANITIZE, 0, NVME_SANITIZE_BLOCK_ERASE },
};

START_TEST(the_log_forgets_blocks_that_are_no_longer_there)
{
	/* NVM 1.0 4.1.4.5, unverified */
	struct bench b = make(NULL);
	const struct nvme_lba_status_log *head = th_ptr(b.h, b.data);

	blocks(&b, NVME_CMD_WRITE_UNCORRECTABLE, 1, 10, 8);
	th_do(b.h, .opcode = endings[_i].opcode, .nsid = endings[_i].nsid,
	      .cdw10 = endings[_i].cdw10);
	th_run(b.h);
	th_do(b.h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = b.data,
	      .cdw10 = 63u << 16 | NVME_LID_LBA_STATUS);
	ck_assert_uint_eq(nvme_cpu32(head->nlslne), 0);
	ck_assert_uint_eq(nvme_cpu32(head->estulb), 0);
	th_free(b.h);
}
END_TEST

static Suite *ranges(void)
{
	Suite *suite = suite_create("ranges");
	TCase *tcase = tcase_create("ranges");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, deallocated_ranges_read_as_zeros_and_nothing_else_does);
	tcase_add_loop_test(tcase, hints_without_deallocate_change_nothing, 0, 4);
	tcase_add_loop_test(tcase, a_range_that_does_not_exist_spoils_the_whole_command, 0, 4);
	tcase_add_test(tcase, dataset_management_has_limits_of_its_own);
	tcase_add_test(tcase, as_many_ranges_as_the_field_can_say_are_worked_on);
	tcase_add_test(tcase, sources_follow_each_other_in_the_destination);
	tcase_add_test(tcase, other_namespaces_are_sources_once_the_host_knows_them);
	tcase_add_test(tcase, a_namespace_of_another_format_is_no_source);
	tcase_add_loop_test(tcase, a_copy_is_checked_before_anything_is_written, 0,
			    sizeof(copies) / sizeof(copies[0]));
	tcase_add_test(tcase, a_source_that_cannot_be_read_ends_the_copy);
	tcase_add_test(tcase, identify_tells_the_limits_of_copy);
	tcase_add_test(tcase, wide_tags_take_the_wide_descriptor);
	tcase_add_test(tcase, a_copy_checks_storage_tags_on_either_side);
	tcase_add_loop_test(tcase, blocks_that_cannot_be_read_are_listed, 0, 2);
	tcase_add_test(tcase, allocated_blocks_are_listed);
	tcase_add_loop_test(tcase, a_question_about_blocks_is_checked, 0,
			    sizeof(questions) / sizeof(questions[0]));
	tcase_add_test(tcase, the_log_names_suspect_blocks_until_they_are_written);
	tcase_add_loop_test(tcase, the_log_forgets_blocks_that_are_no_longer_there, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { ranges };

	return th_main(suites, 1);
}
