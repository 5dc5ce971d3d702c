/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls that make, duplicate and close descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "driver/preload/preload.h"

/* A device file exists once the device is there and has the namespace. */
static int open_node(const struct pre_node *node, int flags)
{
	struct stat unused;
	int fd = -1;

	pre_lock();
	if (flags & O_DIRECTORY)
		errno = ENOTDIR;
	else if ((flags & O_CREAT) && (flags & O_EXCL))
		errno = EEXIST;
	else if (pre_node_stat(node, &unused) == 0)
		fd = pre_file_open(node, flags);
	pre_unlock();
	return fd;
}

static int open_any(int folder, const char *path, int flags, mode_t mode)
{
	struct pre_node node;

	if (pre_node_find(path, &node))
		return open_node(&node, flags);
	return pre_real()->openat(folder, path, flags, mode);
}

/* open() has a mode only where it may create a file. */
#define OPEN_MODE(flags, mode)                                  \
	mode_t mode = 0;                                        \
	if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
		va_list arguments;                              \
		va_start(arguments, flags);                     \
		mode = va_arg(arguments, mode_t);               \
		va_end(arguments);                              \
	}

PRE_PUBLIC int open(const char *path, int flags, ...)
{
	OPEN_MODE(flags, mode)
	return open_any(AT_FDCWD, path, flags, mode);
}

PRE_PUBLIC int open64(const char *path, int flags, ...)
{
	OPEN_MODE(flags, mode)
	return open_any(AT_FDCWD, path, flags, mode);
}

PRE_PUBLIC int openat(int folder, const char *path, int flags, ...)
{
	OPEN_MODE(flags, mode)
	return open_any(folder, path, flags, mode);
}

PRE_PUBLIC int openat64(int folder, const char *path, int flags, ...)
{
	OPEN_MODE(flags, mode)
	return open_any(folder, path, flags, mode);
}

/* What programs call that were compiled with _FORTIFY_SOURCE. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags);

PRE_PUBLIC int __open_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags, 0);
}

PRE_PUBLIC int __open64_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags, 0);
}

PRE_PUBLIC int __openat_2(int folder, const char *path, int flags)
{
	return open_any(folder, path, flags, 0);
}

PRE_PUBLIC int __openat64_2(int folder, const char *path, int flags)
{
	return open_any(folder, path, flags, 0);
}

PRE_PUBLIC int close(int fd)
{
	if (pre_file(fd)) {
		pre_lock();
		pre_file_forget(fd);
		pre_unlock();
	}
	return pre_real()->close(fd);
}

/* The copy of a descriptor of ours is ours; what was at @to before is closed. */
static int duplicated(int fd, int copy)
{
	struct pre_file *file;

	pre_lock();
	file = pre_file(fd);
	if (file && copy >= 0 && copy != fd)
		copy = pre_file_share(file, copy);
	else if (copy >= 0 && copy != fd)
		pre_file_forget(copy);
	pre_unlock();
	return copy;
}

PRE_PUBLIC int dup(int fd)
{
	return duplicated(fd, pre_real()->dup(fd));
}

PRE_PUBLIC int dup2(int fd, int to)
{
	return duplicated(fd, pre_real()->dup2(fd, to));
}

PRE_PUBLIC int dup3(int fd, int to, int flags)
{
	return duplicated(fd, pre_real()->dup3(fd, to, flags));
}

#define SETTABLE (O_APPEND | O_DIRECT | O_NONBLOCK)

/* Nobody else has the device, so a lock is always free. */
static int control(int fd, int command, void *argument)
{
	struct pre_file *file = pre_file(fd);

	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return duplicated(fd, pre_real()->fcntl(fd, command, argument));
	case F_GETFL:
		return file->flags;
	case F_SETFL:
		file->flags = (file->flags & ~SETTABLE) | ((int)(intptr_t)argument & SETTABLE);
		return 0;
	case F_GETLK:
	case F_OFD_GETLK:
		((struct flock *)argument)->l_type = F_UNLCK;
		return 0;
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return 0;
	default:
		return pre_real()->fcntl(fd, command, argument);
	}
}

PRE_PUBLIC int fcntl(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return pre_file(fd) ? control(fd, command, argument)
			    : pre_real()->fcntl(fd, command, argument);
}

PRE_PUBLIC int fcntl64(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return pre_file(fd) ? control(fd, command, argument)
			    : pre_real()->fcntl(fd, command, argument);
}

PRE_PUBLIC int flock(int fd, int operation)
{
	return pre_file(fd) ? 0 : pre_real()->flock(fd, operation);
}

PRE_PUBLIC int ioctl(int fd, unsigned long request, ...)
{
	struct pre_file *file = pre_file(fd);
	va_list arguments;
	void *argument;
	int result;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (!file)
		return pre_real()->ioctl(fd, request, argument);
	pre_lock();
	result = pre_ioctl(file, request, argument);
	pre_unlock();
	return result;
}
