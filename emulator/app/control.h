/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket: what happens to a drive from outside, one command a line.
 *
 *	ana CTRL GROUP STATE	paths fail and come back
 *	temperature CTRL KELVIN	it gets hot
 *	event CTRL NUMBER	an asynchronous event
 *	power-cut [KEEP]	the power fails and comes back; what was in volatile write caches is
 *				lost, or kept: all of it, a prefix, a subset
 *	power-loss [SIGNAL]	the power will go (asserted), or will not (deasserted); answers what
 *				controllers say to that: deasserted, asserted-fq,
 *				asserted-epf-enabled
 *	fault list		"NAME SITE armed|disarmed MATCHES FIRED", with commas between them
 *	fault load FILE		faults of a scenario replace those that there are
 *	fault arm NAME		a fault is looked at from now on
 *	fault disarm NAME	or no longer
 *
 * Each line is answered by one: "ok", perhaps with ": " and what was asked for, or "error: " and a
 * sentence.
 */
#ifndef NVMELAB_EMULATOR_APP_CONTROL_H
#define NVMELAB_EMULATOR_APP_CONTROL_H

#include <stdbool.h>

#include "common/text.h"

#define EMU_CONTROL_LINE 4352u /* bytes of a line, with its end: a path and the words before it */

struct emu_server;
struct emu_control;

/**
 * emu_control_open - listen at @path
 * Return: 0; -ENOMEM; or what the system said, with a sentence.
 */
int emu_control_open(struct emu_server *server, const char *path, struct emu_control **ret_control,
		     struct nvme_text *error);

/** emu_control_close - close everything and remove the socket; NULL is fine */
void emu_control_close(struct emu_control *control);

/** emu_control_serve - serve @what of an epoll event; Return: whether it was the control's */
bool emu_control_serve(struct emu_control *control, const void *what);

#endif
