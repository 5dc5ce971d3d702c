/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The selftest as a Linux process without a library, for big-endian PowerPC (64 bits, ELFv2):
 * Debian has clang and a linker for it, but no C library. Descriptors 3 and 4 get the traces of the
 * controller and of the driver. Exit status: 0; 1 something did not hold; 3 a write failed.
 */
#include "tests/cross/selftest.h"

#define SYS_EXIT  1
#define SYS_WRITE 4
#define STDERR	  2
#define TRACES	  3

void _start(void);

static long system_call(long number, long a, long b, long c)
{
	register long r0 __asm__("r0") = number;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;

	__asm__ volatile("sc"
			 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5)
			 :
			 : "memory", "cr0", "ctr", "r6", "r7", "r8", "r9", "r10", "r11", "r12");
	return r3;
}

static void write_all(long fd, const char *text, size_t bytes)
{
	while (bytes > 0) {
		long done = system_call(SYS_WRITE, fd, (long)text, (long)bytes);

		if (done <= 0)
			system_call(SYS_EXIT, 3, 0, 0);
		text += done;
		bytes -= (size_t)done;
	}
}

void _start(void)
{
	const char *failure = th_selftest();
	size_t bytes = 0;

	for (unsigned int side = 0; side < 2; side++) {
		const char *trace = th_selftest_trace(side, &bytes);

		write_all(TRACES + side, trace, bytes);
	}
	bytes = 0;
	while (failure && failure[bytes])
		bytes++;
	write_all(STDERR, failure, bytes);
	system_call(SYS_EXIT, failure ? 1 : 0, 0, 0);
	__builtin_unreachable();
}
