/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is advertised is what answers: every opcode, feature, log page and Identify structure, in
 * every profile and version, against the capability bits, the logs 00h, 05h and 12h.
 */
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define ID(field)	offsetof(struct nvme_id_ctrl, field)
#define LOG(lid, bytes) ((((uint32_t)(bytes) / 4 - 1) & 0xffff) << 16 | (lid)) /* cdw10 */

static const struct {
	const char *profile;
	const char *keys;
} walks[] = {
	{ "default", NULL },
	{ "minimal", NULL },
	{ "consumer", "ready_delay=0" },
	{ "enterprise", "ready_delay=0" },
	{ "default", "domains=0" },
	{ "default", "rotational=true" },
	{ "default", "error_injection=true" },
	{ "default", "power_loss=true,perf=true,underlying=true,cdq=true,migration=true" },
	{ "default", "vs=1.0" },
	{ "default", "vs=1.1" },
	{ "default", "vs=1.2" },
	{ "default", "vs=1.3" },
	{ "default", "vs=1.4" },
};

#define WALKS (int)(sizeof(walks) / sizeof(walks[0]))

static uint64_t page_; /* of host memory, for all commands of a walk */

static struct th_host *walked(int index)
{
	struct th_host *h = th_enabled(.profile = walks[index].profile,
				       .controller = walks[index].keys, .io_queues = 1);

	page_ = th_alloc(h, 4096);
	return h;
}

static void read_page(struct th_host *h, struct th_command command, void *to, uint32_t bytes)
{
	command.prp1 = page_;
	th_do_(h, command, __LINE__);
	memcpy(to, th_ptr(h, page_), bytes);
}

static struct nvme_id_ctrl id_ctrl(struct th_host *h)
{
	struct nvme_id_ctrl id;

	read_page(h, (struct th_command){ .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = NVME_CNS_CTRL },
		  &id, sizeof(id));
	return id;
}

static uint32_t version(struct th_host *h)
{
	return th_read32(h, NVME_REG_VS);
}

/* The first bytes of a log page; false where the version of the specification has no such page. */
static bool read_log(struct th_host *h, uint32_t since, uint32_t lid, void *to, uint32_t bytes)
{
	if (version(h) < since)
		return false;
	read_page(
		h,
		(struct th_command){ .opcode = NVME_ADMIN_GET_LOG_PAGE, .cdw10 = LOG(lid, bytes) },
		to, bytes);
	return true;
}

/* Whether an Invalid Field is in CDW10 itself, where the identifier is; so says the error log. */
static bool is_unknown(struct th_host *h, nvme_status status)
{
	struct nvme_error_log_entry entry;

	if (nvme_status_code(status) != NVME_SC_INVALID_FIELD)
		return false;
	read_log(h, 0, NVME_LID_ERROR, &entry, sizeof(entry));
	return nvme_cpu16(entry.location) == offsetof(struct nvme_sqe, cdw10);
}

/* Whether a log page is there, with a namespace or without. */
static bool has_log(struct th_host *h, uint32_t lid)
{
	nvme_status status = th_try(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page_,
				    .nsid = NVME_NSID_ALL, .cdw10 = LOG(lid, 512));

	return nvme_status_code(status) != NVME_SC_INVALID_LOG_PAGE;
}

/* Opcodes that exist because a bit of Identify Controller says so. */
static const struct claim {
	bool admin;
	uint8_t opcode;
	uint16_t offset;
	uint8_t bit;
} claims[] = {
/* clang-format off */
#define OACS(opcode, bit) { true, NVME_ADMIN_##opcode, ID(oacs), bit }
#define ONCS(opcode, bit) { false, NVME_CMD_##opcode, ID(oncs), bit }
	OACS(SECURITY_SEND, 0), OACS(SECURITY_RECV, 0), OACS(FORMAT_NVM, 1),
	OACS(FW_COMMIT, 2), OACS(FW_DOWNLOAD, 2), OACS(NS_MGMT, 3), OACS(NS_ATTACH, 3),
	OACS(SELF_TEST, 4), OACS(DIRECTIVE_SEND, 5), OACS(DIRECTIVE_RECV, 5),
	OACS(MI_SEND, 6), OACS(MI_RECV, 6), OACS(VIRT_MGMT, 7), OACS(DBBUF_CONFIG, 8),
	OACS(GET_LBA_STATUS, 9), OACS(LOCKDOWN, 10),
	OACS(MIGRATION_SEND, 11), OACS(MIGRATION_RECV, 11),
	{ true, NVME_ADMIN_CDQ, ID(trattr), 1 }, { true, NVME_ADMIN_TRACK_SEND, ID(trattr), 1 },
	ONCS(COMPARE, 0), ONCS(WRITE_UNCORRECTABLE, 1), ONCS(DSM, 2), ONCS(WRITE_ZEROES, 3),
	ONCS(RESV_REGISTER, 5), ONCS(RESV_REPORT, 5), ONCS(RESV_ACQUIRE, 5), ONCS(RESV_RELEASE, 5),
	ONCS(VERIFY, 7), ONCS(COPY, 8),
	/* clang-format on */
};

static bool bit_of(const struct nvme_id_ctrl *id, uint16_t offset, uint8_t bit)
{
	const uint8_t *field = (const uint8_t *)id + offset;

	return field[bit / 8] >> (bit % 8) & 1;
}

static bool answers(struct th_host *h, bool admin, uint32_t opcode)
{
	struct th_command command = {
		.opcode = (uint8_t)opcode,
		.nsid = NVME_NSID_ALL - 1,
		.prp1 = page_,
		.cdw10 = 0x0f0f0f0f,
		.cdw11 = 0x0f0f0f0f,
	};

	return nvme_status_code(th_try_(h, admin ? 0 : 1, command, __LINE__)) !=
	       NVME_SC_INVALID_OPCODE;
}

START_TEST(an_opcode_exists_when_its_capability_bit_is_set_and_only_then)
{
	/* Base 2.0 5.17.2.1: OACS, ONCS (unverified) */
	struct th_host *h = walked(_i);
	struct nvme_id_ctrl id = id_ctrl(h);

	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		const struct claim *claim = &claims[i];

		bool claimed = bit_of(&id, claim->offset, claim->bit);

		ck_assert_msg(answers(h, claim->admin, claim->opcode) == claimed,
			      "%s opcode %02x: its bit says %d", claim->admin ? "admin" : "I/O",
			      claim->opcode, claimed);
	}
	th_free(h);
}
END_TEST

START_TEST(the_effects_log_has_exactly_the_opcodes_that_answer)
{
	/* Base 2.0 5.16.1.6, all 256 admin and all 256 I/O opcodes (unverified) */
	struct th_host *h = walked(_i);
	struct nvme_effects_log effects;

	if (!read_log(h, NVME_VERSION(1, 2, 0), NVME_LID_EFFECTS, &effects, sizeof(effects))) {
		th_free(h);
		return;
	}
	for (uint32_t opcode = 0; opcode < 256; opcode++) {
		if (opcode != NVME_ADMIN_ASYNC_EVENT_REQUEST)
			ck_assert_msg(answers(h, true, opcode) ==
					      (nvme_cpu32(effects.acs[opcode]) & 1),
				      "admin opcode %02x", opcode);
		ck_assert_msg(answers(h, false, opcode) == (nvme_cpu32(effects.iocs[opcode]) & 1),
			      "I/O opcode %02x", opcode);
	}
	ck_assert(nvme_cpu32(effects.acs[NVME_ADMIN_ASYNC_EVENT_REQUEST]) & 1);
	th_free(h);
}
END_TEST

START_TEST(the_list_of_log_pages_has_exactly_those_that_answer)
{
	/* Base 2.0 5.16.1.1, all 256 identifiers (unverified) */
	struct th_host *h = walked(_i);
	struct nvme_supported_logs list;

	if (read_log(h, NVME_VERSION(2, 0, 0), NVME_LID_SUPPORTED_LOGS, &list, sizeof(list))) {
		for (uint32_t lid = 0; lid < 256; lid++)
			ck_assert_msg(has_log(h, lid) == (nvme_cpu32(list.lid_support[lid]) & 1),
				      "log page %02x", lid);
	}
	th_free(h);
}
END_TEST

static bool has_feature(struct th_host *h, uint32_t fid)
{
	return !is_unknown(h, th_try(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = fid, .nsid = 1,
				     .prp1 = page_));
}

START_TEST(the_list_of_features_has_exactly_those_that_answer)
{
	/* Base 2.0 5.16.1.18, all 256 identifiers (unverified) */
	struct th_host *h = walked(_i);
	struct nvme_fid_effects_log list;

	if (read_log(h, NVME_VERSION(2, 0, 0), NVME_LID_FID_EFFECTS, &list, sizeof(list))) {
		for (uint32_t fid = 0; fid < 256; fid++)
			ck_assert_msg(has_feature(h, fid) ==
					      (nvme_cpu32(list.fid_support[fid]) & 1),
				      "feature %02x", fid);
	}
	th_free(h);
}
END_TEST

START_TEST(power_loss_signaling_has_a_feature_when_it_has_modes)
{
	/* Base 2.1 8.2.5: PLSI (unverified) */
	struct th_host *h = walked(_i);
	struct nvme_id_ctrl id = id_ctrl(h);

	ck_assert_int_eq(has_feature(h, NVME_FID_POWER_LOSS_SIGNALING), id.plsi != 0);
	th_free(h);
}
END_TEST

/* Which bit or version lets a structure be asked for (Base 2.0 Figure 273, unverified). */
static bool is_structure(const struct nvme_id_ctrl *id, uint32_t vs, uint32_t cns)
{
	uint32_t ctratt = nvme_cpu32(id->ctratt);
	bool managed = NVME_GET(nvme_cpu16(id->oacs), NVME_ID_CTRL_OACS_NS_MGMT);
	bool v2 = vs >= NVME_VERSION(2, 0, 0);

	switch (cns) {
	case NVME_CNS_NS:
	case NVME_CNS_CTRL:
		return true;
	case NVME_CNS_ACTIVE_NS_LIST:
		return vs >= NVME_VERSION(1, 1, 0);
	case NVME_CNS_NS_DESC_LIST:
		return vs >= NVME_VERSION(1, 3, 0);
	case NVME_CNS_NS_CSI:
	case NVME_CNS_CTRL_CSI:
	case NVME_CNS_ACTIVE_NS_LIST_CSI:
	case NVME_CNS_NS_INDEPENDENT:
	case NVME_CNS_NS_FORMAT:
	case NVME_CNS_NS_CSI_FORMAT:
	case NVME_CNS_IOCS:
		return v2;
	case NVME_CNS_ALLOCATED_NS_LIST:
	case NVME_CNS_ALLOCATED_NS:
	case NVME_CNS_NS_CTRL_LIST:
	case NVME_CNS_CTRL_LIST:
		return managed;
	case NVME_CNS_ALLOCATED_NS_LIST_CSI:
	case NVME_CNS_ALLOCATED_NS_CSI:
	case NVME_CNS_ALLOCATED_NS_INDEPENDENT:
		return managed && v2;
	case NVME_CNS_CTRL_STATE_FORMATS:
		return NVME_GET(nvme_cpu16(id->oacs), NVME_ID_CTRL_OACS_MIGRATION);
	case NVME_CNS_NVM_SET_LIST:
		return NVME_GET(ctratt, NVME_ID_CTRL_CTRATT_NSETS);
	case NVME_CNS_NS_GRANULARITY_LIST:
		return NVME_GET(ctratt, NVME_ID_CTRL_CTRATT_NG);
	case NVME_CNS_UUID_LIST:
		return NVME_GET(ctratt, NVME_ID_CTRL_CTRATT_ULIST);
	case NVME_CNS_DOMAIN_LIST:
		return NVME_GET(ctratt, NVME_ID_CTRL_CTRATT_MDS);
	case NVME_CNS_EG_LIST:
		return NVME_GET(ctratt, NVME_ID_CTRL_CTRATT_EGS);
	default:
		return false;
	}
}

/* Lists that no bit tells of: those who export namespaces ask for them. */
static bool is_asked_for(int walk, uint32_t cns)
{
	return walks[walk].keys && strstr(walks[walk].keys, "underlying=true") &&
	       (cns == NVME_CNS_UNDERLYING_NS_LIST || cns == NVME_CNS_PORTS_LIST);
}

static bool has_structure(struct th_host *h, uint32_t cns)
{
	return !is_unknown(h, th_try(h, .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = cns, .nsid = 1,
				     .prp1 = page_));
}

START_TEST(a_structure_exists_when_its_capability_bit_is_set_and_only_then)
{
	/* Base 2.0 5.17, all 256 values of CNS (unverified) */
	struct th_host *h = walked(_i);
	struct nvme_id_ctrl id = id_ctrl(h);

	for (uint32_t cns = 0; cns < 256; cns++) {
		ck_assert_msg(has_structure(h, cns) ==
				      (is_structure(&id, version(h), cns) || is_asked_for(_i, cns)),
			      "CNS %02x", cns);
	}
	th_free(h);
}
END_TEST

/* Log pages that exist because a bit of Identify Controller says so. */
static const struct {
	uint8_t lid;
	uint16_t offset;
	uint8_t bit;
} logs[] = {
	/* clang-format off */
	{ NVME_LID_CHANGED_NS, ID(oaes), 8 },  { NVME_LID_EFFECTS, ID(lpa), 1 },
	{ NVME_LID_SELF_TEST, ID(oacs), 4 },   { NVME_LID_TELEMETRY_HOST, ID(lpa), 3 },
	{ NVME_LID_TELEMETRY_CTRL, ID(lpa), 3 }, { NVME_LID_EG_INFO, ID(ctratt), 4 },
	{ NVME_LID_ANA, ID(cmic), 3 },         { NVME_LID_PERSISTENT_EVENT, ID(lpa), 4 },
	{ NVME_LID_LBA_STATUS, ID(oacs), 9 },  { NVME_LID_RESERVATION, ID(oncs), 5 },
	/* clang-format on */
};

START_TEST(a_log_page_exists_when_its_capability_bit_is_set_and_only_then)
{
	/* Base 2.0 5.16.1 (unverified) */
	struct th_host *h = walked(_i);
	struct nvme_id_ctrl id = id_ctrl(h);

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		bool claimed = bit_of(&id, logs[i].offset, logs[i].bit);

		ck_assert_msg(has_log(h, logs[i].lid) == claimed, "log page %02x: its bit says %d",
			      logs[i].lid, claimed);
	}
	th_free(h);
}
END_TEST

static Suite *walk(void)
{
	Suite *suite = suite_create("protocol/walk");
	TCase *commands = tcase_create("commands");
	TCase *pages = tcase_create("pages");

	tcase_set_timeout(commands, 60);
	tcase_set_timeout(pages, 60);
	tcase_add_loop_test(commands, an_opcode_exists_when_its_capability_bit_is_set_and_only_then,
			    0, WALKS);
	tcase_add_loop_test(commands, the_effects_log_has_exactly_the_opcodes_that_answer, 0,
			    WALKS);
	tcase_add_loop_test(pages, the_list_of_log_pages_has_exactly_those_that_answer, 0, WALKS);
	tcase_add_loop_test(pages, a_log_page_exists_when_its_capability_bit_is_set_and_only_then,
			    0, WALKS);
	tcase_add_loop_test(pages, the_list_of_features_has_exactly_those_that_answer, 0, WALKS);
	tcase_add_loop_test(pages, power_loss_signaling_has_a_feature_when_it_has_modes, 0, WALKS);
	tcase_add_loop_test(pages, a_structure_exists_when_its_capability_bit_is_set_and_only_then,
			    0, WALKS);
	suite_add_tcase(suite, commands);
	suite_add_tcase(suite, pages);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { walk };

	return th_main(suites, 1);
}
