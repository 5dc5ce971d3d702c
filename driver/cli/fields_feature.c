/* SPDX-License-Identifier: BSD-3-Clause */
/* Features (Base 2.0 5.27.1, unverified): parts of their values. Names are nvme-cli's JSON keys. */
#include <stddef.h>

#include "common/nvme_spec.h"
#include "driver/cli/fields.h"

#define PART(field, ...)           \
	{                          \
		field, __VA_ARGS__ \
	}

static const char *const workloads[] = { "No Workload",
					 "Extended Idle Period with a Burst of Random Writes",
					 "Heavy Sequential Writes", NULL };
static const char *const thresholds[] = { "Over Temperature Threshold",
					  "Under Temperature Threshold", NULL };
static const char *const sensors[] = { "Composite Temperature", "Temperature Sensor 1",
				       "Temperature Sensor 2",	"Temperature Sensor 3",
				       "Temperature Sensor 4",	"Temperature Sensor 5",
				       "Temperature Sensor 6",	"Temperature Sensor 7",
				       "Temperature Sensor 8",	NULL };
static const char *const protection[] = { "No Write Protect", "Write Protect",
					  "Write Protect Until Power Cycle",
					  "Permanent Write Protect", NULL };

static const struct cli_part arbitration[] = {
	PART(NVME_FEAT_ARB_HPW, CLI_PART_ONE_MORE, "High Priority Weight (HPW)", NULL),
	PART(NVME_FEAT_ARB_MPW, CLI_PART_ONE_MORE, "Medium Priority Weight (MPW)", NULL),
	PART(NVME_FEAT_ARB_LPW, CLI_PART_ONE_MORE, "Low Priority Weight (LPW)", NULL),
	PART(NVME_FEAT_ARB_AB, CLI_PART_POWER, "Arbitration Burst (AB)", NULL),
	{ 0 },
};

static const struct cli_part power[] = {
	PART(NVME_FEAT_POWER_WH, CLI_PART_NUMBER, "Workload Hint (WH)", NULL),
	PART(NVME_FEAT_POWER_WH, CLI_PART_TEXT, "WH description", workloads),
	PART(NVME_FEAT_POWER_PS, CLI_PART_NUMBER, "Power State (PS)", NULL),
	{ 0 },
};

static const struct cli_part lba_range[] = {
	PART(NVME_FEAT_LBA_RANGE_NUM, CLI_PART_ONE_MORE, "Number of LBA Ranges (NUM)", NULL),
	{ 0 },
};

static const struct cli_part temperature[] = {
	PART(NVME_FEAT_TEMP_TMPTHH, CLI_PART_KELVIN, "Temperature Threshold Hysteresis (TMPTHH)",
	     NULL),
	PART(NVME_FEAT_TEMP_TMPTHH, CLI_PART_KELVIN, "TMPTHH kelvin", NULL),
	PART(NVME_FEAT_TEMP_THSEL, CLI_PART_NUMBER, "Threshold Type Select (THSEL)", NULL),
	PART(NVME_FEAT_TEMP_THSEL, CLI_PART_TEXT, "THSEL description", thresholds),
	PART(NVME_FEAT_TEMP_TMPSEL, CLI_PART_NUMBER, "Threshold Temperature Select (TMPSEL)", NULL),
	PART(NVME_FEAT_TEMP_TMPSEL, CLI_PART_TEXT, "TMPSEL description", sensors),
	PART(NVME_FEAT_TEMP_TMPTH, CLI_PART_CELSIUS, "Temperature Threshold (TMPTH)", NULL),
	PART(NVME_FEAT_TEMP_TMPTH, CLI_PART_KELVIN, "TMPTH kelvin", NULL),
	{ 0 },
};

static const struct cli_part error_recovery[] = {
	PART(NVME_FEAT_ERR_DULBE, CLI_PART_ENABLED,
	     "Deallocated or Unwritten Logical Block Error Enable (DULBE)", NULL),
	PART(NVME_FEAT_ERR_TLER, CLI_PART_100_MSEC, "Time Limited Error Recovery (TLER)", NULL),
	{ 0 },
};

static const struct cli_part write_cache[] = {
	PART(NVME_FEAT_VWC_WCE, CLI_PART_ENABLED, "Volatile Write Cache Enable (WCE)", NULL),
	{ 0 },
};

static const struct cli_part num_queues[] = {
	PART(NVME_FEAT_NUM_QUEUES_NCQA, CLI_PART_ONE_MORE,
	     "Number of IO Completion Queues Allocated (NCQA)", NULL),
	PART(NVME_FEAT_NUM_QUEUES_NSQA, CLI_PART_ONE_MORE,
	     "Number of IO Submission Queues Allocated (NSQA)", NULL),
	{ 0 },
};

static const struct cli_part coalescing[] = {
	PART(NVME_FEAT_IRQ_COALESCING_TIME, CLI_PART_100_USEC, "Aggregation Time (TIME)", NULL),
	PART(NVME_FEAT_IRQ_COALESCING_THR, CLI_PART_ONE_MORE, "Aggregation Threshold (THR)", NULL),
	{ 0 },
};

static const struct cli_part vector[] = {
	PART(NVME_FEAT_IRQ_CONFIG_CD, CLI_PART_TRUE, "Coalescing Disable (CD)", NULL),
	PART(NVME_FEAT_IRQ_CONFIG_IV, CLI_PART_NUMBER, "Interrupt Vector (IV)", NULL),
	{ 0 },
};

static const struct cli_part atomicity[] = {
	PART(NVME_FEAT_WRITE_ATOMICITY_DN, CLI_PART_TRUE, "Disable Normal (DN)", NULL),
	{ 0 },
};

static const struct cli_part async_event[] = {
	PART(NVME_FEAT_AER_DISCOVERY, CLI_PART_SEND, "Discovery Log Page Change Notices", NULL),
	{ 30, 30, CLI_PART_SEND, "Host Discovery Log Page Change Notification", NULL },
	{ 29, 29, CLI_PART_SEND, "AVE Discovery Log Page Change Notification", NULL },
	{ 28, 28, CLI_PART_SEND, "Pull Model DDC Request Log Page Change Notification", NULL },
	PART(NVME_FEAT_AER_ZONE_DESCRIPTOR, CLI_PART_SEND, "Zone Descriptor Changed Notices", NULL),
	PART(NVME_FEAT_AER_REACHABILITY_GROUP, CLI_PART_SEND, "Reachability Group", NULL),
	PART(NVME_FEAT_AER_REACHABILITY_ASSOCIATION, CLI_PART_SEND, "Reachability Association",
	     NULL),
	PART(NVME_FEAT_AER_SUBSYSTEM_SHUTDOWN, CLI_PART_SEND, "Normal NVM Subsystem Shutdown",
	     NULL),
	PART(NVME_FEAT_AER_EG_AGGREGATE, CLI_PART_SEND,
	     "Endurance Group Event Aggregate Log Change Notices", NULL),
	PART(NVME_FEAT_AER_LBA_STATUS, CLI_PART_SEND, "LBA Status Information Notices", NULL),
	PART(NVME_FEAT_AER_PLM_AGGREGATE, CLI_PART_SEND,
	     "Predictable Latency Event Aggregate Log Change Notices", NULL),
	PART(NVME_FEAT_AER_ANA, CLI_PART_SEND, "Asymmetric Namespace Access Change Notices", NULL),
	PART(NVME_FEAT_AER_TELEMETRY, CLI_PART_SEND, "Telemetry Log Notices", NULL),
	PART(NVME_FEAT_AER_FW_ACTIVATION, CLI_PART_SEND, "Firmware Activation Notices", NULL),
	PART(NVME_FEAT_AER_NS_ATTRIBUTE, CLI_PART_SEND, "Namespace Attribute Notices", NULL),
	PART(NVME_FEAT_AER_SMART, CLI_PART_SEND, "SMART / Health Critical Warnings", NULL),
	{ 0 },
};

static const struct cli_part apst[] = {
	PART(NVME_FEAT_APST_APSTE, CLI_PART_ENABLED,
	     "Autonomous Power State Transition Enable (APSTE)", NULL),
	{ 0 },
};

static const struct cli_part memory_buffer[] = {
	PART(NVME_FEAT_HMB_EHM, CLI_PART_ENABLED, "Enable Host Memory (EHM)", NULL),
	{ 0 },
};

static const struct cli_part keep_alive[] = {
	{ 31, 0, CLI_PART_NUMBER, "Keep Alive Timeout (KATO) in milliseconds", NULL },
	{ 0 },
};

static const struct cli_part thermal[] = {
	PART(NVME_FEAT_HCTM_TMT1, CLI_PART_KELVIN, "Thermal Management Temperature 1 (TMT1)", NULL),
	PART(NVME_FEAT_HCTM_TMT1, CLI_PART_CELSIUS, "TMT1 celsius", NULL),
	PART(NVME_FEAT_HCTM_TMT2, CLI_PART_KELVIN, "Thermal Management Temperature 2", NULL),
	PART(NVME_FEAT_HCTM_TMT2, CLI_PART_CELSIUS, "TMT2 celsius", NULL),
	{ 0 },
};

static const struct cli_part non_operational[] = {
	PART(NVME_FEAT_NOPSC_NOPPME, CLI_PART_TRUE,
	     "Non-Operational Power State Permissive Mode Enable (NOPPME)", NULL),
	{ 0 },
};

static const struct cli_part progress[] = {
	PART(NVME_FEAT_SW_PROGRESS_PBSLC, CLI_PART_NUMBER, "Pre-boot Software Load Count (PBSLC)",
	     NULL),
	{ 0 },
};

static const struct cli_part write_protection[] = {
	PART(NVME_FEAT_NS_WP_WPS, CLI_PART_TEXT, "Namespace Write Protect", protection),
	{ 0 },
};

static const struct cli_part recovery_level[] = {
	PART(NVME_FEAT_RRL_RRL, CLI_PART_NUMBER, "Read Recovery Level (RRL)", NULL),
	{ 0 },
};

static const struct cli_part lba_status[] = {
	PART(NVME_FEAT_LBA_STATUS_LSIPI, CLI_PART_NUMBER,
	     "LBA Status Information Poll Interval (LSIPI)", NULL),
	PART(NVME_FEAT_LBA_STATUS_LSIRI, CLI_PART_NUMBER,
	     "LBA Status Information Report Interval (LSIRI)", NULL),
	{ 0 },
};

static const struct cli_part sanitize[] = {
	PART(NVME_FEAT_SANITIZE_NODRM, CLI_PART_NUMBER, "No-Deallocate Response Mode (NODRM)",
	     NULL),
	{ 0 },
};

static const struct cli_part endurance_group[] = {
	PART(NVME_FEAT_EG_EVENT_ENDGID, CLI_PART_NUMBER, "Endurance Group Identifier (ENDGID)",
	     NULL),
	PART(NVME_FEAT_EG_EVENT_EGCW, CLI_PART_NUMBER, "Endurance Group Critical Warnings", NULL),
	{ 0 },
};

static const struct cli_part iocs_profile[] = {
	PART(NVME_FEAT_IOCS_PROFILE_IOCSCI, CLI_PART_NUMBER, "I/O Command Set Profile", NULL),
	{ 0 },
};

static const char *const loss_modes[] = { "not enabled", "enabled with Emergency Power Fail",
					  "enabled with Forced Quiescence", NULL };

static const struct cli_part power_loss[] = {
	PART(NVME_FEAT_PLS_MODE, CLI_PART_TEXT, "Power Loss Signaling Mode (PLSM)", loss_modes),
	{ 0 },
};

static const struct cli_part data_queue[] = {
	PART(NVME_FEAT_CDQ_ETPT, CLI_PART_ENABLED, "Enable Tail Pointer Trigger (ETPT)", NULL),
	{ 0 },
};

static const struct cli_part spinup[] = {
	PART(NVME_FEAT_SPINUP_ENABLE, CLI_PART_TRUE, "Spinup control feature Enabled", NULL),
	{ 0 },
};

static const struct cli_part resv_mask[] = {
	PART(NVME_FEAT_RESV_MASK_RESPRE, CLI_PART_TRUE,
	     "Mask Reservation Preempted Notification (RESPRE)", NULL),
	PART(NVME_FEAT_RESV_MASK_RESREL, CLI_PART_TRUE,
	     "Mask Reservation Released Notification (RESREL)", NULL),
	PART(NVME_FEAT_RESV_MASK_REGPRE, CLI_PART_TRUE,
	     "Mask Registration Preempted Notification (REGPRE)", NULL),
	{ 0 },
};

static const struct cli_part resv_persistence[] = {
	PART(NVME_FEAT_RESV_PERSISTENCE_PTPL, CLI_PART_TRUE, "Persist Through Power Loss (PTPL)",
	     NULL),
	{ 0 },
};

static const struct cli_feature features[] = {
	/* clang-format off */
	{ NVME_FID_ARBITRATION,        0,    arbitration },
	{ NVME_FID_POWER_MGMT,         0,    power },
	{ NVME_FID_LBA_RANGE,          4096, lba_range },
	{ NVME_FID_TEMP_THRESHOLD,     0,    temperature },
	{ NVME_FID_ERROR_RECOVERY,     0,    error_recovery },
	{ NVME_FID_VOLATILE_WC,        0,    write_cache },
	{ NVME_FID_NUM_QUEUES,         0,    num_queues },
	{ NVME_FID_IRQ_COALESCING,     0,    coalescing },
	{ NVME_FID_IRQ_CONFIG,         0,    vector },
	{ NVME_FID_WRITE_ATOMICITY,    0,    atomicity },
	{ NVME_FID_ASYNC_EVENT_CONFIG, 0,    async_event },
	{ NVME_FID_APST,               sizeof(struct nvme_apst), apst },
	{ NVME_FID_HOST_MEM_BUF,       sizeof(struct nvme_hmb_attributes), memory_buffer },
	{ NVME_FID_TIMESTAMP,          sizeof(struct nvme_timestamp), NULL },
	{ NVME_FID_KEEP_ALIVE,         0,    keep_alive },
	{ NVME_FID_HCTM,               0,    thermal },
	{ NVME_FID_NOPSC,              0,    non_operational },
	{ NVME_FID_READ_RECOVERY_LEVEL, 0,   recovery_level },
	{ NVME_FID_LBA_STATUS_ATTRIBUTES, 0, lba_status },
	{ NVME_FID_SANITIZE_CONFIG,    0,    sanitize },
	{ NVME_FID_EG_EVENT_CONFIG,    0,    endurance_group },
	{ NVME_FID_IOCS_PROFILE,       0,    iocs_profile },
	{ NVME_FID_SPINUP_CONTROL,     0,    spinup },
	{ NVME_FID_POWER_LOSS_SIGNALING, 0,  power_loss },
	{ NVME_FID_CDQ,                sizeof(struct nvme_cdq_pointers), data_queue },
	{ NVME_FID_PERF_CHARACTERISTICS, sizeof(struct nvme_perf_vendor), NULL },
	{ NVME_FID_RESV_NOTIF_MASK,    0,    resv_mask },
	{ NVME_FID_RESV_PERSISTENCE,   0,    resv_persistence },
	{ NVME_FID_PLM_CONFIG,         sizeof(struct nvme_plm_config), NULL },
	{ NVME_FID_HOST_BEHAVIOR,      sizeof(struct nvme_host_behavior), NULL },
	{ NVME_FID_ENHANCED_CTRL_METADATA, sizeof(struct nvme_host_metadata), NULL },
	{ NVME_FID_CTRL_METADATA,      sizeof(struct nvme_host_metadata), NULL },
	{ NVME_FID_NS_METADATA,        sizeof(struct nvme_host_metadata), NULL },
	{ NVME_FID_SW_PROGRESS,        0,    progress },
	{ NVME_FID_HOST_ID,            8,    NULL },
	{ NVME_FID_NS_WRITE_PROTECT,   0,    write_protection },
	/* clang-format on */
};

const struct cli_feature *cli_find_feature(uint8_t fid)
{
	for (size_t i = 0; i < G_N_ELEMENTS(features); i++) {
		if (features[i].fid == fid)
			return &features[i];
	}
	return NULL;
}

static uint32_t take_part(const struct cli_part *part, uint32_t value)
{
	return (uint32_t)(value >> part->lo & NVME_FIELD_MAX(part->hi, part->lo));
}

bool cli_part_is_number(const struct cli_part *part, uint32_t value, uint64_t *ret_number)
{
	uint64_t number = take_part(part, value);

	if (part->kind != CLI_PART_NUMBER && part->kind != CLI_PART_ONE_MORE)
		return false;
	*ret_number = number + (part->kind == CLI_PART_ONE_MORE);
	return true;
}

static const char *pick_text(const char *const *texts, uint32_t index)
{
	for (uint32_t i = 0; texts[i]; i++) {
		if (i == index)
			return texts[i];
	}
	return "Reserved";
}

char *cli_part_text(const struct cli_part *part, uint32_t value)
{
	uint32_t number = take_part(part, value);
	uint64_t shown;

	if (cli_part_is_number(part, value, &shown))
		return g_strdup_printf("%" G_GUINT64_FORMAT, shown);
	switch (part->kind) {
	case CLI_PART_POWER:
		return number == 7 ? g_strdup("No limit")
				   : g_strdup_printf("%u", 1u << (number & 31));
	case CLI_PART_100_USEC:
		return g_strdup_printf("%u usec", number * 100);
	case CLI_PART_100_MSEC:
		return g_strdup_printf("%u ms", number * 100);
	case CLI_PART_ENABLED:
		return g_strdup(number ? "Enabled" : "Disabled");
	case CLI_PART_TRUE:
		return g_strdup(number ? "True" : "False");
	case CLI_PART_SEND:
		return g_strdup(number ? "Send async event" : "Do not send async event");
	case CLI_PART_CELSIUS:
		return g_strdup_printf("%d Celsius", (int)number - 273);
	case CLI_PART_KELVIN:
		return g_strdup_printf("%u K", number);
	default:
		return g_strdup(pick_text(part->texts, number));
	}
}
