/* SPDX-License-Identifier: BSD-3-Clause */
/* What the judge finds: lines on standard error, a file of JSON lines, a summary at the end. */
#ifndef NVMELAB_EMULATOR_APP_VERDICT_H
#define NVMELAB_EMULATOR_APP_VERDICT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "emulator/device/device.h"

/** struct emu_verdict - @told: lines on standard error by rule; the file has all findings */
struct emu_verdict {
	const char *path;
	FILE *file;
	uint32_t told[EMU_RULES];
};

/**
 * emu_verdict_open - before the first finding
 * @path: file for JSON lines, created or truncated; NULL for none
 * Return: 0 or a negative errno with a sentence.
 */
int emu_verdict_open(struct emu_verdict *verdict, const char *path, struct nvme_text *error);

/** emu_verdict_take - a finding */
void emu_verdict_take(struct emu_verdict *verdict, const struct emu_judge_finding *finding);

/** emu_verdict_flush - write what is buffered of the file */
void emu_verdict_flush(struct emu_verdict *verdict);

/**
 * emu_verdict_sum_up - print the counts of all rules that were broken
 * Return: whether one of them is a violation.
 */
bool emu_verdict_sum_up(const struct emu_judge *judge);

/** emu_verdict_close - Return: 0, or the negative errno with which the file could not be written */
int emu_verdict_close(struct emu_verdict *verdict);

#endif
