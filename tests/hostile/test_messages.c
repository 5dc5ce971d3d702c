/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Malformed messages, a row each: the reply is an error or the connection ends, the server lives,
 * has no more descriptors than before, and the next client finds it as the first one did.
 *
 * One server for all of them, started before the tests fork.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/hostile/client.h"

#define PAGE 4096u

static struct raw_server server;
static unsigned int fds_before;

static unsigned int count_fds(void)
{
	struct raw_client client;
	unsigned int fds;

	raw_open(&client, &server);
	fds = raw_server_fds(&server);
	raw_disconnect(&client);
	return fds;
}

static void start(void)
{
	raw_server_start(&server, NULL, 0);
	fds_before = count_fds();
}

static void end(void)
{
	ck_assert_int_eq(raw_server_end(&server), 0);
}

/* The next client is served after the clean-up for this one, so the count is exact. */
static void expect_unharmed(void)
{
	ck_assert(raw_server_alive(&server));
	ck_assert_uint_eq(count_fds(), fds_before);
}

/*
 * @fds: descriptors (eventfds) that go along
 * @want: errno of the reply, 0 for success, RAW_CLOSED
 */
struct row {
	const char *what;
	uint16_t command;
	const void *payload;
	size_t bytes;
	unsigned int fds;
	int want;
};

#define PAYLOAD(type, ...) &(const struct type){ __VA_ARGS__ }, sizeof(struct type)
#define SHORT(type, ...)   &(const struct type){ __VA_ARGS__ }, sizeof(struct type) - 1
#define MAP(...)	   PAYLOAD(vfu_dma_map, __VA_ARGS__)
#define UNMAP(...)	   PAYLOAD(vfu_dma_unmap, __VA_ARGS__)
#define IRQS(...)	   PAYLOAD(vfu_set_irqs, .argsz = 20, __VA_ARGS__)
#define ACCESS(...)	   PAYLOAD(vfu_region_access, __VA_ARGS__)

struct __attribute__((packed)) access4 {
	struct vfu_region_access access;
	uint32_t data;
};
#define WRITE4(at, where, number) \
	PAYLOAD(access4, { .offset = (at), .region = (where), .count = (number) }, 0)

struct multi2 {
	struct vfu_write_multi multi;
	struct vfu_write_multi_entry entry[2];
};
struct irqs_bool {
	struct vfu_set_irqs set;
	uint8_t chosen[4];
};

#define SET(data, action) (VFU_SET_IRQS_DATA_##data | VFU_SET_IRQS_ACTION_##action)
#define RW		  (VFU_DMA_MAP_READ | VFU_DMA_MAP_WRITE)

static const struct row rows[] = {
	/* clang-format off */
	{ "unknown command 0", 0, NULL, 0, 0, EINVAL },
	{ "DMA_READ from a client", VFU_DMA_READ, NULL, 0, 0, EINVAL },
	{ "DMA_WRITE from a client", VFU_DMA_WRITE, NULL, 0, 0, EINVAL },
	{ "removed command 14", VFU_DIRTY_PAGES, NULL, 0, 0, EINVAL },
	{ "DEVICE_FEATURE", VFU_DEVICE_FEATURE, PAYLOAD(vfu_device_feature, 8, 0), 0, EINVAL },
	{ "MIG_DATA_READ", VFU_MIG_DATA_READ, PAYLOAD(vfu_mig_data, 8, 0), 0, EINVAL },
	{ "MIG_DATA_WRITE", VFU_MIG_DATA_WRITE, PAYLOAD(vfu_mig_data, 8, 0), 0, EINVAL },
	{ "unknown command 19", 19, NULL, 0, 0, EINVAL },
	{ "unknown command 999", 999, NULL, 0, 0, EINVAL },
	{ "unknown command 65535", 65535, NULL, 0, 0, EINVAL },
	{ "unknown command with descriptors", 999, NULL, 0, 3, EINVAL },
	{ "VERSION twice", VFU_VERSION, PAYLOAD(vfu_version, 0, 1), 0, EINVAL },

	{ "no payload: DMA_MAP", VFU_DMA_MAP, NULL, 0, 0, EINVAL },
	{ "no payload: DMA_UNMAP", VFU_DMA_UNMAP, NULL, 0, 0, EINVAL },
	{ "no payload: GET_INFO", VFU_DEVICE_GET_INFO, NULL, 0, 0, EINVAL },
	{ "no payload: GET_REGION_INFO", VFU_DEVICE_GET_REGION_INFO, NULL, 0, 0, EINVAL },
	{ "no payload: GET_REGION_IO_FDS", VFU_DEVICE_GET_REGION_IO_FDS, NULL, 0, 0, EINVAL },
	{ "no payload: GET_IRQ_INFO", VFU_DEVICE_GET_IRQ_INFO, NULL, 0, 0, EINVAL },
	{ "no payload: SET_IRQS", VFU_DEVICE_SET_IRQS, NULL, 0, 0, EINVAL },
	{ "no payload: REGION_READ", VFU_REGION_READ, NULL, 0, 0, EINVAL },
	{ "no payload: REGION_WRITE", VFU_REGION_WRITE, NULL, 0, 0, EINVAL },
	{ "no payload: WRITE_MULTI", VFU_REGION_WRITE_MULTI, NULL, 0, 0, EINVAL },

	{ "GET_INFO one byte short", VFU_DEVICE_GET_INFO, SHORT(vfu_device_info, .argsz = 16), 0, EINVAL },
	{ "GET_INFO argsz 0", VFU_DEVICE_GET_INFO, PAYLOAD(vfu_device_info, .argsz = 0), 0, EINVAL },
	{ "GET_INFO argsz 15", VFU_DEVICE_GET_INFO, PAYLOAD(vfu_device_info, .argsz = 15), 0, EINVAL },
	{ "GET_INFO argsz all ones", VFU_DEVICE_GET_INFO, PAYLOAD(vfu_device_info, .argsz = UINT32_MAX), 0, 0 },
	{ "GET_INFO with a descriptor", VFU_DEVICE_GET_INFO, PAYLOAD(vfu_device_info, .argsz = 16), 1, EINVAL },
	{ "region one byte short", VFU_DEVICE_GET_REGION_INFO, SHORT(vfu_region_info, .argsz = 32), 0, EINVAL },
	{ "region argsz 0", VFU_DEVICE_GET_REGION_INFO, PAYLOAD(vfu_region_info, .argsz = 0), 0, EINVAL },
	{ "region argsz 31", VFU_DEVICE_GET_REGION_INFO, PAYLOAD(vfu_region_info, .argsz = 31), 0, EINVAL },
	{ "region argsz all ones", VFU_DEVICE_GET_REGION_INFO, PAYLOAD(vfu_region_info, .argsz = UINT32_MAX), 0, 0 },
	{ "region 9 without the lab", VFU_DEVICE_GET_REGION_INFO, PAYLOAD(vfu_region_info, .argsz = 32, .index = 9), 0, EINVAL },
	{ "region all ones", VFU_DEVICE_GET_REGION_INFO, PAYLOAD(vfu_region_info, .argsz = 32, .index = UINT32_MAX), 0, EINVAL },
	{ "region flags are ignored", VFU_DEVICE_GET_REGION_INFO, PAYLOAD(vfu_region_info, .argsz = 32, .flags = UINT32_MAX), 0, 0 },
	{ "region with a descriptor", VFU_DEVICE_GET_REGION_INFO, PAYLOAD(vfu_region_info, .argsz = 32), 1, EINVAL },
	{ "io fds argsz 15", VFU_DEVICE_GET_REGION_IO_FDS, PAYLOAD(vfu_region_io_fds, .argsz = 15), 0, EINVAL },
	{ "io fds of region 9", VFU_DEVICE_GET_REGION_IO_FDS, PAYLOAD(vfu_region_io_fds, .argsz = 16, .index = 9), 0, EINVAL },
	{ "irq one byte short", VFU_DEVICE_GET_IRQ_INFO, SHORT(vfu_irq_info, .argsz = 16), 0, EINVAL },
	{ "irq argsz 15", VFU_DEVICE_GET_IRQ_INFO, PAYLOAD(vfu_irq_info, .argsz = 15), 0, EINVAL },
	{ "irq 5", VFU_DEVICE_GET_IRQ_INFO, PAYLOAD(vfu_irq_info, .argsz = 16, .index = 5), 0, EINVAL },
	{ "irq all ones", VFU_DEVICE_GET_IRQ_INFO, PAYLOAD(vfu_irq_info, .argsz = 16, .index = UINT32_MAX), 0, EINVAL },

	{ "read of 0 bytes", VFU_REGION_READ, ACCESS(0, 0, 0), 0, EINVAL },
	{ "read of 1 byte", VFU_REGION_READ, ACCESS(0, 0, 1), 0, 0 },
	{ "read of 3 bytes", VFU_REGION_READ, ACCESS(5, 0, 3), 0, 0 },
	{ "read of 5 bytes", VFU_REGION_READ, ACCESS(2, 0, 5), 0, 0 },
	{ "read of all of BAR0", VFU_REGION_READ, ACCESS(0, 0, 0x4000), 0, 0 },
	{ "read of BAR0 and a byte", VFU_REGION_READ, ACCESS(0, 0, 0x4001), 0, EINVAL },
	{ "read of more than max_data_xfer_size", VFU_REGION_READ, ACCESS(0, 0, (1 << 20) + 1), 0, EINVAL },
	{ "read of 4 GiB", VFU_REGION_READ, ACCESS(0, 0, UINT32_MAX), 0, EINVAL },
	{ "read across the end", VFU_REGION_READ, ACCESS(0x3fff, 0, 2), 0, EINVAL },
	{ "read at the end", VFU_REGION_READ, ACCESS(0x4000, 0, 1), 0, EINVAL },
	{ "read at 2^64 - 1", VFU_REGION_READ, ACCESS(UINT64_MAX, 0, 1), 0, EINVAL },
	{ "read that wraps", VFU_REGION_READ, ACCESS(UINT64_MAX - 1, 0, 4), 0, EINVAL },
	{ "read of region 1", VFU_REGION_READ, ACCESS(0, 1, 4), 0, EINVAL },
	{ "read of region 5", VFU_REGION_READ, ACCESS(0, 5, 4), 0, EINVAL },
	{ "read of the ROM", VFU_REGION_READ, ACCESS(0, 6, 4), 0, EINVAL },
	{ "read of VGA", VFU_REGION_READ, ACCESS(0, 8, 4), 0, EINVAL },
	{ "read of region 9", VFU_REGION_READ, ACCESS(0, 9, 8), 0, EINVAL },
	{ "read of region 2^32 - 1", VFU_REGION_READ, ACCESS(0, UINT32_MAX, 4), 0, EINVAL },
	{ "read of configuration space", VFU_REGION_READ, ACCESS(0, 7, 4096), 0, 0 },
	{ "read behind configuration space", VFU_REGION_READ, ACCESS(4093, 7, 4), 0, EINVAL },
	{ "read with a descriptor", VFU_REGION_READ, ACCESS(0, 0, 4), 1, EINVAL },

	{ "write of 0 bytes", VFU_REGION_WRITE, ACCESS(0, 0, 0), 0, EINVAL },
	{ "write without its data", VFU_REGION_WRITE, ACCESS(0, 0, 4), 0, EINVAL },
	{ "write of more than is there", VFU_REGION_WRITE, WRITE4(0x14, 0, 5), 0, EINVAL },
	{ "write of less than is there", VFU_REGION_WRITE, WRITE4(0x14, 0, 3), 0, EINVAL },
	{ "write of 4 GiB", VFU_REGION_WRITE, WRITE4(0x14, 0, UINT32_MAX), 0, EINVAL },
	{ "write to a read-only register", VFU_REGION_WRITE, WRITE4(0, 0, 4), 0, 0 },
	{ "write unaligned", VFU_REGION_WRITE, WRITE4(0x13, 0, 4), 0, 0 },
	{ "write behind BAR0", VFU_REGION_WRITE, WRITE4(0x3ffd, 0, 4), 0, EINVAL },
	{ "write that wraps", VFU_REGION_WRITE, WRITE4(UINT64_MAX - 3, 0, 4), 0, EINVAL },
	{ "write to region 2", VFU_REGION_WRITE, WRITE4(0, 2, 4), 0, EINVAL },
	{ "write to region 9", VFU_REGION_WRITE, WRITE4(0, 9, 4), 0, EINVAL },
	{ "write to the PBA", VFU_REGION_WRITE, WRITE4(0x3000, 0, 4), 0, 0 },
	{ "write to a doorbell that no queue has", VFU_REGION_WRITE, WRITE4(0x1ff8, 0, 4), 0, 0 },
	{ "write across dwords of configuration space", VFU_REGION_WRITE, WRITE4(0x0e, 7, 4), 0, 0 },
	{ "write of the last bytes of configuration space", VFU_REGION_WRITE, WRITE4(4092, 7, 4), 0, 0 },
	{ "write behind configuration space", VFU_REGION_WRITE, WRITE4(4093, 7, 4), 0, EINVAL },

	{ "multi of 0", VFU_REGION_WRITE_MULTI, PAYLOAD(vfu_write_multi, .wr_cnt = 0), 0, EINVAL },
	{ "multi of 2^61", VFU_REGION_WRITE_MULTI, PAYLOAD(multi2, { 1ull << 61 }, { { 0 } }), 0, EINVAL },
	{ "multi of 3, with 2", VFU_REGION_WRITE_MULTI, PAYLOAD(multi2, { 3 }, { { 0 } }), 0, EINVAL },
	{ "multi of 1, with 2", VFU_REGION_WRITE_MULTI, PAYLOAD(multi2, { 1 }, { { 0x14, 0, 4, { 0 } } }), 0, EINVAL },
	{ "multi and half an entry", VFU_REGION_WRITE_MULTI, SHORT(multi2, { 2 }, { { 0 } }), 0, EINVAL },
	{ "multi with 0 bytes", VFU_REGION_WRITE_MULTI, PAYLOAD(multi2, { 2 }, { { 0x14, 0, 0, { 0 } } }), 0, EINVAL },
	{ "multi with 9 bytes", VFU_REGION_WRITE_MULTI, PAYLOAD(multi2, { 2 }, { { 0x14, 0, 9, { 0 } } }), 0, EINVAL },

	{ "irqs one byte short", VFU_DEVICE_SET_IRQS, SHORT(vfu_set_irqs, 20, SET(NONE, TRIGGER), 2, 0, 1), 0, EINVAL },
	{ "irqs argsz 0", VFU_DEVICE_SET_IRQS, PAYLOAD(vfu_set_irqs, 0, SET(NONE, TRIGGER), 2, 0, 1), 0, EINVAL },
	{ "irqs of index 5", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER), .index = 5), 0, EINVAL },
	{ "irqs without data flag", VFU_DEVICE_SET_IRQS, IRQS(.flags = VFU_SET_IRQS_ACTION_TRIGGER, .index = 2, .count = 1), 0, EINVAL },
	{ "irqs with two data flags", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER) | VFU_SET_IRQS_DATA_BOOL, .index = 2, .count = 1), 0, EINVAL },
	{ "irqs without action", VFU_DEVICE_SET_IRQS, IRQS(.flags = VFU_SET_IRQS_DATA_NONE, .index = 2, .count = 1), 0, EINVAL },
	{ "irqs with two actions", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER) | VFU_SET_IRQS_ACTION_MASK, .index = 2, .count = 1), 0, EINVAL },
	{ "irqs with an unknown flag", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER) | 0x40, .index = 2, .count = 1), 0, EINVAL },
	{ "irqs start + count overflows", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER), .index = 2, .start = UINT32_MAX, .count = 2), 0, EINVAL },
	{ "irqs beyond the last vector", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER), .index = 2, .start = 2048, .count = 1), 0, EINVAL },
	{ "irqs none, count 0", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER), .index = 2), 0, 0 },
	{ "irqs none, count 0, start 1", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER), .index = 2, .start = 1), 0, EINVAL },
	{ "irqs bool, count 0", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(BOOL, TRIGGER), .index = 2), 0, EINVAL },
	{ "irqs eventfd, count 0", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 2), 0, EINVAL },
	{ "irqs bool, bytes missing", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(BOOL, TRIGGER), .index = 2, .count = 4), 0, EINVAL },
	{ "irqs bool, bytes over", VFU_DEVICE_SET_IRQS, PAYLOAD(irqs_bool, { 20, SET(BOOL, TRIGGER), 2, 0, 3 }, { 1 }), 0, EINVAL },
	{ "irqs bool on vectors that nobody assigned", VFU_DEVICE_SET_IRQS, PAYLOAD(irqs_bool, { 20, SET(BOOL, TRIGGER), 2, 0, 4 }, { 1, 1, 1, 1 }), 0, 0 },
	{ "irqs eventfd, 1 of 3", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 2, .count = 3), 1, EINVAL },
	{ "irqs eventfd, 3 of 1", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 2, .count = 1), 3, EINVAL },
	{ "irqs eventfd, none of 3", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 2, .count = 3), 0, 0 },
	{ "irqs eventfd, 3 of 3", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 2, .count = 3), 3, 0 },
	{ "irqs eventfd, 16 of 16", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 2, .count = 16), 16, 0 },
	{ "irqs eventfd, 17 of 17", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 2, .count = 17), 17, EINVAL },
	{ "irqs none with descriptors", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER), .index = 2, .count = 1), 1, EINVAL },
	{ "irqs bool with descriptors", VFU_DEVICE_SET_IRQS, PAYLOAD(irqs_bool, { 20, SET(BOOL, TRIGGER), 2, 0, 4 }, { 1 }), 4, EINVAL },
	{ "irqs mask on MSI-X", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, MASK), .index = 2, .count = 1), 0, EINVAL },
	{ "irqs unmask on MSI-X", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, UNMASK), .index = 2, .count = 1), 0, EINVAL },
	{ "irqs of INTx", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 0, .count = 1), 1, 0 },
	{ "irqs of INTx, two", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 0, .count = 2), 2, EINVAL },
	{ "irqs of INTx, none", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 0, .count = 1), 0, 0 },
	{ "irqs of INTx, mask", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, MASK), .index = 0, .count = 1), 0, 0 },
	{ "irqs of INTx, mask of none", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, MASK), .index = 0), 0, EINVAL },
	{ "irqs of INTx, mask of the second", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, MASK), .index = 0, .start = 1, .count = 1), 0, EINVAL },
	{ "irqs of INTx, unmask", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, UNMASK), .index = 0, .count = 1), 0, 0 },
	{ "irqs of INTx, mask by a byte that is not there", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(BOOL, MASK), .index = 0, .count = 1), 0, EINVAL },
	{ "irqs of INTx, mask by an eventfd", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, MASK), .index = 0, .count = 1), 1, EINVAL },
	{ "irqs of INTx, unmask by an eventfd", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, UNMASK), .index = 0, .count = 1), 1, 0 },
	{ "irqs of INTx, unmask by two", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, UNMASK), .index = 0, .count = 1), 2, EINVAL },
	{ "irqs of INTx, unmask by none", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, UNMASK), .index = 0, .count = 1), 0, 0 },
	{ "irqs of INTx, mask and unmask", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, MASK) | VFU_SET_IRQS_ACTION_UNMASK, .index = 0, .count = 1), 0, EINVAL },
	{ "irqs of INTx, disable", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER), .index = 0), 0, 0 },
	{ "irqs of MSI", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 1, .count = 1), 1, 0 },
	{ "irqs of MSI beyond the last message", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 1, .start = 32, .count = 1), 1, EINVAL },
	{ "irqs of MSI, disable", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, TRIGGER), .index = 1), 0, 0 },
	{ "irqs mask on MSI", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(NONE, MASK), .index = 1, .count = 1), 0, EINVAL },
	{ "irqs ERR", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 3, .count = 1), 1, 0 },
	{ "irqs ERR twice", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 3, .count = 2), 2, EINVAL },
	{ "irqs REQ", VFU_DEVICE_SET_IRQS, IRQS(.flags = SET(EVENTFD, TRIGGER), .index = 4, .count = 1), 1, 0 },

	{ "map one byte short", VFU_DMA_MAP, SHORT(vfu_dma_map, 32, RW, 0, 0, PAGE), 0, EINVAL },
	{ "map argsz 31", VFU_DMA_MAP, MAP(31, RW, 0, 0, PAGE), 0, EINVAL },
	{ "map of 0 bytes", VFU_DMA_MAP, MAP(32, RW, 0, PAGE, 0), 0, EINVAL },
	{ "map that wraps", VFU_DMA_MAP, MAP(32, RW, 0, UINT64_MAX - 4095, 2 * PAGE), 0, EINVAL },
	{ "map of the last page", VFU_DMA_MAP, MAP(32, RW, 0, UINT64_MAX - 4095, PAGE), 0, 0 },
	{ "map of 2^63 bytes that nothing backs", VFU_DMA_MAP, MAP(32, RW, 0, 0, 1ull << 63), 0, 0 },
	{ "map of an unaligned address", VFU_DMA_MAP, MAP(32, RW, 0, 512, PAGE), 0, EINVAL },
	{ "map of an unaligned size", VFU_DMA_MAP, MAP(32, RW, 0, 0, 512), 0, EINVAL },
	{ "map without flags", VFU_DMA_MAP, MAP(32, 0, 0, 0, PAGE), 0, EINVAL },
	{ "map with an unknown flag", VFU_DMA_MAP, MAP(32, RW | 0x10, 0, 0, PAGE), 0, EINVAL },
	{ "map for file I/O", VFU_DMA_MAP, MAP(32, RW | VFU_DMA_MAP_FILE_IO, 0, 0, PAGE), 0, EINVAL },
	{ "map of an eventfd", VFU_DMA_MAP, MAP(32, RW, 0, 0, PAGE), 1, EINVAL },
	{ "map with two descriptors", VFU_DMA_MAP, MAP(32, RW, 0, 0, PAGE), 2, EINVAL },

	{ "unmap one byte short", VFU_DMA_UNMAP, SHORT(vfu_dma_unmap, .argsz = 24), 0, EINVAL },
	{ "unmap argsz 23", VFU_DMA_UNMAP, UNMAP(23, 0, 0, PAGE), 0, EINVAL },
	{ "unmap of nothing", VFU_DMA_UNMAP, UNMAP(24, 0, 0, PAGE), 0, ENOENT },
	{ "unmap of nothing with a descriptor", VFU_DMA_UNMAP, UNMAP(24, 0, 0, PAGE), 1, ENOENT },
	{ "unmap with two descriptors", VFU_DMA_UNMAP, UNMAP(24, 0, 0, PAGE), 2, EINVAL },
	{ "unmap of 0 bytes", VFU_DMA_UNMAP, UNMAP(24, 0, 0, 0), 0, EINVAL },
	{ "unmap that wraps", VFU_DMA_UNMAP, UNMAP(24, 0, UINT64_MAX - 4095, 2 * PAGE), 0, EINVAL },
	{ "unmap all of nothing", VFU_DMA_UNMAP, UNMAP(24, VFU_DMA_UNMAP_ALL, 0, 0), 0, 0 },
	{ "unmap all with an address", VFU_DMA_UNMAP, UNMAP(24, VFU_DMA_UNMAP_ALL, PAGE, 0), 0, EINVAL },
	{ "unmap all with a size", VFU_DMA_UNMAP, UNMAP(24, VFU_DMA_UNMAP_ALL, 0, PAGE), 0, EINVAL },
	{ "unmap with a bitmap", VFU_DMA_UNMAP, UNMAP(24, VFU_DMA_UNMAP_GET_DIRTY, 0, PAGE), 0, EINVAL },
	{ "unmap with an unknown flag", VFU_DMA_UNMAP, UNMAP(24, 4, 0, PAGE), 0, EINVAL },

	{ "reset with a descriptor", VFU_DEVICE_RESET, NULL, 0, 1, EINVAL },
	{ "reset", VFU_DEVICE_RESET, NULL, 0, 0, 0 },
	/* clang-format on */
};

#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

/* Eventfds as many as a row wants, all the same. */
static void make_fds(int *fds, unsigned int count)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	for (unsigned int i = 0; i < count; i++)
		fds[i] = fd;
}

START_TEST(a_bad_message_gets_an_error_and_harms_nobody)
{
	const struct row *row = &rows[_i];
	struct raw_client client;
	char reply[0x5000];
	int fds[RAW_FDS_MAX];

	make_fds(fds, row->fds);
	raw_open(&client, &server);
	ck_assert_msg(raw_call(&client, row->command, row->payload, row->bytes, fds, row->fds,
			       reply, sizeof(reply)) == row->want,
		      "%s", row->what);
	ck_assert_msg(raw_works(&client), "%s", row->what);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(a_command_without_reply_is_never_answered)
{
	const struct row *row = &rows[_i];
	struct raw_client client;
	int fds[RAW_FDS_MAX];

	make_fds(fds, row->fds);
	raw_open(&client, &server);
	raw_send(&client, row->command, VFU_FLAG_NO_REPLY, row->payload, row->bytes, fds, row->fds);
	/* raw_works() fails the test when what comes next is not the reply to its own command. */
	ck_assert_msg(raw_works(&client), "%s", row->what);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(before_version_every_command_ends_the_connection)
{
	const struct row *row = &rows[_i];
	struct raw_client client;
	char reply[0x5000];
	int fds[RAW_FDS_MAX];
	int got;

	make_fds(fds, row->fds);
	raw_connect(&client, &server);
	got = raw_call(&client, row->command, row->payload, row->bytes, fds, row->fds, reply,
		       sizeof(reply));
	if (row->command != VFU_VERSION) {
		ck_assert_msg(got == EINVAL, "%s", row->what);
		ck_assert_msg(!raw_works(&client), "%s", row->what);
	}
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(the_error_bit_in_a_command_is_an_error)
{
	const struct vfu_device_info info = { .argsz = sizeof(info) };
	struct vfu_header header;
	struct raw_client client;

	raw_open(&client, &server);
	raw_send(&client, VFU_DEVICE_GET_INFO, VFU_FLAG_ERROR, &info, sizeof(info), NULL, 0);
	ck_assert_int_eq(raw_receive(&client, &header, NULL, 0), 0);
	ck_assert_uint_eq(header.error_no, EINVAL);
	ck_assert(raw_works(&client));
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(write_multi_stops_at_the_first_bad_entry_and_says_where)
{
	struct multi2 multi = { { 2 }, { { 0x28, 0, 8, { 0, 0x10 } }, { 0, 77, 4, { 0 } } } };
	struct raw_client client;

	raw_open(&client, &server);
	ck_assert_int_eq(raw_call(&client, VFU_REGION_WRITE_MULTI, &multi, sizeof(multi), NULL, 0,
				  &multi.multi, sizeof(multi.multi)),
			 0);
	ck_assert_uint_eq(multi.multi.wr_cnt, 1);
	ck_assert_uint_eq(raw_read32(&client, 0x28), 0x1000);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

/* Descriptors that are not what they should be. */

static int open_kind(int kind)
{
	int pair[2];

	switch (kind) {
	case 0:
		return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	case 1:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	case 2:
		return open("/proc/self/exe", O_PATH | O_CLOEXEC);
	case 3:
		return epoll_create1(EPOLL_CLOEXEC);
	case 4:
		ck_assert_int_eq(pipe2(pair, O_CLOEXEC), 0);
		return pair[1];
	case 5:
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		close(pair[1]);
		return pair[0];
	default:
		return memfd_create("empty", MFD_CLOEXEC);
	}
}

#define KINDS 7

START_TEST(dma_map_refuses_what_is_not_memory)
{
	struct raw_client client;
	int fd = open_kind(_i);

	raw_open(&client, &server);
	ck_assert_int_ne(raw_map(&client, 0, PAGE, fd, 0), 0);
	ck_assert(raw_works(&client));
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(set_irqs_refuses_what_is_not_an_eventfd)
{
	struct vfu_set_irqs set = { sizeof(set), SET(EVENTFD, TRIGGER), VFU_IRQ_MSIX, 0, 1 };
	struct raw_client client;
	int fd = open_kind(_i);

	raw_open(&client, &server);
	ck_assert_int_eq(raw_set_irqs(&client, set, NULL, 0, &fd, 1), EINVAL);
	ck_assert(raw_works(&client));
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

/* Host memory. */

static int make_memory(uint64_t bytes)
{
	int fd = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_int_eq(ftruncate(fd, (off_t)bytes), 0);
	return fd;
}

static int map_flags(struct raw_client *client, struct vfu_dma_map map, int fd)
{
	return raw_call(client, VFU_DMA_MAP, &map, sizeof(map), &fd, 1, NULL, 0);
}

START_TEST(dma_map_checks_the_file)
{
	struct raw_client client;
	int memory = make_memory(16 * PAGE);
	int read_only = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int sealed = make_memory(16 * PAGE);

	ck_assert_int_eq(fcntl(sealed, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
	raw_open(&client, &server);
	ck_assert_int_eq(raw_map(&client, 0, 17 * PAGE, memory, 0), EINVAL);
	ck_assert_int_eq(raw_map(&client, 0, PAGE, memory, 16 * PAGE), EINVAL);
	ck_assert_int_eq(raw_map(&client, 0, PAGE, memory, 100), EINVAL);
	ck_assert_int_eq(raw_map(&client, 0, PAGE, memory, UINT64_MAX - 4095), EINVAL);
	ck_assert_int_eq(raw_map(&client, 0, 1ull << 63, memory, 0), EINVAL);
	ck_assert_int_eq(raw_map(&client, 0, PAGE, read_only, 0), EACCES);
	ck_assert_int_eq(map_flags(&client,
				   (struct vfu_dma_map){ 32, VFU_DMA_MAP_READ, 0, 0, PAGE },
				   read_only),
			 0);
	ck_assert_int_eq(raw_map(&client, PAGE, PAGE, sealed, 0), EPERM);
	ck_assert_int_eq(raw_map(&client, PAGE, 15 * PAGE, memory, PAGE), 0);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(dma_maps_never_overlap)
{
	struct raw_client client;
	int fd = make_memory(16 * PAGE);

	raw_open(&client, &server);
	ck_assert_int_eq(raw_map(&client, 4 * PAGE, 4 * PAGE, fd, 0), 0);
	ck_assert_int_eq(raw_map(&client, 4 * PAGE, 4 * PAGE, fd, 0), 0); /* the very same */
	ck_assert_int_eq(raw_map(&client, 4 * PAGE, 4 * PAGE, fd, PAGE), EEXIST);
	ck_assert_int_eq(raw_map(&client, 4 * PAGE, 4 * PAGE, -1, 0), EEXIST);
	ck_assert_int_eq(raw_map(&client, 3 * PAGE, 2 * PAGE, fd, 0), EEXIST);
	ck_assert_int_eq(raw_map(&client, 7 * PAGE, 2 * PAGE, fd, 0), EEXIST);
	ck_assert_int_eq(raw_map(&client, 5 * PAGE, PAGE, fd, 0), EEXIST);
	ck_assert_int_eq(raw_map(&client, 0, 16 * PAGE, fd, 0), EEXIST);
	ck_assert_int_eq(raw_map(&client, 3 * PAGE, PAGE, fd, 0), 0);
	ck_assert_int_eq(raw_map(&client, 8 * PAGE, PAGE, fd, 0), 0);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(dma_unmap_takes_whole_mappings_only)
{
	struct raw_client client;
	int fd = make_memory(16 * PAGE);

	raw_open(&client, &server);
	ck_assert_int_eq(raw_map(&client, 4 * PAGE, 4 * PAGE, fd, 0), 0);
	ck_assert_int_eq(raw_map(&client, 8 * PAGE, 4 * PAGE, fd, 0), 0);
	ck_assert_int_eq(raw_unmap(&client, 4 * PAGE, 2 * PAGE), EINVAL);
	ck_assert_int_eq(raw_unmap(&client, 6 * PAGE, 4 * PAGE), EINVAL);
	ck_assert_int_eq(raw_unmap(&client, 0, 4 * PAGE), ENOENT);
	ck_assert_int_eq(raw_unmap(&client, 4 * PAGE, 8 * PAGE), 0);
	ck_assert_int_eq(raw_unmap(&client, 4 * PAGE, 8 * PAGE), ENOENT);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(the_table_of_mappings_fills_up_with_enospc)
{
	struct raw_client client;
	int error = 0;
	unsigned int maps;

	raw_open(&client, &server);
	for (maps = 0; !error && maps < 70000; maps++)
		error = raw_map(&client, (uint64_t)maps * 2 * PAGE, PAGE, -1, 0);
	ck_assert_int_eq(error, ENOSPC);
	ck_assert(raw_works(&client));
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

static Suite *messages(void)
{
	Suite *suite = suite_create("messages");
	TCase *tables = tcase_create("tables");
	TCase *memory = tcase_create("memory");

	tcase_add_unchecked_fixture(tables, start, end);
	tcase_set_timeout(tables, 120);
	tcase_add_loop_test(tables, a_bad_message_gets_an_error_and_harms_nobody, 0, ROWS);
	tcase_add_loop_test(tables, a_command_without_reply_is_never_answered, 0, ROWS);
	tcase_add_loop_test(tables, before_version_every_command_ends_the_connection, 0, ROWS);
	tcase_add_test(tables, the_error_bit_in_a_command_is_an_error);
	tcase_add_test(tables, write_multi_stops_at_the_first_bad_entry_and_says_where);
	tcase_add_loop_test(tables, dma_map_refuses_what_is_not_memory, 0, KINDS);
	tcase_add_loop_test(tables, set_irqs_refuses_what_is_not_an_eventfd, 0, KINDS);
	suite_add_tcase(suite, tables);
	tcase_add_unchecked_fixture(memory, start, end);
	tcase_set_timeout(memory, 120);
	tcase_add_test(memory, dma_map_checks_the_file);
	tcase_add_test(memory, dma_maps_never_overlap);
	tcase_add_test(memory, dma_unmap_takes_whole_mappings_only);
	tcase_add_test(memory, the_table_of_mappings_fills_up_with_enospc);
	suite_add_tcase(suite, memory);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ messages }, 1);
}
