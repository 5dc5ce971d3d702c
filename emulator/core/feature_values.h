/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Values of features, where the rest of the core reads them, and what it calls of features and
 * events; part of internal.h.
 */
#ifndef NVMELAB_EMULATOR_CORE_FEATURE_VALUES_H
#define NVMELAB_EMULATOR_CORE_FEATURE_VALUES_H

struct emu_cmd;
struct emu_ctrl;
struct emu_ns;
struct emu_req;

/* Temperature thresholds by THSEL, of the composite temperature and the sensors. */
#define EMU_TEMP_OVER	    0
#define EMU_TEMP_UNDER	    1
#define EMU_TEMP_SENSORS    (1 + EMU_SENSORS)
#define EMU_TEMP_THRESHOLDS (2 * EMU_TEMP_SENSORS)

#define EMU_GROUPS	    1	/* endurance groups */
#define EMU_LSIPI	    100 /* the controller looks for bad blocks that often, in 100 ms */
#define EMU_METADATA_BYTES  4096
#define EMU_LBA_RANGE_BYTES 4096 /* NVME_LBA_RANGE_MAX ranges */
#define EMU_ERRORS_BYTES    4096 /* NVME_OCP_ERRORS_MAX entries, and zeros */
#define EMU_OCP_UUID	    2	 /* its place in the UUID list */

/** struct emu_apst - feature 0Ch: its buffer, and CDW11 */
struct emu_apst {
	struct nvme_apst table;
	uint32_t enable;
};

/** struct emu_feature_values - features of a controller: their current or their saved values */
struct emu_feature_values {
	uint32_t arbitration;
	uint32_t power;
	uint32_t temperature[EMU_TEMP_THRESHOLDS];
	uint32_t cache;
	uint32_t coalescing;
	uint32_t atomicity;
	uint32_t async_events;
	uint32_t keep_alive;
	uint32_t host_id_bytes; /* 8 or 16 */
	uint32_t read_recovery;
	uint32_t lba_status;
	uint32_t group_events[EMU_GROUPS];
	uint32_t iocs_profile;
	uint32_t progress;
	uint32_t hctm;
	uint32_t permissive; /* in non-operational states */
	struct emu_apst apst;
	uint8_t timestamp[8];
	uint8_t host_id[16];
	uint8_t host_behavior[512];
	uint8_t enhanced_metadata[EMU_METADATA_BYTES];
	uint8_t metadata[EMU_METADATA_BYTES];
	uint8_t errors[EMU_ERRORS_BYTES];
};

/** struct emu_ctrl_ns_features - features that each controller has for each namespace */
struct emu_ctrl_ns_features {
	uint32_t recovery;
	uint32_t resv_mask; /* NVME_FEAT_RESV_MASK_* */
};

/** struct emu_ns_features - features of a namespace, the same for all its controllers */
struct emu_ns_features {
	uint32_t write_protect; /* enum nvme_ns_write_protect */
	uint32_t ptpl;		/* reservations persist through power loss */
	uint8_t lba_range[EMU_LBA_RANGE_BYTES];
	uint8_t metadata[EMU_METADATA_BYTES];
	bool kept; /* there is a record */
};

#define EMU_HMB_PREFERRED 256 /* ID.HMPRE, 4 KiB: some hosts lend nothing when asked for less */
#define EMU_HMB_RANGES	  32  /* ID.HMMAXD: descriptors of a Host Memory Buffer that are used */

/**
 * struct emu_hmb - the Host Memory Buffer of a controller (hmb.c)
 * @next: entry of the map that was visited last
 * @ranges: of host memory, in the order of the map
 * @corrupt: entries that were not as the controller had left them
 * @attributes: what Get Features tells; as the host set it
 */
struct emu_hmb {
	bool enabled;
	uint32_t next;
	uint32_t ranges;
	uint64_t bytes;
	uint64_t corrupt;
	struct {
		nvme_u32le hsize;
		nvme_u32le hmdlal;
		nvme_u32le hmdlau;
		nvme_u32le hmdlec;
	} attributes;
	struct {
		uint64_t iova;
		uint64_t bytes;
	} range[EMU_HMB_RANGES];
};

#define EMU_RECORD_SHARED	 UINT32_MAX /* number of the record of features of all */
#define EMU_FEATURE_RECORD_BYTES 4608	    /* a namespace's are the most */

/** struct emu_subsystem_features - features that all controllers share */
struct emu_subsystem_features {
	uint32_t sanitize; /* NVME_FEAT_SANITIZE_* */
	uint32_t spinup;   /* NVME_FEAT_SPINUP_ENABLE */
	uint32_t pls;	   /* enum nvme_pls_mode */
	uint8_t perf[sizeof(struct nvme_perf_vendor)];
};

/* feature.c, feature_rows.c, feature_save.c */
emu_verdict emu_exec_get_features(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_set_features(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
nvme_status emu_transfer_features(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				  uint8_t *data);
uint32_t emu_feature_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
uint32_t emu_feature_effects(const struct emu *emu, uint32_t fid);
void emu_reset_features(struct emu *emu, struct emu_ctrl *ctrl);
void emu_reset_shared_features(struct emu *emu, enum emu_reset_kind kind);
void emu_init_features(struct emu *emu, struct emu_ctrl *ctrl);
void emu_forget_ns_features(struct emu *emu, uint32_t nsid);
void emu_identify_features(const struct emu *emu, struct nvme_id_ctrl *id);
uint8_t emu_nsattr(const struct emu *emu, const struct emu_ns *ns);
void emu_save_ns_features(struct emu *emu, struct emu_req *req, uint32_t nsid);

/* feature_basic.c, feature_host.c, feature_media.c */
void emu_restart_keep_alive(struct emu *emu, struct emu_ctrl *ctrl);
uint64_t emu_timestamp(const struct emu *emu, const struct emu_ctrl *ctrl);
bool emu_has_wide_host_id(const struct emu *emu);
bool emu_has_timestamp(const struct emu *emu);
uint32_t emu_rrls(const struct emu *emu);

/* feature_perf.c */
void emu_perf_update(struct emu *emu);

/* feature_ns.c */
bool emu_has_write_protect(const struct emu *emu);
void emu_update_protection(struct emu *emu);
void emu_power_up_protection(struct emu *emu);
emu_verdict emu_gate_write_protect(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				   struct emu_ns *ns, const struct emu_cmd *cmd);

/* error_injection.c */
bool emu_has_errors(const struct emu *emu);
bool emu_has_ocp_uuid(const struct emu *emu);
void emu_forget_errors(struct emu *emu, const struct emu_ctrl *ctrl);

/* hmb.c */
bool emu_has_hmb(const struct emu *emu);
uint32_t emu_hmb_units(const struct emu *emu);
void emu_hmb_stop(struct emu *emu, struct emu_ctrl *ctrl);
void emu_hmb_reset(struct emu *emu, struct emu_ctrl *ctrl);
void emu_hmb_visit(struct emu *emu, struct emu_ctrl *ctrl);

/* aer.c */
emu_verdict emu_exec_aer(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_raise_event(struct emu *emu, struct emu_ctrl *ctrl, uint32_t aer);
void emu_raise_everywhere(struct emu *emu, uint32_t aer, const struct emu_ctrl *except);
void emu_reset_events(struct emu_ctrl *ctrl);
uint32_t emu_oaes(const struct emu *emu);
void emu_rearm_events(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
void emu_deliver_events(struct emu *emu, struct emu_ctrl *ctrl);

#endif
