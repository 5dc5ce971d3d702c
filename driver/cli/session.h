/* SPDX-License-Identifier: BSD-3-Clause */
/* A device for the time of a command, opened as the options of its group say. */
#ifndef NVMELAB_DRIVER_CLI_SESSION_H
#define NVMELAB_DRIVER_CLI_SESSION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "driver/cli/command.h"
#include "driver/transport/device.h"

/**
 * struct cli_session - an open device
 * @name: as messages call it: DEVICE, or "the emulator in this process"
 * @path: as output calls it: DEVICE, or "emulator"
 */
struct cli_session {
	struct nvl_device *device;
	struct nvl_ctrl *ctrl;
	const char *name;
	const char *path;
};

/**
 * struct cli_needs - what a command wants of its device; zeroes are defaults
 * @no_start: look at registers only
 * @queues: I/O queue pairs
 * @depth: commands outstanding on each of them
 */
struct cli_needs {
	bool no_start;
	uint32_t queues;
	uint32_t depth;
};

/**
 * cli_open - open a device
 * @which: DEVICE, or NULL for the emulator inside the process
 * @needs: or NULL
 * Return: the session for cli_close(), or NULL with an error: usage for an option that cannot be,
 * environment for a device that cannot be reached.
 */
struct cli_session *cli_open(struct cli *cli, const char *which, const struct cli_needs *needs,
			     GError **error);

/**
 * cli_close - shut the controller down and let it go; NULL is fine
 * @error: keeps the first error: what the command did before counts more than its end
 * Return: whether @done was true and nothing failed here.
 */
bool cli_close(struct cli_session *session, bool done, GError **error);

/** cli_with_session - open the device of the command line, call @run, close it */
bool cli_with_session(struct cli *cli, const struct cli_needs *needs, cli_with_session_fn *run,
		      GError **error);

/* The row of options that cli_pick_nsid() asks. */
/* clang-format off */
#define CLI_NAMESPACE { "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, false, "the namespace; the first active one if not given" }
/* clang-format on */

/**
 * cli_pick_nsid - --namespace-id, or the first active namespace, or 1
 */
uint32_t cli_pick_nsid(const struct cli *cli, const struct cli_session *session);

/**
 * cli_pick_ns - the namespace of cli_pick_nsid(), usable for I/O
 * Return: it, or NULL with an error.
 */
const struct nvl_ns *cli_pick_ns(const struct cli *cli, const struct cli_session *session,
				 GError **error);

/**
 * cli_find_format - the LBA format without metadata that has blocks of @block_bytes bytes
 * Return: true and its index, or false with an error.
 */
bool cli_find_format(struct cli_session *session, uint64_t block_bytes, uint8_t *ret_index,
		     GError **error);

/** cli_io_queue - the first I/O queue; an error if the controller has none */
struct nvl_queue *cli_io_queue(const struct cli_session *session, GError **error);

#endif
