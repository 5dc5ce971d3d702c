/* SPDX-License-Identifier: BSD-3-Clause */
/* Words and kinds of values of fault rules: what fault_text.c reads and fault_print.c writes. */
#ifndef NVMELAB_COMMON_FAULT_WORDS_H
#define NVMELAB_COMMON_FAULT_WORDS_H

#include "common/fault.h"

/** enum nvme_fault_kind - how values of a field, or arguments of an action, are written */
enum nvme_fault_kind {
	KIND_NUMBER,
	KIND_LIFE,
	KIND_REGISTER,
	KIND_OPCODE,
	KIND_STATUS,
	KIND_RESET,
	KIND_ERROR,
	KIND_NOTHING,
	KIND_NAME,
	KIND_DURATION,
	KIND_AWAY, /* a duration, or nothing for ever */
	KIND_KEEP,
	KIND_PATCH,
	KIND_PAIR,
	KIND_BLOCKS,
	KIND_WARNING,
	KIND_ASSIGN,
};

/** struct nvme_fault_word - a row of a table that ends with a NULL text */
struct nvme_fault_word {
	const char *text;
	uint64_t value;
};

extern const struct nvme_fault_word nvme_fault_relations[];
extern const struct nvme_fault_word nvme_fault_assigns[];

/** nvme_fault_words - the names of values of a kind, or NULL */
const struct nvme_fault_word *nvme_fault_words(enum nvme_fault_kind kind);

/** nvme_fault_field_kind - how values of a field are written */
enum nvme_fault_kind nvme_fault_field_kind(unsigned int field);

/**
 * nvme_fault_parse_patch - BYTE:HEX, the bytes in the order of the data
 * Return: false when @slice is not that, or not of 1 to 8 bytes.
 */
bool nvme_fault_parse_patch(struct nvme_slice slice, struct nvme_fault_action *action);

/** nvme_fault_take_part - what is before @separator, which goes too; all if there is none: false */
bool nvme_fault_take_part(struct nvme_slice *rest, const char *separator, size_t bytes,
			  struct nvme_slice *ret_part);

/** nvme_fault_refuse - @error gets @slice, quoted, and @why; Return: false */
bool nvme_fault_refuse(struct nvme_text *error, struct nvme_slice slice, const char *why);

/** nvme_fault_argument_kind - how the argument of an action is written */
enum nvme_fault_kind nvme_fault_argument_kind(unsigned int kind);

#endif
