/* SPDX-License-Identifier: BSD-3-Clause */
/* Namespace Management and Attachment, Base 2.0 5.22, 5.23 and 8.11 (unverified). */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define NOTICE NVME_MASK(NVME_FEAT_AER_NS_ATTRIBUTE)

static const void *identify(struct th_host *h, uint32_t cns, uint32_t nsid)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), 0xa5, 4096);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .prp1 = page, .cdw10 = cns);
	return th_ptr(h, page);
}

/* What the host asks for when it creates a namespace. */
static uint64_t wish(struct th_host *h, uint64_t blocks, uint8_t flbas, uint8_t nmic)
{
	uint64_t page = th_alloc(h, 4096);
	struct nvme_ns_mgmt_create *data = th_ptr(h, page);

	data->nsze = nvme_le64(blocks);
	data->ncap = data->nsze;
	data->flbas = flbas;
	data->nmic = nmic;
	return page;
}

static uint32_t create(struct th_host *h, uint64_t blocks, uint8_t flbas, uint8_t nmic)
{
	return th_do(h, .opcode = NVME_ADMIN_NS_MGMT, .prp1 = wish(h, blocks, flbas, nmic));
}

static uint16_t try_create(struct th_host *h, uint64_t page)
{
	return th_code(h, .opcode = NVME_ADMIN_NS_MGMT, .prp1 = page);
}

static uint16_t delete (struct th_host *h, uint32_t nsid)
{
	return th_code(h, .opcode = NVME_ADMIN_NS_MGMT, .nsid = nsid, .cdw10 = NVME_NS_MGMT_DELETE);
}

static uint64_t ctrl_list(struct th_host *h, uint16_t count, uint16_t first, uint16_t second)
{
	uint64_t page = th_alloc(h, 4096);
	struct nvme_ctrl_list *list = th_ptr(h, page);

	list->num = nvme_le16(count);
	list->id[0] = nvme_le16(first);
	list->id[1] = nvme_le16(second);
	return page;
}

static uint16_t attach(struct th_host *h, uint32_t nsid, uint64_t list)
{
	return th_code(h, .opcode = NVME_ADMIN_NS_ATTACH, .nsid = nsid, .prp1 = list,
		       .cdw10 = NVME_NS_ATTACH_ATTACH);
}

static uint16_t detach(struct th_host *h, uint32_t nsid, uint64_t list)
{
	return th_code(h, .opcode = NVME_ADMIN_NS_ATTACH, .nsid = nsid, .prp1 = list,
		       .cdw10 = NVME_NS_ATTACH_DETACH);
}

static uint16_t read_block(struct th_host *h, uint32_t nsid)
{
	return th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = nsid, .prp1 = th_alloc(h, 4096));
}

START_TEST(a_namespace_is_created_attached_used_detached_and_deleted)
{
	struct th_host *h = th_enabled(.io_queues = 1);
	uint32_t nsid = create(h, 100, 1, 0);
	const struct nvme_id_ns *id = identify(h, NVME_CNS_ALLOCATED_NS, nsid);
	uint64_t self = ctrl_list(h, 1, 1, 0);

	ck_assert_uint_eq(nsid, 2);
	ck_assert_uint_eq(nvme_cpu64(id->nsze), 100);
	ck_assert_uint_eq(id->lbaf[nvme_id_ns_format(id->flbas)].lbads, 12);
	ck_assert_uint_eq(
		nvme_cpu64(((const struct nvme_id_ns *)identify(h, NVME_CNS_NS, nsid))->nsze), 0);
	ck_assert_uint_eq(read_block(h, nsid), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(attach(h, nsid, self), NVME_SC_SUCCESS);
	id = identify(h, NVME_CNS_NS, nsid);
	ck_assert_uint_eq(nvme_cpu64(id->nsze), 100);
	ck_assert_uint_eq(read_block(h, nsid), NVME_SC_SUCCESS);
	ck_assert_uint_eq(detach(h, nsid, self), NVME_SC_SUCCESS);
	ck_assert_uint_eq(read_block(h, nsid), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_media_blocks(h, nsid), 100);
	ck_assert_uint_eq(delete (h, nsid), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_media_blocks(h, nsid), 0);
	ck_assert_uint_eq(delete (h, nsid), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(the_lists_know_what_exists_and_what_is_attached_where)
{
	/* Base 2.0 5.17.2: CNS 02h, 10h, 12h, 13h, 1Ah */
	struct th_host *h = th_enabled(.controllers = 2, .ns2_blocks = 8);
	uint32_t nsid = create(h, 8, 0, 1);
	const struct nvme_ns_list *active = identify(h, NVME_CNS_ACTIVE_NS_LIST, 0);
	const struct nvme_ns_list *all = identify(h, NVME_CNS_ALLOCATED_NS_LIST, 0);
	const struct nvme_ctrl_list *ctrls;

	ck_assert_uint_eq(nvme_cpu32(active->nsid[1]), 3);
	ck_assert_uint_eq(nvme_cpu32(all->nsid[1]), nsid);
	ck_assert_uint_eq(nvme_cpu32(all->nsid[2]), 3);
	ck_assert_uint_eq(nvme_cpu32(all->nsid[3]), 0);
	ck_assert_mem_eq(identify(h, NVME_CNS_ALLOCATED_NS_LIST_CSI, 0), all, 4096);
	all = identify(h, NVME_CNS_ALLOCATED_NS_LIST, 2);
	ck_assert_uint_eq(nvme_cpu32(all->nsid[0]), 3);
	ctrls = identify(h, NVME_CNS_NS_CTRL_LIST, nsid);
	ck_assert_uint_eq(nvme_cpu16(ctrls->num), 0);
	ck_assert_uint_eq(attach(h, nsid, ctrl_list(h, 1, 2, 0)), NVME_SC_SUCCESS);
	ctrls = identify(h, NVME_CNS_NS_CTRL_LIST, nsid);
	ck_assert_uint_eq(nvme_cpu16(ctrls->num), 1);
	ck_assert_uint_eq(nvme_cpu16(ctrls->id[0]), 2);
	ctrls = identify(h, NVME_CNS_CTRL_LIST, 0);
	ck_assert_uint_eq(nvme_cpu16(ctrls->num), 2);
	ck_assert_uint_eq(nvme_cpu16(ctrls->id[0]), 1);
	ck_assert_uint_eq(nvme_cpu16(ctrls->id[1]), 2);
	ctrls = identify(h, NVME_CNS_CTRL_LIST | 2 << 16, 0);
	ck_assert_uint_eq(nvme_cpu16(ctrls->num), 1);
	ck_assert_uint_eq(nvme_cpu16(ctrls->id[0]), 2);
	th_free(h);
}
END_TEST

START_TEST(capacity_is_taken_and_given_back)
{
	/* Base 2.0 5.17.2.1: TNVMCAP, UNVMCAP; 1/15 with what would have been needed */
	struct th_host *h = th_enabled(.controller = "capacity=2M");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	const struct nvme_error_log_entry *error;
	uint64_t log = th_alloc(h, 4096);
	uint32_t nsid;

	ck_assert_uint_eq(nvme_cpu64(id->tnvmcap.lo), 2 << 20);
	ck_assert_uint_eq(nvme_cpu64(id->unvmcap.lo), 1 << 20);
	ck_assert_uint_eq(try_create(h, wish(h, 257, 1, 0)), NVME_SC_NS_INSUFFICIENT_CAPACITY);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = log,
	      .cdw10 = NVME_LID_ERROR | 15 << 16);
	error = th_ptr(h, log);
	ck_assert_uint_eq(nvme_cpu64(error->command_specific), 257 * 4096);
	ck_assert_uint_eq(try_create(h, wish(h, UINT64_MAX, 1, 0)),
			  NVME_SC_NS_INSUFFICIENT_CAPACITY);
	nsid = create(h, 256, 1, 0);
	id = identify(h, NVME_CNS_CTRL, 0);
	ck_assert_uint_eq(nvme_cpu64(id->unvmcap.lo), 0);
	ck_assert_uint_eq(try_create(h, wish(h, 1, 0, 0)), NVME_SC_NS_INSUFFICIENT_CAPACITY);
	ck_assert_uint_eq(delete (h, nsid), NVME_SC_SUCCESS);
	id = identify(h, NVME_CNS_CTRL, 0);
	ck_assert_uint_eq(nvme_cpu64(id->unvmcap.lo), 1 << 20);
	th_free(h);
}
END_TEST

START_TEST(identifiers_run_out)
{
	/* Base 2.0 5.23: 1/16 */
	struct th_host *h = th_enabled(.controller = "nn=2");

	ck_assert_uint_eq(create(h, 8, 0, 0), 2);
	ck_assert_uint_eq(try_create(h, wish(h, 8, 0, 0)), NVME_SC_NS_ID_UNAVAILABLE);
	th_free(h);
}
END_TEST

/* A byte of the data that is wrong, and the answer. */
static const struct {
	uint16_t at;
	uint8_t value;
	uint16_t sc;
} wrong[] = {
	{ offsetof(struct nvme_ns_mgmt_create, nsze), 0, NVME_SC_INVALID_FIELD },
	{ offsetof(struct nvme_ns_mgmt_create, nsze), 9, NVME_SC_THIN_PROVISIONING_UNSUPPORTED },
	{ offsetof(struct nvme_ns_mgmt_create, ncap), 9, NVME_SC_INVALID_FIELD },
	{ offsetof(struct nvme_ns_mgmt_create, flbas), 12, NVME_SC_INVALID_FORMAT },
	{ offsetof(struct nvme_ns_mgmt_create, flbas), 0x6f, NVME_SC_INVALID_FORMAT },
	{ offsetof(struct nvme_ns_mgmt_create, dps), 1, NVME_SC_INVALID_FORMAT },
	{ offsetof(struct nvme_ns_mgmt_create, dps), 0x10, NVME_SC_INVALID_FORMAT },
	{ offsetof(struct nvme_ns_mgmt_create, nmic), 2, NVME_SC_INVALID_FIELD },
	{ offsetof(struct nvme_ns_mgmt_create, anagrpid), 200, NVME_SC_ANA_GROUP_ID_INVALID },
	{ offsetof(struct nvme_ns_mgmt_create, nvmsetid), 1, NVME_SC_INVALID_FIELD },
	{ offsetof(struct nvme_ns_mgmt_create, endgid), 200, NVME_SC_INVALID_FIELD },
};

START_TEST(data_that_asks_for_what_there_is_not_is_refused)
{
	struct th_host *h = th_enabled();
	uint64_t page = wish(h, 8, 0, 0);
	const struct nvme_ns_list *all;

	((uint8_t *)th_ptr(h, page))[wrong[_i].at] = wrong[_i].value;
	ck_assert_uint_eq(try_create(h, page), wrong[_i].sc);
	all = identify(h, NVME_CNS_ALLOCATED_NS_LIST, 0);
	ck_assert_uint_eq(nvme_cpu32(all->nsid[1]), 0);
	th_free(h);
}
END_TEST

/* The keys, the groups that are asked for, the answer, and the groups that Identify tells. */
static const struct {
	const char *keys;
	uint32_t anagrpid;
	uint16_t endgid, sc;
	uint32_t ret_anagrpid, ret_endgid;
} groups[] = {
	{ "ana_groups=3", 0, 0, NVME_SC_SUCCESS, 1, 1 },
	{ "ana_groups=3", 3, 1, NVME_SC_SUCCESS, 3, 1 },
	{ "ana_groups=3", 4, 0, NVME_SC_ANA_GROUP_ID_INVALID, 0, 0 },
	{ "ana=false", 0, 0, NVME_SC_SUCCESS, 0, 1 },
	{ "ana=false", 1, 0, NVME_SC_ANA_GROUP_ID_INVALID, 0, 0 },
	{ "endurance=false", 2, 0, NVME_SC_SUCCESS, 2, 0 },
	{ "endurance=false", 2, 1, NVME_SC_INVALID_FIELD, 0, 0 },
	{ "", 1, 2, NVME_SC_INVALID_FIELD, 0, 0 },
};

START_TEST(a_namespace_is_in_the_groups_that_are_asked_for)
{
	/* Base 2.0 5.23 and 8.1: 1/24; 0 is the controller's choice; they outlive the power. */
	struct th_host *h = th_enabled(.controller = groups[_i].keys);
	uint64_t page = wish(h, 8, 0, 0);
	struct nvme_ns_mgmt_create *data = th_ptr(h, page);
	const struct nvme_id_ns *id;

	data->anagrpid = nvme_le32(groups[_i].anagrpid);
	data->endgid = nvme_le16(groups[_i].endgid);
	ck_assert_uint_eq(try_create(h, page), groups[_i].sc);
	for (int life = 0; life < 2 && groups[_i].sc == NVME_SC_SUCCESS; life++) {
		id = identify(h, NVME_CNS_ALLOCATED_NS, 2);
		ck_assert_uint_eq(nvme_cpu32(id->anagrpid), groups[_i].ret_anagrpid);
		ck_assert_uint_eq(nvme_cpu16(id->endgid), groups[_i].ret_endgid);
		th_restart(h);
		th_enable(h, 16);
	}
	th_free(h);
}
END_TEST

static void know_wide_guards(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	((struct nvme_host_behavior *)th_ptr(h, page))->lbafee = 1;
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .prp1 = page, .cdw10 = NVME_FID_HOST_BEHAVIOR);
}

START_TEST(a_namespace_keeps_the_storage_tag_mask_of_its_creation)
{
	/* NVM 1.0 4.1.6 (unverified): LBSTM; whatever is beyond the tag's 16 bits is not told. */
	struct th_host *h = th_enabled();
	uint64_t page = wish(h, 8, 12, 0);
	struct nvme_ns_mgmt_create *data = th_ptr(h, page);

	data->dps = 1;
	data->lbstm = nvme_le64(0xabcd0ff0);
	know_wide_guards(h);
	ck_assert_uint_eq(try_create(h, page), NVME_SC_SUCCESS);
	for (int life = 0; life < 2; life++) {
		const struct nvme_id_ns_nvm *id = identify(h, NVME_CNS_ALLOCATED_NS_CSI, 2);

		ck_assert_uint_eq(nvme_cpu64(id->lbstm), 0x0ff0);
		th_restart(h);
		th_enable(h, 16);
		know_wide_guards(h);
	}
	th_free(h);
}
END_TEST

START_TEST(a_record_of_the_first_version_is_still_read)
{
	/* Base 2.0 8.11: it had no storage tag mask, and a shorter table of formats. */
	struct th_host *h = th_enabled(), *next = th_off();
	const struct nvme_id_ns *id;
	const uint8_t *record;
	uint8_t old[32];

	know_wide_guards(h);
	ck_assert_uint_eq(try_create(h, wish(h, 8, 12, 0)), NVME_SC_SUCCESS);
	record = th_record(h, EMU_RECORD_NAMESPACE, 2, NULL);
	memcpy(old, record, sizeof(old));
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_NAMESPACE, 2, old, sizeof(old)), -22);
	old[0] = 1;
	old[4] = 14;
	ck_assert_int_eq(emu_load(th_emu(next), EMU_RECORD_NAMESPACE, 2, old, sizeof(old)), 0);
	th_enable(next, 16);
	know_wide_guards(next);
	id = identify(next, NVME_CNS_ALLOCATED_NS, 2);
	ck_assert_uint_eq(nvme_cpu64(id->nsze), 8);
	ck_assert_uint_eq(id->lbaf[nvme_id_ns_format(id->flbas)].lbads, 12);
	ck_assert_uint_eq(nvme_cpu16(id->lbaf[nvme_id_ns_format(id->flbas)].ms), 16);
	th_free(next);
	th_free(h);
}
END_TEST

START_TEST(commands_that_ask_for_what_there_is_not_are_refused)
{
	struct th_host *h = th_enabled();
	uint64_t page = wish(h, 8, 0, 0), self = ctrl_list(h, 1, 1, 0);

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_NS_MGMT, .prp1 = page, .cdw10 = 2),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_NS_MGMT, .prp1 = page,
				  .cdw11 = NVME_PUT(NVME_NS_MGMT_CSI, NVME_CSI_ZNS)),
			  NVME_SC_IOCS_NOT_SUPPORTED);
	ck_assert_uint_eq(delete (h, 0), NVME_SC_INVALID_NS);
	ck_assert_uint_eq(delete (h, 33), NVME_SC_INVALID_NS);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_NS_ATTACH, .nsid = 1, .prp1 = self, .cdw10 = 2),
		NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(attach(h, 0, self), NVME_SC_INVALID_NS);
	ck_assert_uint_eq(attach(h, 2, self), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(attach(h, NVME_NSID_ALL, self), NVME_SC_INVALID_NS);
	th_free(h);
}
END_TEST

START_TEST(attaching_obeys_what_is_attached_already)
{
	/* Base 2.0 5.22: 1/18, 1/19, 1/1A, 1/1C; all controllers of the list or none */
	struct th_host *h = th_enabled(.controllers = 2);
	uint32_t shared = create(h, 8, 0, 1), private = create(h, 8, 0, 0);
	uint64_t one = ctrl_list(h, 1, 1, 0), two = ctrl_list(h, 1, 2, 0);
	uint64_t both = ctrl_list(h, 2, 1, 2);

	ck_assert_uint_eq(attach(h, shared, one), NVME_SC_SUCCESS);
	ck_assert_uint_eq(attach(h, shared, one), NVME_SC_NS_ALREADY_ATTACHED);
	ck_assert_uint_eq(attach(h, shared, both), NVME_SC_NS_ALREADY_ATTACHED);
	ck_assert_uint_eq(detach(h, shared, both), NVME_SC_NS_NOT_ATTACHED);
	ck_assert_uint_eq(attach(h, shared, two), NVME_SC_SUCCESS);
	ck_assert_uint_eq(detach(h, shared, both), NVME_SC_SUCCESS);
	ck_assert_uint_eq(attach(h, private, both), NVME_SC_NS_IS_PRIVATE);
	ck_assert_uint_eq(attach(h, private, one), NVME_SC_SUCCESS);
	ck_assert_uint_eq(attach(h, private, two), NVME_SC_NS_IS_PRIVATE);
	ck_assert_uint_eq(attach(h, shared, ctrl_list(h, 0, 1, 2)), NVME_SC_CTRL_LIST_INVALID);
	ck_assert_uint_eq(attach(h, shared, ctrl_list(h, 2048, 1, 2)), NVME_SC_CTRL_LIST_INVALID);
	ck_assert_uint_eq(attach(h, shared, ctrl_list(h, 2, 2, 1)), NVME_SC_CTRL_LIST_INVALID);
	ck_assert_uint_eq(attach(h, shared, ctrl_list(h, 2, 1, 1)), NVME_SC_CTRL_LIST_INVALID);
	ck_assert_uint_eq(attach(h, shared, ctrl_list(h, 1, 3, 0)), NVME_SC_CTRL_LIST_INVALID);
	ck_assert_uint_eq(attach(h, shared, ctrl_list(h, 1, 0, 0)), NVME_SC_CTRL_LIST_INVALID);
	th_free(h);
}
END_TEST

static unsigned int changed(struct th_host *h, uint32_t *ret_first)
{
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_ns_list *list = th_ptr(h, page);
	unsigned int count = 0;

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = NVME_LID_CHANGED_NS | 1023 << 16);
	while (count < 1024 && nvme_cpu32(list->nsid[count]))
		count++;
	*ret_first = nvme_cpu32(list->nsid[0]);
	return count;
}

START_TEST(every_controller_that_is_concerned_is_told)
{
	/* Base 2.0 5.2.1 and 5.16.1.5: notice, Changed Attached Namespace List */
	struct th_host *h = th_enabled(.controllers = 2);
	uint32_t nsid = create(h, 8, 0, 1), first;

	for (uint32_t i = 0; i < 2; i++) {
		th_ctrl(h, i);
		if (i == 1)
			th_enable(h, 16);
		th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_ASYNC_EVENT_CONFIG,
		      .cdw11 = NOTICE);
		th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 77);
		th_run(h);
		th_expect_none(h, 0);
	}
	th_ctrl(h, 0);
	ck_assert_uint_eq(attach(h, nsid, ctrl_list(h, 1, 2, 0)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(changed(h, &first), 0);
	th_ctrl(h, 1);
	th_expect_cqe(h, .cid = 77, .dw0 = NVME_AER_NS_CHANGED);
	ck_assert_uint_eq(changed(h, &first), 1);
	ck_assert_uint_eq(first, nsid);
	ck_assert_uint_eq(changed(h, &first), 0);
	ck_assert_uint_eq(delete (h, NVME_NSID_ALL), NVME_SC_SUCCESS);
	ck_assert_uint_eq(changed(h, &first), 2);
	th_free(h);
}
END_TEST

START_TEST(all_namespaces_are_deleted_at_once)
{
	/* Base 2.0 5.23: NSID FFFFFFFFh; with none left it succeeds again */
	struct th_host *h = th_enabled(.ns2_blocks = 8, .io_queues = 1);
	const struct nvme_ns_list *all;

	create(h, 8, 0, 0);
	ck_assert_uint_eq(delete (h, NVME_NSID_ALL), NVME_SC_SUCCESS);
	all = identify(h, NVME_CNS_ALLOCATED_NS_LIST, 0);
	ck_assert_uint_eq(nvme_cpu32(all->nsid[0]), 0);
	ck_assert_uint_eq(read_block(h, 1), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(delete (h, NVME_NSID_ALL), NVME_SC_SUCCESS);
	ck_assert_uint_eq(create(h, 8, 0, 0), 1);
	th_free(h);
}
END_TEST

START_TEST(a_feature_of_a_namespace_that_is_gone_by_then_is_not_told)
{
	/* Base 2.0 5.17, unverified: both commands were fetched before either had its data. */
	struct th_host *h = th_enabled();
	uint32_t nsid = create(h, 64, 0, 0);
	struct nvme_cqe cqe;
	uint16_t code[2] = { 0xffff, 0xffff };

	ck_assert_uint_eq(attach(h, nsid, ctrl_list(h, 1, 1, 0)), NVME_SC_SUCCESS);
	th_fill(h, 0, .opcode = NVME_ADMIN_GET_FEATURES, .cid = 0, .nsid = nsid,
		.prp1 = th_alloc(h, 4096), .cdw10 = NVME_FID_LBA_RANGE);
	th_fill(h, 0, .opcode = NVME_ADMIN_NS_MGMT, .cid = 1, .nsid = nsid,
		.cdw10 = NVME_NS_MGMT_DELETE);
	th_ring_sq(h, 0, th_tail(h, 0));
	th_run(h);
	for (int i = 0; i < 2; i++) {
		ck_assert(th_next_cqe(h, 0, &cqe));
		code[nvme_cpu16(cqe.cid)] = nvme_status_code(
			nvme_cqe_status(nvme_cpu16(cqe.status)));
	}
	ck_assert_uint_eq(code[0], NVME_SC_INVALID_NS);
	ck_assert_uint_eq(code[1], NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_namespace_that_took_the_place_of_another_has_names_of_its_own)
{
	/* Base 2.0 4.5, unverified: NGUID, EUI64 and UUID are of one namespace */
	struct th_host *h = th_enabled();
	struct nvme_id_ns before, after;

	before = *(const struct nvme_id_ns *)identify(h, NVME_CNS_ALLOCATED_NS, 1);
	ck_assert_uint_eq(delete (h, 1), NVME_SC_SUCCESS);
	ck_assert_uint_eq(create(h, 2048, 0, 0), 1);
	after = *(const struct nvme_id_ns *)identify(h, NVME_CNS_ALLOCATED_NS, 1);
	ck_assert_mem_ne(before.eui64, after.eui64, sizeof(before.eui64));
	ck_assert_mem_ne(before.nguid, after.nguid, sizeof(before.nguid));
	th_free(h);
}
END_TEST

START_TEST(what_the_medium_has_ends_before_its_namespace_is_deleted)
{
	/* Base 2.0 5.23: commands in flight end; those behind are of no namespace */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_NS_MGMT, .cid = 2, .nsid = 1,
		 .cdw10 = NVME_NS_MGMT_DELETE);
	th_run(h);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 3, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 3, .sc = NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_media_pending(h), 1);
	th_expect_none(h, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	ck_assert_uint_eq(th_media_last(h)->op, EMU_MEDIA_DELETE);
	th_expect_none(h, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cid = 2);
	th_free(h);
}
END_TEST

START_TEST(a_medium_that_fails_leaves_no_namespace_behind)
{
	struct th_host *h = th_enabled();
	const struct nvme_ns_list *all;

	th_media_fail(h, -ENOSPC);
	ck_assert_uint_eq(try_create(h, wish(h, 8, 0, 0)), NVME_SC_NS_INSUFFICIENT_CAPACITY);
	th_media_fail(h, -EIO);
	ck_assert_uint_eq(try_create(h, wish(h, 8, 0, 0)), NVME_SC_WRITE_FAULT);
	all = identify(h, NVME_CNS_ALLOCATED_NS_LIST, 0);
	ck_assert_uint_eq(nvme_cpu32(all->nsid[1]), 0);
	ck_assert_uint_eq(create(h, 8, 0, 0), 2);
	th_free(h);
}
END_TEST

START_TEST(a_reset_drops_what_waits_and_not_what_has_begun)
{
	struct th_host *h = th_enabled(.slow_media = true);
	const struct nvme_ns_list *all;

	th_admin(h, .opcode = NVME_ADMIN_NS_MGMT, .cid = 1, .prp1 = wish(h, 8, 0, 0));
	th_admin(h, .opcode = NVME_ADMIN_NS_MGMT, .cid = 2, .prp1 = wish(h, 9, 0, 0));
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 1);
	emu_reset(th_emu(h), 0, EMU_RESET_CONTROLLER);
	th_run(h);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 0);
	th_enable(h, 16);
	all = identify(h, NVME_CNS_ALLOCATED_NS_LIST, 0);
	ck_assert_uint_eq(nvme_cpu32(all->nsid[1]), 2);
	ck_assert_uint_eq(nvme_cpu32(all->nsid[2]), 0);
	th_free(h);
}
END_TEST

START_TEST(what_was_created_attached_and_deleted_outlives_the_power)
{
	struct th_host *h = th_enabled(.ns2_blocks = 8);
	uint32_t nsid = create(h, 100, 1, 0);
	struct nvme_id_ns before;
	const struct nvme_ns_list *active;

	ck_assert_uint_eq(attach(h, nsid, ctrl_list(h, 1, 1, 0)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(delete (h, 3), NVME_SC_SUCCESS);
	before = *(const struct nvme_id_ns *)identify(h, NVME_CNS_NS, nsid);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_mem_eq(identify(h, NVME_CNS_NS, nsid), &before, sizeof(before));
	active = identify(h, NVME_CNS_ACTIVE_NS_LIST, 0);
	ck_assert_uint_eq(nvme_cpu32(active->nsid[0]), 1);
	ck_assert_uint_eq(nvme_cpu32(active->nsid[1]), nsid);
	ck_assert_uint_eq(nvme_cpu32(active->nsid[2]), 0);
	ck_assert_uint_eq(create(h, 8, 0, 0), 3);
	th_free(h);
}
END_TEST

START_TEST(without_the_key_there_is_nothing_of_it)
{
	struct th_host *h = th_enabled(.controller = "ns_mgmt=false");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_uint_eq(NVME_GET(nvme_cpu16(id->oacs), NVME_ID_CTRL_OACS_NS_MGMT), 0);
	ck_assert_uint_eq(nvme_cpu64(id->tnvmcap.lo), 0);
	ck_assert_uint_eq(delete (h, 1), NVME_SC_INVALID_OPCODE);
	ck_assert_uint_eq(attach(h, 1, ctrl_list(h, 1, 1, 0)), NVME_SC_INVALID_OPCODE);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = th_alloc(h, 4096),
				  .nsid = NVME_NSID_ALL),
			  NVME_SC_INVALID_NS);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = th_alloc(h, 4096),
				  .cdw10 = NVME_CNS_ALLOCATED_NS_LIST),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

static Suite *ns_mgmt(void)
{
	Suite *suite = suite_create("ns_mgmt");
	TCase *tcase = tcase_create("ns_mgmt");

	tcase_add_test(tcase, a_namespace_is_created_attached_used_detached_and_deleted);
	tcase_add_test(tcase, the_lists_know_what_exists_and_what_is_attached_where);
	tcase_add_test(tcase, capacity_is_taken_and_given_back);
	tcase_add_test(tcase, identifiers_run_out);
	tcase_add_loop_test(tcase, data_that_asks_for_what_there_is_not_is_refused, 0,
			    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_loop_test(tcase, a_namespace_is_in_the_groups_that_are_asked_for, 0,
			    (int)(sizeof(groups) / sizeof(groups[0])));
	tcase_add_test(tcase, a_namespace_keeps_the_storage_tag_mask_of_its_creation);
	tcase_add_test(tcase, a_record_of_the_first_version_is_still_read);
	tcase_add_test(tcase, commands_that_ask_for_what_there_is_not_are_refused);
	tcase_add_test(tcase, attaching_obeys_what_is_attached_already);
	tcase_add_test(tcase, every_controller_that_is_concerned_is_told);
	tcase_add_test(tcase, all_namespaces_are_deleted_at_once);
	tcase_add_test(tcase, a_feature_of_a_namespace_that_is_gone_by_then_is_not_told);
	tcase_add_test(tcase, a_namespace_that_took_the_place_of_another_has_names_of_its_own);
	tcase_add_test(tcase, what_the_medium_has_ends_before_its_namespace_is_deleted);
	tcase_add_test(tcase, a_medium_that_fails_leaves_no_namespace_behind);
	tcase_add_test(tcase, a_reset_drops_what_waits_and_not_what_has_begun);
	tcase_add_test(tcase, what_was_created_attached_and_deleted_outlives_the_power);
	tcase_add_test(tcase, without_the_key_there_is_nothing_of_it);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ ns_mgmt }, 1);
}
