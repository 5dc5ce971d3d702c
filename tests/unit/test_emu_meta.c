/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a command's metadata is, Base 2.0 3.3.3.1: a buffer or an SGL of its own. */
#include <string.h>

#include "emulator/core/spans.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define BYTES 64u

/* What became of MPTR, and where it led. */
struct found {
	nvme_status status;
	struct emu_spans spans;
};

/* A command that was fetched, with @psdt and @mptr, which needs BYTES of metadata. */
static struct found resolve(struct th_host *h, uint32_t psdt, uint64_t mptr, uint32_t nodes)
{
	struct emu *emu = th_emu(h);
	struct emu_ctrl *ctrl = &emu->ctrl[0];
	struct emu_req *req = emu_req_get(emu, ctrl, false);
	struct found found = { 0 };

	memset(&req->sqe, 0, sizeof(req->sqe));
	req->sqe.opcode = NVME_CMD_READ;
	req->sqe.flags = (uint8_t)(psdt << 6);
	req->sqe.mptr = nvme_le64(mptr);
	req->sqid = 1;
	req->nodes_wanted = nodes;
	req->nodes_used = 0;
	found.status = emu_meta_resolve(emu, req, BYTES);
	if (req->meta_spans)
		found.spans = *req->meta_spans;
	emu_req_put(emu, req);
	return found;
}

static void put(struct th_host *h, uint64_t list, uint32_t index, uint32_t type, uint64_t addr,
		uint32_t length)
{
	uint8_t *desc = (uint8_t *)th_ptr(h, list) + 16 * (size_t)index;

	nvme_store_le64(desc, addr);
	nvme_store_le64(desc + 8, length | (uint64_t)type << 60);
}

START_TEST(a_buffer_is_one_piece_on_a_dword_or_with_an_sgl_anywhere)
{
	/* Base 2.0 3.3.3.1 and SGLS bit 17 */
	struct th_host *h = th_enabled(.io_queues = 1);
	struct th_host *dwords = th_enabled(.io_queues = 1, .controller = "sgls=2");
	struct found found = resolve(h, NVME_PSDT_PRP, 0x200ffc, 1);

	ck_assert_uint_eq(found.status, NVME_SC_SUCCESS);
	ck_assert_uint_eq(found.spans.count, 1);
	ck_assert_uint_eq(found.spans.span[0].iova, 0x200ffc);
	ck_assert_uint_eq(found.spans.span[0].bytes, BYTES);
	ck_assert_uint_eq(nvme_status_code(resolve(h, NVME_PSDT_PRP, 0x200ffe, 1).status),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(resolve(h, NVME_PSDT_SGL, 0x200fff, 1).status, NVME_SC_SUCCESS);
	ck_assert_uint_eq(nvme_status_code(resolve(dwords, NVME_PSDT_SGL, 0x200fff, 1).status),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(resolve(h, NVME_PSDT_SGL, UINT64_MAX - 3, 1).status,
			  NVME_SC_DATA_TRANSFER_ERROR);
	th_free(h);
	th_free(dwords);
}
END_TEST

START_TEST(an_sgl_of_its_own_begins_with_one_descriptor)
{
	/* Base 2.0 4.1.2: a data block, or a pointer to a segment with pieces */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t first = th_alloc(h, 4096), list = th_alloc(h, 4096);
	struct found found;

	put(h, first, 0, NVME_SGL_DATA_BLOCK, list + 7, BYTES);
	found = resolve(h, NVME_PSDT_SGL_MPTR, first, 1);
	ck_assert_uint_eq(found.status, NVME_SC_SUCCESS);
	ck_assert_uint_eq(found.spans.span[0].iova, list + 7);
	put(h, first, 0, NVME_SGL_LAST_SEGMENT, list, 48);
	put(h, list, 0, NVME_SGL_DATA_BLOCK, 0x200000, 40);
	put(h, list, 1, NVME_SGL_BIT_BUCKET, 0, 8);
	put(h, list, 2, NVME_SGL_DATA_BLOCK, 0x300000, 16);
	found = resolve(h, NVME_PSDT_SGL_MPTR, first, 1);
	ck_assert_uint_eq(found.status, NVME_SC_SUCCESS);
	ck_assert_uint_eq(found.spans.count, 3);
	ck_assert_uint_eq(found.spans.span[1].iova, EMU_SPAN_BUCKET);
	ck_assert_uint_eq(found.spans.span[2].iova, 0x300000);
	th_free(h);
}
END_TEST

START_TEST(faults_of_the_metadata_have_statuses_of_their_own)
{
	/* Base 2.0 3.3.3.2.1: Metadata SGL Length Invalid; the place in the command is MPTR */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t first = th_alloc(h, 4096);

	put(h, first, 0, NVME_SGL_DATA_BLOCK, 0x200000, BYTES - 1);
	ck_assert_uint_eq(nvme_status_code(resolve(h, NVME_PSDT_SGL_MPTR, first, 1).status),
			  NVME_SC_SGL_METADATA_LENGTH_INVALID);
	ck_assert_uint_eq(nvme_status_code(resolve(h, NVME_PSDT_SGL_MPTR, first + 4, 1).status),
			  NVME_SC_SGL_SEGMENT_INVALID);
	ck_assert_uint_eq(resolve(h, NVME_PSDT_SGL_MPTR, 1ull << 40, 1).status,
			  NVME_SC_DATA_TRANSFER_ERROR);
	put(h, first, 0, NVME_SGL_KEYED_DATA_BLOCK, 0x200000, BYTES);
	ck_assert_uint_eq(nvme_status_code(resolve(h, NVME_PSDT_SGL_MPTR, first, 1).status),
			  NVME_SC_SGL_TYPE_INVALID);
	th_free(h);
}
END_TEST

START_TEST(pieces_beyond_the_nodes_ask_for_more)
{
	/* Base 2.0 4.1.2: 8 pieces need a second node */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t first = th_alloc(h, 4096), list = th_alloc(h, 4096);

	put(h, first, 0, NVME_SGL_LAST_SEGMENT, list, 8 * 16);
	for (uint32_t i = 0; i < 8; i++)
		put(h, list, i, NVME_SGL_DATA_BLOCK, 0x200000 + 4096 * i, 8);
	ck_assert_uint_eq(resolve(h, NVME_PSDT_SGL_MPTR, first, 0).status, EMU_MORE_NODES);
	ck_assert_uint_eq(resolve(h, NVME_PSDT_SGL_MPTR, first, 1).status, EMU_MORE_NODES);
	ck_assert_uint_eq(resolve(h, NVME_PSDT_SGL_MPTR, first, 2).status, NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

static Suite *meta(void)
{
	Suite *suite = suite_create("meta");
	TCase *tcase = tcase_create("meta");

	tcase_add_test(tcase, a_buffer_is_one_piece_on_a_dword_or_with_an_sgl_anywhere);
	tcase_add_test(tcase, an_sgl_of_its_own_begins_with_one_descriptor);
	tcase_add_test(tcase, faults_of_the_metadata_have_statuses_of_their_own);
	tcase_add_test(tcase, pieces_beyond_the_nodes_ask_for_more);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { meta };

	return th_main(suites, 1);
}
