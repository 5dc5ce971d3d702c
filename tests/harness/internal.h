/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the host in memory share. Tests see host.h only. */
#ifndef TESTS_HARNESS_INTERNAL_H
#define TESTS_HARNESS_INTERNAL_H

#include "tests/harness/host.h"

#define TH_BASE		0x100000ull /* first IOVA */
#define TH_MEMORY_BYTES (32u << 20)
#define TH_PAGE		4096u
#define TH_PENDING	1024
#define TH_TRACE_BYTES	(8u << 20)
#define TH_SHARED_BYTES (1u << 20)
#define TH_RECORD_BYTES (4u << 20)

/* The medium of a namespace; without @data there is none. */
struct th_medium {
	uint8_t *data;
	uint8_t *meta;
	uint8_t *state; /* a byte for each block */
	uint64_t blocks;
	uint32_t lbads;
	uint32_t ms;
};

/* A record in the order of saving; its data follows, padded to 8 bytes. */
struct th_record {
	uint32_t tag;
	uint32_t type;
	uint32_t id;
	uint32_t bytes;
	bool durable;
};

/* One ring pair as the host keeps it. */
struct th_rings {
	uint64_t sq, cq;
	uint32_t sq_entries, cq_entries;
	uint32_t tail, head;
	bool phase;
};

/* What a snapshot has besides the memory that it points to. */
struct th_state {
	uint32_t ctrl;
	uint64_t used;
	uint64_t unmapped;
	struct {
		uint64_t iova, bytes;
	} window[TH_CTRLS][EMU_WINDOWS];
	uint64_t read_only; /* bytes from TH_BASE on */
	uint64_t time_nsec;
	struct th_rings rings[TH_CTRLS][TH_QUEUES];
	unsigned int irqs[TH_CTRLS][TH_VECTORS];
	bool irqs_refused;
	bool line[TH_CTRLS];
	struct emu_media pending[TH_PENDING];
	unsigned int pending_count;
	unsigned int cancelled;
	struct emu_media last;
	int media_error;
	unsigned int cuts[4]; /* of the power, by enum emu_cut */
	uint32_t choice;
	uint32_t records_used;
	uint32_t unsaved[TH_PENDING]; /* offsets of records without an answer */
	unsigned int unsaved_count;
	int save_error;
	unsigned int events[NVME_TRACE_EVENTS];
};

struct th_host {
	struct th_options options;
	struct emu *emu;
	size_t emu_bytes;
	struct th_state now;
	uint8_t *memory;
	uint8_t *window[TH_CTRLS][EMU_WINDOWS]; /* CMB and PMR */
	uint8_t *records;
	uint8_t *shared[TH_CTRLS];
	struct th_medium media[EMU_MAX_NAMESPACES + 1];
	void (*observe)(void *arg, const struct nvme_trace_record *record);
	void *observe_arg;
	char *trace;
	struct nvme_text trace_text;
};

/* host.c: a new subsystem in the memory of the old one, or in new memory */
void th_start_(struct th_host *host, const struct emu_config *config);

void *th_dma_(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot);

/* medium.c */
int th_medium_do_(struct th_host *host, const struct emu_media *media);
void th_media_make_(struct th_host *host, const struct emu_config *config);
void th_media_copy_(struct th_medium *to, const struct th_medium *from);
void th_media_free_(struct th_medium *media);

/* saves.c */
int th_op_save_(void *arg, const struct emu_record *record);

#endif
