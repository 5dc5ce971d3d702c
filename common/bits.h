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

/*
 * The second step lets the preprocessor expand a field's name into its two numbers first; the dots
 * take the field whether or not a macro of the caller's has expanded it already.
 */

/** NVME_MASK(field) - the bits of a field, in place, in 32 bits */
#define NVME_MASK(...)	   NVME_MASK_(__VA_ARGS__)
#define NVME_MASK_(hi, lo) ((uint32_t)((UINT32_MAX >> (31 - (hi) + (lo))) << (lo)))

/** NVME_MASK64(field) - the bits of a field, in place, in 64 bits */
#define NVME_MASK64(...)     NVME_MASK64_(__VA_ARGS__)
#define NVME_MASK64_(hi, lo) ((uint64_t)((UINT64_MAX >> (63 - (hi) + (lo))) << (lo)))

/** NVME_FIELD_MAX(field) - the largest value that a field of at most 64 bits can hold */
#define NVME_FIELD_MAX(...)	NVME_FIELD_MAX_(__VA_ARGS__)
#define NVME_FIELD_MAX_(hi, lo) (UINT64_MAX >> (63 - (hi) + (lo)))

/** NVME_GET(value, field) - a field of at most 32 bits, as uint32_t */
#define NVME_GET(...) NVME_GET_(__VA_ARGS__)
#define NVME_GET_(value, hi, lo) \
	((uint32_t)(((uint64_t)(value) >> (lo)) & (UINT32_MAX >> (31 - (hi) + (lo)))))

/** NVME_GET64(value, field) - a field of at most 64 bits out of a 64-bit value, as uint64_t */
#define NVME_GET64(...) NVME_GET64_(__VA_ARGS__)
#define NVME_GET64_(value, hi, lo) \
	(((uint64_t)(value) >> (lo)) & (UINT64_MAX >> (63 - (hi) + (lo))))

/** NVME_PUT(field, value) - a uint32_t that is zero but for the field, which holds @value */
#define NVME_PUT(...)		 NVME_PUT_(__VA_ARGS__)
#define NVME_PUT_(hi, lo, value) (((uint32_t)(value) << (lo)) & NVME_MASK_(hi, lo))

/** NVME_PUT64(field, value) - a uint64_t that is zero but for the field, which holds @value */
#define NVME_PUT64(...)		   NVME_PUT64_(__VA_ARGS__)
#define NVME_PUT64_(hi, lo, value) (((uint64_t)(value) << (lo)) & NVME_MASK64_(hi, lo))

/** NVME_WITH(old, field, value) - the uint32_t @old with the field replaced by @value */
#define NVME_WITH(...) NVME_WITH_(__VA_ARGS__)
#define NVME_WITH_(old, hi, lo, value) \
	(((uint32_t)(old) & ~NVME_MASK_(hi, lo)) | NVME_PUT_(hi, lo, value))

/** NVME_WITH64(old, field, value) - the uint64_t @old with the field replaced by @value */
#define NVME_WITH64(...) NVME_WITH64_(__VA_ARGS__)
#define NVME_WITH64_(old, hi, lo, value) \
	(((uint64_t)(old) & ~NVME_MASK64_(hi, lo)) | NVME_PUT64_(hi, lo, value))

#endif
