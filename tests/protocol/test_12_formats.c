/* SPDX-License-Identifier: BSD-3-Clause */
/* LBA formats, NVM 1.0 4.1.5: which there are, which one is in use, and who can use which. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

static const void *identify(struct th_host *h, uint32_t cns, uint32_t nsid)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), 0xa5, 4096);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .prp1 = page, .cdw10 = cns);
	return th_ptr(h, page);
}

static void set_lbafee(struct th_host *h, uint8_t value, uint16_t sc)
{
	uint64_t page = th_alloc(h, 4096);
	struct nvme_host_behavior *behavior = th_ptr(h, page);

	behavior->lbafee = value;
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SET_FEATURES, .prp1 = page,
				  .cdw10 = NVME_FID_HOST_BEHAVIOR),
			  sc);
}

/* The index of the format, or NLBAF + 1. */
static unsigned int find(const struct nvme_id_ns *id, uint32_t lbads, uint32_t ms)
{
	unsigned int i = 0;

	while (i <= id->nlbaf && (id->lbaf[i].lbads != lbads || nvme_cpu16(id->lbaf[i].ms) != ms))
		i++;
	return i;
}

START_TEST(blocks_of_every_size_are_offered_and_the_one_in_use_is_named)
{
	/* NVM 1.0 4.1.5.1: FLBAS is an index of the table. */
	struct th_host *h = th_enabled(.lbads = (uint32_t)_i);
	const struct nvme_id_ns *id = identify(h, NVME_CNS_NS, 1);

	ck_assert_uint_eq(id->lbaf[nvme_id_ns_format(id->flbas)].lbads, (uint32_t)_i);
	for (uint32_t lbads = 9; lbads <= 16; lbads++)
		ck_assert_uint_le(find(id, lbads, 0), id->nlbaf);
	th_free(h);
}
END_TEST

START_TEST(without_metadata_nothing_is_said_of_it)
{
	/* NVM 1.0 4.1.5.1 */
	struct th_host *h = th_enabled(.controller = "metadata=false,pi=false");
	const struct nvme_id_ns *id = identify(h, NVME_CNS_NS, 1);
	const struct nvme_id_ctrl *ctrl = identify(h, NVME_CNS_CTRL, 0);

	for (unsigned int i = 0; i <= id->nlbaf; i++) {
		ck_assert_uint_ne(id->lbaf[i].lbads, 0);
		ck_assert_uint_eq(nvme_cpu16(id->lbaf[i].ms), 0);
	}
	ck_assert_uint_eq(id->mc, 0);
	ck_assert_uint_eq(id->dpc, 0);
	ck_assert_uint_eq(id->dps, 0);
	ck_assert_uint_eq(NVME_GET(nvme_cpu32(ctrl->ctratt), NVME_ID_CTRL_CTRATT_ELBAS), 0);
	set_lbafee(h, 1, NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(formats_with_metadata_are_listed_with_what_can_be_done_with_it)
{
	/* NVM 1.0 4.1.5.1: MC, DPC. */
	struct th_host *h = th_enabled(.controller = "metadata=true,pi=true");
	const struct nvme_id_ns *id = identify(h, NVME_CNS_NS, 1);

	ck_assert_uint_eq(id->mc, 3);
	ck_assert_uint_eq(id->dpc, 0x1f);
	ck_assert_uint_le(find(id, 9, 8), id->nlbaf);
	ck_assert_uint_le(find(id, 9, 64), id->nlbaf);
	ck_assert_uint_le(find(id, 12, 8), id->nlbaf);
	ck_assert_uint_le(find(id, 12, 64), id->nlbaf);
	th_free(h);
}
END_TEST

START_TEST(wide_guards_need_a_host_that_knows_them)
{
	/* Base 2.0 5.27.1.18, NVM 1.0 4.1.5.3, unverified: LBAFEE, ELBAF. */
	struct th_host *h = th_enabled(.controller = "metadata=true,pi=true");
	const struct nvme_id_ns *id = identify(h, NVME_CNS_NS, 1);
	const struct nvme_id_ns_nvm *nvm;
	const struct nvme_id_ctrl *ctrl = identify(h, NVME_CNS_CTRL, 0);
	bool seen[4] = { false };

	ck_assert_uint_eq(NVME_GET(nvme_cpu32(ctrl->ctratt), NVME_ID_CTRL_CTRATT_ELBAS), 1);
	ck_assert_uint_eq(id->nlbaf, 15);
	ck_assert_uint_eq(id->lbaf[12].lbads, 0); /* one with a wide guard in between */
	set_lbafee(h, 2, NVME_SC_INVALID_FIELD);
	set_lbafee(h, 1, NVME_SC_SUCCESS);
	id = identify(h, NVME_CNS_NS, 1);
	nvm = identify(h, NVME_CNS_NS_CSI, 1);
	ck_assert_uint_gt(id->nlbaf, 15);
	for (unsigned int i = 0; i <= id->nlbaf; i++) {
		uint32_t pif = NVME_GET(nvme_cpu32(nvm->elbaf[i]), NVME_ELBAF_PIF);

		seen[pif] = true;
		if (pif == NVME_PIF_16)
			continue;
		ck_assert_uint_eq(id->lbaf[i].lbads, 12);
		ck_assert_uint_eq(nvme_cpu16(id->lbaf[i].ms), 16);
		ck_assert_uint_gt(NVME_GET(nvme_cpu32(nvm->elbaf[i]), NVME_ELBAF_STS), 0);
	}
	ck_assert(seen[NVME_PIF_16] && seen[NVME_PIF_32] && seen[NVME_PIF_64]);
	th_free(h);
}
END_TEST

START_TEST(blocks_of_three_sizes_have_metadata_of_every_size)
{
	/* NVM 1.0 4.1.5.1: a host without LBAFEE sees 16 formats at most. */
	static const uint32_t sizes[] = { 0, 8, 16, 64 };
	struct th_host *h = th_enabled();
	const struct nvme_id_ns *id;

	set_lbafee(h, 1, NVME_SC_SUCCESS);
	id = identify(h, NVME_CNS_NS, 1);
	for (unsigned int i = 0; i < 4; i++) {
		ck_assert_uint_le(find(id, 9, sizes[i]), id->nlbaf);
		ck_assert_uint_le(find(id, 11, sizes[i]), id->nlbaf);
		ck_assert_uint_le(find(id, 12, sizes[i]), id->nlbaf);
	}
	th_free(h);
}
END_TEST

START_TEST(a_format_beyond_the_fifteenth_is_not_mistaken_for_another_one)
{
	/* Base 2.0 5.27.1.18 (unverified): FLBAS 6:5 mean nothing to a host without LBAFEE. */
	struct th_host *h = th_enabled(.lbads = 11, .ns = { .ms = 64 });
	const struct nvme_id_ns *id = identify(h, NVME_CNS_NS, 1);

	ck_assert_uint_eq(id->lbaf[id->flbas & 0xf].lbads, 0);
	set_lbafee(h, 1, NVME_SC_SUCCESS);
	id = identify(h, NVME_CNS_NS, 1);
	ck_assert_uint_gt(nvme_id_ns_format(id->flbas), 15);
	ck_assert_uint_eq(id->lbaf[nvme_id_ns_format(id->flbas)].lbads, 11);
	ck_assert_uint_eq(nvme_cpu16(id->lbaf[nvme_id_ns_format(id->flbas)].ms), 64);
	th_free(h);
}
END_TEST

START_TEST(a_namespace_is_formatted_as_its_configuration_says)
{
	/* NVM 1.0 4.1.5.1: FLBAS bit 4, DPS. */
	struct th_host *h =
		th_enabled(.controller = "metadata=true,pi=true", .lbads = 12,
			   .ns = { .ms = 64, .pi = 2, .pi_first = true, .extended = true });
	const struct nvme_id_ns *id = identify(h, NVME_CNS_NS, 1);
	unsigned int format = nvme_id_ns_format(id->flbas);

	ck_assert_uint_eq(id->lbaf[format].lbads, 12);
	ck_assert_uint_eq(nvme_cpu16(id->lbaf[format].ms), 64);
	ck_assert_uint_eq(NVME_GET(id->flbas, NVME_ID_NS_FLBAS_MSET), 1);
	ck_assert_uint_eq(NVME_GET(id->dps, NVME_ID_NS_DPS_PI), NVME_PI_TYPE2);
	ck_assert_uint_eq(NVME_GET(id->dps, NVME_ID_NS_DPS_FIRST), 1);
	th_free(h);
}
END_TEST

START_TEST(a_block_is_never_larger_than_a_command_can_be)
{
	/* Base 2.0 5.17.2.1: MDTS 0 is no limit, so the largest command bounds the block. */
	struct th_host *h = th_enabled(.controller = "mdts=0");
	const struct nvme_id_ns *id = identify(h, NVME_CNS_NS, 1);

	ck_assert_uint_le(find(id, 12, 0), id->nlbaf);
	ck_assert_uint_gt(find(id, 16, 0), id->nlbaf);
	th_free(h);
}
END_TEST

/* Formats that there are not: what the configuration says of them. */
static const struct {
	struct emu_ns_config ns;
	const char *keys;
	const char *says;
} wrong[] = {
	{ { .lbads = 9, .ms = 8 }, "metadata=false", "metadata=true" },
	{ { .lbads = 9, .ms = 8, .pi = 1 }, "pi=false", "pi=true" },
	{ { .lbads = 9, .ms = 4 }, "pi=true", "8, 16 or 64" },
	{ { .lbads = 13, .ms = 8 }, "pi=true", "512, 2048 or 4096" },
	{ { .lbads = 9, .ms = 16, .pif = NVME_PIF_64 }, "pi=true", "blocks of 4096" },
	{ { .lbads = 12, .ms = 8, .pif = NVME_PIF_32 }, "pi=true", "takes 16 bytes" },
	{ { .lbads = 9, .ms = 8, .pi = 4 }, "pi=true", "from 1 to 3" },
	{ { .lbads = 9, .pi = 1 }, "pi=true", "needs metadata" },
	{ { .lbads = 9, .attached = 2 }, "pi=true", "a controller that there is not" },
};

START_TEST(a_format_that_there_is_not_is_refused_with_a_sentence)
{
	struct emu_config config;
	struct emu_ns_config ns = wrong[_i].ns;
	const char *value = strchr(wrong[_i].keys, '=') + 1;
	char buffer[256];
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	emu_config_init(&config);
	config.metadata = true;
	ck_assert_int_eq(emu_config_set(&config, wrong[_i].keys,
					(size_t)(value - wrong[_i].keys) - 1, value, strlen(value),
					&error),
			 0);
	ns.nsid = 1;
	ns.blocks = 8;
	ck_assert_int_eq(emu_config_add_ns(&config, &ns, &error), -22);
	ck_assert_msg(strstr(buffer, wrong[_i].says), "%s", buffer);
}
END_TEST

static Suite *formats(void)
{
	Suite *suite = suite_create("formats");
	TCase *tcase = tcase_create("formats");

	tcase_add_loop_test(tcase, blocks_of_every_size_are_offered_and_the_one_in_use_is_named, 9,
			    17);
	tcase_add_test(tcase, without_metadata_nothing_is_said_of_it);
	tcase_add_test(tcase, formats_with_metadata_are_listed_with_what_can_be_done_with_it);
	tcase_add_test(tcase, wide_guards_need_a_host_that_knows_them);
	tcase_add_test(tcase, blocks_of_three_sizes_have_metadata_of_every_size);
	tcase_add_test(tcase, a_format_beyond_the_fifteenth_is_not_mistaken_for_another_one);
	tcase_add_test(tcase, a_namespace_is_formatted_as_its_configuration_says);
	tcase_add_test(tcase, a_block_is_never_larger_than_a_command_can_be);
	tcase_add_loop_test(tcase, a_format_that_there_is_not_is_refused_with_a_sentence, 0,
			    (int)(sizeof(wrong) / sizeof(wrong[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ formats }, 1);
}
