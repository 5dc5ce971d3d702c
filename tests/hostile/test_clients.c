/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Clients that die in the middle of I/O, and clients whose memory goes away: the emulator goes on,
 * and so does the next client.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/hostile/host.h"

#define DEATHS		   100
#define DATA_TRANSFER_FAIL 0x04
#define STATUS_CODE	   0x7ff /* SCT and SC of a status */

static struct raw_server server;
static char medium[64];

static void start(void)
{
	raw_server_start(&server, NULL, 0);
}

/* A file, so that requests are under way when their client dies. */
static void start_with_file(void)
{
	static char spec[128];
	const char *const args[] = { "--ns", spec, NULL };

	snprintf(medium, sizeof(medium), "/tmp/nvmelab-hostile.%d.medium", (int)getpid());
	snprintf(spec, sizeof(spec), "size=16M,file=%s", medium);
	raw_server_start(&server, args, 0);
}

static void end(void)
{
	ck_assert_int_eq(raw_server_end(&server), 0);
	if (medium[0])
		unlink(medium);
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

/* Dying. */

/* A client that is killed, by itself, right after it rang for 31 commands. */
static void die_in_the_middle(unsigned int turn)
{
	const char *json = turn % 2 ? RAW_JSON : NULL;
	struct raw_host host;
	struct nvme_sqe sqe;

	raw_host_connect(&host, &server, json);
	raw_host_enable(&host);
	for (unsigned int i = 0; i + 1 < RAW_ENTRIES; i++) {
		sqe = raw_io(i % 2 ? NVME_CMD_READ : NVME_CMD_WRITE, 16 * i, 16, 8192 * i);
		raw_fill(&host, 1, &sqe);
	}
	raw_ring(&host, 1);
	kill(getpid(), SIGKILL);
}

static void kill_clients(unsigned int deaths)
{
	struct raw_client client;
	unsigned int fds;

	raw_open(&client, &server);
	fds = raw_server_fds(&server);
	raw_disconnect(&client);
	for (unsigned int i = 0; i < deaths; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			die_in_the_middle(i);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	raw_open(&client, &server);
	ck_assert_uint_eq(raw_server_fds(&server), fds);
	raw_disconnect(&client);
	expect_io_works(NULL);
}

START_TEST(a_hundred_clients_killed_in_the_middle_leave_nothing)
{
	kill_clients(DEATHS);
}
END_TEST

START_TEST(the_same_with_requests_on_their_way_to_a_file)
{
	kill_clients(DEATHS);
}
END_TEST

/* Memory that goes away. */

START_TEST(truncated_data_ends_in_data_transfer_error)
{
	/* NVM 1.0 3.2.4: a command whose data cannot be moved fails; nothing else does. */
	const uint8_t opcode = _i % 2 ? NVME_CMD_READ : NVME_CMD_WRITE;
	struct raw_host host;

	raw_host_connect(&host, &server, _i / 2 ? RAW_JSON : NULL);
	raw_host_enable(&host);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(opcode, 0, 16, 0)), 0);
	ck_assert_int_eq(ftruncate(host.data_fd, 0), 0);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(opcode, 0, 16, 0)) & STATUS_CODE,
			  DATA_TRANSFER_FAIL);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(opcode, 0, 8, 65536)) & STATUS_CODE,
			  DATA_TRANSFER_FAIL);
	ck_assert(raw_works(&host.client));
	raw_host_close(&host);
	expect_io_works(NULL);
}
END_TEST

START_TEST(truncated_queues_end_nobody_else)
{
	struct raw_host host;
	struct nvme_sqe sqe = raw_io(NVME_CMD_WRITE, 0, 8, 0);

	raw_host_connect(&host, &server, _i ? RAW_JSON : NULL);
	raw_host_enable(&host);
	raw_fill(&host, 1, &sqe);
	ck_assert_int_eq(ftruncate(host.queue_fd, 0), 0);
	raw_ring(&host, 1);
	ck_assert(raw_works(&host.client));
	raw_host_close(&host);
	expect_io_works(NULL);
}
END_TEST

START_TEST(a_hole_in_memory_reads_as_zeros)
{
	struct raw_host host;

	raw_host_connect(&host, &server, NULL);
	raw_host_enable(&host);
	memset(host.data, 0xff, 4096);
	ck_assert_int_eq(fallocate(host.data_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
				   RAW_DATA_BYTES),
			 0);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_WRITE, 3, 8, 0)), 0);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_READ, 3, 8, 4096)), 0);
	ck_assert_uint_eq(host.data[4096], 0);
	raw_host_close(&host);
}
END_TEST

START_TEST(memory_comes_and_goes_under_a_running_controller)
{
	struct raw_host host;

	raw_host_connect(&host, &server, NULL);
	raw_host_enable(&host);
	for (unsigned int i = 0; i < 1000; i++) {
		ck_assert_int_eq(raw_unmap(&host.client, RAW_QUEUE_IOVA, RAW_QUEUE_BYTES), 0);
		ck_assert_int_eq(
			raw_map(&host.client, RAW_QUEUE_IOVA, RAW_QUEUE_BYTES, host.queue_fd, 0),
			0);
		if (i % 10 == 0)
			ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_READ, 0, 8, 0)), 0);
	}
	raw_host_close(&host);
}
END_TEST

START_TEST(our_own_doorbells_as_host_memory_are_accepted)
{
	/* QEMU maps the doorbell page back to us, without a descriptor, when BAR0 moves. */
	struct raw_host host;

	raw_host_connect(&host, &server, NULL);
	raw_host_enable(&host);
	ck_assert_int_eq(raw_map(&host.client, 0xfe001000, 4096, -1, 0), 0);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_READ, 0, 8, 0)), 0);
	ck_assert_int_eq(raw_unmap(&host.client, 0xfe001000, 4096), 0);
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

static Suite *clients(void)
{
	Suite *suite = suite_create("clients");
	TCase *tcase = add_case(suite, "memory", start);

	tcase_add_test(tcase, a_hundred_clients_killed_in_the_middle_leave_nothing);
	tcase_add_loop_test(tcase, truncated_data_ends_in_data_transfer_error, 0, 4);
	tcase_add_loop_test(tcase, truncated_queues_end_nobody_else, 0, 2);
	tcase_add_test(tcase, a_hole_in_memory_reads_as_zeros);
	tcase_add_test(tcase, memory_comes_and_goes_under_a_running_controller);
	tcase_add_test(tcase, our_own_doorbells_as_host_memory_are_accepted);
	tcase = add_case(suite, "file", start_with_file);
	tcase_add_test(tcase, the_same_with_requests_on_their_way_to_a_file);
	tcase_add_loop_test(tcase, truncated_data_ends_in_data_transfer_error, 0, 4);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ clients }, 1);
}
