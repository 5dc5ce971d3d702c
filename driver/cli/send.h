/* SPDX-License-Identifier: BSD-3-Clause */
/* How commands of the command line reach the controller, by calls of the driver. */
#ifndef NVMELAB_DRIVER_CLI_SEND_H
#define NVMELAB_DRIVER_CLI_SEND_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "driver/cli/session.h"

/**
 * struct cli_request - a command, and how it ended
 * @io: to the first I/O queue, else to the admin queue
 * @sqe: opcode, NSID and dwords; its direction is that of the opcode (bits 1:0)
 * @data: @bytes bytes of the caller's, read or written; NULL for none
 * @meta: the same for metadata in a buffer of its own
 * @completion: as the controller sent it
 * @took_nsec: from the submission to the completion
 */
struct cli_request {
	bool io;
	struct nvme_sqe sqe;
	void *data;
	uint64_t bytes;
	void *meta;
	uint64_t meta_bytes;
	struct nvl_completion completion;
	uint64_t took_nsec;
};

/**
 * cli_send - send it and wait for it
 * @format: what it is, for the error: "format of namespace 1"
 * Return: true, or false with an error: the status, or what is wrong with the device.
 */
bool cli_send(struct cli_session *session, struct cli_request *request, GError **error,
	      const char *format, ...) G_GNUC_PRINTF(4, 5);

/**
 * cli_check - what came of a call of the driver
 * @result: of the call
 * @format: what it was, for the error: "format of namespace 1"
 * Return: true if it is 0, else false with an error: the status, or what is wrong with the device.
 */
bool cli_check(const struct cli_session *session, int result, GError **error, const char *format,
	       ...) G_GNUC_PRINTF(4, 5);

/** cli_identify - Identify; @data gets 4096 bytes. Return: false with an error. */
bool cli_identify(struct cli_session *session, const struct nvl_identify *request, void *data,
		  GError **error);

/** cli_get_log - Get Log Page; @bytes is a multiple of 4. Return: false with an error. */
bool cli_get_log(struct cli_session *session, const struct nvl_log *log, void *data, uint32_t bytes,
		 GError **error);

/**
 * cli_done - say that a command was successful; JSON is an object with the name of the command
 * @key: of a number that JSON has besides, or NULL
 * @format: the sentence of the text
 */
void cli_done(struct cli *cli, const char *key, uint64_t number, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

#endif
