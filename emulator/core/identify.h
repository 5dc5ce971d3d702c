/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify: a data structure is a row; the functions that fill them, by the file that has them. */
#ifndef NVMELAB_EMULATOR_CORE_IDENTIFY_H
#define NVMELAB_EMULATOR_CORE_IDENTIFY_H

#include "emulator/core/internal.h"

/** EMU_OUI - with the "locally administered" bit: nobody's. Big-endian here. */
#define EMU_OUI_BYTES 3
extern const uint8_t emu_oui[EMU_OUI_BYTES];

/**
 * emu_fill_structure - fills 4096 bytes, which are zero
 * @ns: the namespace, of a row that is about one; NULL: what all namespaces have in common
 */
typedef void emu_fill_structure(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
				const struct emu_ns *ns, uint8_t *data);

/* identify_ns.c */
emu_fill_structure emu_fill_ns, emu_fill_ns_descs, emu_fill_ns_nvm, emu_fill_ns_independent;

/* identify_list.c */
emu_fill_structure emu_fill_active, emu_fill_allocated, emu_fill_attached_ctrls, emu_fill_ctrls,
	emu_fill_granularity;

/* identify_logs.c */
emu_fill_structure emu_fill_uuids, emu_fill_groups;
void emu_identify_logs(const struct emu *emu, struct nvme_id_ctrl *id);

/* underlying.c */
emu_fill_structure emu_fill_underlying, emu_fill_ports;

/* migration.c */
emu_fill_structure emu_fill_state_formats;

/* domain.c */
emu_fill_structure emu_fill_domains;
void emu_identify_domain(const struct emu *emu, const struct emu_ctrl *ctrl,
			 struct nvme_id_ctrl *id);

/** emu_make_uuid - of version 8: ours. The first half has the digits that are written first. */
void emu_make_uuid(const struct emu *emu, uint64_t object, uint64_t id[2]);

#endif
