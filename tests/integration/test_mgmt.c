/* SPDX-License-Identifier: BSD-3-Clause */
/* Administration by name, from the driver to the emulator and back. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/integration/rig.h"

static int code_of(int result)
{
	return result > 0 ? result & 0x7ff : result;
}

START_TEST(identify_has_names)
{
	/* Base 2.0 5.17: Identify; NVM 1.0 4.1.5. */
	static struct nvme_id_ns ns;
	static struct nvme_id_ns_nvm nvm;
	static struct nvme_id_ctrl_nvm ctrl_nvm;
	static struct nvme_id_ns_independent independent;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	th_ok(nvl_identify_ns(rig.ctrl, 1, &ns));
	ck_assert_uint_eq(nvme_cpu64(ns.nsze), rig.ns->nsze);
	th_ok(nvl_identify_ns_nvm(rig.ctrl, 1, &nvm));
	th_ok(nvl_identify_ctrl_nvm(rig.ctrl, &ctrl_nvm));
	th_ok(nvl_identify_ns_independent(rig.ctrl, 1, &independent));
	th_ok(nvl_identify_allocated_ns(rig.ctrl, 1, &ns));
	ck_assert_int_eq(code_of(nvl_identify_ns(rig.ctrl, 0, &ns)), NVME_SC_INVALID_NS);
	th_rig_close(&rig);
}
END_TEST

START_TEST(lists_name_namespaces_and_controllers)
{
	/* Base 2.0 5.17.2: CNS 02h, 10h, 12h and 13h. */
	static struct nvme_ns_list namespaces;
	static struct nvme_ctrl_list controllers;
	struct th_rig rig;

	th_rig_open_default(&rig, TH_IN_PROCESS);
	th_ok(nvl_ns_list(rig.ctrl, _i, 0, &namespaces));
	ck_assert_uint_eq(nvme_cpu32(namespaces.nsid[0]), 1);
	ck_assert_uint_eq(nvme_cpu32(namespaces.nsid[1]), 0);
	th_ok(nvl_ctrl_list(rig.ctrl, (uint32_t)_i, 0, &controllers));
	ck_assert_uint_eq(nvme_cpu16(controllers.num), 1);
	ck_assert_uint_eq(nvme_cpu16(controllers.id[0]), nvme_cpu16(nvl_id_ctrl(rig.ctrl)->cntlid));
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_namespace_says_who_it_is)
{
	/* Base 2.0 5.17.2.3: Namespace Identification Descriptor list. */
	struct nvl_ns_ids ids;
	struct th_rig rig;

	th_rig_open_default(&rig, TH_IN_PROCESS);
	th_ok(nvl_ns_ids(rig.ctrl, 1, &ids));
	ck_assert(ids.has_nguid || ids.has_uuid || ids.has_eui64);
	if (ids.has_nguid)
		ck_assert_mem_eq(ids.nguid, rig.ns->nguid, sizeof(ids.nguid));
	ck_assert_uint_eq(ids.csi, NVME_CSI_NVM);
	th_rig_close(&rig);
}
END_TEST

START_TEST(log_pages_have_names)
{
	/* Base 2.0 5.16: Get Log Page. */
	static struct nvme_supported_logs logs;
	static struct nvme_effects_log effects;
	static struct nvme_fid_effects_log features;
	struct nvme_error_log_entry errors[4];
	struct nvme_smart_log smart;
	struct nvme_fw_slot_log slots;
	static struct nvme_ns_list changed;
	struct nvme_self_test_log self_test;
	struct nvme_sanitize_log sanitize;
	struct th_rig rig;

	th_rig_open_default(&rig, (enum th_link)_i);
	th_ok(nvl_log_supported(rig.ctrl, &logs));
	th_ok(nvl_log_effects(rig.ctrl, NVME_CSI_NVM, &effects));
	th_ok(nvl_log_fid_effects(rig.ctrl, &features));
	th_ok(nvl_log_errors(rig.ctrl, errors, 4));
	th_ok(nvl_log_smart(rig.ctrl, NVME_NSID_ALL, &smart));
	th_ok(nvl_log_fw_slot(rig.ctrl, &slots));
	th_ok(nvl_log_changed_ns(rig.ctrl, &changed));
	th_ok(nvl_log_self_test(rig.ctrl, &self_test));
	th_ok(nvl_log_sanitize(rig.ctrl, &sanitize));
	ck_assert_int_eq(nvl_log_errors(rig.ctrl, errors, 0), -NVL_EINVAL);
	ck_assert_int_eq(nvl_log_errors(rig.ctrl, errors, 257), -NVL_EINVAL);
	th_rig_close(&rig);
}
END_TEST

START_TEST(telemetry_and_events_come_in_pieces)
{
	/* Base 2.0 5.16.1.8 and 5.16.1.14: created once, read at offsets. */
	const struct nvl_telemetry create = { .host = true, .create = true };
	const struct nvl_telemetry wrong = { .create = true };
	uint8_t *data = malloc(32768);
	struct th_rig rig;

	th_rig_open_default(&rig, TH_IN_PROCESS);
	th_ok(nvl_log_telemetry(rig.ctrl, &create, data, 1024));
	ck_assert_uint_eq(data[0], NVME_LID_TELEMETRY_HOST);
	ck_assert_int_eq(nvl_log_telemetry(rig.ctrl, &wrong, data, 512), -NVL_EINVAL);
	ck_assert_int_eq(nvl_log_telemetry(rig.ctrl, &create, data, 100), -NVL_EINVAL);
	th_ok(nvl_log_events(rig.ctrl, NVME_PEL_ESTABLISH_AND_READ, 0, data, 512));
	ck_assert_uint_eq(data[0], NVME_LID_PERSISTENT_EVENT);
	th_ok(nvl_log_events(rig.ctrl, NVME_PEL_RELEASE, 0, NULL, 0));
	free(data);
	th_rig_close(&rig);
}
END_TEST

START_TEST(namespaces_are_made_attached_used_and_removed)
{
	/* Base 2.0 5.23 and 5.24: Namespace Management and Attachment. */
	struct nvme_ns_mgmt_create create = { .nsze = nvme_le64(2048), .ncap = nvme_le64(2048) };
	uint32_t nsid = 0;
	struct th_rig rig;

	th_rig_open_default(&rig, TH_IN_PROCESS);
	struct nvl_buffer buffer = th_rig_buffer(&rig, 4096, 1);

	th_ok(nvl_ns_create(rig.ctrl, &create, NVME_CSI_NVM, &nsid));
	ck_assert_uint_eq(nsid, 2);
	th_ok(nvl_ns_attach(rig.ctrl, nsid, NULL, 0));
	ck_assert_int_eq(code_of(nvl_ns_attach(rig.ctrl, nsid, NULL, 0)),
			 NVME_SC_NS_ALREADY_ATTACHED);
	th_ok(nvl_rescan(rig.ctrl));
	struct nvl_io io = { .ns = nvl_ns_find(rig.ctrl, nsid), .nlb = 8, .buffer = &buffer };

	ck_assert_ptr_nonnull(io.ns);
	th_ok(nvl_write_wait(rig.queue, &io));
	th_ok(nvl_ns_detach(rig.ctrl, nsid, NULL, 0));
	th_ok(nvl_ns_delete(rig.ctrl, nsid));
	th_ok(nvl_rescan(rig.ctrl));
	ck_assert_ptr_null(nvl_ns_find(rig.ctrl, nsid));
	create.nsze = nvme_le64(0);
	ck_assert_int_gt(nvl_ns_create(rig.ctrl, &create, NVME_CSI_NVM, &nsid), 0);
	th_rig_close(&rig);
}
END_TEST

START_TEST(a_format_changes_the_blocks)
{
	/* NVM 1.0 4.1.6: Format NVM, here to blocks of 4 KiB. */
	struct nvl_format format = { .nsid = 1, .format = 1 };
	struct th_rig rig;

	th_rig_open_default(&rig, TH_IN_PROCESS);
	th_ok(nvl_format_ns(rig.ctrl, &format));
	th_ok(nvl_rescan(rig.ctrl));
	ck_assert_uint_eq(nvl_ns_find(rig.ctrl, 1)->block_bytes, 4096);
	format.format = 63;
	ck_assert_int_eq(code_of(nvl_format_ns(rig.ctrl, &format)), NVME_SC_INVALID_FORMAT);
	th_rig_close(&rig);
}
END_TEST

START_TEST(firmware_goes_in_pieces)
{
	/* Base 2.0 5.11, 5.12: the commit refuses an image that is none, the pieces do not. */
	uint8_t *image = calloc(1, 49152);
	const struct nvl_fw_commit commit = { .action = NVME_FW_COMMIT_REPLACE, .slot = 2 };
	struct nvl_completion completion = { 0 };
	struct th_rig rig;

	th_rig_open_default(&rig, TH_IN_PROCESS);
	th_ok(nvl_fw_download(rig.ctrl, image, 49152));
	ck_assert_int_eq(code_of(nvl_fw_commit(rig.ctrl, &commit, &completion)),
			 NVME_SC_INVALID_FW_IMAGE);
	ck_assert_int_eq(nvl_fw_download(rig.ctrl, image, 0), -NVL_EINVAL);
	ck_assert_int_eq(nvl_fw_download(rig.ctrl, image, 6), -NVL_EINVAL);
	ck_assert_int_eq(nvl_fw_piece(rig.ctrl, image, 4, 2), -NVL_EINVAL);
	free(image);
	th_rig_close(&rig);
}
END_TEST

START_TEST(tests_sanitize_and_the_rest_answer)
{
	/* Base 2.0 5.9, 5.24, 5.25; NVM 1.0 4.2.1. */
	const struct nvl_sanitize sanitize = { .action = NVME_SANITIZE_BLOCK_ERASE };
	const struct nvl_security security = { 0 };
	const struct nvl_lba_status status = { .nsid = 1, .action = NVME_LBA_STATUS_ALLOCATED };
	static struct nvme_id_directives directives;
	struct nvme_self_test_log self_test;
	uint8_t data[512];
	struct th_rig rig;

	th_rig_open_default(&rig, TH_IN_PROCESS);
	th_ok(nvl_get_lba_status(rig.ctrl, &status, data, sizeof(data)));
	th_ok(nvl_self_test(rig.ctrl, NVME_NSID_ALL, NVME_SELF_TEST_SHORT));
	ck_assert_int_eq(code_of(nvl_self_test(rig.ctrl, 0, NVME_SELF_TEST_SHORT)),
			 NVME_SC_SELF_TEST_IN_PROGRESS);
	th_ok(nvl_self_test(rig.ctrl, 0, NVME_SELF_TEST_ABORT));
	th_ok(nvl_log_self_test(rig.ctrl, &self_test));
	th_ok(nvl_security_receive(rig.ctrl, &security, data, sizeof(data)));
	th_ok(nvl_keep_alive(rig.ctrl));
	/* Without directives the opcode is not there. */
	if (NVME_GET(nvme_cpu16(nvl_id_ctrl(rig.ctrl)->oacs), NVME_ID_CTRL_OACS_DIRECTIVES))
		th_ok(nvl_directives(rig.ctrl, 1, &directives));
	else
		ck_assert_int_eq(code_of(nvl_directives(rig.ctrl, 1, &directives)),
				 NVME_SC_INVALID_OPCODE);
	th_ok(nvl_sanitize(rig.ctrl, &sanitize));
	th_rig_close(&rig);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("mgmt");
	TCase *tcase = tcase_create("mgmt");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, identify_has_names, 0, TH_LINKS);
	tcase_add_loop_test(tcase, lists_name_namespaces_and_controllers, 0, 2);
	tcase_add_test(tcase, a_namespace_says_who_it_is);
	tcase_add_loop_test(tcase, log_pages_have_names, 0, TH_LINKS);
	tcase_add_test(tcase, telemetry_and_events_come_in_pieces);
	tcase_add_test(tcase, namespaces_are_made_attached_used_and_removed);
	tcase_add_test(tcase, a_format_changes_the_blocks);
	tcase_add_test(tcase, firmware_goes_in_pieces);
	tcase_add_test(tcase, tests_sanitize_and_the_rest_answer);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
