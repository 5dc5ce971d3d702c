/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * x86-64 instructions that compilers and C libraries make of loads and stores: the width of their
 * operand in memory, from prefixes and opcode alone.
 */
#include "emulator/device/trap_decode.h"

/* Which of 66h, F3h and F2h select an instruction of its own; as VEX and EVEX number them. */
enum {
	PLAIN,
	OPERAND16,
	REPEAT,
	REPEAT_NOT
};

struct prefixes {
	bool operand16;
	bool wide; /* REX.W and the like */
	uint8_t select;
	uint8_t vector_bytes; /* 0: legacy encoding */
};

static uint32_t operand_bytes(const struct prefixes *prefixes)
{
	if (prefixes->wide)
		return 8;
	return prefixes->operand16 ? 2 : 4;
}

/* Bit 0 of an opcode says whether the operand is a byte, for most of them. */
static uint32_t sized(const struct prefixes *prefixes, uint8_t opcode)
{
	return opcode & 1 ? operand_bytes(prefixes) : 1;
}

static struct emu_trap_insn one_byte(const struct prefixes *prefixes, const uint8_t *code)
{
	uint8_t op = code[0];

	/* ADD, OR, ADC, SBB, AND, SUB, XOR, CMP with a register */
	if (op < 0x40 && (op & 7) < 4)
		return (struct emu_trap_insn){ sized(prefixes, op), !(op & 2) };
	switch (op) {
	case 0x63: /* MOVSXD */
		return (struct emu_trap_insn){ 4, false };
	case 0x80 ... 0x83: /* arithmetic with a constant */
	case 0x86 ... 0x87: /* XCHG */
	case 0xc0 ... 0xc1: /* shifts */
	case 0xd0 ... 0xd3:
	case 0xf6 ... 0xf7: /* TEST, NOT, NEG, ... */
	case 0xfe:	    /* INC, DEC */
		return (struct emu_trap_insn){ sized(prefixes, op), true };
	case 0xff: /* INC, DEC, or a stack's or a jump's 8 bytes */
		if ((code[1] >> 3 & 7) < 2)
			return (struct emu_trap_insn){ sized(prefixes, op), true };
		return (struct emu_trap_insn){ 8, false };
	case 0x84 ... 0x85: /* TEST */
	case 0x88 ... 0x8b: /* MOV */
	case 0xa0 ... 0xa7: /* MOV at an address, MOVS, CMPS */
	case 0xaa ... 0xaf: /* STOS, LODS, SCAS */
	case 0xc6 ... 0xc7: /* MOV of a constant */
		return (struct emu_trap_insn){ sized(prefixes, op), false };
	case 0x8f: /* POP */
		return (struct emu_trap_insn){ 8, false };
	default:
		return (struct emu_trap_insn){ 0, false };
	}
}

/* Moves of vector registers, in all three encodings. */
static uint32_t vector_move(const struct prefixes *prefixes, uint8_t op)
{
	uint32_t whole = prefixes->vector_bytes ? prefixes->vector_bytes : 16;
	uint8_t select = prefixes->select;

	switch (op) {
	case 0x10: /* MOVUPS, MOVUPD, MOVSS, MOVSD */
	case 0x11:
		return select == REPEAT ? 4 : select == REPEAT_NOT ? 8 : whole;
	case 0x12: /* MOVLPS, MOVSLDUP, MOVDDUP */
		return select == REPEAT || (select == REPEAT_NOT && whole > 16) ? whole : 8;
	case 0x16: /* MOVHPS, MOVSHDUP */
		return select == REPEAT ? whole : 8;
	case 0x13:
	case 0x17:
	case 0xd6: /* MOVQ */
		return 8;
	case 0x28: /* MOVAPS, MOVNTPS */
	case 0x29:
	case 0x2b:
		return whole;
	case 0x6e: /* MOVD, MOVQ */
		return prefixes->wide ? 8 : 4;
	case 0x7e:
		return select == REPEAT || prefixes->wide ? 8 : 4;
	case 0x6f: /* MOVDQA, MOVDQU, and MOVQ of MMX */
	case 0x7f:
	case 0xe7:
		return select == PLAIN && !prefixes->vector_bytes ? 8 : whole;
	case 0xf0: /* LDDQU */
		return select == REPEAT_NOT ? whole : 0;
	default:
		return 0;
	}
}

static struct emu_trap_insn two_bytes(const struct prefixes *prefixes, const uint8_t *code)
{
	uint8_t op = code[0];

	switch (op) {
	case 0x38: /* MOVBE; with F2h it is CRC32 */
		if ((code[1] != 0xf0 && code[1] != 0xf1) || prefixes->select == REPEAT_NOT)
			return (struct emu_trap_insn){ 0, false };
		return (struct emu_trap_insn){ operand_bytes(prefixes), false };
	case 0x40 ... 0x4f: /* CMOV */
	case 0xa3:	    /* BT */
	case 0xaf:	    /* IMUL */
	case 0xc3:	    /* MOVNTI */
		return (struct emu_trap_insn){ operand_bytes(prefixes), false };
	case 0x90 ... 0x9f: /* SETcc */
	case 0xb6:	    /* MOVZX, MOVSX */
	case 0xbe:
		return (struct emu_trap_insn){ 1, false };
	case 0xb7:
	case 0xbf:
		return (struct emu_trap_insn){ 2, false };
	case 0xab: /* BTS, BTR, BTC */
	case 0xb3:
	case 0xba:
	case 0xbb:
		return (struct emu_trap_insn){ operand_bytes(prefixes), true };
	case 0xb0 ... 0xb1: /* CMPXCHG */
	case 0xc0 ... 0xc1: /* XADD */
		return (struct emu_trap_insn){ sized(prefixes, op), true };
	case 0xc7: /* CMPXCHG8B, CMPXCHG16B */
		if ((code[1] >> 3 & 7) != 1)
			return (struct emu_trap_insn){ 0, false };
		return (struct emu_trap_insn){ prefixes->wide ? 16 : 8, true };
	default:
		return (struct emu_trap_insn){ vector_move(prefixes, op), false };
	}
}

/* C5h, C4h, 62h: the bits are those of legacy prefixes, some of them inverted. */
static struct emu_trap_insn vector(const uint8_t *code)
{
	struct prefixes prefixes = { 0 };
	struct emu_trap_insn none = { 0, false };
	uint8_t map = 1, last;

	if (code[0] == 0xc5) {
		last = code[1];
		prefixes.vector_bytes = last & 4 ? 32 : 16;
		code += 2;
	} else {
		map = code[1] & (code[0] == 0x62 ? 7 : 31);
		last = code[2];
		prefixes.wide = last >> 7;
		prefixes.vector_bytes = last & 4 ? 32 : 16;
		if (code[0] == 0x62) {
			if ((code[3] & 7) != 0 || (code[3] >> 5 & 3) == 3)
				return none; /* masked */
			prefixes.vector_bytes = (uint8_t)(16u << (code[3] >> 5 & 3));
			code++;
		}
		code += 3;
	}
	prefixes.select = last & 3;
	if (map != 1)
		return none;
	return (struct emu_trap_insn){ vector_move(&prefixes, code[0]), false };
}

/* Prefixes in any order, REX last. */
static const uint8_t *skip_prefixes(const uint8_t *code, struct prefixes *prefixes)
{
	for (;; code++) {
		switch (*code) {
		case 0x66:
			prefixes->operand16 = true;
			if (prefixes->select == PLAIN)
				prefixes->select = OPERAND16;
			break;
		case 0xf2:
			prefixes->select = REPEAT_NOT;
			break;
		case 0xf3:
			prefixes->select = REPEAT;
			break;
		case 0x26: /* segments, address size, LOCK */
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0x64:
		case 0x65:
		case 0x67:
		case 0xf0:
			break;
		default:
			if ((*code & 0xf0) == 0x40) {
				prefixes->wide = *code & 8;
				code++;
			}
			return code;
		}
	}
}

bool emu_trap_decode(const uint8_t *code, struct emu_trap_insn *ret_insn)
{
	struct prefixes prefixes = { 0 };
	struct emu_trap_insn insn;

	code = skip_prefixes(code, &prefixes);
	if (*code == 0xc4 || *code == 0xc5 || *code == 0x62)
		insn = vector(code);
	else if (*code == 0x0f)
		insn = two_bytes(&prefixes, code + 1);
	else
		insn = one_byte(&prefixes, code);
	if (insn.bytes == 0)
		return false;
	*ret_insn = insn;
	return true;
}
