/* SPDX-License-Identifier: BSD-3-Clause */
/* The Persistent Event log (Base 2.0 5.16.1.14, unverified): a row a field, a table an event. */
#include <stddef.h>

#include "common/nvme_spec.h"
#include "driver/cli/fields.h"

/* clang-format off */

#define ROW(key, label, member, kind) { key, label, CLI_AT(struct nvme_pel_header, member), kind, false, NULL }

const struct cli_field cli_pel_fields[] = {
	ROW("log_id", "Log Identifier", lid, CLI_DEC),
	ROW("total_num_of_events", "Total Number of Events", tnev, CLI_DEC),
	ROW("total_log_len", "Total Log Length", tll, CLI_DEC),
	ROW("log_revision", "Log Revision", rv, CLI_DEC),
	ROW("log_header_len", "Log Header Length", lhl, CLI_DEC),
	ROW("timestamp", "Timestamp", ts, CLI_DEC),
	ROW("power_on_hours", "Power On Hours", poh, CLI_DEC),
	ROW("power_cycle_count", "Power Cycle Count", pcc, CLI_DEC),
	ROW("pci_vid", "PCI Vendor ID", vid, CLI_HEX),
	ROW("pci_ssvid", "PCI Subsystem Vendor ID", ssvid, CLI_HEX),
	ROW("sn", "Serial Number", sn, CLI_ASCII),
	ROW("mn", "Model Number", mn, CLI_ASCII),
	ROW("subnqn", "SUBNQN", subnqn, CLI_NAME),
	ROW("gen_number", "Generation Number", gen_number, CLI_DEC),
	ROW("rci", "Reporting Context Information", rci, CLI_HEX),
	{ 0 },
};

#undef ROW
#define ROW(key, label, member) { key, label, CLI_AT(struct nvme_pel_event_header, member), CLI_DEC, false, NULL }

const struct cli_field cli_pel_event_fields[] = {
	ROW("event_type_rev", "  Type Revision", etype_rev),
	ROW("event_header_len", "  Header Length", ehl),
	ROW("event_header_additional_info", "  Header Additional Info", ehai),
	ROW("ctrl_id", "  Controller", cntlid),
	ROW("event_time_stamp", "  Timestamp", ets),
	ROW("port_id", "  Port", pelpid),
	ROW("vu_info_len", "  Vendor Information Length", vsil),
	ROW("event_len", "  Event Length", el),
	{ 0 },
};

#undef ROW
#define ROW(type, key, label, member, kind) { key, "  " label, CLI_AT(struct type, member), kind, false, NULL }

static const struct cli_field fw_commit[] = {
	ROW(nvme_pel_fw_commit, "old_fw_rev", "Old Revision", old_fw_rev, CLI_REVISION),
	ROW(nvme_pel_fw_commit, "new_fw_rev", "New Revision", new_fw_rev, CLI_REVISION),
	ROW(nvme_pel_fw_commit, "fw_commit_action", "Commit Action", fw_commit_action, CLI_DEC),
	ROW(nvme_pel_fw_commit, "fw_slot", "Slot", fw_slot, CLI_DEC),
	ROW(nvme_pel_fw_commit, "sct_fw", "Status Code Type", sct_fw, CLI_HEX),
	ROW(nvme_pel_fw_commit, "sc_fw", "Status Code", sc_fw, CLI_HEX),
	ROW(nvme_pel_fw_commit, "vu_assign_fw_commit_rc", "Vendor's Result", vndr_assign_fw_commit_rc, CLI_DEC),
	{ 0 },
};

static const struct cli_field timestamp_change[] = {
	ROW(nvme_pel_timestamp_change, "prev_ts", "Previous Timestamp", previous_timestamp, CLI_DEC),
	ROW(nvme_pel_timestamp_change, "ml_secs_since_reset", "Milliseconds Since Reset", ml_secs_since_reset, CLI_DEC),
	{ 0 },
};

/* 8 bytes of firmware revision, then the controllers, of which the first is shown. */
#define RESET(key, label, member) \
	{ key, "  " label, 8 + offsetof(struct nvme_pel_reset_info, member), sizeof(((struct nvme_pel_reset_info *)NULL)->member), CLI_DEC, false, NULL }

static const struct cli_field power_on_reset[] = {
	{ "fw_rev", "  Firmware Revision", 0, 8, CLI_REVISION, false, NULL },
	RESET("ctrl_id", "Controller", cid),
	RESET("fw_act", "Firmware Activation", fw_act),
	RESET("op_in_prog", "Operation in Progress", op_in_prog),
	RESET("ctrl_power_cycle", "Power Cycle", ctrl_power_cycle),
	RESET("power_on_ml_secs", "Power On Milliseconds", power_on_ml_seconds),
	RESET("ctrl_time_stamp", "Timestamp", ctrl_time_stamp),
	{ 0 },
};

static const struct cli_field hw_error[] = {
	ROW(nvme_pel_hw_error, "nss_hw_err_code", "Error Code", nss_hw_err_event_code, CLI_DEC),
	{ 0 },
};

static const struct cli_field change_ns[] = {
	ROW(nvme_pel_change_ns, "nsmgt_cdw10", "CDW10", nsmgt_cdw10, CLI_HEX),
	ROW(nvme_pel_change_ns, "nsze", "NSZE", nsze, CLI_DEC),
	ROW(nvme_pel_change_ns, "nscap", "NCAP", nscap, CLI_DEC),
	ROW(nvme_pel_change_ns, "flbas", "FLBAS", flbas, CLI_HEX),
	ROW(nvme_pel_change_ns, "dps", "DPS", dps, CLI_HEX),
	ROW(nvme_pel_change_ns, "nmic", "NMIC", nmic, CLI_HEX),
	ROW(nvme_pel_change_ns, "ana_grp_id", "ANAGRPID", ana_grp_id, CLI_DEC),
	ROW(nvme_pel_change_ns, "nvmset_id", "NVMSETID", nvmset_id, CLI_DEC),
	ROW(nvme_pel_change_ns, "nsid", "NSID", nsid, CLI_DEC),
	{ 0 },
};

static const struct cli_field format_start[] = {
	ROW(nvme_pel_format_start, "nsid", "NSID", nsid, CLI_DEC),
	ROW(nvme_pel_format_start, "fna", "FNA", fna, CLI_HEX),
	ROW(nvme_pel_format_start, "format_nvm_cdw10", "CDW10", format_nvm_cdw10, CLI_HEX),
	{ 0 },
};

static const struct cli_field format_completion[] = {
	ROW(nvme_pel_format_completion, "nsid", "NSID", nsid, CLI_DEC),
	ROW(nvme_pel_format_completion, "smallest_fpi", "Smallest FPI", smallest_fpi, CLI_DEC),
	ROW(nvme_pel_format_completion, "format_nvm_status", "Format Status", format_nvm_status, CLI_HEX),
	ROW(nvme_pel_format_completion, "compln_info", "Completion Information", compln_info, CLI_HEX),
	ROW(nvme_pel_format_completion, "status_field", "Status Field", status_field, CLI_HEX),
	{ 0 },
};

static const struct cli_field sanitize_start[] = {
	ROW(nvme_pel_sanitize_start, "SANICAP", "SANICAP", sani_cap, CLI_HEX),
	ROW(nvme_pel_sanitize_start, "sani_cdw10", "CDW10", sani_cdw10, CLI_HEX),
	ROW(nvme_pel_sanitize_start, "sani_cdw11", "CDW11", sani_cdw11, CLI_HEX),
	{ 0 },
};

static const struct cli_field sanitize_completion[] = {
	ROW(nvme_pel_sanitize_completion, "sani_prog", "Progress", sani_prog, CLI_DEC),
	ROW(nvme_pel_sanitize_completion, "sani_status", "Status", sani_status, CLI_HEX),
	ROW(nvme_pel_sanitize_completion, "cmpln_info", "Completion Information", cmpln_info, CLI_HEX),
	{ 0 },
};

/* The dwords of the command begin with dword 10, whose low byte is the feature. */
static const struct cli_field set_feature[] = {
	{ "feature", "  Feature", 4, 1, CLI_HEX, false, NULL },
	{ "value", "  CDW11", 8, 4, CLI_HEX, false, NULL },
	{ 0 },
};

static const struct cli_field telemetry[] = {
	{ "create", "  Telemetry Header", 0, 32, CLI_BYTES, false, NULL },
	{ 0 },
};

static const struct cli_field thermal_excursion[] = {
	ROW(nvme_pel_thermal_excursion, "over_temp", "Over Temperature", over_temp, CLI_DEC),
	ROW(nvme_pel_thermal_excursion, "threshold", "Threshold", threshold, CLI_DEC),
	{ 0 },
};

static const struct {
	uint8_t type;
	uint16_t bytes;
	const struct cli_field *fields;
} events[] = {
	{ NVME_PEL_EVENT_SMART_SNAPSHOT,      sizeof(struct nvme_smart_log), cli_smart_fields },
	{ NVME_PEL_EVENT_FW_COMMIT,           sizeof(struct nvme_pel_fw_commit), fw_commit },
	{ NVME_PEL_EVENT_TIMESTAMP_CHANGE,    sizeof(struct nvme_pel_timestamp_change), timestamp_change },
	{ NVME_PEL_EVENT_POWER_ON_RESET,      8 + sizeof(struct nvme_pel_reset_info), power_on_reset },
	{ NVME_PEL_EVENT_HW_ERROR,            sizeof(struct nvme_pel_hw_error), hw_error },
	{ NVME_PEL_EVENT_CHANGE_NS,           sizeof(struct nvme_pel_change_ns), change_ns },
	{ NVME_PEL_EVENT_FORMAT_START,        sizeof(struct nvme_pel_format_start), format_start },
	{ NVME_PEL_EVENT_FORMAT_COMPLETION,   sizeof(struct nvme_pel_format_completion), format_completion },
	{ NVME_PEL_EVENT_SANITIZE_START,      sizeof(struct nvme_pel_sanitize_start), sanitize_start },
	{ NVME_PEL_EVENT_SANITIZE_COMPLETION, sizeof(struct nvme_pel_sanitize_completion), sanitize_completion },
	{ NVME_PEL_EVENT_SET_FEATURE,         12, set_feature },
	{ NVME_PEL_EVENT_TELEMETRY_CREATED,   32, telemetry },
	{ NVME_PEL_EVENT_THERMAL_EXCURSION,   sizeof(struct nvme_pel_thermal_excursion), thermal_excursion },
};
/* clang-format on */

const struct cli_field *cli_pel_data_fields(uint8_t type, size_t *ret_bytes)
{
	for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
		if (events[i].type == type) {
			*ret_bytes = events[i].bytes;
			return events[i].fields;
		}
	}
	return NULL;
}
