/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands on blocks without data: verify, write-zeroes, write-uncor; dsm, copy, get-lba-status. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/rw.h"
#include "driver/cli/send.h"

#define COPY_RANGES_MAX	     256
#define LBA_STATUS_BYTES_MAX (1u << 20)

const struct cli_option cli_verify_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	CLI_RW_START,
	CLI_RW_COUNT,
	CLI_RW_RETRY,
	CLI_RW_FUA,
	CLI_RW_TAGS('S'),
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_write_zeroes_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	CLI_RW_START,
	CLI_RW_COUNT,
	{ "deac", 'd', 0, CLI_FLAG, NULL, 0, NULL, false, "deallocate the blocks" },
	CLI_RW_RETRY,
	CLI_RW_FUA,
	CLI_RW_TAGS('S'),
	CLI_RW_DIR_TYPE,
	CLI_RW_DIR_SPEC('D'),
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_write_uncor_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	CLI_RW_START,
	CLI_RW_COUNT,
	CLI_RW_DIR_TYPE,
	CLI_RW_DIR_SPEC('D'),
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_dsm_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ "slbs", 's', 0, CLI_NUMBERS, "NUM,...", UINT64_MAX, NULL, true, "first block of each range" },
	{ "blocks", 'b', 0, CLI_NUMBERS, "NUM,...", UINT32_MAX, NULL, true, "blocks of each range" },
	{ "ctx-attrs", 'a', 0, CLI_NUMBERS, "NUM,...", UINT32_MAX, NULL, false, "context attributes of each range; 0 if not given" },
	{ "ad", 'd', 0, CLI_FLAG, NULL, 0, NULL, false, "deallocate" },
	{ "idw", 'w', 0, CLI_FLAG, NULL, 0, NULL, false, "the ranges will be written together" },
	{ "idr", 'r', 0, CLI_FLAG, NULL, 0, NULL, false, "the ranges will be read together" },
	{ "cdw11", 'c', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "dword 11, besides these flags" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_copy_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ "sdlba", 'd', 0, CLI_SIZE, "NUM", UINT64_MAX, NULL, true, "first block to write" },
	{ "slbs", 's', 0, CLI_NUMBERS, "NUM,...", UINT64_MAX, NULL, true, "first block of each source range" },
	{ "blocks", 'b', 0, CLI_NUMBERS, "NUM,...", UINT16_MAX, NULL, true, "blocks of each source range, less one (0's based)" },
	{ "snsids", 'N', 0, CLI_NUMBERS, "NUM,...", UINT32_MAX, NULL, false, "namespace of each source range, for formats 2 and 3" },
	{ "sopts", 'O', 0, CLI_NUMBERS, "NUM,...", UINT16_MAX, NULL, false, "options of each source range, for formats 2 and 3" },
	{ "format", 'F', 0, CLI_NUMBER, "0-3", 3, "0", false, "descriptor format" },
	CLI_RW_RETRY,
	CLI_RW_FUA,
	{ "prinfow", 'p', 0, CLI_NUMBER, "0-15", 15, "0", false, "protection information of the write: PRACT is 8, checks are 4, 2, 1" },
	{ "prinfor", 'P', 0, CLI_NUMBER, "0-15", 15, "0", false, "protection information of the read" },
	{ "ref-tag", 'r', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "initial reference tag of the write" },
	{ "expected-ref-tags", 'R', 0, CLI_NUMBERS, "NUM,...", UINT32_MAX, NULL, false, "reference tag of each source range" },
	{ "app-tag", 'a', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "application tag of the write" },
	{ "expected-app-tags", 'A', 0, CLI_NUMBERS, "NUM,...", UINT16_MAX, NULL, false, "application tag of each source range" },
	{ "app-tag-mask", 'm', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "bits of the application tag, for the write" },
	{ "expected-app-tag-masks", 'M', 0, CLI_NUMBERS, "NUM,...", UINT16_MAX, NULL, false, "the same for each source range" },
	CLI_RW_DIR_TYPE,
	CLI_RW_DIR_SPEC('S'),
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_get_lba_status_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ "start-lba", 's', 0, CLI_SIZE, "NUM", UINT64_MAX, "0", false, "first logical block" },
	{ "range-len", 'l', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "blocks; 0 is to the end" },
	{ "max-dw", 'm', 0, CLI_NUMBER, "NUM", LBA_STATUS_BYTES_MAX / 4 - 1, "1023", false, "dwords of the answer at most, less one (0's based)" },
	{ "action", 'a', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0x11", false, "0x10 scan and list, 0x11 list what is known, 2 allocated blocks" },
	{ 0 },
	/* clang-format on */
};

/* verify, write-zeroes, write-uncor */

static bool send_range(struct cli *cli, struct cli_session *session, uint8_t opcode,
		       const char *title, GError **error)
{
	struct cli_request request = { .io = true, .sqe = { .opcode = opcode } };
	uint32_t nlb = cli_u32(cli->args, "block-count") + 1;

	if (!cli_fill_rw(cli, session, &request.sqe, error) ||
	    !cli_send(session, &request, error,
		      "%s of %u block%s from block %" G_GUINT64_FORMAT " in namespace %u",
		      cli->command->name, nlb, CLI_PLURAL(nlb),
		      cli_number(cli->args, "start-block"), nvme_cpu32(request.sqe.nsid)))
		return false;
	cli_done(cli, "blocks", nlb, "NVME %s Success", title);
	return true;
}

bool cli_verify(struct cli *cli, struct cli_session *session, GError **error)
{
	return send_range(cli, session, NVME_CMD_VERIFY, "Verify", error);
}

bool cli_write_zeroes(struct cli *cli, struct cli_session *session, GError **error)
{
	return send_range(cli, session, NVME_CMD_WRITE_ZEROES, "Write Zeroes", error);
}

bool cli_write_uncor(struct cli *cli, struct cli_session *session, GError **error)
{
	return send_range(cli, session, NVME_CMD_WRITE_UNCORRECTABLE, "Write Uncorrectable", error);
}

/* The ranges of dsm and copy: as many lengths as beginnings. */
static bool count_ranges(const struct cli *cli, unsigned int max, unsigned int *ret_count,
			 GError **error)
{
	*ret_count = cli_count(cli->args, "slbs");
	if (*ret_count != cli_count(cli->args, "blocks"))
		return cli_fail(error, CLI_EXIT_USAGE, "--slbs has %u ranges, --blocks has %u",
				*ret_count, cli_count(cli->args, "blocks"));
	if (*ret_count > max)
		return cli_fail(error, CLI_EXIT_USAGE, "--slbs: more than %u ranges", max);
	return true;
}

/* dsm */

bool cli_dsm(struct cli *cli, struct cli_session *session, GError **error)
{
	struct nvme_dsm_range ranges[NVME_DSM_RANGES_MAX] = { 0 };
	struct cli_request request = { .io = true,
				       .sqe = { .opcode = NVME_CMD_DSM },
				       .data = ranges };
	unsigned int count;

	if (!count_ranges(cli, NVME_DSM_RANGES_MAX, &count, error))
		return false;
	for (unsigned int i = 0; i < count; i++) {
		ranges[i].slba = nvme_le64(cli_nth(cli->args, "slbs", i, 0));
		ranges[i].nlb = nvme_le32((uint32_t)cli_nth(cli->args, "blocks", i, 0));
		ranges[i].cattr = nvme_le32((uint32_t)cli_nth(cli->args, "ctx-attrs", i, 0));
	}
	request.bytes = count * sizeof(ranges[0]);
	request.sqe.nsid = nvme_le32(cli_pick_nsid(cli, session));
	request.sqe.cdw10 = nvme_le32(NVME_PUT(NVME_DSM_NR, count - 1));
	request.sqe.cdw11 = nvme_le32(cli_u32(cli->args, "cdw11") |
				      NVME_PUT(NVME_DSM_AD, cli_given(cli->args, "ad") > 0) |
				      NVME_PUT(NVME_DSM_IDW, cli_given(cli->args, "idw") > 0) |
				      NVME_PUT(NVME_DSM_IDR, cli_given(cli->args, "idr") > 0));
	if (!cli_send(session, &request, error, "dsm of %u range%s in namespace %u", count,
		      CLI_PLURAL(count), nvme_cpu32(request.sqe.nsid)))
		return false;
	cli_done(cli, "ranges", count, "NVMe DSM: success");
	return true;
}

/* copy */

static size_t fill_short(const struct cli *cli, void *data, unsigned int i)
{
	struct nvme_copy_range *range = (struct nvme_copy_range *)data + i;

	range->snsid = nvme_le32((uint32_t)cli_nth(cli->args, "snsids", i, 0));
	range->slba = nvme_le64(cli_nth(cli->args, "slbs", i, 0));
	range->nlb = nvme_le16((uint16_t)cli_nth(cli->args, "blocks", i, 0));
	range->sopt = nvme_le16((uint16_t)cli_nth(cli->args, "sopts", i, 0));
	range->eilbrt = nvme_le32((uint32_t)cli_nth(cli->args, "expected-ref-tags", i, 0));
	range->elbat = nvme_le16((uint16_t)cli_nth(cli->args, "expected-app-tags", i, 0));
	range->elbatm = nvme_le16((uint16_t)cli_nth(cli->args, "expected-app-tag-masks", i, 0));
	return sizeof(*range);
}

/* The expected tag is big-endian, its least significant byte last. */
static size_t fill_long(const struct cli *cli, void *data, unsigned int i)
{
	struct nvme_copy_range_f1 *range = (struct nvme_copy_range_f1 *)data + i;
	uint64_t tag = cli_nth(cli->args, "expected-ref-tags", i, 0);

	range->snsid = nvme_le32((uint32_t)cli_nth(cli->args, "snsids", i, 0));
	range->slba = nvme_le64(cli_nth(cli->args, "slbs", i, 0));
	range->nlb = nvme_le16((uint16_t)cli_nth(cli->args, "blocks", i, 0));
	range->sopt = nvme_le16((uint16_t)cli_nth(cli->args, "sopts", i, 0));
	for (size_t byte = sizeof(range->elbst); byte-- > 0; tag >>= 8)
		range->elbst[byte] = (uint8_t)tag;
	range->elbat = nvme_le16((uint16_t)cli_nth(cli->args, "expected-app-tags", i, 0));
	range->elbatm = nvme_le16((uint16_t)cli_nth(cli->args, "expected-app-tag-masks", i, 0));
	return sizeof(*range);
}

static void fill_copy(const struct cli *cli, struct nvme_sqe *sqe, unsigned int count)
{
	uint64_t first = cli_number(cli->args, "sdlba");

	sqe->cdw10 = nvme_le32((uint32_t)first);
	sqe->cdw11 = nvme_le32((uint32_t)(first >> 32));
	sqe->cdw12 = nvme_le32(
		NVME_PUT(NVME_COPY_NR, count - 1) |
		NVME_PUT(NVME_COPY_DESFMT, cli_u32(cli->args, "format")) |
		NVME_PUT(NVME_COPY_PRINFOR, cli_u32(cli->args, "prinfor")) |
		NVME_PUT(NVME_COPY_DTYPE, cli_u32(cli->args, "dir-type")) |
		NVME_PUT(NVME_COPY_PRINFOW, cli_u32(cli->args, "prinfow")) |
		NVME_PUT(NVME_COPY_FUA, cli_given(cli->args, "force-unit-access") > 0) |
		NVME_PUT(NVME_COPY_LR, cli_given(cli->args, "limited-retry") > 0));
	sqe->cdw13 = nvme_le32(NVME_PUT(NVME_COPY_DSPEC, cli_u32(cli->args, "dir-spec")));
	sqe->cdw14 = nvme_le32(cli_u32(cli->args, "ref-tag"));
	sqe->cdw15 = nvme_le32(NVME_PUT(NVME_COPY_LBAT, cli_u32(cli->args, "app-tag")) |
			       NVME_PUT(NVME_COPY_LBATM, cli_u32(cli->args, "app-tag-mask")));
}

bool cli_copy(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree uint8_t *data = g_malloc0(COPY_RANGES_MAX * sizeof(struct nvme_copy_range_f1));
	struct cli_request request = { .io = true,
				       .sqe = { .opcode = NVME_CMD_COPY },
				       .data = data };
	bool wide = cli_u32(cli->args, "format") & 1;
	unsigned int count;

	if (!count_ranges(cli, COPY_RANGES_MAX, &count, error))
		return false;
	for (unsigned int i = 0; i < count; i++)
		request.bytes += (wide ? fill_long : fill_short)(cli, data, i);
	request.sqe.nsid = nvme_le32(cli_pick_nsid(cli, session));
	fill_copy(cli, &request.sqe, count);
	if (!cli_send(session, &request, error, "copy of %u range%s in namespace %u", count,
		      CLI_PLURAL(count), nvme_cpu32(request.sqe.nsid)))
		return false;
	cli_done(cli, "ranges", count, "NVMe Copy: success");
	return true;
}

/* get-lba-status */

static const char *completion_text(uint8_t cmpc)
{
	static const char *const texts[] = { "not said",
					     "there is more, or the scan was not finished",
					     "all blocks of the range were looked at" };

	return cmpc < G_N_ELEMENTS(texts) ? texts[cmpc] : "reserved";
}

static void show_status_entry(struct cli_output *out, JsonBuilder *builder, uint32_t index,
			      const struct nvme_lba_status_desc *entry)
{
	g_autofree char *key = g_strdup_printf("LSD entry %u", index);
	g_autofree char *first = g_strdup_printf("0x%016" G_GINT64_MODIFIER "x",
						 nvme_cpu64(entry->dslba));
	g_autofree char *blocks = g_strdup_printf("0x%08x", nvme_cpu32(entry->nlb));
	g_autofree char *status = g_strdup_printf("0x%02x", entry->status);

	if (!builder) {
		cli_print(out, "{ DSLBA: %s, NLB: %s, Status: %s }\n", first, blocks, status);
		return;
	}
	cli_json_object(builder, key);
	cli_add_text(builder, "DSLBA", first);
	cli_add_text(builder, "NLB", blocks);
	cli_add_text(builder, "status", status);
	json_builder_end_object(builder);
}

static void show_status(struct cli_output *out, const uint8_t *data, uint32_t bytes)
{
	JsonBuilder *builder = out->json ? cli_json_open() : NULL;
	struct nvme_lba_status_desc entry;
	struct nvme_lba_status head;
	uint32_t count;

	memcpy(&head, data, sizeof(head));
	count = MIN(nvme_cpu32(head.nlsd), (uint32_t)((bytes - sizeof(head)) / sizeof(entry)));
	if (builder) {
		cli_add_u64(builder, "Number of LBA Status Descriptors (NLSD)",
			    nvme_cpu32(head.nlsd));
		cli_add_u64(builder, "Completion Condition (CMPC)", head.cmpc);
		cli_add_text(builder, "cmpc-definition", completion_text(head.cmpc));
	} else {
		cli_print(
			out,
			"LBA Status Descriptors (NLSD): %u\nCompletion Condition (CMPC): %u (%s)\n",
			nvme_cpu32(head.nlsd), head.cmpc, completion_text(head.cmpc));
	}
	for (uint32_t i = 0; i < count; i++) {
		memcpy(&entry, data + sizeof(head) + i * sizeof(entry), sizeof(entry));
		show_status_entry(out, builder, i, &entry);
	}
	if (builder)
		cli_json_close(out, builder);
}

bool cli_get_lba_status(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t dwords_z = MAX(cli_u32(cli->args, "max-dw"), 1);
	uint32_t bytes = (dwords_z + 1) * 4;
	g_autofree uint8_t *data = g_malloc0(bytes);
	uint64_t first = cli_number(cli->args, "start-lba");
	struct cli_request request = { .sqe = { .opcode = NVME_ADMIN_GET_LBA_STATUS },
				       .data = data,
				       .bytes = bytes };

	request.sqe.nsid = nvme_le32(cli_pick_nsid(cli, session));
	request.sqe.cdw10 = nvme_le32((uint32_t)first);
	request.sqe.cdw11 = nvme_le32((uint32_t)(first >> 32));
	request.sqe.cdw12 = nvme_le32(dwords_z);
	request.sqe.cdw13 = nvme_le32(
		NVME_PUT(NVME_GET_LBA_STATUS_RL, cli_u32(cli->args, "range-len")) |
		NVME_PUT(NVME_GET_LBA_STATUS_ATYPE, cli_u32(cli->args, "action")));
	if (!cli_send(session, &request, error, "status of blocks of namespace %u",
		      nvme_cpu32(request.sqe.nsid)))
		return false;
	if (!cli_write_binary(cli->out, data, bytes))
		show_status(cli->out, data, bytes);
	return true;
}
