/* SPDX-License-Identifier: BSD-3-Clause */
/* Data of commands from and to files. */
#include "driver/cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "driver/cli/error.h"

static bool is_standard(const char *path)
{
	return !path || strcmp(path, "-") == 0;
}

static bool read_all(int fd, const char *name, void *data, size_t bytes, size_t *ret_bytes,
		     GError **error)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t got = read(fd, (char *)data + done, bytes - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot read %s: %s", name,
					g_strerror(errno));
		if (got == 0)
			break;
		done += (size_t)got;
	}
	*ret_bytes = done;
	return true;
}

bool cli_read_file(const char *path, void *data, size_t bytes, size_t *ret_bytes, GError **error)
{
	const char *name = is_standard(path) ? "standard input" : path;
	int fd = is_standard(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot open %s: %s", name,
				g_strerror(errno));
	done = read_all(fd, name, data, bytes, ret_bytes, error);
	if (fd != STDIN_FILENO)
		close(fd);
	if (done && *ret_bytes == 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s is empty", name);
	return done;
}

static int write_all(int fd, const void *data, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t put = write(fd, (const char *)data + done, bytes - done);

		if (put < 0 && errno != EINTR)
			return errno;
		if (put > 0)
			done += (size_t)put;
	}
	return 0;
}

bool cli_write_file(const char *path, const void *data, size_t bytes, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int result;

	if (fd < 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot create %s: %s", path,
				g_strerror(errno));
	result = write_all(fd, data, bytes);
	if (close(fd) < 0 && result == 0)
		result = errno;
	if (result != 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot write %s: %s", path,
				g_strerror(result));
	return true;
}
