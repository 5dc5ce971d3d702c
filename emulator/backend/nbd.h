/* SPDX-License-Identifier: BSD-3-Clause */
/* What nbd.c and nbd_link.c share. */
#ifndef NVMELAB_EMULATOR_BACKEND_NBD_H
#define NVMELAB_EMULATOR_BACKEND_NBD_H

#include <libnbd.h>

#include "emulator/backend/backend.h"
#include "emulator/backend/job.h"

struct emu_nbd;

enum emu_nbd_state {
	EMU_NBD_FREE,
	EMU_NBD_WAITING, /* to be sent */
	EMU_NBD_SENT,
	EMU_NBD_BACK, /* the server has answered @error */
	EMU_NBD_LOST, /* the connection ended before it did */
};

/**
 * struct emu_nbd_request - a request under way
 * @next: of the active ones, in the order they came; or of the free ones
 * @next_back: of those that are back
 * @generation: of a flush: the writes that were answered before it was sent
 */
struct emu_nbd_request {
	struct emu_nbd *nbd;
	struct emu_nbd_request *prev;
	struct emu_nbd_request *next;
	struct emu_nbd_request *next_back;
	struct emu_job job;
	uint8_t *bounce;
	uint64_t generation;
	enum emu_nbd_state state;
	int error;
	bool cancelled;
};

enum emu_nbd_link {
	EMU_NBD_UP,
	EMU_NBD_CONNECTING,
	EMU_NBD_DOWN, /* until the next try */
};

/**
 * struct emu_nbd - a medium that a network block device server has
 * @handle: NULL while the link is down
 * @size_bytes: of the export
 * @generation: writes that were answered and need a flush to be durable
 * @flushed: how many of them a flush has covered
 * @unsure: a connection ended with writes that no flush had covered: the next flush fails
 * @shut: the server said that it is about to go
 * @given_up: the link was down for too long: requests fail at once until it is up again
 * @lost_nsec: when the link went down; @try_nsec: when to try again, or to give a try up
 * @watched: the descriptor that the device waits for, or -1, with @watched_events
 * @waiting: how many requests are to be sent
 * @answered: how many requests this poll has answered; @answer: of the last one
 */
struct emu_nbd {
	struct emu_backend backend;
	struct nbd_handle *handle;
	char *uri;
	uint64_t patience_nsec;
	uint64_t size_bytes;
	bool can_flush;
	bool can_fua;
	bool can_zero;
	enum emu_nbd_link link;
	bool shut;
	bool given_up;
	bool unsure;
	uint64_t generation;
	uint64_t flushed;
	uint64_t lost_nsec;
	uint64_t try_nsec;
	uint64_t delay_nsec;
	int timer;
	int watched;
	uint32_t watched_events;
	unsigned int slots;
	unsigned int waiting;
	struct emu_nbd_request *requests;
	struct emu_nbd_request *free;
	struct emu_nbd_request *first;
	struct emu_nbd_request *last;
	struct emu_nbd_request *back;
	uint8_t *buffers;
	unsigned int answered;
	int answer;
};

/** emu_nbd_connect - the first connection, waited for; Return: 0 or an errno with a sentence */
int emu_nbd_connect(struct emu_nbd *nbd, struct nvme_text *error);

/** emu_nbd_map - ask which blocks are allocated; Return: 0 or -ENOMEM */
int emu_nbd_map(struct emu_nbd *nbd);

/** emu_nbd_pump - let the library receive and send what it can, now; no longer than @wait_msec */
void emu_nbd_pump(struct emu_nbd *nbd, int wait_msec);

/** emu_nbd_is_over - whether the connection has ended, or is about to */
bool emu_nbd_is_over(const struct emu_nbd *nbd);

/** emu_nbd_drop_link - close the connection and begin to try for another */
void emu_nbd_drop_link(struct emu_nbd *nbd);

/** emu_nbd_tend_link - go on connecting */
void emu_nbd_tend_link(struct emu_nbd *nbd);

/** emu_nbd_watch - have the device wait for what the library, or the next try, waits for */
void emu_nbd_watch(struct emu_nbd *nbd);

/** emu_nbd_close_link - end the connection in an orderly way, if that is quick */
void emu_nbd_close_link(struct emu_nbd *nbd);

#endif
