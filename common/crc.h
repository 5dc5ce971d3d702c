/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The three checksums of end-to-end protection information (NVM 1.0 5.2, unverified).
 *
 * All are incremental and start at 0: crc(crc(0, a), b) is the checksum of a followed by b. The
 * initial and final inversions that CRC-32C and CRC-64 define are done inside. The result is a
 * number; protection information stores it big-endian.
 */
#ifndef NVMELAB_COMMON_CRC_H
#define NVMELAB_COMMON_CRC_H

#include <stddef.h>
#include <stdint.h>

/**
 * nvme_crc16 - CRC-16/T10-DIF (polynomial 8BB7h), the guard of 16b protection information
 * @crc: 0, or the result for the bytes before @data
 * @data: any alignment; may be NULL when @bytes is 0
 *
 * Return: the checksum; D0DBh for the nine bytes "123456789".
 */
uint16_t nvme_crc16(uint16_t crc, const void *data, size_t bytes);

/**
 * nvme_crc32c - CRC-32C (Castagnoli, polynomial 1EDC6F41h), the guard of 32b protection information
 * @crc: 0, or the result for the bytes before @data
 * @data: any alignment; may be NULL when @bytes is 0
 *
 * Return: the checksum; E3069283h for the nine bytes "123456789".
 */
uint32_t nvme_crc32c(uint32_t crc, const void *data, size_t bytes);

/**
 * nvme_crc64 - CRC-64/NVME (polynomial AD93D23594C93659h), the guard of 64b protection information
 * @crc: 0, or the result for the bytes before @data
 * @data: any alignment; may be NULL when @bytes is 0
 *
 * Return: the checksum; AE8B14860A799888h for the nine bytes "123456789".
 */
uint64_t nvme_crc64(uint64_t crc, const void *data, size_t bytes);

#endif
