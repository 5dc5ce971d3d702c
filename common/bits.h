/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bit fields by their place in the specification: a field is a pair "hi, lo", as printed there.
 *
 *	#define NVME_CC_IOSQES 19, 16
 *
 *	NVME_GET(cc, NVME_CC_IOSQES)           the field's value, as uint32_t
 *	NVME_PUT(NVME_CC_IOSQES, 6)            a value with that field alone
 *	NVME_WITH(cc, NVME_CC_IOSQES, 6)       cc with that field replaced
 *
 * Macros and not functions, so that they work in constant expressions: register tables, static
 * asserts, case labels. Each evaluates its arguments once. A value that does not fit its field is
 * cut, never spilt into the neighbour. The 32-bit forms reject a field above bit 31 at compile time
 * (a negative shift count); NVME_GET() alone reads fields of 64-bit registers too, as long as the
 * field has no more than 32 bits.
 */
#ifndef NVMELAB_COMMON_BITS_H
#define NVMELAB_COMMON_BITS_H

#include <stdint.h>

/* The second step lets the preprocessor expand a field's name into its two numbers first. */

/** NVME_MASK - the bits of a field, in place, in 32 bits */
#define NVME_MASK(field)   NVME_MASK_(field)
#define NVME_MASK_(hi, lo) ((uint32_t)((UINT32_MAX >> (31 - (hi) + (lo))) << (lo)))

/** NVME_MASK64 - the bits of a field, in place, in 64 bits */
#define NVME_MASK64(field)   NVME_MASK64_(field)
#define NVME_MASK64_(hi, lo) ((uint64_t)((UINT64_MAX >> (63 - (hi) + (lo))) << (lo)))

/** NVME_FIELD_MAX - the largest value that a field of at most 64 bits can hold */
#define NVME_FIELD_MAX(field)	NVME_FIELD_MAX_(field)
#define NVME_FIELD_MAX_(hi, lo) (UINT64_MAX >> (63 - (hi) + (lo)))

/** NVME_GET - a field of at most 32 bits out of a value of 8 to 64 bits, as uint32_t */
#define NVME_GET(value, field) NVME_GET_(value, field)
#define NVME_GET_(value, hi, lo) \
	((uint32_t)(((uint64_t)(value) >> (lo)) & (UINT32_MAX >> (31 - (hi) + (lo)))))

/** NVME_GET64 - a field of at most 64 bits out of a 64-bit value, as uint64_t */
#define NVME_GET64(value, field) NVME_GET64_(value, field)
#define NVME_GET64_(value, hi, lo) \
	(((uint64_t)(value) >> (lo)) & (UINT64_MAX >> (63 - (hi) + (lo))))

/** NVME_PUT - a uint32_t that is zero but for the field, which holds @value */
#define NVME_PUT(field, value)	 NVME_PUT_(field, value)
#define NVME_PUT_(hi, lo, value) (((uint32_t)(value) << (lo)) & NVME_MASK_(hi, lo))

/** NVME_PUT64 - a uint64_t that is zero but for the field, which holds @value */
#define NVME_PUT64(field, value)   NVME_PUT64_(field, value)
#define NVME_PUT64_(hi, lo, value) (((uint64_t)(value) << (lo)) & NVME_MASK64_(hi, lo))

/** NVME_WITH - the uint32_t @old with the field replaced by @value */
#define NVME_WITH(old, field, value) NVME_WITH_(old, field, value)
#define NVME_WITH_(old, hi, lo, value) \
	(((uint32_t)(old) & ~NVME_MASK_(hi, lo)) | NVME_PUT_(hi, lo, value))

/** NVME_WITH64 - the uint64_t @old with the field replaced by @value */
#define NVME_WITH64(old, field, value) NVME_WITH64_(old, field, value)
#define NVME_WITH64_(old, hi, lo, value) \
	(((uint64_t)(old) & ~NVME_MASK64_(hi, lo)) | NVME_PUT64_(hi, lo, value))

#endif
