/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What outlives the power: records that the program around the subsystem keeps.
 *
 * A record has a type, a number within the type and a layout of its own, little-endian, that begins
 * with a version. A newer record of the same type and number replaces the older one; one without
 * data deletes it. Records are durable in the order in which they were saved.
 */
#ifndef NVMELAB_EMULATOR_CORE_SAVE_H
#define NVMELAB_EMULATOR_CORE_SAVE_H

#include <stdint.h>

#define EMU_RECORD_BYTES  65536u     /* most data of one record */
#define EMU_RECORD_NOBODY UINT32_MAX /* tag of a record that no command waits for */

/** enum emu_record_type - whose record; the number says which one of its kind */
enum emu_record_type {
	EMU_RECORD_NAMESPACE = 1, /* NSID: a namespace as it was created, attached, formatted */
	EMU_RECORD_FEATURES,	  /* controller index: saved feature values */
	EMU_RECORD_NS_FEATURES,	  /* NSID: saved values of features of the namespace */
	EMU_RECORD_RESERVATION,	  /* NSID: registrants and reservation */
	EMU_RECORD_SANITIZE,	  /* 0: state of the sanitize operation */
	EMU_RECORD_FIRMWARE,	  /* slot; 0: which slot is active */
	EMU_RECORD_ERROR_LOG,	  /* controller index: entries of the Error Information log */
	EMU_RECORD_SMART,	  /* controller index: counters */
	EMU_RECORD_SELF_TEST,	  /* controller index: results */
	EMU_RECORD_PEL,		  /* place in the ring: an event of the Persistent Event log */
	EMU_RECORD_UNCORRECTABLE =
		12,	    /* NSID: bad blocks; by whoever has the media, not the core */
	EMU_RECORD_SPINDLE, /* 0: what rotational media count */
	EMU_RECORD_TYPES,
};

/**
 * struct emu_record - a record to be kept
 * @tag: names who waits for the answer, or EMU_RECORD_NOBODY
 * @type: enum emu_record_type
 * @id: number within the type
 * @data: valid during the call only
 * @bytes: 0 deletes the record; at most EMU_RECORD_BYTES
 */
struct emu_record {
	uint32_t tag;
	uint16_t type;
	uint32_t id;
	const void *data;
	uint32_t bytes;
};

#endif
