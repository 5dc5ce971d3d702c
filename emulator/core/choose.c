/* SPDX-License-Identifier: BSD-3-Clause */
/* What is chosen where nobody else answers: a draw of the site, for each identity its own. */
#include "emulator/core/emu.h"

#include "common/random.h"

uint32_t emu_draw_choice(uint64_t seed, enum emu_choice site, uint64_t identity, uint32_t n)
{
	static const char *const names[EMU_CHOICES] = {
		[EMU_CHOOSE_RETIRE] = "cmd.retire",
		[EMU_CHOOSE_POWER_CUT] = "power.cut",
	};

	return (uint32_t)nvme_draw_below(nvme_draw(seed, nvme_key(names[site]), identity, 0), n);
}
