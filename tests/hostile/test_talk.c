/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Clients that lie, stop reading, fill their eventfds, come two at a time, take queues away, move
 * the clock: the emulator answers, and goes on.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/le.h"
#include "tests/harness/main.h"
#include "tests/hostile/host.h"

#define IRQ_EVENTFD (VFU_SET_IRQS_DATA_EVENTFD | VFU_SET_IRQS_ACTION_TRIGGER)
#define IRQ_NONE    (VFU_SET_IRQS_DATA_NONE | VFU_SET_IRQS_ACTION_TRIGGER)
#define SECOND	    UINT64_C(1000000000)

static struct raw_server server;

static void start(void)
{
	raw_server_start(&server, NULL, 0);
}

static void start_virtual(void)
{
	static const char *const args[] = {
		"--clock", "virtual", "--lab", "--bar0", "trapped", NULL
	};

	raw_server_start(&server, args, 0);
}

static void start_shared(void)
{
	static const char *const args[] = { "--bar0", "shared", NULL };

	raw_server_start(&server, args, 0);
}

static void end(void)
{
	ck_assert_int_eq(raw_server_end(&server), 0);
}

static void expect_io_works(const char *json)
{
	struct raw_host host;

	raw_host_connect(&host, &server, json);
	raw_host_enable(&host);
	memset(host.data, 0x5a, 4096);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_WRITE, 0, 8, 0)), 0);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_READ, 0, 8, 4096)), 0);
	ck_assert_mem_eq(host.data, host.data + 4096, 4096);
	raw_host_close(&host);
}

/* Interrupts. */

START_TEST(a_full_eventfd_delays_nobody)
{
	const struct vfu_set_irqs assign = { sizeof(assign), IRQ_EVENTFD, VFU_IRQ_MSIX, 0, 1 };
	const struct vfu_set_irqs trigger = { sizeof(trigger), IRQ_NONE, VFU_IRQ_MSIX, 0, 1 };
	struct raw_client client;
	int fd = eventfd(0, EFD_CLOEXEC);
	eventfd_t count;

	raw_open(&client, &server);
	ck_assert_int_eq(raw_set_irqs(&client, assign, NULL, 0, &fd, 1), 0);
	ck_assert_int_eq(eventfd_write(fd, UINT64_MAX - 1), 0);
	for (unsigned int i = 0; i < 10; i++)
		ck_assert_int_eq(raw_set_irqs(&client, trigger, NULL, 0, NULL, 0), 0);
	ck_assert_int_eq(eventfd_read(fd, &count), 0);
	ck_assert_int_eq(raw_set_irqs(&client, trigger, NULL, 0, NULL, 0), 0);
	ck_assert_int_eq(eventfd_read(fd, &count), 0);
	ck_assert_uint_eq(count, 1);
	/* The flag is shared with the client: it stays as the client set it. */
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	raw_disconnect(&client);
}
END_TEST

START_TEST(a_vector_without_eventfd_is_signalled_when_it_has_one)
{
	const struct vfu_set_irqs assign = { sizeof(assign), IRQ_EVENTFD, VFU_IRQ_MSIX, 1, 1 };
	const uint16_t enable = 0x8000;
	struct raw_host host;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	eventfd_t count;
	uint8_t cfg[256];
	uint32_t msix;

	raw_host_connect(&host, &server, RAW_JSON);
	ck_assert_int_eq(raw_read(&host.client, VFU_REGION_CONFIG, 0, cfg, sizeof(cfg)), 0);
	for (msix = cfg[0x34]; msix && cfg[msix] != 0x11; msix = cfg[msix + 1])
		continue;
	ck_assert_uint_ne(msix, 0);
	ck_assert_int_eq(raw_write(&host.client, VFU_REGION_CONFIG, msix + 2, &enable, 2), 0);
	raw_host_enable(&host);
	ck_assert_uint_eq(raw_command(&host, 0,
				      (struct nvme_sqe){ .opcode = 0x05,
							 .prp1 = nvme_le64(RAW_QUEUE_IOVA + 0x5000),
							 .cdw10 = nvme_le32(15 << 16 | 2),
							 .cdw11 = nvme_le32(1 << 16 | 3) }),
			  0);
	ck_assert_uint_eq(raw_command(&host, 0,
				      (struct nvme_sqe){ .opcode = 0x01,
							 .prp1 = nvme_le64(RAW_QUEUE_IOVA + 0x4000),
							 .cdw10 = nvme_le32(15 << 16 | 2),
							 .cdw11 = nvme_le32(2 << 16 | 1) }),
			  0);
	*(struct nvme_sqe *)(void *)(host.queues + 0x4000) = raw_io(NVME_CMD_READ, 0, 1, 0);
	raw_write32(&host.client, 0x1000 + 4 * 4, 1);
	/* The vector waits in the PBA. */
	ck_assert_uint_eq(raw_read32(&host.client, 0x3000) & 2, 2);
	ck_assert_int_eq(raw_set_irqs(&host.client, assign, NULL, 0, &fd, 1), 0);
	ck_assert_int_eq(eventfd_read(fd, &count), 0);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(raw_read32(&host.client, 0x3000) & 2, 0);
	raw_host_close(&host);
}
END_TEST

START_TEST(eventfds_and_mappings_survive_a_device_reset)
{
	const struct vfu_set_irqs assign = { sizeof(assign), IRQ_EVENTFD, VFU_IRQ_MSIX, 0, 1 };
	const struct vfu_set_irqs trigger = { sizeof(trigger), IRQ_NONE, VFU_IRQ_MSIX, 0, 1 };
	struct raw_host host;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	eventfd_t count;

	raw_host_connect(&host, &server, RAW_JSON);
	raw_host_enable(&host);
	ck_assert_int_eq(raw_set_irqs(&host.client, assign, NULL, 0, &fd, 1), 0);
	ck_assert_int_eq(raw_call(&host.client, VFU_DEVICE_RESET, NULL, 0, NULL, 0, NULL, 0), 0);
	ck_assert_uint_eq(raw_read32(&host.client, NVME_REG_CC), 0);
	ck_assert_uint_eq(raw_read32(&host.client, NVME_REG_CSTS), 0);
	ck_assert_int_eq(raw_set_irqs(&host.client, trigger, NULL, 0, NULL, 0), 0);
	ck_assert_int_eq(eventfd_read(fd, &count), 0);
	memset(host.queues, 0, RAW_QUEUE_BYTES);
	memset(host.ring, 0, sizeof(host.ring));
	for (unsigned int i = 0; i < 2; i++) {
		host.ring[i].sq = (void *)(host.queues + 0x2000 * i);
		host.ring[i].cq = (void *)(host.queues + 0x2000 * i + 0x1000);
		host.ring[i].phase = true;
	}
	raw_host_enable(&host);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_READ, 0, 8, 0)), 0);
	raw_host_close(&host);
}
END_TEST

/* Talking. */

START_TEST(a_client_that_reads_nothing_is_not_read_from)
{
	const struct vfu_region_access access = { 0, VFU_REGION_CONFIG, 4096 };
	struct {
		struct vfu_header header;
		struct vfu_region_access access;
	} message = { { 1, VFU_REGION_READ, sizeof(message), 0, 0 }, access };
	char reply[sizeof(access) + 4096];
	struct raw_client client;
	unsigned int sent = 0;

	raw_open(&client, &server);
	/* Both sockets fill up, and then the server has to stop for want of room. */
	while (send(client.fd, &message, sizeof(message), MSG_DONTWAIT) == sizeof(message))
		sent++;
	ck_assert_int_eq(errno, EAGAIN);
	for (unsigned int i = 0; i < sent; i++)
		ck_assert_int_eq(raw_receive(&client, &message.header, reply, sizeof(reply)),
				 sizeof(reply));
	raw_disconnect(&client);
	expect_io_works(NULL);
}
END_TEST

START_TEST(a_second_client_waits_for_its_turn)
{
	const struct vfu_version version = { 0, 1 };
	struct vfu_version reply;
	struct vfu_header header;
	struct raw_host first;
	struct raw_client second;
	struct pollfd in;

	raw_host_connect(&first, &server, NULL);
	raw_host_enable(&first);
	raw_connect(&second, &server);
	raw_send(&second, VFU_VERSION, 0, &version, sizeof(version), NULL, 0);
	ck_assert_uint_eq(raw_command(&first, 1, raw_io(NVME_CMD_READ, 0, 8, 0)), 0);
	in = (struct pollfd){ .fd = second.fd, .events = POLLIN };
	ck_assert_int_eq(poll(&in, 1, 0), 0);
	raw_host_close(&first);
	ck_assert_int_eq(raw_receive(&second, &header, &reply, sizeof(reply)), sizeof(reply));
	ck_assert_uint_eq(raw_read32(&second, NVME_REG_CC), 0);
	raw_disconnect(&second);
}
END_TEST

START_TEST(enable_may_be_toggled_without_waiting)
{
	struct raw_host host;

	raw_host_connect(&host, &server, RAW_JSON);
	raw_host_enable(&host);
	for (uint32_t i = 0; i < 1000; i++)
		raw_write32(&host.client, NVME_REG_CC, i % 2 ? 0x00460001 : 0x00460000);
	raw_host_close(&host);
	expect_io_works(NULL);
}
END_TEST

static const struct {
	uint32_t aqa;
	uint64_t asq;
	uint32_t cc;
} bad_enables[] = {
	{ 0, RAW_QUEUE_IOVA, 0x00460001 },
	{ 0x001f001f, 0, 0x00460001 },
	{ 0x001f001f, 1ull << 40, 0x00460001 },
	{ 0x001f001f, RAW_QUEUE_IOVA, 0x00460781 },
	{ 0x001f001f, RAW_QUEUE_IOVA, 0x00460031 },
	{ 0x0fff0fff, UINT64_MAX & ~0xfffull, 0x00460001 },
};

START_TEST(a_bad_enable_is_the_clients_trouble_alone)
{
	struct raw_host host;

	raw_host_connect(&host, &server, RAW_JSON);
	raw_write32(&host.client, NVME_REG_AQA, bad_enables[_i].aqa);
	raw_write64(&host.client, NVME_REG_ASQ, bad_enables[_i].asq);
	raw_write64(&host.client, NVME_REG_ACQ, bad_enables[_i].asq);
	raw_write32(&host.client, NVME_REG_CC, bad_enables[_i].cc);
	raw_write32(&host.client, 0x1000, 1);
	ck_assert(raw_works(&host.client));
	raw_host_close(&host);
	expect_io_works(NULL);
}
END_TEST

/* Time that messages move. */

static uint64_t lab(struct raw_client *client, uint64_t offset)
{
	uint64_t value;

	ck_assert_int_eq(raw_read(client, VFU_REGION_LAB, offset, &value, sizeof(value)), 0);
	return value;
}

static void advance(struct raw_client *client, uint64_t to)
{
	ck_assert_int_eq(raw_write(client, VFU_REGION_LAB, VFU_LAB_OFF_ADVANCE, &to, sizeof(to)),
			 0);
}

START_TEST(a_queue_whose_memory_returns_goes_on)
{
	struct raw_host host;
	struct nvme_sqe sqe = raw_io(NVME_CMD_WRITE, 0, 8, 0);
	struct nvme_cqe cqe;

	raw_host_connect(&host, &server, RAW_JSON);
	raw_host_enable(&host);
	ck_assert_uint_eq(lab(&host.client, VFU_LAB_OFF_MAGIC), VFU_LAB_MAGIC);
	raw_fill(&host, 1, &sqe);
	ck_assert_int_eq(raw_unmap(&host.client, RAW_QUEUE_IOVA, RAW_QUEUE_BYTES), 0);
	raw_ring(&host, 1);
	ck_assert(!raw_poll(&host, 1, &cqe));
	/* Less than the second that a queue may be away. */
	advance(&host.client, lab(&host.client, VFU_LAB_OFF_NOW) + SECOND / 2);
	ck_assert_uint_eq(raw_read32(&host.client, NVME_REG_CSTS), 1);
	ck_assert_int_eq(raw_map(&host.client, RAW_QUEUE_IOVA, RAW_QUEUE_BYTES, host.queue_fd, 0),
			 0);
	ck_assert(raw_poll(&host, 1, &cqe));
	ck_assert_uint_eq(nvme_cpu16(cqe.status) >> 1, 0);
	raw_host_close(&host);
}
END_TEST

START_TEST(a_queue_whose_memory_stays_away_is_fatal)
{
	struct raw_host host;
	struct nvme_sqe sqe = raw_io(NVME_CMD_WRITE, 0, 8, 0);

	raw_host_connect(&host, &server, RAW_JSON);
	raw_host_enable(&host);
	raw_fill(&host, 1, &sqe);
	ck_assert_int_eq(raw_unmap(&host.client, RAW_QUEUE_IOVA, RAW_QUEUE_BYTES), 0);
	raw_ring(&host, 1);
	advance(&host.client, lab(&host.client, VFU_LAB_OFF_NOW) + 2 * SECOND);
	ck_assert_uint_eq(raw_read32(&host.client, NVME_REG_CSTS), 3);
	ck_assert(raw_works(&host.client));
	raw_host_close(&host);
	expect_io_works(RAW_JSON);
}
END_TEST

START_TEST(time_stands_still_in_the_lab)
{
	struct raw_host host;
	uint64_t before;
	uint64_t bad = 0;

	raw_host_connect(&host, &server, RAW_JSON);
	before = lab(&host.client, VFU_LAB_OFF_NOW);
	raw_read32(&host.client, NVME_REG_CSTS);
	raw_read32(&host.client, NVME_REG_CSTS);
	ck_assert_uint_eq(lab(&host.client, VFU_LAB_OFF_NOW), before);
	ck_assert_uint_eq(lab(&host.client, VFU_LAB_OFF_NEXT), VFU_LAB_NEVER);
	advance(&host.client, before + 12345);
	ck_assert_uint_eq(lab(&host.client, VFU_LAB_OFF_NOW), before + 12345);
	ck_assert_int_eq(raw_write(&host.client, VFU_REGION_LAB, 8, &bad, 8), EINVAL);
	ck_assert_int_eq(raw_write(&host.client, VFU_REGION_LAB, 16, &bad, 4), EINVAL);
	ck_assert_int_eq(raw_read(&host.client, VFU_REGION_LAB, 4, &bad, 4), EINVAL);
	ck_assert_int_eq(raw_read(&host.client, VFU_REGION_LAB, 60, &bad, 8), EINVAL);
	raw_host_close(&host);
}
END_TEST

/* Each read moves onto the shadow doorbells that there is one more, and that one was read. */
static void feed_doorbells(struct raw_host *host)
{
	const struct nvme_sqe one_by_one = { .opcode = NVME_ADMIN_SET_FEATURES,
					     .cdw10 = nvme_le32(NVME_FID_ARBITRATION) };
	const struct nvme_sqe dbbuf = { .opcode = NVME_ADMIN_DBBUF_CONFIG,
					.prp1 = nvme_le64(RAW_DATA_IOVA),
					.prp2 = nvme_le64(RAW_DATA_IOVA + 4096) };

	for (uint32_t i = 0; i < RAW_ENTRIES; i++) {
		memset(host->data, 0, 4096);
		nvme_store_le32(host->data + 8, (i + 3) % RAW_ENTRIES);
		nvme_store_le32(host->data + 12, i);
		ck_assert_uint_eq(raw_command(host, 1, raw_io(NVME_CMD_WRITE, i * 8, 8, 0)), 0);
	}
	/* As many as the queue has slots: it begins where it began. */
	ck_assert_uint_eq(host->ring[1].tail, 0);
	ck_assert_uint_eq(raw_command(host, 0, one_by_one), 0);
	ck_assert_uint_eq(raw_command(host, 0, dbbuf), 0);
	for (uint32_t i = 0; i < RAW_ENTRIES; i++) {
		struct nvme_sqe sqe = raw_io(NVME_CMD_READ, i * 8, 8, 0);

		raw_fill(host, 1, &sqe);
	}
	nvme_store_le32(host->data + 8, 2);
	raw_write32(&host->client, NVME_DOORBELL_OFFSET + 8, 2);
}

START_TEST(work_that_feeds_itself_keeps_nobody_from_being_answered)
{
	/* Base 2.0 5.8, unverified: shadow doorbells, which commands of the host write to */
	struct raw_host host;
	struct raw_host other;

	raw_host_connect(&host, &server, RAW_JSON);
	raw_host_enable(&host);
	feed_doorbells(&host);
	ck_assert_uint_eq(raw_read32(&host.client, NVME_REG_CSTS) & 1, 1);
	raw_host_close(&host);
	raw_host_connect(&other, &server, RAW_JSON);
	ck_assert_uint_eq(raw_read32(&other.client, NVME_REG_VS), 0x20000);
	raw_host_close(&other);
}
END_TEST

START_TEST(each_register_access_is_a_tick_without_the_lab)
{
	struct raw_host host;
	uint64_t before;

	raw_host_connect(&host, &server, RAW_JSON);
	before = lab(&host.client, VFU_LAB_OFF_NOW);
	raw_host_close(&host);
	raw_host_connect(&host, &server, RAW_JSON);
	raw_read32(&host.client, NVME_REG_VS);
	raw_write32(&host.client, NVME_REG_AQA, 0);
	ck_assert_uint_eq(lab(&host.client, VFU_LAB_OFF_NOW), before + 2000);
	raw_host_close(&host);
}
END_TEST

/* The same messages to a new server, which traces into @path. */
static void trace_scenario(const char *path, char *text, size_t size)
{
	const char *const args[] = { "--clock", "virtual", "--trace", path, NULL };
	struct raw_server traced;
	struct raw_host host;
	size_t bytes;
	FILE *file;

	raw_server_start(&traced, args, 0);
	raw_host_connect(&host, &traced, RAW_JSON);
	raw_host_enable(&host);
	memset(host.data, 0x3c, 4096);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_WRITE, 9, 8, 0)), 0);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_READ, 9, 8, 8192)), 0);
	ck_assert_uint_ne(raw_command(&host, 1, raw_io(NVME_CMD_READ, 1ull << 40, 8, 0)), 0);
	raw_host_close(&host);
	ck_assert_int_eq(raw_server_end(&traced), 0);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	bytes = fread(text, 1, size - 1, file);
	text[bytes] = '\0';
	fclose(file);
	unlink(path);
}

START_TEST(the_same_messages_give_the_same_trace)
{
	static char first[1 << 16];
	static char second[1 << 16];
	char path[64];

	snprintf(path, sizeof(path), "/tmp/nvmelab-hostile.%d.trace", (int)getpid());
	trace_scenario(path, first, sizeof(first));
	trace_scenario(path, second, sizeof(second));
	ck_assert_ptr_nonnull(strstr(first, "cqe.post"));
	ck_assert_str_eq(first, second);
}
END_TEST

/* BAR0 in shared memory altogether. */

/* All of BAR0 that can be mapped, from offset 0 on. */
static volatile uint8_t *map_registers(struct raw_client *client)
{
	struct vfu_region_info info = { .argsz = 4096 };
	char reply[4096];
	void *page;

	ck_assert_int_eq(raw_call(client, VFU_DEVICE_GET_REGION_INFO, &info, sizeof(info), NULL, 0,
				  reply, sizeof(reply)),
			 0);
	page = mmap(NULL, 0x2000, PROT_READ | PROT_WRITE, MAP_SHARED, client->received_fd, 0);
	ck_assert_ptr_ne(page, MAP_FAILED);
	return page;
}

static void store32(volatile uint8_t *bar, uint32_t offset, uint32_t value)
{
	__atomic_store_n((volatile uint32_t *)(volatile void *)(bar + offset), value,
			 __ATOMIC_RELEASE);
}

static uint32_t load32(const volatile uint8_t *bar, uint32_t offset)
{
	return __atomic_load_n((const volatile uint32_t *)(const volatile void *)(bar + offset),
			       __ATOMIC_ACQUIRE);
}

START_TEST(a_host_may_know_loads_and_stores_only)
{
	const uint16_t command = 0x0406;
	volatile uint8_t *bar;
	struct raw_host host;

	raw_host_connect(&host, &server, RAW_JSON);
	bar = map_registers(&host.client);
	ck_assert_int_eq(raw_write(&host.client, VFU_REGION_CONFIG, 4, &command, 2), 0);
	ck_assert_uint_eq(load32(bar, NVME_REG_VS), 0x00020000);
	store32(bar, NVME_REG_AQA, 31 << 16 | 31);
	store32(bar, NVME_REG_ASQ, RAW_QUEUE_IOVA);
	store32(bar, NVME_REG_ACQ, RAW_QUEUE_IOVA + 4096);
	store32(bar, NVME_REG_CC, 0x00460001);
	while (!(load32(bar, NVME_REG_CSTS) & 1))
		continue; /* Check's time limit ends it. */
	ck_assert_uint_eq(raw_command(&host, 0,
				      (struct nvme_sqe){ .opcode = 0x06, /* Identify controller */
							 .prp1 = nvme_le64(RAW_DATA_IOVA),
							 .cdw10 = nvme_le32(1) }),
			  0);
	ck_assert_mem_eq(host.data + 4, "NVMELAB0001", 11);
	store32(bar, NVME_REG_CC, 0x00460000);
	while (load32(bar, NVME_REG_CSTS) & 1)
		continue;
	munmap((void *)(uintptr_t)bar, 0x2000);
	raw_host_close(&host);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name, void (*begin)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_unchecked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 240);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static Suite *talk(void)
{
	Suite *suite = suite_create("talk");
	TCase *tcase = add_case(suite, "messages", start);

	tcase_add_test(tcase, a_full_eventfd_delays_nobody);
	tcase_add_test(tcase, a_vector_without_eventfd_is_signalled_when_it_has_one);
	tcase_add_test(tcase, eventfds_and_mappings_survive_a_device_reset);
	tcase_add_test(tcase, a_client_that_reads_nothing_is_not_read_from);
	tcase_add_test(tcase, a_second_client_waits_for_its_turn);
	tcase_add_test(tcase, enable_may_be_toggled_without_waiting);
	tcase_add_loop_test(tcase, a_bad_enable_is_the_clients_trouble_alone, 0,
			    (int)(sizeof(bad_enables) / sizeof(bad_enables[0])));
	tcase = add_case(suite, "virtual time", start_virtual);
	tcase_add_test(tcase, a_queue_whose_memory_returns_goes_on);
	tcase_add_test(tcase, a_queue_whose_memory_stays_away_is_fatal);
	tcase_add_test(tcase, time_stands_still_in_the_lab);
	tcase_add_test(tcase, work_that_feeds_itself_keeps_nobody_from_being_answered);
	tcase_add_test(tcase, each_register_access_is_a_tick_without_the_lab);
	tcase_add_test(tcase, the_same_messages_give_the_same_trace);
	tcase = add_case(suite, "shared BAR0", start_shared);
	tcase_add_test(tcase, a_host_may_know_loads_and_stores_only);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ talk }, 1);
}
