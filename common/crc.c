/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checksums by table, eight bytes a turn (common/crc.h).
 *
 * Row k of a table holds what a byte does to the register when k more bytes follow, so the eight
 * look-ups of a turn are independent of each other; only their sum feeds the next turn.
 */
#include "common/crc.h"

#include "common/crc16_table.h"
#include "common/crc32c_table.h"
#include "common/crc64_table.h"
#include "common/le.h"

uint16_t nvme_crc16(uint16_t crc, const void *data, size_t bytes)
{
	const uint8_t *at = data;

	for (; bytes >= 8; bytes -= 8, at += 8)
		crc = crc16_table[7][at[0] ^ crc >> 8] ^ crc16_table[6][at[1] ^ (crc & 0xff)] ^
		      crc16_table[5][at[2]] ^ crc16_table[4][at[3]] ^ crc16_table[3][at[4]] ^
		      crc16_table[2][at[5]] ^ crc16_table[1][at[6]] ^ crc16_table[0][at[7]];
	for (; bytes > 0; bytes--, at++)
		crc = (uint16_t)((uint32_t)crc << 8 ^ crc16_table[0][*at ^ crc >> 8]);
	return crc;
}

uint32_t nvme_crc32c(uint32_t crc, const void *data, size_t bytes)
{
	const uint8_t *at = data;

	crc = ~crc;
	for (; bytes >= 8; bytes -= 8, at += 8) {
		crc ^= nvme_load_le32(at);
		crc = crc32c_table[7][crc & 0xff] ^ crc32c_table[6][crc >> 8 & 0xff] ^
		      crc32c_table[5][crc >> 16 & 0xff] ^ crc32c_table[4][crc >> 24] ^
		      crc32c_table[3][at[4]] ^ crc32c_table[2][at[5]] ^ crc32c_table[1][at[6]] ^
		      crc32c_table[0][at[7]];
	}
	for (; bytes > 0; bytes--, at++)
		crc = crc >> 8 ^ crc32c_table[0][(crc ^ *at) & 0xff];
	return ~crc;
}

uint64_t nvme_crc64(uint64_t crc, const void *data, size_t bytes)
{
	const uint8_t *at = data;

	crc = ~crc;
	for (; bytes >= 8; bytes -= 8, at += 8) {
		crc ^= nvme_load_le64(at);
		crc = crc64_table[7][crc & 0xff] ^ crc64_table[6][crc >> 8 & 0xff] ^
		      crc64_table[5][crc >> 16 & 0xff] ^ crc64_table[4][crc >> 24 & 0xff] ^
		      crc64_table[3][crc >> 32 & 0xff] ^ crc64_table[2][crc >> 40 & 0xff] ^
		      crc64_table[1][crc >> 48 & 0xff] ^ crc64_table[0][crc >> 56];
	}
	for (; bytes > 0; bytes--, at++)
		crc = crc >> 8 ^ crc64_table[0][(crc ^ *at) & 0xff];
	return ~crc;
}
