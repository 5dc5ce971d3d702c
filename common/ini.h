/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reader of scenario files: groups of keys, as events over a buffer.
 *
 *	# a comment has a line of its own
 *	[kind]                    a group
 *	[kind name]               a group with a name, which may hold blanks
 *	key = value = # 1         the value is "value = # 1": only the first '=' separates
 *
 * Lines end with LF or CR LF; blanks (space, tab) around kind, name, key and value are dropped, a
 * value may be empty and may hold any byte but NUL and LF. A UTF-8 byte order mark at the start is
 * skipped. Everything else is refused with its line: nothing is guessed, nothing is skipped.
 */
#ifndef NVMELAB_COMMON_INI_H
#define NVMELAB_COMMON_INI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

#define NVME_INI_BYTES_MAX   1048576u /* of a file */
#define NVME_INI_LINE_MAX    4096u    /* bytes of a line, without its end */
#define NVME_INI_GROUPS_MAX  512u     /* of a file */
#define NVME_INI_KEYS_MAX    4096u    /* of a file */
#define NVME_INI_MESSAGE_MAX 2048u

/** enum nvme_ini_result - why a file was refused */
enum nvme_ini_result {
	NVME_INI_OK,
	NVME_INI_FILE_TOO_LONG,
	NVME_INI_LINE_TOO_LONG,
	NVME_INI_NUL_BYTE,
	NVME_INI_NO_BRACKET, /* a group's line does not end with its ']' */
	NVME_INI_NO_KIND,
	NVME_INI_NO_EQUALS,
	NVME_INI_NO_KEY,
	NVME_INI_NO_GROUP, /* a key before any group */
	NVME_INI_TOO_MANY_GROUPS,
	NVME_INI_TOO_MANY_KEYS,
	NVME_INI_GROUP_TWICE, /* same kind and same name */
	NVME_INI_KEY_TWICE,   /* in one group */
	NVME_INI_REFUSED,     /* by a callback */
};

/**
 * struct nvme_ini_error - what is wrong, and where
 * @result: the kind of error; NVME_INI_OK when nothing is wrong
 * @line: counted from 1; 0 for an error of the whole file
 * @message: one sentence without the line number and without a full stop; text of the file in it
 *	is escaped as nvme_text_json() does, and callbacks should do the same
 */
struct nvme_ini_error {
	enum nvme_ini_result result;
	uint32_t line;
	char message[NVME_INI_MESSAGE_MAX];
};

/**
 * struct nvme_ini_ops - who listens
 * @arg: handed to both callbacks
 * @group: a group begins; @name is empty when it has none
 * @value: a key of the group that began last
 *
 * The slices point into the buffer given to nvme_ini_parse(). A callback returns true to go on, or
 * false after writing to @message why it refuses; the line number is added to the error, not to the
 * text. What a value means, and which groups and keys exist, is the callbacks' knowledge alone.
 */
struct nvme_ini_ops {
	void *arg;
	bool (*group)(void *arg, struct nvme_slice kind, struct nvme_slice name, uint32_t line,
		      struct nvme_text *message);
	bool (*value)(void *arg, struct nvme_slice key, struct nvme_slice value, uint32_t line,
		      struct nvme_text *message);
};

/**
 * nvme_ini_parse - read a file that is in memory
 * @data: the file; needs no NUL at its end; may be NULL when @bytes is 0
 * @ops: called in the order of the lines, up to the first error
 * @ret_error: filled on success too, with NVME_INI_OK, line 0 and an empty message
 *
 * Context: any; allocates nothing and takes about 20 KiB of stack. The time is linear in @bytes
 * unless a file is built to collide, and then bounded by the limits above.
 * Return: ret_error->result.
 */
enum nvme_ini_result nvme_ini_parse(const char *data, size_t bytes, const struct nvme_ini_ops *ops,
				    struct nvme_ini_error *ret_error);

#endif
