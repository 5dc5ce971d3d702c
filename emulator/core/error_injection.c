/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Errors that a host asks for in-band: the Error Injection feature, C0h, of the OCP Datacenter NVMe
 * SSD Specification 2.0 (unverified: numbers and layout are those that host software uses).
 *
 * An entry of the feature becomes a rule of the same engine that scenarios use. Which one is a row
 * of the table, in the language of rules (common/fault.h). Rules and entries have the same index.
 */
#include "emulator/core/feature.h"

#define CDW14 offsetof(struct nvme_sqe, cdw14)
#define PRP1  offsetof(struct nvme_sqe, prp1)

#define READS  "op == read"
#define IO     "q != 0"
#define ADMIN  "q == 0 && op != set-feature && op != async-event-request"
#define BROKEN "status 0/06 dnr" /* Internal Error */

/*
 * A panic is CSTS.CFS, behind the read that was the last to be let pass; the host has to reset the
 * controller. Beside it is what a host can see of the cause. A host whose admin commands fail can
 * still end that.
 */
static const struct error_kind {
	uint16_t type;
	const char *name;
	const char *at;
	const char *when;
	const char *does;
} kinds[] = {
	/* clang-format off */
	{ NVME_OCP_ERROR_CPU_HANG,        "ocp.cpu-hang",            "cmd.execute",   READS, "hang; fatal" },
	{ NVME_OCP_ERROR_NAND_HANG,       "ocp.nand-hang",           "media.read",    READS, "hang; fatal" },
	{ NVME_OCP_ERROR_PLP_DEFECT,      "ocp.plp-defect",          "cqe.post",      READS, "warn backup; fatal" },
	{ NVME_OCP_ERROR_FIRMWARE,        "ocp.firmware-error",      "cqe.post",      READS, "status = 0/06; fatal" },
	{ NVME_OCP_ERROR_DRAM_CRITICAL,   "ocp.dram-critical",       "cqe.post",      READS, "status = 0/06; fatal" },
	{ NVME_OCP_ERROR_DRAM_OTHER,      "ocp.dram-non-critical",   "cqe.post",      READS, "fatal" },
	{ NVME_OCP_ERROR_NAND_CORRUPTION, "ocp.nand-corruption",     "cqe.post",      READS, "status = 2/81; fatal" },
	{ NVME_OCP_ERROR_SRAM_CORRUPTION, "ocp.sram-corruption",     "cqe.post",      READS, "status = 0/06; fatal" },
	{ NVME_OCP_ERROR_HARDWARE,        "ocp.hardware",            "cqe.post",      READS, "warn reliability; fatal" },
	{ NVME_OCP_ERROR_NO_SPARES,       "ocp.no-spares",           "cqe.post",      READS, "warn spare; warn read-only; fatal" },
	{ NVME_OCP_ERROR_SHUTDOWN,        "ocp.incomplete-shutdown", "ctrl.shutdown", NULL,  "hang" },
	{ NVME_OCP_ERROR_IO_FAILURE,      "ocp.io-failure",          "cmd.execute",   IO,    BROKEN },
	{ NVME_OCP_ERROR_IO_TIMEOUT,      "ocp.io-timeout",          "cmd.execute",   IO,    "hang" },
	{ NVME_OCP_ERROR_ADMIN_FAILURE,   "ocp.admin-failure",       "cmd.execute",   ADMIN, BROKEN },
	{ NVME_OCP_ERROR_ADMIN_TIMEOUT,   "ocp.admin-timeout",       "cmd.execute",   ADMIN, "hang" },
	/* clang-format on */
};

bool emu_has_errors(const struct emu *emu)
{
	return emu->config.error_injection;
}

/** emu_has_ocp_uuid - whether the UUID list has an entry that selects the feature */
bool emu_has_ocp_uuid(const struct emu *emu)
{
	return emu->config.error_injection && emu->config.uuid_list;
}

/** emu_forget_errors - a reset: the feature has its default again, nothing is injected */
void emu_forget_errors(struct emu *emu, const struct emu_ctrl *ctrl)
{
	if (!emu->config.error_injection)
		return;
	emu->faults->ctrl[ctrl->index].injected.count = 0;
	emu_fault_rearm(emu);
}

/* There is one value; CDW14 can say by a UUID that it is OCP's (Base 2.0 8.25, unverified). */
nvme_status emu_select_errors(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      struct emu_setting *setting)
{
	uint32_t index = NVME_GET(nvme_cpu32(req->sqe.cdw14), NVME_SET_FEATURES_UIDX);

	(void)ctrl;
	(void)setting;
	if (emu->config.uuid_list && index != 0 && index != EMU_OCP_UUID)
		return emu_bad_field(req, CDW14, 0);
	return NVME_SC_SUCCESS;
}

/*
 * Get Features fills 4 KiB. Set Features takes as many entries as CDW11 says: those behind them are
 * of no meaning, and stock tools send no more.
 */
uint32_t emu_errors_length(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint32_t count = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_OCP_ERRORS_NUM);

	(void)emu;
	(void)ctrl;
	return emu_feature_is_set(req) ? count * (uint32_t)sizeof(struct nvme_ocp_error)
				       : EMU_ERRORS_BYTES;
}

static const struct error_kind *find_kind(const struct nvme_ocp_error *entry)
{
	for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].type == nvme_cpu16(entry->type))
			return &kinds[i];
	}
	return NULL;
}

/* Zeros follow the entries that came: they are not enabled. */
nvme_status emu_check_errors(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting, uint8_t *data)
{
	const struct nvme_ocp_error *entry = (const void *)data;

	(void)emu;
	(void)ctrl;
	(void)setting;
	for (uint32_t i = 0; i < NVME_OCP_ERRORS_MAX; i++) {
		if (NVME_GET(entry[i].flags, NVME_OCP_ERROR_ENABLE) && !find_kind(&entry[i]))
			return emu_bad_field(req, PRP1, 0);
	}
	return NVME_SC_SUCCESS;
}

static void set_key(struct emu *emu, struct nvme_fault_rule *rule, const char *key,
		    const char *value)
{
	char buffer[200];
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	if (value && !nvme_fault_set_key(rule, nvme_slice(key), nvme_slice(value), &error))
		emu_panic(emu, "a row of the errors that can be injected is no rule");
}

/* After so many reads it happens, at once with none; 'after' is how many it lets pass. */
static void make_rule(struct emu *emu, const struct nvme_ocp_error *entry,
		      struct nvme_fault_rule *rule)
{
	const struct error_kind *kind = find_kind(entry);
	uint32_t reads = nvme_cpu16(entry->nrtdp);

	memset(rule, 0, sizeof(*rule));
	rule->disarmed = !NVME_GET(entry->flags, NVME_OCP_ERROR_ENABLE);
	if (rule->disarmed)
		return;
	memcpy(rule->name, kind->name, nvme_slice(kind->name).bytes);
	set_key(emu, rule, "at", kind->at);
	set_key(emu, rule, "when", kind->when);
	set_key(emu, rule, "do", kind->does);
	rule->after = kind->when && reads ? reads - 1 : 0;
	rule->times = NVME_GET(entry->flags, NVME_OCP_ERROR_SINGLE);
}

/* The list that was stored replaces whatever was injected before. */
emu_verdict emu_apply_errors(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting)
{
	const struct nvme_ocp_error *entry = (const void *)ctrl->features.errors;
	struct emu_ctrl_fault *fault = &emu->faults->ctrl[ctrl->index];

	(void)req;
	for (uint32_t i = 0; i < setting->value; i++)
		make_rule(emu, &entry[i], &fault->rule[i]);
	fault->injected.count = setting->value;
	nvme_fault_reset(&fault->injected);
	emu_fault_rearm(emu);
	return NVME_SC_SUCCESS;
}

/* Enabled, and not over: a single instance is, once it has happened. */
static bool is_outstanding(const struct nvme_fault_rule *rule, const struct nvme_fault_state *state)
{
	return state->armed && (rule->times == 0 || state->fired < rule->times);
}

/* What is outstanding, and how many reads are still to come. */
nvme_status emu_get_errors(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	const struct nvme_ocp_error *from = (const void *)ctrl->features.errors;
	const struct nvme_fault_set *set = &emu->faults->ctrl[ctrl->index].injected;
	struct nvme_ocp_error *to = (void *)data;

	(void)setting;
	req->dw0 = 0;
	for (uint32_t i = 0; sel == NVME_FEATURE_SEL_CURRENT && i < set->count; i++) {
		uint64_t seen = set->state[i].matches;

		if (!is_outstanding(&set->rule[i], &set->state[i]))
			continue;
		if (to) {
			uint32_t reads = nvme_cpu16(from[i].nrtdp);

			to[req->dw0] = from[i];
			to[req->dw0].nrtdp = nvme_le16((uint16_t)(reads > seen ? reads - seen : 0));
		}
		req->dw0++;
	}
	return NVME_SC_SUCCESS;
}
