/* SPDX-License-Identifier: BSD-3-Clause */
/* The media that a device begins with: from what the namespaces' texts say. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "emulator/backend/cache.h"
#include "emulator/device/device.h"
#include "emulator/device/media.h"
#include "emulator/device/say.h"

static uint32_t log2_of(uint32_t value)
{
	return (uint32_t)__builtin_ctz(value);
}

/* The NSID that @spec asks for, or the lowest that none of the namespaces so far has. */
static uint32_t pick_nsid(const struct emu_config *config, const struct emu_ns_spec *spec)
{
	uint32_t nsid = 1;

	if (spec->nsid != 0)
		return spec->nsid;
	for (uint32_t i = 0; i < config->namespaces; i++) {
		if (config->ns[i].nsid == nsid) {
			nsid++;
			i = UINT32_MAX; /* Look at all of them again for the next number. */
		}
	}
	return nsid;
}

static int open_backend(const struct emu_backend_host *host, const struct emu_ns_spec *spec,
			const struct emu_geometry *geometry, struct emu_backend **ret_backend,
			struct nvme_text *error)
{
	const struct emu_file_options options = { .path = spec->file, .geometry = *geometry };

	const struct emu_nbd_options nbd = { .uri = spec->nbd,
					     .geometry = *geometry,
					     .patience_nsec = EMU_NBD_PATIENCE_NSEC };

	if (spec->nbd[0])
		return emu_nbd_open(host, &nbd, ret_backend, error);
	if (spec->file[0])
		return emu_file_open(host, &options, ret_backend, error);
	if (emu_mem_open(host, geometry, ret_backend) < 0)
		return emu_say(error, -ENOMEM, "no memory");
	return 0;
}

/* In front of it a volatile cache, if there is to be one; what is behind it is synchronous then. */
static int open_medium(struct emu_media_table *table, const struct emu_config *config,
		       const struct emu_ns_spec *spec, const struct emu_geometry *geometry,
		       struct emu_backend **ret_backend, struct nvme_text *error)
{
	struct emu_cache *cache;
	int result;

	if (spec->cache_bytes == 0)
		return open_backend(&table->host, spec, geometry, ret_backend, error);
	if (!config->vwc)
		return emu_say(error, -EINVAL, "cache=%llu: the controller key vwc has to be on",
			       (unsigned long long)spec->cache_bytes);
	cache = emu_cache_new(&table->host, spec->cache_bytes);
	if (!cache)
		return emu_say(error, -ENOMEM, "no memory");
	result = open_backend(emu_cache_host(cache), spec, geometry, ret_backend, error);
	if (result)
		emu_cache_free(cache);
	else
		*ret_backend = emu_cache_wrap(cache, *ret_backend);
	return result;
}

static int open_ns(struct emu_media_table *table, struct emu_config *config,
		   const struct emu_ns_spec *spec, struct nvme_text *error)
{
	struct emu_geometry geometry = { 0 };
	struct emu_backend *backend = NULL;
	struct emu_ns_config ns = spec->format;
	int result;

	ns.nsid = pick_nsid(config, spec);
	if (spec->lba_bytes < 512 || spec->lba_bytes > 65536 ||
	    (spec->lba_bytes & (spec->lba_bytes - 1)) != 0 ||
	    spec->size_bytes % spec->lba_bytes != 0 ||
	    (spec->size_bytes == 0 && !spec->file[0] && !spec->nbd[0]) ||
	    (spec->file[0] && spec->nbd[0]))
		return emu_say(error, -EINVAL, "namespace %u: bad size or block size", ns.nsid);
	if (config->namespaces >= EMU_MAX_NAMESPACES)
		return emu_say(error, -EINVAL, "at most %d namespaces", EMU_MAX_NAMESPACES);
	geometry.lbads = log2_of(spec->lba_bytes);
	geometry.blocks = spec->size_bytes >> geometry.lbads;
	geometry.ms = ns.ms;
	result = open_medium(table, config, spec, &geometry, &backend, error);
	if (result || !backend)
		return result;
	ns.lbads = geometry.lbads;
	ns.blocks = backend->geometry.blocks;
	result = emu_config_add_ns(config, &ns, error);
	if (result) {
		backend->ops->close(backend);
		return result;
	}
	emu_media_table_add(table, ns.nsid, backend);
	return 0;
}

/* What the device waits for: an eventfd when something is asynchronous, and more with NBD. */
static int make_waiters(struct emu_media_table *table, const struct emu_ns_spec *specs,
			unsigned int count, struct nvme_text *error)
{
	struct emu_backend_host *host = &table->host;
	bool files = table->pool != NULL;
	bool sockets = false;

	for (unsigned int i = 0; i < count; i++) {
		files = files || specs[i].file[0] != '\0';
		sockets = sockets || specs[i].nbd[0] != '\0';
	}
	if (host->synchronous || (!files && !sockets))
		return 0;
	host->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (host->event_fd < 0)
		return emu_say(error, -errno, "eventfd: %s", strerror(errno));
	if (sockets) {
		struct epoll_event event = { .events = EPOLLIN, .data.fd = host->event_fd };

		host->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
		if (host->epoll_fd < 0 ||
		    epoll_ctl(host->epoll_fd, EPOLL_CTL_ADD, host->event_fd, &event) < 0)
			return emu_say(error, -errno, "epoll: %s", strerror(errno));
	}
	return 0;
}

int emu_media_table_open(struct emu_media_table *table, struct emu_config *config,
			 const struct emu_ns_spec *specs, unsigned int count,
			 struct nvme_text *error)
{
	int result = make_waiters(table, specs, count, error);

	if (result)
		return result;
	config->namespaces = 0;
	/* Those with a number of their own first, so that the others find the lowest free ones. */
	for (unsigned int pass = 0; pass < 2; pass++) {
		for (unsigned int i = 0; i < count; i++) {
			if ((specs[i].nsid == 0) == (pass == 1))
				result = open_ns(table, config, &specs[i], error);
			if (result)
				return result;
		}
	}
	return 0;
}
