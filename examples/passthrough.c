/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands by opcode: an Identify on the admin queue, a Read with data in ordinary memory on an I/O
 * queue, and one that the controller does not know, whose status comes back whole.
 */
#include <stdio.h>

#include "driver/transport/device.h"

static int count;
static int failed;

static void result(const char *what, bool good)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++count, what);
	failed += !good;
}

static void explain(int value)
{
	char buffer[128];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	nvl_result_text(value, &text);
	printf("# %s\n", buffer);
}

int main(void)
{
	static struct nvme_id_ctrl id;
	struct nvl_device_options options;
	struct nvl_completion completion = { 0 };
	struct nvl_device *device;
	uint8_t block[512];
	int status;

	printf("1..3\n");
	nvl_device_options_init(&options);
	if (nvl_device_open(&options, &device, NULL)) {
		result("a device", false);
		return 1;
	}
	struct nvl_ctrl *ctrl = nvl_device_ctrl(device);
	struct nvl_queue *queue = nvl_queue(ctrl, 0);

	/* CDW10 7:0 is the CNS: 01h, Identify Controller. */
	const struct nvme_sqe identify = {
		.opcode = NVME_ADMIN_IDENTIFY,
		.cdw10 = nvme_le32(NVME_CNS_CTRL),
	};

	status = nvl_admin_data(ctrl, &identify, &id, sizeof(id), &completion);
	explain(status);
	result("an admin command", status == 0 && id.cntrltype == NVME_CNTRLTYPE_IO);

	/* CDW10 and CDW11 are the first block, CDW12 the number of blocks, 0's based. */
	const struct nvme_sqe read = { .opcode = NVME_CMD_READ, .nsid = nvme_le32(1) };

	status = nvl_execute_copied(queue, &read, block, sizeof(block), &completion);
	explain(status);
	result("an I/O command with data in ordinary memory", status == 0);

	const struct nvme_sqe unknown = { .opcode = 0xc0, .nsid = nvme_le32(1) };

	status = nvl_execute_copied(queue, &unknown, NULL, 0, &completion);
	explain(status);
	result("an opcode that is not there",
	       nvme_status_code(completion.status) == NVME_SC_INVALID_OPCODE);
	nvl_device_close(device);
	return failed;
}
