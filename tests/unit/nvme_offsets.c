/* SPDX-License-Identifier: BSD-3-Clause */
/* Our side of the comparison with libnvme: see offsets.h. Includes no header of libnvme's. */
#include "common/nvme_spec.h"
#include "tests/unit/offsets.h"

/* clang-format off */
#define SIZE(ours, theirs) { #ours, "", 0, sizeof(struct ours) },
#define MEMBER(ours, member, theirs, their_member) \
	{ #ours, #member, offsetof(struct ours, member), sizeof(((struct ours *)NULL)->member) },
const struct offset_row nvme_offsets[] = {
#include "tests/unit/offsets_identify.def"
#include "tests/unit/offsets_data.def"
};
const size_t nvme_offsets_n = sizeof(nvme_offsets) / sizeof(nvme_offsets[0]);

#define STATUS(ours, their_type, theirs) { #ours, ours },
#define NUMBER(ours, theirs) { #ours, ours },
#define FIELD(ours, theirs) { #ours, NVME_MASK64(ours) },
#define BIT(ours, theirs) { #ours, NVME_MASK(ours) },
#define IO_BIT(ours, theirs) { #ours, NVME_MASK(ours) },
const struct number_row nvme_numbers[] = {
#include "tests/unit/offsets_numbers.def"
};
const size_t nvme_numbers_n = sizeof(nvme_numbers) / sizeof(nvme_numbers[0]);
