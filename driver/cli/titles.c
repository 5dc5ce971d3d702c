/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands as the specification spells them; nvme-cli's output has them as parts of keys. */
#include <stddef.h>

#include "common/nvme_names.h"
#include "driver/cli/fields.h"

struct title {
	uint8_t opcode;
	const char *text;
};

/* clang-format off */
static const struct title admin_titles[] = {
	{ NVME_ADMIN_DELETE_IO_SQ,        "Delete I/O Submission Queue" },
	{ NVME_ADMIN_CREATE_IO_SQ,        "Create I/O Submission Queue" },
	{ NVME_ADMIN_GET_LOG_PAGE,        "Get Log Page" },
	{ NVME_ADMIN_DELETE_IO_CQ,        "Delete I/O Completion Queue" },
	{ NVME_ADMIN_CREATE_IO_CQ,        "Create I/O Completion Queue" },
	{ NVME_ADMIN_IDENTIFY,            "Identify" },
	{ NVME_ADMIN_ABORT,               "Abort" },
	{ NVME_ADMIN_SET_FEATURES,        "Set Features" },
	{ NVME_ADMIN_GET_FEATURES,        "Get Features" },
	{ NVME_ADMIN_ASYNC_EVENT_REQUEST, "Asynchronous Event Request" },
	{ NVME_ADMIN_NS_MGMT,             "Namespace Management" },
	{ NVME_ADMIN_FW_COMMIT,           "Firmware Commit" },
	{ NVME_ADMIN_FW_DOWNLOAD,         "Firmware Image Download" },
	{ NVME_ADMIN_SELF_TEST,           "Device Self-test" },
	{ NVME_ADMIN_NS_ATTACH,           "Namespace Attachment" },
	{ NVME_ADMIN_KEEP_ALIVE,          "Keep Alive" },
	{ NVME_ADMIN_DIRECTIVE_SEND,      "Directive Send" },
	{ NVME_ADMIN_DIRECTIVE_RECV,      "Directive Receive" },
	{ NVME_ADMIN_VIRT_MGMT,           "Virtualization Management" },
	{ NVME_ADMIN_MI_SEND,             "NVMe-MI Send" },
	{ NVME_ADMIN_MI_RECV,             "NVMe-MI Receive" },
	{ NVME_ADMIN_CAPACITY_MGMT,       "Capacity Management" },
	{ NVME_ADMIN_LOCKDOWN,            "Lockdown" },
	{ NVME_ADMIN_DBBUF_CONFIG,        "Doorbell Buffer Config" },
	{ NVME_ADMIN_FABRICS,             "Fabrics Commands" },
	{ NVME_ADMIN_FORMAT_NVM,          "Format NVM" },
	{ NVME_ADMIN_SECURITY_SEND,       "Security Send" },
	{ NVME_ADMIN_SECURITY_RECV,       "Security Receive" },
	{ NVME_ADMIN_SANITIZE,            "Sanitize" },
	{ NVME_ADMIN_GET_LBA_STATUS,      "Get LBA Status" },
};

static const struct title io_titles[] = {
	{ NVME_CMD_FLUSH,               "Flush" },
	{ NVME_CMD_WRITE,               "Write" },
	{ NVME_CMD_READ,                "Read" },
	{ NVME_CMD_WRITE_UNCORRECTABLE, "Write Uncorrectable" },
	{ NVME_CMD_COMPARE,             "Compare" },
	{ NVME_CMD_WRITE_ZEROES,        "Write Zeroes" },
	{ NVME_CMD_DSM,                 "Dataset Management" },
	{ NVME_CMD_RESV_REGISTER,       "Reservation Register" },
	{ NVME_CMD_RESV_REPORT,         "Reservation Report" },
	{ NVME_CMD_RESV_ACQUIRE,        "Reservation Acquire" },
	{ NVME_CMD_IO_MGMT_RECV,        "I/O Management Receive" },
	{ NVME_CMD_RESV_RELEASE,        "Reservation Release" },
	{ NVME_CMD_CANCEL,              "Cancel" },
	{ NVME_CMD_VERIFY,              "Verify" },
	{ NVME_CMD_COPY,                "Copy" },
	{ NVME_CMD_IO_MGMT_SEND,        "I/O Management Send" },
	{ NVME_CMD_ZONE_MGMT_SEND,      "Zone Management Send" },
	{ NVME_CMD_ZONE_MGMT_RECV,      "Zone Management Receive" },
	{ NVME_CMD_ZONE_APPEND,         "Zone Append" },
};
/* clang-format on */

static const char *find_title(const struct title *titles, size_t count, uint8_t opcode)
{
	for (size_t i = 0; i < count; i++) {
		if (titles[i].opcode == opcode)
			return titles[i].text;
	}
	return NULL;
}

const char *cli_admin_title(uint8_t opcode)
{
	const char *title = find_title(admin_titles, G_N_ELEMENTS(admin_titles), opcode);

	return title ? title : nvme_admin_opcode_name(opcode);
}

const char *cli_io_title(uint8_t opcode)
{
	const char *title = find_title(io_titles, G_N_ELEMENTS(io_titles), opcode);

	return title ? title : nvme_nvm_opcode_name(opcode);
}

/* Where the members of struct nvme_sqe begin. */
static const struct {
	unsigned int offset;
	const char *name;
} parts[] = {
	/* clang-format off */
	{ 0, "opcode" }, { 1, "flags" }, { 2, "CID" }, { 4, "NSID" }, { 8, "CDW2" }, { 12, "CDW3" },
	{ 16, "MPTR" }, { 24, "PRP1" }, { 32, "PRP2" }, { 40, "CDW10" }, { 44, "CDW11" },
	{ 48, "CDW12" }, { 52, "CDW13" }, { 56, "CDW14" }, { 60, "CDW15" },
	/* clang-format on */
};

const char *cli_sqe_part(unsigned int offset)
{
	const char *name = "beyond it";

	for (size_t i = 0; i < G_N_ELEMENTS(parts) && offset < NVME_SQE_BYTES; i++) {
		if (offset >= parts[i].offset)
			name = parts[i].name;
	}
	return name;
}
