/* SPDX-License-Identifier: BSD-3-Clause */
/* Reservations: resv-register, resv-acquire, resv-release, resv-report. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/host.h"
#include "driver/cli/print.h"
#include "driver/cli/send.h"

#define REPORT_BYTES_MAX (256u << 10)

/* clang-format off */
#define CRKEY { "crkey", 'c', 0, CLI_SIZE, "KEY", UINT64_MAX, "0", false, "current key of this host" }
#define RTYPE { "rtype", 't', 0, CLI_NUMBER, "1-6", UINT8_MAX, "0", false, "1 write exclusive, 2 exclusive access, 3 and 4 the same for registrants only, 5 and 6 for all registrants" }
#define IEKEY { "iekey", 'i', 0, CLI_FLAG, NULL, 0, NULL, false, "ignore the existing key" }
#define HOSTID { "hostid", 0, 0, CLI_STRING, "UUID", 0, NULL, false, "identifier of this host; that of /etc/nvme/hostid, or the machine's" }
/* clang-format on */

const struct cli_option cli_resv_register_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	CRKEY,
	{ "nrkey", 'k', 0, CLI_SIZE, "KEY", UINT64_MAX, "0", false, "new key" },
	{ "rrega", 'r', 0, CLI_NUMBER, "0-2", 7, "0", false, "0 register, 1 unregister, 2 replace the key" },
	{ "cptpl", 'p', 0, CLI_NUMBER, "0-3", 3, "0", false, "through power loss: 0 no change, 2 released, 3 kept" },
	IEKEY,
	HOSTID,
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_resv_acquire_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	CRKEY,
	{ "prkey", 'p', 0, CLI_SIZE, "KEY", UINT64_MAX, "0", false, "key of the host to preempt" },
	RTYPE,
	{ "racqa", 'a', 0, CLI_NUMBER, "0-2", 7, "0", false, "0 acquire, 1 preempt, 2 preempt and abort" },
	IEKEY,
	HOSTID,
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_resv_release_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	CRKEY,
	RTYPE,
	{ "rrela", 'a', 0, CLI_NUMBER, "0-1", 7, "0", false, "0 release, 1 clear" },
	IEKEY,
	HOSTID,
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_resv_report_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ "numd", 'd', 0, CLI_NUMBER, "NUM", REPORT_BYTES_MAX / 4 - 1, "0", false, "dwords to read, less one (0's based); 0 is enough for all" },
	{ "eds", 'e', 0, CLI_FLAG, NULL, 0, NULL, false, "the extended data structure; the default where Host Identifiers have 128 bits" },
	HOSTID,
	{ 0 },
	/* clang-format on */
};

/* The queue, for a host that has said who it is; NULL with an error. */
static struct nvl_queue *open_queue(struct cli *cli, struct cli_session *session, GError **error)
{
	return cli_identify_host(cli, session, error) ? cli_io_queue(session, error) : NULL;
}

static bool end_resv(struct cli *cli, struct cli_session *session, const char *title, int result,
		     GError **error)
{
	uint32_t nsid = cli_pick_nsid(cli, session);

	if (!cli_check(session, result, error, "%s of namespace %u", cli->command->name, nsid))
		return false;
	cli_done(cli, "nsid", nsid, "NVME Reservation %s success", title);
	return true;
}

bool cli_resv_register(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_resv_register resv = {
		.nsid = cli_pick_nsid(cli, session),
		.action = cli_u32(cli->args, "rrega"),
		.persistence = cli_u32(cli->args, "cptpl"),
		.ignore_key = cli_given(cli->args, "iekey") > 0,
		.current_key = cli_number(cli->args, "crkey"),
		.new_key = cli_number(cli->args, "nrkey"),
	};
	struct nvl_queue *queue = open_queue(cli, session, error);

	return queue &&
	       end_resv(cli, session, "Register", nvl_resv_register_wait(queue, &resv), error);
}

bool cli_resv_acquire(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_resv_acquire resv = {
		.nsid = cli_pick_nsid(cli, session),
		.action = cli_u32(cli->args, "racqa"),
		.type = cli_u32(cli->args, "rtype"),
		.ignore_key = cli_given(cli->args, "iekey") > 0,
		.current_key = cli_number(cli->args, "crkey"),
		.preempt_key = cli_number(cli->args, "prkey"),
	};
	struct nvl_queue *queue = open_queue(cli, session, error);

	return queue &&
	       end_resv(cli, session, "Acquire", nvl_resv_acquire_wait(queue, &resv), error);
}

bool cli_resv_release(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_resv_release resv = {
		.nsid = cli_pick_nsid(cli, session),
		.action = cli_u32(cli->args, "rrela"),
		.type = cli_u32(cli->args, "rtype"),
		.ignore_key = cli_given(cli->args, "iekey") > 0,
		.current_key = cli_number(cli->args, "crkey"),
	};
	struct nvl_queue *queue = open_queue(cli, session, error);

	return queue &&
	       end_resv(cli, session, "Release", nvl_resv_release_wait(queue, &resv), error);
}

/* resv-report */

#define ROW(type, member, kind)                                                         \
	{                                                                               \
#member, "    " #member, CLI_AT(struct type, member), kind, false, NULL \
	}
static const struct cli_field head_fields[] = {
	{ "gen", NULL, CLI_AT(struct nvme_resv_status, gen), CLI_DEC, false, NULL },
	{ "rtype", NULL, CLI_AT(struct nvme_resv_status, rtype), CLI_DEC, false, NULL },
	{ "regctl", NULL, CLI_AT(struct nvme_resv_status, regctl), CLI_DEC, false, NULL },
	{ "ptpls", NULL, CLI_AT(struct nvme_resv_status, ptpls), CLI_DEC, false, NULL },
	{ 0 },
};
static const struct cli_field short_fields[] = {
	ROW(nvme_registered_ctrl, cntlid, CLI_HEX),
	ROW(nvme_registered_ctrl, rcsts, CLI_HEX),
	ROW(nvme_registered_ctrl, hostid, CLI_HEX),
	ROW(nvme_registered_ctrl, rkey, CLI_HEX),
	{ 0 },
};
static const struct cli_field long_fields[] = {
	ROW(nvme_registered_ctrl_ext, cntlid, CLI_HEX),
	ROW(nvme_registered_ctrl_ext, rcsts, CLI_HEX),
	ROW(nvme_registered_ctrl_ext, rkey, CLI_HEX),
	ROW(nvme_registered_ctrl_ext, hostid, CLI_BYTES),
	{ 0 },
};
#undef ROW

/* The two forms of a report. */
struct form {
	size_t head_bytes;
	size_t entry_bytes;
	const char *key;
	const struct cli_field *fields;
};

static const struct form short_form = { sizeof(struct nvme_resv_status),
					sizeof(struct nvme_registered_ctrl), "regctls",
					short_fields };
static const struct form long_form = { sizeof(struct nvme_resv_status_ext),
				       sizeof(struct nvme_registered_ctrl_ext), "regctlext",
				       long_fields };

static void show_report(struct cli_output *out, const struct form *form, const uint8_t *data,
			size_t bytes)
{
	const struct nvme_resv_status *head = (const void *)data;
	size_t count = MIN((size_t)cli_load(head->regctl, 2),
			   (bytes - form->head_bytes) / form->entry_bytes);
	JsonBuilder *builder = out->json ? cli_json_open() : NULL;

	if (builder) {
		cli_add_fields(builder, head_fields, data);
		cli_json_array(builder, form->key);
	} else {
		cli_heading(out, "NVME Reservation status:");
		cli_print_fields(out, head_fields, data, 10, false);
	}
	for (size_t i = 0; i < count; i++) {
		const uint8_t *entry = data + form->head_bytes + i * form->entry_bytes;

		if (builder) {
			json_builder_begin_object(builder);
			cli_add_fields(builder, form->fields, entry);
			json_builder_end_object(builder);
		} else {
			cli_print(out, "%s[%zu]:\n", form->key, i);
			cli_print_fields(out, form->fields, entry, 14, false);
		}
	}
	if (builder) {
		json_builder_end_array(builder);
		cli_json_close(out, builder);
	}
}

bool cli_resv_report(struct cli *cli, struct cli_session *session, GError **error)
{
	bool wide = cli_given(cli->args, "eds") > 0 ||
		    NVME_GET(nvme_cpu32(nvl_id_ctrl(session->ctrl)->ctratt),
			     NVME_ID_CTRL_CTRATT_HIDS);
	const struct form *form = wide ? &long_form : &short_form;
	uint32_t numd = cli_u32(cli->args, "numd"), nsid = cli_pick_nsid(cli, session);
	uint32_t bytes = numd > 0 ? (numd + 1) * 4 : 4096;
	g_autofree uint8_t *data = NULL;
	struct cli_request request = { .io = true, .sqe = { .opcode = NVME_CMD_RESV_REPORT } };

	bytes = MAX(bytes, (uint32_t)form->head_bytes);
	data = g_malloc0(bytes);
	request.data = data;
	request.bytes = bytes;
	request.sqe.nsid = nvme_le32(nsid);
	request.sqe.cdw10 = nvme_le32(bytes / 4 - 1);
	request.sqe.cdw11 = nvme_le32(NVME_PUT(NVME_RESV_REPORT_EDS, wide));
	if (!cli_identify_host(cli, session, error) ||
	    !cli_send(session, &request, error, "reservation report of namespace %u", nsid))
		return false;
	if (!cli_write_binary(cli->out, data, bytes))
		show_report(cli->out, form, data, bytes);
	return true;
}
