/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands about registers: show-regs, reset. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/session.h"

const struct cli_option cli_show_regs_options[] = {
	/* clang-format off */
	{ "human-readable", 'H', 0, CLI_FLAG, NULL, 0, NULL, false, "with the meaning of bits" },
	{ "no-start", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "read the registers as they are, without bringing the controller up" },
	{ 0 },
	/* clang-format on */
};

static void print_register(struct cli *cli, const struct cli_register *reg, uint64_t value)
{
	const struct cli_bits *bits = cli_register_bits(reg->offset);
	g_autofree char *name = g_ascii_strdown(reg->name, -1);

	cli_print(cli->out, "%-8s: %" G_GINT64_MODIFIER "x\n",
		  strcmp(name, "vs") == 0 ? "version" : name, value);
	if (bits && cli_given(cli->args, "human-readable"))
		cli_print_bits(cli->out, bits, value);
}

static bool show_regs(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	const struct cli_register *reg;

	json_builder_begin_object(builder);
	for (unsigned int i = 0; (reg = cli_register_at(i)) != NULL; i++) {
		uint64_t value = nvl_reg_read(session->ctrl, reg->offset, reg->bytes);
		g_autofree char *name = g_ascii_strdown(reg->name, -1);

		if (cli->out->json)
			cli_add_u64(builder, name, value);
		else
			print_register(cli, reg, value);
	}
	json_builder_end_object(builder);
	if (cli->out->json)
		cli_print_json(cli->out, builder);
	if (nvl_reg_read(session->ctrl, NVME_REG_VS, 4) == UINT32_MAX)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT,
				"%s: registers read all ones: the device is gone", session->name);
	return true;
}

bool cli_run_show_regs(struct cli *cli, GError **error)
{
	const struct cli_needs needs = { .no_start = cli_given(cli->args, "no-start") > 0 };

	return cli_with_session(cli, &needs, show_regs, error);
}

static bool reset(struct cli *cli, struct cli_session *session, GError **error)
{
	uint64_t start_nsec = nvl_device_now(session->device);
	int result = nvl_reset(session->ctrl);
	uint64_t nsec = nvl_device_now(session->device) - start_nsec;
	char buffer[512];
	struct nvme_text text;
	g_autofree char *took = cli_time_text(nsec);

	if (result != 0) {
		nvme_text_init(&text, buffer, sizeof(buffer));
		nvl_failure_text(session->ctrl, &text);
		cli_fail_result(error, result, "%s: reset: %s", session->name, buffer);
		return false;
	}
	cli_log(CLI_LOG_INFO, "%s: the controller is live again after %s", session->name, took);
	if (cli->out->json) {
		g_autoptr(JsonBuilder) builder = json_builder_new();

		json_builder_begin_object(builder);
		cli_add_text(builder, "state", nvl_state_name(nvl_state(session->ctrl)));
		cli_add_u64(builder, "reset_ns", nsec);
		json_builder_end_object(builder);
		cli_print_json(cli->out, builder);
	}
	return true;
}

bool cli_run_reset(struct cli *cli, GError **error)
{
	return cli_with_session(cli, NULL, reset, error);
}
