/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes dwords of the options of a command on blocks. */
#include "driver/cli/rw.h"

#include "driver/cli/error.h"
#include "driver/cli/send.h"

/* An option that not every such command has. */
static uint64_t number(const struct cli *cli, const char *name)
{
	return cli_has_option(cli->command, name) ? cli_number(cli->args, name) : 0;
}

static bool flag(const struct cli *cli, const char *name)
{
	return cli_has_option(cli->command, name) && cli_given(cli->args, name) > 0;
}

static uint32_t dword12(const struct cli *cli)
{
	return NVME_PUT(NVME_RW_NLB, cli_u32(cli->args, "block-count")) |
	       NVME_PUT(NVME_RW_DTYPE, (uint32_t)number(cli, "dir-type")) |
	       NVME_PUT(NVME_RW_STC, flag(cli, "storage-tag-check")) |
	       NVME_PUT(NVME_RW_DEAC, flag(cli, "deac")) |
	       NVME_PUT(NVME_RW_PRINFO, (uint32_t)number(cli, "prinfo")) |
	       NVME_PUT(NVME_RW_FUA, flag(cli, "force-unit-access")) |
	       NVME_PUT(NVME_RW_LR, flag(cli, "limited-retry"));
}

/* Bits that storage tag and reference tag share, and the storage tag's part of them. */
static bool tag_bits(struct cli_session *session, uint32_t nsid, unsigned int *ret_bits,
		     unsigned int *ret_storage_bits, GError **error)
{
	static const unsigned int widths[] = { 32, 80, 48, 32 }; /* by PIF */
	struct nvl_identify request = { .cns = NVME_CNS_NS, .nsid = nsid };
	g_autofree struct nvme_id_ns *id = g_new0(struct nvme_id_ns, 1);
	g_autofree struct nvme_id_ns_nvm *nvm = g_new0(struct nvme_id_ns_nvm, 1);
	uint32_t elbaf;

	if (!cli_identify(session, &request, id, error))
		return false;
	request.cns = NVME_CNS_NS_CSI;
	if (!cli_identify(session, &request, nvm, error))
		return false;
	elbaf = nvme_cpu32(nvm->elbaf[nvme_id_ns_format(id->flbas)]);
	*ret_bits = widths[NVME_GET(elbaf, NVME_ELBAF_PIF)];
	*ret_storage_bits = NVME_GET(elbaf, NVME_ELBAF_STS);
	return true;
}

/* A plain 32-bit reference tag needs no look at the format. */
static bool fill_tags(struct cli *cli, struct cli_session *session, struct nvme_sqe *sqe,
		      GError **error)
{
	uint64_t reference = number(cli, "ref-tag"), storage = number(cli, "storage-tag");
	unsigned int bits = 32, storage_bits = 0;
	unsigned __int128 tags = reference;

	if ((storage > 0 || reference > UINT32_MAX) &&
	    !tag_bits(session, nvme_cpu32(sqe->nsid), &bits, &storage_bits, error))
		return false;
	if (storage_bits < 64 && storage >> storage_bits)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--storage-tag: namespace %u has storage tags of %u bits",
				nvme_cpu32(sqe->nsid), storage_bits);
	if (bits - storage_bits < 64 && reference >> (bits - storage_bits))
		return cli_fail(error, CLI_EXIT_USAGE,
				"--ref-tag: namespace %u has reference tags of %u bits",
				nvme_cpu32(sqe->nsid), bits - storage_bits);
	if (storage_bits > 0)
		tags |= (unsigned __int128)storage << (bits - storage_bits);
	sqe->cdw14 = nvme_le32((uint32_t)tags);
	sqe->cdw3 = nvme_le32((uint32_t)(tags >> 32));
	sqe->cdw2 = nvme_le32((uint32_t)(tags >> 64));
	return true;
}

bool cli_fill_rw(struct cli *cli, struct cli_session *session, struct nvme_sqe *sqe, GError **error)
{
	uint64_t slba = cli_number(cli->args, "start-block");

	sqe->nsid = nvme_le32(cli_pick_nsid(cli, session));
	sqe->cdw10 = nvme_le32((uint32_t)slba);
	sqe->cdw11 = nvme_le32((uint32_t)(slba >> 32));
	sqe->cdw12 = nvme_le32(dword12(cli));
	sqe->cdw13 = nvme_le32(NVME_PUT(NVME_RW_DSM, (uint32_t)number(cli, "dsm")) |
			       NVME_PUT(NVME_RW_DSPEC, (uint32_t)number(cli, "dir-spec")));
	sqe->cdw15 = nvme_le32(NVME_PUT(NVME_RW_LBAT, (uint32_t)number(cli, "app-tag")) |
			       NVME_PUT(NVME_RW_LBATM, (uint32_t)number(cli, "app-tag-mask")));
	return fill_tags(cli, session, sqe, error);
}

void cli_say_latency(const struct cli *cli, uint64_t nsec)
{
	g_autofree char *took = cli_time_text(nsec);

	if (cli_given(cli->args, "latency"))
		fprintf(stderr, " latency: %s: %s\n", cli->command->name, took);
}
