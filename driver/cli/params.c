/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of the driver: how --driver sets them, and what is said of them. */
#include <errno.h>
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/params.h"
#include "emulator/device/device.h"

#define ERROR_BYTES 1024
#define ITEM_BYTES  512

static bool set_one(struct nvl_config *config, const char *item, GError **error)
{
	struct nvme_slice name = nvme_slice(item);
	const char *equals = strchr(item, '=');
	char buffer[ERROR_BYTES];
	struct nvme_text text;

	if (!equals)
		return cli_fail(error, CLI_EXIT_USAGE, "--driver: '%s' is not KEY=VALUE", item);
	name.bytes = (size_t)(equals - item);
	nvme_text_init(&text, buffer, sizeof(buffer));
	if (nvl_config_set(config, name, nvme_slice(equals + 1), &text) == 0)
		return true;
	cli_fail(error, CLI_EXIT_USAGE, "--driver: %s", buffer);
	cli_hint(error, "'nvmelab help params' has them all");
	return false;
}

bool cli_set_parameters(const struct cli_args *args, struct nvl_config *config, GError **error)
{
	char item[ITEM_BYTES];
	const char *list;

	for (unsigned int i = 0; (list = cli_list(args, "driver", i)) != NULL; i++) {
		int result;

		while ((result = emu_list_next(&list, item, sizeof(item))) == 0) {
			if (!set_one(config, item, error))
				return false;
		}
		if (result != -ENOENT)
			return cli_fail(error, CLI_EXIT_USAGE, "--driver: a value is too long");
	}
	return true;
}

char *cli_parameter_text(const struct nvl_key *key)
{
	char allowed[128], value[64];
	struct nvl_config defaults;
	struct nvme_text text;

	nvl_config_init(&defaults);
	nvme_text_init(&text, allowed, sizeof(allowed));
	nvl_config_allowed(key, &text);
	nvme_text_init(&text, value, sizeof(value));
	nvl_config_print(&defaults, key, &text);
	return g_strdup_printf("%s; %s (default %s)", key->help, allowed, value);
}
