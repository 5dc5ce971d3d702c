/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Performance Characteristics, feature 1Ch (NVM 1.1 4.1.3.7): the class of latency, the list of the
 * vendor's attributes, and the one that there is, C1h: how long I/O commands take at least.
 */
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define MICROSECOND 1000ull
#define SECOND	    1000000000ull
#define SAVE	    (1u << 31)
#define SEL(n)	    ((uint32_t)(n) << 8)
#define RVSPA	    (1u << 8)
#define SHARED	    UINT32_MAX /* number of the record of features of all */
#define KEYS	    "perf=true,service_time=80us"

static struct th_host *timed(void)
{
	return th_enabled(.controller = KEYS, .io_queues = 1);
}

static const void *get(struct th_host *h, uint32_t sel, uint32_t attribute)
{
	uint64_t page = th_alloc(h, 4096);

	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .prp1 = page,
				.cdw10 = NVME_FID_PERF_CHARACTERISTICS | SEL(sel),
				.cdw11 = attribute),
			  attribute);
	return th_ptr(h, page);
}

static uint8_t class_of(struct th_host *h)
{
	const struct nvme_perf_standard *standard = get(h, 0, NVME_PERF_STANDARD);

	return standard->r4karl;
}

static uint64_t time_in(struct th_host *h, uint32_t sel)
{
	const struct nvme_perf_vendor *attribute = get(h, sel, NVME_PERF_VENDOR_FIRST);

	ck_assert_uint_eq(nvme_cpu16(attribute->attrl), 8);
	return nvme_load_le64(attribute->vs);
}

/* The attribute as it is, with another time. */
static uint64_t changed(struct th_host *h, uint64_t nsec)
{
	uint64_t page = th_alloc(h, 4096);
	struct nvme_perf_vendor *attribute = th_ptr(h, page);

	memcpy(attribute, get(h, 0, NVME_PERF_VENDOR_FIRST), sizeof(*attribute));
	nvme_store_le64(attribute->vs, nsec);
	return page;
}

static uint16_t set(struct th_host *h, uint64_t page, uint32_t flags, uint32_t cdw11)
{
	return th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .prp1 = page,
		       .cdw10 = NVME_FID_PERF_CHARACTERISTICS | flags, .cdw11 = cdw11);
}

/* A read takes exactly so long. */
static void expect_read_time(struct th_host *h, uint64_t nsec)
{
	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 9, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	if (nsec) {
		th_time(h, nsec - 1);
		th_expect_none(h, 1);
		th_time(h, 1);
	}
	th_expect_cqe(h, .cqid = 1, .cid = 9);
}

START_TEST(the_class_of_latency_is_that_of_the_service_time)
{
	/* NVM 1.1 4.1.3.7.1, Figure 102: each class begins where the one before ends. */
	static const struct {
		const char *keys;
		uint8_t class;
	} rows[] = {
		{ "perf=true", 0x00 },
		{ "perf=true,service_time=10s", 0x03 },
		{ "perf=true,service_time=9999ms", 0x04 },
		{ "perf=true,service_time=5s", 0x04 },
		{ "perf=true,service_time=1s", 0x05 },
		{ "perf=true,service_time=999ms", 0x06 },
		{ "perf=true,service_time=100us", 0x0d },
		{ "perf=true,service_time=99us", 0x0e },
		{ "perf=true,service_time=50us", 0x0e },
		{ "perf=true,service_time=49us", 0x0f },
		{ "perf=true,service_time=10us", 0x0f },
		{ "perf=true,service_time=5us", 0x10 },
		{ "perf=true,service_time=1us", 0x11 },
		{ "perf=true,service_time=500ns", 0x12 },
		{ "perf=true,service_time=1ns", 0x17 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct th_host *h = th_enabled(.controller = rows[i].keys);

		ck_assert_msg(class_of(h) == rows[i].class, "%s: %02x", rows[i].keys, class_of(h));
		th_free(h);
	}
}
END_TEST

START_TEST(the_list_names_the_attribute_of_each_kind)
{
	/* NVM 1.1 4.1.3.7.2, Figure 103: current, default and saved ones. */
	struct th_host *h = timed();
	const struct nvme_perf_list *list = get(h, (uint32_t)_i, NVME_PERF_LIST);
	const struct nvme_perf_vendor *attribute = get(h, (uint32_t)_i, NVME_PERF_VENDOR_FIRST);
	static const uint8_t none[16];

	ck_assert_uint_eq(list->attrtyp, (unsigned int)_i);
	ck_assert_uint_eq(list->msvspa, 1);
	ck_assert_uint_eq(list->usvspa, 1);
	ck_assert_mem_eq(list->paid[0], attribute->paid, 16);
	ck_assert_mem_ne(list->paid[0], none, 16);
	for (unsigned int i = 1; i < NVME_PERF_VENDOR_ATTRIBUTES; i++)
		ck_assert_mem_eq(list->paid[i], none, 16);
	ck_assert_uint_eq(nvme_load_le64(attribute->vs), 80 * MICROSECOND);
	th_free(h);
}
END_TEST

START_TEST(a_service_time_that_is_saved_is_what_commands_take)
{
	/* NVM 1.1 4.1.3.7.3: and it outlives power. */
	struct th_host *h = timed();

	expect_read_time(h, 80 * MICROSECOND);
	ck_assert_uint_eq(set(h, changed(h, 3 * MICROSECOND), SAVE, NVME_PERF_VENDOR_FIRST), 0);
	expect_read_time(h, 3 * MICROSECOND);
	ck_assert_uint_eq(class_of(h), 0x11);
	ck_assert_uint_eq(time_in(h, NVME_FEATURE_SEL_SAVED), 3 * MICROSECOND);
	ck_assert_uint_eq(time_in(h, NVME_FEATURE_SEL_DEFAULT), 80 * MICROSECOND);
	th_restart(h);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(time_in(h, NVME_FEATURE_SEL_CURRENT), 3 * MICROSECOND);
	expect_read_time(h, 3 * MICROSECOND);
	th_free(h);
}
END_TEST

START_TEST(the_place_that_is_taken_has_to_be_given_back_first)
{
	/* NVM 1.1 4.1.3.7: USVSPA 0 refuses Set Features; RVSPA deletes, and looks at no buffer. */
	struct th_host *h = timed();
	const struct nvme_perf_list *list;

	ck_assert_uint_eq(set(h, changed(h, 0), SAVE, NVME_PERF_VENDOR_FIRST), 0);
	list = get(h, 0, NVME_PERF_LIST);
	ck_assert_uint_eq(list->usvspa, 0);
	ck_assert_uint_eq(set(h, changed(h, SECOND), SAVE, NVME_PERF_VENDOR_FIRST),
			  NVME_SC_INVALID_FIELD);
	expect_read_time(h, 0);
	ck_assert_uint_eq(set(h, 0, 0, NVME_PERF_VENDOR_FIRST | RVSPA), 0);
	list = get(h, 0, NVME_PERF_LIST);
	ck_assert_uint_eq(list->usvspa, 1);
	expect_read_time(h, 80 * MICROSECOND);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(time_in(h, NVME_FEATURE_SEL_CURRENT), 80 * MICROSECOND);
	/* Where nothing is saved there is nothing to delete. */
	ck_assert_uint_eq(set(h, 0, 0, NVME_PERF_VENDOR_FIRST | RVSPA), 0);
	th_free(h);
}
END_TEST

START_TEST(attributes_that_are_not_there_are_refused)
{
	/* NVM 1.1 4.1.3.7: reserved indexes, vendor's ones without an attribute. */
	static const uint32_t none[] = { 0x01, 0xbf, 0xc2, 0xff };
	struct th_host *h = timed();

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .prp1 = th_alloc(h, 4096),
				  .cdw10 = NVME_FID_PERF_CHARACTERISTICS, .cdw11 = none[_i]),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set(h, changed(h, 0), SAVE, none[_i]), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set(h, 0, 0, none[_i] | RVSPA), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(the_standard_attribute_and_the_list_are_not_set)
{
	/* NVM 1.1 4.1.3.7.1 and 4.1.3.7.2. */
	static const uint32_t fixed[] = { NVME_PERF_STANDARD, NVME_PERF_LIST };
	struct th_host *h = timed();

	ck_assert_uint_eq(set(h, changed(h, 0), SAVE, fixed[_i]), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(what_cannot_be_meant_is_refused)
{
	/* NVM 1.1 4.1.3.7: not saved; another identifier, length or value (unverified). */
	struct th_host *h = timed();
	uint64_t page = changed(h, 5 * MICROSECOND);
	struct nvme_perf_vendor *attribute = th_ptr(h, page);

	ck_assert_uint_eq(set(h, page, 0, NVME_PERF_VENDOR_FIRST), NVME_SC_INVALID_FIELD);
	attribute->paid[15] ^= 1;
	ck_assert_uint_eq(set(h, page, SAVE, NVME_PERF_VENDOR_FIRST), NVME_SC_INVALID_FIELD);
	attribute->paid[15] ^= 1;
	attribute->attrl = nvme_le16(9);
	ck_assert_uint_eq(set(h, page, SAVE, NVME_PERF_VENDOR_FIRST), NVME_SC_INVALID_FIELD);
	attribute->attrl = nvme_le16(8);
	nvme_store_le64(attribute->vs, 10 * SECOND + 1);
	ck_assert_uint_eq(set(h, page, SAVE, NVME_PERF_VENDOR_FIRST), NVME_SC_INVALID_FIELD);
	expect_read_time(h, 80 * MICROSECOND);
	th_free(h);
}
END_TEST

START_TEST(without_saving_there_are_no_attributes_to_set)
{
	/* NVM 1.1 4.1.3.7: MSVSPA is 0 without Save and Select. */
	struct th_host *h = th_enabled(.controller = "perf=true,save=false");
	const struct nvme_perf_list *list = get(h, 0, NVME_PERF_LIST);

	ck_assert_uint_eq(list->msvspa, 0);
	ck_assert_uint_eq(list->usvspa, 0);
	ck_assert_uint_eq(set(h, changed(h, 0), 0, NVME_PERF_VENDOR_FIRST), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(a_controller_that_was_not_asked_for_it_has_no_such_feature)
{
	/* Base 2.0 5.15: nor has an older one. */
	static const char *const keys[] = { "perf=false", "perf=true,vs=1.4" };
	struct th_host *h = th_enabled(.controller = keys[_i]);

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .prp1 = th_alloc(h, 4096),
				  .cdw10 = NVME_FID_PERF_CHARACTERISTICS),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

static Suite *performance(void)
{
	Suite *suite = suite_create("performance");
	TCase *tcase = tcase_create("characteristics");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_class_of_latency_is_that_of_the_service_time);
	tcase_add_loop_test(tcase, the_list_names_the_attribute_of_each_kind, 0, 3);
	tcase_add_test(tcase, a_service_time_that_is_saved_is_what_commands_take);
	tcase_add_test(tcase, the_place_that_is_taken_has_to_be_given_back_first);
	tcase_add_loop_test(tcase, attributes_that_are_not_there_are_refused, 0, 4);
	tcase_add_loop_test(tcase, the_standard_attribute_and_the_list_are_not_set, 0, 2);
	tcase_add_test(tcase, what_cannot_be_meant_is_refused);
	tcase_add_test(tcase, without_saving_there_are_no_attributes_to_set);
	tcase_add_loop_test(tcase, a_controller_that_was_not_asked_for_it_has_no_such_feature, 0,
			    2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { performance };

	return th_main(suites, 1);
}
