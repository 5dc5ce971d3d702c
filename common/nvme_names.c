/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the specification's numbers are called: each function is a switch made of one list.
 *
 * A number that occurs twice in a list is a duplicate case and does not compile.
 */
#include "common/nvme_names.h"

static const char vendor_text[] = "Vendor Specific";
static const char unknown_text[] = "Unknown";

/* clang-format off */

/* Texts of statuses without a row. */
static const char *name_other_status(nvme_status status)
{
	bool vendor = NVME_GET(status, NVME_STATUS_SCT) == NVME_SCT_VENDOR ||
		      NVME_GET(status, NVME_STATUS_SC) >= NVME_STATUS_SC_VENDOR_FIRST;

	return vendor ? vendor_text : unknown_text;
}

const char *nvme_status_name(nvme_status status)
{
	switch (nvme_status_code(status)) {
#define NVME_ROW(name, sct, sc, text) case NVME_SC_##name: return text;
	NVME_STATUS_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return name_other_status(status);
	}
}

const char *nvme_status_identifier(nvme_status status)
{
	switch (nvme_status_code(status)) {
#define NVME_ROW(name, sct, sc, text) case NVME_SC_##name: return #name;
	NVME_STATUS_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return "UNKNOWN";
	}
}

const char *nvme_sct_name(unsigned int sct)
{
	switch (sct) {
	case NVME_SCT_GENERIC:
		return "Generic Command Status";
	case NVME_SCT_COMMAND:
		return "Command Specific Status";
	case NVME_SCT_MEDIA:
		return "Media and Data Integrity Errors";
	case NVME_SCT_PATH:
		return "Path Related Status";
	case NVME_SCT_VENDOR:
		return vendor_text;
	default:
		return unknown_text;
	}
}

const char *nvme_admin_opcode_name(uint8_t opcode)
{
	switch (opcode) {
#define NVME_ROW(name, opcode, text) case NVME_ADMIN_##name: return text;
	NVME_ADMIN_OPCODE_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return opcode >= NVME_ADMIN_VENDOR_FIRST ? "vendor-specific" : "unknown";
	}
}

const char *nvme_nvm_opcode_name(uint8_t opcode)
{
	switch (opcode) {
#define NVME_ROW(name, opcode, text) case NVME_CMD_##name: return text;
	NVME_NVM_OPCODE_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return opcode >= NVME_CMD_VENDOR_FIRST ? "vendor-specific" : "unknown";
	}
}

const char *nvme_kv_opcode_name(uint8_t opcode)
{
	switch (opcode) {
#define NVME_ROW(name, opcode, text) case NVME_KV_##name: return text;
	NVME_KV_OPCODE_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return opcode >= NVME_CMD_VENDOR_FIRST ? "vendor-specific" : "unknown";
	}
}

const char *nvme_csi_name(uint8_t csi)
{
	switch (csi) {
#define NVME_ROW(name, csi, text) case NVME_CSI_##name: return text;
	NVME_CSI_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return unknown_text;
	}
}

const char *nvme_register_name(uint32_t offset)
{
	/* An offset below the register wraps and is no less than its size. */
#define NVME_ROW(name, start, bytes, clause) \
	if (offset - (start) < (bytes)) \
		return #name;
	NVME_REGISTER_LIST(NVME_ROW)
#undef NVME_ROW
	return unknown_text;
}

const char *nvme_feature_name(uint8_t fid)
{
	switch (fid) {
#define NVME_ROW(name, fid, text) case NVME_FID_##name: return text;
	NVME_FEATURE_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return fid >= NVME_FID_VENDOR_FIRST ? vendor_text : unknown_text;
	}
}

const char *nvme_log_name(uint8_t lid)
{
	switch (lid) {
#define NVME_ROW(name, lid, text) case NVME_LID_##name: return text;
	NVME_LOG_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return lid >= NVME_LID_VENDOR_FIRST ? vendor_text : unknown_text;
	}
}

const char *nvme_cns_name(uint8_t cns)
{
	switch (cns) {
#define NVME_ROW(name, cns, text) case NVME_CNS_##name: return text;
	NVME_CNS_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return unknown_text;
	}
}

const char *nvme_aer_name(uint32_t dw0)
{
	/* The pair of type and information, as one number that a case can hold. */
	switch (dw0 & (NVME_MASK(NVME_AER_TYPE) | NVME_MASK(NVME_AER_INFO))) {
#define NVME_ROW(name, type, info, lid, text) case (type) | (info) << 8: return text;
	NVME_AER_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return NVME_GET(dw0, NVME_AER_TYPE) == NVME_AER_TYPE_VENDOR ? vendor_text
									     : unknown_text;
	}
}

const char *nvme_pel_event_name(uint8_t type)
{
	switch (type) {
#define NVME_ROW(name, type, text) case NVME_PEL_EVENT_##name: return text;
	NVME_PEL_EVENT_LIST(NVME_ROW)
#undef NVME_ROW
	default:
		return unknown_text;
	}
}

/* clang-format on */
