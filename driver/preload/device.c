/* SPDX-License-Identifier: BSD-3-Clause */
/* The one device: opened when it is first needed, closed when the program ends. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/preload/preload.h"

/* Set by "nvmelab with": the device's name; empty for an emulator inside the process. */
#define DEVICE_VARIABLE "NVMELAB_DEVICE"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct nvl_device *device;
static struct nvl_buffer buffer;
static bool forked; /* the device belongs to the process that this one was forked from */
static int refused; /* errno of an attempt to open it */

void pre_lock(void)
{
	pthread_mutex_lock(&lock);
}

void pre_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

bool pre_active(void)
{
	return getenv(DEVICE_VARIABLE) != NULL;
}

void pre_say(const char *format, ...)
{
	char line[1024];
	va_list arguments;
	int used;

	va_start(arguments, format);
	used = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (used > 0)
		dprintf(STDERR_FILENO, "nvmelab: %s\n", line);
}

int pre_fail(int error)
{
	errno = error;
	return -1;
}

static void close_device(void)
{
	nvl_device_close(device);
	device = NULL;
	buffer = (struct nvl_buffer){ 0 };
}

/*
 * A controller has one owner. A process that has none of its files open gives it back before it
 * forks, so that the child, or itself, can open it again; otherwise the parent keeps it.
 */
static void before_fork(void)
{
	pre_lock();
	if (device && !forked && !pre_file_any())
		close_device();
}

static void after_fork_in_child(void)
{
	forked = device != NULL;
	pthread_mutex_init(&lock, NULL);
}

__attribute__((constructor)) static void watch_forks(void)
{
	pthread_atfork(before_fork, pre_unlock, after_fork_in_child);
}

static int open_device(void)
{
	struct nvl_device_options options;
	char sentence[1024];
	struct nvme_text text;
	const char *name = getenv(DEVICE_VARIABLE);
	int result;

	nvme_text_init(&text, sentence, sizeof(sentence));
	nvl_device_options_init(&options);
	options.device = name && *name ? name : NULL;
	result = nvl_device_open(&options, &device, &text);
	if (result != 0)
		pre_say("/dev/nvme0: %s", text.used > 0 ? sentence : strerror(-result));
	return result;
}

struct nvl_device *pre_device(void)
{
	if (forked && device) {
		pre_say("/dev/nvme0: the process that opened it has been forked; a controller has "
			"one owner");
		errno = EIO;
		return NULL;
	}
	if (!device && refused == 0)
		refused = -open_device();
	if (!device)
		errno = refused;
	return device;
}

struct nvl_ctrl *pre_ctrl(void)
{
	return nvl_device_ctrl(device);
}

struct nvl_queue *pre_queue(void)
{
	struct nvl_queue *queue = nvl_queue(pre_ctrl(), 0);

	if (!queue)
		errno = EIO;
	return queue;
}

struct nvl_buffer *pre_buffer(uint64_t bytes)
{
	int result;

	if (buffer.bytes >= bytes)
		return &buffer;
	nvl_device_free(device, &buffer);
	buffer = (struct nvl_buffer){ 0 };
	result = nvl_device_alloc(device, bytes, &buffer);
	if (result == 0)
		return &buffer;
	errno = -result;
	return NULL;
}

/* The controller is shut down, as when a machine is. */
__attribute__((destructor)) static void close_at_exit(void)
{
	if (!device || forked)
		return;
	pre_lock();
	close_device();
	refused = ENODEV;
	pre_unlock();
}
