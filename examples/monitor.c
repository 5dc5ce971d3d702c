/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Watches a controller: events of its namespaces are told by a callback, while nvl_step() looks
 * after it. Here a namespace is made and removed, so that there is something to see.
 */
#include <stdio.h>

#include "driver/transport/device.h"

static unsigned int added, removed;

static void on_event(void *arg, const struct nvl_event *event)
{
	(void)arg;
	printf("# %s", nvl_event_name(event->type));
	if (event->type == NVL_EVENT_ASYNC)
		printf(": type %u, information %02xh, log page %02xh\n", event->aer_type,
		       event->aer_info, event->lid);
	else
		printf(": namespace %u, %llu blocks\n", event->nsid,
		       (unsigned long long)event->after);
	added += event->type == NVL_EVENT_NS_ADDED;
	removed += event->type == NVL_EVENT_NS_REMOVED;
}

/* A program of its own would do this in its loop, for as long as it lives. */
static void watch(struct nvl_device *device)
{
	struct nvl_ctrl *ctrl = nvl_device_ctrl(device);

	for (int turn = 0; turn < 100; turn++) {
		nvl_step(ctrl);
		nvl_wait(nvl_admin_queue(ctrl), nvl_device_now(device) + 1000000);
	}
}

static int make_and_remove(struct nvl_device *device)
{
	const struct nvme_ns_mgmt_create create = { .nsze = nvme_le64(2048),
						    .ncap = nvme_le64(2048) };
	struct nvl_ctrl *ctrl = nvl_device_ctrl(device);
	uint32_t nsid = 0;
	int result = nvl_ns_create(ctrl, &create, NVME_CSI_NVM, &nsid);

	if (result == 0)
		result = nvl_ns_attach(ctrl, nsid, NULL, 0);
	if (result == 0)
		result = nvl_rescan(ctrl);
	watch(device);
	if (result == 0)
		result = nvl_ns_detach(ctrl, nsid, NULL, 0);
	if (result == 0)
		result = nvl_ns_delete(ctrl, nsid);
	if (result == 0)
		result = nvl_rescan(ctrl);
	watch(device);
	return result;
}

int main(void)
{
	struct nvl_device_options options;
	struct nvl_device *device;
	int result;

	printf("1..1\n");
	nvl_device_options_init(&options);
	if (nvl_device_open(&options, &device, NULL)) {
		printf("not ok 1 - a device\n");
		return 1;
	}
	nvl_set_event_handler(nvl_device_ctrl(device), on_event, NULL);
	result = make_and_remove(device);
	printf("%s 1 - a namespace that comes and goes is seen\n",
	       result == 0 && added == 1 && removed == 1 ? "ok" : "not ok");
	return nvl_device_close(device) || result || added != 1 || removed != 1;
}
