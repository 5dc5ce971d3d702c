/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Performance Characteristics (NVM 1.1 4.1.3.7): the class of latency that reads have, and one
 * attribute of ours, C1h, which is that latency: the time that an I/O command takes at least. Its
 * default is the key service_time; a host that saves another one changes what the media do.
 *
 * The class is what is configured; nothing is measured. Completion dword 0 of Get Features has the
 * attribute index, which tools expect there (unverified).
 */
#include "emulator/core/feature.h"

#define CDW10	   offsetof(struct nvme_sqe, cdw10)
#define CDW11	   offsetof(struct nvme_sqe, cdw11)
#define PRP1	   offsetof(struct nvme_sqe, prp1)
#define SECOND	   1000000000ull
#define TIME_MAX   (10 * SECOND) /* as of the key */
#define TIME_BYTES 8

/* A UUID (RFC 9562) of version 8: of ours, and of nobody else's attributes. */
static const uint8_t service_time_id[16] = { 0x6e, 0x76, 0x6d, 0x65, 0x6c, 0x61, 0x80, 0x62,
					     0x80, 0x73, 0x74, 0x69, 0x6d, 0x65, 0x00, 0x01 };

bool emu_has_perf(const struct emu *emu)
{
	return emu->config.perf;
}

/* What is stored when a host has set the attribute; zeros are no identifier. */
static bool is_set(const struct emu_subsystem_features *features)
{
	return features->perf[0] != 0;
}

static uint64_t time_of(const struct emu *emu, const struct emu_subsystem_features *features)
{
	const struct nvme_perf_vendor *attribute = (const void *)features->perf;

	return is_set(features) ? nvme_load_le64(attribute->vs) : emu->config.service_time;
}

/** emu_perf_update - the service time is what feature 1Ch says now */
void emu_perf_update(struct emu *emu)
{
	emu->service_nsec = time_of(emu, &emu->features);
}

/* From 100 s on, in steps of 1, 5, 10, ...; each class begins where the one before ends. */
static uint8_t class_of(uint64_t nsec)
{
	uint64_t limit = 100 * SECOND;
	uint8_t class = 1;

	if (nsec == 0)
		return 0;
	while (nsec < limit && limit > 1) {
		limit /= class % 2 ? 2 : 5;
		class ++;
	}
	return class;
}

static uint32_t attribute_of(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_PERF_ATTRI);
}

/* Attributes that can be saved: without Save and Select Feature Support none. */
static uint8_t saveable(const struct emu *emu)
{
	return emu->config.save;
}

static uint8_t unused(const struct emu *emu)
{
	return (uint8_t)(saveable(emu) - (saveable(emu) && is_set(&emu->saved)));
}

/*
 * Set Features is for the vendor's attributes alone, has to save, and needs a place for that;
 * RVSPA gives the place back, and needs no data.
 */
nvme_status emu_check_perf(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   struct emu_setting *setting)
{
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11);

	(void)ctrl;
	if (attribute_of(req) != NVME_PERF_VENDOR_FIRST)
		return emu_bad_field(req, CDW11, 0);
	if (NVME_GET(cdw11, NVME_FEAT_PERF_RVSPA)) {
		setting->count = 0;
		return NVME_SC_SUCCESS;
	}
	if (!NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_SET_FEATURES_SV))
		return emu_bad_field(req, CDW10 + 3, 7);
	return unused(emu) ? NVME_SC_SUCCESS : emu_bad_field(req, CDW11, 0);
}

/* The one that there is, with a time that the key could have; what is reserved is not kept. */
nvme_status emu_check_perf_data(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_setting *setting, uint8_t *data)
{
	struct nvme_perf_vendor *attribute = (void *)data;
	uint64_t nsec = nvme_load_le64(attribute->vs);

	(void)emu;
	(void)ctrl;
	(void)setting;
	if (memcmp(attribute->paid, service_time_id, sizeof(service_time_id)) != 0 ||
	    nvme_cpu16(attribute->attrl) != TIME_BYTES || nsec > TIME_MAX)
		return emu_bad_field(req, PRP1, 0);
	memset(attribute->rsvd16, 0, sizeof(attribute->rsvd16));
	memset(attribute->vs + TIME_BYTES, 0, sizeof(attribute->vs) - TIME_BYTES);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_apply_perf(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting)
{
	if (setting->count == 0 && is_set(&emu->saved)) {
		memset(emu->saved.perf, 0, sizeof(emu->saved.perf));
		memset(emu->features.perf, 0, sizeof(emu->features.perf));
		emu_feature_save(emu, ctrl, req, setting);
	}
	emu_perf_update(emu);
	return NVME_SC_SUCCESS;
}

static void fill_list(const struct emu *emu, uint32_t sel, struct nvme_perf_list *list)
{
	list->attrtyp = (uint8_t)sel;
	list->msvspa = saveable(emu);
	list->usvspa = unused(emu);
	memcpy(list->paid[0], service_time_id, sizeof(service_time_id));
}

static void fill_vendor(uint64_t nsec, struct nvme_perf_vendor *attribute)
{
	memcpy(attribute->paid, service_time_id, sizeof(service_time_id));
	attribute->attrl = nvme_le16(TIME_BYTES);
	nvme_store_le64(attribute->vs, nsec);
}

/* What was never saved is the default. */
static uint64_t selected_time(const struct emu *emu, uint32_t sel)
{
	if (sel == NVME_FEATURE_SEL_DEFAULT)
		return emu->config.service_time;
	return time_of(emu, sel == NVME_FEATURE_SEL_SAVED ? &emu->saved : &emu->features);
}

nvme_status emu_get_perf(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			 const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	uint32_t attribute = attribute_of(req);

	(void)ctrl;
	(void)setting;
	if (attribute != NVME_PERF_STANDARD && attribute != NVME_PERF_LIST &&
	    attribute != NVME_PERF_VENDOR_FIRST)
		return emu_bad_field(req, CDW11, 0);
	req->dw0 = attribute;
	if (!data)
		return NVME_SC_SUCCESS;
	if (attribute == NVME_PERF_STANDARD)
		((struct nvme_perf_standard *)(void *)data)->r4karl = class_of(
			selected_time(emu, sel));
	else if (attribute == NVME_PERF_LIST)
		fill_list(emu, sel, (void *)data);
	else
		fill_vendor(selected_time(emu, sel), (void *)data);
	return NVME_SC_SUCCESS;
}
