/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Command identifiers that are in use (Base 2.0 3.3.3.1, unverified): with the key cid_check the
 * controller refuses the second command, without it the host is on its own.
 */
#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define CHECKED "cid_check=true"

static struct th_host *with_read_under_way(const char *keys)
{
	struct th_host *h = th_enabled(.io_queues = 2, .slow_media = true, .controller = keys);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 7, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	return h;
}

START_TEST(an_identifier_in_use_is_refused_and_free_when_its_command_ended)
{
	/* Base 2.0 3.3.3.1 and 3.3.3.2.1: the first command is not disturbed. */
	struct th_host *h = with_read_under_way(CHECKED);
	uint64_t page = th_alloc(h, 4096);

	th_io(h, 1, .opcode = NVME_CMD_WRITE, .cid = 7, .nsid = 1, .prp1 = page);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 7, .sc = NVME_SC_COMMAND_ID_CONFLICT, .retry = true);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 7);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 7, .nsid = 1);
	th_run(h);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 7);
	th_free(h);
}
END_TEST

START_TEST(each_queue_has_identifiers_of_its_own)
{
	/* Base 2.0 3.3.3.1: unique together with the queue. */
	struct th_host *h = with_read_under_way(CHECKED);

	th_io(h, 2, .opcode = NVME_CMD_READ, .cid = 7, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_admin(h, .opcode = NVME_ADMIN_GET_FEATURES, .cid = 7, .cdw10 = 1);
	th_run(h);
	th_expect_cqe(h, .cid = 7, .dw0 = 5);
	th_media(h, 0, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 7);
	th_expect_cqe(h, .cqid = 2, .cid = 7);
	th_free(h);
}
END_TEST

START_TEST(a_waiting_event_request_keeps_its_identifier)
{
	/* Base 2.0 5.2: it is outstanding for as long as nothing happens. */
	struct th_host *h = th_enabled(.controller = CHECKED);

	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 9);
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_GET_FEATURES, .cid = 9, .cdw10 = 1);
	th_run(h);
	th_expect_cqe(h, .cid = 9, .sc = NVME_SC_COMMAND_ID_CONFLICT, .retry = true);
	th_free(h);
}
END_TEST

START_TEST(two_commands_of_one_doorbell_conflict_too)
{
	/* Base 2.0 3.3.3.1: the first one in the queue is the one that counts. */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = CHECKED);
	uint64_t page = th_alloc(h, 4096);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 3, .nsid = 1, .prp1 = page);
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 3, .nsid = 1, .prp1 = page);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 3, .sc = NVME_SC_COMMAND_ID_CONFLICT, .retry = true);
	th_expect_cqe(h, .cqid = 1, .cid = 3);
	th_free(h);
}
END_TEST

START_TEST(without_the_key_nobody_looks)
{
	/* Base 2.0 3.3.3.1: a controller need not detect it. */
	struct th_host *h = with_read_under_way(NULL);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 7, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_media(h, 0, 0);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 7);
	th_expect_cqe(h, .cqid = 1, .cid = 7);
	th_free(h);
}
END_TEST

static Suite *identifiers(void)
{
	Suite *suite = suite_create("identifiers");
	TCase *tcase = tcase_create("identifiers");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_identifier_in_use_is_refused_and_free_when_its_command_ended);
	tcase_add_test(tcase, each_queue_has_identifiers_of_its_own);
	tcase_add_test(tcase, a_waiting_event_request_keeps_its_identifier);
	tcase_add_test(tcase, two_commands_of_one_doorbell_conflict_too);
	tcase_add_test(tcase, without_the_key_nobody_looks);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { identifiers };

	return th_main(suites, 1);
}
