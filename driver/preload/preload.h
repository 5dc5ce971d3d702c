/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of libnvmelab-preload.so share.
 *
 * A program is started by "nvmelab with DEVICE -- PROGRAM" with this library before its C library.
 * Calls that name /dev/nvme0, one of its namespaces, or a descriptor of one of them, end here; all
 * others go on to the C library:
 *
 *   open -> node (what the path means) -> file (what the descriptor is) -> block or ioctl -> driver
 *
 * Descriptors are real ones, opened with O_PATH: they can be duplicated, closed and waited for, and
 * a call that this library does not know fails with EBADF instead of doing something else.
 *
 * Context. One lock (pre_lock()) is held around everything that uses the driver.
 */
#ifndef NVMELAB_DRIVER_PRELOAD_PRELOAD_H
#define NVMELAB_DRIVER_PRELOAD_PRELOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "driver/core/nvl.h"
#include "driver/transport/device.h"

/** PRE_PUBLIC - a function that programs call instead of the C library's */
#define PRE_PUBLIC __attribute__((visibility("default")))

/** enum pre_kind - what a path names */
enum pre_kind {
	PRE_CTRL,    /* /dev/nvme0: a character device for commands */
	PRE_BLOCK,   /* /dev/nvme0n1: a block device */
	PRE_GENERIC, /* /dev/ng0n1: a character device for commands to a namespace */
};

/** struct pre_node - a device file; @nsid is 0 for the controller */
struct pre_node {
	enum pre_kind kind;
	uint32_t nsid;
};

#define PRE_MAX_FD 4096

/**
 * struct pre_file - an open file description
 * @flags: of open() and F_SETFL
 * @offset: of read(), write() and lseek()
 * @references: descriptors that are duplicates of each other
 * @told: why its bytes cannot be had
 */
struct pre_file {
	struct pre_node node;
	int flags;
	uint64_t offset;
	unsigned int references;
	bool told;
};

/* node.c */

/** pre_node_find - whether @path names a device file of ours, and which */
bool pre_node_find(const char *path, struct pre_node *ret_node);

/** pre_node_stat - what stat() says of it; Return: 0, or -1 with errno. Context: locked. */
int pre_node_stat(const struct pre_node *node, struct stat *ret_stat);

/* file.c */

/** pre_file - the file behind @fd, or NULL for descriptors of the C library; without the lock */
struct pre_file *pre_file(int fd);

/** pre_file_may - whether it was opened to be read, or to @write */
bool pre_file_may(const struct pre_file *file, bool write);

/** pre_file_open - a new descriptor for @node; Return: it, or -1 with errno. Context: locked. */
int pre_file_open(const struct pre_node *node, int flags);

/** pre_file_share - @fd is a duplicate of @file; Return: @fd, or -1 with errno. Context: locked. */
int pre_file_share(struct pre_file *file, int fd);

/** pre_file_any - whether there is one. Context: locked. */
bool pre_file_any(void);

/** pre_file_forget - @fd is not ours any more. Context: locked. */
void pre_file_forget(int fd);

/* device.c */

void pre_lock(void);
void pre_unlock(void);

/** pre_active - whether there is a device: the program was started by "nvmelab with" */
bool pre_active(void);

/**
 * pre_device - the device, brought up by the first call
 * Return: it, or NULL with errno, after a line on standard error. Context: locked.
 */
struct nvl_device *pre_device(void);

/** pre_ctrl - the driver of pre_device(), which was opened */
struct nvl_ctrl *pre_ctrl(void);

/** pre_queue - the queue for I/O, or NULL with errno EIO. Context: locked. */
struct nvl_queue *pre_queue(void);

/** pre_buffer - memory for the device, of at least @bytes; NULL with errno. Context: locked. */
struct nvl_buffer *pre_buffer(uint64_t bytes);

/** pre_fail - errno is @error; Return: -1 */
int pre_fail(int error);

/** pre_say - a line on standard error; a format as printf() */
void pre_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* block.c. Context: locked. Errors: -1 with errno. */

/** pre_block_ns - the namespace of @node; NULL with errno ENXIO, or EIO for a refused format */
const struct nvl_ns *pre_block_ns(const struct pre_node *node);

/** pre_block_bytes - size of the namespace; 0 if it cannot be used (nvl_disk_check()) */
uint64_t pre_block_bytes(const struct pre_node *node);

/** pre_block_read - bytes from @offset on, any alignment; Return: how many, fewer at the end */
ssize_t pre_block_read(struct pre_file *file, void *data, size_t bytes, uint64_t offset);

/** pre_block_write - bytes at @offset, any alignment; @fua: durable on return */
ssize_t pre_block_write(struct pre_file *file, const void *data, size_t bytes, uint64_t offset,
			bool fua);

/** pre_block_flush - Flush; Return: 0 */
int pre_block_flush(struct pre_file *file);

/** pre_block_zero - zeros in whole blocks; @deallocate: they need not take space. Return: 0 */
int pre_block_zero(struct pre_file *file, uint64_t offset, uint64_t bytes, bool deallocate);

/** pre_block_discard - deallocate whole blocks, as a hint; Return: 0 */
int pre_block_discard(struct pre_file *file, uint64_t offset, uint64_t bytes);

/* ioctl.c */

/** pre_ioctl - an ioctl of a device file; Return: as Linux, -1 with errno. Context: locked. */
int pre_ioctl(struct pre_file *file, unsigned long request, void *argument);

/* passthru.c */

/** pre_passthru - NVME_IOCTL_ADMIN_CMD and the like; a row of ioctl.c has the request */
int pre_passthru(struct pre_file *file, unsigned long request, void *argument);

/** pre_submit_io - NVME_IOCTL_SUBMIT_IO */
int pre_submit_io(struct pre_file *file, unsigned long request, void *argument);

/*
 * real.c: the functions of the C library that have the same names.
 */
struct pre_real {
	int (*open)(const char *path, int flags, ...);
	int (*openat)(int folder, const char *path, int flags, ...);
	int (*close)(int fd);
	int (*dup)(int fd);
	int (*dup2)(int fd, int to);
	int (*dup3)(int fd, int to, int flags);
	int (*fcntl)(int fd, int command, ...);
	int (*ioctl)(int fd, unsigned long request, ...);
	int (*flock)(int fd, int operation);
	ssize_t (*read)(int fd, void *data, size_t bytes);
	ssize_t (*write)(int fd, const void *data, size_t bytes);
	ssize_t (*pread)(int fd, void *data, size_t bytes, off_t offset);
	ssize_t (*pwrite)(int fd, const void *data, size_t bytes, off_t offset);
	ssize_t (*readv)(int fd, const struct iovec *iov, int count);
	ssize_t (*writev)(int fd, const struct iovec *iov, int count);
	ssize_t (*preadv)(int fd, const struct iovec *iov, int count, off_t offset);
	ssize_t (*pwritev)(int fd, const struct iovec *iov, int count, off_t offset);
	ssize_t (*preadv2)(int fd, const struct iovec *iov, int count, off_t offset, int flags);
	ssize_t (*pwritev2)(int fd, const struct iovec *iov, int count, off_t offset, int flags);
	off_t (*lseek)(int fd, off_t offset, int whence);
	int (*fsync)(int fd);
	int (*fdatasync)(int fd);
	int (*fallocate)(int fd, int mode, off_t offset, off_t bytes);
	int (*posix_fadvise)(int fd, off_t offset, off_t bytes, int advice);
	ssize_t (*copy_file_range)(int from, off_t *from_offset, int to, off_t *to_offset,
				   size_t bytes, unsigned int flags);
	ssize_t (*sendfile)(int to, int from, off_t *offset, size_t bytes);
	int (*stat)(const char *path, struct stat *ret_stat);
	int (*lstat)(const char *path, struct stat *ret_stat);
	int (*fstat)(int fd, struct stat *ret_stat);
	int (*fstatat)(int folder, const char *path, struct stat *ret_stat, int flags);
	int (*statx)(int folder, const char *path, int flags, unsigned int mask,
		     struct statx *ret_stat);
	int (*access)(const char *path, int mode);
	int (*faccessat)(int folder, const char *path, int mode, int flags);
};

/** pre_real - the C library's functions, looked up by the first call */
const struct pre_real *pre_real(void);

#endif
