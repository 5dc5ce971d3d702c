/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The specification as data: common/nvme_spec.h, together with Linux's own header in one file.
 *
 * Sizes and offsets are asserted in the header. Here: bits are where a packed entry has them.
 */
#include <linux/nvme_ioctl.h>
#include <string.h>

#include "common/limits.h"
#include "common/nvme_spec.h"
#include "tests/harness/main.h"

/* Dword @n of a queue entry, as the other side of the queue reads it. */
static uint32_t dword(const void *entry, size_t n)
{
	uint8_t bytes[4];

	memcpy(bytes, (const uint8_t *)entry + 4 * n, sizeof(bytes));
	return nvme_load_le32(bytes);
}

START_TEST(the_header_lives_with_the_kernels)
{
	struct nvme_passthru_cmd cmd = { .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = NVME_CNS_CTRL };

	ck_assert_uint_eq(cmd.opcode, 0x06);
	ck_assert_uint_eq(cmd.cdw10, 0x01);
	/* The kernel's structure follows the entry: its dwords 10 to 15 begin 40 bytes in. */
	ck_assert_uint_eq(offsetof(struct nvme_passthru_cmd, cdw10),
			  offsetof(struct nvme_sqe, cdw10));
}
END_TEST

START_TEST(a_submission_entry_has_the_dwords_of_the_specification)
{
	/* Base 2.0 3.3.3.1 (unverified): dword 0 is OPC 7:0, FUSE 9:8, PSDT 15:14, CID 31:16. */
	struct nvme_sqe sqe = {
		.opcode = NVME_CMD_READ,
		.flags = NVME_PUT(NVME_SQE_FUSE, NVME_FUSE_SECOND) |
			 NVME_PUT(NVME_SQE_PSDT, NVME_PSDT_SGL),
		.cid = nvme_le16(0x1234),
		.nsid = nvme_le32(7),
		.prp1 = nvme_le64(0x1122334455667788),
		.cdw10 = nvme_le32(0xcafe),
		.cdw15 = nvme_le32(0xf00d),
	};

	ck_assert_uint_eq(dword(&sqe, 0), 0x12344202);
	ck_assert_uint_eq(dword(&sqe, 1), 7);
	ck_assert_uint_eq(dword(&sqe, 6), 0x55667788);
	ck_assert_uint_eq(dword(&sqe, 7), 0x11223344);
	ck_assert_uint_eq(dword(&sqe, 10), 0xcafe);
	ck_assert_uint_eq(dword(&sqe, 15), 0xf00d);
}
END_TEST

START_TEST(an_sgl_descriptor_lies_over_both_prps)
{
	/* Base 2.0 4.1.2 (unverified): byte 15 is the type 7:4 and the subtype 3:0. */
	struct nvme_sqe sqe = { .sgl = {
					.addr = nvme_le64(0xaa),
					.length = nvme_le32(0x200),
					.type = NVME_PUT(NVME_SGL_TYPE, NVME_SGL_LAST_SEGMENT),
				} };

	ck_assert_uint_eq(nvme_cpu64(sqe.prp1), 0xaa);
	ck_assert_uint_eq(nvme_cpu64(sqe.prp2), 0x3000000000000200);
}
END_TEST

START_TEST(a_completion_entry_has_the_dwords_of_the_specification)
{
	/* Base 2.0 3.3.3.2 (unverified): dword 3 is CID 15:0, P 16, SC 24:17, SCT 27:25, M, DNR. */
	nvme_status status = NVME_SC_LBA_OUT_OF_RANGE | NVME_DNR;
	struct nvme_cqe cqe = {
		.dw0 = nvme_le32(5),
		.sqhd = nvme_le16(3),
		.sqid = nvme_le16(1),
		.cid = nvme_le16(0x00ff),
		.status = nvme_le16(nvme_cqe_word(status, true)),
	};

	ck_assert_uint_eq(dword(&cqe, 2), 0x00010003);
	ck_assert_uint_eq(dword(&cqe, 3), 0x810100ff);
	ck_assert_uint_eq(nvme_cqe_status(nvme_cpu16(cqe.status)), status);
}
END_TEST

START_TEST(a_status_word_keeps_every_bit_of_the_status)
{
	/* Base 2.0 3.3.3.2.1 (unverified): 15 bits of status above the phase tag. */
	nvme_status status = (nvme_status)(1u << _i);

	ck_assert_uint_eq(nvme_cqe_word(status, false), 2u << _i);
	ck_assert_uint_eq(nvme_cqe_word(status, true), (2u << _i) | 1);
	ck_assert_uint_eq(nvme_cqe_status(nvme_cqe_word(status, true)), status);
}
END_TEST

START_TEST(statuses_are_type_and_code)
{
	/* Base 2.0 3.3.3.2.1 (unverified). */
	ck_assert_uint_eq(NVME_SC_SUCCESS, 0);
	ck_assert_uint_eq(NVME_SC_INVALID_OPCODE, 0x001);
	ck_assert_uint_eq(NVME_SC_CQ_INVALID, 0x100);
	ck_assert_uint_eq(NVME_SC_COMPARE_FAILURE, 0x285);
	ck_assert_uint_eq(NVME_SC_ABORTED_BY_HOST, 0x371);
	ck_assert_uint_eq(NVME_DNR, NVME_MASK(NVME_STATUS_DNR));
	ck_assert_uint_eq(NVME_MORE, NVME_MASK(NVME_STATUS_M));
}
END_TEST

START_TEST(an_opcode_tells_the_direction_of_its_data)
{
	/* Base 2.0 3.3.3.1 (unverified): bits 1:0 of the opcode. */
	ck_assert_uint_eq(NVME_GET(NVME_CMD_FLUSH, NVME_OPCODE_DIRECTION), NVME_DIRECTION_NONE);
	ck_assert_uint_eq(NVME_GET(NVME_CMD_WRITE, NVME_OPCODE_DIRECTION), NVME_DIRECTION_TO_CTRL);
	ck_assert_uint_eq(NVME_GET(NVME_CMD_READ, NVME_OPCODE_DIRECTION), NVME_DIRECTION_FROM_CTRL);
	ck_assert_uint_eq(NVME_GET(NVME_ADMIN_IDENTIFY, NVME_OPCODE_DIRECTION),
			  NVME_DIRECTION_FROM_CTRL);
}
END_TEST

START_TEST(registers_are_apart_and_aligned_to_a_dword)
{
	/* Base 2.0 3.1.3 (unverified): ascending, none over another, all below the doorbells. */
	static const struct {
		uint32_t offset;
		uint32_t bytes;
	} registers[] = {
#define ROW(name, offset, bytes, clause) { offset, bytes },
		NVME_REGISTER_LIST(ROW)
#undef ROW
	};
	uint32_t free_from = 0;

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		ck_assert_uint_ge(registers[i].offset, free_from);
		ck_assert_uint_eq(registers[i].offset % 4, 0);
		ck_assert(registers[i].bytes == 4 || registers[i].bytes == 8);
		free_from = registers[i].offset + registers[i].bytes;
	}
	ck_assert_uint_le(free_from, NVME_DOORBELL_OFFSET);
}
END_TEST

START_TEST(magic_register_values_spell_their_words)
{
	/* Base 2.0 3.1.3.7, 3.1.3.20 (unverified): words, most significant byte first. */
	ck_assert_uint_eq(NVME_NSSR_RESET, 'N' << 24 | 'V' << 16 | 'M' << 8 | 'e');
	ck_assert_uint_eq(NVME_NSSD_NORMAL, 'N' << 24 | 'r' << 16 | 'm' << 8 | 'l');
	ck_assert_uint_eq(NVME_NSSD_ABRUPT, 'A' << 24 | 'b' << 16 | 'p' << 8 | 't');
}
END_TEST

START_TEST(a_version_is_three_numbers)
{
	/* Base 2.0 3.1.3.2 (unverified). */
	ck_assert_uint_eq(NVME_VERSION(2, 0, 0), 0x00020000);
	ck_assert_uint_eq(NVME_VERSION(1, 4, 0), 0x00010400);
}
END_TEST

START_TEST(the_format_index_has_six_bits_around_the_metadata_bit)
{
	/* NVM 1.0 4.1.5.1 (unverified): FLBAS 6:5 are the high bits, 3:0 the low ones. */
	ck_assert_uint_eq(nvme_id_ns_format(0x00), 0);
	ck_assert_uint_eq(nvme_id_ns_format(0x1f), 15);
	ck_assert_uint_eq(nvme_id_ns_format(0x20), 16);
	ck_assert_uint_eq(nvme_id_ns_format(0x6f), NVME_LBA_FORMATS_MAX - 1);
	ck_assert_uint_eq(nvme_id_ns_format(0x90), 0);
}
END_TEST

/* Groups of fields that share a dword; the bits of a group may not overlap. */
static const struct {
	const char *name;
	uint64_t masks[24];
} groups[] = {
#define M NVME_MASK64
	{ "CAP",
	  { M(NVME_CAP_MQES), M(NVME_CAP_CQR), M(NVME_CAP_AMS), M(NVME_CAP_TO), M(NVME_CAP_DSTRD),
	    M(NVME_CAP_NSSRS), M(NVME_CAP_CSS), M(NVME_CAP_BPS), M(NVME_CAP_CPS),
	    M(NVME_CAP_MPSMIN), M(NVME_CAP_MPSMAX), M(NVME_CAP_PMRS), M(NVME_CAP_CMBS),
	    M(NVME_CAP_NSSS), M(NVME_CAP_CRMS) } },
	{ "CC",
	  { M(NVME_CC_EN), M(NVME_CC_CSS), M(NVME_CC_MPS), M(NVME_CC_AMS), M(NVME_CC_SHN),
	    M(NVME_CC_IOSQES), M(NVME_CC_IOCQES), M(NVME_CC_CRIME) } },
	{ "CSTS",
	  { M(NVME_CSTS_RDY), M(NVME_CSTS_CFS), M(NVME_CSTS_SHST), M(NVME_CSTS_NSSRO),
	    M(NVME_CSTS_PP), M(NVME_CSTS_ST) } },
	{ "CMBLOC",
	  { M(NVME_CMBLOC_BIR), M(NVME_CMBLOC_CQMMS), M(NVME_CMBLOC_CQPDS), M(NVME_CMBLOC_CDPMLS),
	    M(NVME_CMBLOC_CDPCILS), M(NVME_CMBLOC_CDMMMS), M(NVME_CMBLOC_CQDA),
	    M(NVME_CMBLOC_OFST) } },
	{ "CMBSZ",
	  { M(NVME_CMBSZ_SQS), M(NVME_CMBSZ_CQS), M(NVME_CMBSZ_LISTS), M(NVME_CMBSZ_RDS),
	    M(NVME_CMBSZ_WDS), M(NVME_CMBSZ_SZU), M(NVME_CMBSZ_SZ) } },
	{ "CMBMSC", { M(NVME_CMBMSC_CRE), M(NVME_CMBMSC_CMSE), M(NVME_CMBMSC_CBA) } },
	{ "PMRCAP",
	  { M(NVME_PMRCAP_RDS), M(NVME_PMRCAP_WDS), M(NVME_PMRCAP_BIR), M(NVME_PMRCAP_PMRTU),
	    M(NVME_PMRCAP_PMRWBM), M(NVME_PMRCAP_PMRTO), M(NVME_PMRCAP_CMSS) } },
	{ "PMRSTS",
	  { M(NVME_PMRSTS_ERR), M(NVME_PMRSTS_NRDY), M(NVME_PMRSTS_HSTS), M(NVME_PMRSTS_CBAI) } },
	{ "status",
	  { M(NVME_STATUS_SC), M(NVME_STATUS_SCT), M(NVME_STATUS_CRD), M(NVME_STATUS_M),
	    M(NVME_STATUS_DNR) } },
	{ "Create I/O SQ cdw11",
	  { M(NVME_CREATE_SQ_PC), M(NVME_CREATE_SQ_QPRIO), M(NVME_CREATE_SQ_CQID) } },
	{ "Create I/O CQ cdw11",
	  { M(NVME_CREATE_CQ_PC), M(NVME_CREATE_CQ_IEN), M(NVME_CREATE_CQ_IV) } },
	{ "Get Log Page cdw10",
	  { M(NVME_GET_LOG_LID), M(NVME_GET_LOG_LSP), M(NVME_GET_LOG_RAE),
	    M(NVME_GET_LOG_NUMDL) } },
	{ "Get Log Page cdw14", { M(NVME_GET_LOG_UIDX), M(NVME_GET_LOG_OT), M(NVME_GET_LOG_CSI) } },
	{ "Format NVM cdw10",
	  { M(NVME_FORMAT_LBAFL), M(NVME_FORMAT_MSET), M(NVME_FORMAT_PI), M(NVME_FORMAT_PIL),
	    M(NVME_FORMAT_SES), M(NVME_FORMAT_LBAFU) } },
	{ "Sanitize cdw10",
	  { M(NVME_SANITIZE_SANACT), M(NVME_SANITIZE_AUSE), M(NVME_SANITIZE_OWPASS),
	    M(NVME_SANITIZE_OIPBP), M(NVME_SANITIZE_NDAS), M(NVME_SANITIZE_EMVS) } },
	{ "Write cdw12",
	  { M(NVME_RW_NLB), M(NVME_RW_CETYPE), M(NVME_RW_DTYPE), M(NVME_RW_STC), M(NVME_RW_DEAC),
	    M(NVME_RW_PRINFO), M(NVME_RW_FUA), M(NVME_RW_LR) } },
	{ "PRINFO of Write cdw12",
	  { M(NVME_RW_PRCHK_REF), M(NVME_RW_PRCHK_APP), M(NVME_RW_PRCHK_GUARD), M(NVME_RW_PRACT),
	    M(NVME_RW_FUA), M(NVME_RW_LR) } },
	{ "Copy cdw12",
	  { M(NVME_COPY_NR), M(NVME_COPY_DESFMT), M(NVME_COPY_PRINFOR), M(NVME_COPY_CETYPE),
	    M(NVME_COPY_DTYPE), M(NVME_COPY_STCW), M(NVME_COPY_STCR), M(NVME_COPY_PRINFOW),
	    M(NVME_COPY_FUA), M(NVME_COPY_LR) } },
	{ "Reservation Register cdw10",
	  { M(NVME_RESV_REGISTER_RREGA), M(NVME_RESV_REGISTER_IEKEY),
	    M(NVME_RESV_REGISTER_CPTPL) } },
	{ "effects",
	  { M(NVME_EFFECTS_CSUPP), M(NVME_EFFECTS_LBCC), M(NVME_EFFECTS_NCC), M(NVME_EFFECTS_NIC),
	    M(NVME_EFFECTS_CCC), M(NVME_EFFECTS_CSER), M(NVME_EFFECTS_CSE), M(NVME_EFFECTS_USS),
	    M(NVME_EFFECTS_CSP) } },
	{ "LBA format extension", { M(NVME_ELBAF_STS), M(NVME_ELBAF_PIF), M(NVME_ELBAF_QPIF) } },
#undef M
};
#define N_GROUPS ((int)(sizeof(groups) / sizeof(groups[0])))

START_TEST(fields_of_one_dword_do_not_overlap)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < 24; i++) {
		ck_assert_msg(!(seen & groups[_i].masks[i]), "%s: field %zu lies over another",
			      groups[_i].name, i);
		seen |= groups[_i].masks[i];
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/nvme_spec");
	TCase *entries = tcase_create("queue entries");
	TCase *numbers = tcase_create("numbers");

	tcase_add_test(entries, the_header_lives_with_the_kernels);
	tcase_add_test(entries, a_submission_entry_has_the_dwords_of_the_specification);
	tcase_add_test(entries, an_sgl_descriptor_lies_over_both_prps);
	tcase_add_test(entries, a_completion_entry_has_the_dwords_of_the_specification);
	tcase_add_loop_test(entries, a_status_word_keeps_every_bit_of_the_status, 0, 15);
	suite_add_tcase(suite, entries);
	tcase_add_test(numbers, statuses_are_type_and_code);
	tcase_add_test(numbers, an_opcode_tells_the_direction_of_its_data);
	tcase_add_test(numbers, registers_are_apart_and_aligned_to_a_dword);
	tcase_add_test(numbers, magic_register_values_spell_their_words);
	tcase_add_test(numbers, a_version_is_three_numbers);
	tcase_add_test(numbers, the_format_index_has_six_bits_around_the_metadata_bit);
	tcase_add_loop_test(numbers, fields_of_one_dword_do_not_overlap, 0, N_GROUPS);
	suite_add_tcase(suite, numbers);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
