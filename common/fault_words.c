/* SPDX-License-Identifier: BSD-3-Clause */
/* See fault_words.h. */
#include "common/fault_words.h"

#include "common/nvme_spec.h"

static const struct nvme_fault_word lives[] = {
	{ "off", NVME_LIFE_OFF },
	{ "init", NVME_LIFE_INIT },
	{ "run", NVME_LIFE_RUN },
	{ "reset", NVME_LIFE_RESET },
	{ "shutdown", NVME_LIFE_SHUTDOWN },
	{ "gone", NVME_LIFE_GONE },
	{ NULL, 0 },
};

/* As enum emu_reset_kind counts. */
static const struct nvme_fault_word resets[] = {
	{ "controller", 0 }, { "function", 1 }, { "subsystem", 2 }, { "power", 3 }, { NULL, 0 },
};

static const struct nvme_fault_word keeps[] = {
	{ "none", NVME_KEEP_NONE },
	{ "all", NVME_KEEP_ALL },
	{ "prefix", NVME_KEEP_PREFIX },
	{ "subset", NVME_KEEP_SUBSET },
	{ NULL, 0 },
};

/* Bits of the SMART log's Critical Warning; the temperature is what 'temperature' says. */
static const struct nvme_fault_word warnings[] = {
	{ "spare", 0 },	 { "reliability", 2 }, { "read-only", 3 },
	{ "backup", 4 }, { "pmr", 5 },	       { NULL, 0 },
};

static const struct nvme_fault_word errors[] = {
	{ "error", NVME_FAIL_ERROR },
	{ "full", NVME_FAIL_FULL },
	{ "uncorrectable", NVME_FAIL_UNCORRECTABLE },
	{ "deallocated", NVME_FAIL_DEALLOCATED },
	{ NULL, 0 },
};

static const struct nvme_fault_word registers[] = {
#define X(name, offset, bytes, clause) { #name, offset },
	NVME_REGISTER_LIST(X)
#undef X
		{ NULL, 0 },
};

static const struct nvme_fault_word opcodes[] = {
#define X(symbol, code, text) { text, 0x100 | (code) },
	NVME_ADMIN_OPCODE_LIST(X)
#undef X
#define X(symbol, code, text) { text, code },
		NVME_NVM_OPCODE_LIST(X)
#undef X
			{ NULL, 0 },
};

const struct nvme_fault_word nvme_fault_relations[] = {
	{ "==", NVME_REL_EQ }, { "!=", NVME_REL_NE }, { "<=", NVME_REL_LE }, { ">=", NVME_REL_GE },
	{ "<", NVME_REL_LT },  { ">", NVME_REL_GT },  { "in", NVME_REL_IN }, { NULL, 0 },
};

const struct nvme_fault_word nvme_fault_assigns[] = {
	{ "=", NVME_ASSIGN_SET },
	{ "^=", NVME_ASSIGN_XOR },
	{ "|=", NVME_ASSIGN_OR },
	{ "&=", NVME_ASSIGN_AND },
	{ NULL, 0 },
};

static const uint8_t field_kinds[] = {
#define X(symbol, name, kind, help) KIND_##kind,
	NVME_FAULT_FIELD_LIST(X)
#undef X
};

static const uint8_t action_kinds[] = {
#define X(symbol, name, argument, where, help) KIND_##argument,
	NVME_FAULT_ACTION_LIST(X)
#undef X
};

const struct nvme_fault_word *nvme_fault_words(enum nvme_fault_kind kind)
{
	switch (kind) {
	case KIND_LIFE:
		return lives;
	case KIND_REGISTER:
		return registers;
	case KIND_OPCODE:
		return opcodes;
	case KIND_RESET:
		return resets;
	case KIND_ERROR:
		return errors;
	case KIND_KEEP:
		return keeps;
	case KIND_WARNING:
		return warnings;
	case KIND_NUMBER:
	case KIND_AWAY:
	case KIND_PATCH:
	case KIND_PAIR:
	case KIND_BLOCKS:
	case KIND_STATUS:
	case KIND_NOTHING:
	case KIND_NAME:
	case KIND_DURATION:
	case KIND_ASSIGN:
		break;
	}
	return NULL;
}

enum nvme_fault_kind nvme_fault_field_kind(unsigned int field)
{
	return (enum nvme_fault_kind)field_kinds[field];
}

enum nvme_fault_kind nvme_fault_argument_kind(unsigned int kind)
{
	return (enum nvme_fault_kind)action_kinds[kind];
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool nvme_fault_parse_patch(struct nvme_slice slice, struct nvme_fault_action *action)
{
	size_t colon = 0, digits;

	while (colon < slice.bytes && slice.data[colon] != ':')
		colon++;
	if (colon == slice.bytes || nvme_parse_u64(slice.data, colon, &action->at) != NVME_PARSE_OK)
		return false;
	digits = slice.bytes - colon - 1;
	if (digits == 0 || digits > 16 || digits % 2 != 0)
		return false;
	action->bytes = (uint8_t)(digits / 2);
	action->value = 0;
	for (size_t i = 0; i < digits; i++) {
		int digit = hex_digit(slice.data[colon + 1 + i]);

		if (digit < 0)
			return false;
		action->value |= (uint64_t)digit << (i / 2 * 8 + (i % 2 ? 0 : 4));
	}
	return true;
}

static void quote(struct nvme_text *error, struct nvme_slice slice)
{
	nvme_text_char(error, '\'');
	nvme_text_json(error, slice.data, slice.bytes);
	nvme_text_char(error, '\'');
}

bool nvme_fault_refuse(struct nvme_text *error, struct nvme_slice slice, const char *why)
{
	quote(error, slice);
	nvme_text_char(error, ' ');
	nvme_text_add(error, why);
	return false;
}
