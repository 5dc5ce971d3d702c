/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Opens a controller, says what it is, and reads its first block.
 *
 *	hello [DEVICE]		vfio-user:PATH, pci:ADDRESS; without one, an emulator in the process
 */
#include <stdio.h>

#include "driver/transport/device.h"

static int fail(const char *what, int result)
{
	char buffer[128];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	nvl_result_text(result, &text);
	printf("not ok 1 - %s: %s\n", what, buffer);
	return 1;
}

int main(int argc, char **argv)
{
	struct nvl_device_options options;
	struct nvl_device *device;
	struct nvme_text error;
	char sentence[512];
	int result;

	printf("1..1\n");
	nvme_text_init(&error, sentence, sizeof(sentence));
	nvl_device_options_init(&options);
	options.device = argc > 1 ? argv[1] : NULL;
	result = nvl_device_open(&options, &device, &error);
	if (result) {
		printf("not ok 1 - %s\n", sentence);
		return 1;
	}

	struct nvl_ctrl *ctrl = nvl_device_ctrl(device);
	const struct nvme_id_ctrl *id = nvl_id_ctrl(ctrl);
	const struct nvl_ns *ns = nvl_ns_at(ctrl, 0);
	struct nvl_buffer buffer;

	printf("# %.40s, serial number %.20s, %u queue pairs\n", id->mn, id->sn,
	       nvl_info(ctrl)->queues);
	if (!ns) {
		printf("ok 1 - there is no namespace to read\n");
		nvl_device_close(device);
		return 0;
	}
	printf("# namespace %u: %llu blocks of %u bytes\n", ns->nsid, (unsigned long long)ns->nsze,
	       ns->block_bytes);
	result = nvl_device_alloc(device, ns->block_bytes, &buffer);
	if (result)
		return fail("memory", result);

	const struct nvl_io io = { .ns = ns, .slba = 0, .nlb = 1, .buffer = &buffer };

	result = nvl_read_wait(nvl_queue(ctrl, 0), &io);
	if (result)
		return fail("the read", result);
	printf("# it begins with %02x %02x %02x %02x\n", ((uint8_t *)buffer.data)[0],
	       ((uint8_t *)buffer.data)[1], ((uint8_t *)buffer.data)[2],
	       ((uint8_t *)buffer.data)[3]);
	result = nvl_device_close(device);
	if (result)
		return fail("the shutdown", result);
	printf("ok 1 - the first block is read\n");
	return 0;
}
