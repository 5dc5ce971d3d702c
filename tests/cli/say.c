/* SPDX-License-Identifier: BSD-3-Clause */
/* say SOCKET WORD...: sends the words as a line to a UNIX socket, prints the line that answers. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte = 0;

	/* A server that hangs up early is seen by the answer that does not come. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 2;
	memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror(argv[1]);
		return 3;
	}
	for (int i = 2; i < argc; i++)
		dprintf(fd, "%s%s", i > 2 ? " " : "", argv[i]);
	dprintf(fd, "\n");
	while (byte != '\n' && read(fd, &byte, 1) == 1)
		putchar(byte);
	close(fd);
	return byte == '\n' ? 0 : 1;
}
