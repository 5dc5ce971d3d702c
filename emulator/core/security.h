/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rows of Security and Directive Send and Receive need. */
#ifndef NVMELAB_EMULATOR_CORE_SECURITY_H
#define NVMELAB_EMULATOR_CORE_SECURITY_H

#include "emulator/core/internal.h"

emu_verdict emu_exec_security_send(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_security_receive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
uint32_t emu_security_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
nvme_status emu_security_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      uint32_t at, uint8_t *data, uint32_t bytes);
emu_verdict emu_exec_directive_send(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
emu_verdict emu_exec_directive_receive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
uint32_t emu_directive_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
nvme_status emu_directive_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       uint32_t at, uint8_t *data, uint32_t bytes);

#endif
