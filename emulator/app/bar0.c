/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * BAR0 as shared memory: one memfd as long as the BAR, of which the client maps one area.
 *
 *   doorbells   1000h .. end of the doorbells
 *   shared      0     .. end of the doorbells
 *
 * It is made anew for each connection, so that a client which kept its mapping rings nobody's
 * doorbells, and sealed, so that no client can cut it under us.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/nvme_spec.h"
#include "emulator/app/session.h"

void emu_bar0_init(struct emu_bar0 *bar0)
{
	*bar0 = (struct emu_bar0){ .fd = -1 };
}

int emu_bar0_open(struct emu_bar0 *bar0, const struct emu_layout *layout, enum emu_bar0_mode mode)
{
	void *base;
	int fd;
	int error;

	if (mode != EMU_BAR0_DOORBELLS && mode != EMU_BAR0_SHARED)
		return 0;
	fd = memfd_create("nvmelab-bar0", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)layout->bar0_bytes) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	base = mmap(NULL, layout->bar0_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED) {
		error = -errno;
		close(fd);
		return error;
	}
	*bar0 = (struct emu_bar0){
		.fd = fd,
		.base = base,
		.bytes = layout->bar0_bytes,
		.registers = mode == EMU_BAR0_SHARED,
		.area_offset = mode == EMU_BAR0_SHARED ? 0 : NVME_DOORBELL_OFFSET,
	};
	bar0->area_bytes = NVME_DOORBELL_OFFSET + layout->doorbell_bytes - bar0->area_offset;
	return 0;
}

void emu_bar0_close(struct emu_bar0 *bar0)
{
	if (bar0->base) {
		munmap(bar0->base, bar0->bytes);
		close(bar0->fd);
	}
	emu_bar0_init(bar0);
}

volatile void *emu_bar0_at(const struct emu_bar0 *bar0, uint64_t offset)
{
	if (!bar0->base || (offset < NVME_DOORBELL_OFFSET && !bar0->registers))
		return NULL;
	return bar0->base + offset;
}
