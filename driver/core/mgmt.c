/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespaces and what is done to them, self-tests, security, directives: each is one admin command.
 */
#include "driver/core/internal.h"

static int execute(struct nvl_ctrl *ctrl, const struct nvme_sqe *sqe)
{
	return nvl_execute(ctrl->queues[0], sqe, NULL, NULL);
}

/* Data that is only read: the buffer is copied out of it. */
static int send(struct nvl_ctrl *ctrl, const struct nvme_sqe *sqe, const void *data, size_t bytes,
		struct nvl_completion *ret_completion)
{
	return nvl_admin_data(ctrl, sqe, (void *)(uintptr_t)data, (uint32_t)bytes, ret_completion);
}

int nvl_ns_create(struct nvl_ctrl *ctrl, const struct nvme_ns_mgmt_create *create, uint8_t csi,
		  uint32_t *ret_nsid)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_NS_MGMT,
		.cdw10 = nvme_le32(NVME_PUT(NVME_NS_MGMT_SEL, NVME_NS_MGMT_CREATE)),
		.cdw11 = nvme_le32(NVME_PUT(NVME_NS_MGMT_CSI, csi)),
	};
	struct nvl_completion completion = { 0 };
	int result = send(ctrl, &sqe, create, sizeof(*create), &completion);

	if (result == 0)
		*ret_nsid = completion.dw0;
	return result;
}

int nvl_ns_delete(struct nvl_ctrl *ctrl, uint32_t nsid)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_NS_MGMT,
		.nsid = nvme_le32(nsid),
		.cdw10 = nvme_le32(NVME_PUT(NVME_NS_MGMT_SEL, NVME_NS_MGMT_DELETE)),
	};

	return execute(ctrl, &sqe);
}

static int attach(struct nvl_ctrl *ctrl, uint32_t sel, uint32_t nsid, const uint16_t *cntlids,
		  uint32_t count)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_NS_ATTACH,
		.nsid = nvme_le32(nsid),
		.cdw10 = nvme_le32(NVME_PUT(NVME_NS_ATTACH_SEL, sel)),
	};
	struct nvme_ctrl_list list = { .num = nvme_le16((uint16_t)(count ? count : 1)),
				       .id = { ctrl->id.cntlid } };

	if (count > NVME_CTRL_LIST_ENTRIES)
		return -NVL_EINVAL;
	for (uint32_t i = 0; i < count; i++)
		list.id[i] = nvme_le16(cntlids[i]);
	return send(ctrl, &sqe, &list, sizeof(list), NULL);
}

int nvl_ns_attach(struct nvl_ctrl *ctrl, uint32_t nsid, const uint16_t *cntlids, uint32_t count)
{
	return attach(ctrl, NVME_NS_ATTACH_ATTACH, nsid, cntlids, count);
}

int nvl_ns_detach(struct nvl_ctrl *ctrl, uint32_t nsid, const uint16_t *cntlids, uint32_t count)
{
	return attach(ctrl, NVME_NS_ATTACH_DETACH, nsid, cntlids, count);
}

int nvl_format_ns(struct nvl_ctrl *ctrl, const struct nvl_format *format)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_FORMAT_NVM,
		.nsid = nvme_le32(format->nsid),
		.cdw10 = nvme_le32(NVME_PUT(NVME_FORMAT_LBAFL, format->format & 0xfu) |
				   NVME_PUT(NVME_FORMAT_LBAFU, (uint32_t)format->format >> 4) |
				   NVME_PUT(NVME_FORMAT_MSET, format->extended) |
				   NVME_PUT(NVME_FORMAT_PI, (uint32_t)format->pi) |
				   NVME_PUT(NVME_FORMAT_PIL, format->pi_first) |
				   NVME_PUT(NVME_FORMAT_SES, (uint32_t)format->erase)),
	};

	return execute(ctrl, &sqe);
}

int nvl_sanitize(struct nvl_ctrl *ctrl, const struct nvl_sanitize *sanitize)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_SANITIZE,
		.cdw10 = nvme_le32(NVME_PUT(NVME_SANITIZE_SANACT, (uint32_t)sanitize->action) |
				   NVME_PUT(NVME_SANITIZE_AUSE, sanitize->unrestricted_exit) |
				   NVME_PUT(NVME_SANITIZE_OWPASS, sanitize->passes) |
				   NVME_PUT(NVME_SANITIZE_OIPBP, sanitize->invert) |
				   NVME_PUT(NVME_SANITIZE_NDAS, sanitize->no_deallocate) |
				   NVME_PUT(NVME_SANITIZE_EMVS, sanitize->media_verification)),
		.cdw11 = nvme_le32(sanitize->pattern),
	};

	return execute(ctrl, &sqe);
}

int nvl_self_test(struct nvl_ctrl *ctrl, uint32_t nsid, enum nvme_self_test_code code)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_SELF_TEST,
		.nsid = nvme_le32(nsid),
		.cdw10 = nvme_le32(NVME_PUT(NVME_SELF_TEST_STC, (uint32_t)code)),
	};

	return execute(ctrl, &sqe);
}

static struct nvme_sqe security_command(uint8_t opcode, const struct nvl_security *security,
					uint32_t bytes)
{
	return (struct nvme_sqe){
		.opcode = opcode,
		.nsid = nvme_le32(security->nsid),
		.cdw10 = nvme_le32(
			NVME_PUT(NVME_SECURITY_NSSF, security->nvme_specific) |
			NVME_PUT(NVME_SECURITY_SPSP0, security->specific) |
			NVME_PUT(NVME_SECURITY_SPSP1, (uint32_t)security->specific >> 8) |
			NVME_PUT(NVME_SECURITY_SECP, security->protocol)),
		.cdw11 = nvme_le32(bytes),
	};
}

int nvl_security_send(struct nvl_ctrl *ctrl, const struct nvl_security *security, const void *data,
		      uint32_t bytes)
{
	const struct nvme_sqe sqe = security_command(NVME_ADMIN_SECURITY_SEND, security, bytes);

	return send(ctrl, &sqe, data, bytes, NULL);
}

int nvl_security_receive(struct nvl_ctrl *ctrl, const struct nvl_security *security, void *data,
			 uint32_t bytes)
{
	const struct nvme_sqe sqe = security_command(NVME_ADMIN_SECURITY_RECV, security, bytes);

	return nvl_admin_data(ctrl, &sqe, data, bytes, NULL);
}

static int directive_command(struct nvl_ctrl *ctrl, uint8_t opcode,
			     const struct nvl_directive *directive,
			     struct nvl_completion *ret_completion)
{
	uint32_t bytes = directive->data ? directive->bytes : 0;
	const struct nvme_sqe sqe = {
		.opcode = opcode,
		.nsid = nvme_le32(directive->nsid),
		.cdw10 = nvme_le32(bytes > 0 ? bytes / 4 - 1 : 0),
		.cdw11 = nvme_le32(NVME_PUT(NVME_DIRECTIVE_DOPER, directive->operation) |
				   NVME_PUT(NVME_DIRECTIVE_DTYPE, directive->type) |
				   NVME_PUT(NVME_DIRECTIVE_DSPEC, directive->specific)),
		.cdw12 = nvme_le32(directive->cdw12),
	};

	if (bytes % 4 != 0)
		return -NVL_EINVAL;
	return nvl_admin_data(ctrl, &sqe, directive->data, bytes, ret_completion);
}

int nvl_directive_send(struct nvl_ctrl *ctrl, const struct nvl_directive *directive)
{
	return directive_command(ctrl, NVME_ADMIN_DIRECTIVE_SEND, directive, NULL);
}

int nvl_directive_receive(struct nvl_ctrl *ctrl, const struct nvl_directive *directive,
			  uint32_t *ret_dw0)
{
	struct nvl_completion completion = { 0 };
	int result = directive_command(ctrl, NVME_ADMIN_DIRECTIVE_RECV, directive, &completion);

	if (result == 0 && ret_dw0)
		*ret_dw0 = completion.dw0;
	return result;
}

int nvl_directives(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_id_directives *ret)
{
	const struct nvl_directive directive = {
		.nsid = nsid,
		.type = NVME_DIRECTIVE_IDENTIFY,
		.operation = NVME_DIRECTIVE_IDENTIFY_RECV_PARAMS,
		.data = ret,
		.bytes = sizeof(*ret),
	};

	return nvl_directive_receive(ctrl, &directive, NULL);
}

int nvl_get_lba_status(struct nvl_ctrl *ctrl, const struct nvl_lba_status *status, void *data,
		       uint32_t bytes)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_GET_LBA_STATUS,
		.nsid = nvme_le32(status->nsid),
		.cdw10 = nvme_le32((uint32_t)status->slba),
		.cdw11 = nvme_le32((uint32_t)(status->slba >> 32)),
		.cdw12 = nvme_le32(bytes / 4 - 1),
		.cdw13 = nvme_le32(NVME_PUT(NVME_GET_LBA_STATUS_RL, status->nlb) |
				   NVME_PUT(NVME_GET_LBA_STATUS_ATYPE, (uint32_t)status->action)),
	};

	if (bytes == 0 || bytes % 4 != 0)
		return -NVL_EINVAL;
	return nvl_admin_data(ctrl, &sqe, data, bytes, NULL);
}

int nvl_keep_alive(struct nvl_ctrl *ctrl)
{
	const struct nvme_sqe sqe = { .opcode = NVME_ADMIN_KEEP_ALIVE };

	return execute(ctrl, &sqe);
}
