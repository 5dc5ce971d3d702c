/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host memory that the client maps without a file: the controller asks for it by messages. The
 * client of these tests serves its memory while it waits for anything, or does it wrongly.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/le.h"
#include "common/nvme_spec.h"
#include "tests/harness/main.h"
#include "tests/hostile/client.h"

#define MEMORY_IOVA  UINT64_C(0x10000000)
#define MEMORY_BYTES 0x80000u
#define PAGE	     4096u
#define ASQ	     0
#define ACQ	     (1 * PAGE)
#define SQ	     (2 * PAGE)
#define CQ	     (3 * PAGE)
#define LIST	     (4 * PAGE)
#define DATA	     (16 * PAGE)
#define ENTRIES	     16u
#define PATIENCE_SEC 60

static struct raw_server server;

static void start(void)
{
	raw_server_start(&server, NULL, 0);
}

static void end(void)
{
	ck_assert_int_eq(raw_server_end(&server), 0);
}

/* How the client answers DMA_READ and DMA_WRITE. */
enum manner {
	HONEST,
	REFUSES,
	BARE_HEADER, /* to DMA_WRITE, as some do */
	WRONG_ID,
	WRONG_COMMAND,
	WRONG_ADDRESS,
	WRONG_COUNT,
	SHORT_DATA,
	LONG_DATA,
	NO_PAYLOAD,
	SILENT,
	HANGS_UP,
};

struct host {
	struct raw_client client;
	uint8_t memory[MEMORY_BYTES];
	enum manner manner;
	unsigned int reads, writes;
	uint64_t refused; /* what touches this address is refused, whatever the manner */
	uint32_t tail[2], head[2];
	bool phase[2];
	bool gone; /* the connection ended */
};

static bool has_message(struct host *host, int msec)
{
	struct pollfd in = { .fd = host->client.fd, .events = POLLIN };

	return poll(&in, 1, msec) == 1;
}

static void answer(struct host *host, const struct vfu_header *asked, uint8_t *payload)
{
	struct vfu_dma_access access;
	uint8_t *reply = payload;
	struct vfu_header header = *asked;
	bool reads = asked->command == VFU_DMA_READ;
	size_t bytes = sizeof(access);

	memcpy(&access, payload, sizeof(access));
	ck_assert_uint_ge(access.addr, MEMORY_IOVA);
	ck_assert_uint_le(access.addr + access.count, MEMORY_IOVA + MEMORY_BYTES);
	host->reads += reads;
	host->writes += !reads;
	if (host->manner == SILENT)
		return;
	if (host->manner == HANGS_UP) {
		raw_disconnect(&host->client);
		host->gone = true;
		return;
	}
	header.flags = VFU_FLAG_REPLY;
	if (host->manner == REFUSES || host->refused - access.addr < access.count) {
		header.flags |= VFU_FLAG_ERROR;
		header.error_no = EFAULT;
		bytes = 0;
	} else if (reads) {
		memcpy(reply + sizeof(access), host->memory + (access.addr - MEMORY_IOVA),
		       access.count);
		bytes += access.count;
	} else {
		memcpy(host->memory + (access.addr - MEMORY_IOVA), payload + sizeof(access),
		       access.count);
		bytes = host->manner == BARE_HEADER ? 0 : bytes;
	}
	header.msg_id = (uint16_t)(header.msg_id + (host->manner == WRONG_ID));
	header.command = (uint16_t)(header.command + (host->manner == WRONG_COMMAND));
	access.addr += host->manner == WRONG_ADDRESS ? 4 : 0;
	access.count += host->manner == WRONG_COUNT ? 1 : 0;
	memcpy(reply, &access, sizeof(access));
	bytes -= host->manner == SHORT_DATA && bytes ? 1 : 0;
	bytes += host->manner == LONG_DATA ? 1 : 0;
	bytes = host->manner == NO_PAYLOAD ? 4 : bytes;
	header.msg_size = (uint32_t)(sizeof(header) + bytes);
	memmove(payload + sizeof(header), payload, bytes);
	memcpy(payload, &header, sizeof(header));
	raw_send_raw(&host->client, payload, sizeof(header) + bytes, NULL, 0);
}

/* Receives messages, serving memory, until a reply; Return: its errno, or RAW_CLOSED. */
static int await(struct host *host, uint16_t command, void *reply, size_t size)
{
	static uint8_t payload[MEMORY_BYTES];

	for (;;) {
		struct vfu_header header;
		long bytes;

		if (host->gone)
			return RAW_CLOSED;
		bytes = raw_receive(&host->client, &header, payload, sizeof(payload) - 64);
		if (bytes == RAW_CLOSED) {
			host->gone = true;
			return RAW_CLOSED;
		}
		if ((header.flags & VFU_FLAG_TYPE_MASK) == VFU_FLAG_COMMAND) {
			answer(host, &header, payload);
			continue;
		}
		ck_assert_uint_eq(header.command, command);
		if (header.flags & VFU_FLAG_ERROR)
			return (int)header.error_no;
		if (size)
			memcpy(reply, payload, (size_t)bytes < size ? (size_t)bytes : size);
		return 0;
	}
}

static int call(struct host *host, uint16_t command, const void *payload, size_t bytes, void *reply,
		size_t size)
{
	if (host->gone || !raw_send(&host->client, command, 0, payload, bytes, NULL, 0)) {
		host->gone = true;
		return RAW_CLOSED;
	}
	return await(host, command, reply, size);
}

/* A write to BAR0 or configuration space; Return: as call(). */
static int poke(struct host *host, uint32_t region, uint64_t offset, uint64_t value, uint32_t bytes)
{
	struct __attribute__((packed)) {
		struct vfu_region_access access;
		uint64_t value;
	} write = { { offset, region, bytes }, value };

	return call(host, VFU_REGION_WRITE, &write, sizeof(write.access) + bytes, &write,
		    sizeof(write));
}

static uint32_t peek(struct host *host, uint64_t offset)
{
	struct __attribute__((packed)) {
		struct vfu_region_access access;
		uint32_t value;
	} read = { { offset, VFU_REGION_BAR0, 4 }, 0 };

	if (call(host, VFU_REGION_READ, &read, sizeof(read.access), &read, sizeof(read)) != 0)
		return UINT32_MAX;
	return read.value;
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* Serves what is asked for, without waiting long. */
static void serve(struct host *host)
{
	static uint8_t payload[MEMORY_BYTES];
	struct vfu_header header;

	if (host->gone || !has_message(host, 10))
		return;
	if (raw_receive(&host->client, &header, payload, sizeof(payload) - 64) == RAW_CLOSED) {
		host->gone = true;
		return;
	}
	ck_assert_uint_eq(header.flags & VFU_FLAG_TYPE_MASK, VFU_FLAG_COMMAND);
	answer(host, &header, payload);
}

static void open_host_at(struct host *host, const struct raw_server *at)
{
	struct vfu_dma_map map = { sizeof(map), VFU_DMA_MAP_READ | VFU_DMA_MAP_WRITE, 0,
				   MEMORY_IOVA, MEMORY_BYTES };

	memset(host, 0, sizeof(*host));
	raw_open(&host->client, at);
	ck_assert_int_eq(call(host, VFU_DMA_MAP, &map, sizeof(map), NULL, 0), 0);
	ck_assert_int_eq(poke(host, VFU_REGION_CONFIG, 4, 0x0406, 2), 0);
	host->phase[0] = host->phase[1] = true;
}

static void open_host(struct host *host)
{
	open_host_at(host, &server);
}

static void enable(struct host *host)
{
	time_t until = now() + PATIENCE_SEC;

	poke(host, VFU_REGION_BAR0, NVME_REG_AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1), 4);
	poke(host, VFU_REGION_BAR0, NVME_REG_ASQ, MEMORY_IOVA + ASQ, 8);
	poke(host, VFU_REGION_BAR0, NVME_REG_ACQ, MEMORY_IOVA + ACQ, 8);
	poke(host, VFU_REGION_BAR0, NVME_REG_CC, 4 << 20 | 6 << 16 | 1, 4);
	while (!(peek(host, NVME_REG_CSTS) & 1))
		ck_assert_msg(now() < until, "the controller does not get ready");
}

static void submit(struct host *host, unsigned int qid, struct nvme_sqe sqe)
{
	sqe.cid = nvme_le16((uint16_t)host->tail[qid]);
	memcpy(host->memory + (qid ? SQ : ASQ) + host->tail[qid] * 64, &sqe, sizeof(sqe));
	host->tail[qid] = (host->tail[qid] + 1) % ENTRIES;
	poke(host, VFU_REGION_BAR0, 0x1000 + 8 * qid, host->tail[qid], 4);
}

/* Waits for the next completion; Return: its status, or UINT16_MAX when the connection ended. */
static uint16_t complete(struct host *host, unsigned int qid)
{
	time_t until = now() + PATIENCE_SEC;
	const uint8_t *slot = host->memory + (qid ? CQ : ACQ) + host->head[qid] * 16;
	uint16_t word;

	while ((nvme_load_le16(slot + 14) & 1) != host->phase[qid]) {
		if (host->gone)
			return UINT16_MAX;
		ck_assert_msg(now() < until, "no completion");
		serve(host);
	}
	word = nvme_load_le16(slot + 14);
	host->head[qid] = (host->head[qid] + 1) % ENTRIES;
	host->phase[qid] = host->phase[qid] != (host->head[qid] == 0);
	poke(host, VFU_REGION_BAR0, 0x1004 + 8 * qid, host->head[qid], 4);
	return word >> 1;
}

static uint16_t command(struct host *host, unsigned int qid, struct nvme_sqe sqe)
{
	submit(host, qid, sqe);
	return complete(host, qid);
}

static void create_queues(struct host *host)
{
	ck_assert_uint_eq(command(host, 0,
				  (struct nvme_sqe){ .opcode = NVME_ADMIN_CREATE_IO_CQ,
						     .prp1 = nvme_le64(MEMORY_IOVA + CQ),
						     .cdw10 = nvme_le32((ENTRIES - 1) << 16 | 1),
						     .cdw11 = nvme_le32(1) }),
			  0);
	ck_assert_uint_eq(command(host, 0,
				  (struct nvme_sqe){ .opcode = NVME_ADMIN_CREATE_IO_SQ,
						     .prp1 = nvme_le64(MEMORY_IOVA + SQ),
						     .cdw10 = nvme_le32((ENTRIES - 1) << 16 | 1),
						     .cdw11 = nvme_le32(1 << 16 | 1) }),
			  0);
}

/* Reads or writes @pages pages at LBA 0; from the third on by a list. */
static struct nvme_sqe io(struct host *host, uint8_t opcode, uint32_t pages, uint64_t at)
{
	struct nvme_sqe sqe = {
		.opcode = opcode,
		.nsid = nvme_le32(1),
		.prp1 = nvme_le64(MEMORY_IOVA + at),
		.cdw12 = nvme_le32(pages * 8 - 1),
	};

	for (uint32_t i = 1; i < pages; i++)
		nvme_store_le64(host->memory + LIST + (i - 1) * 8, MEMORY_IOVA + at + i * PAGE);
	sqe.prp2 = nvme_le64(pages == 2 ? MEMORY_IOVA + at + PAGE : MEMORY_IOVA + LIST);
	return sqe;
}

START_TEST(queues_lists_and_data_travel_by_messages)
{
	struct host *host = calloc(1, sizeof(*host));

	open_host(host);
	enable(host);
	create_queues(host);
	for (uint32_t pages = 1; pages <= 8; pages++) {
		for (uint32_t i = 0; i < pages * PAGE; i++)
			host->memory[DATA + i] = (uint8_t)(i * 7 + i / PAGE + pages);
		ck_assert_uint_eq(command(host, 1, io(host, NVME_CMD_WRITE, pages, DATA)), 0);
		memset(host->memory + DATA + 16 * PAGE, 0, 8 * PAGE);
		ck_assert_uint_eq(
			command(host, 1, io(host, NVME_CMD_READ, pages, DATA + 16 * PAGE)), 0);
		ck_assert_mem_eq(host->memory + DATA, host->memory + DATA + 16 * PAGE,
				 pages * PAGE);
	}
	ck_assert_uint_gt(host->reads, 0);
	ck_assert_uint_gt(host->writes, 0);
	raw_disconnect(&host->client);
	free(host);
}
END_TEST

START_TEST(identify_data_arrives_before_its_interrupt)
{
	struct host *host = calloc(1, sizeof(*host));
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct vfu_set_irqs set = { sizeof(set),
				    VFU_SET_IRQS_DATA_EVENTFD | VFU_SET_IRQS_ACTION_TRIGGER,
				    VFU_IRQ_MSIX, 0, 1 };
	eventfd_t count;

	open_host(host);
	ck_assert_int_eq(raw_set_irqs(&host->client, set, NULL, 0, &fd, 1), 0);
	poke(host, VFU_REGION_CONFIG, 0xb2, 0x8000, 2);
	enable(host);
	submit(host, 0,
	       (struct nvme_sqe){ .opcode = NVME_ADMIN_IDENTIFY,
				  .prp1 = nvme_le64(MEMORY_IOVA + DATA),
				  .cdw10 = nvme_le32(1) });
	while (eventfd_read(fd, &count) < 0)
		serve(host);
	ck_assert_uint_eq(nvme_load_le16(host->memory + ACQ + 14), 1);
	ck_assert_mem_eq(host->memory + DATA + 4, "NVMELAB0001", 11);
	raw_disconnect(&host->client);
	close(fd);
	free(host);
}
END_TEST

START_TEST(a_client_that_waits_for_a_register_is_answered_first)
{
	/* It serves nothing until it has its reply: a lock that is held across the access. */
	struct host *host = calloc(1, sizeof(*host));
	uint8_t payload[PAGE];
	struct vfu_header header;
	struct __attribute__((packed)) {
		struct vfu_region_access access;
		uint32_t value;
	} ring = { { 0x1000, VFU_REGION_BAR0, 4 }, 1 };

	open_host(host);
	enable(host);
	host->memory[ASQ] = NVME_ADMIN_KEEP_ALIVE;
	raw_send(&host->client, VFU_REGION_WRITE, 0, &ring, sizeof(ring), NULL, 0);
	ck_assert_int_ne(raw_receive(&host->client, &header, payload, sizeof(payload)), RAW_CLOSED);
	ck_assert_uint_eq(header.flags, VFU_FLAG_REPLY);
	ck_assert_uint_eq(header.command, VFU_REGION_WRITE);
	host->tail[0] = 1;
	while (!has_message(host, 1000))
		;
	/* Now the controller waits for us, and a register is read before it gets what it wants. */
	ring.access = (struct vfu_region_access){ NVME_REG_VS, VFU_REGION_BAR0, 4 };
	raw_send(&host->client, VFU_REGION_READ, 0, &ring.access, sizeof(ring.access), NULL, 0);
	ck_assert_int_ne(raw_receive(&host->client, &header, payload, sizeof(payload)), RAW_CLOSED);
	ck_assert_uint_eq(header.command, VFU_DMA_READ);
	{
		uint8_t asked[PAGE];
		struct vfu_header reply;

		ck_assert_int_ne(raw_receive(&host->client, &reply, asked, sizeof(asked)),
				 RAW_CLOSED);
		ck_assert_uint_eq(reply.command, VFU_REGION_READ);
		ck_assert_uint_eq(nvme_load_le32(asked + 16), 0x20000);
	}
	answer(host, &header, payload);
	ck_assert_uint_eq(complete(host, 0), 0);
	raw_disconnect(&host->client);
	free(host);
}
END_TEST

START_TEST(writes_during_an_exchange_are_done_after_it)
{
	/* CC.EN is cleared while the controller waits for an entry: nothing completes. */
	struct host *host = calloc(1, sizeof(*host));
	struct vfu_header header;
	uint8_t payload[PAGE];
	time_t until = now() + PATIENCE_SEC;

	open_host(host);
	enable(host);
	host->memory[ASQ] = NVME_ADMIN_KEEP_ALIVE;
	poke(host, VFU_REGION_BAR0, 0x1000, 1, 4);
	while (!has_message(host, 1000))
		;
	ck_assert_int_ne(raw_receive(&host->client, &header, payload, sizeof(payload)), RAW_CLOSED);
	ck_assert_uint_eq(header.command, VFU_DMA_READ);
	ck_assert_int_eq(poke(host, VFU_REGION_BAR0, NVME_REG_CC, 0, 4), 0);
	ck_assert_uint_eq(peek(host, NVME_REG_CSTS) & 1, 1);
	answer(host, &header, payload);
	while (peek(host, NVME_REG_CSTS) & 1)
		ck_assert(now() < until);
	enable(host);
	raw_disconnect(&host->client);
	free(host);
}
END_TEST

START_TEST(a_bare_header_says_that_data_was_written)
{
	struct host *host = calloc(1, sizeof(*host));

	open_host(host);
	host->manner = BARE_HEADER;
	enable(host);
	create_queues(host);
	raw_disconnect(&host->client);
	free(host);
}
END_TEST

START_TEST(data_that_is_refused_fails_its_command_alone)
{
	/* Base 2.0 4.1.1: Data Transfer Error */
	struct host *host = calloc(1, sizeof(*host));
	const struct vfu_dma_map more = { sizeof(more), VFU_DMA_MAP_READ, 0,
					  MEMORY_IOVA + MEMORY_BYTES, PAGE };
	struct nvme_sqe sqe;

	open_host(host);
	enable(host);
	create_queues(host);
	sqe = io(host, NVME_CMD_WRITE, 1, MEMORY_BYTES - PAGE);
	sqe.prp1 = nvme_le64(MEMORY_IOVA + 2 * MEMORY_BYTES); /* nobody mapped it */
	ck_assert_uint_eq(command(host, 1, sqe) & 0x7ff, NVME_SC_DATA_TRANSFER_ERROR);
	ck_assert_int_eq(call(host, VFU_DMA_MAP, &more, sizeof(more), NULL, 0), 0);
	sqe = io(host, NVME_CMD_READ, 1, MEMORY_BYTES); /* it is for reading only */
	ck_assert_uint_eq(command(host, 1, sqe) & 0x7ff, NVME_SC_DATA_TRANSFER_ERROR);
	host->refused = MEMORY_IOVA + DATA + PAGE;
	ck_assert_uint_eq(command(host, 1, io(host, NVME_CMD_READ, 3, DATA)) & 0x7ff,
			  NVME_SC_DATA_TRANSFER_ERROR);
	ck_assert_uint_eq(command(host, 1, io(host, NVME_CMD_WRITE, 3, DATA)) & 0x7ff,
			  NVME_SC_DATA_TRANSFER_ERROR);
	host->refused = MEMORY_IOVA + LIST;
	ck_assert_uint_eq(command(host, 1, io(host, NVME_CMD_READ, 3, DATA)) & 0x7ff,
			  NVME_SC_DATA_TRANSFER_ERROR);
	host->refused = 0;
	ck_assert_uint_eq(command(host, 1, io(host, NVME_CMD_READ, 3, DATA)), 0);
	raw_disconnect(&host->client);
	free(host);
}
END_TEST

static const enum manner wrong[] = { WRONG_ID,	  WRONG_COMMAND, WRONG_ADDRESS,
				     WRONG_COUNT, SHORT_DATA,	 LONG_DATA,
				     NO_PAYLOAD,  SILENT,	 HANGS_UP };

START_TEST(a_wrong_answer_ends_the_connection_and_harms_nobody)
{
	struct host *host = calloc(1, sizeof(*host));
	struct raw_client next;

	open_host(host);
	enable(host);
	host->manner = wrong[_i];
	submit(host, 0, (struct nvme_sqe){ .opcode = NVME_ADMIN_KEEP_ALIVE });
	ck_assert_uint_eq(complete(host, 0), UINT16_MAX);
	if (wrong[_i] != HANGS_UP)
		raw_disconnect(&host->client);
	ck_assert(raw_server_alive(&server));
	raw_open(&next, &server);
	ck_assert(raw_works(&next));
	raw_disconnect(&next);
	free(host);
}
END_TEST

START_TEST(a_client_that_talks_instead_of_answering_is_given_up)
{
	/* There is always one more to be handled before the answer, which never comes. */
	struct host *host = calloc(1, sizeof(*host));
	struct vfu_header batch[1024];

	for (size_t i = 0; i < sizeof(batch) / sizeof(batch[0]); i++)
		batch[i] = (struct vfu_header){ 0, 0, sizeof(batch[0]), VFU_FLAG_NO_REPLY, 0 };
	open_host(host);
	enable(host);
	poke(host, VFU_REGION_BAR0, 0x1000, 1, 4);
	while (raw_send_raw(&host->client, batch, sizeof(batch), NULL, 0))
		; /* until the time of this test is over */
	raw_disconnect(&host->client);
	free(host);
}
END_TEST

START_TEST(a_queue_that_is_refused_is_fatal)
{
	/* Base 2.0 3.1.3.6: CFS, when queue memory stays away (unverified). */
	struct host *host = calloc(1, sizeof(*host));
	time_t until = now() + PATIENCE_SEC;

	open_host(host);
	enable(host);
	host->manner = REFUSES;
	submit(host, 0, (struct nvme_sqe){ .opcode = NVME_ADMIN_KEEP_ALIVE });
	while (!(peek(host, NVME_REG_CSTS) & 2))
		ck_assert(now() < until);
	raw_disconnect(&host->client);
	free(host);
}
END_TEST

START_TEST(without_message_dma_such_memory_is_no_memory)
{
	/* Key message_dma */
	const char *const args[] = { "--controller", "message_dma=false", NULL };
	struct host *host = calloc(1, sizeof(*host));
	time_t until = now() + PATIENCE_SEC;
	struct raw_server without;

	raw_server_start(&without, args, 0);
	open_host_at(host, &without);
	enable(host);
	submit(host, 0, (struct nvme_sqe){ .opcode = NVME_ADMIN_KEEP_ALIVE });
	while (!(peek(host, NVME_REG_CSTS) & 2))
		ck_assert(now() < until);
	ck_assert_uint_eq(host->reads + host->writes, 0);
	raw_disconnect(&host->client);
	ck_assert_int_eq(raw_server_end(&without), 0);
	free(host);
}
END_TEST

START_TEST(under_a_virtual_clock_memory_is_served_before_the_reply)
{
	const char *const args[] = { "--clock", "virtual", NULL };
	struct host *host = calloc(1, sizeof(*host));
	struct raw_server virtual;

	raw_server_start(&virtual, args, 0);
	open_host_at(host, &virtual);
	enable(host);
	submit(host, 0, (struct nvme_sqe){ .opcode = NVME_ADMIN_KEEP_ALIVE });
	ck_assert_uint_eq(nvme_load_le16(host->memory + ACQ + 14), 1); /* done with the doorbell */
	ck_assert_uint_eq(complete(host, 0), 0);
	create_queues(host);
	ck_assert_uint_eq(command(host, 1, io(host, NVME_CMD_READ, 3, DATA)), 0);
	raw_disconnect(&host->client);
	ck_assert_int_eq(raw_server_end(&virtual), 0);
	free(host);
}
END_TEST

static Suite *memory(void)
{
	Suite *suite = suite_create("memory without a file");
	TCase *tcase = tcase_create("memory");

	tcase_set_timeout(tcase, 180);
	tcase_add_unchecked_fixture(tcase, start, end);
	tcase_add_test(tcase, queues_lists_and_data_travel_by_messages);
	tcase_add_test(tcase, identify_data_arrives_before_its_interrupt);
	tcase_add_test(tcase, a_client_that_waits_for_a_register_is_answered_first);
	tcase_add_test(tcase, writes_during_an_exchange_are_done_after_it);
	tcase_add_test(tcase, a_bare_header_says_that_data_was_written);
	tcase_add_test(tcase, data_that_is_refused_fails_its_command_alone);
	tcase_add_loop_test(tcase, a_wrong_answer_ends_the_connection_and_harms_nobody, 0,
			    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tcase, a_client_that_talks_instead_of_answering_is_given_up);
	tcase_add_test(tcase, a_queue_that_is_refused_is_fatal);
	tcase_add_test(tcase, without_message_dma_such_memory_is_no_memory);
	tcase_add_test(tcase, under_a_virtual_clock_memory_is_served_before_the_reply);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { memory };
	return th_main(suites, 1);
}
