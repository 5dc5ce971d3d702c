/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model PATH [io]: a program as anybody would write it for Linux. Sends Identify Controller by
 * NVME_IOCTL_ADMIN_CMD and prints the model; with "io" by NVME_IOCTL_IO_CMD, the wrong one.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define IDENTIFY   0x06
#define CONTROLLER 0x01
#define MODEL	   24
#define MODEL_LEN  40

int main(int argc, char **argv)
{
	static unsigned char data[4096];
	struct nvme_passthru_cmd cmd = {
		.opcode = IDENTIFY,
		.addr = (uintptr_t)data,
		.data_len = sizeof(data),
		.cdw10 = CONTROLLER,
	};
	unsigned long request = argc > 2 && strcmp(argv[2], "io") == 0 ? NVME_IOCTL_IO_CMD
								       : NVME_IOCTL_ADMIN_CMD;
	int fd = argc > 1 ? open(argv[1], O_RDWR) : -1;
	int status;

	if (fd < 0) {
		perror(argc > 1 ? argv[1] : "no path");
		return 3;
	}
	status = ioctl(fd, request, &cmd);
	if (status < 0)
		printf("errno: %s\n", strerrorname_np(errno));
	else if (status > 0)
		printf("status: 0x%x\n", (unsigned int)status);
	else
		printf("model: %.*s\n", MODEL_LEN, (const char *)data + MODEL);
	close(fd);
	return status != 0;
}
