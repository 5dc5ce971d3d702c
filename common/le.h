/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Little-endian integers as types of their own, so that a forgotten byte swap does not compile.
 *
 * Everything that NVMe puts into memory is little-endian (Base 2.0 1.5, unverified). A wire value
 * is made with nvme_leN() and read with nvme_cpuN(); on a little-endian machine both cost nothing.
 * Byte buffers without alignment are read and written with nvme_load_leN() and nvme_store_leN().
 */
#ifndef NVMELAB_COMMON_LE_H
#define NVMELAB_COMMON_LE_H

#include <stdint.h>

typedef struct {
	uint16_t raw;
} nvme_u16le;

typedef struct {
	uint32_t raw;
} nvme_u32le;

typedef struct {
	uint64_t raw;
} nvme_u64le;

/** struct nvme_u128le - a 128-bit little-endian number, as capacities and SMART counters are */
struct nvme_u128le {
	nvme_u64le lo; /* bits 63:0 */
	nvme_u64le hi; /* bits 127:64 */
};

_Static_assert(sizeof(nvme_u16le) == 2, "a wire type has no padding");
_Static_assert(sizeof(nvme_u32le) == 4, "a wire type has no padding");
_Static_assert(sizeof(nvme_u64le) == 8, "a wire type has no padding");
_Static_assert(sizeof(struct nvme_u128le) == 16, "a wire type has no padding");

#if !defined(__BYTE_ORDER__)
#error "the compiler does not say which byte order it compiles for"
#endif

/** nvme_swap_le16 - @value between the machine's byte order and little-endian; its own inverse */
static inline uint16_t nvme_swap_le16(uint16_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap16(value);
#else
	return value;
#endif
}

/** nvme_swap_le32 - as nvme_swap_le16(), of a @value of 32 bits */
static inline uint32_t nvme_swap_le32(uint32_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap32(value);
#else
	return value;
#endif
}

/** nvme_swap_le64 - as nvme_swap_le16(), of a @value of 64 bits */
static inline uint64_t nvme_swap_le64(uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap64(value);
#else
	return value;
#endif
}

/** nvme_le16 - make a wire value of the number @value */
static inline nvme_u16le nvme_le16(uint16_t value)
{
	return (nvme_u16le){ nvme_swap_le16(value) };
}

/** nvme_le32 - make a wire value of the number @value */
static inline nvme_u32le nvme_le32(uint32_t value)
{
	return (nvme_u32le){ nvme_swap_le32(value) };
}

/** nvme_le64 - make a wire value of the number @value */
static inline nvme_u64le nvme_le64(uint64_t value)
{
	return (nvme_u64le){ nvme_swap_le64(value) };
}

/** nvme_le128 - make a 128-bit wire value of its halves @hi (bits 127:64) and @lo (bits 63:0) */
static inline struct nvme_u128le nvme_le128(uint64_t hi, uint64_t lo)
{
	return (struct nvme_u128le){ .lo = nvme_le64(lo), .hi = nvme_le64(hi) };
}

/** nvme_cpu16 - the number that the wire value @wire stands for */
static inline uint16_t nvme_cpu16(nvme_u16le wire)
{
	return nvme_swap_le16(wire.raw);
}

/** nvme_cpu32 - the number that the wire value @wire stands for */
static inline uint32_t nvme_cpu32(nvme_u32le wire)
{
	return nvme_swap_le32(wire.raw);
}

/** nvme_cpu64 - the number that the wire value @wire stands for */
static inline uint64_t nvme_cpu64(nvme_u64le wire)
{
	return nvme_swap_le64(wire.raw);
}

/** nvme_load_le16 - read two bytes at @from, which needs no alignment */
static inline uint16_t nvme_load_le16(const void *from)
{
	const uint8_t *byte = from;

	return (uint16_t)(byte[0] | (uint32_t)byte[1] << 8);
}

/** nvme_load_le32 - read four bytes at @from, which needs no alignment */
static inline uint32_t nvme_load_le32(const void *from)
{
	const uint8_t *byte = from;

	return (uint32_t)byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 |
	       (uint32_t)byte[3] << 24;
}

/** nvme_load_le64 - read eight bytes at @from, which needs no alignment */
static inline uint64_t nvme_load_le64(const void *from)
{
	const uint8_t *byte = from;

	return nvme_load_le32(byte) | (uint64_t)nvme_load_le32(byte + 4) << 32;
}

/** nvme_store_le16 - write @value as two bytes at @to, which needs no alignment */
static inline void nvme_store_le16(void *to, uint16_t value)
{
	uint8_t *byte = to;

	byte[0] = (uint8_t)value;
	byte[1] = (uint8_t)(value >> 8);
}

/** nvme_store_le32 - write @value as four bytes at @to, which needs no alignment */
static inline void nvme_store_le32(void *to, uint32_t value)
{
	uint8_t *byte = to;

	byte[0] = (uint8_t)value;
	byte[1] = (uint8_t)(value >> 8);
	byte[2] = (uint8_t)(value >> 16);
	byte[3] = (uint8_t)(value >> 24);
}

/** nvme_store_le64 - write @value as eight bytes at @to, which needs no alignment */
static inline void nvme_store_le64(void *to, uint64_t value)
{
	uint8_t *byte = to;

	nvme_store_le32(byte, (uint32_t)value);
	nvme_store_le32(byte + 4, (uint32_t)(value >> 32));
}

#endif
