/* SPDX-License-Identifier: BSD-3-Clause */
/* Who this host is: show-hostnqn, gen-hostnqn, and its identifier for reservations. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/host.h"
#include "driver/cli/print.h"
#include "driver/cli/send.h"

#define NQN_PREFIX "nqn.2014-08.org.nvmexpress:uuid:"

static char *first_line(const char *path)
{
	g_autofree char *text = NULL;
	gsize bytes;

	if (!g_file_get_contents(path, &text, &bytes, NULL))
		return NULL;
	text[strcspn(text, "\r\n")] = '\0';
	return *text ? g_steal_pointer(&text) : NULL;
}

/* 32 hexadecimal digits of the machine ID as a UUID; a machine without one gets zeros. */
static char *machine_uuid(void)
{
	g_autofree char *id = first_line("/etc/machine-id");

	if (!id || strlen(id) != 32 || strspn(id, "0123456789abcdef") != 32)
		return g_strdup("00000000-0000-0000-0000-000000000000");
	return g_strdup_printf("%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12, id + 16, id + 20);
}

char *cli_host_nqn(void)
{
	char *nqn = first_line("/etc/nvme/hostnqn");
	g_autofree char *uuid = NULL;

	if (nqn)
		return nqn;
	uuid = machine_uuid();
	return g_strconcat(NQN_PREFIX, uuid, NULL);
}

char *cli_host_id(void)
{
	char *id = first_line("/etc/nvme/hostid");

	return id ? id : machine_uuid();
}

static void show_nqn(struct cli *cli, const char *nqn)
{
	JsonBuilder *builder;

	if (!cli->out->json) {
		cli_print(cli->out, "%s\n", nqn);
		return;
	}
	builder = cli_json_open();
	cli_add_text(builder, "hostnqn", nqn);
	cli_json_close(cli->out, builder);
}

bool cli_run_show_hostnqn(struct cli *cli, GError **error)
{
	g_autofree char *nqn = cli_host_nqn();

	(void)error;
	show_nqn(cli, nqn);
	return true;
}

bool cli_run_gen_hostnqn(struct cli *cli, GError **error)
{
	g_autofree char *uuid = g_uuid_string_random();
	g_autofree char *nqn = g_strconcat(NQN_PREFIX, uuid, NULL);

	(void)error;
	show_nqn(cli, nqn);
	return true;
}

static bool parse_uuid(const char *text, uint8_t uuid[16])
{
	size_t at = 0;

	if (!g_uuid_string_is_valid(text))
		return false;
	for (; *text && at < 16; text++) {
		if (*text == '-')
			continue;
		uuid[at++] = (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 |
				       g_ascii_xdigit_value(text[1]));
		text++;
	}
	return at == 16;
}

static bool pick_id(struct cli *cli, uint8_t uuid[16], GError **error)
{
	const char *given = cli_text(cli->args, "hostid");
	g_autofree char *own = cli_host_id();
	static const uint8_t none[16];

	if (!parse_uuid(given ? given : own, uuid))
		return cli_fail(error, CLI_EXIT_USAGE, "%s: '%s' is not a UUID",
				given ? "--hostid" : "/etc/nvme/hostid", given ? given : own);
	if (memcmp(uuid, none, sizeof(none)) == 0) {
		cli_fail(error, CLI_EXIT_USAGE, "this host has no identifier");
		cli_hint(error, "give one with --hostid UUID, or put one into /etc/nvme/hostid");
		return false;
	}
	return true;
}

bool cli_identify_host(struct cli *cli, struct cli_session *session, GError **error)
{
	bool wide = NVME_GET(nvme_cpu32(nvl_id_ctrl(session->ctrl)->ctratt),
			     NVME_ID_CTRL_CTRATT_HIDS);
	uint8_t uuid[16] = { 0 };
	struct nvl_feature feature = { .fid = NVME_FID_HOST_ID,
				       .cdw11 = NVME_PUT(NVME_FEAT_HOST_ID_EXHID, wide),
				       .data = uuid,
				       .data_bytes = wide ? 16 : 8 };
	int result = nvl_get_feature(session->ctrl, &feature, NULL);

	if (result != 0 || cli_load(uuid, 8) || cli_load(uuid + 8, 8))
		return true;
	if (!pick_id(cli, uuid, error))
		return false;
	result = nvl_set_feature(session->ctrl, &feature, NULL);
	if (result != 0)
		return cli_fail_result(error, result, "%s: setting the Host Identifier",
				       session->name);
	return true;
}
