/* SPDX-License-Identifier: BSD-3-Clause */
/* What all media have in common: geometry, and the state of their blocks. */
#include "emulator/backend/backend.h"

#include <errno.h>

#define BYTES_MAX (UINT64_C(1) << 63)

uint64_t emu_geometry_bytes(const struct emu_geometry *geometry)
{
	uint64_t block = (UINT64_C(1) << geometry->lbads) + geometry->ms;

	return geometry->blocks < BYTES_MAX / block ? geometry->blocks * block : 0;
}

struct emu_geometry emu_geometry_of(const struct emu_media *media)
{
	return (struct emu_geometry){
		.blocks = media->blocks,
		.lbads = media->lbads,
		.ms = media->ms,
	};
}

void emu_backend_init(struct emu_backend *backend, const struct emu_backend_ops *ops,
		      const struct emu_backend_host *host, const struct emu_geometry *geometry)
{
	*backend = (struct emu_backend){
		.ops = ops,
		.host = host,
		.geometry = *geometry,
		.bytes = geometry->blocks << geometry->lbads,
	};
	emu_blockmap_init(&backend->map, geometry->blocks);
}

void emu_backend_format(struct emu_backend *backend, const struct emu_geometry *geometry)
{
	backend->geometry = *geometry;
	backend->bytes = geometry->blocks << geometry->lbads;
	emu_blockmap_done(&backend->map);
	emu_blockmap_init(&backend->map, geometry->blocks);
}

int emu_backend_adopt(struct emu_backend *backend, const struct emu_geometry *geometry)
{
	const struct emu_media format = {
		.op = EMU_MEDIA_FORMAT,
		.lbads = geometry->lbads,
		.ms = geometry->ms,
		.blocks = geometry->blocks,
	};

	if (backend->ops->adopt)
		return backend->ops->adopt(backend, geometry);
	return backend->ops->submit(backend, &format);
}

int emu_backend_submit(struct emu_backend *backend, const struct emu_media *media)
{
	const struct emu_backend_ops *ops = backend->ops;
	int error;

	if (media->op == EMU_MEDIA_FLUSH)
		return ops->move(backend, media);
	if (media->op == EMU_MEDIA_FORMAT)
		return ops->format(backend, media);
	if (media->op == EMU_MEDIA_DELETE)
		return ops->remove ? ops->remove(backend) : 0;
	error = emu_backend_check(backend, media);
	if (error)
		return error;
	switch (media->op) {
	case EMU_MEDIA_READ:
	case EMU_MEDIA_WRITE:
	case EMU_MEDIA_WRITE_ZEROES:
	case EMU_MEDIA_DEALLOCATE:
		return ops->move(backend, media);
	case EMU_MEDIA_UNCORRECTABLE:
		return emu_blockmap_spoil(&backend->map, media);
	case EMU_MEDIA_STATUS:
		emu_blockmap_status(&backend->map, media);
		return 0;
	default:
		return -ENOTSUP;
	}
}
