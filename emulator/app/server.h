/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The vfio-user server: a subsystem whose controllers are reached through sockets, one each.
 *
 *   main.c      options                     loop.c      spin, then sleep; who is served when
 *   session.c   one client: framing, descriptors, output
 *   messages.c  a row for each command      version.c   what the two sides can do (json.c)
 *   region.c    registers, configuration    irqs.c      eventfds (intx.c: a level)
 *   bar0.c      BAR0 in shared memory       memory.c    host memory without a file
 *   lab.c       the clock that a client moves verdict.c   what the judge finds
 *
 * One thread. A message of a client is handled to its end before the next one of that client, and
 * its reply leaves in one piece with its descriptors.
 */
#ifndef NVMELAB_EMULATOR_APP_SERVER_H
#define NVMELAB_EMULATOR_APP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/vfio_user.h"
#include "emulator/device/device.h"
#include "emulator/device/scenario.h"

#define EMU_MSG_FDS	    16u /* descriptors that a client may send with one message */
#define EMU_DATA_XFER_BYTES (1u << 20)
#define EMU_MSG_BYTES	    (EMU_DATA_XFER_BYTES + 4096u) /* longest message, header included */
#define EMU_VERSION_NSEC    10000000000ull		  /* a client has that long to begin */
#define EMU_RESET_NSEC	    2000000000ull		  /* a reset waits that long for media */
#define EMU_EXCHANGE_NSEC   2000000000ull /* a client has that long to answer about its memory */
#define EMU_MESSAGE_STAGES  2048u	  /* work before a reply, under a real clock */
#define EMU_TURN_MESSAGES   64u		  /* of one client, before others get their turn */
#define EMU_LAB_TICK_NSEC   1000u	  /* time for a register access, without the lab */
#define EMU_COMPLAINTS	    10u		  /* warnings about one connection */

enum emu_bar0_mode {
	EMU_BAR0_AUTO,	    /* doorbells for a client without JSON in VERSION, else trapped */
	EMU_BAR0_TRAPPED,   /* every access is a message */
	EMU_BAR0_DOORBELLS, /* doorbells are shared memory */
	EMU_BAR0_SHARED,    /* registers too */
};

struct emu_server;
struct emu_session;

/**
 * struct emu_server_options - how the subsystem is served
 * @paths: @count sockets; that of index n belongs to controller n
 * @lab: offer region 9; with a virtual clock only
 * @pool: see struct emu_device_options
 * @scenario: whose faults are loaded, with the configuration's seed; NULL for none. Needed during
 *	emu_server_new() only.
 * @judge: tell on standard error of the rules that clients break, and in @judge_path (or NULL)
 */
struct emu_server_options {
	const char *const *paths;
	unsigned int count;
	enum emu_bar0_mode bar0;
	enum emu_clock clock;
	bool lab;
	const char *pool;
	const char *trace_path;
	const char *state_path;
	const char *control_path;
	const char *pmr_path;
	const struct emu_scenario *scenario;
	bool judge;
	const char *judge_path;
};

/**
 * emu_server_new - make the subsystem and listen
 * @config: controllers is set to options->count
 * @error: gets a sentence
 * Return: 0; -EINVAL when options do not go together; else what the system said.
 */
int emu_server_new(const struct emu_config *config, const struct emu_ns_spec *specs,
		   unsigned int ns_count, const struct emu_server_options *options,
		   struct emu_server **ret_server, struct nvme_text *error);

/**
 * emu_server_run - serve until emu_server_stop()
 * Return: 0, or a negative errno when the trace file could not be written or waiting failed.
 */
int emu_server_run(struct emu_server *server);

/**
 * emu_server_judgement - print what the judge has found in all
 *
 * Context: after emu_server_run().
 * Return: 0; -EPROTO when a client broke a rule; or the negative errno with which the judge's file
 * could not be written. 0 without the option judge.
 */
int emu_server_judgement(struct emu_server *server);

/** emu_server_stop - make emu_server_run() return soon; from a signal handler or a thread too */
void emu_server_stop(struct emu_server *server);

/** emu_server_free - close connections, remove sockets and free everything; NULL is fine */
void emu_server_free(struct emu_server *server);

#endif
