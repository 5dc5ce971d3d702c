/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of a command that the controller refused: rows, and which opcodes are repeated. */
#include "driver/core/internal.h"

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

/* Ours: what passes by itself is tried again, unless it would be done twice. */
static const struct nvl_policy_row ours[] = {
	{ NVME_SC_DATA_TRANSFER_ERROR, NVME_SC_DATA_TRANSFER_ERROR, NVL_CLASS_IDEMPOTENT,
	  NVL_ACTION_RETRY },
	{ NVME_SC_INVALID_NS, NVME_SC_INVALID_NS, NVL_CLASS_ANY, NVL_ACTION_RESCAN },
	{ NVME_SC_COMMAND_INTERRUPTED, NVME_SC_TRANSIENT_TRANSPORT_ERROR, NVL_CLASS_IDEMPOTENT,
	  NVL_ACTION_RETRY },
	{ NVME_SC_ADMIN_MEDIA_NOT_READY, NVME_SC_ADMIN_MEDIA_NOT_READY, NVL_CLASS_IDEMPOTENT,
	  NVL_ACTION_RETRY },
	{ NVME_SC_NS_NOT_READY, NVME_SC_NS_NOT_READY, NVL_CLASS_IDEMPOTENT, NVL_ACTION_RETRY },
	{ NVME_SC_FORMAT_IN_PROGRESS, NVME_SC_FORMAT_IN_PROGRESS, NVL_CLASS_IDEMPOTENT,
	  NVL_ACTION_RETRY },
	{ 0x300, 0x300, NVL_CLASS_IDEMPOTENT, NVL_ACTION_RETRY }, /* internal path error */
	{ 0x303, 0x303, NVL_CLASS_IDEMPOTENT, NVL_ACTION_RETRY }, /* ANA transition */
	{ 0x371, 0x371, NVL_CLASS_IDEMPOTENT, NVL_ACTION_RETRY }, /* aborted by the host: a reset */
};

static const struct nvl_policy_row spdk[] = {
	{ NVME_SC_NS_NOT_READY, NVME_SC_NS_NOT_READY, NVL_CLASS_ANY, NVL_ACTION_RETRY },
	{ NVME_SC_FORMAT_IN_PROGRESS, NVME_SC_FORMAT_IN_PROGRESS, NVL_CLASS_ANY, NVL_ACTION_RETRY },
	{ 0x300, 0x300, NVL_CLASS_ANY, NVL_ACTION_RETRY },
};

static const struct nvl_policy_row linux_rows[] = {
	{ 0x001, 0x7ff, NVL_CLASS_ANY, NVL_ACTION_RETRY },
};

struct policy {
	const char *name;
	const struct nvl_policy_row *rows;
	uint32_t count;
};

static const struct policy policies[NVL_POLICIES] = {
	[NVL_POLICY_OURS] = { "ours", ROWS(ours) },
	[NVL_POLICY_SPDK] = { "spdk", ROWS(spdk) },
	[NVL_POLICY_LINUX] = { "linux", ROWS(linux_rows) },
};

static const char *const action_names[NVL_ACTIONS] = {
	[NVL_ACTION_SURFACE] = "surface",
	[NVL_ACTION_RETRY] = "retry",
	[NVL_ACTION_RESCAN] = "rescan",
	[NVL_ACTION_RESET] = "reset",
};

/* What does the same when it is done twice. Zone Append writes twice, a reservation may be gone. */
static const uint8_t idempotent_io[] = {
	NVME_CMD_FLUSH,	  NVME_CMD_WRITE,	 NVME_CMD_READ, NVME_CMD_WRITE_UNCORRECTABLE,
	NVME_CMD_COMPARE, NVME_CMD_WRITE_ZEROES, NVME_CMD_DSM,	NVME_CMD_VERIFY,
};

static const uint8_t idempotent_admin[] = {
	NVME_ADMIN_GET_LOG_PAGE,
	NVME_ADMIN_IDENTIFY,
	NVME_ADMIN_SET_FEATURES,
	NVME_ADMIN_GET_FEATURES,
};

static bool is_in(const uint8_t *opcodes, size_t count, uint8_t opcode)
{
	for (size_t i = 0; i < count; i++) {
		if (opcodes[i] == opcode)
			return true;
	}
	return false;
}

const char *nvl_policy_name(enum nvl_policy policy)
{
	return (uint32_t)policy < NVL_POLICIES ? policies[policy].name : "?";
}

const struct nvl_policy_row *nvl_policy_row(enum nvl_policy policy, uint32_t index)
{
	if ((uint32_t)policy >= NVL_POLICIES || index >= policies[policy].count)
		return NULL;
	return &policies[policy].rows[index];
}

const char *nvl_action_name(enum nvl_action action)
{
	return (uint32_t)action < NVL_ACTIONS ? action_names[action] : "?";
}

uint32_t nvl_opcode_class(bool admin, uint8_t opcode, uint8_t flags)
{
	bool fused = NVME_GET(flags, NVME_SQE_FUSE) != 0;
	bool same = admin ? is_in(idempotent_admin, sizeof(idempotent_admin), opcode)
			  : is_in(idempotent_io, sizeof(idempotent_io), opcode);

	return same && !fused ? NVL_CLASS_IDEMPOTENT : NVL_CLASS_OTHER;
}

enum nvl_action nvl_decide(enum nvl_policy policy, nvme_status status, uint32_t opcode_class)
{
	uint16_t code = nvme_status_code(status);
	const struct nvl_policy_row *row;

	for (uint32_t i = 0; (row = nvl_policy_row(policy, i)) != NULL; i++) {
		if (code < row->first || code > row->last || !(row->classes & opcode_class))
			continue;
		if (row->action == NVL_ACTION_RETRY && NVME_GET(status, NVME_STATUS_DNR))
			return NVL_ACTION_SURFACE;
		return (enum nvl_action)row->action;
	}
	return NVL_ACTION_SURFACE;
}
