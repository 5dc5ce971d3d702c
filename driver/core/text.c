/* SPDX-License-Identifier: BSD-3-Clause */
/* Results and failures as sentences for people: what happened, and what to look at. */
#include "common/nvme_names.h"
#include "driver/core/internal.h"

struct errno_text {
	int error;
	const char *name;
	const char *text;
};

static const struct errno_text errnos[] = {
	{ NVL_EAGAIN, "EAGAIN", "the queue is full" },
	{ NVL_ENOMEM, "ENOMEM", "not enough memory" },
	{ NVL_EBUSY, "EBUSY", "the controller is being started or reset, or is started already" },
	{ NVL_ENODEV, "ENODEV", "the device is gone" },
	{ NVL_EINVAL, "EINVAL", "an argument that cannot be right" },
	{ NVL_EPROTO, "EPROTO", "the controller broke the protocol" },
	{ NVL_EILSEQ, "EILSEQ", "protection information does not fit the data" },
	{ NVL_EOPNOTSUPP, "EOPNOTSUPP", "the controller does not support it" },
	{ NVL_ECONNRESET, "ECONNRESET", "the process behind the device went away" },
	{ NVL_ESHUTDOWN, "ESHUTDOWN", "the controller is not in operation" },
	{ NVL_ETIMEDOUT, "ETIMEDOUT", "no answer in time" },
	{ NVL_ECANCELED, "ECANCELED", "dropped by a reset of the controller" },
};

/* What the value of a failure is. */
enum value_kind {
	VALUE_NONE,
	VALUE_HEX,
	VALUE_NSEC,
	VALUE_QUEUE,
};

struct reason_text {
	const char *text;
	enum value_kind kind;
};

static const struct reason_text reasons[NVL_REASONS] = {
	[NVL_REASON_NONE] = { "", VALUE_NONE },
	[NVL_REASON_GONE] = { "the device is gone: its registers read all ones, or its process "
			      "ended",
			      VALUE_NONE },
	[NVL_REASON_CAP_MQES] = { "CAP.MQES is 0, which allows no queue; CAP", VALUE_HEX },
	[NVL_REASON_CAP_CSS] = { "the controller has no I/O command set in CAP.CSS; CAP",
				 VALUE_HEX },
	[NVL_REASON_CAP_MPS] = { "CAP.MPSMIN is above the host's pages of 4 KiB; CAP", VALUE_HEX },
	[NVL_REASON_FATAL] = { "the controller has a fatal status (CSTS.CFS); CSTS", VALUE_HEX },
	[NVL_REASON_READY_STUCK] = { "CSTS.RDY did not become 0 after CC.EN was cleared, for",
				     VALUE_NSEC },
	[NVL_REASON_NOT_READY] = { "CSTS.RDY did not become 1 after CC.EN was set, for",
				   VALUE_NSEC },
	[NVL_REASON_CC_LOST] = { "a register does not hold what was written to it; offset",
				 VALUE_HEX },
	[NVL_REASON_COMMAND_TIMEOUT] = { "a command was not answered in time; queue", VALUE_QUEUE },
	[NVL_REASON_IDENTIFY_CTRL] = { "Identify Controller failed", VALUE_NONE },
	[NVL_REASON_NUM_QUEUES] = { "Set Features Number of Queues was not answered", VALUE_NONE },
	[NVL_REASON_NS_LIST] = { "the namespaces cannot be read", VALUE_NONE },
	[NVL_REASON_SQES] = { "the controller does not take queue entries of 64 and 16 bytes; "
			      "SQES and CQES",
			      VALUE_HEX },
	[NVL_REASON_SHUTDOWN_STUCK] = { "shutdown did not complete (CSTS.SHST), for", VALUE_NSEC },
	[NVL_REASON_PARK] = { "a thread that claimed a queue does not poll it", VALUE_NONE },
	[NVL_REASON_NS_IDENTIFY] = { "Identify Namespace failed", VALUE_NONE },
	[NVL_REASON_NS_SIZE] = { "its size is 0, or beyond 2^64 bytes", VALUE_NONE },
	[NVL_REASON_NS_FORMAT] = { "its format (FLBAS) is not one of its formats (NLBAF)",
				   VALUE_NONE },
	[NVL_REASON_NS_LBADS] = { "its block size (LBADS) is not 512 bytes to 16 MiB", VALUE_NONE },
	[NVL_REASON_NS_METADATA] = { "the format of its protection information is not known",
				     VALUE_NONE },
	[NVL_REASON_NS_MDTS] = { "its blocks are larger than one command may transfer",
				 VALUE_NONE },
	[NVL_REASON_NS_CHANGED] = { "it is another namespace, or has other blocks, than before",
				    VALUE_NONE },
	[NVL_REASON_OTHER_CTRL] = { "another controller is there: serial or model number differ",
				    VALUE_NONE },
	[NVL_REASON_SELF_RESET] = { "the controller was reset without being asked; CSTS",
				    VALUE_HEX },
	[NVL_REASON_STATUS] = { "a status that calls for a reset; queue", VALUE_QUEUE },
	[NVL_REASON_DOORBELL] = { "the controller saw a doorbell that cannot be (asynchronous "
				  "event); its information",
				  VALUE_HEX },
	[NVL_REASON_PAUSE_STUCK] = { "processing stays paused (CSTS.PP) beyond MTFA", VALUE_NONE },
};

const char *nvl_reason_text(uint32_t reason)
{
	return reason < NVL_REASONS ? reasons[reason].text : "";
}

static void add_errno(int error, struct nvme_text *text)
{
	for (unsigned int i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++) {
		if (errnos[i].error != error)
			continue;
		nvme_text_add(text, errnos[i].text);
		nvme_text_add(text, " (");
		nvme_text_add(text, errnos[i].name);
		nvme_text_add(text, ")");
		return;
	}
	nvme_text_add(text, "errno ");
	nvme_text_i64(text, error);
}

/* The name, then SCT/SC as the specification writes them, and the bits about what to do. */
static void add_status(nvme_status status, struct nvme_text *text)
{
	nvme_text_add(text, nvme_status_name(status));
	nvme_text_add(text, " (");
	nvme_text_u64(text, NVME_GET(status, NVME_STATUS_SCT));
	nvme_text_char(text, '/');
	nvme_text_hex_width(text, NVME_GET(status, NVME_STATUS_SC), 2);
	nvme_text_char(text, 'h');
	if (NVME_GET(status, NVME_STATUS_CRD)) {
		nvme_text_add(text, ", CRD ");
		nvme_text_u64(text, NVME_GET(status, NVME_STATUS_CRD));
	}
	if (NVME_GET(status, NVME_STATUS_M))
		nvme_text_add(text, ", More");
	if (NVME_GET(status, NVME_STATUS_DNR))
		nvme_text_add(text, ", DNR");
	nvme_text_char(text, ')');
}

void nvl_result_text(int result, struct nvme_text *text)
{
	if (result < 0)
		add_errno(-result, text);
	else
		add_status((nvme_status)result, text);
}

static void add_value(const struct nvl_failure *failure, struct nvme_text *text)
{
	switch (reasons[failure->reason].kind) {
	case VALUE_NONE:
		return;
	case VALUE_HEX:
		nvme_text_char(text, ' ');
		nvme_text_hex(text, failure->value);
		return;
	case VALUE_NSEC:
		nvme_text_char(text, ' ');
		nvme_text_duration(text, failure->value);
		return;
	case VALUE_QUEUE:
		nvme_text_char(text, ' ');
		nvme_text_u64(text, failure->value);
		return;
	}
}

void nvl_failure_text(const struct nvl_ctrl *ctrl, struct nvme_text *text)
{
	const struct nvl_failure *failure = &ctrl->failure;

	if (failure->reason == NVL_REASON_NONE || failure->reason >= NVL_REASONS)
		return;
	nvme_text_add(text, reasons[failure->reason].text);
	add_value(failure, text);
	nvme_text_add(text, ": ");
	nvl_result_text(failure->result, text);
}
