/* SPDX-License-Identifier: BSD-3-Clause */
/* A trace as a file: one JSON object a line, written in large pieces. */
#include "emulator/device/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emulator/device/say.h"
#include "emulator/device/setup.h"

#define BUFFER_BYTES 65536u
#define RECORD_BYTES 1024u /* a record without data and its newline need less */

/* @size: of the buffer, which has room for the header */
static int create(struct emu_trace_file *file, const char *path, size_t size,
		  struct nvme_text *error)
{
	memset(file, 0, sizeof(*file));
	file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
	if (file->fd < 0)
		return emu_say(error, -errno, "trace file %s: %s", path, strerror(errno));
	file->size = size;
	file->buffer = malloc(file->size);
	if (!file->buffer) {
		close(file->fd);
		return emu_say(error, -ENOMEM, "trace file %s: no memory", path);
	}
	return 0;
}

int emu_trace_file_open(struct emu_trace_file *file, const char *path, unsigned int side,
			struct nvme_text *error)
{
	struct nvme_text text;
	int result = create(file, path, BUFFER_BYTES, error);

	if (result)
		return result;
	nvme_text_init(&text, file->buffer, file->size);
	nvme_trace_header(&text, side);
	nvme_text_char(&text, '\n');
	file->used = text.used;
	return 0;
}

int emu_trace_file_open_setup(struct emu_trace_file *file, const char *path, const char *clock,
			      const struct emu_config *config, const struct emu_scenario *scenario,
			      struct nvme_text *error)
{
	char *setup = malloc(EMU_SETUP_BYTES);
	struct nvme_text text;
	size_t bytes;
	int result;

	if (!setup)
		return emu_say(error, -ENOMEM, "trace file %s: no memory", path);
	nvme_text_init(&text, setup, EMU_SETUP_BYTES);
	emu_setup_print(config, scenario, &text);
	bytes = text.used;
	result = create(file, path, BUFFER_BYTES + 2 * bytes, error);
	if (!result) {
		nvme_text_init(&text, file->buffer, file->size);
		nvme_trace_header_setup(&text, clock, config->controllers, setup, bytes);
		nvme_text_char(&text, '\n');
		file->used = text.used;
	}
	free(setup);
	return result;
}

void emu_trace_file_flush(struct emu_trace_file *file)
{
	size_t done = 0;

	while (done < file->used && !file->error) {
		ssize_t bytes = write(file->fd, file->buffer + done, file->used - done);

		if (bytes >= 0)
			done += (size_t)bytes;
		else if (errno != EINTR)
			file->error = -errno;
	}
	file->used = 0;
}

/* Makes room for @bytes more; Return: false when there is no memory for them. */
static bool make_room(struct emu_trace_file *file, size_t bytes)
{
	char *buffer;

	if (bytes <= file->size - file->used)
		return true;
	emu_trace_file_flush(file);
	if (bytes <= file->size)
		return true;
	buffer = realloc(file->buffer, bytes);
	if (!buffer)
		return false;
	file->buffer = buffer;
	file->size = bytes;
	return true;
}

void emu_trace_file_put(struct emu_trace_file *file, const struct nvme_trace_record *record)
{
	struct nvme_text text;

	if (file->error)
		return;
	if (!make_room(file, RECORD_BYTES + 2 * (size_t)record->data_bytes)) {
		file->error = -ENOMEM;
		return;
	}
	nvme_text_init(&text, file->buffer + file->used, file->size - file->used);
	nvme_trace_json(&text, record);
	nvme_text_char(&text, '\n');
	file->used += text.used;
}

int emu_trace_file_close(struct emu_trace_file *file)
{
	emu_trace_file_flush(file);
	if (close(file->fd) < 0 && !file->error)
		file->error = -errno;
	free(file->buffer);
	return file->error;
}
