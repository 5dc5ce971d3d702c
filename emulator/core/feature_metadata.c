/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Enhanced Controller, Controller and Namespace Metadata, features 7Dh to 7Fh (Base 2.0 5.27.1.24
 * to 5.27.1.26, unverified): elements that a host leaves for management outside the band. None of
 * them outlives a reset, the namespace's a power cycle.
 *
 * A command brings elements, and says what happens to those that are there with the same type. The
 * feature is stored packed: what is taken out leaves no gap.
 */
#include "emulator/core/feature.h"

#define CDW11	      offsetof(struct nvme_sqe, cdw11)
#define NSID	      offsetof(struct nvme_sqe, nsid)
#define ROOM	      sizeof(((struct nvme_host_metadata *)0)->descs)
#define HEAD	      sizeof(struct nvme_metadata_element)
#define COUNT_MAX     255
#define IS_MULTI(fid) ((fid) == NVME_FID_ENHANCED_CTRL_METADATA)

bool emu_has_metadata_features(const struct emu *emu)
{
	return emu->config.host_metadata;
}

static struct nvme_metadata_element head_at(const uint8_t *data)
{
	struct nvme_metadata_element head;

	memcpy(&head, data, sizeof(head));
	return head;
}

static uint32_t type_of(const uint8_t *element)
{
	return NVME_GET(head_at(element).type, NVME_METADATA_TYPE);
}

static uint32_t bytes_of(const uint8_t *element)
{
	return (uint32_t)HEAD + nvme_cpu16(head_at(element).len);
}

/* Bytes of all elements, or UINT32_MAX when they do not fit. */
static uint32_t measure(const struct nvme_host_metadata *metadata)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < metadata->ndesc; i++) {
		if (ROOM - used < HEAD || ROOM - used < bytes_of(metadata->descs + used))
			return UINT32_MAX;
		used += bytes_of(metadata->descs + used);
	}
	return used;
}

/* Takes the elements of @type out. */
static void remove_type(struct nvme_host_metadata *metadata, uint32_t type)
{
	uint32_t from = 0, to = 0, count = 0;

	for (uint32_t i = 0; i < metadata->ndesc; i++) {
		uint32_t bytes = bytes_of(metadata->descs + from);

		if (type_of(metadata->descs + from) != type) {
			memmove(metadata->descs + to, metadata->descs + from, bytes);
			to += bytes;
			count++;
		}
		from += bytes;
	}
	memset(metadata->descs + to, 0, from - to);
	metadata->ndesc = (uint8_t)count;
}

static bool add(struct nvme_host_metadata *metadata, const uint8_t *element)
{
	uint32_t used = measure(metadata);

	if (metadata->ndesc == COUNT_MAX || ROOM - used < bytes_of(element))
		return false;
	memcpy(metadata->descs + used, element, bytes_of(element));
	metadata->ndesc++;
	return true;
}

nvme_status emu_check_metadata(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       struct emu_setting *setting)
{
	uint32_t action = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_METADATA_EA);

	(void)emu;
	(void)ctrl;
	if (setting->nsid == NVME_NSID_ALL) /* each namespace has elements of its own */
		return emu_bad(req, NVME_SC_INVALID_NS, NSID, 0);
	if (action > NVME_METADATA_ADD_MULTIPLE ||
	    (action == NVME_METADATA_ADD_MULTIPLE && !IS_MULTI(setting->row->fid)))
		return emu_bad_field(req, CDW11 + 1, 5);
	return NVME_SC_SUCCESS;
}

/* What the feature will be: what is there, and what the command does to it. */
nvme_status emu_merge_metadata(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       const struct emu_setting *setting, uint8_t *data)
{
	uint32_t action = NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_FEAT_METADATA_EA);
	const struct nvme_host_metadata *brought = (const void *)data;
	const uint8_t *element = brought->descs;
	struct nvme_host_metadata merged;

	if (brought->ndesc == 0 || measure(brought) == UINT32_MAX)
		return emu_bad_field(req, CDW11, 0);
	memcpy(&merged, emu_feature_place(emu, ctrl, setting->row, setting->nsid, 0, false),
	       sizeof(merged));
	for (uint32_t i = 0; i < brought->ndesc; i++) {
		if (action != NVME_METADATA_ADD_MULTIPLE)
			remove_type(&merged, type_of(element));
		if (action != NVME_METADATA_DELETE && !add(&merged, element))
			return emu_bad_field(req, CDW11, 0);
		element += bytes_of(element);
	}
	memcpy(data, &merged, sizeof(merged));
	return NVME_SC_SUCCESS;
}
