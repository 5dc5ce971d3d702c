/* SPDX-License-Identifier: BSD-3-Clause */
/* Which transport a device name asks for, and what all of them need. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver/transport/transport.h"

/* The numbers of enum nvl_errno are those of Linux. */
_Static_assert(NVL_EAGAIN == EAGAIN && NVL_ENOMEM == ENOMEM && NVL_EBUSY == EBUSY, "errno");
_Static_assert(NVL_ENODEV == ENODEV && NVL_EINVAL == EINVAL && NVL_EPROTO == EPROTO, "errno");
_Static_assert(NVL_EOPNOTSUPP == EOPNOTSUPP && NVL_ECONNRESET == ECONNRESET, "errno");
_Static_assert(NVL_ESHUTDOWN == ESHUTDOWN && NVL_ETIMEDOUT == ETIMEDOUT, "errno");
_Static_assert(NVL_ECANCELED == ECANCELED && NVL_EILSEQ == EILSEQ, "errno");

int nvl_say(struct nvme_text *text, int result, const char *format, ...)
{
	char buffer[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(buffer, sizeof(buffer), format, args);
	va_end(args);
	if (text)
		nvme_text_add(text, buffer);
	return result;
}

void nvl_transport_panic(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "nvmelab: programming error: %s\n", what);
	abort();
}

uint64_t nvl_real_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool nvl_time_left(uint64_t now_nsec, uint64_t deadline_nsec, struct timespec *ret_left)
{
	uint64_t left = deadline_nsec > now_nsec ? deadline_nsec - now_nsec : 0;
	uint64_t seconds = left / 1000000000u;

	*ret_left = (struct timespec){
		.tv_sec = (time_t)(seconds > 3600 ? 3600 : seconds),
		.tv_nsec = (long)(left % 1000000000u),
	};
	return left > 0;
}

bool nvl_eventfd_take(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count);
}

/* What only a PCI function has would be silently left out elsewhere. */
static int refuse_pci_options(const struct nvl_device_options *options, struct nvme_text *error)
{
	if (options->device && strncmp(options->device, "pci:", 4) == 0)
		return 0;
	if (!options->unsafe_dma && !options->rebind)
		return 0;
	return nvl_say(error, -EINVAL, "--%s is for a PCI function, pci:DOMAIN:BUS:DEV.FN",
		       options->unsafe_dma ? "unsafe-dma" : "rebind");
}

int nvl_transport_open(const struct nvl_device_options *options,
		       struct nvl_transport **ret_transport, struct nvme_text *error)
{
	const char *device = options->device;
	int result = refuse_pci_options(options, error);

	if (result)
		return result;

	if (!device || !*device)
		return nvl_emu_open(options, ret_transport, error);
	if (strncmp(device, "vfio-user:", 10) == 0) {
		if (!device[10])
			return nvl_say(error, -EINVAL,
				       "'%s' has no path; it is vfio-user:PATH, with the socket "
				       "that nvmelab-emulator --socket PATH listens on",
				       device);
		return nvl_vfio_user_open(options, device + 10, ret_transport, error);
	}
	if (strncmp(device, "pci:", 4) == 0)
		return nvl_pci_open(options, device + 4, ret_transport, error);
	return nvl_say(error, -EINVAL,
		       "'%.200s' is not a device: it is vfio-user:PATH, pci:DOMAIN:BUS:DEV.FN, or "
		       "nothing for an emulator inside the process",
		       device);
}
