/* SPDX-License-Identifier: BSD-3-Clause */
/* The memory behind BAR2 and BAR4: see barmem.h. */
#include "emulator/device/barmem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emulator/device/say.h"

/* New memory, sealed, so that no client can cut it under us. */
static int open_memory(uint64_t bytes)
{
	int fd = memfd_create("nvmelab-bar", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)bytes) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

/* Controllers share the file, each with a part of its own that nobody else may have. */
static int take_part(int fd, uint64_t offset, uint64_t bytes)
{
	struct flock part = { .l_type = F_WRLCK,
			      .l_whence = SEEK_SET,
			      .l_start = (off_t)offset,
			      .l_len = (off_t)bytes };
	uint64_t end = offset + bytes;
	struct stat file;

	if (fstat(fd, &file) < 0)
		return -errno;
	if (!S_ISREG(file.st_mode))
		return -EINVAL;
	if (fcntl(fd, F_OFD_SETLK, &part) < 0)
		return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
	if ((uint64_t)file.st_size < end && ftruncate(fd, (off_t)end) < 0)
		return -errno;
	return 0;
}

static int open_file(const char *path, uint64_t offset, uint64_t bytes)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = take_part(fd, offset, bytes);
	if (error) {
		close(fd);
		return error;
	}
	return fd;
}

int emu_barmem_open(struct emu_barmem *barmem, uint64_t bytes, const char *path, uint64_t offset,
		    struct nvme_text *error)
{
	int fd = path ? open_file(path, offset, bytes) : open_memory(bytes);
	void *memory;

	if (fd < 0)
		return emu_say(error, fd, "%s: %s", path ? path : "memory of a BAR", strerror(-fd));
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	if (memory == MAP_FAILED) {
		int result = -errno;

		close(fd);
		return emu_say(error, result, "%s: %s", path ? path : "memory of a BAR",
			       strerror(-result));
	}
	*barmem = (struct emu_barmem){ .fd = fd,
				       .offset = offset,
				       .bytes = bytes,
				       .memory = memory,
				       .persistent = path != NULL };
	if (path)
		emu_dma_catch_sigbus();
	return 0;
}

int emu_barmem_open_all(struct emu_barmem *barmem, const struct emu_config *config, uint32_t ctrl,
			const char *pmr_path, struct nvme_text *error)
{
	int result = 0;

	if (config->cmb)
		result = emu_barmem_open(&barmem[EMU_WINDOW_CMB], config->cmb, NULL, 0, error);
	if (!result && config->pmr)
		result = emu_barmem_open(&barmem[EMU_WINDOW_PMR], config->pmr, pmr_path,
					 ctrl * config->pmr, error);
	return result;
}

static void write_back(const struct emu_barmem *barmem)
{
	if (barmem->persistent)
		msync(barmem->memory, barmem->bytes, MS_SYNC);
}

void emu_barmem_close(struct emu_barmem *barmem)
{
	if (barmem->bytes == 0)
		return;
	write_back(barmem);
	munmap(barmem->memory, barmem->bytes);
	close(barmem->fd);
	*barmem = (struct emu_barmem){ .fd = -1 };
}

void emu_barmem_place(struct emu_barmem *barmem, struct emu_dma_table *table,
		      enum emu_window window, uint64_t iova, uint64_t bytes)
{
	struct emu_dma_range *range = &table->windows[window];

	if (bytes == 0)
		write_back(barmem);
	*range = (struct emu_dma_range){
		.iova = iova,
		.bytes = bytes,
		.memory = barmem->memory,
		.prot = EMU_DMA_READ | EMU_DMA_WRITE,
		.asked = EMU_DMA_READ | EMU_DMA_WRITE,
		.map = barmem->memory,
		.map_bytes = bytes,
		.page_bytes = EMU_DMA_PAGE,
	};
	table->windowed = table->windows[0].bytes || table->windows[1].bytes;
	emu_dma_cool(table);
}
