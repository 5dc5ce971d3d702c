/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls that read, write and move within a block device. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "driver/preload/preload.h"

#define MOST_BYTES  0x7ffff000u /* of one call, as in Linux */
#define HERE	    -1		/* an offset: where the file is */
#define KNOWN_FLAGS (RWF_HIPRI | RWF_DSYNC | RWF_SYNC)

static ssize_t move_one(struct pre_file *file, const struct iovec *part, uint64_t at, bool write,
			bool fua)
{
	size_t bytes = part->iov_len < MOST_BYTES ? part->iov_len : MOST_BYTES;

	return write ? pre_block_write(file, part->iov_base, bytes, at, fua)
		     : pre_block_read(file, part->iov_base, bytes, at);
}

/* Part by part; what was moved before an error, or before the end, counts. */
static ssize_t move_locked(struct pre_file *file, const struct iovec *iov, int count,
			   int64_t offset, bool write, int flags)
{
	uint64_t at = offset == HERE ? file->offset : (uint64_t)offset;
	bool fua = write &&
		   ((file->flags & (O_SYNC | O_DSYNC)) || (flags & (RWF_DSYNC | RWF_SYNC)));
	ssize_t done = 0;

	if (!pre_device())
		return -1;
	for (int i = 0; i < count; i++) {
		ssize_t moved = move_one(file, &iov[i], at, write, fua);

		if (moved < 0 && done == 0)
			return -1;
		if (moved < 0)
			break;
		done += moved;
		at += (uint64_t)moved;
		if ((size_t)moved < iov[i].iov_len)
			break;
	}
	if (offset == HERE)
		file->offset = at;
	return done;
}

static ssize_t move(struct pre_file *file, const struct iovec *iov, int count, int64_t offset,
		    bool write, int flags)
{
	ssize_t done;

	if (!pre_file_may(file, write))
		return pre_fail(EBADF);
	if (count < 0 || count > IOV_MAX || offset < HERE || file->node.kind != PRE_BLOCK)
		return pre_fail(EINVAL);
	if (flags & ~KNOWN_FLAGS)
		return pre_fail(EOPNOTSUPP);
	pre_lock();
	done = move_locked(file, iov, count, offset, write, flags);
	pre_unlock();
	return done;
}

static ssize_t move_at(struct pre_file *file, void *data, size_t bytes, off_t offset, bool write)
{
	const struct iovec iov = { data, bytes };

	return offset < 0 ? pre_fail(EINVAL) : move(file, &iov, 1, offset, write, 0);
}

PRE_PUBLIC ssize_t read(int fd, void *data, size_t bytes)
{
	struct pre_file *file = pre_file(fd);
	const struct iovec iov = { data, bytes };

	return file ? move(file, &iov, 1, HERE, false, 0) : pre_real()->read(fd, data, bytes);
}

PRE_PUBLIC ssize_t write(int fd, const void *data, size_t bytes)
{
	struct pre_file *file = pre_file(fd);
	const struct iovec iov = { (void *)(uintptr_t)data, bytes };

	return file ? move(file, &iov, 1, HERE, true, 0) : pre_real()->write(fd, data, bytes);
}

PRE_PUBLIC ssize_t pread(int fd, void *data, size_t bytes, off_t offset)
{
	struct pre_file *file = pre_file(fd);

	return file ? move_at(file, data, bytes, offset, false)
		    : pre_real()->pread(fd, data, bytes, offset);
}

PRE_PUBLIC ssize_t pread64(int fd, void *data, size_t bytes, off_t offset)
{
	return pread(fd, data, bytes, offset);
}

PRE_PUBLIC ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
	struct pre_file *file = pre_file(fd);

	return file ? move_at(file, (void *)(uintptr_t)data, bytes, offset, true)
		    : pre_real()->pwrite(fd, data, bytes, offset);
}

PRE_PUBLIC ssize_t pwrite64(int fd, const void *data, size_t bytes, off_t offset)
{
	return pwrite(fd, data, bytes, offset);
}

PRE_PUBLIC ssize_t readv(int fd, const struct iovec *iov, int count)
{
	struct pre_file *file = pre_file(fd);

	return file ? move(file, iov, count, HERE, false, 0) : pre_real()->readv(fd, iov, count);
}

PRE_PUBLIC ssize_t writev(int fd, const struct iovec *iov, int count)
{
	struct pre_file *file = pre_file(fd);

	return file ? move(file, iov, count, HERE, true, 0) : pre_real()->writev(fd, iov, count);
}

/* An offset of -1 is where the file is, in the calls with flags only. */
PRE_PUBLIC ssize_t preadv(int fd, const struct iovec *iov, int count, off_t offset)
{
	struct pre_file *file = pre_file(fd);

	if (!file)
		return pre_real()->preadv(fd, iov, count, offset);
	return offset < 0 ? pre_fail(EINVAL) : move(file, iov, count, offset, false, 0);
}

PRE_PUBLIC ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t offset)
{
	struct pre_file *file = pre_file(fd);

	if (!file)
		return pre_real()->pwritev(fd, iov, count, offset);
	return offset < 0 ? pre_fail(EINVAL) : move(file, iov, count, offset, true, 0);
}

PRE_PUBLIC ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
	struct pre_file *file = pre_file(fd);

	return file ? move(file, iov, count, offset, false, flags)
		    : pre_real()->preadv2(fd, iov, count, offset, flags);
}

PRE_PUBLIC ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
	struct pre_file *file = pre_file(fd);

	return file ? move(file, iov, count, offset, true, flags)
		    : pre_real()->pwritev2(fd, iov, count, offset, flags);
}

PRE_PUBLIC ssize_t preadv64(int fd, const struct iovec *iov, int count, off_t offset)
{
	return preadv(fd, iov, count, offset);
}

PRE_PUBLIC ssize_t pwritev64(int fd, const struct iovec *iov, int count, off_t offset)
{
	return pwritev(fd, iov, count, offset);
}

PRE_PUBLIC ssize_t preadv64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
	return preadv2(fd, iov, count, offset, flags);
}

PRE_PUBLIC ssize_t pwritev64v2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
	return pwritev2(fd, iov, count, offset, flags);
}

/* What programs call that were compiled with _FORTIFY_SOURCE. */
ssize_t __read_chk(int fd, void *data, size_t bytes, size_t room);
ssize_t __pread_chk(int fd, void *data, size_t bytes, off_t offset, size_t room);
ssize_t __pread64_chk(int fd, void *data, size_t bytes, off_t offset, size_t room);

PRE_PUBLIC ssize_t __read_chk(int fd, void *data, size_t bytes, size_t room)
{
	if (bytes > room)
		__builtin_trap();
	return read(fd, data, bytes);
}

PRE_PUBLIC ssize_t __pread_chk(int fd, void *data, size_t bytes, off_t offset, size_t room)
{
	if (bytes > room)
		__builtin_trap();
	return pread(fd, data, bytes, offset);
}

PRE_PUBLIC ssize_t __pread64_chk(int fd, void *data, size_t bytes, off_t offset, size_t room)
{
	return __pread_chk(fd, data, bytes, offset, room);
}

/* Character devices have no position: Linux says 0 whatever is asked. None is beyond the end. */
static off_t seek(struct pre_file *file, off_t offset, int whence)
{
	off_t at, end;
	uint64_t from;

	if (file->node.kind != PRE_BLOCK)
		return 0;
	pre_lock();
	end = pre_device() ? (off_t)pre_block_bytes(&file->node) : 0;
	from = whence == SEEK_SET ? 0 : whence == SEEK_END ? (uint64_t)end : file->offset;
	if ((whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) ||
	    __builtin_add_overflow((off_t)from, offset, &at) || at < 0 || at > end)
		at = pre_fail(EINVAL);
	else
		file->offset = (uint64_t)at;
	pre_unlock();
	return at;
}

PRE_PUBLIC off_t lseek(int fd, off_t offset, int whence)
{
	struct pre_file *file = pre_file(fd);

	return file ? seek(file, offset, whence) : pre_real()->lseek(fd, offset, whence);
}

PRE_PUBLIC off_t lseek64(int fd, off_t offset, int whence)
{
	return lseek(fd, offset, whence);
}

static int flush(struct pre_file *file)
{
	int result;

	if (file->node.kind != PRE_BLOCK)
		return pre_fail(EINVAL);
	pre_lock();
	result = pre_device() ? pre_block_flush(file) : -1;
	pre_unlock();
	return result;
}

PRE_PUBLIC int fsync(int fd)
{
	struct pre_file *file = pre_file(fd);

	return file ? flush(file) : pre_real()->fsync(fd);
}

PRE_PUBLIC int fdatasync(int fd)
{
	struct pre_file *file = pre_file(fd);

	return file ? flush(file) : pre_real()->fdatasync(fd);
}

/*
 * The modes that Linux has for block devices. A range beyond the end is cut where the size is to
 * stay.
 */
static int allocate(struct pre_file *file, int mode, uint64_t offset, uint64_t bytes)
{
	uint64_t size = pre_block_bytes(&file->node);

	if (offset >= size)
		return pre_fail(EINVAL);
	if (bytes > size - offset) {
		if (!(mode & FALLOC_FL_KEEP_SIZE))
			return pre_fail(EINVAL);
		bytes = size - offset;
	}
	switch (mode & ~FALLOC_FL_KEEP_SIZE) {
	case FALLOC_FL_ZERO_RANGE:
		return pre_block_zero(file, offset, bytes, false);
	case FALLOC_FL_PUNCH_HOLE:
		return pre_block_zero(file, offset, bytes, true);
	case FALLOC_FL_PUNCH_HOLE | FALLOC_FL_NO_HIDE_STALE:
		return pre_block_discard(file, offset, bytes);
	default:
		return pre_fail(EOPNOTSUPP);
	}
}

PRE_PUBLIC int fallocate(int fd, int mode, off_t offset, off_t bytes)
{
	struct pre_file *file = pre_file(fd);
	int result;

	if (!file)
		return pre_real()->fallocate(fd, mode, offset, bytes);
	if (!pre_file_may(file, true))
		return pre_fail(EBADF);
	if (file->node.kind != PRE_BLOCK)
		return pre_fail(ENODEV);
	if (offset < 0 || bytes <= 0)
		return pre_fail(EINVAL);
	pre_lock();
	result = pre_device() ? allocate(file, mode, (uint64_t)offset, (uint64_t)bytes) : -1;
	pre_unlock();
	return result;
}

PRE_PUBLIC int fallocate64(int fd, int mode, off_t offset, off_t bytes)
{
	return fallocate(fd, mode, offset, bytes);
}

/* Advice; there is no cache to which it could apply. */
PRE_PUBLIC int posix_fadvise(int fd, off_t offset, off_t bytes, int advice)
{
	return pre_file(fd) ? 0 : pre_real()->posix_fadvise(fd, offset, bytes, advice);
}

PRE_PUBLIC int posix_fadvise64(int fd, off_t offset, off_t bytes, int advice)
{
	return posix_fadvise(fd, offset, bytes, advice);
}

/* Programs that get these errors go on with read() and write(). */
PRE_PUBLIC ssize_t copy_file_range(int from, off_t *from_offset, int to, off_t *to_offset,
				   size_t bytes, unsigned int flags)
{
	if (pre_file(from) || pre_file(to))
		return pre_fail(EXDEV);
	return pre_real()->copy_file_range(from, from_offset, to, to_offset, bytes, flags);
}

PRE_PUBLIC ssize_t sendfile(int to, int from, off_t *offset, size_t bytes)
{
	if (pre_file(from) || pre_file(to))
		return pre_fail(EINVAL);
	return pre_real()->sendfile(to, from, offset, bytes);
}

PRE_PUBLIC ssize_t sendfile64(int to, int from, off_t *offset, size_t bytes)
{
	return sendfile(to, from, offset, bytes);
}
