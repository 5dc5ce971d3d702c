/* SPDX-License-Identifier: BSD-3-Clause */
/* A medium with the host memory and the answers around it, for tests of backends. */
#ifndef NVMELAB_TESTS_UNIT_MEDIUM_H
#define NVMELAB_TESTS_UNIT_MEDIUM_H

#include "emulator/backend/backend.h"

#define TH_MEDIUM_MEMORY  (1u << 20)
#define TH_MEDIUM_SLOTS	  8
#define TH_MEDIUM_ANSWERS 64

/**
 * struct th_medium - everything
 * @memory: TH_MEDIUM_MEMORY bytes of host memory at IOVA 0, in two mappings
 * @path: for a file; removed in the end
 * @results: by tag; 1 is no answer yet
 * @tag: of the next request of th_medium_do()
 */
struct th_medium {
	struct emu_dma_table table;
	struct emu_backend_host host;
	struct emu_backend *backend;
	uint8_t *memory;
	char path[64];
	int results[TH_MEDIUM_ANSWERS];
	unsigned int answers;
	uint32_t tag;
};

/** th_medium_start - everything but the backend */
void th_medium_start(struct th_medium *medium, bool synchronous);

/** th_medium_end - close the backend, if there is one, and the rest */
void th_medium_end(struct th_medium *medium);

/** th_medium_wait - wait until every request is answered */
void th_medium_wait(struct th_medium *medium);

/** th_medium_submit - start a request; Return: what the backend says */
int th_medium_submit(struct th_medium *medium, const struct emu_media *media);

/** th_medium_do - a request to its end; tag and NSID are filled in, geometry too if lbads is 0 */
int th_medium_do(struct th_medium *medium, struct emu_media media);

/** th_medium_fill - bytes that depend on @seed */
void th_medium_fill(uint8_t *at, size_t bytes, uint32_t seed);

/** th_medium_open_mem - in memory; fails the test if it cannot be */
void th_medium_open_mem(struct th_medium *medium, struct emu_geometry geometry);

/** th_medium_open_file - likewise in a file at @path */
void th_medium_open_file(struct th_medium *medium, struct emu_geometry geometry);

#endif
