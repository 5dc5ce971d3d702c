/* SPDX-License-Identifier: BSD-3-Clause */
/* How many bytes of memory an x86-64 instruction moves. Private to trapbar. */
#ifndef NVMELAB_EMULATOR_DEVICE_TRAP_DECODE_H
#define NVMELAB_EMULATOR_DEVICE_TRAP_DECODE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct emu_trap_insn - what an instruction does to its operand in memory
 * @bytes: that it moves, once if it repeats
 * @updates: when it stores, it has loaded from there before
 */
struct emu_trap_insn {
	uint32_t bytes;
	bool updates;
};

/**
 * emu_trap_decode - look at the instruction at @code
 *
 * Reads no more of it than its prefixes, its opcode and the byte after that, if it has one. Whether
 * it loads or stores is not looked at: a fault says so.
 * Return: false for one that is not known: nothing is set then.
 */
bool emu_trap_decode(const uint8_t *code, struct emu_trap_insn *ret_insn);

#endif
