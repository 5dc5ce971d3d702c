/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A subsystem ready to use inside a process: the core's block with everything that a host around it
 * needs: host memory tables, media of the namespaces, time, trace and interrupts.
 *
 *   emu_device_new()            make it
 *   emu_device_map()            tell it where host memory is
 *   emu_bar_write(), ...        registers and doorbells, on emu_device_core()
 *   emu_device_run()            do the work
 *
 * Context of every call: one thread at a time for a device; devices do not share anything. Only
 * emu_device_run() and emu_device_advance() touch host memory and media. Host memory that a file
 * backs may be truncated by its owner at any time: the first mapping of a file installs a SIGBUS
 * handler for the process, which leaves faults elsewhere to the handler that was there before.
 */
#ifndef NVMELAB_EMULATOR_DEVICE_DEVICE_H
#define NVMELAB_EMULATOR_DEVICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "common/trace.h"
#include "emulator/core/config.h"
#include "emulator/core/emu.h"
#include "emulator/judge/judge.h"

#pragma GCC visibility push(default)

#define EMU_DMA_MAPS_MAX  16384		      /* mappings of one controller */
#define EMU_DMA_BYTES_MAX (UINT64_C(8) << 40) /* sum of what is mapped from files, per controller */
#define EMU_DMA_PAGE	  4096u		      /* granularity of mappings */
#define EMU_PATH_BYTES	  4096		      /* of a file name, with its NUL */

struct emu_device;
struct emu_scenario;

/**
 * struct emu_ns_spec - where a namespace's data lies and how it is formatted
 * @nsid: 1 .. nn, or 0 for the lowest that is free
 * @size_bytes: a multiple of @lba_bytes; 0: the size of @file
 * @lba_bytes: a power of two, 512 .. 65536
 * @format: metadata, protection information, controllers; its nsid, blocks and lbads do not count
 * @file: regular file (made and extended when needed) or block device; "" for memory
 * @nbd: URI of a network block device export, instead of a file; "" for none
 * @cache_bytes: of volatile write cache in front of it; 0 for none
 */
struct emu_ns_spec {
	uint32_t nsid;
	uint64_t size_bytes;
	uint32_t lba_bytes;
	struct emu_ns_config format;
	char file[EMU_PATH_BYTES];
	char nbd[EMU_PATH_BYTES];
	uint64_t cache_bytes;
};

/** struct emu_ns_key - a key of a namespace's text: @value and @help are for people */
struct emu_ns_key {
	const char *name;
	const char *value;
	const char *help;
};

/** emu_ns_key - row @index of the table of keys; NULL past the last one */
const struct emu_ns_key *emu_ns_key(unsigned int index);

/** emu_ns_spec_init - 64 MiB of memory, 512-byte blocks, lowest free NSID */
void emu_ns_spec_init(struct emu_ns_spec *spec);

/**
 * emu_ns_spec_parse - read "size=1G,file=PATH,lba=512"
 * @spec: keys that @text does not have get the values of emu_ns_spec_init(); with a file or
 *	export and without a size, the size is its
 * @text: KEY=VALUE separated by commas; ",," is a literal comma
 * @error: gets a sentence that names the key and the allowed range
 * Return: 0, or -EINVAL.
 */
int emu_ns_spec_parse(struct emu_ns_spec *spec, const char *text, struct nvme_text *error);

/** emu_ns_spec_begin - no key is set: what emu_ns_spec_set() starts from */
void emu_ns_spec_begin(struct emu_ns_spec *spec);

/**
 * emu_ns_spec_set - set one key from text
 * @key: @key_bytes long, not necessarily terminated
 * @value: terminated
 * @error: gets a sentence that names the key and the allowed range
 * Return: 0, or -EINVAL.
 */
int emu_ns_spec_set(struct emu_ns_spec *spec, const char *key, size_t key_bytes, const char *value,
		    struct nvme_text *error);

/**
 * emu_ns_spec_end - all keys are set: give it the size that it has by default, look at all of them
 * Return: 0, or -EINVAL with a sentence.
 */
int emu_ns_spec_end(struct emu_ns_spec *spec, struct nvme_text *error);

/**
 * emu_list_next - cut the first item off a comma-separated list, as ns and controller options use
 * @list: what is left of the list; moved behind the item and its comma. NULL when nothing is left.
 * @item: gets the item with ",," made ","
 * @size: bytes of @item
 * Return: 0; -ENOENT when nothing was left; -E2BIG when the item does not fit.
 */
int emu_list_next(const char **list, char *item, size_t size);

enum emu_clock {
	EMU_CLOCK_REAL,	   /* nanoseconds since emu_device_new() */
	EMU_CLOCK_VIRTUAL, /* moved by emu_device_advance() alone */
};

/**
 * struct emu_device_options - how a device is connected to its process
 * @clock: under a virtual clock media requests end in the order they began, before run returns
 * @pool: folder where the data of a namespace that is made at run time lies, in the file ns-NSID,
 *	removed with the namespace; NULL for memory. Needed during emu_device_new() only.
 * @trace_path: trace file, created or truncated; NULL for none
 * @trace: takes records instead of a file; NULL for none
 * @judged: told of each rule that a host breaks (emulator/judge/judge.h); NULL: nobody judges
 * @pmr_path: file that keeps Persistent Memory Regions, one behind the other, made when absent;
 *	NULL: they are lost with the process
 * @state_path: state file (docs/state.md), made when absent; NULL: the device forgets everything
 * @scenario: whose faults are loaded, with the configuration's seed, before what was kept is taken
 *	up (emulator/device/scenario.h); NULL for none. Needed during emu_device_new() only.
 * @notice: told what people should know of the state file, one sentence; NULL for nobody
 * @irq: signals a vector of MSI-X or MSI, as emu_irq_mode() says. Return: false when nobody can be
 *	told now, then the vector stays pending until emu_irq_changed(). NULL: always pending.
 * @intx: the level of INTx is @asserted from now on; may be NULL
 * @choose: see struct emu_ops; NULL: draws that are a function of the configuration's seed
 * @shared: see struct emu_ops; may be NULL
 * @host_read: fills @data with @bytes of host memory that was mapped without memory; it may map and
 *	unmap, but nothing it does runs the device. Return: 0 or a negative errno.
 * @host_write: the other way
 * @arg: first argument of all callbacks; they are called only from inside calls into the device
 */
struct emu_device_options {
	enum emu_clock clock;
	const char *pool;
	const char *trace_path;
	void (*trace)(void *arg, const struct nvme_trace_record *record);
	void (*judged)(void *arg, const struct emu_judge_finding *finding);
	const char *state_path;
	const char *pmr_path;
	const struct emu_scenario *scenario;
	void (*notice)(void *arg, const char *sentence);
	bool (*irq)(void *arg, uint32_t ctrl, uint32_t vector);
	void (*intx)(void *arg, uint32_t ctrl, bool asserted);
	uint32_t (*choose)(void *arg, enum emu_choice site, uint64_t identity, uint32_t n);
	volatile void *(*shared)(void *arg, uint32_t ctrl, uint64_t offset);
	int (*host_read)(void *arg, uint32_t ctrl, uint64_t iova, void *data, size_t bytes);
	int (*host_write)(void *arg, uint32_t ctrl, uint64_t iova, const void *data, size_t bytes);
	void *arg;
};

/**
 * emu_device_new - make a subsystem as after power-on
 * @config: the subsystem without its namespaces; copied
 * @specs: @count namespaces, at most EMU_MAX_NAMESPACES; files are opened and locked
 * @options: copied; NULL for real time, no trace and no interrupts
 * @error: gets a sentence that names what has to change
 * Return: 0; -EINVAL for a configuration that cannot be, or that does not fit the state file;
 * -EBADMSG for a damaged state file; -ENOMEM; or what opening a file gave.
 */
int emu_device_new(const struct emu_config *config, const struct emu_ns_spec *specs,
		   unsigned int count, const struct emu_device_options *options,
		   struct emu_device **ret_device, struct nvme_text *error);

/** emu_device_free - wait for media requests, unmap and close everything; NULL is fine */
void emu_device_free(struct emu_device *device);

/** emu_device_core - the subsystem, for registers, configuration space and resets */
struct emu *emu_device_core(struct emu_device *device);

/**
 * emu_device_map - host memory of @ctrl that this process has already
 * @iova: with @bytes a range that does not wrap; both multiples of EMU_DMA_PAGE
 * @prot: enum emu_prot bits that the controller may use, at least one
 * @memory: stays the caller's and valid until unmapped; NULL: the range is reached through the
 *	options host_read and host_write; without them, or with the key message_dma off, commands
 *	that use it end with Data Transfer Error
 * Return: 0, also when the very same mapping is there already; -EINVAL; -EEXIST when part of the
 * range is mapped; -ENOSPC beyond EMU_DMA_MAPS_MAX; -ENOMEM.
 */
int emu_device_map(struct emu_device *device, uint32_t ctrl, uint64_t iova, uint64_t bytes,
		   unsigned int prot, void *memory);

/**
 * emu_device_map_fd - host memory of @ctrl that lies in a file
 * @iova: as for emu_device_map(), @bytes too
 * @fd: regular file (memfd, /dev/shm, hugetlbfs) opened for what @prot asks; stays the caller's,
 *	who may close it at once
 * @offset: of the range in the file, a multiple of EMU_DMA_PAGE; the range lies within the file
 * Return: as emu_device_map(), and -ENOSPC beyond EMU_DMA_BYTES_MAX, -EACCES or -EPERM when the
 * file does not allow @prot, or what mmap() gave.
 */
int emu_device_map_fd(struct emu_device *device, uint32_t ctrl, uint64_t iova, uint64_t bytes,
		      unsigned int prot, int fd, uint64_t offset);

/**
 * emu_device_unmap - the range is host memory no longer
 * @bytes: from @iova on; the range holds one mapping or several, each of them whole
 * Return: 0; -EINVAL when it would cut a mapping or wraps; -ENOENT when nothing is mapped there.
 */
int emu_device_unmap(struct emu_device *device, uint32_t ctrl, uint64_t iova, uint64_t bytes);

/** emu_device_unmap_all - no range is host memory of @ctrl any longer */
void emu_device_unmap_all(struct emu_device *device, uint32_t ctrl);

/** emu_device_maps - how many mappings @ctrl has */
unsigned int emu_device_maps(const struct emu_device *device, uint32_t ctrl);

/** struct emu_device_memory - memory of a controller that a host can map */
struct emu_device_memory {
	int fd;		 /* the device's own */
	uint64_t offset; /* where it is in the file */
	uint64_t bytes;
	void *memory;
};

/**
 * emu_device_memory - the memory behind BAR2 (CMB) or BAR4 (PMR) of @ctrl
 * @window: which of the two
 * Return: 0 with @ret_memory, which stays the device's and valid until it is freed, the CMB's until
 * emu_device_renew_memory(); -ENOENT when the configuration has none.
 */
int emu_device_memory(struct emu_device *device, uint32_t ctrl, enum emu_window window,
		      struct emu_device_memory *ret_memory);

/**
 * emu_device_renew_memory - a Controller Memory Buffer that nobody else has mapped, and zeros in it
 *
 * For another host; while the buffer has no address for the controller (CMBMSC), after a reset.
 * Return: 0, also when there is none or it is in use; or what the system said: the old one stays.
 */
int emu_device_renew_memory(struct emu_device *device, uint32_t ctrl);

/**
 * emu_device_memory_copy - read (@to) or write (@from) a part of such memory
 * @window: which of them
 * @offset: in it; @bytes from there on
 * Return: 0, or -EINVAL when the part is not within it.
 */
int emu_device_memory_copy(struct emu_device *device, uint32_t ctrl, enum emu_window window,
			   uint64_t offset, void *to, const void *from, uint32_t bytes);

/*
 * More stages than finite queues can give a controller to do at once. Work that goes on longer
 * feeds itself, by shadow doorbells that the host lets its own commands write.
 */
#define EMU_DEVICE_STAGES (1u << 22)

/**
 * emu_device_run - do the work that is due now
 * @max: upper bound in stages of the core and answers of media; EMU_DEVICE_STAGES for all there is
 * Return: how much was done; less than @max when there is nothing left until something changes. 0
 * from inside host_read or host_write.
 */
unsigned int emu_device_run(struct emu_device *device, unsigned int max);

/** emu_device_now - nanoseconds of the device's clock */
uint64_t emu_device_now(struct emu_device *device);

/** emu_device_deadline - when emu_device_run() is needed even if nothing changes, or EMU_NEVER */
uint64_t emu_device_deadline(const struct emu_device *device);

/**
 * emu_device_advance - move a virtual clock, running each deadline at its time
 * @to_nsec: going back is ignored
 * Return: 0; -EINVAL under a real clock; -EBUSY from inside host_read or host_write; -ETIME when a
 * million deadlines came before @to_nsec, or work did not end: the clock stands at the last one.
 */
int emu_device_advance(struct emu_device *device, uint64_t to_nsec);

/**
 * emu_device_wait_fd - readable when media may have answered, for poll() and the like
 *
 * It stays readable until emu_device_woken(), after which emu_device_run() takes the answers.
 * Return: the device's own descriptor, always the same; -1 when no medium ever needs it.
 */
int emu_device_wait_fd(const struct emu_device *device);

/** emu_device_woken - make emu_device_wait_fd() wait again */
void emu_device_woken(struct emu_device *device);

/**
 * emu_device_cut_power - the power goes and comes back
 *
 * What is in volatile write caches (struct emu_ns_spec.cache_bytes) is lost, but for what @keep
 * says; a write no longer than AWUPF is kept whole or not at all, a longer one may be torn at
 * multiples of it. Requests that the media have not answered may be done or not. Then every
 * controller goes through EMU_RESET_POWER, which is finished as emu_reset() says.
 * Return: 0, or the negative errno of a medium that could not write what it should have kept.
 */
int emu_device_cut_power(struct emu_device *device, enum emu_cut keep);

/**
 * emu_device_next_uncorrectable - the next run of uncorrectable blocks of a namespace
 * @from: the first block that is looked at
 * @ret_slba: first block of the run, at least @from
 * @ret_blocks: its length
 * Return: false when there is none from @from on, or no such namespace.
 */
bool emu_device_next_uncorrectable(const struct emu_device *device, uint32_t nsid, uint64_t from,
				   uint64_t *ret_slba, uint64_t *ret_blocks);

/**
 * emu_device_set_uncorrectable - blocks are uncorrectable, as they were in an earlier process
 * @slba: the first of @blocks
 * Return: 0; -EINVAL for a range or namespace that there is not; -ENOSPC without memory.
 */
int emu_device_set_uncorrectable(struct emu_device *device, uint32_t nsid, uint64_t slba,
				 uint64_t blocks);

/** emu_device_pending - requests that a medium or the state file has not answered yet */
unsigned int emu_device_pending(const struct emu_device *device);

/** emu_device_flush_trace - write the buffered part of the trace file */
void emu_device_flush_trace(struct emu_device *device);

/**
 * emu_device_trace_error - whether the trace file is complete
 * Return: 0, or the negative errno of the first write that failed; nothing was written after it.
 */
int emu_device_trace_error(const struct emu_device *device);

/** emu_device_judge - the judge of its hosts, for its counts; NULL without the option judged */
const struct emu_judge *emu_device_judge(const struct emu_device *device);

#pragma GCC visibility pop

#endif
