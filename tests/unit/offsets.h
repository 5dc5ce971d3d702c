/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of sizes, offsets and numbers, one of ours and one of libnvme's, with the same keys.
 *
 * The two sets of headers share names and cannot be included together, so each table is an object
 * of its own. Rows are in offsets_identify.def, offsets_data.def and offsets_numbers.def.
 */
#ifndef TESTS_UNIT_OFFSETS_H
#define TESTS_UNIT_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct offset_row - a structure (member is empty), or a member of it */
struct offset_row {
	const char *structure; /* our name */
	const char *member;    /* our name */
	size_t offset;
	size_t bytes;
};

/** struct number_row - a number by our name */
struct number_row {
	const char *name;
	uint64_t value;
};

extern const struct offset_row nvme_offsets[];
extern const size_t nvme_offsets_n;
extern const struct number_row nvme_numbers[];
extern const size_t nvme_numbers_n;

extern const struct offset_row libnvme_offsets[];
extern const size_t libnvme_offsets_n;
extern const struct number_row libnvme_numbers[];
extern const size_t libnvme_numbers_n;

/* libnvme's headers are those of version 1.3 or older, in which the known differences stand. */
extern const bool libnvme_is_old;

#endif
