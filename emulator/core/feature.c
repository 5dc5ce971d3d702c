/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Get Features and Set Features (Base 2.0 5.15 and 5.27, unverified): a row a feature.
 *
 * Each value exists three times: current, default and saved. A reset loads the saved one.
 */
#include "emulator/core/internal.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define NSID  offsetof(struct nvme_sqe, nsid)

#define CHANGEABLE NVME_MASK(NVME_FEATURE_CAP_CHANGEABLE)
#define SAVEABLE   NVME_MASK(NVME_FEATURE_CAP_SAVEABLE)
#define PER_NS	   NVME_MASK(NVME_FEATURE_CAP_NS_SPECIFIC)

#define SCOPE_NS   NVME_MASK(NVME_FID_EFFECTS_FSP_NS)
#define SCOPE_CTRL NVME_MASK(NVME_FID_EFFECTS_FSP_CTRL)

struct feature;

typedef nvme_status get_feature(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_feature_values *values);
typedef emu_verdict set_feature(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

/**
 * struct feature - a row
 * @caps: what Get Features with SEL = 3 answers
 * @value: offset in struct emu_feature_values, when @get and @set are NULL
 * @mask: bits of that value that can be set
 * @data_bytes: of the buffer of the command, besides the value
 */
struct feature {
	uint8_t fid;
	uint8_t caps;
	uint16_t value;
	uint32_t mask;
	uint32_t scope;
	uint32_t data_bytes;
	get_feature *get;
	set_feature *set;
};

static get_feature get_temperature, get_recovery, get_queues, get_vector, get_nothing;
static set_feature set_power, set_temperature, set_recovery, set_cache, set_queues, set_vector,
	set_keep_alive, set_nothing;

#define AT(member) offsetof(struct emu_feature_values, member)

static const struct feature features[] = {
	/* clang-format off */
	{ NVME_FID_ARBITRATION, CHANGEABLE | SAVEABLE, AT(arbitration), 0xffffff07, SCOPE_CTRL, 0, NULL, NULL },
	{ NVME_FID_POWER_MGMT, CHANGEABLE | SAVEABLE, AT(power), 0x000000ff, SCOPE_CTRL, 0, NULL, set_power },
	{ NVME_FID_TEMP_THRESHOLD, CHANGEABLE | SAVEABLE, 0, 0, SCOPE_CTRL, 0, get_temperature, set_temperature },
	{ NVME_FID_ERROR_RECOVERY, CHANGEABLE | PER_NS, 0, 0, SCOPE_NS, 0, get_recovery, set_recovery },
	{ NVME_FID_VOLATILE_WC, CHANGEABLE | SAVEABLE, AT(cache), 0x00000001, SCOPE_CTRL, 0, NULL, set_cache },
	{ NVME_FID_NUM_QUEUES, CHANGEABLE, 0, 0, SCOPE_CTRL, 0, get_queues, set_queues },
	{ NVME_FID_IRQ_COALESCING, CHANGEABLE | SAVEABLE, AT(coalescing), 0x0000ffff, SCOPE_CTRL, 0, NULL, NULL },
	{ NVME_FID_IRQ_CONFIG, CHANGEABLE, 0, 0, SCOPE_CTRL, 0, get_vector, set_vector },
	{ NVME_FID_WRITE_ATOMICITY, CHANGEABLE | SAVEABLE, AT(atomicity), 0x00000001, SCOPE_CTRL, 0, NULL, NULL },
	{ NVME_FID_ASYNC_EVENT_CONFIG, CHANGEABLE | SAVEABLE, AT(async_events), 0x000000ff, SCOPE_CTRL, 0, NULL, NULL },
	{ NVME_FID_KEEP_ALIVE, CHANGEABLE, AT(keep_alive), 0xffffffff, SCOPE_CTRL, 0, NULL, set_keep_alive },
	{ NVME_FID_HOST_BEHAVIOR, CHANGEABLE, 0, 0, SCOPE_CTRL, 512, get_nothing, set_nothing },
	/* clang-format on */
};

static const struct feature *find_feature(const struct emu *emu, uint32_t fid)
{
	if (fid == NVME_FID_VOLATILE_WC && !emu->config.vwc)
		return NULL;
	if (fid == NVME_FID_KEEP_ALIVE && emu->config.kas == 0)
		return NULL;
	if (fid == NVME_FID_HOST_BEHAVIOR && emu->config.vs < EMU_VS_1_4)
		return NULL;
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (features[i].fid == fid)
			return &features[i];
	}
	return NULL;
}

static uint8_t caps_of(const struct emu *emu, const struct feature *feature)
{
	return emu->config.save ? feature->caps : (uint8_t)(feature->caps & ~SAVEABLE);
}

/** emu_feature_effects - entry of the Feature Identifiers Supported and Effects log; 0: none */
uint32_t emu_feature_effects(const struct emu *emu, uint32_t fid)
{
	const struct feature *feature = find_feature(emu, fid);

	return feature ? NVME_MASK(NVME_FID_EFFECTS_FSUPP) | feature->scope : 0;
}

void emu_feature_defaults(const struct emu *emu, struct emu_feature_values *values)
{
	memset(values, 0, sizeof(*values));
	values->arbitration = emu->config.rab;
	values->temp_over = EMU_WCTEMP_KELVIN;
	values->cache = emu->config.vwc;
}

/* What a reset does to features: saved values, and nothing granted or exempt. */
void emu_reset_features(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->features = ctrl->saved;
	ctrl->sqs_granted = emu->config.queues;
	ctrl->cqs_granted = emu->config.queues;
	nvme_bitset_init(ctrl->irq_exempt, emu->layout.vectors);
	memset(ctrl->error_recovery, 0, (emu->config.nn + 1) * sizeof(*ctrl->error_recovery));
}

static uint32_t *value_of(const struct feature *feature, struct emu_feature_values *values)
{
	return (uint32_t *)(void *)((uint8_t *)values + feature->value);
}

/* Base 2.0 5.27.1.4: the composite temperature, over and under; no other sensor exists. */
static bool is_over(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_TEMP_THSEL) == 0;
}

static nvme_status check_temperature(struct emu_req *req, bool set)
{
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);
	uint32_t sensor = NVME_GET(cdw11, NVME_FEAT_TEMP_TMPSEL);

	if (sensor != 0 && !(set && sensor == NVME_FEAT_TEMP_TMPSEL_ALL))
		return emu_bad_field(req, CDW11 + 2, 0);
	if (NVME_GET(cdw11, NVME_FEAT_TEMP_THSEL) > 1)
		return emu_bad_field(req, CDW11 + 2, 4);
	return NVME_SC_SUCCESS;
}

static nvme_status get_temperature(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				   const struct emu_feature_values *values)
{
	(void)emu;
	(void)ctrl;
	req->dw0 = is_over(req) ? values->temp_over : values->temp_under;
	return check_temperature(req, false);
}

/** emu_temperature_warning - whether the composite temperature is beyond a threshold */
bool emu_temperature_warning(const struct emu_ctrl *ctrl)
{
	return EMU_TEMPERATURE_KELVIN >= ctrl->features.temp_over ||
	       EMU_TEMPERATURE_KELVIN <= ctrl->features.temp_under;
}

static emu_verdict set_temperature(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t kelvin = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_TEMP_TMPTH);
	nvme_status status = check_temperature(req, true);

	if (status)
		return status;
	if (is_over(req))
		ctrl->features.temp_over = kelvin;
	else
		ctrl->features.temp_under = kelvin;
	if (emu_temperature_warning(ctrl) && (ctrl->features.async_events & 2))
		emu_raise_event(emu, ctrl, NVME_AER_SMART_TEMPERATURE);
	return NVME_SC_SUCCESS;
}

/* Only power state 0 exists (ID.NPSS). */
static emu_verdict set_power(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);

	(void)emu;
	if (NVME_GET(cdw11, NVME_FEAT_POWER_PS) != 0)
		return emu_bad_field(req, CDW11, 0);
	ctrl->features.power = cdw11 & NVME_MASK(NVME_FEAT_POWER_WH);
	return NVME_SC_SUCCESS;
}

static nvme_status get_recovery(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_feature_values *values)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	if (!emu_ns_find(emu, nsid))
		return emu_bad(req, NVME_SC_INVALID_NS, NSID, 0);
	req->dw0 = values == &ctrl->features ? ctrl->error_recovery[nsid] : 0;
	return NVME_SC_SUCCESS;
}

/* Base 2.0 5.27.1.5. DULBE needs NSFEAT bit 2, which no namespace here has. */
static emu_verdict set_recovery(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);

	if (nsid != NVME_NSID_ALL && !emu_ns_find(emu, nsid))
		return emu_bad(req, NVME_SC_INVALID_NS, NSID, 0);
	if (NVME_GET(cdw11, NVME_FEAT_ERR_DULBE))
		return emu_bad_field(req, CDW11 + 2, 0);
	for (uint32_t i = emu_ns_next(emu, 0); i; i = emu_ns_next(emu, i)) {
		if (nsid == NVME_NSID_ALL || nsid == i)
			ctrl->error_recovery[i] = (uint16_t)NVME_GET(cdw11, NVME_FEAT_ERR_TLER);
	}
	return NVME_SC_SUCCESS;
}

/* Base 2.0 5.27.1.6: switching the cache off makes durable what is in it, hence the flush. */
static emu_verdict set_cache(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t old = ctrl->features.cache;

	(void)emu;
	ctrl->features.cache = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_VWC_WCE);
	return old && !ctrl->features.cache ? EMU_TRANSFER : NVME_SC_SUCCESS;
}

static nvme_status get_queues(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      const struct emu_feature_values *values)
{
	bool current = values == &ctrl->features;
	uint32_t sqs = current ? ctrl->sqs_granted : emu->config.queues;
	uint32_t cqs = current ? ctrl->cqs_granted : emu->config.queues;

	req->dw0 = NVME_PUT(NVME_FEAT_NUM_QUEUES_NSQA, sqs - 1) |
		   NVME_PUT(NVME_FEAT_NUM_QUEUES_NCQA, cqs - 1);
	return NVME_SC_SUCCESS;
}

static emu_verdict set_queues(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);
	uint32_t nsqr_z = NVME_GET(cdw11, NVME_FEAT_NUM_QUEUES_NSQR);
	uint32_t ncqr_z = NVME_GET(cdw11, NVME_FEAT_NUM_QUEUES_NCQR);

	if (nsqr_z == 0xffff)
		return emu_bad_field(req, CDW11, 0);
	if (ncqr_z == 0xffff)
		return emu_bad_field(req, CDW11 + 2, 0);
	if (ctrl->io_queues)
		return emu_bad(req, NVME_SC_COMMAND_SEQUENCE_ERROR, CDW10, 0);
	ctrl->sqs_granted = nsqr_z < emu->config.queues ? nsqr_z + 1 : emu->config.queues;
	ctrl->cqs_granted = ncqr_z < emu->config.queues ? ncqr_z + 1 : emu->config.queues;
	return get_queues(emu, ctrl, req, &ctrl->features);
}

static nvme_status get_vector(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      const struct emu_feature_values *values)
{
	uint32_t vector = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_IRQ_CONFIG_IV);
	bool exempt = values == &ctrl->features && nvme_bitset_test(ctrl->irq_exempt, vector);

	if (vector >= emu->layout.vectors)
		return emu_bad_field(req, CDW11, 0);
	req->dw0 = vector | NVME_PUT(NVME_FEAT_IRQ_CONFIG_CD, exempt);
	return NVME_SC_SUCCESS;
}

static emu_verdict set_vector(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);
	uint32_t vector = NVME_GET(cdw11, NVME_FEAT_IRQ_CONFIG_IV);

	if (vector >= emu->layout.vectors)
		return emu_bad_field(req, CDW11, 0);
	if (NVME_GET(cdw11, NVME_FEAT_IRQ_CONFIG_CD))
		nvme_bitset_set(ctrl->irq_exempt, vector);
	else
		nvme_bitset_clear(ctrl->irq_exempt, vector);
	return NVME_SC_SUCCESS;
}

/** emu_restart_keep_alive - the Keep Alive Timer starts again, if it has a timeout */
void emu_restart_keep_alive(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint64_t msec = ctrl->features.keep_alive;

	ctrl->alive_at_nsec = msec ? emu->now_nsec + msec * 1000000 : EMU_NEVER;
	emu_arm(emu, ctrl->alive_at_nsec);
}

/* KATO is rounded up to the granularity KAS, in units of 100 ms (Base 2.0 5.27.1.15). */
static emu_verdict set_keep_alive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint64_t msec = nvme_cpu32(req->sqe.cdw11);
	uint64_t unit = emu->config.kas * 100ull;

	msec = (msec + unit - 1) / unit * unit;
	ctrl->features.keep_alive = msec < UINT32_MAX ? (uint32_t)msec : UINT32_MAX;
	emu_restart_keep_alive(emu, ctrl);
	return NVME_SC_SUCCESS;
}

static nvme_status get_nothing(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       const struct emu_feature_values *values)
{
	(void)emu;
	(void)ctrl;
	(void)values;
	req->dw0 = 0;
	return NVME_SC_SUCCESS;
}

static emu_verdict set_nothing(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	(void)req;
	return NVME_SC_SUCCESS;
}

/* Which of the three versions SEL asks for. Without Save and Select, SEL is reserved. */
static uint32_t sel_of(const struct emu *emu, const struct emu_req *req)
{
	if (req->sqe.opcode != NVME_ADMIN_GET_FEATURES || !emu->config.save)
		return NVME_FEATURE_SEL_CURRENT;
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_FEATURES_SEL);
}

static struct emu_feature_values *select_values(const struct emu *emu, struct emu_ctrl *ctrl,
						uint32_t sel, struct emu_feature_values *defaults)
{
	if (sel == NVME_FEATURE_SEL_CURRENT)
		return &ctrl->features;
	if (sel == NVME_FEATURE_SEL_SAVED)
		return &ctrl->saved;
	emu_feature_defaults(emu, defaults);
	return defaults;
}

emu_verdict emu_exec_get_features(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	const struct feature *feature = find_feature(
		emu, NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_FEATURES_FID));
	uint32_t sel = sel_of(emu, req);
	struct emu_feature_values defaults, *values;
	nvme_status status = NVME_SC_SUCCESS;

	if (!feature)
		return emu_bad_field(req, CDW10, 0);
	if (sel > NVME_FEATURE_SEL_CAPABILITIES)
		return emu_bad_field(req, CDW10 + 1, 0);
	if (sel == NVME_FEATURE_SEL_CAPABILITIES) {
		req->dw0 = caps_of(emu, feature);
		return NVME_SC_SUCCESS;
	}
	values = select_values(emu, ctrl, sel, &defaults);
	if (feature->get)
		status = feature->get(emu, ctrl, req, values);
	else
		req->dw0 = *value_of(feature, values);
	if (status)
		return status;
	return feature->data_bytes ? EMU_TRANSFER : NVME_SC_SUCCESS;
}

/* SV, and an NSID where it belongs (Base 2.0 5.27). */
static nvme_status check_set(const struct emu *emu, const struct feature *feature,
			     struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	bool saved = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_SET_FEATURES_SV);

	if (!feature)
		return emu_bad_field(req, CDW10, 0);
	if (saved && !(caps_of(emu, feature) & SAVEABLE))
		return emu_bad(req, NVME_SC_FEATURE_NOT_SAVEABLE, CDW10 + 3, 7);
	if (!(feature->caps & PER_NS) && nsid != 0 && nsid != NVME_NSID_ALL)
		return emu_bad(req, NVME_SC_FEATURE_NOT_NS_SPECIFIC, NSID, 0);
	return NVME_SC_SUCCESS;
}

/* Of the two temperature thresholds, the one that the command set. */
static void save(struct emu_ctrl *ctrl, const struct feature *feature, const struct emu_req *req)
{
	if (feature->fid != NVME_FID_TEMP_THRESHOLD)
		*value_of(feature, &ctrl->saved) = *value_of(feature, &ctrl->features);
	else if (is_over(req))
		ctrl->saved.temp_over = ctrl->features.temp_over;
	else
		ctrl->saved.temp_under = ctrl->features.temp_under;
}

emu_verdict emu_exec_set_features(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	const struct feature *feature = find_feature(emu, NVME_GET(cdw10, NVME_SET_FEATURES_FID));
	emu_verdict verdict = check_set(emu, feature, req);

	if (verdict)
		return verdict;
	if (feature->set)
		verdict = feature->set(emu, ctrl, req);
	else
		*value_of(feature, &ctrl->features) = nvme_cpu32(req->sqe.cdw11) & feature->mask;
	if (verdict != NVME_SC_SUCCESS && verdict != EMU_TRANSFER)
		return verdict;
	if (NVME_GET(cdw10, NVME_SET_FEATURES_SV))
		save(ctrl, feature, req);
	return feature->data_bytes ? EMU_TRANSFER : verdict;
}

uint32_t emu_feature_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	const struct feature *feature = find_feature(
		emu, NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_FEATURES_FID));

	(void)ctrl;
	return feature->data_bytes;
}

/*
 * Host Behavior Support, the only feature with a buffer (Base 2.0 5.27.1.18). Nothing that a host
 * could enable besides advanced command retry exists here.
 */
nvme_status emu_transfer_features(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				  uint8_t *data)
{
	const struct nvme_host_behavior *behavior = (const void *)data;
	struct emu_feature_values defaults;

	if (req->sqe.opcode == NVME_ADMIN_GET_FEATURES) {
		memcpy(data, select_values(emu, ctrl, sel_of(emu, req), &defaults)->host_behavior,
		       sizeof(*behavior));
		return NVME_SC_SUCCESS;
	}
	if (behavior->acre > 1 || behavior->etdas || behavior->lbafee || behavior->hdisns ||
	    nvme_cpu16(behavior->cdfe))
		return NVME_SC_INVALID_FIELD | NVME_DNR;
	memset(ctrl->features.host_behavior, 0, sizeof(ctrl->features.host_behavior));
	ctrl->features.host_behavior[0] = behavior->acre;
	return NVME_SC_SUCCESS;
}
