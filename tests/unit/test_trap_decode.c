/* SPDX-License-Identifier: BSD-3-Clause */
/* Widths of instructions that loads and stores are made of, as the assembler writes them. */
#include "emulator/device/trap_decode.h"
#include "tests/harness/main.h"

struct row {
	const char *text;
	uint8_t code[8];
	uint32_t bytes; /* 0: not known */
	bool updates;
};

static const struct row rows[] = {
	/* clang-format off */
	{ "mov (%rax),%ecx",              { 0x8b, 0x08 },                         4, false },
	{ "mov %ecx,(%rax)",              { 0x89, 0x08 },                         4, false },
	{ "mov (%rax),%rcx",              { 0x48, 0x8b, 0x08 },                   8, false },
	{ "mov (%r8),%r9",                { 0x4d, 0x8b, 0x08 },                   8, false },
	{ "mov (%rax),%r9d",              { 0x44, 0x8b, 0x08 },                   4, false },
	{ "mov %cx,(%rax)",               { 0x66, 0x89, 0x08 },                   2, false },
	{ "mov %cl,(%rax)",               { 0x88, 0x08 },                         1, false },
	{ "movl $1,(%rax)",               { 0xc7, 0x00, 1 },                      4, false },
	{ "movq $1,(%rax)",               { 0x48, 0xc7, 0x00, 1 },                8, false },
	{ "movabs address,%eax",          { 0xa1 },                               4, false },
	{ "movzbl (%rax),%ecx",           { 0x0f, 0xb6, 0x08 },                   1, false },
	{ "movzwl (%rax),%ecx",           { 0x0f, 0xb7, 0x08 },                   2, false },
	{ "movswq (%rax),%rcx",           { 0x48, 0x0f, 0xbf, 0x08 },             2, false },
	{ "movslq (%rax),%rcx",           { 0x48, 0x63, 0x08 },                   4, false },
	{ "orl $1,(%rax)",                { 0x83, 0x08, 0x01 },                   4, true },
	{ "andb $1,(%rax)",               { 0x80, 0x20, 0x01 },                   1, true },
	{ "add %rcx,(%rax)",              { 0x48, 0x01, 0x08 },                   8, true },
	{ "add (%rax),%ecx",              { 0x03, 0x08 },                         4, false },
	{ "cmp %cl,(%rax)",               { 0x38, 0x08 },                         1, true },
	{ "testl $1,(%rax)",              { 0xf7, 0x00, 1 },                      4, true },
	{ "test %ecx,(%rax)",             { 0x85, 0x08 },                         4, false },
	{ "incl (%rax)",                  { 0xff, 0x00 },                         4, true },
	{ "incb (%rax)",                  { 0xfe, 0x00 },                         1, true },
	{ "push (%rax)",                  { 0xff, 0x30 },                         8, false },
	{ "pop (%rax)",                   { 0x8f, 0x00 },                         8, false },
	{ "shll (%rax)",                  { 0xd1, 0x20 },                         4, true },
	{ "xchg %ecx,(%rax)",             { 0x87, 0x08 },                         4, true },
	{ "lock xadd %ecx,(%rax)",        { 0xf0, 0x0f, 0xc1, 0x08 },             4, true },
	{ "lock cmpxchg %rcx,(%rax)",     { 0xf0, 0x48, 0x0f, 0xb1, 0x08 },       8, true },
	{ "cmpxchg16b (%rax)",            { 0x48, 0x0f, 0xc7, 0x08 },             16, true },
	{ "lock btsl $1,(%rax)",          { 0xf0, 0x0f, 0xba, 0x28, 1 },          4, true },
	{ "cmove (%rax),%ecx",            { 0x0f, 0x44, 0x08 },                   4, false },
	{ "sete (%rax)",                  { 0x0f, 0x94, 0x00 },                   1, false },
	{ "movbe (%rax),%rcx",            { 0x48, 0x0f, 0x38, 0xf0, 0x08 },       8, false },
	{ "movnti %ecx,(%rax)",           { 0x0f, 0xc3, 0x08 },                   4, false },
	{ "rep movsl",                    { 0xf3, 0xa5 },                         4, false },
	{ "rep movsb",                    { 0xf3, 0xa4 },                         1, false },
	{ "rep stosq",                    { 0xf3, 0x48, 0xab },                   8, false },
	{ "mov %fs:(%rax),%ecx",          { 0x64, 0x8b, 0x08 },                   4, false },
	{ "movups (%rax),%xmm1",          { 0x0f, 0x10, 0x08 },                   16, false },
	{ "movss (%rax),%xmm1",           { 0xf3, 0x0f, 0x10, 0x08 },             4, false },
	{ "movsd %xmm1,(%rax)",           { 0xf2, 0x0f, 0x11, 0x08 },             8, false },
	{ "movdqu (%rax),%xmm1",          { 0xf3, 0x0f, 0x6f, 0x08 },             16, false },
	{ "movaps %xmm1,(%rax)",          { 0x0f, 0x29, 0x08 },                   16, false },
	{ "movntdq %xmm1,(%rax)",         { 0x66, 0x0f, 0xe7, 0x08 },             16, false },
	{ "movq (%rax),%mm1",             { 0x0f, 0x6f, 0x08 },                   8, false },
	{ "movd (%rax),%xmm1",            { 0x66, 0x0f, 0x6e, 0x08 },             4, false },
	{ "movq (%rax),%xmm1",            { 0xf3, 0x0f, 0x7e, 0x08 },             8, false },
	{ "movq %xmm1,(%rax)",            { 0x66, 0x0f, 0xd6, 0x08 },             8, false },
	{ "movhps %xmm1,(%rax)",          { 0x0f, 0x17, 0x08 },                   8, false },
	{ "movddup (%rax),%xmm1",         { 0xf2, 0x0f, 0x12, 0x08 },             8, false },
	{ "lddqu (%rax),%xmm1",           { 0xf2, 0x0f, 0xf0, 0x08 },             16, false },
	{ "vmovdqu (%rax),%xmm1",         { 0xc5, 0xfa, 0x6f, 0x08 },             16, false },
	{ "vmovdqu %ymm1,(%rax)",         { 0xc5, 0xfe, 0x7f, 0x08 },             32, false },
	{ "vmovups (%r8),%ymm1",          { 0xc4, 0xc1, 0x7c, 0x10, 0x08 },       32, false },
	{ "vmovq (%rax),%xmm1",           { 0xc5, 0xfa, 0x7e, 0x08 },             8, false },
	{ "vmovddup (%rax),%ymm1",        { 0xc5, 0xff, 0x12, 0x08 },             32, false },
	{ "vmovdqu64 (%rax),%ymm16",      { 0x62, 0xe1, 0xfe, 0x28, 0x6f, 0x00 }, 32, false },
	{ "vmovdqu64 %zmm16,(%rax)",      { 0x62, 0xe1, 0xfe, 0x48, 0x7f, 0x00 }, 64, false },
	{ "vmovdqu64 (%rax),%ymm0{%k1}",  { 0x62, 0xf1, 0xfe, 0x29, 0x6f, 0x00 }, 0, false },
	{ "vpaddd (%rax),%xmm1,%xmm2",    { 0xc5, 0xf1, 0xfe, 0x10 },             0, false },
	{ "vpbroadcastd (%rax),%xmm1",    { 0xc4, 0xe2, 0x79, 0x58, 0x08 },       0, false },
	{ "crc32l (%rax),%ecx",           { 0xf2, 0x0f, 0x38, 0xf1, 0x08 },       0, false },
	{ "xsavec (%rax)",                { 0x0f, 0xc7, 0x20 },                   0, false },
	{ "fildll (%rax)",                { 0xdf, 0x28 },                         0, false },
	/* clang-format on */
};

START_TEST(an_instruction_moves_as_many_bytes_as_it_says)
{
	const struct row *row = &rows[_i];
	struct emu_trap_insn insn = { 0, false };

	ck_assert_msg(emu_trap_decode(row->code, &insn) == (row->bytes > 0), "%s", row->text);
	ck_assert_msg(insn.bytes == row->bytes && insn.updates == row->updates, "%s: %u", row->text,
		      insn.bytes);
}
END_TEST

static Suite *decoding(void)
{
	Suite *suite = suite_create("trap_decode");
	TCase *tcase = tcase_create("instructions");

	tcase_add_loop_test(tcase, an_instruction_moves_as_many_bytes_as_it_says, 0,
			    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ decoding }, 1);
}
