/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A BAR0 for a driver in the same process that knows volatile loads and stores, and nothing else.
 *
 *   emu_device_new()        with a virtual clock
 *   emu_trapbar_new()       registers and doorbells at an address
 *   emu_trapbar_memory()    what the driver gives the controller addresses of
 *   ...                     the driver, as it is
 *
 * No page of it can be read or written: each access is a fault, which the library answers before
 * the instruction is done. A load gets what emu_bar_read() says. A store is one emu_bar_write(),
 * after which the device runs until it is idle; so when the next instruction begins, all that the
 * store asked for has happened. Pages of the driver's memory that hold a completion queue fault
 * too, so that a driver which polls its memory moves time. One driver, one seed and the same rules
 * then do the same each time.
 *
 * Time, under a virtual clock: each access to the BAR takes a tick, and so does a look at an entry
 * of a completion queue that is not there yet. Who looks a second time at something, and has
 * written no register in between, waits: time goes on to the next deadline of the device. Under a
 * real clock, accesses run the device and time passes by itself.
 *
 * Only for x86-64 Linux: the library has no emu_trapbar elsewhere, and this header does not
 * compile there. SIGSEGV and SIGTRAP get handlers while there is a trap BAR; signals that are not
 * its own go where they went before. An instruction's direction is known from the fault, its width
 * from its opcode: moves of all kinds and arithmetic on memory. Others are executed, too: their
 * loads see 64 bytes that are read at once, and of their stores each dword that differs then is
 * delivered; a store of what was there is not seen.
 *
 * Context of every call, and of the driver: one thread for all trap BARs of a process. The device's
 * callbacks are called from the handler: they must not touch the BAR. System calls do not fault,
 * they fail: they must not be given the BAR, nor pages that hold a completion queue. It does not
 * work in an emulator of the processor that knows no trap flag (valgrind).
 */
#ifndef NVMELAB_EMULATOR_DEVICE_TRAPBAR_H
#define NVMELAB_EMULATOR_DEVICE_TRAPBAR_H

#if !defined(__x86_64__) || !defined(__linux__) || defined(__ILP32__)
#error "emu_trapbar needs x86-64 Linux; elsewhere use emu_bar_read() and emu_bar_write()"
#endif

#include "emulator/device/device.h"

#pragma GCC visibility push(default)

struct emu_trapbar;

#define EMU_TRAPBAR_SAME UINT64_MAX /* as iova: the memory's own address */

/**
 * struct emu_trapbar_options - how time passes under a virtual clock
 * @tick_nsec: what an access takes; 0 for a microsecond
 * @jump_nsec: how far a repeated look moves time at most, so that a driver with less patience than
 *	the device's next deadline is far sees that; it is also what such a look takes while nothing
 *	is due. 0: to the deadline however far it is, and by a tick when there is none.
 */
struct emu_trapbar_options {
	uint64_t tick_nsec;
	uint64_t jump_nsec;
};

/**
 * emu_trapbar_new - make a BAR0 of a controller that faults
 * @ctrl: index of the controller in its subsystem, from 0
 * @options: copied; NULL for their defaults
 * @ret_bar: freed by emu_trapbar_free(), before the device is
 * @error: gets a sentence that says what failed
 *
 * Memory space and bus master are enabled in configuration space, as an operating system does
 * before it calls a driver; a power cut undoes that.
 * Return: 0; -EINVAL for a controller that there is not; -ENOMEM; or what the system said.
 */
int emu_trapbar_new(struct emu_device *device, uint32_t ctrl,
		    const struct emu_trapbar_options *options, struct emu_trapbar **ret_bar,
		    struct nvme_text *error);

/**
 * emu_trapbar_base - where it is: registers from 0 on, doorbells at 1000h, MSI-X behind them
 * Return: its first byte; emu_layout_of() says how many there are.
 */
volatile void *emu_trapbar_base(const struct emu_trapbar *bar);

/**
 * emu_trapbar_memory - memory of the driver that the controller may use: queues and data
 * @memory: with @bytes pages of memory that can be read and written; both multiples of
 *	EMU_DMA_PAGE. They keep their contents, and get new pages behind them, which a fork shares.
 * @bytes: how many
 * @iova: the address that the driver gives the controller; EMU_TRAPBAR_SAME for @memory
 *
 * emu_device_map() is called for it. Pages that hold a completion queue are known from ACQ and
 * Create I/O Completion Queue; they fault until the host deletes the queue, or enables the
 * controller with others.
 * Return: 0; -EINVAL; -ENOMEM; what emu_device_map() or the system said.
 */
int emu_trapbar_memory(struct emu_trapbar *bar, void *memory, uint64_t bytes, uint64_t iova);

/**
 * emu_trapbar_release - memory is the driver's alone again, with its contents
 * @memory: as it was given to emu_trapbar_memory(), before it is freed or unmapped
 * Return: 0; -ENOENT for other memory; or what the system said: it is as before then.
 */
int emu_trapbar_release(struct emu_trapbar *bar, void *memory);

/** emu_trapbar_free - release all memory and unmap the BAR; NULL is fine */
void emu_trapbar_free(struct emu_trapbar *bar);

#pragma GCC visibility pop

#endif
