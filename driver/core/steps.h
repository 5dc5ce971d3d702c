/* SPDX-License-Identifier: BSD-3-Clause */
/* What the steps of operations share, by the file that has them. Included by internal.h. */
#ifndef NVMELAB_DRIVER_CORE_STEPS_H
#define NVMELAB_DRIVER_CORE_STEPS_H

#include "driver/core/internal.h"

/* life.c: the machine */
int nvl_ask(struct nvl_ctrl *ctrl, const struct nvme_sqe *sqe, uint32_t bytes);
void nvl_life_again(struct nvl_ctrl *ctrl, uint32_t steps);
int nvl_finish(struct nvl_ctrl *ctrl);

/* recover.c */
void nvl_look_after(struct nvl_ctrl *ctrl);
uint64_t nvl_look_deadline(const struct nvl_ctrl *ctrl);

/* events.c */
void nvl_notify(struct nvl_ctrl *ctrl, const struct nvl_event *event);
void nvl_mark(struct nvl_ctrl *ctrl, enum nvl_rung rung);

/* reset.c */
void nvl_close_gates(struct nvl_ctrl *ctrl);
void nvl_unpark(struct nvl_ctrl *ctrl);
bool nvl_is_gone(struct nvl_ctrl *ctrl);
int nvl_gone(struct nvl_ctrl *ctrl, int result);
nvl_step_fn nvl_step_close, nvl_step_close_io, nvl_step_park, nvl_step_disable, nvl_step_unready;
nvl_step_fn nvl_step_reap, nvl_step_release, nvl_step_notify, nvl_step_shut, nvl_step_nssr;

/* ctrl.c */
uint32_t nvl_enabling_cc(const struct nvl_ctrl *ctrl);
void nvl_set_state(struct nvl_ctrl *ctrl, enum nvl_state state);
void nvl_moved(struct nvl_ctrl *ctrl, enum nvl_state from, enum nvl_state to);
void nvl_clear_failure(struct nvl_ctrl *ctrl);
int nvl_gone_result(struct nvl_ctrl *ctrl);
bool nvl_pause_done(struct nvl_ctrl *ctrl);
int nvl_await_csts(struct nvl_ctrl *ctrl, uint32_t mask, uint32_t value, uint64_t bound_nsec);
void nvl_release_vectors(struct nvl_ctrl *ctrl);
nvl_step_fn nvl_step_probe, nvl_step_vectors, nvl_step_left, nvl_step_enable, nvl_step_ready;
nvl_step_fn nvl_step_identify;

/* aer.c */
nvl_step_fn nvl_step_arm, nvl_step_event;
bool nvl_events_fired(const struct nvl_ctrl *ctrl);
uint64_t nvl_events_due(const struct nvl_ctrl *ctrl);
void nvl_events_arm(struct nvl_ctrl *ctrl);

/* tune.c */
nvl_step_fn nvl_step_tune;

/* quirks.c */
uint32_t nvl_quirks_of(uint32_t id);

/* ns.c, scan.c */
void nvl_ns_describe(const struct nvl_ctrl *ctrl, uint32_t nsid, const struct nvme_id_ns *id,
		     const struct nvme_id_ns_nvm *nvm, struct nvl_ns *ns);
void nvl_ns_limits(struct nvl_ctrl *ctrl, const struct nvme_id_ctrl_nvm *nvm);
nvl_step_fn nvl_step_scan;

/* queues.c */
void nvl_queue_connect(struct nvl_queue *queue, uint32_t vector);
bool nvl_has_io(const struct nvl_ctrl *ctrl);
nvl_step_fn nvl_step_granted, nvl_step_create, nvl_step_delete, nvl_step_shrink;

#endif
