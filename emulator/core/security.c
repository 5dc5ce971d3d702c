/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Security Send and Receive (Base 2.0 5.25 and 5.26, unverified): protocol 00h, which says what
 * there is, and nothing else. Directive Send and Receive (Base 2.0 5.9, 5.10 and 8.7): the Identify
 * directive, likewise.
 */
#include "emulator/core/security.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define CDW12 offsetof(struct nvme_sqe, cdw12)
#define NSID  offsetof(struct nvme_sqe, nsid)

/* Security protocol 00h (SPC: security protocol information); big-endian. */
#define PROTOCOL_INFORMATION 0
#define SPECIFIC_LIST	     0
#define SPECIFIC_CERTIFICATE 1
#define LIST_LENGTH_AT	     6 /* two bytes, then as many protocols */

/*
 * A protocol that is not there. Hosts find out by trying: Linux asks every controller with OACS
 * bit 0 for protocol 01h, at each start and reset. That is refused, and no error of anybody.
 */
static nvme_status refuse_protocol(struct emu_req *req)
{
	req->unlogged = true;
	return emu_bad_field(req, CDW10 + 3, 0);
}

emu_verdict emu_exec_security_send(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return refuse_protocol(req); /* none takes data */
}

static uint32_t specific_of(const struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);

	return NVME_GET(cdw10, NVME_SECURITY_SPSP1) << 8 | NVME_GET(cdw10, NVME_SECURITY_SPSP0);
}

emu_verdict emu_exec_security_receive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	if (NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_SECURITY_SECP) != PROTOCOL_INFORMATION)
		return refuse_protocol(req);
	if (specific_of(req) > SPECIFIC_CERTIFICATE)
		return emu_bad_field(req, CDW10 + 1, 0);
	/* An allocation length of 0 is no error: there is nothing to transfer. */
	return nvme_cpu32(req->sqe.cdw11) ? EMU_TRANSFER : NVME_SC_SUCCESS;
}

uint32_t emu_security_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return nvme_cpu32(req->sqe.cdw11);
}

/* The list has one protocol, 00h itself; there is no certificate, so that is all zeros. */
nvme_status emu_security_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      uint32_t at, uint8_t *data, uint32_t bytes)
{
	(void)emu;
	(void)ctrl;
	if (specific_of(req) == SPECIFIC_LIST && at == 0 && bytes > LIST_LENGTH_AT + 1)
		data[LIST_LENGTH_AT + 1] = 1;
	return NVME_SC_SUCCESS;
}

static nvme_status check_directive(const struct emu *emu, const struct emu_ctrl *ctrl,
				   struct emu_req *req, uint32_t operation)
{
	uint32_t cdw11 = nvme_cpu32(req->sqe.cdw11), nsid = nvme_cpu32(req->sqe.nsid);

	if (NVME_GET(cdw11, NVME_DIRECTIVE_DTYPE) != NVME_DIRECTIVE_IDENTIFY)
		return emu_bad_field(req, CDW11 + 1, 0);
	if (NVME_GET(cdw11, NVME_DIRECTIVE_DOPER) != operation)
		return emu_bad_field(req, CDW11, 0);
	if (!emu_ns_valid(emu, nsid))
		return emu_bad(req, NVME_SC_INVALID_NS, NSID, 0);
	return emu_ns_find(emu, ctrl, nsid) ? NVME_SC_SUCCESS : emu_bad_field(req, NSID, 0);
}

/* Base 2.0 8.7.2.2: Identify cannot be switched, and there is no other directive. */
emu_verdict emu_exec_directive_send(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	nvme_status status = check_directive(emu, ctrl, req, NVME_DIRECTIVE_IDENTIFY_SEND_ENABLE);

	return status ? status : emu_bad_field(req, CDW12 + 1, 0);
}

emu_verdict emu_exec_directive_receive(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	nvme_status status = check_directive(emu, ctrl, req, NVME_DIRECTIVE_IDENTIFY_RECV_PARAMS);

	return status ? status : EMU_TRANSFER;
}

uint32_t emu_directive_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	uint64_t bytes = ((uint64_t)nvme_cpu32(req->sqe.cdw10) + 1) * 4;

	(void)emu;
	(void)ctrl;
	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

/* Three bitmaps of 32 bytes: supported, enabled, kept over resets. Bit 0 is Identify. */
nvme_status emu_directive_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			       uint32_t at, uint8_t *data, uint32_t bytes)
{
	(void)emu;
	(void)ctrl;
	(void)req;
	if (at)
		return NVME_SC_SUCCESS;
	data[0] = 1u << NVME_DIRECTIVE_IDENTIFY;
	if (bytes > 32)
		data[32] = 1u << NVME_DIRECTIVE_IDENTIFY;
	return NVME_SC_SUCCESS;
}
