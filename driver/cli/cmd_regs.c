/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands about registers: show-regs, get-property, set-property, reset, subsystem-reset. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/send.h"

const struct cli_option cli_show_regs_options[] = {
	/* clang-format off */
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
	if (bits && cli_human(cli->args))
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

/* get-property, set-property */

const struct cli_option cli_get_property_options[] = {
	/* clang-format off */
	{ "offset", 'O', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, true, "offset of the register" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_set_property_options[] = {
	/* clang-format off */
	{ "offset", 'O', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, true, "offset of the register" },
	{ "value", 'V', 'v', CLI_SIZE, "NUM", UINT64_MAX, NULL, true, "its new value" },
	{ 0 },
	/* clang-format on */
};

static const struct cli_register *find_register(struct cli *cli, GError **error)
{
	uint32_t offset = cli_u32(cli->args, "offset");
	const struct cli_register *reg;

	for (unsigned int i = 0; (reg = cli_register_at(i)) != NULL; i++) {
		if (reg->offset == offset)
			return reg;
	}
	cli_fail(error, CLI_EXIT_USAGE, "--offset: no register begins at %#x", offset);
	cli_hint(error, "'nvmelab show-regs' shows them all");
	return NULL;
}

bool cli_get_property(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct cli_register *reg = find_register(cli, error);
	JsonBuilder *builder;
	uint64_t value;

	if (!reg)
		return false;
	value = nvl_reg_read(session->ctrl, reg->offset, reg->bytes);
	if (!cli->out->json) {
		cli_print(cli->out, "property: 0x%02x (%s), value: %" G_GINT64_MODIFIER "x\n",
			  reg->offset, reg->name, value);
		if (cli_human(cli->args) && cli_register_bits(reg->offset))
			cli_print_bits(cli->out, cli_register_bits(reg->offset), value);
		return true;
	}
	builder = cli_json_open();
	cli_add_u64(builder, "property", reg->offset);
	cli_add_text(builder, "name", reg->name);
	cli_add_u64(builder, "value", value);
	cli_json_close(cli->out, builder);
	return true;
}

bool cli_set_property(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct cli_register *reg = find_register(cli, error);
	uint64_t value = cli_number(cli->args, "value");

	if (!reg)
		return false;
	if (reg->bytes == 4 && value > UINT32_MAX)
		return cli_fail(error, CLI_EXIT_USAGE, "--value: %s has 32 bits", reg->name);
	nvl_reg_write(session->ctrl, reg->offset, reg->bytes, value);
	cli_done(cli, "value", value, "set-property: %#x (%s), value: %#" G_GINT64_MODIFIER "x",
		 reg->offset, reg->name, value);
	return true;
}

/* reset, subsystem-reset */

static bool bring_up(struct cli *cli, struct cli_session *session,
		     int (*again)(struct nvl_ctrl *ctrl), GError **error)
{
	uint64_t start_nsec = nvl_device_now(session->device);
	int result = again(session->ctrl);
	uint64_t nsec = nvl_device_now(session->device) - start_nsec;
	char buffer[512];
	struct nvme_text text;
	g_autofree char *took = cli_time_text(nsec);
	JsonBuilder *builder;

	if (result != 0) {
		nvme_text_init(&text, buffer, sizeof(buffer));
		nvl_failure_text(session->ctrl, &text);
		return cli_fail_result(error, result, "%s: %s: %s", session->name,
				       cli->command->name, buffer);
	}
	cli_log(CLI_LOG_INFO, "%s: the controller is live again after %s", session->name, took);
	if (cli->out->json) {
		builder = cli_json_open();
		cli_add_text(builder, "state", nvl_state_name(nvl_state(session->ctrl)));
		cli_add_u64(builder, "reset_ns", nsec);
		cli_json_close(cli->out, builder);
	}
	return true;
}

bool cli_reset(struct cli *cli, struct cli_session *session, GError **error)
{
	return bring_up(cli, session, nvl_reset, error);
}

/* Other controllers of the subsystem are reset, too, and their hosts have to see for themselves. */
bool cli_subsystem_reset(struct cli *cli, struct cli_session *session, GError **error)
{
	if (!NVME_GET(nvl_info(session->ctrl)->cap, NVME_CAP_NSSRS))
		return cli_fail(error, CLI_EXIT_FAILED,
				"%s: the controller has no NVM subsystem reset (CAP.NSSRS is 0)",
				session->name);
	return bring_up(cli, session, nvl_subsystem_reset, error);
}
