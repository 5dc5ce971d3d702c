/* SPDX-License-Identifier: BSD-3-Clause */
/* Reservations: who is registered with a namespace and who holds it; part of internal.h. */
#ifndef NVMELAB_EMULATOR_CORE_RESV_H
#define NVMELAB_EMULATOR_CORE_RESV_H

#define EMU_REGISTRANTS 32 /* hosts that can be registered with a namespace */
#define EMU_RESV_LOGS	16 /* notifications that wait to be read, of a controller */
#define EMU_HOST_BYTES	16 /* of a host identifier; those of 8 bytes are zero behind */

/** struct emu_registrant - a host that is registered; @id_bytes: 8 or 16 */
struct emu_registrant {
	uint8_t host[EMU_HOST_BYTES];
	uint8_t id_bytes;
	uint64_t key;
};

/**
 * struct emu_resv - reservation state of a namespace
 * @type: enum nvme_resv_type
 * @holder: index of the registrant that holds it; with a type for all registrants each one does
 * @victims: commands that Preempt and Abort ends, and that are not gone yet
 */
struct emu_resv {
	uint32_t generation;
	uint8_t type;
	uint8_t holder;
	uint8_t count;
	uint32_t victims;
	struct emu_registrant reg[EMU_REGISTRANTS];
};

/**
 * struct emu_resv_log - notifications of a controller (log 80h), oldest first
 * @total: how many there were since the reset
 */
struct emu_resv_log {
	uint64_t total;
	uint32_t count;
	struct {
		uint64_t number;
		uint32_t nsid;
		uint8_t type; /* enum nvme_resv_notification */
	} entry[EMU_RESV_LOGS];
};

struct emu_cmd;

/* resv.c: the state, without commands. */
struct emu_resv *emu_resv_of(const struct emu *emu, uint32_t nsid);
bool emu_resv_has_id(const struct emu_ctrl *ctrl);
uint32_t emu_resv_find(const struct emu_resv *resv, const uint8_t *host);
bool emu_resv_add(struct emu_resv *resv, const struct emu_ctrl *ctrl, uint64_t key);
bool emu_resv_remove(struct emu_resv *resv, uint32_t index);
bool emu_resv_holds(const struct emu_resv *resv, uint32_t index);
bool emu_resv_of_all(uint8_t type);
bool emu_resv_registered(const struct emu *emu, const struct emu_ctrl *ctrl);
void emu_resv_changed(struct emu *emu, struct emu_req *req, uint32_t nsid);
void emu_resv_forget(struct emu *emu, uint32_t nsid);
void emu_resv_power_up(struct emu *emu);
int emu_load_resv(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);
emu_verdict emu_check_resv(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   struct emu_ns *ns, const struct emu_cmd *cmd);

/* resv_cmd.c: the four commands. */
emu_verdict emu_exec_resv_register(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_resv_acquire(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_resv_release(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_resv_report(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
nvme_status emu_resv_register(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      uint8_t *data);
nvme_status emu_resv_acquire(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     uint8_t *data);
nvme_status emu_resv_release(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     uint8_t *data);
uint32_t emu_resv_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);

/* resv_report.c: Reservation Report and log 80h. */
uint8_t emu_rescap(const struct emu *emu);
nvme_status emu_resv_report(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    uint32_t at, uint8_t *data, uint32_t bytes);
uint32_t emu_resv_report_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
bool emu_has_resv(const struct emu *emu);
void emu_resv_notify(struct emu *emu, const uint8_t *host, uint32_t nsid, uint8_t type);
void emu_resv_log_fill(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		       uint64_t offset, uint8_t *data, uint32_t bytes);
void emu_resv_log_read(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);

/* resv_abort.c: Preempt and Abort. */
void emu_resv_abort(struct emu *emu, const uint8_t *host, uint32_t nsid);
bool emu_resv_wait(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
void emu_resv_victim_gone(struct emu *emu, struct emu_req *req);

#endif
