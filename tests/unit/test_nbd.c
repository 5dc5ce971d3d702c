/* SPDX-License-Identifier: BSD-3-Clause */
/* Network block devices: what servers cannot do, and what becomes of requests without one. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/unit/medium.h"
#include "tests/unit/nbd_server.h"

#define BLOCKS	 4096u
#define FOREVER	 (UINT64_C(3600) * 1000000000)
#define BRIEFLY	 1000000u /* 1 ms */
#define IN_TURNS 6

static struct th_medium m;
static struct th_nbd_server server;
static uint8_t data[1 << 16];
static uint8_t meta[4096];
static char sentence[1024];

static void start_asynchronous(void)
{
	th_medium_start(&m, false);
	th_nbd_listen(&server);
}

static void start_synchronous(void)
{
	th_medium_start(&m, true);
	th_nbd_listen(&server);
}

static void end(void)
{
	th_medium_end(&m);
	th_nbd_end(&server);
}

static int open_export(struct emu_geometry geometry, uint64_t patience_nsec)
{
	const struct emu_nbd_options options = { .uri = server.uri,
						 .geometry = geometry,
						 .patience_nsec = patience_nsec };
	struct nvme_text error;
	int result;

	nvme_text_init(&error, sentence, sizeof(sentence));
	result = emu_nbd_open(&m.host, &options, &m.backend, &error);
	if (result)
		m.backend = NULL;
	return result;
}

static void start_file_server(void)
{
	th_nbd_start(&server, (const char *const[]){ "file", m.path, NULL });
}

/* A server whose data outlives it. */
static void open_kept(uint64_t patience_nsec)
{
	FILE *file = fopen(m.path, "w");

	ck_assert_ptr_nonnull(file);
	fclose(file);
	ck_assert_int_eq(truncate(m.path, BLOCKS * 512), 0);
	start_file_server();
	ck_assert_msg(open_export((struct emu_geometry){ BLOCKS, 9, 0 }, patience_nsec) == 0, "%s",
		      sentence);
}

static int move(enum emu_media_op op, uint64_t slba, uint32_t nlb, bool fua)
{
	return th_medium_do(&m, (struct emu_media){ .op = op,
						    .slba = slba,
						    .nlb = nlb,
						    .data = data,
						    .meta = m.backend->geometry.ms ? meta : NULL,
						    .fua = fua });
}

static int flush(void)
{
	return th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_FLUSH });
}

static int submit(uint32_t tag, enum emu_media_op op, uint64_t slba)
{
	const struct emu_media media = { .tag = tag,
					 .op = op,
					 .nsid = 1,
					 .slba = slba,
					 .nlb = op == EMU_MEDIA_FLUSH ? 0 : 8,
					 .lbads = 9,
					 .data = data };

	return th_medium_submit(&m, &media);
}

/* Requests that a server has got and does not answer. */
static void submit_to_nobody(unsigned int writes)
{
	th_nbd_stop(&server);
	th_medium_fill(data, sizeof(data), 9);
	for (uint32_t tag = 0; tag < writes; tag++)
		ck_assert_int_eq(submit(tag, EMU_MEDIA_WRITE, tag * 8), EMU_PENDING);
	m.backend->ops->poll(m.backend);
	ck_assert_uint_eq(m.backend->pending, writes);
}

static void expect_data(uint64_t slba, uint32_t seed)
{
	static uint8_t expected[4096];

	th_medium_fill(expected, sizeof(expected), seed);
	memset(data, 0, sizeof(data));
	ck_assert_int_eq(move(EMU_MEDIA_READ, slba, 8, false), 0);
	ck_assert_mem_eq(data, expected, sizeof(expected));
}

static const char *const servers[][TH_NBD_ARGS] = {
	{ "memory", "64M" },
	{ "--filter=nozero", "memory", "64M" },
	{ "--filter=nozero", "memory", "64M", "zeromode=notrim" },
	{ "--filter=fua", "memory", "64M" },
	{ "--filter=fua", "--filter=noextents", "memory", "64M", "fuamode=emulate" },
	{ "--no-sr", "--filter=blocksize-policy", "memory", "64M", "blocksize-minimum=1" },
};

START_TEST(servers_of_all_abilities_do)
{
	th_nbd_start(&server, servers[_i]);
	ck_assert_msg(open_export((struct emu_geometry){ 0, 12, 16 }, FOREVER) == 0, "%s",
		      sentence);
	ck_assert_uint_eq(m.backend->geometry.blocks, (64 << 20) / (4096 + 16));
	th_medium_fill(data, sizeof(data), 3);
	th_medium_fill(meta, sizeof(meta), 4);
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 5, 16, true), 0);
	ck_assert_int_eq(flush(), 0);
	ck_assert_int_eq(move(EMU_MEDIA_DEALLOCATE, 6, 2, true), 0);
	ck_assert_int_eq(move(EMU_MEDIA_WRITE_ZEROES, 9, 1, true), 0);
	ck_assert_int_eq(flush(), 0);
	memset(data, 0xee, sizeof(data));
	ck_assert_int_eq(move(EMU_MEDIA_READ, 5, 16, true), 0);
	ck_assert_uint_ne(data[4095] | data[4094] | meta[15] | meta[14], 0);
	for (unsigned int i = 0; i < 8192; i++)
		ck_assert_uint_eq(data[4096 + i] | meta[16 + i % 32] | data[4 * 4096 + i % 4096],
				  0);
	ck_assert_uint_ne(data[3 * 4096] | data[3 * 4096 + 1], 0);
}
END_TEST

START_TEST(what_the_server_calls_a_hole_is_deallocated)
{
	struct emu_media_status status;

	th_nbd_start(&server, servers[0]);
	ck_assert_int_eq(open_export((struct emu_geometry){ BLOCKS, 12, 0 }, FOREVER), 0);
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 1000, 16, false), 0);
	m.backend->ops->close(m.backend);
	ck_assert_int_eq(open_export((struct emu_geometry){ BLOCKS, 12, 0 }, FOREVER), 0);
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_STATUS,
							      .nlb = BLOCKS,
							      .ret_status = &status }),
			 0);
	/* Its pages are 32 KiB. */
	ck_assert(status.nlb == 1000 && !status.allocated);
	ck_assert_int_eq(th_medium_do(&m, (struct emu_media){ .op = EMU_MEDIA_STATUS,
							      .slba = 1000,
							      .nlb = BLOCKS - 1000,
							      .ret_status = &status }),
			 0);
	ck_assert(status.nlb == 16 && status.allocated);
}
END_TEST

START_TEST(requests_that_a_killed_server_had_are_sent_to_the_next)
{
	open_kept(FOREVER);
	submit_to_nobody(IN_TURNS);
	th_nbd_kill(&server);
	m.backend->ops->poll(m.backend);
	ck_assert_uint_eq(m.backend->pending, IN_TURNS);
	ck_assert_int_eq(submit(IN_TURNS, EMU_MEDIA_WRITE, IN_TURNS * 8), EMU_PENDING);
	start_file_server();
	th_medium_wait(&m);
	for (uint32_t tag = 0; tag <= IN_TURNS; tag++)
		ck_assert_int_eq(m.results[tag], 0);
	for (uint32_t tag = 0; tag <= IN_TURNS; tag++)
		expect_data(tag * 8, 9);
}
END_TEST

START_TEST(nothing_beside_a_lost_flush_is_sent_again)
{
	open_kept(FOREVER);
	th_nbd_stop(&server);
	ck_assert_int_eq(submit(0, EMU_MEDIA_WRITE, 0), EMU_PENDING);
	ck_assert_int_eq(submit(1, EMU_MEDIA_FLUSH, 0), EMU_PENDING);
	ck_assert_int_eq(submit(2, EMU_MEDIA_READ, 8), EMU_PENDING);
	m.backend->ops->poll(m.backend);
	th_nbd_kill(&server);
	th_medium_wait(&m);
	for (uint32_t tag = 0; tag < 3; tag++)
		ck_assert_int_eq(m.results[tag], -ENOTCONN);
	start_file_server();
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 0, 8, false), 0);
	ck_assert_int_eq(flush(), 0);
}
END_TEST

START_TEST(the_flush_after_a_loss_fails_when_answered_writes_may_be_gone)
{
	open_kept(FOREVER);
	th_medium_fill(data, sizeof(data), 5);
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 0, 8, false), 0);
	th_nbd_kill(&server);
	start_file_server();
	expect_data(0, 5);
	ck_assert_int_eq(flush(), -ENOTCONN);
	ck_assert_int_eq(flush(), 0);
	/* Writes that a flush had covered, or that were durable by themselves, are safe. */
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 8, 8, false), 0);
	ck_assert_int_eq(flush(), 0);
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 16, 8, true), 0);
	th_nbd_kill(&server);
	start_file_server();
	ck_assert_int_eq(flush(), 0);
}
END_TEST

START_TEST(without_a_server_requests_fail_in_the_end_and_work_again_with_one)
{
	open_kept(BRIEFLY);
	th_nbd_kill(&server);
	ck_assert_int_eq(move(EMU_MEDIA_WRITE, 0, 8, false), -ENOTCONN);
	ck_assert_int_eq(move(EMU_MEDIA_READ, 0, 8, false), -ENOTCONN);
	ck_assert_int_eq(
		th_medium_do(&m,
			     (struct emu_media){ .op = EMU_MEDIA_FORMAT, .lbads = 9, .blocks = 8 }),
		-ENOTCONN);
	start_file_server();
	/* A device polls when the timer makes itself heard. Check's time limit ends it. */
	while (move(EMU_MEDIA_WRITE, 0, 8, false) != 0)
		m.backend->ops->poll(m.backend);
	ck_assert_int_eq(move(EMU_MEDIA_READ, 0, 8, false), 0);
}
END_TEST

START_TEST(a_request_that_waits_for_a_server_can_be_given_up)
{
	open_kept(FOREVER);
	submit_to_nobody(2);
	th_nbd_kill(&server);
	m.backend->ops->cancel(m.backend, 1);
	while (m.answers == 0)
		m.backend->ops->poll(m.backend);
	ck_assert_int_eq(m.results[1], -ECANCELED);
	ck_assert_int_eq(m.results[0], EMU_PENDING);
	start_file_server();
	th_medium_wait(&m);
	ck_assert_int_eq(m.results[0], 0);
}
END_TEST

START_TEST(closing_does_not_wait_for_a_server_that_is_gone)
{
	open_kept(FOREVER);
	submit_to_nobody(3);
	th_nbd_kill(&server);
	m.backend->ops->close(m.backend);
	m.backend = NULL;
	ck_assert_uint_eq(m.answers, 0);
}
END_TEST

static void expect_refused(struct emu_geometry geometry, int result, const char *says)
{
	ck_assert_int_eq(open_export(geometry, FOREVER), result);
	ck_assert_msg(strstr(sentence, says) && strstr(sentence, server.uri), "%s", sentence);
}

START_TEST(an_export_that_will_not_do_is_named)
{
	th_nbd_start(&server, (const char *const[]){ "memory", "1M", NULL });
	expect_refused((struct emu_geometry){ 2048, 9, 8 }, -EINVAL,
		       "more than the 1048576 bytes of the export");
	th_nbd_kill(&server);
	th_nbd_start(&server, (const char *const[]){ "memory", "100", NULL });
	expect_refused((struct emu_geometry){ 0, 9, 0 }, -EINVAL, "too small");
	th_nbd_kill(&server);
	th_nbd_start(&server, (const char *const[]){ "-r", "memory", "1M", NULL });
	expect_refused((struct emu_geometry){ 0, 9, 0 }, -EROFS, "read-only");
	th_nbd_kill(&server);
	th_nbd_start(&server, (const char *const[]){ "--filter=blocksize-policy", "memory", "1M",
						     "blocksize-minimum=4096",
						     "blocksize-error-policy=error", NULL });
	expect_refused((struct emu_geometry){ 0, 9, 0 }, -EINVAL, "multiples of 4096 bytes");
	expect_refused((struct emu_geometry){ 0, 12, 8 }, -EINVAL, "metadata needs 1");
	ck_assert_int_eq(open_export((struct emu_geometry){ 0, 12, 0 }, FOREVER), 0);
}
END_TEST

START_TEST(no_server_is_named)
{
	close(server.listener);
	expect_refused((struct emu_geometry){ 0, 9, 0 }, -ECONNREFUSED, "refused");
	unlink(server.socket);
	expect_refused((struct emu_geometry){ 0, 9, 0 }, -ENOENT, "No such file");
	snprintf(server.uri, sizeof(server.uri), "ftp://example.invalid/");
	expect_refused((struct emu_geometry){ 0, 9, 0 }, -EINVAL, "ftp");
}
END_TEST

static TCase *make_case(Suite *suite, const char *name, void (*begin)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, servers_of_all_abilities_do, 0,
			    (int)(sizeof(servers) / sizeof(servers[0])));
	tcase_add_test(tcase, what_the_server_calls_a_hole_is_deallocated);
	tcase_add_test(tcase, the_flush_after_a_loss_fails_when_answered_writes_may_be_gone);
	tcase_add_test(tcase, without_a_server_requests_fail_in_the_end_and_work_again_with_one);
	tcase_add_test(tcase, an_export_that_will_not_do_is_named);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static Suite *nbd(void)
{
	Suite *suite = suite_create("nbd");
	TCase *tcase;

	if (th_nbd_missing())
		return suite;
	make_case(suite, "nbd, synchronous", start_synchronous);
	tcase = make_case(suite, "nbd, asynchronous", start_asynchronous);
	tcase_add_test(tcase, requests_that_a_killed_server_had_are_sent_to_the_next);
	tcase_add_test(tcase, nothing_beside_a_lost_flush_is_sent_again);
	tcase_add_test(tcase, a_request_that_waits_for_a_server_can_be_given_up);
	tcase_add_test(tcase, closing_does_not_wait_for_a_server_that_is_gone);
	tcase_add_test(tcase, no_server_is_named);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ nbd }, 1);
}
