/* SPDX-License-Identifier: BSD-3-Clause */
/* The memory behind BAR2 and BAR4: Controller Memory Buffer and Persistent Memory Region. */
#ifndef NVMELAB_EMULATOR_DEVICE_BARMEM_H
#define NVMELAB_EMULATOR_DEVICE_BARMEM_H

#include "emulator/device/device.h"
#include "emulator/device/dma.h"

/** struct emu_barmem - one of them; bytes is 0 when there is none */
struct emu_barmem {
	int fd;
	uint64_t offset; /* in the file */
	uint64_t bytes;
	uint8_t *memory;
	bool persistent;
};

/**
 * emu_barmem_open - make @bytes of memory
 * @path: the file that keeps it, from @offset on, extended when it is shorter; NULL: new memory
 * Return: 0; -EBUSY when another process uses the file; or what the system said.
 */
int emu_barmem_open(struct emu_barmem *barmem, uint64_t bytes, const char *path, uint64_t offset,
		    struct nvme_text *error);

/** emu_barmem_open_all - what controller @ctrl has by @config, EMU_WINDOWS; Return: as above */
int emu_barmem_open_all(struct emu_barmem *barmem, const struct emu_config *config, uint32_t ctrl,
			const char *pmr_path, struct nvme_text *error);

/** emu_barmem_close - write it back and unmap it; one that was never opened is fine, zeroed */
void emu_barmem_close(struct emu_barmem *barmem);

/** emu_barmem_place - it is in @table from @iova on, before all that is mapped; 0 bytes: nowhere */
void emu_barmem_place(struct emu_barmem *barmem, struct emu_dma_table *table,
		      enum emu_window window, uint64_t iova, uint64_t bytes);

#endif
