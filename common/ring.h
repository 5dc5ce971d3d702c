/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings of queue entries shared by two parties, and the order in which their memory is touched.
 *
 * A ring has `entries` slots and an index runs 0 .. entries - 1. It is empty when head == tail and
 * full when tail + 1 == head, so it holds entries - 1 (Base 2.0 3.3.1.4 and 3.3.1.5, unverified).
 *
 * The memory-order argument, for machines weaker than x86. Four hand-overs exist:
 *
 *   host:  write SQE     ; release ; write SQ tail doorbell
 *   ctrl:  read SQ tail  ; acquire ; read SQE              -> the SQE of that tail
 *   ctrl:  write CQE 0-2 ; release ; write CQE dword 3     -> phase is the last thing to change
 *   host:  read dword 3  ; acquire ; read CQE 0-2          -> dwords of the same entry
 *   host:  read CQE      ; release ; write CQ head doorbell
 *   ctrl:  read CQ head  ; acquire ; overwrite the slot    -> never under a host that still reads
 *   host:  fill data     ; release with the tail           -> data is visible with its SQE
 *   ctrl:  write data    ; release with dword 3            -> data is visible with its completion
 *
 * Every access to a ring, a doorbell or a shadow doorbell goes through the helpers below; nothing
 * else in the project has a barrier.
 */
#ifndef NVMELAB_COMMON_RING_H
#define NVMELAB_COMMON_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "common/le.h"
#include "common/mem.h"
#include "common/nvme_spec.h"

/* A 32-bit word of memory that the compiler must assume to alias the typed view of an entry. */
typedef uint32_t __attribute__((may_alias)) nvme_word;

/** nvme_ring_next - index after @index in a ring of @entries slots (2 .. 65536) */
static inline uint32_t nvme_ring_next(uint32_t index, uint32_t entries)
{
	return index + 1 == entries ? 0 : index + 1;
}

/** nvme_ring_used - entries between @head and @tail of a ring of @entries */
static inline uint32_t nvme_ring_used(uint32_t head, uint32_t tail, uint32_t entries)
{
	return tail >= head ? tail - head : tail + entries - head;
}

/** nvme_ring_full - whether one more of @entries would make @tail meet @head */
static inline bool nvme_ring_full(uint32_t head, uint32_t tail, uint32_t entries)
{
	return nvme_ring_next(tail, entries) == head;
}

/**
 * nvme_load_doorbell - read the value of @doorbell that the other side stores; acquires what it
 * covers
 */
static inline uint32_t nvme_load_doorbell(const volatile void *doorbell)
{
	nvme_u32le value = { __atomic_load_n((const volatile nvme_word *)doorbell,
					     __ATOMIC_ACQUIRE) };

	return nvme_cpu32(value);
}

/**
 * nvme_store_doorbell - write @value to a doorbell; releases every entry written before it
 * @doorbell: device or shared memory
 *
 * A release store orders normal memory only. On aarch64 a doorbell may be device memory, which a
 * store-release does not order after earlier normal stores for an outer observer, hence the DMB.
 */
static inline void nvme_store_doorbell(volatile void *doorbell, uint32_t value)
{
#if defined(__aarch64__)
	__asm__ volatile("dmb oshst" ::: "memory");
#endif
	__atomic_store_n((volatile nvme_word *)doorbell, nvme_le32(value).raw, __ATOMIC_RELEASE);
}

/**
 * nvme_store_event_index - say by @value in @event how far the other side may go without ringing
 *
 * A full barrier follows: the new value is visible before this side looks at the shadow doorbell
 * once more. The other side writes its shadow, has a full barrier, and reads the index; so one of
 * the two sees what the other wrote, and no entry is left lying.
 */
static inline void nvme_store_event_index(volatile void *event, uint32_t value)
{
	nvme_store_doorbell(event, value);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/** nvme_cqe_phase - read dword 3 of @slot; acquires the rest of the entry when the phase is new */
static inline bool nvme_cqe_phase(const struct nvme_cqe *slot)
{
	const nvme_word *dword3 = (const nvme_word *)(const void *)slot + 3;
	nvme_u32le value = { __atomic_load_n(dword3, __ATOMIC_ACQUIRE) };

	return (nvme_cpu32(value) >> 16) & 1;
}

/** nvme_cqe_publish - copy @cqe to @slot; dword 3 with the phase becomes visible last */
static inline void nvme_cqe_publish(struct nvme_cqe *slot, const struct nvme_cqe *cqe)
{
	nvme_word *words = (nvme_word *)(void *)slot;
	const nvme_word *source = (const nvme_word *)(const void *)cqe;

	memcpy(words, source, 3 * sizeof(*words));
	__atomic_store_n(words + 3, source[3], __ATOMIC_RELEASE);
}

#endif
