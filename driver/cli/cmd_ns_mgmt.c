/* SPDX-License-Identifier: BSD-3-Clause */
/* Namespaces come and go: create-ns, delete-ns, attach-ns, detach-ns, ns-rescan. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/send.h"

const struct cli_option cli_create_ns_options[] = {
	/* clang-format off */
	{ "nsze", 's', 0, CLI_SIZE, "NUM", UINT64_MAX, NULL, false, "size, in logical blocks (NSZE)" },
	{ "ncap", 'c', 0, CLI_SIZE, "NUM", UINT64_MAX, NULL, false, "capacity, in logical blocks (NCAP); the size if not given" },
	{ "nsze-si", 'S', 0, CLI_STRING, "SIZE", 0, NULL, false, "size in bytes, with K, M, G, T or P as powers of 1000" },
	{ "ncap-si", 'C', 0, CLI_STRING, "SIZE", 0, NULL, false, "capacity in bytes, likewise" },
	{ "flbas", 'f', 0, CLI_NUMBER, "NUM", UINT8_MAX, NULL, false, "format and place of metadata (FLBAS); 0 if not given" },
	{ "block-size", 'b', 0, CLI_SIZE, "SIZE", UINT32_MAX, NULL, false, "instead of --flbas: the format without metadata that has blocks of this size" },
	{ "dps", 'd', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "protection information (DPS)" },
	{ "nmic", 'm', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "1 for a namespace that several controllers share (NMIC)" },
	{ "anagrp-id", 'a', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "ANA group; 0 lets the controller choose" },
	{ "nvmset-id", 'i', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "NVM set" },
	{ "endg-id", 'e', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "endurance group" },
	{ "csi", 'y', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "I/O command set" },
	{ "lbstm", 'l', 0, CLI_SIZE, "NUM", UINT64_MAX, "0", false, "storage tag mask" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_delete_ns_options[] = {
	/* clang-format off */
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, true, "the namespace; 0xffffffff is all" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_attach_ns_options[] = {
	/* clang-format off */
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, true, "the namespace" },
	{ "controllers", 'c', 0, CLI_NUMBERS, "NUM,...", UINT16_MAX, NULL, false, "identifiers of controllers; the one that is asked if not given" },
	{ 0 },
	/* clang-format on */
};

/* create-ns */

/* A size of a drive, in powers of 1000, as blocks. */
static bool si_blocks(const char *option, const char *text, uint32_t block_bytes,
		      uint64_t *ret_blocks, GError **error)
{
	static const char units[] = "KMGTPE";
	char *end = NULL;
	uint64_t bytes = g_ascii_strtoull(text, &end, 10);
	const char *unit = end && *end ? strchr(units, g_ascii_toupper(*end)) : NULL;

	if (!end || end == text || !g_ascii_isdigit(text[0]) || (*end && (!unit || end[1])))
		return cli_fail(error, CLI_EXIT_USAGE,
				"--%s: '%s' is not a number of bytes, such as 512M or 1T", option,
				text);
	for (; unit && unit >= units; unit--) {
		if (bytes > UINT64_MAX / 1000)
			return cli_fail(error, CLI_EXIT_USAGE, "--%s: '%s' is out of range", option,
					text);
		bytes *= 1000;
	}
	*ret_blocks = bytes / block_bytes;
	return true;
}

/* The formats that any namespace can have are those of NSID FFFFFFFFh. */
static bool common_formats(struct cli_session *session, struct nvme_id_ns *id, GError **error)
{
	const struct nvl_identify request = { .cns = NVME_CNS_NS, .nsid = NVME_NSID_ALL };

	return cli_identify(session, &request, id, error);
}

static bool find_format(const struct nvme_id_ns *id, uint64_t block_bytes, uint8_t *ret_index,
			GError **error)
{
	for (unsigned int i = 0; i <= id->nlbaf && i < NVME_LBA_FORMATS_MAX; i++) {
		const struct nvme_lbaf *lbaf = &id->lbaf[i];

		if (lbaf->lbads < 64 && UINT64_C(1) << lbaf->lbads == block_bytes &&
		    nvme_cpu16(lbaf->ms) == 0) {
			*ret_index = (uint8_t)i;
			return true;
		}
	}
	return cli_fail(error, CLI_EXIT_USAGE,
			"--block-size: no format has blocks of %" G_GUINT64_FORMAT
			" bytes without metadata",
			block_bytes);
}

bool cli_find_format(struct cli_session *session, uint64_t block_bytes, uint8_t *ret_index,
		     GError **error)
{
	g_autofree struct nvme_id_ns *id = g_new0(struct nvme_id_ns, 1);

	return common_formats(session, id, error) && find_format(id, block_bytes, ret_index, error);
}

static bool pick_flbas(struct cli *cli, struct cli_session *session, uint8_t *ret_flbas,
		       GError **error)
{
	if (cli_given(cli->args, "flbas") && cli_given(cli->args, "block-size"))
		return cli_fail(error, CLI_EXIT_USAGE,
				"--flbas and --block-size exclude each other");
	*ret_flbas = (uint8_t)cli_u32(cli->args, "flbas");
	if (!cli_given(cli->args, "block-size"))
		return true;
	if (!cli_find_format(session, cli_number(cli->args, "block-size"), ret_flbas, error))
		return false;
	/* Indices above 15 have their upper bits in FLBAS 6:5. */
	*ret_flbas = (uint8_t)((*ret_flbas & 15) | (*ret_flbas >> 4) << 5);
	return true;
}

/* --nsze or --nsze-si, and the same of the capacity. */
static bool pick_size(struct cli *cli, struct cli_session *session, const char *name, uint8_t flbas,
		      uint64_t *ret_blocks, GError **error)
{
	g_autofree char *si_name = g_strconcat(name, "-si", NULL);
	const char *si = cli_text(cli->args, si_name);
	g_autofree struct nvme_id_ns *id = NULL;
	uint8_t shift;

	if (!si) {
		if (cli_given(cli->args, name))
			*ret_blocks = cli_number(cli->args, name);
		return true;
	}
	if (cli_given(cli->args, name))
		return cli_fail(error, CLI_EXIT_USAGE, "--%s and --%s exclude each other", name,
				si_name);
	id = g_new0(struct nvme_id_ns, 1);
	if (!common_formats(session, id, error))
		return false;
	shift = id->lbaf[nvme_id_ns_format(flbas)].lbads;
	return si_blocks(si_name, si, shift < 32 ? 1u << shift : 512, ret_blocks, error);
}

bool cli_create_ns(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree struct nvme_ns_mgmt_create *data = g_new0(struct nvme_ns_mgmt_create, 1);
	uint64_t nsze = 0, ncap;
	uint32_t nsid = 0;
	int result;

	if (!pick_flbas(cli, session, &data->flbas, error) ||
	    !pick_size(cli, session, "nsze", data->flbas, &nsze, error))
		return false;
	if (nsze == 0)
		return cli_fail(error, CLI_EXIT_USAGE, "--nsze NUM is missing (the size)");
	ncap = nsze;
	if (!pick_size(cli, session, "ncap", data->flbas, &ncap, error))
		return false;
	data->nsze = nvme_le64(nsze);
	data->ncap = nvme_le64(ncap);
	data->dps = (uint8_t)cli_u32(cli->args, "dps");
	data->nmic = (uint8_t)cli_u32(cli->args, "nmic");
	data->anagrpid = nvme_le32(cli_u32(cli->args, "anagrp-id"));
	data->nvmsetid = nvme_le16((uint16_t)cli_u32(cli->args, "nvmset-id"));
	data->endgid = nvme_le16((uint16_t)cli_u32(cli->args, "endg-id"));
	data->lbstm = nvme_le64(cli_number(cli->args, "lbstm"));
	result = nvl_ns_create(session->ctrl, data, (uint8_t)cli_u32(cli->args, "csi"), &nsid);
	if (!cli_check(session, result, error,
		       "creating a namespace of %" G_GUINT64_FORMAT " blocks", nsze))
		return false;
	cli_done(cli, "nsid", nsid, "create-ns: Success, created nsid:%u", nsid);
	return true;
}

/* delete-ns */

bool cli_delete_ns(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t nsid = cli_u32(cli->args, "namespace-id");

	if (!cli_check(session, nvl_ns_delete(session->ctrl, nsid), error,
		       "deletion of namespace %u", nsid))
		return false;
	cli_done(cli, "nsid", nsid, "delete-ns: Success, deleted nsid:%u", nsid);
	return true;
}

/* attach-ns, detach-ns */

typedef int attach_fn(struct nvl_ctrl *ctrl, uint32_t nsid, const uint16_t *cntlids,
		      uint32_t count);

static bool attachment(struct cli *cli, struct cli_session *session, attach_fn *attach,
		       GError **error)
{
	uint16_t cntlids[NVME_CTRL_LIST_ENTRIES];
	uint32_t nsid = cli_u32(cli->args, "namespace-id");
	unsigned int count = cli_count(cli->args, "controllers");

	if (count > NVME_CTRL_LIST_ENTRIES)
		return cli_fail(error, CLI_EXIT_USAGE, "--controllers: more than %u",
				NVME_CTRL_LIST_ENTRIES);
	for (unsigned int i = 0; i < count; i++)
		cntlids[i] = (uint16_t)cli_nth(cli->args, "controllers", i, 0);
	if (!cli_check(session, attach(session->ctrl, nsid, cntlids, count), error,
		       "%s of namespace %u", cli->command->name, nsid))
		return false;
	cli_done(cli, "nsid", nsid, "%s: Success, nsid:%u", cli->command->name, nsid);
	return true;
}

bool cli_attach_ns(struct cli *cli, struct cli_session *session, GError **error)
{
	return attachment(cli, session, nvl_ns_attach, error);
}

bool cli_detach_ns(struct cli *cli, struct cli_session *session, GError **error)
{
	return attachment(cli, session, nvl_ns_detach, error);
}

/* ns-rescan: silent where all is well, as nvme-cli's. */
bool cli_ns_rescan(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t count;

	if (!cli_check(session, nvl_rescan(session->ctrl), error, "reading the namespaces again"))
		return false;
	count = nvl_ns_count(session->ctrl);
	cli_log(CLI_LOG_INFO, "%s: %u namespace%s", session->name, count, CLI_PLURAL(count));
	if (cli->out->json)
		cli_done(cli, "namespaces", count, "ns-rescan: %u", count);
	return true;
}
