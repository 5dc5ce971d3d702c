/* SPDX-License-Identifier: BSD-3-Clause */
/* What commands on a range of blocks have in common: options, and dwords made of them. */
#ifndef NVMELAB_DRIVER_CLI_RW_H
#define NVMELAB_DRIVER_CLI_RW_H

#include "driver/cli/session.h"

/* Rows of options that several commands have. */
/* clang-format off */
#define CLI_RW_NAMESPACE CLI_NAMESPACE
#define CLI_RW_START { "start-block", 's', 0, CLI_SIZE, "NUM", UINT64_MAX, "0", false, "first logical block" }
#define CLI_RW_COUNT { "block-count", 'c', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "how many, less one (0's based)" }
#define CLI_RW_RETRY { "limited-retry", 'l', 0, CLI_FLAG, NULL, 0, NULL, false, "limit the controller's effort in errors" }
#define CLI_RW_FUA { "force-unit-access", 'f', 0, CLI_FLAG, NULL, 0, NULL, false, "past the volatile write cache" }
#define CLI_RW_PRINFO { "prinfo", 'p', 0, CLI_NUMBER, "0-15", 15, "0", false, "protection information: PRACT is 8, checks are 4 guard, 2 application tag, 1 reference tag" }
#define CLI_RW_REF_TAG { "ref-tag", 'r', 0, CLI_SIZE, "NUM", UINT64_MAX, "0", false, "initial reference tag" }
#define CLI_RW_APP_TAG { "app-tag", 'a', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "application tag" }
#define CLI_RW_APP_MASK { "app-tag-mask", 'm', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "bits of the application tag that are checked" }
#define CLI_RW_STORAGE_TAG(letter) { "storage-tag", letter, 0, CLI_SIZE, "NUM", UINT64_MAX, "0", false, "storage tag, where the format has one" }
#define CLI_RW_STORAGE_CHECK { "storage-tag-check", 'C', 0, CLI_FLAG, NULL, 0, NULL, false, "check the storage tag" }
#define CLI_RW_TAGS(letter) CLI_RW_PRINFO, CLI_RW_REF_TAG, CLI_RW_APP_TAG, CLI_RW_APP_MASK, CLI_RW_STORAGE_TAG(letter), CLI_RW_STORAGE_CHECK
#define CLI_RW_DIR_TYPE { "dir-type", 'T', 0, CLI_NUMBER, "NUM", 15, "0", false, "directive type" }
#define CLI_RW_DIR_SPEC(letter) { "dir-spec", letter, 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "directive specific field" }
/* clang-format on */

/**
 * cli_fill_rw - opcode, NSID, range, flags and tags of a command
 * @sqe: zeroed, with its opcode
 * Options that the command does not have count as 0. Return: false with an error.
 */
bool cli_fill_rw(struct cli *cli, struct cli_session *session, struct nvme_sqe *sqe,
		 GError **error);

/** cli_say_latency - if --latency was given, on standard error */
void cli_say_latency(const struct cli *cli, uint64_t nsec);

#endif
