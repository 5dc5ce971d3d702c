/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PRP entries and lists of one Read or Write in hostile memory, compared with a second reading of
 * Base 2.0 4.1.1 (unverified): entry by entry, page by page, without chunks or merging.
 *
 * The input is a page size, a format, a length, PRP1, PRP2, pages without memory, and then pieces
 * of lists: where, how many entries, the first one, and the distance from one to the next.
 */
#include "tests/fuzz/subsystem.h"

#define BLOCKS	   1024u /* of 4096 bytes */
#define PIECES_MAX 8u
#define CID	   7u
/* The last pages; lists and data may hit them too, and then hold entries of queues. */
#define QUEUES (TH_BYTES - 8 * TH_PAGE)

/* What the command should do. */
struct expected {
	nvme_status status;
	uint32_t pages;
	uint64_t iova[BLOCKS + 2];
	uint32_t bytes[BLOCKS + 2];
};

struct run {
	struct th_subsystem sub;
	struct th_input in;
	struct nvme_sqe sqe;
	uint32_t page;
	uint32_t bytes;
	bool asked;
	struct expected expected;
};

static uint64_t address(struct th_input *in)
{
	uint16_t how = th_u16(in);
	uint32_t low = how & 0x3fff;

	switch (how >> 14) {
	case 0:
		return TH_BASE + (uint64_t)(low % TH_PAGES) * TH_PAGE;
	case 1:
		return TH_BASE + low * 8;
	case 2:
		return TH_BASE + TH_BYTES - 64 + low % 128;
	default:
		return th_u64(in);
	}
}

static const uint8_t *memory_at(const struct th_subsystem *sub, uint64_t iova)
{
	uint64_t at = iova - TH_BASE;

	if (iova < TH_BASE || at >= TH_BYTES || sub->unmapped[at / TH_PAGE])
		return NULL;
	return sub->memory + at;
}

static void expect_page(struct run *run, uint64_t iova, uint32_t left)
{
	struct expected *expected = &run->expected;
	uint32_t here = run->page - (uint32_t)(iova & (run->page - 1));

	expected->iova[expected->pages] = iova;
	expected->bytes[expected->pages++] = left < here ? left : here;
}

/* The list at @iova holds the rest of the data's pages. */
static nvme_status expect_list(struct run *run, uint64_t iova, uint32_t left)
{
	if (iova & 7)
		return NVME_SC_PRP_OFFSET_INVALID;
	while (left > 0) {
		bool last_slot = (iova & (run->page - 1)) == run->page - 8;
		const uint8_t *slot = memory_at(&run->sub, iova);
		uint64_t entry;

		if (!slot)
			return NVME_SC_DATA_TRANSFER_ERROR;
		entry = nvme_load_le64(slot);
		if (entry & (run->page - 1))
			return NVME_SC_PRP_OFFSET_INVALID;
		iova += 8;
		if (last_slot && left > run->page) {
			iova = entry;
			continue;
		}
		expect_page(run, entry, left);
		left -= left < run->page ? left : run->page;
	}
	return NVME_SC_SUCCESS;
}

static nvme_status expect_pages(struct run *run)
{
	uint64_t prp1 = nvme_cpu64(run->sqe.prp1);
	uint64_t prp2 = nvme_cpu64(run->sqe.prp2);
	uint32_t left = run->bytes;

	if (left > 4096u << run->sub.emu->config.mdts)
		return NVME_SC_INVALID_FIELD;
	if (prp1 & 3)
		return NVME_SC_PRP_OFFSET_INVALID;
	expect_page(run, prp1, left);
	left -= run->expected.bytes[0];
	if (left == 0)
		return NVME_SC_SUCCESS;
	if (left > run->page)
		return expect_list(run, prp2, left);
	if (prp2 & (run->page - 1))
		return NVME_SC_PRP_OFFSET_INVALID;
	expect_page(run, prp2, left);
	return NVME_SC_SUCCESS;
}

static bool is_there(const struct run *run, uint64_t iova, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i += 4) {
		if (!memory_at(&run->sub, iova + i))
			return false;
	}
	return true;
}

static bool all_there(const struct run *run)
{
	const struct expected *expected = &run->expected;

	for (uint32_t i = 0; i < expected->pages; i++) {
		if (!is_there(run, expected->iova[i], expected->bytes[i]))
			return false;
	}
	return true;
}

/* The medium is asked for exactly the pages expected, in order; neighbours may be one span. */
static void on_media(void *arg, const struct emu_media *media)
{
	struct run *run = arg;
	const struct expected *expected = &run->expected;
	uint32_t page = 0;
	uint32_t done = 0;

	run->asked = true;
	th_claim(expected->status == NVME_SC_SUCCESS, "a command without fault gets here");
	for (const struct emu_spans *node = media->spans; node; node = node->next) {
		for (uint32_t i = 0; i < node->count; i++) {
			uint64_t iova = node->span[i].iova;
			uint64_t left = node->span[i].bytes;

			while (left > 0) {
				th_claim(page < expected->pages, "no page more");
				th_claim(iova == expected->iova[page] + done, "the expected page");
				done = expected->bytes[page] - done;
				th_claim(left >= done, "spans end with pages");
				iova += done;
				left -= done;
				done = 0;
				page++;
			}
		}
	}
	th_claim(page == expected->pages, "no page less");
}

/* A Write has put there what the pages held; those of the queues hold something newer now. */
static void check_medium(const struct run *run)
{
	const struct expected *expected = &run->expected;
	const uint8_t *at = run->sub.media[1].data;

	for (uint32_t i = 0; i < expected->pages; i++) {
		const uint8_t *page = memory_at(&run->sub, expected->iova[i]);

		th_claim(expected->iova[i] >= TH_BASE + QUEUES ||
				 memcmp(at, page, expected->bytes[i]) == 0,
			 "the data has arrived");
		at += expected->bytes[i];
	}
}

static void put(struct run *run, uint64_t iova, uint64_t value)
{
	uint64_t at = iova - TH_BASE;

	if (at <= TH_BYTES - 8)
		nvme_store_le64(run->sub.memory + at, value);
}

static void put_lists(struct run *run)
{
	for (uint32_t piece = 0; piece < PIECES_MAX && run->in.bytes > 0; piece++) {
		uint64_t iova = address(&run->in);
		uint32_t count = th_u16(&run->in) % 1100;
		uint64_t entry = address(&run->in);
		uint32_t step = th_u8(&run->in) * 4096u;

		for (uint32_t i = 0; i < count; i++) {
			put(run, iova + 8 * i, entry);
			entry += step;
			if (entry >= TH_BASE + TH_BYTES && step)
				entry -= TH_BYTES;
		}
	}
}

static void create_queues(struct run *run)
{
	uint64_t pages = TH_BASE + QUEUES;
	struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_CREATE_IO_CQ,
		.cdw10 = nvme_le32(1 << 16 | 1),
		.cdw11 = nvme_le32(1),
	};
	uint8_t *asq = run->sub.memory + (pages - TH_BASE);

	th_set_command(&run->sub, 0, true);
	th_write32(&run->sub, 0, NVME_REG_AQA, 3 << 16 | 3);
	th_write64(&run->sub, 0, NVME_REG_ASQ, pages);
	th_write64(&run->sub, 0, NVME_REG_ACQ, pages + 2 * TH_PAGE);
	th_write32(&run->sub, 0, NVME_REG_CC,
		   4 << 20 | 6 << 16 | NVME_PUT(NVME_CC_MPS, run->page / 8192) | 1);
	th_run(&run->sub);
	sqe.prp1 = nvme_le64(pages + 4 * TH_PAGE);
	memcpy(asq, &sqe, sizeof(sqe));
	sqe.opcode = NVME_ADMIN_CREATE_IO_SQ;
	sqe.prp1 = nvme_le64(pages + 6 * TH_PAGE);
	sqe.cdw11 = nvme_le32(1 << 16 | 1);
	memcpy(asq + sizeof(sqe), &sqe, sizeof(sqe));
	th_write32(&run->sub, 0, NVME_DOORBELL_OFFSET, 2);
	th_run(&run->sub);
	th_claim(run->sub.posted == 2 && run->sub.last_status == 0, "there are queues");
}

static void read_command(struct run *run, uint8_t how)
{
	uint32_t nlb = th_u16(&run->in);
	uint32_t lbads = run->sub.emu->config.ns[0].lbads;

	nlb = nlb % (BLOCKS << (12 - lbads));
	run->bytes = (nlb + 1) << lbads;
	run->sqe.opcode = how & 16 ? NVME_CMD_WRITE : NVME_CMD_READ;
	run->sqe.cid = nvme_le16(CID);
	run->sqe.nsid = nvme_le32(1);
	run->sqe.prp1 = nvme_le64(address(&run->in));
	run->sqe.prp2 = nvme_le64(address(&run->in));
	run->sqe.cdw12 = nvme_le32(nlb);
}

static void unmap(struct run *run)
{
	uint8_t count = th_u8(&run->in) % 4;

	/* Not the queues: their absence would stall the controller, which is another target's. */
	for (uint32_t i = 0; i < count; i++)
		run->sub.unmapped[th_u8(&run->in) % (TH_PAGES - 8)] = true;
}

static void execute(struct run *run)
{
	uint64_t sq = TH_BYTES - 2 * TH_PAGE;

	put_lists(run);
	memcpy(run->sub.memory + sq, &run->sqe, sizeof(run->sqe));
	run->expected.status = expect_pages(run);
	run->sub.on_media = on_media;
	run->sub.arg = run;
	th_write32(&run->sub, 0, NVME_DOORBELL_OFFSET + 8, 1);
	th_run(&run->sub);
}

static void check(struct run *run)
{
	nvme_status status = nvme_status_code(run->sub.last_status);
	nvme_status expected = run->expected.status;

	th_claim(run->sub.posted == 3, "the command completes");
	th_claim(run->asked == (expected == NVME_SC_SUCCESS), "the medium has been asked");
	if (expected == NVME_SC_SUCCESS && !all_there(run))
		expected = NVME_SC_DATA_TRANSFER_ERROR;
	/*
	 * Parts of a list page that spans two of ours are read ahead: either fault may come first.
	 */
	if (run->page > TH_PAGE && status == NVME_SC_DATA_TRANSFER_ERROR)
		th_claim(expected != NVME_SC_SUCCESS, "a fault");
	else
		th_claim(status == expected, "the expected status");
	if (status == NVME_SC_SUCCESS && run->sqe.opcode == NVME_CMD_WRITE)
		check_medium(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t mdts[] = { 1, 3, 5, 10 };
	static struct run run;
	struct emu_config config;
	uint8_t how;

	memset(&run, 0, sizeof(run));
	run.in = (struct th_input){ data, size };
	how = th_u8(&run.in);
	emu_config_init(&config);
	config.queues = 1;
	config.max_requests = 2;
	config.mdts = mdts[how >> 2 & 3];
	config.namespaces = 1;
	config.ns[0].nsid = 1;
	config.ns[0].lbads = how & 2 ? 12 : 9;
	config.ns[0].blocks = BLOCKS << (12 - config.ns[0].lbads);
	run.page = how & 1 ? 8192 : 4096;
	th_open(&run.sub, &config, false);
	create_queues(&run);
	read_command(&run, how);
	unmap(&run);
	execute(&run);
	check(&run);
	run.sub.on_media = NULL;
	th_reset_all(&run.sub);
	th_close(&run.sub);
	return 0;
}
