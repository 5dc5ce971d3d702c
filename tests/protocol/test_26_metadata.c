/* SPDX-License-Identifier: BSD-3-Clause */
/* Host metadata, features 7Dh to 7Fh: Base 2.0 5.27.1.24 to 5.27.1.26 (unverified). */
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define ENHANCED  NVME_FID_ENHANCED_CTRL_METADATA
#define CTRL	  NVME_FID_CTRL_METADATA
#define NS	  NVME_FID_NS_METADATA
#define ACTION(a) NVME_PUT(NVME_FEAT_METADATA_EA, NVME_METADATA_##a)

static const uint8_t fids[] = { ENHANCED, CTRL, NS };

/* Metadata with elements of the @types, each with the bytes of @text. */
static uint64_t make(struct th_host *h, const char *types, const char *text)
{
	uint64_t page = th_alloc(h, 4096);
	struct nvme_host_metadata *metadata = th_ptr(h, page);
	uint8_t *at = metadata->descs;

	for (; *types; types++) {
		struct nvme_metadata_element head = { .type = (uint8_t)(*types - '0'),
						      .rev = 1,
						      .len = nvme_le16((uint16_t)strlen(text)) };

		memcpy(at, &head, sizeof(head));
		memcpy(at + sizeof(head), text, strlen(text));
		at += sizeof(head) + strlen(text);
		metadata->ndesc++;
	}
	return page;
}

static uint16_t set_page(struct th_host *h, uint8_t fid, uint32_t action, uint64_t page)
{
	return th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .nsid = fid == NS, .prp1 = page,
		       .cdw10 = fid, .cdw11 = action);
}

static uint16_t set(struct th_host *h, uint8_t fid, uint32_t action, const char *types,
		    const char *text)
{
	return set_page(h, fid, action, make(h, types, text));
}

static const struct nvme_host_metadata *get(struct th_host *h, uint8_t fid)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .nsid = fid == NS, .prp1 = page, .cdw10 = fid);
	return th_ptr(h, page);
}

/* The elements are these, and nothing is behind them. */
static void expect(struct th_host *h, uint8_t fid, const char *types, const char *text)
{
	const struct nvme_host_metadata *wanted = th_ptr(h, make(h, types, text));

	ck_assert_mem_eq(get(h, fid), wanted, sizeof(*wanted));
}

START_TEST(elements_are_added_replaced_and_deleted)
{
	struct th_host *h = th_enabled();
	uint8_t fid = fids[_i];

	expect(h, fid, "", "");
	ck_assert_uint_eq(set(h, fid, ACTION(UPDATE), "12", "abc"), NVME_SC_SUCCESS);
	expect(h, fid, "12", "abc");
	ck_assert_uint_eq(set(h, fid, ACTION(UPDATE), "3", "abc"), NVME_SC_SUCCESS);
	expect(h, fid, "123", "abc");
	ck_assert_uint_eq(set(h, fid, ACTION(DELETE), "2", ""), NVME_SC_SUCCESS);
	expect(h, fid, "13", "abc");
	ck_assert_uint_eq(set(h, fid, ACTION(UPDATE), "13", "longer"), NVME_SC_SUCCESS);
	expect(h, fid, "13", "longer");
	ck_assert_uint_eq(set(h, fid, ACTION(DELETE), "5", ""), NVME_SC_SUCCESS);
	ck_assert_uint_eq(set(h, fid, ACTION(DELETE), "31", ""), NVME_SC_SUCCESS);
	expect(h, fid, "", "");
	th_free(h);
}
END_TEST

START_TEST(only_enhanced_metadata_has_several_of_one_type)
{
	struct th_host *h = th_enabled();

	for (unsigned int i = 1; i < 3; i++)
		ck_assert_uint_eq(set(h, fids[i], ACTION(ADD_MULTIPLE), "1", "a"),
				  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set(h, ENHANCED, ACTION(ADD_MULTIPLE), "11", "a"), NVME_SC_SUCCESS);
	ck_assert_uint_eq(set(h, ENHANCED, ACTION(ADD_MULTIPLE), "1", "a"), NVME_SC_SUCCESS);
	expect(h, ENHANCED, "111", "a");
	ck_assert_uint_eq(set(h, ENHANCED, ACTION(UPDATE), "1", "b"), NVME_SC_SUCCESS);
	expect(h, ENHANCED, "1", "b");
	th_free(h);
}
END_TEST

START_TEST(what_does_not_fit_changes_nothing)
{
	struct th_host *h = th_enabled();
	uint64_t page = make(h, "1", "");
	struct nvme_host_metadata *metadata = th_ptr(h, page);
	uint8_t fid = fids[_i];

	ck_assert_uint_eq(set(h, fid, ACTION(UPDATE), "", ""), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(set(h, fid, NVME_PUT(NVME_FEAT_METADATA_EA, 3), "1", "a"),
			  NVME_SC_INVALID_FIELD);
	nvme_store_le16(metadata->descs + 2, 4091); /* with its head one byte too long */
	ck_assert_uint_eq(set_page(h, fid, 0, page), NVME_SC_INVALID_FIELD);
	nvme_store_le16(metadata->descs + 2, 4090);
	ck_assert_uint_eq(set_page(h, fid, 0, page), NVME_SC_SUCCESS);
	ck_assert_uint_eq(set(h, fid, ACTION(UPDATE), "2", "x"), NVME_SC_INVALID_FIELD);
	metadata->ndesc = 2; /* the head of the second is behind the end */
	ck_assert_uint_eq(set_page(h, fid, 0, page), NVME_SC_INVALID_FIELD);
	metadata->ndesc = 1;
	ck_assert_mem_eq(get(h, fid), metadata, 4096);
	th_free(h);
}
END_TEST

START_TEST(no_more_than_255_elements_fit)
{
	struct th_host *h = th_enabled();
	char types[256];

	memset(types, '1', 255);
	types[255] = '\0';
	ck_assert_uint_eq(set(h, ENHANCED, ACTION(ADD_MULTIPLE), types, ""), NVME_SC_SUCCESS);
	ck_assert_uint_eq(set(h, ENHANCED, ACTION(ADD_MULTIPLE), "2", ""), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(get(h, ENHANCED)->ndesc, 255);
	th_free(h);
}
END_TEST

START_TEST(a_reset_forgets_the_controllers_and_a_power_cycle_the_namespaces)
{
	struct th_host *h = th_enabled();

	for (unsigned int i = 0; i < 3; i++)
		ck_assert_uint_eq(set(h, fids[i], ACTION(UPDATE), "1", "a"), NVME_SC_SUCCESS);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, 16);
	expect(h, ENHANCED, "", "");
	expect(h, CTRL, "", "");
	expect(h, NS, "1", "a");
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	th_cfg_write(h, 4, 2, 0x406);
	th_enable(h, 16);
	expect(h, NS, "", "");
	th_free(h);
}
END_TEST

START_TEST(a_namespaces_metadata_is_seen_through_every_controller)
{
	struct th_host *h = th_enabled(.controllers = 2, .ns2_blocks = 8);

	ck_assert_uint_eq(set(h, NS, ACTION(UPDATE), "1", "a"), NVME_SC_SUCCESS);
	ck_assert_uint_eq(set(h, CTRL, ACTION(UPDATE), "1", "a"), NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .nsid = NVME_NSID_ALL,
				  .prp1 = make(h, "1", "b"), .cdw10 = NS),
			  NVME_SC_INVALID_NS);
	th_ctrl(h, 1);
	th_enable(h, 16);
	expect(h, NS, "1", "a");
	expect(h, CTRL, "", "");
	th_free(h);
}
END_TEST

START_TEST(metadata_is_there_with_its_key_and_cannot_be_saved)
{
	/* Base 2.0 5.15: SEL 3, capabilities; 5.27: 1/0D */
	struct th_host *h = th_enabled(.controller = _i ? "" : "host_metadata=false");

	for (unsigned int i = 0; i < 3; i++) {
		struct th_command c = { .opcode = NVME_ADMIN_GET_FEATURES,
					.nsid = fids[i] == NS,
					.prp1 = th_alloc(h, 4096),
					.cdw10 = 3u << 8 | fids[i] };

		if (!_i) {
			ck_assert_uint_eq(nvme_status_code(th_try_(h, 0, c, __LINE__)),
					  NVME_SC_INVALID_FIELD);
			continue;
		}
		ck_assert_uint_eq(th_do_(h, c, __LINE__), fids[i] == NS ? 6 : 4);
		c.opcode = NVME_ADMIN_SET_FEATURES;
		c.cdw10 = 1u << 31 | fids[i];
		ck_assert_uint_eq(nvme_status_code(th_try_(h, 0, c, __LINE__)),
				  NVME_SC_FEATURE_NOT_SAVEABLE);
	}
	th_free(h);
}
END_TEST

static Suite *metadata_suite(void)
{
	Suite *suite = suite_create("metadata");
	TCase *tcase = tcase_create("metadata");

	tcase_add_loop_test(tcase, elements_are_added_replaced_and_deleted, 0, 3);
	tcase_add_test(tcase, only_enhanced_metadata_has_several_of_one_type);
	tcase_add_loop_test(tcase, what_does_not_fit_changes_nothing, 0, 3);
	tcase_add_test(tcase, no_more_than_255_elements_fit);
	tcase_add_test(tcase, a_reset_forgets_the_controllers_and_a_power_cycle_the_namespaces);
	tcase_add_test(tcase, a_namespaces_metadata_is_seen_through_every_controller);
	tcase_add_loop_test(tcase, metadata_is_there_with_its_key_and_cannot_be_saved, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { metadata_suite };

	return th_main(suites, 1);
}
