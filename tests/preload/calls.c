/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls of a program to which a device is a file. Run by test_calls.sh, with the library before
 * the C library; each test has an emulator of its own, 64 MiB in 512-byte blocks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/main.h"

#define DISK	   "/dev/nvme0n1"
#define DISK_BYTES (64 << 20)
#define BLOCK	   512

#define ck_errno(call, error)                   \
	do {                                    \
		errno = 0;                      \
		ck_assert_int_eq(call, -1);     \
		ck_assert_int_eq(errno, error); \
	} while (0)

static int open_disk(int flags)
{
	int fd = open(DISK, flags);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static unsigned char at(int fd, off_t offset)
{
	unsigned char byte = 0;

	ck_assert_int_eq(pread(fd, &byte, 1, offset), 1);
	return byte;
}

START_TEST(device_files_exist_as_those_of_linux_do)
{
	struct statx extended;
	struct stat status;

	ck_assert_int_eq(stat("/dev/nvme0", &status), 0);
	ck_assert(S_ISCHR(status.st_mode));
	ck_assert_int_eq(stat("/dev/ng0n1", &status), 0);
	ck_assert(S_ISCHR(status.st_mode));
	ck_assert_int_eq(lstat(DISK, &status), 0);
	ck_assert(S_ISBLK(status.st_mode));
	ck_assert_int_eq(major(status.st_rdev), 259);
	ck_assert_int_eq(statx(AT_FDCWD, DISK, 0, STATX_ALL, &extended), 0);
	ck_assert(S_ISBLK(extended.stx_mode));
	ck_assert_int_eq(access(DISK, R_OK | W_OK), 0);
	ck_errno(access(DISK, X_OK), EACCES);
	ck_errno(stat("/dev/nvme0n2", &status), ENOENT);
	ck_errno(open("/dev/nvme0n2", O_RDWR), ENOENT);
	ck_errno(open("/dev/nvme0n01", O_RDWR), ENOENT);
	ck_errno(open(DISK, O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
}
END_TEST

START_TEST(bytes_are_read_and_written_at_any_offset)
{
	int fd = open_disk(O_RDWR);
	char text[] = "across a block's end";
	char back[sizeof(text)] = { 0 };

	ck_assert_int_eq(pwrite(fd, text, sizeof(text), BLOCK - 7), sizeof(text));
	ck_assert_int_eq(pread(fd, back, sizeof(back), BLOCK - 7), sizeof(text));
	ck_assert_str_eq(back, text);
	ck_assert_uint_eq(at(fd, BLOCK - 8), 0);
	ck_assert_uint_eq(at(fd, BLOCK - 7 + (off_t)sizeof(text)), 0);
	close(fd);
}
END_TEST

START_TEST(more_than_a_buffer_is_moved_in_one_call)
{
	const size_t bytes = (3 << 20) + 1;
	unsigned char *data = malloc(bytes), *back = malloc(bytes);
	int fd = open_disk(O_RDWR);

	for (size_t i = 0; i < bytes; i++)
		data[i] = (unsigned char)(i * 7 + (i >> 9));
	ck_assert_int_eq(pwrite(fd, data, bytes, 4095), (ssize_t)bytes);
	ck_assert_int_eq(pread(fd, back, bytes, 4095), (ssize_t)bytes);
	ck_assert_int_eq(memcmp(data, back, bytes), 0);
	close(fd);
	free(data);
	free(back);
}
END_TEST

START_TEST(the_end_is_the_end)
{
	int fd = open_disk(O_RDWR);
	char data[2 * BLOCK] = { 1 };

	ck_assert_int_eq(lseek(fd, 0, SEEK_END), DISK_BYTES);
	ck_assert_int_eq(read(fd, data, 1), 0);
	ck_errno(write(fd, data, 1), ENOSPC);
	ck_assert_int_eq(pread(fd, data, sizeof(data), DISK_BYTES - BLOCK), BLOCK);
	ck_assert_int_eq(pwrite(fd, data, sizeof(data), DISK_BYTES - BLOCK), BLOCK);
	ck_errno(pread(fd, data, 1, -1), EINVAL);
	ck_errno(lseek(fd, -1, SEEK_SET), EINVAL);
	ck_errno(lseek(fd, 1, SEEK_END), EINVAL);
	close(fd);
}
END_TEST

START_TEST(duplicates_share_their_position)
{
	int fd = open_disk(O_RDWR), copy = dup(fd), third = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	char byte = 'x';

	ck_assert_int_ge(third, 100);
	ck_assert_int_eq(write(fd, &byte, 1), 1);
	ck_assert_int_eq(lseek(copy, 0, SEEK_CUR), 1);
	ck_assert_int_eq(close(fd), 0);
	ck_errno(read(fd, &byte, 1), EBADF);
	ck_assert_int_eq(dup2(copy, third), third);
	ck_assert_int_eq(lseek(third, 0, SEEK_SET), 0);
	byte = 0;
	ck_assert_int_eq(read(copy, &byte, 1), 1);
	ck_assert_int_eq(byte, 'x');
	close(copy);
	close(third);
}
END_TEST

START_TEST(vectors_are_moved_in_order)
{
	char first[] = "one ", second[] = "two ", third[] = "three",
	     back[sizeof(first) * 4] = { 0 };
	const struct iovec parts[] = { { first, 4 }, { second, 4 }, { third, 5 } };
	const struct iovec into[] = { { back, 6 }, { back + 6, 7 } };
	int fd = open_disk(O_RDWR);

	ck_assert_int_eq(pwritev2(fd, parts, 3, 1000, RWF_DSYNC), 13);
	ck_assert_int_eq(preadv(fd, into, 2, 1000), 13);
	ck_assert_str_eq(back, "one two three");
	ck_assert_int_eq(lseek(fd, 1000, SEEK_SET), 1000);
	ck_assert_int_eq(preadv2(fd, into, 1, -1, 0), 6);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 1006);
	ck_errno(preadv2(fd, into, 1, 0, RWF_NOWAIT), EOPNOTSUPP);
	close(fd);
}
END_TEST

START_TEST(modes_of_opening_are_kept)
{
	char data[BLOCK] = { 0 };
	int reader = open_disk(O_RDONLY), writer = open_disk(O_WRONLY);
	int direct = open_disk(O_RDWR | O_DIRECT);

	ck_errno(write(reader, data, BLOCK), EBADF);
	ck_errno(read(writer, data, BLOCK), EBADF);
	ck_errno(fallocate(reader, FALLOC_FL_ZERO_RANGE, 0, BLOCK), EBADF);
	ck_errno(pread(direct, data, 100, 0), EINVAL);
	ck_errno(pread(direct, data, BLOCK, 1), EINVAL);
	ck_assert_int_eq(pread(direct, data, BLOCK, BLOCK), BLOCK);
	ck_assert_int_eq(fcntl(direct, F_GETFL) & (O_ACCMODE | O_DIRECT), O_RDWR | O_DIRECT);
	ck_assert_int_eq(fcntl(direct, F_SETFL, 0), 0);
	ck_assert_int_eq(pread(direct, data, 100, 0), 100);
	close(reader);
	close(writer);
	close(direct);
}
END_TEST

START_TEST(a_controller_has_no_bytes)
{
	int fd = open("/dev/nvme0", O_RDWR);
	char byte = 0;

	ck_assert_int_ge(fd, 0);
	ck_errno(read(fd, &byte, 1), EINVAL);
	ck_errno(fsync(fd), EINVAL);
	ck_errno(ioctl(fd, NVME_IOCTL_ID), ENOTTY);
	ck_errno(ioctl(fd, BLKGETSIZE64, &byte), ENOTTY);
	ck_assert_int_eq(ioctl(fd, NVME_IOCTL_RESCAN), 0);
	ck_assert_int_eq(ioctl(fd, NVME_IOCTL_RESET), 0);
	close(fd);
}
END_TEST

START_TEST(sizes_are_those_of_the_namespace)
{
	int fd = open_disk(O_RDONLY);
	uint64_t bytes = 0;
	unsigned long sectors = 0;
	unsigned int physical = 0;
	int logical = 0, read_only = 1;

	ck_assert_int_eq(ioctl(fd, BLKGETSIZE64, &bytes), 0);
	ck_assert_uint_eq(bytes, DISK_BYTES);
	ck_assert_int_eq(ioctl(fd, BLKGETSIZE, &sectors), 0);
	ck_assert_uint_eq(sectors, DISK_BYTES / 512);
	ck_assert_int_eq(ioctl(fd, BLKSSZGET, &logical), 0);
	ck_assert_int_eq(logical, BLOCK);
	ck_assert_int_eq(ioctl(fd, BLKPBSZGET, &physical), 0);
	ck_assert_uint_eq(physical, BLOCK);
	ck_assert_int_eq(ioctl(fd, BLKROGET, &read_only), 0);
	ck_assert_int_eq(read_only, 0);
	ck_assert_int_eq(ioctl(fd, NVME_IOCTL_ID), 1);
	ck_assert_int_eq(ioctl(fd, BLKRRPART), 0);
	ck_errno(ioctl(fd, TCGETS, &bytes), ENOTTY);
	close(fd);
}
END_TEST

/* NVM 1.0 3.2.8, 3.2.3: after either the emulator reads zeros. */
START_TEST(ranges_are_zeroed_and_discarded)
{
	static const int modes[] = {
		FALLOC_FL_ZERO_RANGE,
		FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE | FALLOC_FL_NO_HIDE_STALE,
	};
	uint64_t range[2] = { 2 * BLOCK, BLOCK };
	char data[4 * BLOCK];
	int fd = open_disk(O_RDWR);

	for (size_t i = 0; i < 6; i++) {
		memset(data, 0xa5, sizeof(data));
		ck_assert_int_eq(pwrite(fd, data, sizeof(data), 0), sizeof(data));
		if (i < 4)
			ck_assert_int_eq(fallocate(fd, modes[i], 2 * BLOCK, BLOCK), 0);
		else
			ck_assert_int_eq(ioctl(fd, i == 4 ? BLKDISCARD : BLKZEROOUT, range), 0);
		ck_assert_uint_eq(at(fd, 2 * BLOCK - 1), 0xa5);
		ck_assert_uint_eq(at(fd, 2 * BLOCK), 0);
		ck_assert_uint_eq(at(fd, 3 * BLOCK - 1), 0);
		ck_assert_uint_eq(at(fd, 3 * BLOCK), 0xa5);
	}
	ck_errno(fallocate(fd, 0, 0, BLOCK), EOPNOTSUPP);
	ck_errno(fallocate(fd, FALLOC_FL_ZERO_RANGE, 1, BLOCK), EINVAL);
	ck_errno(fallocate(fd, FALLOC_FL_ZERO_RANGE, DISK_BYTES - BLOCK, 2 * BLOCK), EINVAL);
	range[0] = DISK_BYTES;
	ck_errno(ioctl(fd, BLKDISCARD, range), EINVAL);
	close(fd);
}
END_TEST

START_TEST(durable_writes_succeed_and_locks_are_free)
{
	int fd = open_disk(O_RDWR | O_SYNC);
	struct flock lock = { .l_type = F_WRLCK };
	char data[BLOCK] = { 3 };

	ck_assert_int_eq(write(fd, data, BLOCK), BLOCK);
	ck_assert_int_eq(fsync(fd), 0);
	ck_assert_int_eq(fdatasync(fd), 0);
	ck_assert_int_eq(fcntl(fd, F_SETLK, &lock), 0);
	ck_assert_int_eq(fcntl(fd, F_GETLK, &lock), 0);
	ck_assert_int_eq(lock.l_type, F_UNLCK);
	close(fd);
}
END_TEST

/* What the library does not know must fail, rather than reach another file. */
START_TEST(unknown_calls_fail)
{
	int fd = open_disk(O_RDWR), other = open("/dev/null", O_RDWR);

	ck_assert_ptr_eq(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0), MAP_FAILED);
	ck_errno((int)syscall(SYS_write, fd, "x", 1), EBADF);
	ck_errno((int)copy_file_range(fd, NULL, other, NULL, 1, 0), EXDEV);
	ck_errno((int)syscall(SYS_io_uring_setup, 8, NULL), ENOSYS);
	ck_errno((int)syscall(SYS_io_setup, 8, NULL), ENOSYS);
	close(fd);
	close(other);
}
END_TEST

static int identify(int fd, unsigned long request, unsigned char *data,
		    struct nvme_passthru_cmd *cmd)
{
	*cmd = (struct nvme_passthru_cmd){
		.opcode = 0x06,
		.addr = (uintptr_t)data,
		.data_len = 4096,
		.cdw10 = 1,
	};
	return ioctl(fd, request, cmd);
}

START_TEST(admin_commands_pass_and_statuses_come_back_whole)
{
	unsigned char data[4096] = { 0 };
	struct nvme_passthru_cmd cmd;
	struct nvme_passthru_cmd64 wide = { .opcode = 0x0a, .cdw10 = 4 };
	int fd = open("/dev/nvme0", O_RDWR);

	ck_assert_int_eq(identify(fd, NVME_IOCTL_ADMIN_CMD, data, &cmd), 0);
	ck_assert_int_eq(memcmp(data + 24, "nvmelab", 7), 0);
	/* Get Features 04h: the temperature threshold. */
	ck_assert_int_eq(ioctl(fd, NVME_IOCTL_ADMIN64_CMD, &wide), 0);
	ck_assert_uint_gt(wide.result, 0);
	cmd = (struct nvme_passthru_cmd){ .opcode = 0x7f };
	ck_assert_int_eq(ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd) & 0x7ff, 0x001);
	cmd.flags = 1;
	ck_errno(ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd), EINVAL);
	close(fd);
}
END_TEST

START_TEST(io_commands_pass_for_the_namespace_of_the_descriptor_only)
{
	char data[2 * BLOCK], back[2 * BLOCK] = { 0 };
	struct nvme_passthru_cmd cmd = { .opcode = 0x01,
					 .nsid = 1,
					 .addr = (uintptr_t)data,
					 .data_len = sizeof(data),
					 .cdw10 = 5,
					 .cdw12 = 1 };
	struct nvme_user_io io = {
		.opcode = 0x02, .addr = (uintptr_t)back, .slba = 5, .nblocks = 1
	};
	int fd = open_disk(O_RDWR), generic = open("/dev/ng0n1", O_RDWR);

	memset(data, 0x77, sizeof(data));
	ck_assert_int_eq(ioctl(generic, NVME_IOCTL_IO_CMD, &cmd), 0);
	ck_assert_int_eq(ioctl(fd, NVME_IOCTL_SUBMIT_IO, &io), 0);
	ck_assert_int_eq(memcmp(data, back, sizeof(back)), 0);
	io.slba = DISK_BYTES / BLOCK;
	ck_assert_int_eq(ioctl(fd, NVME_IOCTL_SUBMIT_IO, &io) & 0x7ff, 0x080);
	cmd.nsid = 2;
	ck_errno(ioctl(fd, NVME_IOCTL_IO_CMD, &cmd), EINVAL);
	close(fd);
	close(generic);
}
END_TEST

/* What a program opens next has the number of what it closed, also past this library. */
START_TEST(a_descriptor_that_was_closed_elsewhere_is_not_ours)
{
	FILE *stream = fdopen(open_disk(O_RDWR), "r");
	char back[5] = { 0 };
	int fd = fileno(stream), other, disk;

	ck_assert_int_eq(fclose(stream), 0);
	other = memfd_create("plain", 0);
	ck_assert_int_eq(other, fd);
	ck_assert_int_eq(write(other, "plain", 5), 5);
	ck_assert_int_eq(lseek(other, 0, SEEK_CUR), 5);
	ck_assert_int_eq(pread(other, back, 5, 0), 5);
	ck_assert_int_eq(memcmp(back, "plain", 5), 0);
	disk = open_disk(O_RDWR);
	ck_assert_uint_eq(at(disk, 0), 0);
	ck_assert_int_eq(dup2(other, disk), disk);
	ck_assert_int_eq(pread(disk, back, 5, 0), 5);
	ck_assert_int_eq(close(other), 0);
	other = open_disk(O_RDWR);
	ck_assert_int_eq(close_range((unsigned int)other, (unsigned int)other, 0), 0);
	ck_errno(fsync(other), EBADF);
	close(disk);
}
END_TEST

/* The driver is given back before a fork once nothing is open, whoever closed it. */
START_TEST(a_child_opens_the_device_when_the_parent_has_closed_it)
{
	FILE *stream = fdopen(open_disk(O_RDWR), "r");
	int status = -1;
	pid_t child;

	ck_assert_int_eq(fclose(stream), 0);
	child = fork();
	if (child == 0) {
		char byte;
		int fd = open(DISK, O_RDONLY);

		_exit(fd >= 0 && read(fd, &byte, 1) == 1 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* As Linux: commands to a device go by any descriptor, changes of its bytes by one for writing. */
START_TEST(ranges_are_changed_by_writers_only)
{
	uint64_t range[2] = { 0, BLOCK };
	int reader = open_disk(O_RDONLY), path = open_disk(O_PATH), size;

	ck_errno(ioctl(reader, BLKDISCARD, range), EBADF);
	ck_errno(ioctl(reader, BLKZEROOUT, range), EBADF);
	ck_assert_int_eq(ioctl(reader, BLKSSZGET, &size), 0);
	ck_errno(ioctl(path, BLKSSZGET, &size), EBADF);
	close(reader);
	close(path);
}
END_TEST

/* As Linux: memory is asked for only where there is a pointer, and no more than a command moves. */
START_TEST(commands_with_impossible_memory_are_refused)
{
	unsigned char data[4096];
	struct nvme_passthru_cmd cmd = { .opcode = 0x06, .data_len = sizeof(data), .cdw10 = 1 };
	int fd = open("/dev/nvme0", O_RDWR);

	ck_assert_int_gt(ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd), 0);
	cmd.addr = (uintptr_t)data;
	cmd.data_len = UINT32_MAX;
	ck_errno(ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd), EINVAL);
	cmd.data_len = sizeof(data);
	cmd.metadata = (uintptr_t)data;
	cmd.metadata_len = UINT32_MAX;
	ck_errno(ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd), EINVAL);
	cmd.metadata = 0;
	ck_assert_int_eq(ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd), 0);
	ck_assert_int_eq(memcmp(data + 24, "nvmelab", 7), 0);
	close(fd);
}
END_TEST

/* Base 2.0 3.7.1 and 3.7.2: what is on the medium stays. */
START_TEST(resets_leave_the_data)
{
	int ctrl = open("/dev/nvme0", O_RDWR), fd = open_disk(O_RDWR);

	ck_assert_int_eq(pwrite(fd, "kept", 4, 0), 4);
	ck_assert_int_eq(ioctl(ctrl, NVME_IOCTL_RESET), 0);
	ck_assert_int_eq(ioctl(ctrl, NVME_IOCTL_SUBSYS_RESET), 0);
	ck_assert_uint_eq(at(fd, 3), 't');
	close(ctrl);
	close(fd);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("driver/preload");
	TCase *tcase = tcase_create("calls");

	tcase_add_test(tcase, device_files_exist_as_those_of_linux_do);
	tcase_add_test(tcase, bytes_are_read_and_written_at_any_offset);
	tcase_add_test(tcase, more_than_a_buffer_is_moved_in_one_call);
	tcase_add_test(tcase, the_end_is_the_end);
	tcase_add_test(tcase, duplicates_share_their_position);
	tcase_add_test(tcase, vectors_are_moved_in_order);
	tcase_add_test(tcase, modes_of_opening_are_kept);
	tcase_add_test(tcase, a_controller_has_no_bytes);
	tcase_add_test(tcase, sizes_are_those_of_the_namespace);
	tcase_add_test(tcase, ranges_are_zeroed_and_discarded);
	tcase_add_test(tcase, durable_writes_succeed_and_locks_are_free);
	tcase_add_test(tcase, unknown_calls_fail);
	tcase_add_test(tcase, admin_commands_pass_and_statuses_come_back_whole);
	tcase_add_test(tcase, io_commands_pass_for_the_namespace_of_the_descriptor_only);
	tcase_add_test(tcase, commands_with_impossible_memory_are_refused);
	tcase_add_test(tcase, resets_leave_the_data);
	tcase_add_test(tcase, a_descriptor_that_was_closed_elsewhere_is_not_ours);
	tcase_add_test(tcase, a_child_opens_the_device_when_the_parent_has_closed_it);
	tcase_add_test(tcase, ranges_are_changed_by_writers_only);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
