/* SPDX-License-Identifier: BSD-3-Clause */
/* The media of a device: which namespace has which, and what concerns more than one request. */
#include "emulator/device/media.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emulator/device/device.h"
#include "emulator/device/say.h"

#define ALL_NAMESPACES UINT32_MAX

/* An answer of a medium; of a flush of all, only the last one counts. */
static void take_answer(void *arg, uint32_t tag, int result)
{
	struct emu_media_table *table = arg;

	for (unsigned int i = 0; i < table->flush_count; i++) {
		struct emu_flush_all *flush = &table->flushes[i];

		if (flush->tag != tag)
			continue;
		if (result != 0)
			flush->result = result;
		if (--flush->waiting > 0)
			return;
		result = flush->result;
		*flush = table->flushes[--table->flush_count];
		break;
	}
	table->done(table->arg, tag, result);
}

static int check_pool(const char *pool, struct nvme_text *error)
{
	int fd = open(pool, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return emu_say(error, -errno, "pool %s: %s", pool, strerror(errno));
	close(fd);
	return 0;
}

int emu_media_table_init(struct emu_media_table *table, uint32_t nn, const char *pool,
			 struct nvme_text *error)
{
	table->nn = nn;
	table->by_nsid = calloc((size_t)nn + 1, sizeof(struct emu_backend *));
	table->open = calloc((size_t)nn + 1, sizeof(struct emu_backend *));
	table->flushes = calloc(table->host.requests, sizeof(*table->flushes));
	table->drains = calloc(table->host.requests, sizeof(*table->drains));
	if (pool)
		table->pool = strdup(pool);
	table->host.done = take_answer;
	table->host.arg = table;
	if (!table->by_nsid || !table->open || !table->flushes || !table->drains ||
	    (pool && !table->pool))
		return emu_say(error, -ENOMEM, "no memory");
	return pool ? check_pool(pool, error) : 0;
}

void emu_media_table_done(struct emu_media_table *table)
{
	for (uint32_t i = 0; i < table->count; i++)
		table->open[i]->ops->close(table->open[i]);
	free(table->pool);
	free(table->drains);
	free(table->flushes);
	free(table->open);
	free(table->by_nsid);
}

void emu_media_table_add(struct emu_media_table *table, uint32_t nsid, struct emu_backend *backend)
{
	table->by_nsid[nsid] = backend;
	table->open[table->count++] = backend;
}

/* Media that come at run time. */

static int open_pooled(struct emu_media_table *table, uint32_t nsid,
		       const struct emu_geometry *geometry, struct emu_backend **ret_backend,
		       struct nvme_text *error)
{
	char path[EMU_PATH_BYTES + 32];
	const struct emu_file_options options = {
		.path = path,
		.geometry = *geometry,
		.temporary = true,
	};

	if (snprintf(path, sizeof(path), "%s/ns-%u", table->pool, nsid) >= (int)sizeof(path))
		return emu_say(error, -ENAMETOOLONG, "pool %s: the name is too long", table->pool);
	return emu_file_open(&table->host, &options, ret_backend, error);
}

int emu_media_table_restore(struct emu_media_table *table, uint32_t nsid,
			    const struct emu_geometry *geometry, struct nvme_text *error)
{
	struct emu_backend *backend;
	int result;

	if (nsid == 0 || nsid > table->nn || emu_geometry_bytes(geometry) == 0)
		return emu_say(error, -EINVAL, "namespace %u: bad number or size", nsid);
	backend = table->by_nsid[nsid];
	if (backend && memcmp(&backend->geometry, geometry, sizeof(*geometry)) == 0)
		return 0;
	if (backend) {
		result = emu_backend_adopt(backend, geometry);
		return result ? emu_say(error, result,
					"namespace %u: its medium cannot have %llu blocks of %llu "
					"bytes: %s",
					nsid, (unsigned long long)geometry->blocks,
					(1ull << geometry->lbads) + geometry->ms, strerror(-result))
			      : 0;
	}
	if (table->pool)
		result = open_pooled(table, nsid, geometry, &backend, error);
	else
		result = emu_mem_open(&table->host, geometry, &backend);
	if (!result)
		emu_media_table_add(table, nsid, backend);
	return result;
}

/* What the core is told when there can be no medium. */
static int error_of(int error)
{
	switch (error) {
	case -ENOMEM:
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
	case -EINVAL:
		return -ENOSPC;
	default:
		return -EIO;
	}
}

static int format(struct emu_media_table *table, const struct emu_media *media)
{
	const struct emu_geometry geometry = emu_geometry_of(media);
	struct emu_backend *backend = table->by_nsid[media->nsid];
	int error;

	if (!backend) {
		error = emu_media_table_restore(table, media->nsid, &geometry, NULL);
		if (error)
			return error_of(error);
		backend = table->by_nsid[media->nsid];
	}
	return backend ? backend->ops->submit(backend, media) : -EIO;
}

void emu_media_table_drop(struct emu_media_table *table, uint32_t nsid)
{
	struct emu_backend *backend = table->by_nsid[nsid];

	for (uint32_t i = 0; backend && i < table->count; i++) {
		if (table->open[i] == backend)
			table->open[i] = table->open[--table->count];
	}
	table->by_nsid[nsid] = NULL;
	if (backend)
		backend->ops->close(backend);
}

static int remove_medium(struct emu_media_table *table, const struct emu_media *media)
{
	struct emu_backend *backend = table->by_nsid[media->nsid];
	int error;

	if (!backend)
		return 0;
	error = backend->ops->submit(backend, media);
	if (error)
		return error;
	emu_media_table_drop(table, media->nsid);
	return 0;
}

static int format_or_delete(struct emu_media_table *table, const struct emu_media *media)
{
	return media->op == EMU_MEDIA_FORMAT ? format(table, media) : remove_medium(table, media);
}

static unsigned int finish_drains(struct emu_media_table *table)
{
	unsigned int answers = 0;

	for (unsigned int i = 0; i < table->drain_count; i++) {
		const struct emu_drain drain = table->drains[i];
		int result;

		if (drain.backend->pending > 0)
			continue;
		table->drains[i--] = table->drains[--table->drain_count];
		table->by_nsid[drain.media.nsid] = drain.backend;
		result = format_or_delete(table, &drain.media);
		table->done(table->arg, drain.media.tag, result);
		answers++;
	}
	return answers;
}

/* What the core asks for. */

static int flush_all(struct emu_media_table *table, const struct emu_media *media)
{
	struct emu_flush_all flush = { .tag = media->tag };

	for (uint32_t i = 0; i < table->count; i++) {
		struct emu_backend *backend = table->open[i];
		int result = backend->ops->submit(backend, media);

		if (result == EMU_PENDING)
			flush.waiting++;
		else if (result != 0)
			flush.result = result;
	}
	if (flush.waiting == 0)
		return flush.result;
	table->flushes[table->flush_count++] = flush;
	return EMU_PENDING;
}

/*
 * What is not for one medium that is there. FORMAT and DELETE find it idle: nobody else can ask it
 * for anything until then.
 */
static __attribute__((noinline)) int start_rare(struct emu_media_table *table,
						const struct emu_media *media)
{
	struct emu_backend *backend = emu_media_table_find(table, media->nsid);

	if (media->nsid == ALL_NAMESPACES && media->op == EMU_MEDIA_FLUSH)
		return flush_all(table, media);
	if ((media->op != EMU_MEDIA_FORMAT && media->op != EMU_MEDIA_DELETE) || media->nsid == 0 ||
	    media->nsid > table->nn)
		return -EIO;
	for (unsigned int i = 0; i < table->drain_count; i++) {
		if (table->drains[i].media.nsid == media->nsid)
			return -EIO;
	}
	if (!backend || backend->pending == 0)
		return format_or_delete(table, media);
	table->drains[table->drain_count++] = (struct emu_drain){ .media = *media,
								  .backend = backend };
	table->by_nsid[media->nsid] = NULL;
	return EMU_PENDING;
}

int emu_media_table_start(struct emu_media_table *table, const struct emu_media *media)
{
	struct emu_backend *backend = emu_media_table_find(table, media->nsid);

	if (__builtin_expect(backend && media->op < EMU_MEDIA_FORMAT, 1))
		return backend->ops->submit(backend, media);
	return start_rare(table, media);
}

void emu_media_table_cancel(struct emu_media_table *table, uint32_t tag)
{
	for (uint32_t i = 0; i < table->count; i++) {
		struct emu_backend *backend = table->open[i];

		if (backend->pending > 0 && backend->ops->cancel)
			backend->ops->cancel(backend, tag);
	}
}

unsigned int emu_media_table_poll(struct emu_media_table *table)
{
	unsigned int answers = 0;

	for (uint32_t i = 0; i < table->count; i++) {
		struct emu_backend *backend = table->open[i];

		if ((backend->pending > 0 || table->woken) && backend->ops->poll)
			answers += backend->ops->poll(backend);
	}
	table->woken = false;
	if (__builtin_expect(table->drain_count > 0, 0))
		answers += finish_drains(table);
	return answers;
}

unsigned int emu_media_table_pending(const struct emu_media_table *table)
{
	unsigned int pending = table->drain_count;

	for (uint32_t i = 0; i < table->count; i++)
		pending += table->open[i]->pending;
	return pending;
}

int emu_media_table_cut(struct emu_media_table *table, const struct emu_power_cut *cut)
{
	int result = 0;

	for (uint32_t nsid = 1; nsid <= table->nn; nsid++) {
		struct emu_backend *backend = table->by_nsid[nsid];
		struct emu_power_cut own = *cut;
		int error;

		if (!backend || !backend->ops->cut)
			continue;
		own.identity = (uint64_t)nsid << 48;
		error = backend->ops->cut(backend, &own);
		result = result ? result : error;
	}
	return result;
}

/* The medium that knows which blocks are bad; one that is drained is still there. */
static struct emu_backend *find_inner(const struct emu_media_table *table, uint32_t nsid)
{
	struct emu_backend *backend = emu_media_table_find(table, nsid);

	for (unsigned int i = 0; !backend && i < table->drain_count; i++) {
		if (table->drains[i].media.nsid == nsid)
			backend = table->drains[i].backend;
	}
	return backend && backend->inner ? backend->inner : backend;
}

bool emu_media_table_changes(const struct emu_media_table *table, uint32_t nsid,
			     uint32_t *ret_changes)
{
	const struct emu_backend *backend = find_inner(table, nsid);

	*ret_changes = backend ? backend->map.changes : 0;
	return backend != NULL;
}

bool emu_media_table_next_bad(const struct emu_media_table *table, uint32_t nsid, uint64_t from,
			      uint64_t *ret_slba, uint64_t *ret_blocks)
{
	const struct emu_backend *backend = find_inner(table, nsid);
	uint64_t run = 0;
	bool bad = false;

	if (!backend || !backend->map.uncorrectable.root)
		return false;
	for (; from < backend->geometry.blocks && !bad; from += bad ? 0 : run)
		run = emu_blockset_run(&backend->map.uncorrectable, from,
				       backend->geometry.blocks - from, &bad);
	*ret_slba = from;
	*ret_blocks = run;
	return bad;
}

int emu_media_table_set_bad(struct emu_media_table *table, uint32_t nsid, uint64_t slba,
			    uint64_t blocks)
{
	struct emu_backend *backend = find_inner(table, nsid);

	if (!backend || blocks == 0 || slba >= backend->geometry.blocks ||
	    blocks > backend->geometry.blocks - slba)
		return -EINVAL;
	return emu_blockset_put(&backend->map.uncorrectable, slba, blocks, true) ? -ENOSPC : 0;
}
