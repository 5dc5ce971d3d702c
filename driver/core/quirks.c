/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices that need to be treated in a special way, by vendor and device of configuration space.
 *
 * What can be found out at run time is not here: a status or a register says it better.
 */
#include "driver/core/internal.h"

static const struct nvl_quirk quirks[] = {
	{ 0x1c58, 0x0003, NVL_QUIRK_READY_DELAY, "HGST SN100" },
	{ 0x1c58, 0x0023, NVL_QUIRK_READY_DELAY, "WDC SN200" },
	{ 0x1c5f, 0x0540, NVL_QUIRK_READY_DELAY, "Memblaze PBlaze4" },
	{ 0x144d, 0xa821, NVL_QUIRK_READY_DELAY, "Samsung PM1725" },
	{ 0x144d, 0xa822, NVL_QUIRK_READY_DELAY, "Samsung PM1725a" },
	{ 0x8086, 0x5845, NVL_QUIRK_NO_LIST, "QEMU before 5.2" },
	{ 0x106b, 0x2001, NVL_QUIRK_ONE_VECTOR, "Apple, 2015" },
	{ 0x106b, 0x2003, NVL_QUIRK_ONE_VECTOR, "Apple, 2016" },
	{ 0x2646, 0x2262, NVL_QUIRK_NO_APST, "Kingston KC2000" },
};

const struct nvl_quirk *nvl_quirk_at(uint32_t index)
{
	return index < sizeof(quirks) / sizeof(quirks[0]) ? &quirks[index] : NULL;
}

/** nvl_quirks_of - the bits of a device; @id: dword 0 of configuration space */
uint32_t nvl_quirks_of(uint32_t id)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++) {
		if (id == ((uint32_t)quirks[i].device << 16 | quirks[i].vendor))
			bits |= quirks[i].quirks;
	}
	return bits;
}
