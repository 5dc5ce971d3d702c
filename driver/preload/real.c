/* SPDX-License-Identifier: BSD-3-Clause */
/* The C library's functions behind the ones of this library. */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "driver/preload/preload.h"

/* clang-format off */
static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define FUNCTION(name) { #name, offsetof(struct pre_real, name) }
	FUNCTION(open), FUNCTION(openat), FUNCTION(close), FUNCTION(dup), FUNCTION(dup2),
	FUNCTION(dup3), FUNCTION(fcntl), FUNCTION(ioctl), FUNCTION(flock), FUNCTION(read),
	FUNCTION(write), FUNCTION(pread), FUNCTION(pwrite), FUNCTION(readv), FUNCTION(writev),
	FUNCTION(preadv), FUNCTION(pwritev), FUNCTION(preadv2), FUNCTION(pwritev2), FUNCTION(lseek),
	FUNCTION(fsync), FUNCTION(fdatasync), FUNCTION(fallocate), FUNCTION(posix_fadvise),
	FUNCTION(copy_file_range), FUNCTION(sendfile), FUNCTION(stat), FUNCTION(lstat),
	FUNCTION(fstat), FUNCTION(fstatat), FUNCTION(statx), FUNCTION(access), FUNCTION(faccessat),
#undef FUNCTION
};
/* clang-format on */

static struct pre_real real;

/* Another library's constructor may call before this one's. */
const struct pre_real *pre_real(void)
{
	if (__builtin_expect(real.faccessat != NULL, 1))
		return &real;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(RTLD_NEXT, functions[i].name);

		memcpy((char *)&real + functions[i].offset, &function, sizeof(function));
	}
	return &real;
}
