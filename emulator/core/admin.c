/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of admin commands: one row a command. Dispatch, Invalid Opcode, the effects log and the
 * documentation come from it.
 */
#include "emulator/core/job.h"
#include "emulator/core/log.h"
#include "emulator/core/security.h"
#include "emulator/core/stage.h"

#define SUPPORTED NVME_MASK(NVME_EFFECTS_CSUPP)
#define CAP(name) ((uint16_t)NVME_MASK(NVME_ID_CTRL_OACS_##name))
#define INVENTORY (NVME_MASK(NVME_EFFECTS_NIC) | NVME_PUT(NVME_EFFECTS_CSE, 2))
#define SANITIZES (NVME_MASK(NVME_EFFECTS_LBCC) | NVME_PUT(NVME_EFFECTS_CSE, 2))
#define FORMATS \
	(NVME_MASK(NVME_EFFECTS_LBCC) | NVME_MASK(NVME_EFFECTS_NCC) | NVME_PUT(NVME_EFFECTS_CSE, 1))

static uint32_t identify_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	(void)req;
	return NVME_IDENTIFY_BYTES;
}

/* Restarts the timer (Base 2.0 5.18, unverified). */
static emu_verdict exec_keep_alive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	(void)req;
	emu_restart_keep_alive(emu, ctrl);
	return NVME_SC_SUCCESS;
}

/* Commands that no operation on media is in the way of. */
#define ALWAYS (EMU_CMD_NO_MEDIA | EMU_CMD_DURING_FORMAT | EMU_CMD_DURING_SANITIZE)

const struct emu_cmd emu_admin_cmds[256] = {
	/* clang-format off */
	[NVME_ADMIN_DELETE_IO_SQ] = { .execute = emu_exec_delete_sq, .effects = SUPPORTED,
		.flags = ALWAYS },
	[NVME_ADMIN_CREATE_IO_SQ] = { .execute = emu_exec_create_sq, .effects = SUPPORTED,
		.flags = ALWAYS },
	[NVME_ADMIN_GET_LOG_PAGE] = { .execute = emu_exec_get_log, .data_bytes = emu_log_bytes,
		.effects = SUPPORTED, .flags = ALWAYS, .part = emu_fill_log },
	[NVME_ADMIN_DELETE_IO_CQ] = { .execute = emu_exec_delete_cq, .effects = SUPPORTED,
		.flags = ALWAYS },
	[NVME_ADMIN_CREATE_IO_CQ] = { .execute = emu_exec_create_cq, .effects = SUPPORTED,
		.flags = ALWAYS },
	[NVME_ADMIN_IDENTIFY] = { .execute = emu_exec_identify, .transfer = emu_fill_identify,
		.data_bytes = identify_bytes, .effects = SUPPORTED, .flags = ALWAYS },
	[NVME_ADMIN_ABORT] = { .execute = emu_exec_abort, .effects = SUPPORTED,
		.flags = ALWAYS },
	[NVME_ADMIN_SET_FEATURES] = { .execute = emu_exec_set_features,
		.transfer = emu_transfer_features, .data_bytes = emu_feature_bytes,
		.effects = SUPPORTED, .flags = ALWAYS | EMU_CMD_ANA },
	[NVME_ADMIN_GET_FEATURES] = { .execute = emu_exec_get_features,
		.transfer = emu_transfer_features, .data_bytes = emu_feature_bytes,
		.effects = SUPPORTED, .flags = ALWAYS | EMU_CMD_ANA },
	[NVME_ADMIN_ASYNC_EVENT_REQUEST] = { .execute = emu_exec_aer, .effects = SUPPORTED,
		.flags = ALWAYS },
	[NVME_ADMIN_DBBUF_CONFIG] = { .execute = emu_exec_dbbuf, .effects = SUPPORTED,
		.flags = ALWAYS, .key = offsetof(struct emu_config, dbbuf),
		.cap = NVME_MASK(NVME_ID_CTRL_OACS_DBBUF), .since = EMU_VS_1_3 },
	[NVME_ADMIN_CDQ] = { .execute = emu_exec_cdq, .effects = SUPPORTED, .flags = ALWAYS,
		.key = EMU_KEY(cdq), .since = EMU_VS_2_0 },
	[NVME_ADMIN_TRACK_SEND] = { .execute = emu_exec_track_send, .effects = SUPPORTED,
		.flags = ALWAYS, .key = EMU_KEY(cdq), .since = EMU_VS_2_0 },
	[NVME_ADMIN_MIGRATION_SEND] = { .execute = emu_exec_migration_send,
		.data_bytes = emu_migration_send_bytes, .part = emu_migration_send_part,
		.effects = SUPPORTED, .flags = ALWAYS, .key = EMU_KEY(migration),
		.cap = CAP(MIGRATION), .since = EMU_VS_2_0 },
	[NVME_ADMIN_MIGRATION_RECV] = { .execute = emu_exec_migration_receive,
		.data_bytes = emu_migration_receive_bytes, .part = emu_migration_receive_part,
		.effects = SUPPORTED, .flags = ALWAYS, .key = EMU_KEY(migration),
		.cap = CAP(MIGRATION), .since = EMU_VS_2_0 },
	[NVME_ADMIN_FW_COMMIT] = { emu_exec_fw_commit, NULL, NULL, SUPPORTED, ALWAYS,
				   .key = EMU_KEY(fw_update), .cap = CAP(FIRMWARE) },
	[NVME_ADMIN_FW_DOWNLOAD] = { emu_exec_fw_download, NULL, emu_firmware_bytes, SUPPORTED,
				     ALWAYS, emu_fw_download_part,
				     .key = EMU_KEY(fw_update), .cap = CAP(FIRMWARE) },
	[NVME_ADMIN_SELF_TEST] = { emu_exec_self_test, NULL, NULL, SUPPORTED,
				   .key = EMU_KEY(self_test), .cap = CAP(SELF_TEST) },
	[NVME_ADMIN_DIRECTIVE_SEND] = { emu_exec_directive_send, NULL, NULL, SUPPORTED,
					.key = EMU_KEY(directives), .cap = CAP(DIRECTIVES) },
	[NVME_ADMIN_DIRECTIVE_RECV] = { emu_exec_directive_receive, NULL, emu_directive_bytes,
					SUPPORTED, .part = emu_directive_part,
					.key = EMU_KEY(directives), .cap = CAP(DIRECTIVES) },
	[NVME_ADMIN_SECURITY_SEND] = { emu_exec_security_send, NULL, NULL, SUPPORTED,
				       .key = EMU_KEY(security), .cap = CAP(SECURITY) },
	[NVME_ADMIN_SECURITY_RECV] = { emu_exec_security_receive, NULL, emu_security_bytes,
				       SUPPORTED, .part = emu_security_part,
				       .key = EMU_KEY(security), .cap = CAP(SECURITY) },
	[NVME_ADMIN_NS_MGMT] = { emu_exec_ns_mgmt, emu_transfer_ns_mgmt, emu_ns_mgmt_bytes,
				 SUPPORTED | INVENTORY, EMU_CMD_DURING_FORMAT,
				 .key = EMU_KEY(ns_mgmt),
				 .cap = CAP(NS_MGMT), .since = EMU_VS_1_2 },
	[NVME_ADMIN_NS_ATTACH] = { emu_exec_ns_attach, emu_transfer_ns_attach, emu_ns_attach_bytes,
				   SUPPORTED | INVENTORY, EMU_CMD_DURING_FORMAT,
				   .key = EMU_KEY(ns_mgmt),
				   .cap = CAP(NS_MGMT), .since = EMU_VS_1_2 },
	[NVME_ADMIN_SANITIZE] = { emu_exec_sanitize, NULL, NULL, SUPPORTED | SANITIZES, 0,
				  .key = EMU_KEY(sanitize), .since = EMU_VS_1_3 },
	[NVME_ADMIN_FORMAT_NVM] = { emu_exec_format, NULL, NULL, SUPPORTED | FORMATS,
				    EMU_CMD_WRITES, .key = EMU_KEY(format),
				    .cap = CAP(FORMAT) },
	[NVME_ADMIN_KEEP_ALIVE] = { .execute = exec_keep_alive, .effects = SUPPORTED,
		.flags = ALWAYS, .key = EMU_KEY(kas) },
	[NVME_ADMIN_GET_LBA_STATUS] = { emu_exec_lba_status, NULL, emu_lba_status_bytes, SUPPORTED,
					EMU_CMD_NS, .turn = emu_turn_lba_status,
					.key = EMU_KEY(lba_status),
					.cap = NVME_MASK(NVME_ID_CTRL_OACS_LBA_STATUS) },
	/* clang-format on */
};

/* A row counts when the version and the configuration have it. */
static bool is_offered(const struct emu_config *config, const struct emu_cmd *cmd)
{
	return cmd->execute && config->vs >= cmd->since && emu_offers(config, cmd->key);
}

/** emu_cmds_init - looks up once which commands there are: each one that is fetched asks */
void emu_cmds_init(struct emu *emu)
{
	for (uint32_t opcode = 0; opcode < 256; opcode++) {
		emu->offered[0][opcode] = is_offered(&emu->config, &emu_nvm_cmds[opcode]);
		emu->offered[1][opcode] = is_offered(&emu->config, &emu_admin_cmds[opcode]);
	}
}

/** emu_cmd_caps - bits of OACS or ONCS that commands stand for */
uint32_t emu_cmd_caps(const struct emu *emu, bool admin)
{
	const struct emu_cmd *cmds = admin ? emu_admin_cmds : emu_nvm_cmds;
	uint32_t caps = 0;

	for (uint32_t opcode = 0; opcode < 256; opcode++) {
		if (emu_cmd_supported(emu, admin, opcode))
			caps |= cmds[opcode].cap;
	}
	return caps;
}
