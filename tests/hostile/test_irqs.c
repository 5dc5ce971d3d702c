/* SPDX-License-Identifier: BSD-3-Clause */
/* INTx and MSI as a client sees them: counts, eventfds, masks that set themselves. */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/le.h"
#include "common/ring.h"
#include "emulator/app/server.h"
#include "tests/harness/main.h"
#include "tests/hostile/host.h"

#define COMMAND	    0x04
#define STATUS	    0x06
#define INTX_STATUS 0x8u
#define MSI_CONTROL 0x4a
#define MSI_MASK    0x58
#define PATIENCE    60000 /* milliseconds, of a machine that has other things to do */

#define SET(data, action) (VFU_SET_IRQS_DATA_##data | VFU_SET_IRQS_ACTION_##action)

static struct raw_server server;

static void start(void)
{
	raw_server_start(&server, NULL, 0);
}

static void end(void)
{
	ck_assert_int_eq(raw_server_end(&server), 0);
}

static void config16(struct raw_host *host, uint32_t offset, uint16_t value)
{
	ck_assert_int_eq(raw_write(&host->client, VFU_REGION_CONFIG, offset, &value, 2), 0);
}

static uint16_t status(struct raw_host *host)
{
	uint16_t value;

	ck_assert_int_eq(raw_read(&host->client, VFU_REGION_CONFIG, STATUS, &value, 2), 0);
	return value & INTX_STATUS;
}

/* SET_IRQS of one interrupt, with @fd or -1 for none. */
static void set_irq(struct raw_host *host, uint32_t index, uint32_t number, uint32_t flags, int fd)
{
	struct vfu_set_irqs set = { sizeof(set), flags, index, number, 1 };

	ck_assert_int_eq(raw_set_irqs(&host->client, set, NULL, 0, fd < 0 ? NULL : &fd, fd >= 0),
			 0);
}

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	ck_assert_int_ge(fd, 0);
	return fd;
}

/* How often @fd was signalled since the last look; waits for the first time when @wait. */
static uint64_t signals(int fd, bool wait)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	eventfd_t count = 0;

	if (wait)
		ck_assert_int_eq(poll(&in, 1, PATIENCE), 1);
	if (eventfd_read(fd, &count) < 0)
		return 0;
	return count;
}

/* A command whose completion stays unread; the next message finds it done. */
static void submit(struct raw_host *host)
{
	const struct nvme_sqe alive = { .opcode = NVME_ADMIN_KEEP_ALIVE };

	raw_fill(host, 0, &alive);
	raw_ring(host, 0);
	ck_assert(raw_works(&host->client));
}

/* Reads all completions of the admin queue and moves its head. */
static void consume(struct raw_host *host)
{
	struct nvme_cqe cqe;

	while (raw_poll(host, 0, &cqe))
		ck_assert_uint_eq(nvme_cpu16(cqe.status) >> 1, 0);
	raw_write32(&host->client, 0x1004, host->ring[0].head);
}

static void expect_info(struct raw_host *host, uint32_t index, uint32_t count, uint32_t flags)
{
	struct vfu_irq_info info = { .argsz = sizeof(info), .index = index };

	ck_assert_int_eq(raw_call(&host->client, VFU_DEVICE_GET_IRQ_INFO, &info, sizeof(info), NULL,
				  0, &info, sizeof(info)),
			 0);
	ck_assert_uint_eq(info.count, count);
	ck_assert_uint_eq(info.flags, flags);
}

START_TEST(every_kind_of_interrupt_is_offered)
{
	struct raw_host host;

	raw_host_connect(&host, &server, RAW_JSON);
	expect_info(&host, VFU_IRQ_INTX, 1,
		    VFU_IRQ_EVENTFD | VFU_IRQ_MASKABLE | VFU_IRQ_AUTOMASKED);
	expect_info(&host, VFU_IRQ_MSI, 32, VFU_IRQ_EVENTFD);
	expect_info(&host, VFU_IRQ_MSIX, 64, VFU_IRQ_EVENTFD);
	raw_host_close(&host);
}
END_TEST

START_TEST(what_is_not_configured_is_not_offered)
{
	const char *const args[] = { "--controller", "intx=false,msi=false,msix=false", NULL };
	struct raw_server bare;
	struct raw_host host;
	uint8_t pin = 1;

	raw_server_start(&bare, args, 0);
	raw_host_connect(&host, &bare, RAW_JSON);
	for (uint32_t index = VFU_IRQ_INTX; index <= VFU_IRQ_MSIX; index++)
		expect_info(&host, index, 0, 0);
	ck_assert_int_eq(raw_read(&host.client, VFU_REGION_CONFIG, 0x3d, &pin, 1), 0);
	ck_assert_uint_eq(pin, 0);
	raw_host_close(&host);
	ck_assert_int_eq(raw_server_end(&bare), 0);
}
END_TEST

/* A host that is up, with INTx allowed. */
static void enable_intx(struct raw_host *host)
{
	raw_host_connect(host, &server, RAW_JSON);
	raw_host_enable(host);
	consume(host);
	config16(host, COMMAND, 0x0006);
}

START_TEST(intx_is_told_once_and_again_after_unmask)
{
	/* The level stays, telling masks it: VFIO's automask. */
	struct raw_host host;
	int fd = new_eventfd();

	enable_intx(&host);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	submit(&host);
	ck_assert_uint_eq(signals(fd, true), 1);
	ck_assert(status(&host));
	submit(&host);
	ck_assert_uint_eq(signals(fd, false), 0);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(NONE, UNMASK), -1); /* not served yet */
	ck_assert_uint_eq(signals(fd, true), 1);
	consume(&host);
	ck_assert(!status(&host));
	set_irq(&host, VFU_IRQ_INTX, 0, SET(NONE, UNMASK), -1);
	ck_assert_uint_eq(signals(fd, false), 0);
	submit(&host);
	ck_assert_uint_eq(signals(fd, true), 1);
	raw_host_close(&host);
	close(fd);
}
END_TEST

START_TEST(intx_can_be_masked_by_the_client)
{
	const uint8_t yes = 1, no = 0;
	struct vfu_set_irqs set = { sizeof(set), SET(BOOL, UNMASK), VFU_IRQ_INTX, 0, 1 };
	struct raw_host host;
	int fd = new_eventfd();

	enable_intx(&host);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(NONE, MASK), -1);
	submit(&host);
	ck_assert_uint_eq(signals(fd, false), 0);
	ck_assert_int_eq(raw_set_irqs(&host.client, set, &no, 1, NULL, 0), 0);
	ck_assert_uint_eq(signals(fd, false), 0);
	ck_assert_int_eq(raw_set_irqs(&host.client, set, &yes, 1, NULL, 0), 0);
	ck_assert_uint_eq(signals(fd, true), 1);
	raw_host_close(&host);
	close(fd);
}
END_TEST

START_TEST(an_eventfd_of_the_client_takes_the_mask_away)
{
	/* What KVM calls resampling. */
	struct raw_host host;
	int fd = new_eventfd(), unmask = new_eventfd();

	enable_intx(&host);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, UNMASK), unmask);
	submit(&host);
	ck_assert_uint_eq(signals(fd, true), 1);
	eventfd_write(unmask, 1);
	ck_assert_uint_eq(signals(fd, true), 1); /* still asserted */
	consume(&host);
	eventfd_write(unmask, 1);
	submit(&host);
	ck_assert_uint_eq(signals(fd, true), 1);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, UNMASK), -1);
	eventfd_write(unmask, 1); /* nobody listens to it any more */
	ck_assert(raw_works(&host.client));
	ck_assert_uint_eq(signals(fd, false), 0);
	raw_host_close(&host);
	close(fd);
	close(unmask);
}
END_TEST

/* A posted write of the head of the admin completion queue, as the bytes of a message. */
struct posted_head {
	struct vfu_header header;
	struct vfu_region_access access;
	uint32_t head;
} __attribute__((packed));

/* Reads the completion that is there in the admin queue; Return: the new head, not yet rung. */
static uint32_t take_one(struct raw_host *host)
{
	struct raw_ring *ring = &host->ring[0];
	uint16_t status = nvme_cpu16(ring->cq[ring->head].status);

	ck_assert_uint_eq(status, ring->phase);
	ring->head = (ring->head + 1) % RAW_ENTRIES;
	ring->phase = ring->phase != (ring->head == 0);
	return ring->head;
}

static struct posted_head posted_head(struct raw_host *host)
{
	return (struct posted_head){
		.header = { .command = VFU_REGION_WRITE,
			    .msg_size = sizeof(struct posted_head),
			    .flags = VFU_FLAG_COMMAND | VFU_FLAG_NO_REPLY },
		.access = { .offset = 0x1004, .region = VFU_REGION_BAR0, .count = 4 },
		.head = take_one(host),
	};
}

START_TEST(a_posted_doorbell_counts_before_the_unmask_behind_it)
{
	/* What QEMU sends when a guest has served the device; nothing is asserted then. */
	struct {
		struct posted_head posted;
		struct vfu_header header;
		struct vfu_set_irqs unmask;
	} __attribute__((packed)) both = {
		.header = { .command = VFU_DEVICE_SET_IRQS,
			    .msg_size = sizeof(struct vfu_header) + sizeof(struct vfu_set_irqs),
			    .flags = VFU_FLAG_COMMAND },
		.unmask = { sizeof(struct vfu_set_irqs), SET(NONE, UNMASK), VFU_IRQ_INTX, 0, 1 },
	};
	struct vfu_header reply;
	struct raw_host host;
	int fd = new_eventfd();

	enable_intx(&host);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	for (unsigned int i = 0; i < 100; i++) {
		submit(&host);
		ck_assert_uint_eq(signals(fd, true), 1);
		both.posted = posted_head(&host);
		ck_assert(raw_send_raw(&host.client, &both, sizeof(both), NULL, 0));
		ck_assert_int_eq(raw_receive(&host.client, &reply, NULL, 0), 0);
		ck_assert(raw_works(&host.client) && raw_works(&host.client));
		ck_assert_uint_eq(signals(fd, false), 0);
	}
	raw_host_close(&host);
	close(fd);
}
END_TEST

START_TEST(a_posted_doorbell_counts_before_the_eventfd_that_unmasks)
{
	/* Resampling: the guest ends its interrupt after it rang. */
	struct raw_host host;
	int fd = new_eventfd(), unmask = new_eventfd();

	enable_intx(&host);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, UNMASK), unmask);
	for (unsigned int i = 0; i < 100; i++) {
		struct posted_head posted;

		submit(&host);
		ck_assert_uint_eq(signals(fd, true), 1);
		posted = posted_head(&host);
		ck_assert(raw_send_raw(&host.client, &posted, sizeof(posted), NULL, 0));
		eventfd_write(unmask, 1);
		ck_assert(raw_works(&host.client) && raw_works(&host.client));
		ck_assert_uint_eq(signals(fd, false), 0);
	}
	raw_host_close(&host);
	close(fd);
	close(unmask);
}
END_TEST

START_TEST(a_head_in_the_page_counts_before_the_unmask)
{
	/* --bar0 doorbells: nothing is rung, the server has to look. */
	const char *const args[] = { "--bar0", "doorbells", NULL };
	struct raw_server shared;
	struct raw_host host;
	int fd = new_eventfd();

	raw_server_start(&shared, args, 0);
	raw_host_connect(&host, &shared, RAW_JSON);
	ck_assert_ptr_nonnull((const void *)(uintptr_t)host.doorbells);
	raw_host_enable(&host);
	consume(&host);
	config16(&host, COMMAND, 0x0006);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	for (unsigned int i = 0; i < 100; i++) {
		submit(&host);
		ck_assert_uint_eq(signals(fd, true), 1);
		nvme_store_doorbell(host.doorbells + 4, take_one(&host));
		set_irq(&host, VFU_IRQ_INTX, 0, SET(NONE, UNMASK), -1);
		ck_assert(raw_works(&host.client) && raw_works(&host.client));
		ck_assert_uint_eq(signals(fd, false), 0);
	}
	raw_host_close(&host);
	ck_assert_int_eq(raw_server_end(&shared), 0);
	close(fd);
}
END_TEST

START_TEST(what_was_told_and_not_heard_is_taken_back)
{
	/* When the write that served the device is answered; not from who would wait for it. */
	struct raw_host host;
	int fd = eventfd(0, EFD_CLOEXEC | (_i ? EFD_NONBLOCK : 0));
	struct pollfd in = { .fd = fd, .events = POLLIN };
	eventfd_t count;

	enable_intx(&host);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	for (unsigned int i = 0; i < 20; i++) {
		submit(&host);
		ck_assert_int_eq(poll(&in, 1, PATIENCE), 1);
		consume(&host);
		ck_assert_int_eq(poll(&in, 1, 0), !_i);
		if (!_i)
			ck_assert_int_eq(eventfd_read(fd, &count), 0);
		set_irq(&host, VFU_IRQ_INTX, 0, SET(NONE, UNMASK), -1);
	}
	raw_host_close(&host);
	close(fd);
}
END_TEST

/* The flags of a BAR that is not there. */
static uint32_t flags_of_bar1(const char *controller)
{
	const char *const args[] = { "--controller", controller, NULL };
	struct vfu_region_info info = { .argsz = sizeof(info), .index = VFU_REGION_BAR1 };
	struct raw_server one;
	struct raw_client client;

	raw_server_start(&one, args, 0);
	raw_open(&client, &one);
	ck_assert_int_eq(raw_call(&client, VFU_DEVICE_GET_REGION_INFO, &info, sizeof(info), NULL, 0,
				  &info, sizeof(info)),
			 0);
	ck_assert_uint_eq(info.size, 0);
	ck_assert_uint_eq(info.argsz, sizeof(info));
	raw_disconnect(&client);
	ck_assert_int_eq(raw_server_end(&one), 0);
	return info.flags;
}

START_TEST(writes_wait_where_there_is_nothing_but_intx)
{
	/* QEMU posts them unless some region can be mapped. */
	ck_assert_uint_eq(flags_of_bar1("msix=false,msi=false"), VFU_REGION_MAPPABLE);
	ck_assert_uint_eq(flags_of_bar1("msix=false,msi=false,intx=false"), 0);
	ck_assert_uint_eq(flags_of_bar1("msix=false"), 0);
	ck_assert_uint_eq(flags_of_bar1("msi=false"), 0);
}
END_TEST

START_TEST(intx_that_is_asserted_is_told_to_who_asks_later)
{
	struct raw_host host;
	int fd = new_eventfd();

	enable_intx(&host);
	submit(&host);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	ck_assert_uint_eq(signals(fd, true), 1);
	config16(&host, COMMAND, 0x0406); /* Interrupt Disable */
	set_irq(&host, VFU_IRQ_INTX, 0, SET(NONE, UNMASK), -1);
	ck_assert_uint_eq(signals(fd, false), 0);
	raw_host_close(&host);
	close(fd);
}
END_TEST

START_TEST(msi_messages_are_told_to_their_eventfds)
{
	struct raw_host host;
	int fd = new_eventfd();
	uint32_t mask = 1;

	raw_host_connect(&host, &server, RAW_JSON);
	raw_host_enable(&host);
	consume(&host);
	set_irq(&host, VFU_IRQ_MSI, 0, SET(EVENTFD, TRIGGER), fd);
	config16(&host, MSI_CONTROL, 1);
	submit(&host);
	ck_assert_uint_eq(signals(fd, true), 1);
	consume(&host);
	raw_write(&host.client, VFU_REGION_CONFIG, MSI_MASK, &mask, 4);
	submit(&host);
	ck_assert_uint_eq(signals(fd, false), 0);
	mask = 0;
	raw_write(&host.client, VFU_REGION_CONFIG, MSI_MASK, &mask, 4);
	ck_assert_uint_eq(signals(fd, true), 1);
	consume(&host);
	set_irq(&host, VFU_IRQ_MSI, 0, SET(EVENTFD, TRIGGER), -1);
	submit(&host); /* nobody is told */
	ck_assert_uint_eq(signals(fd, false), 0);
	set_irq(&host, VFU_IRQ_MSI, 0, SET(EVENTFD, TRIGGER), fd);
	ck_assert_uint_eq(signals(fd, true), 1);
	raw_host_close(&host);
	close(fd);
}
END_TEST

START_TEST(the_next_client_inherits_no_line)
{
	struct raw_host host;
	int fd = new_eventfd();

	enable_intx(&host);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	submit(&host);
	ck_assert_uint_eq(signals(fd, true), 1);
	raw_host_close(&host);
	raw_host_connect(&host, &server, RAW_JSON);
	set_irq(&host, VFU_IRQ_INTX, 0, SET(EVENTFD, TRIGGER), fd);
	config16(&host, COMMAND, 0x0006);
	ck_assert(!status(&host));
	ck_assert_uint_eq(signals(fd, false), 0);
	raw_host_close(&host);
	close(fd);
}
END_TEST

START_TEST(a_strict_function_is_hidden_until_the_host_asks_for_memory)
{
	/* PCI Local Bus 3.0 6.2.2; --strict-pci */
	const char *const args[] = { "--strict-pci", NULL };
	struct raw_server strict;
	struct raw_host host;

	raw_server_start(&strict, args, 0);
	raw_host_connect(&host, &strict, RAW_JSON);
	ck_assert_uint_eq(raw_read32(&host.client, NVME_REG_VS), UINT32_MAX);
	config16(&host, COMMAND, 0x0006);
	ck_assert_uint_eq(raw_read32(&host.client, NVME_REG_VS), 0x20000);
	raw_host_enable(&host);
	raw_host_close(&host);
	ck_assert_int_eq(raw_server_end(&strict), 0);
}
END_TEST

static void *stop(void *arg)
{
	emu_server_stop(arg);
	return NULL;
}

START_TEST(a_server_is_stopped_from_another_thread)
{
	char folder[] = "/tmp/nvmelab-stop-XXXXXX";
	char path[64];
	const char *const paths[] = { path };
	const struct emu_server_options options = { .paths = paths, .count = 1 };
	struct emu_server *own;
	struct emu_config config;
	struct nvme_text error;
	char sentence[256];
	pthread_t thread;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/cntrl", folder);
	nvme_text_init(&error, sentence, sizeof(sentence));
	emu_config_init(&config);
	ck_assert_int_eq(emu_server_new(&config, NULL, 0, &options, &own, &error), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, stop, own), 0);
	ck_assert_int_eq(emu_server_run(own), 0);
	pthread_join(thread, NULL);
	emu_server_free(own);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static Suite *irqs(void)
{
	Suite *suite = suite_create("interrupts of a client");
	TCase *tcase = tcase_create("interrupts");

	tcase_set_timeout(tcase, 120);
	tcase_add_unchecked_fixture(tcase, start, end);
	tcase_add_test(tcase, every_kind_of_interrupt_is_offered);
	tcase_add_test(tcase, what_is_not_configured_is_not_offered);
	tcase_add_test(tcase, intx_is_told_once_and_again_after_unmask);
	tcase_add_test(tcase, intx_can_be_masked_by_the_client);
	tcase_add_test(tcase, an_eventfd_of_the_client_takes_the_mask_away);
	tcase_add_test(tcase, a_posted_doorbell_counts_before_the_unmask_behind_it);
	tcase_add_test(tcase, a_posted_doorbell_counts_before_the_eventfd_that_unmasks);
	tcase_add_test(tcase, a_head_in_the_page_counts_before_the_unmask);
	tcase_add_loop_test(tcase, what_was_told_and_not_heard_is_taken_back, 0, 2);
	tcase_add_test(tcase, writes_wait_where_there_is_nothing_but_intx);
	tcase_add_test(tcase, intx_that_is_asserted_is_told_to_who_asks_later);
	tcase_add_test(tcase, msi_messages_are_told_to_their_eventfds);
	tcase_add_test(tcase, the_next_client_inherits_no_line);
	tcase_add_test(tcase, a_strict_function_is_hidden_until_the_host_asks_for_memory);
	tcase_add_test(tcase, a_server_is_stopped_from_another_thread);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { irqs };

	return th_main(suites, 1);
}
