/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Administration by name: what is there, log pages, firmware, namespaces, formats, sanitize, tests,
 * security, directives. Included by nvl.h.
 *
 * Context of all: the owner; they wait, each command at most admin_timeout_nsec. Data goes through
 * the driver's buffer, so any memory of the caller will do; it is untouched unless 0 is returned.
 * Return of all: 0, the controller's status whole, or a negative errno, as nvl_execute().
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_MGMT_H
#define NVMELAB_DRIVER_CORE_NVL_MGMT_H

#include "driver/core/nvl_admin.h"

#pragma GCC visibility push(default)

/*
 * Identify (Base 2.0 5.17, unverified). Structures without a name here: nvl_identify().
 */

/** nvl_identify_ns - CNS 00h; NVME_NSID_ALL: what all namespaces have in common */
int nvl_identify_ns(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_id_ns *ret);

/** nvl_identify_allocated_ns - CNS 11h: also of a namespace that is not attached */
int nvl_identify_allocated_ns(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_id_ns *ret);

/** nvl_identify_ns_nvm - CNS 05h of the NVM command set */
int nvl_identify_ns_nvm(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_id_ns_nvm *ret);

/** nvl_identify_ctrl_nvm - CNS 06h of the NVM command set */
int nvl_identify_ctrl_nvm(struct nvl_ctrl *ctrl, struct nvme_id_ctrl_nvm *ret);

/** nvl_identify_ns_independent - CNS 08h */
int nvl_identify_ns_independent(struct nvl_ctrl *ctrl, uint32_t nsid,
				struct nvme_id_ns_independent *ret);

/** nvl_ns_list - NSIDs above @after, attached ones (CNS 02h) or all that are @allocated (10h) */
int nvl_ns_list(struct nvl_ctrl *ctrl, bool allocated, uint32_t after, struct nvme_ns_list *ret);

/** nvl_ctrl_list - controllers from @cntlid on: that have @nsid (CNS 12h), or all with 0 (13h) */
int nvl_ctrl_list(struct nvl_ctrl *ctrl, uint32_t nsid, uint16_t cntlid,
		  struct nvme_ctrl_list *ret);

/** struct nvl_ns_ids - who a namespace is, from its descriptors; has_* says which there are */
struct nvl_ns_ids {
	bool has_eui64;
	bool has_nguid;
	bool has_uuid;
	bool has_csi;
	uint8_t eui64[8];
	uint8_t nguid[16];
	uint8_t uuid[16];
	uint8_t csi;
};

/** nvl_ns_ids - CNS 03h; a list that is not one (-NVL_EPROTO) is not believed */
int nvl_ns_ids(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvl_ns_ids *ret);

/*
 * Log pages (Base 2.0 5.16, unverified). Pages without a name here: nvl_get_log(). Reading re-arms
 * the event of a page, so these do.
 */

/** nvl_log_supported - Supported Log Pages (00h) */
int nvl_log_supported(struct nvl_ctrl *ctrl, struct nvme_supported_logs *ret);

/** nvl_log_smart - SMART / Health (02h) of @nsid, or with NVME_NSID_ALL of the controller */
int nvl_log_smart(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_smart_log *ret);

/** nvl_log_fw_slot - Firmware Slot Information (03h) */
int nvl_log_fw_slot(struct nvl_ctrl *ctrl, struct nvme_fw_slot_log *ret);

/** nvl_log_changed_ns - Changed Namespace List (04h) */
int nvl_log_changed_ns(struct nvl_ctrl *ctrl, struct nvme_ns_list *ret);

/** nvl_log_effects - Commands Supported and Effects (05h) of command set @csi */
int nvl_log_effects(struct nvl_ctrl *ctrl, uint8_t csi, struct nvme_effects_log *ret);

/** nvl_log_fid_effects - Feature Identifiers Supported and Effects (12h) */
int nvl_log_fid_effects(struct nvl_ctrl *ctrl, struct nvme_fid_effects_log *ret);

/** nvl_log_self_test - Device Self-test (06h) */
int nvl_log_self_test(struct nvl_ctrl *ctrl, struct nvme_self_test_log *ret);

/** nvl_log_sanitize - Sanitize Status (81h) */
int nvl_log_sanitize(struct nvl_ctrl *ctrl, struct nvme_sanitize_log *ret);

/** nvl_log_reservation - the oldest Reservation Notification (80h) */
int nvl_log_reservation(struct nvl_ctrl *ctrl, struct nvme_resv_log *ret);

/** nvl_log_eg - Endurance Group Information (09h) of group @endgid */
int nvl_log_eg(struct nvl_ctrl *ctrl, uint16_t endgid, struct nvme_eg_log *ret);

/** nvl_log_errors - the newest @count entries, 1 .. ELPE + 1 */
int nvl_log_errors(struct nvl_ctrl *ctrl, struct nvme_error_log_entry *ret, uint32_t count);

/** nvl_log_ana - @bytes of struct nvme_ana_log and groups to @data; @groups_only: no NSIDs */
int nvl_log_ana(struct nvl_ctrl *ctrl, bool groups_only, void *data, uint32_t bytes);

/**
 * struct nvl_telemetry - operands of Get Log Page for telemetry
 * @host: the host-initiated log (07h), else the controller's (08h)
 * @create: collect it anew; host-initiated only
 * @offset: a multiple of 512
 */
struct nvl_telemetry {
	bool host;
	bool create;
	uint64_t offset;
};

/** nvl_log_telemetry - @bytes, a multiple of 512, of a telemetry log to @data */
int nvl_log_telemetry(struct nvl_ctrl *ctrl, const struct nvl_telemetry *telemetry, void *data,
		      uint32_t bytes);

/**
 * nvl_log_events - the Persistent Event log (0Dh)
 * @action: whether its context is established first, or released
 * @offset: in the log
 * @data: gets @bytes of it; 0 bytes to release the context
 */
int nvl_log_events(struct nvl_ctrl *ctrl, enum nvme_pel_action action, uint64_t offset, void *data,
		   uint32_t bytes);

/*
 * Firmware (Base 2.0 5.11 and 5.12, unverified).
 */

/**
 * nvl_fw_download - a whole image, in pieces that MDTS and FWUG allow
 * @image: @bytes of it, a multiple of 4; controllers may want one of FWUG for the last piece too
 * Return: also -NVL_EOPNOTSUPP when FWUG asks for pieces above NVL_ADMIN_DATA_BYTES.
 */
int nvl_fw_download(struct nvl_ctrl *ctrl, const void *image, uint32_t bytes);

/** nvl_fw_piece - @bytes of an image, @piece, at its @offset; both are multiples of 4 */
int nvl_fw_piece(struct nvl_ctrl *ctrl, const void *piece, uint32_t bytes, uint32_t offset);

/**
 * struct nvl_fw_commit - operands of Firmware Commit
 * @slot: 1 to 7; 0: the controller chooses
 * @boot_partition: 0 or 1, for the actions of boot partitions
 */
struct nvl_fw_commit {
	enum nvme_fw_commit_action action;
	uint8_t slot;
	uint8_t boot_partition;
};

/**
 * nvl_fw_commit - put what was downloaded into a slot or boot partition, or activate it
 * @commit: the operands
 * @ret_completion: or NULL; dword 0 tells of overlapping updates
 *
 * A status that says which reset activates it (NVME_SC_FW_NEEDS_*) is the outcome, not a failure.
 */
int nvl_fw_commit(struct nvl_ctrl *ctrl, const struct nvl_fw_commit *commit,
		  struct nvl_completion *ret_completion);

/*
 * Namespaces (Base 2.0 5.23 and 5.24, NVM 1.0 4.1.6, unverified). nvl_rescan() follows.
 */

/** nvl_ns_create - a namespace of command set @csi; @ret_nsid gets its identifier */
int nvl_ns_create(struct nvl_ctrl *ctrl, const struct nvme_ns_mgmt_create *create, uint8_t csi,
		  uint32_t *ret_nsid);

/** nvl_ns_delete - delete namespace @nsid, or all with NVME_NSID_ALL, and their data */
int nvl_ns_delete(struct nvl_ctrl *ctrl, uint32_t nsid);

/** nvl_ns_attach - to the @count controllers in @cntlids; 0: to this one; or detach from them */
int nvl_ns_attach(struct nvl_ctrl *ctrl, uint32_t nsid, const uint16_t *cntlids, uint32_t count);
int nvl_ns_detach(struct nvl_ctrl *ctrl, uint32_t nsid, const uint16_t *cntlids, uint32_t count);

/** struct nvl_format - operands of Format NVM (Base 2.0 5.14, unverified) */
struct nvl_format {
	uint32_t nsid;
	uint8_t format; /* index of the LBA format, 0 .. 63 */
	bool extended;
	bool pi_first;
	enum nvme_pi_type pi;
	enum nvme_format_ses erase;
};

/** nvl_format_ns - Format NVM; a controller may take longer than the timeout of admin commands */
int nvl_format_ns(struct nvl_ctrl *ctrl, const struct nvl_format *format);

/**
 * struct nvl_sanitize - operands of Sanitize (Base 2.0 5.24, unverified)
 * @passes: of an overwrite, 1 to 15; 0 means 16
 * @media_verification: enter that state afterwards, where the controller has it
 */
struct nvl_sanitize {
	enum nvme_sanitize_action action;
	bool unrestricted_exit;
	bool no_deallocate;
	bool media_verification;
	bool invert;
	uint8_t passes;
	uint32_t pattern;
};

/** nvl_sanitize - start a sanitize operation, or leave a failed one; see nvl_log_sanitize() */
int nvl_sanitize(struct nvl_ctrl *ctrl, const struct nvl_sanitize *sanitize);

/**
 * nvl_self_test - start a self-test, or abort it
 * @nsid: 0: the controller alone; NVME_NSID_ALL: all namespaces too
 * @code: which, or the abort
 */
int nvl_self_test(struct nvl_ctrl *ctrl, uint32_t nsid, enum nvme_self_test_code code);

/*
 * Security and directives (Base 2.0 5.25, 5.26, 5.7 and 5.8, unverified).
 */

/** struct nvl_security - operands of Security Send and Receive */
struct nvl_security {
	uint32_t nsid;
	uint8_t protocol;      /* SECP */
	uint16_t specific;     /* SPSP */
	uint8_t nvme_specific; /* NSSF */
};

/** nvl_security_send - @bytes of @data to a security protocol */
int nvl_security_send(struct nvl_ctrl *ctrl, const struct nvl_security *security, const void *data,
		      uint32_t bytes);

/** nvl_security_receive - @bytes from a security protocol to @data */
int nvl_security_receive(struct nvl_ctrl *ctrl, const struct nvl_security *security, void *data,
			 uint32_t bytes);

/** struct nvl_directive - operands of Directive Send and Receive */
struct nvl_directive {
	uint32_t nsid;
	uint8_t type;	   /* enum nvme_directive_type */
	uint8_t operation; /* enum nvme_directive_operation */
	uint16_t specific;
	uint32_t cdw12;
	void *data; /* NULL for none */
	uint32_t bytes;
};

/** nvl_directive_send - enable a directive, release identifiers and the like */
int nvl_directive_send(struct nvl_ctrl *ctrl, const struct nvl_directive *directive);

/** nvl_directive_receive - read of a directive; @ret_dw0, or NULL, gets completion dword 0 */
int nvl_directive_receive(struct nvl_ctrl *ctrl, const struct nvl_directive *directive,
			  uint32_t *ret_dw0);

/** nvl_directives - which directives there are for @nsid, and which are enabled */
int nvl_directives(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_id_directives *ret);

/*
 * The rest.
 */

/** struct nvl_lba_status - operands of Get LBA Status; @nlb 0: to the end */
struct nvl_lba_status {
	uint32_t nsid;
	enum nvme_lba_status_action action;
	uint64_t slba;
	uint16_t nlb;
};

/**
 * nvl_get_lba_status - Get LBA Status (NVM 1.0 4.2.1, unverified)
 * @data: gets @bytes, a multiple of 4, of struct nvme_lba_status and descriptors
 */
int nvl_get_lba_status(struct nvl_ctrl *ctrl, const struct nvl_lba_status *status, void *data,
		       uint32_t bytes);

/** nvl_keep_alive - Keep Alive (Base 2.0 5.18, unverified) */
int nvl_keep_alive(struct nvl_ctrl *ctrl);

#pragma GCC visibility pop

#endif
