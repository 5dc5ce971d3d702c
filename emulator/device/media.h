/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The media of a device: one a namespace, by NSID. They come with the device, or at run time with
 * the first FORMAT of their namespace, and go with DELETE.
 */
#ifndef NVMELAB_EMULATOR_DEVICE_MEDIA_H
#define NVMELAB_EMULATOR_DEVICE_MEDIA_H

#include "emulator/backend/backend.h"

/* A flush of all namespaces that some of them have not answered yet. */
struct emu_flush_all {
	uint32_t tag;
	unsigned int waiting;
	int result;
};

/* A FORMAT or DELETE that waits until its medium has answered everything else. */
struct emu_drain {
	struct emu_media media;
	struct emu_backend *backend;
};

/**
 * struct emu_media_table - all media
 * @host: what they get from the device; its @requests bounds @flushes and @drains, too
 * @nn: greatest NSID
 * @by_nsid: @nn + 1; NULL where there is none, or while it is drained
 * @open: the @count media that there are
 * @pool: folder for the files of namespaces made at run time; NULL for memory
 * @woken: a descriptor made itself heard: media that have nothing pending are polled, too
 * @done: told of each answer that was EMU_PENDING; called from emu_media_table_poll() only
 */
struct emu_media_table {
	struct emu_backend_host host;
	uint32_t nn;
	struct emu_backend **by_nsid;
	struct emu_backend **open;
	uint32_t count;
	struct emu_flush_all *flushes;
	unsigned int flush_count;
	struct emu_drain *drains;
	unsigned int drain_count;
	char *pool;
	bool woken;
	void (*done)(void *arg, uint32_t tag, int result);
	void *arg;
};

/**
 * emu_media_table_init - a table without media; @host, @done and @arg are set already
 * @pool: copied; NULL for none
 * Return: 0; -ENOMEM; for a pool that is not a folder -ENOTDIR, -ENOENT, ... with a sentence.
 */
int emu_media_table_init(struct emu_media_table *table, uint32_t nn, const char *pool,
			 struct nvme_text *error);

/** emu_media_table_done - wait for requests, close all media and free everything */
void emu_media_table_done(struct emu_media_table *table);

/**
 * emu_media_table_open - the media that @specs ask for, and the descriptors that they need
 * @config: gets the namespaces
 * Return: 0; -EINVAL for namespaces that cannot be; -ENOMEM; what opening gave; with a sentence.
 */
int emu_media_table_open(struct emu_media_table *table, struct emu_config *config,
			 const struct emu_ns_spec *specs, unsigned int count,
			 struct nvme_text *error);

/** emu_media_table_add - @backend, which becomes the table's, holds namespace @nsid */
void emu_media_table_add(struct emu_media_table *table, uint32_t nsid, struct emu_backend *backend);

/**
 * emu_media_table_restore - make the medium of a namespace as an earlier process had it
 *
 * What its file in the pool holds is kept; without a pool it begins empty. A medium that is there
 * already gets the geometry, and a file or export keeps what it holds.
 * Return: 0, or a negative errno with a sentence.
 */
int emu_media_table_restore(struct emu_media_table *table, uint32_t nsid,
			    const struct emu_geometry *geometry, struct nvme_text *error);

/** emu_media_table_drop - close the medium of @nsid, if there is one; what it holds stays */
void emu_media_table_drop(struct emu_media_table *table, uint32_t nsid);

/** emu_media_table_start - as ops->media of the core */
int emu_media_table_start(struct emu_media_table *table, const struct emu_media *media);

/** emu_media_table_cancel - as ops->cancel of the core */
void emu_media_table_cancel(struct emu_media_table *table, uint32_t tag);

/** emu_media_table_poll - send what is queued and answer what is done; Return: how many answers */
unsigned int emu_media_table_poll(struct emu_media_table *table);

/** emu_media_table_cut - the power goes: @cut for each medium, its NSID in the identity */
int emu_media_table_cut(struct emu_media_table *table, const struct emu_power_cut *cut);

/** emu_media_table_next_bad - see emu_device_next_uncorrectable() */
bool emu_media_table_next_bad(const struct emu_media_table *table, uint32_t nsid, uint64_t from,
			      uint64_t *ret_slba, uint64_t *ret_blocks);

/** emu_media_table_set_bad - see emu_device_set_uncorrectable() */
int emu_media_table_set_bad(struct emu_media_table *table, uint32_t nsid, uint64_t slba,
			    uint64_t blocks);

/**
 * emu_media_table_changes - how often the uncorrectable blocks of @nsid may have changed
 * Return: false when it has no medium.
 */
bool emu_media_table_changes(const struct emu_media_table *table, uint32_t nsid,
			     uint32_t *ret_changes);

/** emu_media_table_pending - how many requests are unanswered */
unsigned int emu_media_table_pending(const struct emu_media_table *table);

/** emu_media_table_find - the medium of @nsid, or NULL */
static inline struct emu_backend *emu_media_table_find(const struct emu_media_table *table,
						       uint32_t nsid)
{
	return nsid <= table->nn ? table->by_nsid[nsid] : NULL;
}

#endif
