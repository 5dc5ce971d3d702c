/* SPDX-License-Identifier: BSD-3-Clause */
/* What all media have in common: geometry, and the state of their blocks. */
#include "emulator/backend/backend.h"

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
