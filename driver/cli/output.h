/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where results go (standard output), and messages and progress (standard error).
 *
 * A write that fails is remembered and becomes an error of the command at its end: a full disk or a
 * reader that went away is never silence. Colour and progress are for terminals only.
 */
#ifndef NVMELAB_DRIVER_CLI_OUTPUT_H
#define NVMELAB_DRIVER_CLI_OUTPUT_H

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct cli_output - one of the formats on one stream
 * @error: errno of the first write that failed, or 0
 * @json: JSON; @binary: structures as they came; neither: text
 */
struct cli_output {
	FILE *file;
	int error;
	bool json;
	bool binary;
	bool colour;
};

/** cli_print - append formatted text */
void cli_print(struct cli_output *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** cli_write - append @bytes bytes */
void cli_write(struct cli_output *out, const void *data, size_t bytes);

/**
 * cli_write_binary - append @bytes bytes if that is what is asked for
 * Return: whether it is; if not, the caller shows them as JSON or as text.
 */
bool cli_write_binary(struct cli_output *out, const void *data, size_t bytes);

/** cli_heading - append a line in bold where there is colour */
void cli_heading(struct cli_output *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** cli_hexdump - append @bytes bytes, 16 in a line, in hexadecimal and as ASCII */
void cli_hexdump(struct cli_output *out, const void *data, size_t bytes);

/** cli_json_open - a tree whose root is an object, open; for cli_json_close() */
JsonBuilder *cli_json_open(void);

/** cli_json_array - open an array that is the member @key of what is open */
void cli_json_array(JsonBuilder *builder, const char *key);

/** cli_json_object - open an object that is the member @key of what is open */
void cli_json_object(JsonBuilder *builder, const char *key);

/** cli_json_close - end the root object, append the tree, free it */
void cli_json_close(struct cli_output *out, JsonBuilder *builder);

/** cli_print_json - append the tree that @builder holds */
void cli_print_json(struct cli_output *out, JsonBuilder *builder);

/**
 * cli_finish - flush
 * Return: true, or false with an error when not everything could be written.
 */
bool cli_finish(struct cli_output *out, GError **error);

/** cli_add_u64 - a number; above 2^63 - 1, where many readers of JSON lose digits, a text */
void cli_add_u64(JsonBuilder *builder, const char *key, uint64_t value);

/** cli_add_text - a text; bytes that are not UTF-8 become U+FFFD */
void cli_add_text(JsonBuilder *builder, const char *key, const char *value);

/** cli_add_dump - @bytes bytes as an array of texts, of 16 bytes in hexadecimal each */
void cli_add_dump(JsonBuilder *builder, const char *key, const void *data, size_t bytes);

/**
 * cli_escaped - @text as the inside of a JSON string, which no terminal obeys; freed by the caller
 */
char *cli_escaped(const char *text);

/* Messages on standard error, by importance. */
enum cli_level {
	CLI_LOG_ERROR,
	CLI_LOG_WARNING,
	CLI_LOG_INFO,
	CLI_LOG_DEBUG,
};

/** cli_set_level - messages up to @level are printed */
void cli_set_level(enum cli_level level);

/** cli_log - print a message if it is important enough */
void cli_log(enum cli_level level, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** cli_report - print @error as "PROGRAM: COMMAND: message" with its hints; @command may be NULL */
void cli_report(const char *command, const GError *error);

/** cli_progress - replace the progress line of a terminal; nothing elsewhere */
void cli_progress(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** cli_progress_bar - the same, with a bar of which @done of @all is full before the text */
void cli_progress_bar(uint64_t done, uint64_t all, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** cli_progress_end - remove the progress line */
void cli_progress_end(void);

/** cli_is_terminal - whether @file is one that can be told where to write */
bool cli_is_terminal(FILE *file);

/** cli_wants_colour - whether @file is a terminal whose user did not set NO_COLOR */
bool cli_wants_colour(FILE *file);

/* The end of a word that counts @n things. */
#define CLI_PLURAL(n) ((n) == 1 ? "" : "s")

/** cli_size_text - "4 KiB", "16 MiB", "512 B"; freed by the caller */
char *cli_size_text(uint64_t bytes);

/** cli_time_text - "12.3 us", "1.50 s"; freed by the caller */
char *cli_time_text(uint64_t nsec);

#endif
