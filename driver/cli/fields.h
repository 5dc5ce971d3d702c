/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rows of the structures that commands print. Keys are those of nvme-cli 2.13.
 */
#ifndef NVMELAB_DRIVER_CLI_FIELDS_H
#define NVMELAB_DRIVER_CLI_FIELDS_H

#include "driver/cli/print.h"

/* struct nvme_id_ctrl, without its power states. */
extern const struct cli_field cli_id_ctrl_fields[];

/* struct nvme_id_ns: before and after what is there only if NSFEAT.OPTPERF says so. */
extern const struct cli_field cli_id_ns_fields[];
extern const struct cli_field cli_id_ns_optperf_fields[];
extern const struct cli_field cli_id_ns_more_fields[];

/* id_ns.rescap, which another structure has too. */
extern const struct cli_bits cli_rescap_bits[];

/* struct nvme_id_ctrl_nvm */
extern const struct cli_field cli_id_ctrl_nvm_fields[];

/* struct nvme_id_ns_nvm: before and after its formats. */
extern const struct cli_field cli_id_ns_nvm_fields[];
extern const struct cli_field cli_id_ns_nvm_more_fields[];

/* struct nvme_id_ns_independent */
extern const struct cli_field cli_id_ns_independent_fields[];

/* struct nvme_eg_log */
extern const struct cli_field cli_eg_fields[];

/* struct nvme_lba_status_log */
extern const struct cli_field cli_lba_status_fields[];

/* struct nvme_resv_log */
extern const struct cli_field cli_resv_log_fields[];

/* struct nvme_pel_header and struct nvme_pel_event_header */
extern const struct cli_field cli_pel_fields[];
extern const struct cli_field cli_pel_event_fields[];

/** cli_pel_data_fields - the rows of an event's data, or NULL; *@ret_bytes is what they need */
const struct cli_field *cli_pel_data_fields(uint8_t type, size_t *ret_bytes);

/* struct nvme_smart_log */
extern const struct cli_field cli_smart_fields[];

/* struct nvme_error_log_entry: before and after its status. */
extern const struct cli_field cli_error_fields[];
extern const struct cli_field cli_error_more_fields[];

/** struct cli_register - a register of BAR0: its name in lower case is its key */
struct cli_register {
	const char *name;
	uint32_t offset;
	uint32_t bytes;
};

/** cli_register_at - row @index, ascending by offset; NULL past the last one */
const struct cli_register *cli_register_at(unsigned int index);

/** cli_register_bits - what the bits of the register at @offset are, or NULL */
const struct cli_bits *cli_register_bits(uint32_t offset);

/* How a part of a feature's value is shown. */
enum cli_part_kind {
	CLI_PART_NUMBER,
	CLI_PART_ONE_MORE, /* 0's based */
	CLI_PART_POWER,	   /* 2^n; 7 is "No limit" */
	CLI_PART_100_USEC, /* "n usec" */
	CLI_PART_100_MSEC, /* "n ms" */
	CLI_PART_ENABLED,  /* "Enabled" or "Disabled" */
	CLI_PART_TRUE,	   /* "True" or "False" */
	CLI_PART_SEND,	   /* "Send async event" or "Do not send async event" */
	CLI_PART_CELSIUS,  /* of kelvin: "n Celsius" */
	CLI_PART_KELVIN,   /* "n K" */
	CLI_PART_TEXT,	   /* one of texts */
};

/** struct cli_part - a part of dword 0 of Get Features; @name is the key too, NULL ends a table */
struct cli_part {
	uint8_t hi;
	uint8_t lo;
	uint8_t kind;
	const char *name;
	const char *const *texts;
};

/**
 * struct cli_feature - what is known of a feature
 * @data_bytes: length of its data structure, 0 for none
 * @parts: NULL when its dword 0 has none
 */
struct cli_feature {
	uint8_t fid;
	uint16_t data_bytes;
	const struct cli_part *parts;
};

/** cli_find_feature - the row of @fid, or NULL */
const struct cli_feature *cli_find_feature(uint8_t fid);

/**
 * cli_show_feature_data - the data structure of a feature, in lines or in @builder's open object
 * @builder: NULL for lines
 * Return: false for a feature that has none here; nothing was shown.
 */
bool cli_show_feature_data(struct cli_output *out, JsonBuilder *builder, uint8_t fid, uint32_t dw0,
			   const void *data, size_t bytes);

/** cli_part_text - the part of @value as text; freed by the caller */
char *cli_part_text(const struct cli_part *part, uint32_t value);

/** cli_part_is_number - whether JSON has the part as a number, which is then *@ret_number */
bool cli_part_is_number(const struct cli_part *part, uint32_t value, uint64_t *ret_number);

/** cli_admin_title - the admin command as the specification spells it, "Get Log Page" */
const char *cli_admin_title(uint8_t opcode);

/** cli_io_title - the I/O command of the NVM command set, likewise */
const char *cli_io_title(uint8_t opcode);

/** cli_sqe_part - the part of a submission queue entry that holds byte @offset, "CDW10" */
const char *cli_sqe_part(unsigned int offset);

#endif
