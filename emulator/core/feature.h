/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of features: a row a feature, and what its hooks get.
 *
 * Most features are a value (32 bits, CDW11) or a buffer that somebody reads elsewhere: their rows
 * say where it lives and which bits count, and feature.c does the rest: current, default, saved,
 * capabilities, resets, records. What is more than that is a hook.
 */
#ifndef NVMELAB_EMULATOR_CORE_FEATURE_H
#define NVMELAB_EMULATOR_CORE_FEATURE_H

#include "emulator/core/internal.h"

#define EMU_CHANGEABLE NVME_MASK(NVME_FEATURE_CAP_CHANGEABLE)
#define EMU_SAVEABLE   NVME_MASK(NVME_FEATURE_CAP_SAVEABLE)
#define EMU_PER_NS     NVME_MASK(NVME_FEATURE_CAP_NS_SPECIFIC)

#define EMU_SCOPE_NS	    NVME_MASK(NVME_FID_EFFECTS_FSP_NS)
#define EMU_SCOPE_CTRL	    NVME_MASK(NVME_FID_EFFECTS_FSP_CTRL)
#define EMU_SCOPE_EG	    NVME_MASK(NVME_FID_EFFECTS_FSP_EG)
#define EMU_SCOPE_NVM_SET   NVME_MASK(NVME_FID_EFFECTS_FSP_NVM_SET)
#define EMU_SCOPE_CDQ	    NVME_MASK(NVME_FID_EFFECTS_FSP_CDQ)
#define EMU_SCOPE_DOMAIN    NVME_MASK(NVME_FID_EFFECTS_FSP_DOMAIN)
#define EMU_SCOPE_SUBSYSTEM NVME_MASK(NVME_FID_EFFECTS_FSP_SUBSYSTEM)

/* Where the values of a feature live: the structure that the offset of its row is in. */
enum emu_store {
	EMU_STORE_NONE,	     /* its hooks know */
	EMU_STORE_CTRL,	     /* struct emu_feature_values: of a controller */
	EMU_STORE_CTRL_NS,   /* struct emu_ctrl_ns_features: of a controller and a namespace */
	EMU_STORE_NS,	     /* struct emu_ns_features: of a namespace, for all controllers */
	EMU_STORE_SUBSYSTEM, /* struct emu_subsystem_features */
};

/**
 * struct emu_setting - the feature that a command is about
 * @nsid: of the command; 0 for features that no namespace has
 * @first: first of the row's values that is meant; @count: how many, for "all sensors"
 * @value: to be stored (Set Features), with the bits of the row's mask
 * @old: what was there before
 */
struct emu_setting {
	const struct emu_feature *row;
	uint32_t nsid;
	uint32_t first;
	uint32_t count;
	uint32_t value;
	uint32_t old;
};

/**
 * struct emu_feature - a row
 * @caps: what Get Features with SEL = 3 answers
 * @persistent: keeps its value through resets and power cycles without having been saved
 * @values: how many there are; 0 is 1
 * @bytes: of the buffer of the command; 0 is a value in CDW11
 * @get_bytes: of the buffer of Get Features, when Set Features has a value and no buffer
 * @mask: bits of CDW11 that are kept
 * @scope: entry of the Feature Identifiers Supported and Effects log, without FSUPP
 * @supported: whether the configuration offers it; NULL is always
 * @initial: the default of a value; NULL is 0. Buffers begin with zeros.
 * @select: which of several values the command means
 * @check: the fields of Set Features; may change @value, or set @count to 0: nothing is stored, and
 *	a buffer not looked at. A status, or success.
 * @length: how many of @bytes the command transfers; NULL is all. The others read as zero.
 * @check_data: the buffer of Set Features; may change it
 * @apply: what else happens, once the value is stored. Success, or EMU_TRANSFER: flush the media
 *	before the command completes (values only).
 * @get: Get Features, instead of what is stored: sets req->dw0, and fills @data, which is NULL
 *	while the command is only checked
 */
struct emu_feature {
	uint8_t fid;
	uint8_t caps;
	uint8_t store;
	bool persistent;
	uint16_t values;
	uint16_t offset;
	uint16_t bytes;
	uint16_t get_bytes;
	uint32_t since;
	uint32_t mask;
	uint32_t scope;
	bool (*supported)(const struct emu *emu);
	uint32_t (*initial)(const struct emu *emu, uint32_t index);
	nvme_status (*select)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      struct emu_setting *setting);
	nvme_status (*check)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_setting *setting);
	uint32_t (*length)(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
	nvme_status (*check_data)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				  const struct emu_setting *setting, uint8_t *data);
	emu_verdict (*apply)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting);
	nvme_status (*get)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting, uint32_t sel, uint8_t *data);
};

/* feature_rows.c: ends with a row whose @caps are 0. */
extern const struct emu_feature emu_features[];

/* feature.c */
const struct emu_feature *emu_feature_find(const struct emu *emu, uint32_t fid);
uint8_t emu_feature_caps(const struct emu *emu, const struct emu_feature *row);
uint32_t emu_feature_count(const struct emu_feature *row);
uint32_t emu_feature_size(const struct emu_feature *row);
uint32_t emu_feature_default(const struct emu *emu, const struct emu_feature *row, uint32_t index);
bool emu_feature_is_set(const struct emu_req *req);
uint32_t emu_feature_fid(const struct emu_req *req);
uint8_t *emu_feature_place(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_feature *row,
			   uint32_t nsid, uint32_t index, bool saved);

/* feature_save.c */
void emu_feature_save(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		      const struct emu_setting *setting);
int emu_load_features(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);
int emu_load_ns_features(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);

/* feature_basic.c and aer.c: hooks of the features that every controller has. */
uint32_t emu_initial_burst(const struct emu *emu, uint32_t index);
uint32_t emu_initial_temperature(const struct emu *emu, uint32_t index);
uint32_t emu_initial_cache(const struct emu *emu, uint32_t index);
bool emu_has_cache(const struct emu *emu);
bool emu_has_keep_alive(const struct emu *emu);
emu_verdict emu_apply_coalescing(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 const struct emu_setting *setting);
emu_verdict emu_apply_power(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    const struct emu_setting *setting);
nvme_status emu_get_power(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  const struct emu_setting *setting, uint32_t sel, uint8_t *data);
bool emu_has_apst(const struct emu *emu);
uint32_t emu_apst_length(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
nvme_status emu_check_apst(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting, uint8_t *data);
emu_verdict emu_apply_apst(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting);
nvme_status emu_get_apst(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			 const struct emu_setting *setting, uint32_t sel, uint8_t *data);
bool emu_has_hctm(const struct emu *emu);
nvme_status emu_check_hctm(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   struct emu_setting *setting);
emu_verdict emu_apply_hctm(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting);
nvme_status emu_check_power(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    struct emu_setting *setting);
nvme_status emu_select_temperature(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				   struct emu_setting *setting);
emu_verdict emu_apply_temperature(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				  const struct emu_setting *setting);
nvme_status emu_check_recovery(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       struct emu_setting *setting);
emu_verdict emu_apply_cache(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    const struct emu_setting *setting);
nvme_status emu_check_queues(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_setting *setting);
emu_verdict emu_apply_queues(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting);
nvme_status emu_get_queues(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting, uint32_t sel, uint8_t *data);
nvme_status emu_check_vector(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_setting *setting);
emu_verdict emu_apply_vector(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting);
nvme_status emu_get_vector(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting, uint32_t sel, uint8_t *data);
nvme_status emu_check_keep_alive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 struct emu_setting *setting);
emu_verdict emu_apply_keep_alive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 const struct emu_setting *setting);
nvme_status emu_check_events(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_setting *setting);
emu_verdict emu_apply_events(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting);

/* feature_host.c */
bool emu_has_host_id(const struct emu *emu);
bool emu_has_progress(const struct emu *emu);
nvme_status emu_get_timestamp(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      const struct emu_setting *setting, uint32_t sel, uint8_t *data);
nvme_status emu_check_timestamp(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_setting *setting, uint8_t *data);
emu_verdict emu_apply_timestamp(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_setting *setting);
uint32_t emu_host_id_length(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
nvme_status emu_select_host_id(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       struct emu_setting *setting);
nvme_status emu_check_host_id(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      struct emu_setting *setting);
emu_verdict emu_apply_host_id(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      const struct emu_setting *setting);
nvme_status emu_check_host_behavior(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    const struct emu_setting *setting, uint8_t *data);

/* feature_metadata.c */
bool emu_has_metadata_features(const struct emu *emu);
nvme_status emu_check_metadata(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       struct emu_setting *setting);
nvme_status emu_merge_metadata(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       const struct emu_setting *setting, uint8_t *data);

/* feature_media.c */
bool emu_has_rrl(const struct emu *emu);
bool emu_has_lba_status(const struct emu *emu);
bool emu_has_sanitize(const struct emu *emu);

/* spindle.c */
bool emu_is_rotational(const struct emu *emu);
nvme_status emu_check_spinup(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     struct emu_setting *setting);
bool emu_has_group_events(const struct emu *emu);
uint32_t emu_initial_rrl(const struct emu *emu, uint32_t index);
uint32_t emu_initial_group_events(const struct emu *emu, uint32_t index);
nvme_status emu_select_rrl(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   struct emu_setting *setting);
nvme_status emu_check_rrl(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_setting *setting);
nvme_status emu_get_lba_status(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       const struct emu_setting *setting, uint32_t sel, uint8_t *data);
nvme_status emu_select_group_events(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    struct emu_setting *setting);
nvme_status emu_check_profile(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      struct emu_setting *setting);

/* feature_ns.c */
bool emu_has_lba_range(const struct emu *emu);
bool emu_has_reservations(const struct emu *emu);
emu_verdict emu_apply_resv_persistence(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				       const struct emu_setting *setting);
uint32_t emu_setting_next(const struct emu *emu, const struct emu_ctrl *ctrl,
			  const struct emu_setting *setting, uint32_t after);
uint32_t emu_lba_range_length(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
nvme_status emu_get_lba_range(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      const struct emu_setting *setting, uint32_t sel, uint8_t *data);
nvme_status emu_check_lba_range(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_setting *setting, uint8_t *data);
nvme_status emu_check_write_protect(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    struct emu_setting *setting);
emu_verdict emu_apply_write_protect(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				    const struct emu_setting *setting);

/* error_injection.c */
nvme_status emu_select_errors(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      struct emu_setting *setting);
uint32_t emu_errors_length(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
nvme_status emu_check_errors(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting, uint8_t *data);
emu_verdict emu_apply_errors(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     const struct emu_setting *setting);
nvme_status emu_get_errors(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting, uint32_t sel, uint8_t *data);

/* feature_perf.c */
bool emu_has_perf(const struct emu *emu);
nvme_status emu_check_perf(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   struct emu_setting *setting);
nvme_status emu_check_perf_data(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				const struct emu_setting *setting, uint8_t *data);
emu_verdict emu_apply_perf(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   const struct emu_setting *setting);
nvme_status emu_get_perf(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			 const struct emu_setting *setting, uint32_t sel, uint8_t *data);

/* power_loss.c */
bool emu_has_power_loss(const struct emu *emu);
nvme_status emu_check_power_loss(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 struct emu_setting *setting);

/* cdq.c */
bool emu_has_cdq(const struct emu *emu);
nvme_status emu_check_cdq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_setting *setting);
emu_verdict emu_apply_cdq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  const struct emu_setting *setting);
nvme_status emu_get_cdq(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			const struct emu_setting *setting, uint32_t sel, uint8_t *data);

/* hmb.c */
nvme_status emu_get_hmb(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			const struct emu_setting *setting, uint32_t sel, uint8_t *data);
nvme_status emu_check_hmb(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_setting *setting);
emu_verdict emu_apply_hmb(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  const struct emu_setting *setting);

#endif
