/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors of the command line, and which exit code each has. */
#include "driver/cli/error.h"

#include "common/nvme_names.h"
#include "driver/core/nvl.h"

/* clang-format off */
G_DEFINE_QUARK(nvmelab-cli-error, cli_error)
G_DEFINE_QUARK(nvmelab-cli-verdict, cli_verdict)
G_DEFINE_QUARK(nvme-status-error, cli_status)
/* clang-format on */

bool cli_fail(GError **error, enum cli_exit code, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list list;

	va_start(list, format);
	message = g_strdup_vprintf(format, list);
	va_end(list);
	g_set_error_literal(error, CLI_ERROR, (int)code, message);
	return false;
}

bool cli_verdict(GError **error, int code, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list list;

	va_start(list, format);
	message = g_strdup_vprintf(format, list);
	va_end(list);
	g_set_error_literal(error, CLI_VERDICT, code, message);
	return false;
}

/* "NVMe status: Invalid Field in Command(0x4002)", and what its bits besides the code say. */
static char *describe_status(nvme_status status)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_append_printf(text, "NVMe status: %s(%#x)", nvme_status_name(status), status);
	g_string_append_printf(text, "\n%s, code %02Xh",
			       nvme_sct_name(NVME_GET(status, NVME_STATUS_SCT)),
			       NVME_GET(status, NVME_STATUS_SC));
	if (NVME_GET(status, NVME_STATUS_CRD))
		g_string_append_printf(text, "; retry after delay CRDT%u",
				       NVME_GET(status, NVME_STATUS_CRD));
	if (NVME_GET(status, NVME_STATUS_M))
		g_string_append(text, "; the error log has more");
	if (NVME_GET(status, NVME_STATUS_DNR))
		g_string_append(text, "; do not retry (DNR)");
	return g_string_free(g_steal_pointer(&text), FALSE);
}

bool cli_fail_result(GError **error, int result, const char *format, ...)
{
	g_autofree char *what = NULL, *cause = NULL;
	char buffer[256];
	struct nvme_text text;
	va_list list;

	va_start(list, format);
	what = g_strdup_vprintf(format, list);
	va_end(list);
	if (result > 0) {
		cause = describe_status((nvme_status)result);
		g_set_error(error, NVME_STATUS_ERROR, result, "%s: %s", what, cause);
	} else {
		nvme_text_init(&text, buffer, sizeof(buffer));
		nvl_result_text(result, &text);
		g_set_error(error, CLI_ERROR, CLI_EXIT_ENVIRONMENT, "%s: %s", what, buffer);
	}
	return false;
}

void cli_hint(GError **error, const char *format, ...)
{
	g_autofree char *hint = NULL, *message = NULL;
	va_list list;

	if (!error || !*error)
		return;
	va_start(list, format);
	hint = g_strdup_vprintf(format, list);
	va_end(list);
	message = g_strdup_printf("%s\n%s", (*error)->message, hint);
	g_free((*error)->message);
	(*error)->message = g_steal_pointer(&message);
}

enum cli_exit cli_exit_code(const GError *error)
{
	if (!error)
		return CLI_EXIT_SUCCESS;
	if (error->domain == NVME_STATUS_ERROR)
		return CLI_EXIT_FAILED;
	if (error->domain == CLI_ERROR || error->domain == CLI_VERDICT)
		return (enum cli_exit)error->code;
	return CLI_EXIT_ENVIRONMENT;
}
