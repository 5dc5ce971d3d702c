/* SPDX-License-Identifier: BSD-3-Clause */
/* libnvme's side of the comparison: see offsets.h. Includes none of our structures. */
#include <libnvme.h>

#include "tests/unit/offsets.h"

/* A header that came with version 1.4; the headers of these versions do not tell their number. */
#if __has_include(<nvme/nbft.h>)
const bool libnvme_is_old = false;
#else
const bool libnvme_is_old = true;
#endif

/* clang-format off */
#define SIZE(ours, theirs) { #ours, "", 0, sizeof(struct theirs) },
#define MEMBER(ours, member, theirs, their_member) \
	{ #ours, #member, offsetof(struct theirs, their_member), \
	  sizeof(((struct theirs *)NULL)->their_member) },
const struct offset_row libnvme_offsets[] = {
#include "tests/unit/offsets_identify.def"
#include "tests/unit/offsets_data.def"
};
const size_t libnvme_offsets_n = sizeof(libnvme_offsets) / sizeof(libnvme_offsets[0]);

#define STATUS(ours, their_type, theirs) { #ours, their_type << NVME_SCT_SHIFT | theirs },
#define NUMBER(ours, theirs) { #ours, (uint32_t)theirs },
#define FIELD(ours, theirs) { #ours, (uint64_t)theirs##_MASK << theirs##_SHIFT },
#define BIT(ours, theirs) { #ours, (uint32_t)theirs },
#define IO_BIT(ours, theirs) { #ours, (uint32_t)theirs << 16 },
const struct number_row libnvme_numbers[] = {
#include "tests/unit/offsets_numbers.def"
};
const size_t libnvme_numbers_n = sizeof(libnvme_numbers) / sizeof(libnvme_numbers[0]);
