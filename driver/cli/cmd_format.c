/* SPDX-License-Identifier: BSD-3-Clause */
/* Operations on whole namespaces and the NVM subsystem: format, sanitize, device-self-test. */
#include <string.h>

#include "driver/cli/danger.h"
#include "driver/cli/error.h"
#include "driver/cli/send.h"

#define SHOW_NSEC 100000000u /* how often it is looked how far a format is */

const struct cli_option cli_format_options[] = {
	/* clang-format off */
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, false, "the namespace, 0xffffffff for all; the first active one if not given" },
	{ "lbaf", 'l', 0, CLI_NUMBER, "NUM", NVME_LBA_FORMATS_MAX - 1, NULL, false, "index of the LBA format; the one in use if not given" },
	{ "block-size", 'b', 0, CLI_SIZE, "SIZE", UINT32_MAX, NULL, false, "instead of --lbaf: the format without metadata that has blocks of this size" },
	{ "ses", 's', 0, CLI_NUMBER, "0-2", 7, "0", false, "secure erase: 0 none, 1 of user data, 2 cryptographic" },
	{ "pi", 'i', 0, CLI_NUMBER, "0-3", 7, "0", false, "protection information: 0 none, else its type" },
	{ "pil", 'p', 0, CLI_NUMBER, "0-1", 1, "0", false, "1: it is in the first bytes of the metadata" },
	{ "ms", 'm', 0, CLI_NUMBER, "0-1", 1, "0", false, "1: metadata are interleaved with the data" },
	{ "reset", 'r', 0, CLI_FLAG, NULL, 0, NULL, false, "reset the controller afterwards" },
	{ "force", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "do not wait for ten seconds before, on a terminal" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_sanitize_options[] = {
	/* clang-format off */
	{ "sanact", 'a', 0, CLI_STRING, "ACTION", 0, NULL, true, "1 exit-failure, 2 start-block-erase, 3 start-overwrite, 4 start-crypto-erase, 5 exit-media-verification" },
	{ "ause", 'u', 0, CLI_FLAG, NULL, 0, NULL, false, "allow unrestricted exit from a failure" },
	{ "owpass", 'n', 0, CLI_NUMBER, "NUM", 15, "1", false, "overwrite passes; 0 is 16" },
	{ "oipbp", 'i', 0, CLI_FLAG, NULL, 0, NULL, false, "invert the overwrite pattern between passes" },
	{ "ovrpat", 'p', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "overwrite pattern" },
	{ "no-dealloc", 'd', 0, CLI_FLAG, NULL, 0, NULL, false, "do not deallocate the blocks afterwards" },
	{ "emvs", 'e', 0, CLI_FLAG, NULL, 0, NULL, false, "enter the media verification state" },
	{ "wait", 'w', 0, CLI_FLAG, NULL, 0, NULL, false, "wait until the operation has ended" },
	{ "force", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "do not wait for ten seconds before, on a terminal" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_device_self_test_options[] = {
	/* clang-format off */
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0xffffffff", false, "the namespace, 0xffffffff for all, 0 for the controller alone" },
	{ "self-test-code", 's', 0, CLI_NUMBER, "NUM", 15, NULL, true, "1 short, 2 extended, 0xe vendor specific, 0xf abort" },
	{ "wait", 'w', 0, CLI_FLAG, NULL, 0, NULL, false, "wait until the test has ended" },
	{ 0 },
	/* clang-format on */
};

/* format */

static bool pick_lbaf(struct cli *cli, struct cli_session *session, uint32_t nsid,
		      uint8_t *ret_lbaf, GError **error)
{
	const struct nvl_identify request = { .cns = NVME_CNS_NS, .nsid = nsid };
	g_autofree struct nvme_id_ns *id = NULL;

	if (cli_given(cli->args, "lbaf") && cli_given(cli->args, "block-size"))
		return cli_fail(error, CLI_EXIT_USAGE,
				"--lbaf and --block-size exclude each other");
	if (cli_given(cli->args, "block-size"))
		return cli_find_format(session, cli_number(cli->args, "block-size"), ret_lbaf,
				       error);
	*ret_lbaf = (uint8_t)cli_u32(cli->args, "lbaf");
	if (cli_given(cli->args, "lbaf"))
		return true;
	if (nsid == NVME_NSID_ALL)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--lbaf NUM is missing: all namespaces have no format in common");
	id = g_new0(struct nvme_id_ns, 1);
	if (!cli_identify(session, &request, id, error))
		return false;
	*ret_lbaf = (uint8_t)nvme_id_ns_format(id->flbas);
	return true;
}

static bool reset_after(struct cli *cli, struct cli_session *session, GError **error)
{
	return !cli_given(cli->args, "reset") ||
	       cli_check(session, nvl_reset(session->ctrl), error, "reset after the format");
}

struct formatting {
	bool ended;
	struct nvl_completion completion;
};

static void formatted(void *arg, const struct nvl_completion *completion)
{
	struct formatting *formatting = arg;

	formatting->completion = *completion;
	formatting->ended = true;
}

/* Identify says how much is left (Base 2.0 5.14, unverified: FPI), where the controller knows. */
static void show_format(struct cli_session *session, uint32_t nsid)
{
	const struct nvl_identify request = { .cns = NVME_CNS_NS, .nsid = nsid };
	g_autofree struct nvme_id_ns *id = g_new0(struct nvme_id_ns, 1);

	if (nsid == NVME_NSID_ALL || nvl_identify(session->ctrl, &request, id) != 0 ||
	    !NVME_GET(id->fpi, NVME_ID_NS_FPI_SUPPORTED))
		cli_progress("formatting");
	else
		cli_progress_bar(100 - MIN(NVME_GET(id->fpi, NVME_ID_NS_FPI_REMAINING), 100), 100,
				 "formatting namespace %u", nsid);
}

/* The command ends with the format, so that others pass it meanwhile. */
static bool send_format(struct cli_session *session, const struct nvme_sqe *sqe, const char *what,
			GError **error)
{
	struct nvl_queue *admin = nvl_admin_queue(session->ctrl);
	struct formatting formatting = { 0 };
	int result = nvl_submit(admin, sqe, NULL, formatted, &formatting);

	nvl_ring(admin);
	while (result == 0 && !formatting.ended) {
		nvl_wait(admin, nvl_device_now(session->device) + SHOW_NSEC);
		nvl_poll(admin, 0);
		nvl_step(session->ctrl);
		if (!formatting.ended && cli_is_terminal(stderr))
			show_format(session, nvme_cpu32(sqe->nsid));
	}
	cli_progress_end();
	if (result == 0)
		result = formatting.completion.result;
	return cli_check(session, result, error, "%s", what);
}

bool cli_format(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t nsid = cli_pick_nsid(cli, session);
	g_autofree char *what = g_strdup_printf("format of namespace %u", nsid);
	struct nvme_sqe sqe = { .opcode = NVME_ADMIN_FORMAT_NVM };
	uint8_t lbaf = 0;

	if (!pick_lbaf(cli, session, nsid, &lbaf, error))
		return false;
	cli_warn(cli, session, what);
	sqe.nsid = nvme_le32(nsid);
	sqe.cdw10 = nvme_le32(NVME_PUT(NVME_FORMAT_LBAFL, lbaf & 15u) |
			      NVME_PUT(NVME_FORMAT_LBAFU, (uint32_t)lbaf >> 4) |
			      NVME_PUT(NVME_FORMAT_MSET, cli_u32(cli->args, "ms")) |
			      NVME_PUT(NVME_FORMAT_PI, cli_u32(cli->args, "pi")) |
			      NVME_PUT(NVME_FORMAT_PIL, cli_u32(cli->args, "pil")) |
			      NVME_PUT(NVME_FORMAT_SES, cli_u32(cli->args, "ses")));
	if (!send_format(session, &sqe, what, error))
		return false;
	cli_done(cli, "nsid", nsid, "Success formatting namespace:%x", nsid);
	return reset_after(cli, session, error);
}

/* sanitize */

static const char *const actions[] = { "reserved",	     "exit-failure",
				       "start-block-erase",  "start-overwrite",
				       "start-crypto-erase", "exit-media-verification" };

static bool pick_action(struct cli *cli, uint32_t *ret_action, GError **error)
{
	const char *text = cli_text(cli->args, "sanact");
	uint64_t number;

	for (uint32_t i = 1; i < G_N_ELEMENTS(actions); i++) {
		if (strcmp(text, actions[i]) == 0) {
			*ret_action = i;
			return true;
		}
	}
	if (nvme_parse_u64(text, strlen(text), &number) != NVME_PARSE_OK || number > 7)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--sanact: '%s' is not a number from 0 to 7, exit-failure, "
				"start-block-erase, start-overwrite, start-crypto-erase or "
				"exit-media-verification",
				text);
	*ret_action = (uint32_t)number;
	return true;
}

static int sanitize_percent(struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_SANITIZE, .rae = true, .nsid = NVME_NSID_ALL };
	struct nvme_sanitize_log status;

	if (!cli_get_log(session, &log, &status, sizeof(status), error))
		return -2;
	if (NVME_GET(nvme_cpu16(status.sstat), NVME_SANITIZE_SSTAT_STATUS) != NVME_SANITIZE_RUNNING)
		return -1;
	return (int)(nvme_cpu16(status.sprog) * 100u / 65536u);
}

bool cli_sanitize(struct cli *cli, struct cli_session *session, GError **error)
{
	struct nvl_sanitize sanitize = {
		.unrestricted_exit = cli_given(cli->args, "ause") > 0,
		.passes = (uint8_t)cli_u32(cli->args, "owpass"),
		.invert = cli_given(cli->args, "oipbp") > 0,
		.no_deallocate = cli_given(cli->args, "no-dealloc") > 0,
		.media_verification = cli_given(cli->args, "emvs") > 0,
		.pattern = cli_u32(cli->args, "ovrpat"),
	};
	uint32_t action = 0;

	if (!pick_action(cli, &action, error))
		return false;
	if (action != NVME_SANITIZE_EXIT_FAILURE && action != NVME_SANITIZE_EXIT_MEDIA_VERIFICATION)
		cli_warn(cli, session, "sanitize of the whole NVM subsystem");
	sanitize.action = action;
	if (!cli_check(session, nvl_sanitize(session->ctrl, &sanitize), error, "sanitize (%s)",
		       action < G_N_ELEMENTS(actions) ? actions[action] : actions[0]))
		return false;
	if (cli_given(cli->args, "wait") &&
	    !cli_wait_for(session, "sanitizing", sanitize_percent, error))
		return false;
	if (cli->out->json)
		cli_done(cli, "action", action, "sanitize");
	return true;
}

/* device-self-test */

static int self_test_percent(struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_SELF_TEST, .nsid = NVME_NSID_ALL };
	struct nvme_self_test_log status;

	if (!cli_get_log(session, &log, &status, sizeof(status), error))
		return -2;
	if (NVME_GET(status.current_operation, NVME_SELF_TEST_CURRENT) == 0)
		return -1;
	return NVME_GET(status.completion, NVME_SELF_TEST_PERCENT);
}

/* How the test that was waited for ended. */
static bool check_outcome(struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_SELF_TEST, .nsid = NVME_NSID_ALL };
	struct nvme_self_test_log status;
	unsigned int outcome;

	if (!cli_get_log(session, &log, &status, sizeof(status), error))
		return false;
	outcome = NVME_GET(status.result[0].dsts, NVME_SELF_TEST_RESULT);
	if (outcome == NVME_SELF_TEST_PASSED)
		return true;
	cli_fail(error, CLI_EXIT_FAILED, "%s: the self-test did not pass: result %#x, segment %u",
		 session->name, outcome, status.result[0].seg);
	cli_hint(error, "'nvmelab self-test-log' has the details");
	return false;
}

static const char *test_name(uint32_t code)
{
	switch (code) {
	case NVME_SELF_TEST_SHORT:
		return "Short Device self-test";
	case NVME_SELF_TEST_EXTENDED:
		return "Extended Device self-test";
	default:
		return "Device self-test";
	}
}

bool cli_device_self_test(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t code = cli_u32(cli->args, "self-test-code");
	int result = nvl_self_test(session->ctrl, cli_u32(cli->args, "namespace-id"), code);

	if (!cli_check(session, result, error, "device self-test (code %#x)", code))
		return false;
	if (code == NVME_SELF_TEST_ABORT) {
		cli_done(cli, "code", code, "Aborting device self-test operation");
		return true;
	}
	if (!cli_given(cli->args, "wait")) {
		if (code == NVME_SELF_TEST_SHORT)
			cli_log(CLI_LOG_WARNING,
				"a short test ends with this run, whose end resets the controller; "
				"--wait waits for it");
		cli_done(cli, "code", code, "%s started", test_name(code));
		return true;
	}
	if (!cli_wait_for(session, test_name(code), self_test_percent, error) ||
	    !check_outcome(session, error))
		return false;
	cli_done(cli, "code", code, "%s passed", test_name(code));
	return true;
}
