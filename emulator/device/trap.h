/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of trapbar share. trap_signal.c sees faults and steps over the instructions,
 * trapbar.c knows what is behind the addresses and what an access does.
 */
#ifndef NVMELAB_EMULATOR_DEVICE_TRAP_H
#define NVMELAB_EMULATOR_DEVICE_TRAP_H

#include "emulator/device/trapbar.h"

#define EMU_TRAP_BYTES 64u /* of an access, at most */

/**
 * struct emu_trap_page - a page of the driver's memory
 * @view: where the driver sees it
 * @iova: where the controller does
 * @closed: it faults
 * @listed: it is in the bar's list of pages that hold a queue, or held one when that was made
 * @holds: entries @first .. @first + @slots - 1 of completion queue @cqid are in it
 */
struct emu_trap_page {
	uint8_t *view;
	uint64_t iova;
	bool closed;
	bool listed;
	bool holds;
	uint32_t cqid;
	uint32_t first;
	uint32_t slots;
};

/** struct emu_trap_place - what an address is: @page, or if that is NULL a byte of @bar's BAR */
struct emu_trap_place {
	struct emu_trapbar *bar;
	struct emu_trap_page *page;
};

/** emu_trap_find - what is at @address; Return: false when that is not a trap BAR's */
bool emu_trap_find(uintptr_t address, struct emu_trap_place *ret_place);

/** emu_trap_load - the host reads @bytes at @address of the BAR, to @data */
void emu_trap_load(struct emu_trapbar *bar, uintptr_t address, void *data, uint32_t bytes);

/** emu_trap_store - the host writes @bytes of @data to @address of the BAR */
void emu_trap_store(struct emu_trapbar *bar, uintptr_t address, const void *data, uint32_t bytes);

/** emu_trap_look - the driver loads from @address in @page: it may be waiting for an entry */
void emu_trap_look(struct emu_trapbar *bar, const struct emu_trap_page *page, uintptr_t address);

/** emu_trap_left - how much of @bytes from @address on is in the BAR */
uint32_t emu_trap_left(const struct emu_trapbar *bar, uintptr_t address, uint32_t bytes);

/** emu_trap_open - the instruction that is next can use the place */
void emu_trap_open(const struct emu_trap_place *place);

/** emu_trap_shut - the BAR faults again */
void emu_trap_shut(struct emu_trapbar *bar);

/** emu_trap_close_all - all that has to fault does, and nothing else */
void emu_trap_close_all(void);

/** emu_trap_die - say @what is wrong with the embedding program, and end it */
_Noreturn void emu_trap_die(const char *what);

/** emu_trap_catch - handle the signals; again is fine */
void emu_trap_catch(void);

/** emu_trap_uncatch - give them back to who had them, unless somebody took them over since */
void emu_trap_uncatch(void);

#endif
