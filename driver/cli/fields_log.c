/* SPDX-License-Identifier: BSD-3-Clause */
/* Log pages (Base 2.0 5.16.1, unverified): a row a field. */
#include <stddef.h>

#include "common/nvme_spec.h"
#include "driver/cli/fields.h"

#define BITS(field, ...)           \
	{                          \
		field, __VA_ARGS__ \
	}

static const char *const warning[] = { "no", "yes", NULL };

static const struct cli_bits critical[] = {
	BITS(NVME_SMART_WARNING_PMR, "Persistent memory region unreliable", warning),
	BITS(NVME_SMART_WARNING_BACKUP, "Volatile memory backup failed", warning),
	BITS(NVME_SMART_WARNING_READ_ONLY, "Media are read only", warning),
	BITS(NVME_SMART_WARNING_RELIABILITY, "Reliability degraded", warning),
	BITS(NVME_SMART_WARNING_TEMPERATURE, "Temperature beyond a threshold", warning),
	BITS(NVME_SMART_WARNING_SPARE, "Spare below the threshold", warning),
	{ 0 },
};

/* clang-format off */

#define ROW(key, label, member, kind) { key, label, CLI_AT(struct nvme_smart_log, member), kind, false, NULL }
#define SENSOR(n) { "temperature_sensor_" #n, "Temperature Sensor " #n, \
	offsetof(struct nvme_smart_log, temperature_sensor) + sizeof(nvme_u16le) * (n - 1), 2, CLI_KELVIN, true, NULL }

const struct cli_field cli_smart_fields[] = {
	{ "critical_warning", NULL, CLI_AT(struct nvme_smart_log, critical_warning), CLI_HEX, false, critical },
	ROW("temperature", NULL, temperature, CLI_KELVIN),
	ROW("avail_spare", "available_spare", available_spare, CLI_PERCENT),
	ROW("spare_thresh", "available_spare_threshold", available_spare_threshold, CLI_PERCENT),
	ROW("percent_used", "percentage_used", percentage_used, CLI_PERCENT),
	ROW("endurance_grp_critical_warning_summary", "endurance group critical warning summary", endurance_group_warning, CLI_HEX),
	ROW("data_units_read", "Data Units Read", data_units_read, CLI_DATA_UNITS),
	ROW("data_units_written", "Data Units Written", data_units_written, CLI_DATA_UNITS),
	ROW("host_read_commands", NULL, host_read_commands, CLI_DEC),
	ROW("host_write_commands", NULL, host_write_commands, CLI_DEC),
	ROW("controller_busy_time", NULL, controller_busy_time, CLI_DEC),
	ROW("power_cycles", NULL, power_cycles, CLI_DEC),
	ROW("power_on_hours", NULL, power_on_hours, CLI_DEC),
	ROW("unsafe_shutdowns", NULL, unsafe_shutdowns, CLI_DEC),
	ROW("media_errors", NULL, media_errors, CLI_DEC),
	ROW("num_err_log_entries", NULL, error_log_entries, CLI_DEC),
	ROW("warning_temp_time", "Warning Temperature Time", warning_temperature_time, CLI_DEC),
	ROW("critical_comp_time", "Critical Composite Temperature Time", critical_temperature_time, CLI_DEC),
	SENSOR(1),
	SENSOR(2),
	SENSOR(3),
	SENSOR(4),
	SENSOR(5),
	SENSOR(6),
	SENSOR(7),
	SENSOR(8),
	ROW("thm_temp1_trans_count", "Thermal Management T1 Trans Count", tmt1_transitions, CLI_DEC),
	ROW("thm_temp2_trans_count", "Thermal Management T2 Trans Count", tmt2_transitions, CLI_DEC),
	ROW("thm_temp1_total_time", "Thermal Management T1 Total Time", tmt1_time, CLI_DEC),
	ROW("thm_temp2_total_time", "Thermal Management T2 Total Time", tmt2_time, CLI_DEC),
	{ 0 },
};

#undef ROW
#define ROW(key, label, member, kind) { key, label, CLI_AT(struct nvme_error_log_entry, member), kind, false, NULL }

const struct cli_field cli_error_fields[] = {
	ROW("error_count", NULL, error_count, CLI_DEC),
	ROW("sqid", NULL, sqid, CLI_DEC),
	ROW("cmdid", NULL, cid, CLI_HEX),
	{ 0 },
};

const struct cli_field cli_error_more_fields[] = {
	ROW("parm_error_location", "parm_err_loc", location, CLI_HEX),
	ROW("lba", NULL, lba, CLI_HEX),
	ROW("nsid", NULL, nsid, CLI_HEX),
	ROW("vs", NULL, vendor_log, CLI_DEC),
	ROW("trtype", NULL, trtype, CLI_DEC),
	ROW("csi", NULL, csi, CLI_DEC),
	ROW("opcode", NULL, opcode, CLI_HEX),
	ROW("cs", NULL, command_specific, CLI_HEX),
	ROW("trtype_spec_info", NULL, transport_specific, CLI_HEX),
	ROW("log_page_version", NULL, version, CLI_DEC),
	{ 0 },
};

#undef ROW
#define ROW(key, member, kind) { key, NULL, CLI_AT(struct nvme_eg_log, member), kind, false, NULL }

const struct cli_field cli_eg_fields[] = {
	ROW("critical_warning", critical_warning, CLI_HEX),
	ROW("endurance_group_features", egfeat, CLI_HEX),
	ROW("avl_spare", available_spare, CLI_PERCENT),
	ROW("avl_spare_threshold", available_spare_threshold, CLI_PERCENT),
	ROW("percent_used", percentage_used, CLI_PERCENT),
	ROW("domain_identifier", domainid, CLI_DEC),
	ROW("endurance_estimate", endurance_estimate, CLI_DEC),
	ROW("data_units_read", data_units_read, CLI_DEC),
	ROW("data_units_written", data_units_written, CLI_DEC),
	ROW("media_units_written", media_units_written, CLI_DEC),
	ROW("host_read_cmds", host_read_commands, CLI_DEC),
	ROW("host_write_cmds", host_write_commands, CLI_DEC),
	ROW("media_data_integrity_err", media_errors, CLI_DEC),
	ROW("num_err_info_log_entries", error_log_entries, CLI_DEC),
	ROW("total_end_grp_cap", total_capacity, CLI_DEC),
	ROW("unalloc_end_grp_cap", unallocated_capacity, CLI_DEC),
	{ 0 },
};

#undef ROW
#define ROW(key, label) { #key, label, CLI_AT(struct nvme_lba_status_log, key), CLI_DEC, false, NULL }

const struct cli_field cli_lba_status_fields[] = {
	ROW(lslplen, "LBA Status Log Page Length"),
	ROW(nlslne, "Namespace Elements"),
	ROW(estulb, "Estimate of Unrecoverable Blocks"),
	ROW(lsgc, "Generation Counter"),
	{ 0 },
};

static const char *const notifications[] = { "empty log page", "registration preempted", "reservation released",
					     "reservation preempted", NULL };

static const struct cli_bits notification[] = {
	{ 7, 0, "Notification", notifications },
	{ 0 },
};

#undef ROW
#define ROW(key, label, member, bits) { key, label, CLI_AT(struct nvme_resv_log, member), CLI_DEC, false, bits }

const struct cli_field cli_resv_log_fields[] = {
	ROW("count", "Log Page Count", lpc, NULL),
	ROW("rn_log_type", "Notification Type", rnlpt, notification),
	ROW("num_logs", "Available Log Pages", nalp, NULL),
	ROW("NSID", "Namespace ID", nsid, NULL),
	{ 0 },
};
/* clang-format on */
