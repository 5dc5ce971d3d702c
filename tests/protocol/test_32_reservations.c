/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reservations: registrants, types and what they allow, release, report. Each of four controllers
 * is a host of its own unless a test says otherwise. Base 2.0 8.19.
 */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/main.h"
#include "tests/protocol/resv.h"

START_TEST(a_host_without_an_identifier_is_nobody)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_enabled(.io_queues = 1);

	ck_assert_uint_eq(th_register(h, 0, 0, 1), NVME_SC_COMMAND_SEQUENCE_ERROR);
	ck_assert_uint_eq(th_acquire(h, 0, 1, 0, WE), NVME_SC_COMMAND_SEQUENCE_ERROR);
	ck_assert_uint_eq(th_release(h, 0, 1, WE), NVME_SC_COMMAND_SEQUENCE_ERROR);
	th_free(h);
}
END_TEST

START_TEST(identify_offers_every_type)
{
	/* Base 2.0 5.17.2.1 (unverified): ONCS bit 5; RESCAP; log 80h is there. */
	struct th_host *h = th_hosts(NULL);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);
	const struct nvme_id_ns *ns = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert(NVME_GET(nvme_cpu16(id->oncs), NVME_ID_CTRL_ONCS_RESERVATIONS));
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .nsid = 1, .cdw10 = NVME_CNS_NS);
	ck_assert_uint_eq(ns->rescap, 0xff);
	th_free(h);
}
END_TEST

static const char *const without[] = { "reservations=false", "host_id=false", "vs=1.0" };

START_TEST(without_reservations_nothing_tells_of_them)
{
	/* Base 2.0 5.17.2.1 (unverified) */
	struct th_host *h = th_enabled(.io_queues = 1, .controller = without[_i]);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);
	const struct nvme_id_ns *ns = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert(!NVME_GET(nvme_cpu16(id->oncs), NVME_ID_CTRL_ONCS_RESERVATIONS));
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .nsid = 1, .cdw10 = NVME_CNS_NS);
	ck_assert_uint_eq(ns->rescap, 0);
	ck_assert_uint_eq(th_register(h, 0, 0, 1), NVME_SC_INVALID_OPCODE);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				  .cdw10 = NVME_LID_RESERVATION | 15 << 16),
			  NVME_SC_INVALID_LOG_PAGE);
	th_free(h);
}
END_TEST

START_TEST(registering_twice_needs_the_same_key)
{
	/* Base 2.0 7.3 (unverified): the same key is no error, another one is a conflict. */
	struct th_host *h = th_hosts(NULL);

	ck_assert_uint_eq(th_register(h, REGISTER, 0, 7), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_register(h, REGISTER, 0, 7), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_register(h, REGISTER, 0, 8), NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_report(h)->regctl[0], 1);
	ck_assert_uint_eq(th_key(h, 0), 7);
	th_free(h);
}
END_TEST

START_TEST(unregistering_needs_the_key_or_ignores_it)
{
	/* Base 2.0 7.3 (unverified): IEKEY. */
	struct th_host *h = th_hosts(NULL);

	ck_assert_uint_eq(th_register(h, UNREGISTER, 7, 0), NVME_SC_RESERVATION_CONFLICT);
	th_register(h, REGISTER, 0, 7);
	ck_assert_uint_eq(th_register(h, UNREGISTER, 8, 0), NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_register(h, UNREGISTER, 7, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_report(h)->regctl[0], 0);
	th_register(h, REGISTER, 0, 7);
	ck_assert_uint_eq(th_register(h, UNREGISTER | IEKEY, 99, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_report(h)->regctl[0], 0);
	ck_assert_uint_eq(th_register(h, UNREGISTER | IEKEY, 0, 0), NVME_SC_RESERVATION_CONFLICT);
	th_free(h);
}
END_TEST

START_TEST(replacing_needs_the_key_or_ignores_it)
{
	/* Base 2.0 7.3 (unverified): with IEKEY whether the host is registered or not. */
	struct th_host *h = th_hosts(NULL);

	ck_assert_uint_eq(th_register(h, REPLACE, 0, 5), NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_register(h, REPLACE | IEKEY, 0, 5), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_key(h, 0), 5);
	ck_assert_uint_eq(th_register(h, REPLACE, 4, 6), NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_register(h, REPLACE, 5, 6), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_key(h, 0), 6);
	ck_assert_uint_eq(th_register(h, REPLACE | IEKEY, 1, 7), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_key(h, 0), 7);
	ck_assert_uint_eq(th_register(h, REPLACE, 7, 0), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

static const uint32_t bad_register[] = { 3, 4, 7, 1u << 30 };
static const uint32_t bad_acquire[] = { 3, 7, IEKEY, 0, 7 << 8, 255 << 8 };
static const uint32_t bad_release[] = { 2, 7, IEKEY };

START_TEST(bad_fields_are_named_and_change_nothing)
{
	/* Base 2.0 7.2, 7.3, 7.4 (unverified) */
	struct th_host *h = th_hosts(NULL);

	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(th_register(h, bad_register[i], 0, 7), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_register(h, REGISTER, 0, 0), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 0);
	th_register(h, REGISTER, 0, 7);
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t type = i < 3 ? WE << 8 : 0;

		ck_assert_uint_eq(th_keys(h, NVME_CMD_RESV_ACQUIRE, bad_acquire[i] | type, 7, 0),
				  NVME_SC_INVALID_FIELD);
	}
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(th_keys(h, NVME_CMD_RESV_RELEASE, bad_release[i] | WE << 8, 7, 0),
				  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_report(h)->rtype, 0);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 1);
	th_free(h);
}
END_TEST

START_TEST(a_namespace_that_is_not_there_cannot_be_reserved)
{
	/* Base 2.0 3.2.1.2 */
	struct th_host *h = th_hosts(NULL);

	for (uint32_t i = 0; i < 4; i++) {
		static const uint8_t opcodes[] = { NVME_CMD_RESV_REGISTER, NVME_CMD_RESV_ACQUIRE,
						   NVME_CMD_RESV_RELEASE, NVME_CMD_RESV_REPORT };

		ck_assert_uint_eq(th_code_io(h, 1, .opcode = opcodes[i], .nsid = 2,
					     .prp1 = th_alloc(h, 4096)),
				  NVME_SC_INVALID_FIELD);
		ck_assert_uint_eq(th_code_io(h, 1, .opcode = opcodes[i], .nsid = 0xffffffff,
					     .prp1 = th_alloc(h, 4096)),
				  NVME_SC_INVALID_NS);
	}
	th_free(h);
}
END_TEST

/* What each may do: holder, registrant, not registered; 1 read, 2 write (Base 2.0 8.19). */
static const struct {
	uint8_t type, holder, registrant, other;
} access[] = {
	{ WE, 3, 1, 1 },   { EA, 3, 0, 0 },   { WERO, 3, 3, 1 },
	{ EARO, 3, 3, 0 }, { WEAR, 3, 3, 1 }, { EAAR, 3, 3, 0 },
};
#define TYPES (int)(sizeof(access) / sizeof(access[0]))

static void check_access(struct th_host *h, uint32_t ctrl, uint8_t may)
{
	uint64_t page = th_alloc(h, 4096);

	th_ctrl(h, ctrl);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = page),
			  may & 1 ? NVME_SC_SUCCESS : NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = page),
			  may & 2 ? NVME_SC_SUCCESS : NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1),
			  may & 2 ? NVME_SC_SUCCESS : NVME_SC_RESERVATION_CONFLICT);
}

START_TEST(each_type_allows_what_its_row_says)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_hosts(NULL);

	th_register(h, REGISTER, 0, 10);
	th_ctrl(h, 1);
	th_register(h, REGISTER, 0, 11);
	th_ctrl(h, 0);
	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 10, 0, access[_i].type), NVME_SC_SUCCESS);
	check_access(h, 0, access[_i].holder);
	check_access(h, 1, access[_i].registrant);
	check_access(h, 2, access[_i].other);
	th_ctrl(h, 0);
	ck_assert_uint_eq(th_release(h, RELEASE, 10, access[_i].type), NVME_SC_SUCCESS);
	for (uint32_t ctrl = 0; ctrl < 3; ctrl++)
		check_access(h, ctrl, 3);
	th_free(h);
}
END_TEST

START_TEST(a_reservation_is_of_one_namespace)
{
	/* Base 2.0 8.19 */
	struct th_host *h = th_hosts(NULL);

	th_register(h, REGISTER, 0, 10);
	th_acquire(h, ACQUIRE, 10, 0, EA);
	th_ctrl(h, 1);
	ck_assert_uint_eq(
		th_code_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 3, .prp1 = th_alloc(h, 4096)),
		NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(all_controllers_of_a_host_are_the_same_registrant)
{
	/* Base 2.0 8.19: hosts are told apart by their identifiers. */
	struct th_host *h = th_hosts(NULL);

	th_ctrl(h, 1);
	th_set_host(h, 100); /* As controller 0. */
	th_ctrl(h, 0);
	th_register(h, REGISTER, 0, 10);
	th_acquire(h, ACQUIRE, 10, 0, EA);
	check_access(h, 1, 3);
	check_access(h, 2, 0);
	th_ctrl(h, 1);
	ck_assert_uint_eq(th_report(h)->regctl[0], 2);
	ck_assert_uint_eq(th_release(h, RELEASE, 10, EA), NVME_SC_SUCCESS);
	check_access(h, 2, 3);
	th_free(h);
}
END_TEST

START_TEST(only_a_registrant_acquires_and_only_once)
{
	/* Base 2.0 7.2 (unverified) */
	struct th_host *h = th_hosts(NULL);

	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 10, 0, WE), NVME_SC_RESERVATION_CONFLICT);
	th_register(h, REGISTER, 0, 10);
	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 9, 0, WE), NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 10, 0, WE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 10, 0, WE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 10, 0, EA), NVME_SC_RESERVATION_CONFLICT);
	th_ctrl(h, 1);
	th_register(h, REGISTER, 0, 11);
	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 11, 0, WE), NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_report(h)->rtype, WE);
	th_free(h);
}
END_TEST

START_TEST(with_a_type_for_all_every_registrant_holds_it)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_hosts(NULL);

	th_register(h, REGISTER, 0, 10);
	th_acquire(h, ACQUIRE, 10, 0, WEAR);
	th_ctrl(h, 1);
	th_register(h, REGISTER, 0, 11);
	ck_assert_uint_eq(th_acquire(h, ACQUIRE, 11, 0, WEAR), NVME_SC_SUCCESS);
	ck_assert(th_holds(h, 0) && th_holds(h, 1));
	/* The first one goes: the other still holds it. */
	th_ctrl(h, 0);
	th_register(h, UNREGISTER, 10, 0);
	ck_assert_uint_eq(th_report(h)->rtype, WEAR);
	check_access(h, 0, 1);
	check_access(h, 1, 3);
	/* The last one goes, and the reservation with it. */
	th_ctrl(h, 1);
	th_register(h, UNREGISTER, 11, 0);
	ck_assert_uint_eq(th_report(h)->rtype, 0);
	th_free(h);
}
END_TEST

START_TEST(unregistering_the_holder_releases)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_hosts(NULL);

	th_ctrl(h, 1);
	th_register(h, REGISTER, 0, 11);
	th_ctrl(h, 0);
	th_register(h, REGISTER, 0, 10);
	th_acquire(h, ACQUIRE, 10, 0, EA);
	th_ctrl(h, 1);
	th_register(h, UNREGISTER, 11, 0);
	ck_assert_uint_eq(th_report(h)->rtype, EA);
	th_ctrl(h, 0);
	ck_assert(th_holds(h, 0));
	th_register(h, UNREGISTER, 10, 0);
	ck_assert_uint_eq(th_report(h)->rtype, 0);
	check_access(h, 2, 3);
	th_free(h);
}
END_TEST

START_TEST(release_is_the_holders_and_of_its_type)
{
	/* Base 2.0 7.4 (unverified): of another host it is no error and changes nothing. */
	struct th_host *h = th_hosts(NULL);

	th_register(h, REGISTER, 0, 10);
	ck_assert_uint_eq(th_release(h, RELEASE, 10, WE), NVME_SC_SUCCESS);
	th_acquire(h, ACQUIRE, 10, 0, WE);
	th_ctrl(h, 1);
	ck_assert_uint_eq(th_release(h, RELEASE, 11, WE), NVME_SC_RESERVATION_CONFLICT);
	th_register(h, REGISTER, 0, 11);
	ck_assert_uint_eq(th_release(h, RELEASE, 11, WE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_report(h)->rtype, WE);
	th_ctrl(h, 0);
	ck_assert_uint_eq(th_release(h, RELEASE, 9, WE), NVME_SC_RESERVATION_CONFLICT);
	ck_assert_uint_eq(th_release(h, RELEASE, 10, EA), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_release(h, RELEASE, 10, WE), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_report(h)->rtype, 0);
	th_free(h);
}
END_TEST

START_TEST(clear_takes_all_registrants_away)
{
	/* Base 2.0 7.4 (unverified): by any registrant. */
	struct th_host *h = th_hosts(NULL);

	th_register(h, REGISTER, 0, 10);
	th_acquire(h, ACQUIRE, 10, 0, EA);
	th_ctrl(h, 1);
	ck_assert_uint_eq(th_release(h, CLEAR, 11, 0), NVME_SC_RESERVATION_CONFLICT);
	th_register(h, REGISTER, 0, 11);
	ck_assert_uint_eq(th_release(h, CLEAR, 11, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_report(h)->regctl[0], 0);
	ck_assert_uint_eq(th_report(h)->rtype, 0);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 3);
	check_access(h, 2, 3);
	th_free(h);
}
END_TEST

START_TEST(the_generation_counts_registrations_only)
{
	/* Base 2.0 7.5 (unverified) */
	struct th_host *h = th_hosts(NULL);

	th_register(h, REGISTER, 0, 10);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 1);
	th_acquire(h, ACQUIRE, 10, 0, WE);
	th_release(h, RELEASE, 10, WE);
	th_register(h, REGISTER, 0, 11); /* a conflict */
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 1);
	th_register(h, REPLACE, 10, 11);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 2);
	th_register(h, UNREGISTER, 11, 0);
	ck_assert_uint_eq(nvme_cpu32(th_report(h)->gen), 3);
	th_free(h);
}
END_TEST

START_TEST(the_report_has_an_entry_for_each_controller)
{
	/* Base 2.0 7.5 (unverified) */
	struct th_host *h = th_hosts(NULL);
	const struct nvme_registered_ctrl *entry;

	th_register(h, REGISTER, 0, 10);
	th_acquire(h, ACQUIRE, 10, 0, WE);
	th_ctrl(h, 2);
	th_register(h, REGISTER, 0, 12);
	entry = (const void *)(th_report(h) + 1);
	ck_assert_uint_eq(nvme_cpu16(entry[0].cntlid), 1);
	ck_assert_uint_eq(entry[0].rcsts, 1);
	ck_assert_uint_eq(nvme_cpu64(entry[0].hostid), 100);
	ck_assert_uint_eq(nvme_cpu64(entry[0].rkey), 10);
	ck_assert_uint_eq(nvme_cpu16(entry[1].cntlid), 3);
	ck_assert_uint_eq(entry[1].rcsts, 0);
	ck_assert_uint_eq(nvme_cpu64(entry[1].hostid), 102);
	ck_assert_uint_eq(nvme_cpu64(entry[1].rkey), 12);
	/* The host of controller 0 forgets who it is: its registration has no controller. */
	th_ctrl(h, 0);
	th_write32(h, NVME_REG_CC, 4 << 20 | 6 << 16);
	th_run(h);
	th_ctrl(h, 2);
	entry = (const void *)(th_report(h) + 1);
	ck_assert_uint_eq(nvme_cpu16(entry[0].cntlid), 0xffff);
	ck_assert_uint_eq(nvme_cpu64(entry[0].rkey), 10);
	th_free(h);
}
END_TEST

START_TEST(a_short_report_ends_where_the_host_wants)
{
	/* Base 2.0 7.5: NUMD. */
	struct th_host *h = th_hosts(NULL);
	uint64_t page = th_alloc(h, 4096);
	uint8_t *data = th_ptr(h, page);

	th_register(h, REGISTER, 0, 10);
	memset(data, 0xee, 64);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_RESV_REPORT, .nsid = 1, .prp1 = page,
				     .cdw10 = 7),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(data[5], 1);
	ck_assert_uint_eq(nvme_load_le16(data + 24), 1);
	ck_assert_uint_eq(data[31], 0);
	ck_assert_uint_eq(data[32], 0xee);
	th_free(h);
}
END_TEST

START_TEST(the_form_of_the_report_is_that_of_the_identifiers)
{
	/* Base 2.0 7.5: EDS, Host Identifier Inconsistent Format. */
	struct th_host *h = th_enabled(.io_queues = 1);
	uint64_t page = th_alloc(h, 4096), id = th_alloc(h, 4096);
	const struct nvme_registered_ctrl_ext *entry = th_ptr(h, page + 64);

	memset(th_ptr(h, id), 0x77, 16);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x81, .cdw11 = 1, .prp1 = id);
	th_register(h, REGISTER, 0, 10);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_RESV_REPORT, .nsid = 1, .prp1 = page,
				     .cdw10 = 255),
			  NVME_SC_HOST_ID_INCONSISTENT);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_RESV_REPORT, .nsid = 1, .prp1 = page,
				     .cdw10 = 255, .cdw11 = 1),
			  NVME_SC_SUCCESS);
	ck_assert_mem_eq(entry->hostid, th_ptr(h, id), 16);
	ck_assert_uint_eq(nvme_cpu64(entry->rkey), 10);
	ck_assert_uint_eq(nvme_cpu16(entry->cntlid), 1);
	th_free(h);
}
END_TEST

START_TEST(with_short_identifiers_the_extended_form_is_refused)
{
	/* Base 2.0 7.5 */
	struct th_host *h = th_hosts(NULL);

	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_RESV_REPORT, .nsid = 1,
				     .prp1 = th_alloc(h, 4096), .cdw10 = 63, .cdw11 = 1),
			  NVME_SC_HOST_ID_INCONSISTENT);
	th_free(h);
}
END_TEST

START_TEST(a_registered_host_cannot_change_its_identifier)
{
	/* Base 2.0 5.27.1.25: Command Sequence Error (unverified). */
	struct th_host *h = th_hosts(NULL);
	uint64_t id = th_alloc(h, 4096);

	nvme_store_le64(th_ptr(h, id), 55);
	th_register(h, REGISTER, 0, 10);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x81, .prp1 = id),
			  NVME_SC_COMMAND_SEQUENCE_ERROR);
	th_register(h, UNREGISTER, 10, 0);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x81, .prp1 = id);
	th_free(h);
}
END_TEST

START_TEST(a_reset_keeps_registrations_and_the_host_finds_them_again)
{
	/* Base 2.0 8.19 (unverified) */
	struct th_host *h = th_hosts(NULL);

	th_register(h, REGISTER, 0, 10);
	th_acquire(h, ACQUIRE, 10, 0, EA);
	th_write32(h, NVME_REG_CC, 4 << 20 | 6 << 16);
	th_run(h);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	check_access(h, 0, 0); /* It has not said who it is. */
	th_ctrl(h, 0);
	th_set_host(h, 100);
	check_access(h, 0, 3);
	th_free(h);
}
END_TEST

static Suite *reservations(void)
{
	Suite *suite = suite_create("reservations");
	TCase *tcase = tcase_create("reservations");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_host_without_an_identifier_is_nobody);
	tcase_add_test(tcase, identify_offers_every_type);
	tcase_add_loop_test(tcase, without_reservations_nothing_tells_of_them, 0, 3);
	tcase_add_test(tcase, registering_twice_needs_the_same_key);
	tcase_add_test(tcase, unregistering_needs_the_key_or_ignores_it);
	tcase_add_test(tcase, replacing_needs_the_key_or_ignores_it);
	tcase_add_test(tcase, bad_fields_are_named_and_change_nothing);
	tcase_add_test(tcase, a_namespace_that_is_not_there_cannot_be_reserved);
	tcase_add_loop_test(tcase, each_type_allows_what_its_row_says, 0, TYPES);
	tcase_add_test(tcase, a_reservation_is_of_one_namespace);
	tcase_add_test(tcase, all_controllers_of_a_host_are_the_same_registrant);
	tcase_add_test(tcase, only_a_registrant_acquires_and_only_once);
	tcase_add_test(tcase, with_a_type_for_all_every_registrant_holds_it);
	tcase_add_test(tcase, unregistering_the_holder_releases);
	tcase_add_test(tcase, release_is_the_holders_and_of_its_type);
	tcase_add_test(tcase, clear_takes_all_registrants_away);
	tcase_add_test(tcase, the_generation_counts_registrations_only);
	tcase_add_test(tcase, the_report_has_an_entry_for_each_controller);
	tcase_add_test(tcase, a_short_report_ends_where_the_host_wants);
	tcase_add_test(tcase, the_form_of_the_report_is_that_of_the_identifiers);
	tcase_add_test(tcase, with_short_identifiers_the_extended_form_is_refused);
	tcase_add_test(tcase, a_registered_host_cannot_change_its_identifier);
	tcase_add_test(tcase, a_reset_keeps_registrations_and_the_host_finds_them_again);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { reservations };

	return th_main(suites, 1);
}
