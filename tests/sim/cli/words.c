/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rows of a diagram say, in the terms of the specification. */
#include "common/le.h"
#include "common/nvme_names.h"
#include "common/nvme_spec.h"
#include "driver/core/nvl.h"
#include "tests/sim/cli/diagram.h"

#define U64 G_GUINT64_FORMAT
#define HEX "%#" G_GINT64_MODIFIER "x"

static uint64_t value_of(const struct cli_record *record, const char *name)
{
	return cli_record_value(record, name);
}

static uint32_t sqe_dword(const struct cli_record *record, size_t index)
{
	return nvme_load_le32(record->data + 4 * index);
}

static bool has_blocks(uint64_t opcode)
{
	return opcode == NVME_CMD_READ || opcode == NVME_CMD_WRITE || opcode == NVME_CMD_COMPARE ||
	       opcode == NVME_CMD_WRITE_ZEROES;
}

/* What an admin command is about, where its opcode alone says little. */
static char *admin_text(const struct cli_record *record, uint64_t opcode, const char *name)
{
	uint32_t cdw10 = sqe_dword(record, 10);

	switch (opcode) {
	case NVME_ADMIN_ABORT:
		return g_strdup_printf("abort of CID %u of SQ %u", cdw10 >> 16, cdw10 & UINT16_MAX);
	case NVME_ADMIN_IDENTIFY:
		return g_strdup_printf("%s (%s)", name, nvme_cns_name((uint8_t)cdw10));
	case NVME_ADMIN_GET_LOG_PAGE:
		return g_strdup_printf("%s (%s)", name, nvme_log_name((uint8_t)cdw10));
	case NVME_ADMIN_SET_FEATURES:
	case NVME_ADMIN_GET_FEATURES:
		return g_strdup_printf("%s (%s)", name, nvme_feature_name((uint8_t)cdw10));
	default:
		return g_strdup(name);
	}
}

char *sim_words_command(const struct cli_record *record)
{
	uint64_t qid = value_of(record, "qid"), opcode = value_of(record, "opcode");
	const char *name = cli_opcode_name(qid, opcode);
	uint32_t blocks;

	if (record->data_bytes < NVME_SQE_BYTES)
		return g_strdup(name);
	if (qid == 0)
		return admin_text(record, opcode, name);
	if (!has_blocks(opcode))
		return g_strdup(name);
	blocks = NVME_GET(sqe_dword(record, 12), NVME_RW_NLB) + 1;
	return g_strdup_printf("%s of %u block%s from LBA %" U64, name, blocks, CLI_PLURAL(blocks),
			       (uint64_t)sqe_dword(record, 11) << 32 | sqe_dword(record, 10));
}

static char *register_text(const struct cli_record *record, const char *verb)
{
	uint32_t offset = (uint32_t)value_of(record, "offset");
	uint64_t value = value_of(record, "value");
	const char *more = "";

	if (offset == NVME_REG_CC)
		more = NVME_GET(value, NVME_CC_SHN)  ? ": shutdown"
		       : NVME_GET(value, NVME_CC_EN) ? ": enable"
						     : ": disable";
	return g_strdup_printf("%s%s = " HEX "%s", verb, nvme_register_name(offset), value, more);
}

static char *config_text(const struct cli_record *record, const char *verb)
{
	return g_strdup_printf("%sconfiguration space, " HEX " = " HEX, verb,
			       value_of(record, "offset"), value_of(record, "value"));
}

static char *doorbell_text(const struct cli_record *record, const char *queue, const char *end)
{
	return g_strdup_printf("%s %" U64 " doorbell: %s %" U64 " -> %" U64, queue,
			       value_of(record, "qid"), end, value_of(record, "old"),
			       value_of(record, "new"));
}

static char *command_text(const struct cli_record *record, const char *verb, const char *command)
{
	return g_strdup_printf("%s slot %" U64 " of SQ %" U64 ": %s, CID %" U64, verb,
			       value_of(record, "slot"), value_of(record, "qid"),
			       command ? command : "?", value_of(record, "cid"));
}

static char *posted_text(const struct cli_record *record)
{
	nvme_status status = (nvme_status)value_of(record, "status");
	uint64_t dw0 = value_of(record, "dw0");
	g_autofree char *more = dw0 ? g_strdup_printf(", DW0 " HEX, dw0) : g_strdup("");

	return g_strdup_printf(
		"CQE: CID %" U64 " of SQ %" U64 ", %s%s%s, phase %" U64 ", SQHD %" U64,
		value_of(record, "cid"), value_of(record, "sqid"), nvme_status_name(status),
		NVME_GET(status, NVME_STATUS_DNR) ? " (DNR)" : "", more, value_of(record, "phase"),
		value_of(record, "sqhd"));
}

static char *taken_text(const struct cli_record *record)
{
	return g_strdup_printf("takes slot %" U64 " of CQ %" U64 ": CID %" U64 ", %s",
			       value_of(record, "slot"), value_of(record, "qid"),
			       value_of(record, "cid"),
			       nvme_status_name((nvme_status)value_of(record, "status")));
}

/* The order of the reasons is the driver's (driver/core/complete.c). */
static char *refused_text(const struct cli_record *record)
{
	static const char *const reasons[] = { "SQID is another queue's", "CID is out of range",
					       "no command waits for this CID",
					       "the command was given up before",
					       "SQHD does not move forward" };
	uint64_t reason = value_of(record, "reason");

	return g_strdup_printf("refuses slot %" U64 " of CQ %" U64 ": CID %" U64 ", %s",
			       value_of(record, "slot"), value_of(record, "qid"),
			       value_of(record, "cid"),
			       reason < G_N_ELEMENTS(reasons) ? reasons[reason] : "?");
}

static char *event_text(const struct cli_record *record)
{
	uint32_t dw0 = (uint32_t)(value_of(record, "type") | value_of(record, "info") << 8 |
				  value_of(record, "log") << 16);

	return g_strdup_printf("asynchronous event: %s", nvme_aer_name(dw0));
}

static char *reset_text(const struct cli_record *record)
{
	static const char *const kinds[] = { "Controller Reset", "Function Level Reset",
					     "NVM Subsystem Reset", "power-on" };
	uint64_t kind = value_of(record, "kind");

	return g_strdup(kind < G_N_ELEMENTS(kinds) ? kinds[kind] : "reset");
}

static char *fatal_text(const struct cli_record *record)
{
	static const char *const reasons[] = { "?", "it cannot be enabled like this",
					       "queue memory is away", "keep alive expired" };
	uint64_t reason = value_of(record, "reason");

	return g_strdup_printf("CSTS.CFS = 1: %s",
			       reason < G_N_ELEMENTS(reasons) ? reasons[reason] : "?");
}

/* What both sides can say of registers and doorbells; NULL for other events. */
static char *access_text(const struct cli_record *record)
{
	bool sees = record->side == NVME_TRACE_CONTROLLER;

	switch (record->event) {
	case NVME_TRACE_REG_WRITE:
		return register_text(record, "");
	case NVME_TRACE_REG_READ:
		return register_text(record, sees ? "is asked for " : "reads ");
	case NVME_TRACE_CFG_WRITE:
		return config_text(record, "");
	case NVME_TRACE_CFG_READ:
		return config_text(record, sees ? "is asked for " : "reads ");
	case NVME_TRACE_SQ_DOORBELL:
		return doorbell_text(record, "SQ", "tail");
	case NVME_TRACE_CQ_DOORBELL:
		return doorbell_text(record, "CQ", "head");
	default:
		return NULL;
	}
}

static char *driver_text(const struct cli_record *record, const char *command)
{
	switch (record->event) {
	case NVME_TRACE_NVL_SUBMIT:
		return command_text(record, "fills", command);
	case NVME_TRACE_NVL_COMPLETE:
		return taken_text(record);
	case NVME_TRACE_NVL_BAD_CQE:
		return refused_text(record);
	case NVME_TRACE_NVL_TIMEOUT:
		return g_strdup_printf("timeout: %s, CID %" U64 " of SQ %" U64,
				       command ? command : "?", value_of(record, "cid"),
				       value_of(record, "qid"));
	case NVME_TRACE_NVL_STATE:
		return g_strdup_printf("driver: %s",
				       nvl_state_name((enum nvl_state)value_of(record, "state")));
	default:
		return NULL;
	}
}

static char *controller_text(const struct cli_record *record, const char *command)
{
	switch (record->event) {
	case NVME_TRACE_SQE_FETCH:
		return command_text(record, "fetches", command);
	case NVME_TRACE_CQE_POST:
		return posted_text(record);
	case NVME_TRACE_IRQ_RAISE:
		return g_strdup_printf("interrupt: vector %" U64, value_of(record, "vector"));
	case NVME_TRACE_IRQ_PEND:
		return g_strdup_printf("vector %" U64 " is pending", value_of(record, "vector"));
	case NVME_TRACE_IRQ_LINE:
		return g_strdup(value_of(record, "asserted") ? "INTx asserted" : "INTx deasserted");
	case NVME_TRACE_AER_RAISE:
		return event_text(record);
	case NVME_TRACE_CTRL_RESET:
		return reset_text(record);
	case NVME_TRACE_CTRL_FATAL:
		return fatal_text(record);
	case NVME_TRACE_CTRL_ENABLE:
		return g_strdup("is enabled");
	case NVME_TRACE_CTRL_READY:
		return g_strdup_printf("ready: CSTS = " HEX, value_of(record, "csts"));
	case NVME_TRACE_CTRL_DISABLE:
		return g_strdup("is disabled");
	case NVME_TRACE_CTRL_SHUTDOWN:
		return g_strdup_printf("shutdown: SHST = %" U64, value_of(record, "shst"));
	case NVME_TRACE_CQ_FULL:
		return g_strdup_printf("CQ %" U64 " is full", value_of(record, "qid"));
	default:
		return NULL;
	}
}

char *sim_words_of(const struct cli_record *record, const char *command)
{
	char *text = access_text(record);
	g_autofree char *args = NULL;

	if (!text)
		text = driver_text(record, command);
	if (!text)
		text = controller_text(record, command);
	if (text)
		return text;
	args = cli_record_text(record);
	return g_strdup_printf("%s %s", nvme_trace_name(record->event), args);
}
