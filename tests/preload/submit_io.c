/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * submit_io PATH DATA METADATA CONTROL: writes block 3, then reads it, by NVME_IOCTL_SUBMIT_IO with
 * so many bytes of data and of metadata beside them, 0 for none. Prints "same" or "different", the
 * status, or the errno.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROOM 8192

static int submit(int fd, uint8_t opcode, char **argv, unsigned char *data)
{
	struct nvme_user_io io = {
		.opcode = opcode,
		.control = (uint16_t)strtoul(argv[4], NULL, 0),
		.addr = (uintptr_t)data,
		.metadata = strtoul(argv[3], NULL, 0) > 0 ? (uintptr_t)data + ROOM / 2 : 0,
		.slba = 3,
		.reftag = 3,
	};
	int status = ioctl(fd, NVME_IOCTL_SUBMIT_IO, &io);

	if (status < 0)
		printf("errno: %s\n", strerrorname_np(errno));
	else if (status > 0)
		printf("status: 0x%x\n", (unsigned int)status);
	return status;
}

int main(int argc, char **argv)
{
	static unsigned char out[ROOM], in[ROOM];
	int fd = argc == 5 ? open(argv[1], O_RDWR) : -1;

	if (fd < 0) {
		perror(argc > 1 ? argv[1] : "submit_io PATH DATA METADATA CONTROL");
		return 3;
	}
	for (size_t i = 0; i < strtoul(argv[2], NULL, 0); i++)
		out[i] = (unsigned char)(i * 31 + 1);
	for (size_t i = 0; i < strtoul(argv[3], NULL, 0); i++)
		out[ROOM / 2 + i] = (unsigned char)(i * 13 + 5);
	if (submit(fd, 0x01, argv, out) == 0 && submit(fd, 0x02, argv, in) == 0)
		puts(memcmp(in, out, ROOM) == 0 ? "same" : "different");
	close(fd);
	return 0;
}
