/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Errors of the command line: a GError whose domain decides the exit code.
 *
 * A message says what failed, on which device, and the cause; after a newline may follow a hint.
 */
#ifndef NVMELAB_DRIVER_CLI_ERROR_H
#define NVMELAB_DRIVER_CLI_ERROR_H

#include <glib.h>
#include <stdbool.h>

/* Exit codes of the program. */
enum cli_exit {
	CLI_EXIT_SUCCESS = 0,
	CLI_EXIT_FAILED = 1,	  /* a status that is not success, data that differ */
	CLI_EXIT_USAGE = 2,	  /* the command line */
	CLI_EXIT_ENVIRONMENT = 3, /* no device, no permission, a file, no answer in time */
};

/* Domain of everything but statuses; the code is the exit code (enum cli_exit). */
#define CLI_ERROR cli_error_quark()
GQuark cli_error_quark(void);

/* Domain of what a command finds out; the code is the exit code, of the command's own choice. */
#define CLI_VERDICT cli_verdict_quark()
GQuark cli_verdict_quark(void);

/* Domain of the controller's answers; the code is the status (nvme_status). */
#define NVME_STATUS_ERROR cli_status_quark()
GQuark cli_status_quark(void);

/**
 * cli_fail - set an error of domain CLI_ERROR
 * @code: the program's exit code
 * Return: false, so that "return cli_fail(...)" is an exit.
 */
bool cli_fail(GError **error, enum cli_exit code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** cli_verdict - set an error of domain CLI_VERDICT; Return: false */
bool cli_verdict(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/**
 * cli_fail_result - set an error from a result of the driver
 * @result: a status if positive, else a negative errno; not 0
 * @format: what was done, on which device
 * Return: false.
 */
bool cli_fail_result(GError **error, int result, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** cli_hint - append a hint to the error that is set; nothing if there is none */
void cli_hint(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** cli_exit_code - what the program returns for @error; CLI_EXIT_SUCCESS for NULL */
enum cli_exit cli_exit_code(const GError *error);

#endif
