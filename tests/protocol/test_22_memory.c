/* SPDX-License-Identifier: BSD-3-Clause */
/* Controller Memory Buffer, Base 2.0 8.5, and Persistent Memory Region, 8.14. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define MILLISECOND   1000000ull
#define CBA	      0x7000000000ull /* where no host memory is */
#define PMR_CBA	      0x7100000000ull
#define CRE	      1u
#define CMSE	      2u
#define PC	      1u
#define IEN	      2u
#define BLOCK	      512u
#define QUEUE(n, qid) (((n)-1) << 16 | (qid))

static void enable_cmb(struct th_host *h)
{
	th_write64(h, NVME_REG_CMBMSC, CBA | CMSE | CRE);
	th_run(h);
}

static struct th_host *with_cmb(const char *keys)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = keys);

	enable_cmb(h);
	return h;
}

START_TEST(the_buffer_shows_once_it_is_asked_for)
{
	/* Base 2.0 3.1.3.11, 12 and 16: CMBLOC and CMBSZ are 0 until CRE */
	struct th_host *h = th_enabled(.controller = "cmb=64K");

	ck_assert_uint_eq(NVME_GET64(th_read64(h, NVME_REG_CAP), NVME_CAP_CMBS), 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CMBLOC), 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CMBSZ), 0);
	th_write32(h, NVME_REG_CMBMSC, CRE);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CMBLOC), 0xfa); /* BAR2, all mixes */
	ck_assert_uint_eq(th_read32(h, NVME_REG_CMBSZ), 16 << 12 | 0x1f);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CMBSTS), 0);
	th_write32(h, NVME_REG_CMBMSC, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CMBSZ), 0);
	th_free(h);
}
END_TEST

/* What CMBSZ says of each key. */
static const struct {
	const char *keys;
	uint32_t size;
} sizes[] = {
	{ "cmb=1M", 256 << 12 | 0x1f },
	{ "cmb=4K,cmb_sqs=false", 1 << 12 | 0x1e },
	{ "cmb=4K,cmb_cqs=false", 1 << 12 | 0x1d },
	{ "cmb=4K,cmb_lists=false", 1 << 12 | 0x1b },
	{ "cmb=4K,cmb_rds=false", 1 << 12 | 0x17 },
	{ "cmb=4K,cmb_wds=false", 1 << 12 | 0x0f },
	{ "cmb=0", 0 },
	{ "cmb=4K,vs=1.3", 0 },
};

START_TEST(cmbsz_says_what_may_lie_in_the_buffer)
{
	/* Base 2.0 3.1.3.12; without a buffer the registers stay 0 */
	struct th_host *h = th_enabled(.controller = sizes[_i].keys, .shared = _i % 2);

	enable_cmb(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CMBSZ), sizes[_i].size);
	ck_assert_uint_eq(th_read64(h, NVME_REG_CMBMSC), sizes[_i].size ? CBA | CMSE | CRE : 0);
	ck_assert_uint_eq(NVME_GET64(th_read64(h, NVME_REG_CAP), NVME_CAP_CMBS),
			  sizes[_i].size != 0);
	th_free(h);
}
END_TEST

START_TEST(bars_of_the_buffer_and_the_region_have_their_sizes)
{
	/* PCI Local Bus 3.0 6.2.5: 64-bit, prefetchable; absent ones read 0 */
	struct th_host *h = th_off(.controller = "cmb=64K,pmr=1M");
	struct th_host *none = th_off();

	for (uint32_t bar = 0x18; bar <= 0x24; bar += 4) {
		th_cfg_write(h, bar, 4, 0xffffffff);
		th_cfg_write(none, bar, 4, 0xffffffff);
		ck_assert_uint_eq(th_cfg_read(none, bar, 4), 0);
	}
	ck_assert_uint_eq(th_cfg_read(h, 0x18, 4), 0xffff000c);
	ck_assert_uint_eq(th_cfg_read(h, 0x1c, 4), 0xffffffff);
	ck_assert_uint_eq(th_cfg_read(h, 0x20, 4), 0xfff0000c);
	ck_assert_uint_eq(th_cfg_read(h, 0x24, 4), 0xffffffff);
	th_free(h);
	th_free(none);
}
END_TEST

START_TEST(queues_lists_and_data_lie_in_the_buffer)
{
	/* Base 2.0 8.5: everything of a command, and the queues it goes through */
	struct th_host *h = with_cmb("cmb=64K,vwc=false");
	uint8_t *cmb = th_window(h, EMU_WINDOW_CMB);
	struct nvme_sqe sqe = { .opcode = NVME_CMD_READ,
				.nsid = nvme_le32(1),
				.cid = nvme_le16(77),
				.cdw12 = nvme_le32(31) };

	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = CBA + 4096, .cdw10 = QUEUE(16, 2),
	      .cdw11 = PC | IEN);
	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = CBA, .cdw10 = QUEUE(16, 2),
	      .cdw11 = PC | 2 << 16);
	memset(th_media_block(h, 1, 0), 0x4d, 32 * BLOCK);
	for (uint32_t i = 0; i < 3; i++)
		nvme_store_le64(cmb + 8192 + 8 * i, CBA + 0x4000 + 4096 * i);
	sqe.prp1 = nvme_le64(CBA + 0x3000);
	sqe.prp2 = nvme_le64(CBA + 8192);
	memcpy(cmb, &sqe, sizeof(sqe));
	th_ring_sq(h, 2, 1);
	th_run(h);
	ck_assert_uint_eq(nvme_load_le16(cmb + 4096 + 12), 77);
	ck_assert_uint_eq(nvme_load_le16(cmb + 4096 + 14), 1); /* success, phase 1 */
	ck_assert_uint_eq(cmb[0x3000] + cmb[0x6fff], 2 * 0x4d);
	ck_assert_uint_eq(cmb[0x7000], 0);
	th_free(h);
}
END_TEST

/* A read or write of 32 blocks with data at @data, list at @list; 0 is host memory. */
static uint16_t io(struct th_host *h, uint8_t opcode, uint64_t data, uint64_t list)
{
	uint8_t *cmb = th_window(h, EMU_WINDOW_CMB);
	uint64_t host = th_alloc(h, 5 * 4096);
	uint64_t at = data ? data : host;
	uint8_t *slots = list ? cmb + (list - CBA) : th_ptr(h, host + 4 * 4096);

	for (uint32_t i = 0; i < 3; i++)
		nvme_store_le64(slots + 8 * i, at + 4096 * (i + 1));
	return th_code_io(h, 1, .opcode = opcode, .nsid = 1, .prp1 = at,
			  .prp2 = list ? list : host + 4 * 4096, .cdw12 = 31);
}

START_TEST(data_may_be_on_both_sides)
{
	/* Base 2.0 3.1.3.11: CDMMMS and CDPCILS */
	struct th_host *h = with_cmb("cmb=64K");
	uint64_t host = th_alloc(h, 4096);

	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, CBA, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, CBA, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 0, CBA + 0x8000), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = host,
				     .prp2 = CBA, .cdw12 = 15),
			  NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

/* What each key forbids. */
static const struct {
	const char *keys;
	uint16_t write, read, list;
} uses[] = {
	{ "cmb=64K", NVME_SC_SUCCESS, NVME_SC_SUCCESS, NVME_SC_SUCCESS },
	{ "cmb=64K,cmb_wds=false", NVME_SC_CMB_USE_INVALID, NVME_SC_SUCCESS, NVME_SC_SUCCESS },
	{ "cmb=64K,cmb_rds=false", NVME_SC_SUCCESS, NVME_SC_CMB_USE_INVALID, NVME_SC_SUCCESS },
	{ "cmb=64K,cmb_lists=false", NVME_SC_SUCCESS, NVME_SC_SUCCESS, NVME_SC_CMB_USE_INVALID },
};

START_TEST(what_may_not_lie_in_the_buffer_is_an_invalid_use)
{
	/* Base 2.0 3.3.3.2.1: Invalid Use of Controller Memory Buffer */
	struct th_host *h = with_cmb(uses[_i].keys);

	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, CBA, 0), uses[_i].write);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, CBA, 0), uses[_i].read);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 0, CBA), uses[_i].list);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 0, 0), NVME_SC_SUCCESS);
	memset(th_window(h, EMU_WINDOW_CMB), 0, 16); /* a descriptor of no bytes */
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .flags = NVME_PSDT_SGL << 6,
				     .nsid = 1, .prp1 = CBA,
				     .prp2 = 16 | (uint64_t)NVME_SGL_LAST_SEGMENT << 60),
			  uses[_i].list ? uses[_i].list : NVME_SC_SGL_DATA_LENGTH_INVALID);
	th_free(h);
}
END_TEST

START_TEST(queues_lie_in_the_buffer_only_if_it_says_so)
{
	/* Base 2.0 5.4 and 5.5: contiguous and scattered ones, and the admin queues */
	struct th_host *h = with_cmb("cmb=64K,cmb_sqs=false,cmb_cqs=false");
	uint64_t list = th_alloc(h, 4096), cq = th_alloc(h, 4096);

	nvme_store_le64(th_ptr(h, list), CBA);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = CBA,
				  .cdw10 = QUEUE(16, 2), .cdw11 = PC),
			  NVME_SC_CMB_USE_INVALID);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = list, .cdw10 = QUEUE(16, 2)),
		NVME_SC_CMB_USE_INVALID);
	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq, .cdw10 = QUEUE(16, 2), .cdw11 = PC);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = CBA,
				  .cdw10 = QUEUE(16, 2), .cdw11 = PC | 2 << 16),
			  NVME_SC_CMB_USE_INVALID);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_write64(h, NVME_REG_ASQ, CBA);
	th_write32(h, NVME_REG_CC, 0x00460001);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), NVME_MASK(NVME_CSTS_CFS));
	th_free(h);
}
END_TEST

/* The admin queues are in the buffer; @code is what a Get Features there gives. */
static uint16_t try_admin_in_cmb(const char *keys)
{
	struct th_host *h = th_off(.controller = keys);
	uint8_t *cmb = th_window(h, EMU_WINDOW_CMB);
	struct nvme_sqe sqe = { .opcode = NVME_ADMIN_GET_FEATURES,
				.cdw10 = nvme_le32(NVME_FID_ARBITRATION) };
	uint16_t code;

	enable_cmb(h);
	th_write32(h, NVME_REG_AQA, 0x000f000f);
	th_write64(h, NVME_REG_ASQ, CBA);
	th_write64(h, NVME_REG_ACQ, CBA + 4096);
	th_write32(h, NVME_REG_CC, 0x00460001);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), NVME_MASK(NVME_CSTS_RDY));
	memcpy(cmb, &sqe, sizeof(sqe));
	th_ring_sq(h, 0, 1);
	th_run(h);
	code = nvme_status_code(nvme_load_le16(cmb + 4096 + 14) >> 1);
	th_free(h);
	return code;
}

START_TEST(admin_queues_may_lie_in_the_buffer)
{
	/* Base 2.0 3.3.3.2.1: Command Not Supported for Queue in CMB */
	ck_assert_uint_eq(try_admin_in_cmb("cmb=64K"), NVME_SC_SUCCESS);
	ck_assert_uint_eq(try_admin_in_cmb("cmb=64K,cmb_admin=false"),
			  NVME_SC_CMB_QUEUE_NOT_SUPPORTED);
}
END_TEST

START_TEST(the_buffer_is_nowhere_without_cmse_and_stays_in_a_reset)
{
	/* Base 2.0 3.1.3.16: CMSE 0 gives the addresses back; CC.EN does not touch CMBMSC */
	struct th_host *h = with_cmb("cmb=64K");

	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, CBA, 0), NVME_SC_SUCCESS);
	th_write64(h, NVME_REG_CMBMSC, CBA | CRE);
	th_run(h);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, CBA, 0), NVME_SC_DATA_TRANSFER_ERROR);
	enable_cmb(h);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, CBA, 0), NVME_SC_SUCCESS);
	th_write32(h, NVME_REG_NSSR, NVME_NSSR_RESET);
	th_run(h);
	ck_assert_uint_eq(th_read64(h, NVME_REG_CMBMSC), 0);
	th_free(h);
}
END_TEST

START_TEST(the_buffer_lies_before_host_memory_at_the_same_address)
{
	/* Base 2.0 8.5: the controller's address range is looked up first */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "cmb=4K");
	uint64_t data = th_alloc(h, 4096);

	memset(th_media_block(h, 1, 0), 0x11, BLOCK);
	th_write64(h, NVME_REG_CMBMSC, data | CMSE | CRE);
	th_run(h);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = data),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(h, data), 0);
	ck_assert_uint_eq(*(uint8_t *)th_window(h, EMU_WINDOW_CMB), 0x11);
	th_free(h);
}
END_TEST

START_TEST(a_qword_moves_the_buffer_in_one_step)
{
	/* Base 2.0 3.1.3, unverified: 64-bit registers by one qword or two dwords */
	struct th_host *h = with_cmb("cmb=64K");

	ck_assert_uint_eq(th_events(h, NVME_TRACE_WINDOW), 1);
	th_write64(h, NVME_REG_CMBMSC, (CBA << 1) + 0x10000 + CMSE + CRE);
	th_run(h);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_WINDOW), 1);
	th_write32(h, NVME_REG_CMBMSC, CMSE | CRE);
	th_write32(h, NVME_REG_CMBMSC + 4, CBA >> 32);
	th_run(h);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_WINDOW), 2);
	ck_assert_uint_eq(th_read64(h, NVME_REG_CMBMSC), CBA | CMSE | CRE);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, CBA, 0), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(an_address_that_cannot_be_is_said_to_be_invalid)
{
	/* Base 2.0 3.1.3.17 and 24: CBAI for a range that wraps or overlaps the other one */
	struct th_host *h = th_enabled(.controller = "cmb=64K,pmr=64K");

	th_write64(h, NVME_REG_CMBMSC, 0xffffffffffff8000ull | CMSE | CRE);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CMBSTS), 1);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_WINDOW), 0);
	th_write64(h, NVME_REG_CMBMSC, 0xffffffffffff0000ull | CMSE | CRE);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CMBSTS), 0);
	enable_cmb(h);
	th_write32(h, NVME_REG_PMRCTL, 1);
	th_write32(h, NVME_REG_PMRMSCU, CBA >> 32);
	th_write32(h, NVME_REG_PMRMSCL, 0xf000 | CMSE);
	th_run(h);
	ck_assert_uint_eq(NVME_GET(th_read32(h, NVME_REG_PMRSTS), NVME_PMRSTS_CBAI), 1);
	th_write32(h, NVME_REG_PMRMSCL, 0x10000 | CMSE);
	th_run(h);
	ck_assert_uint_eq(NVME_GET(th_read32(h, NVME_REG_PMRSTS), NVME_PMRSTS_CBAI), 0);
	th_free(h);
}
END_TEST

static void enable_pmr(struct th_host *h)
{
	th_write32(h, NVME_REG_PMRMSCU, PMR_CBA >> 32);
	th_write32(h, NVME_REG_PMRMSCL, CMSE);
	th_write32(h, NVME_REG_PMRCTL, 1);
	th_run(h);
}

START_TEST(the_region_gets_ready_after_its_delay)
{
	/* Base 2.0 3.1.3.22 to 24: PMRTO in 500 ms, NRDY until then, and again without EN */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "pmr=64K,pmr_delay=700ms");

	ck_assert_uint_eq(NVME_GET64(th_read64(h, NVME_REG_CAP), NVME_CAP_PMRS), 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_PMRCAP),
			  1 << 24 | 2 << 16 | 3 << 10 | 4 << 5 | 0x18);
	ck_assert_uint_eq(th_read32(h, NVME_REG_PMRSTS), NVME_MASK(NVME_PMRSTS_NRDY));
	enable_pmr(h);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, PMR_CBA, 0), NVME_SC_DATA_TRANSFER_ERROR);
	th_time(h, 699 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_PMRSTS), NVME_MASK(NVME_PMRSTS_NRDY));
	th_time(h, 1 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_PMRSTS), 0);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, PMR_CBA, 0), NVME_SC_SUCCESS);
	th_write32(h, NVME_REG_PMRCTL, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_PMRSTS), NVME_MASK(NVME_PMRSTS_NRDY));
	ck_assert_uint_eq(io(h, NVME_CMD_READ, PMR_CBA, 0), NVME_SC_DATA_TRANSFER_ERROR);
	th_free(h);
}
END_TEST

START_TEST(what_is_in_the_region_stays)
{
	/* Base 2.0 8.14: resets of every kind; of the registers only CC.EN keeps them */
	static const enum emu_reset_kind kinds[] = { EMU_RESET_CONTROLLER, EMU_RESET_FUNCTION,
						     EMU_RESET_SUBSYSTEM, EMU_RESET_POWER };
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "pmr=64K");

	memset(th_media_block(h, 1, 0), 0x66, BLOCK);
	enable_pmr(h);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = PMR_CBA),
			  NVME_SC_SUCCESS);
	emu_reset(th_emu(h), 0, kinds[_i]);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_PMRCTL), kinds[_i] == EMU_RESET_CONTROLLER);
	ck_assert_uint_eq(*(uint8_t *)th_window(h, EMU_WINDOW_PMR), 0x66);
	th_free(h);
}
END_TEST

START_TEST(the_region_holds_data_and_nothing_else)
{
	/* Base 2.0 8.14 (unverified): no queues and no lists */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "pmr=64K");

	enable_pmr(h);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, PMR_CBA, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = PMR_CBA,
				  .cdw10 = QUEUE(16, 2), .cdw11 = PC),
			  NVME_SC_CMB_USE_INVALID);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1,
				     .prp1 = th_alloc(h, 4096), .prp2 = PMR_CBA, .cdw12 = 31),
			  NVME_SC_CMB_USE_INVALID);
	th_free(h);
}
END_TEST

START_TEST(without_a_region_its_registers_are_zero)
{
	/* Base 2.0 3.1.3.22: CAP.PMRS 0, and before 1.4 */
	struct th_host *h = th_enabled(.controller = _i ? "pmr=64K,vs=1.3" : "", .shared = true);

	enable_pmr(h);
	for (uint32_t offset = NVME_REG_PMRCAP; offset <= NVME_REG_PMRMSCU; offset += 4)
		ck_assert_uint_eq(th_read32(h, offset), 0);
	ck_assert_uint_eq(NVME_GET64(th_read64(h, NVME_REG_CAP), NVME_CAP_PMRS), 0);
	th_free(h);
}
END_TEST

static Suite *memory(void)
{
	Suite *suite = suite_create("memory");
	TCase *tcase = tcase_create("memory");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_buffer_shows_once_it_is_asked_for);
	tcase_add_loop_test(tcase, cmbsz_says_what_may_lie_in_the_buffer, 0,
			    sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_test(tcase, bars_of_the_buffer_and_the_region_have_their_sizes);
	tcase_add_test(tcase, queues_lists_and_data_lie_in_the_buffer);
	tcase_add_test(tcase, data_may_be_on_both_sides);
	tcase_add_loop_test(tcase, what_may_not_lie_in_the_buffer_is_an_invalid_use, 0,
			    sizeof(uses) / sizeof(uses[0]));
	tcase_add_test(tcase, queues_lie_in_the_buffer_only_if_it_says_so);
	tcase_add_test(tcase, admin_queues_may_lie_in_the_buffer);
	tcase_add_test(tcase, the_buffer_is_nowhere_without_cmse_and_stays_in_a_reset);
	tcase_add_test(tcase, the_buffer_lies_before_host_memory_at_the_same_address);
	tcase_add_test(tcase, a_qword_moves_the_buffer_in_one_step);
	tcase_add_test(tcase, an_address_that_cannot_be_is_said_to_be_invalid);
	tcase_add_test(tcase, the_region_gets_ready_after_its_delay);
	tcase_add_loop_test(tcase, what_is_in_the_region_stays, 0, 4);
	tcase_add_test(tcase, the_region_holds_data_and_nothing_else);
	tcase_add_loop_test(tcase, without_a_region_its_registers_are_zero, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { memory };

	return th_main(suites, 1);
}
