/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * State files as the fuzzer wants them, against the reader of emulator/device/state_file.h and the
 * loaders of the core.
 *
 * The first byte says whether the rest is taken as it is or first gets good checksums. What is
 * accepted is read a second time with the same result, takes a new record, and holds it, and all
 * others, when it is read a third time. A subsystem that took records runs, and says what a host
 * asks for: all of Identify, every log page, every feature.
 */
#include <errno.h>

#include "common/crc.h"
#include "common/le.h"
#include "common/nvme_spec.h"
#include "emulator/core/emu.h"
#include "emulator/device/state_format.h"
#include "tests/fuzz/input.h"
#include "tests/harness/ramdisk.h"

#define INPUT_MAX (256u << 10)
#define OWN_TYPE  60000u

static struct nvme_text error;
static char sentence[1024];

/* Makes each record's magic, sequence and checksum good, as long as lengths lead on. */
static void mend(uint8_t *file, uint32_t size)
{
	uint64_t salt = 0x1122334455667788;
	uint32_t offset = EMU_STATE_HEADER_BYTES;
	uint64_t sequence = 0;

	if (size < EMU_STATE_HEADER_BYTES)
		return;
	memcpy(file, emu_state_magic, sizeof(emu_state_magic));
	nvme_store_le64(file + EMU_STATE_HEADER_SALT, salt);
	nvme_store_le32(file + EMU_STATE_HEADER_CRC, emu_state_header_crc(file));
	while (size - offset >= EMU_STATE_RECORD_BYTES) {
		uint8_t *record = file + offset;
		uint32_t bytes = nvme_load_le32(record + EMU_STATE_DATA_BYTES);

		if (bytes > EMU_RECORD_BYTES || emu_state_room(bytes) > size - offset)
			return;
		nvme_store_le32(record, EMU_STATE_MAGIC);
		nvme_store_le64(record + EMU_STATE_SEQUENCE, ++sequence);
		nvme_store_le32(record + EMU_STATE_CRC, emu_state_crc(salt, record, bytes));
		offset += (uint32_t)emu_state_room(bytes);
	}
}

struct reading {
	uint64_t crc;
	uint32_t count;
	struct emu *emu;
	bool own;
};

static int take(void *arg, uint16_t type, uint32_t id, const void *data, uint32_t bytes)
{
	struct reading *reading = arg;
	int result = 0;

	th_claim(type != EMU_STATE_MARK && bytes > 0 && bytes <= EMU_RECORD_BYTES,
		 "a record has data, and not too much");
	if (type == OWN_TYPE && id == 1 && bytes == 5 && memcmp(data, "hello", 5) == 0) {
		reading->own = true;
		return 0;
	}
	reading->crc = nvme_crc64(reading->crc, &type, sizeof(type));
	reading->crc = nvme_crc64(reading->crc, &id, sizeof(id));
	reading->crc = nvme_crc64(reading->crc, data, bytes);
	reading->count++;
	if (reading->emu)
		result = emu_load(reading->emu, type, id, data, bytes);
	th_claim(result == 0 || result == -EINVAL, "a record is taken or bad");
	return 0;
}

static void note(void *arg, uint32_t tag, int result)
{
	(void)arg;
	th_claim(tag == 9 && result == 0, "a disk with room takes a record");
}

static int open_state(struct th_disk *disk, struct emu_state_file **ret_state)
{
	int result;

	nvme_text_clear(&error);
	result = emu_state_open(&disk->ops, "state", ret_state, NULL, &error);
	th_claim(result == 0 || (result == -EBADMSG && error.used > 0),
		 "a file is accepted, or refused with a sentence");
	return result;
}

static void panic(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "the core says: %s\n", what);
	abort();
}

/* The memory of a host that asks for everything. */
#define BASE	  UINT64_C(0x100000)
#define QUEUE	  64u
#define DATA_PAGE 2u
static uint8_t memory[0x10000] __attribute__((aligned(4096)));
static uint32_t slot;

static void *find(void *arg, uint32_t ctrl, uint64_t iova, size_t bytes, enum emu_prot prot)
{
	(void)arg;
	(void)ctrl;
	(void)prot;
	if (iova < BASE || iova - BASE > sizeof(memory) || bytes > sizeof(memory) - (iova - BASE))
		return NULL;
	return memory + (iova - BASE);
}

static int do_media(void *arg, const struct emu_media *media)
{
	(void)arg;
	if (media->op == EMU_MEDIA_STATUS)
		*media->ret_status = (struct emu_media_status){ .nlb = media->nlb };
	return 0;
}

static void poke(struct emu *emu, uint64_t offset, uint64_t value, uint32_t bytes)
{
	uint8_t data[8];

	nvme_store_le64(data, value);
	emu_bar_write(emu, 0, offset, data, bytes);
}

static void enable(struct emu *emu)
{
	static const uint8_t bus_master[2] = { 0x06, 0x04 };

	emu_cfg_write(emu, 0, 4, bus_master, sizeof(bus_master));
	poke(emu, NVME_REG_AQA, (QUEUE - 1) << 16 | (QUEUE - 1), 4);
	poke(emu, NVME_REG_ASQ, BASE, 8);
	poke(emu, NVME_REG_ACQ, BASE + 4096, 8);
	poke(emu, NVME_REG_CC, 0x00460001, 4);
	slot = 0;
	emu_step(emu, 100000);
}

/* One command after the other; the host reads each completion at once. */
static void ask(struct emu *emu, uint8_t opcode, uint32_t nsid, uint32_t cdw10, uint32_t cdw11)
{
	struct nvme_sqe sqe = { .opcode = opcode,
				.nsid = nvme_le32(nsid),
				.prp1 = nvme_le64(BASE + DATA_PAGE * 4096),
				.prp2 = nvme_le64(BASE + (DATA_PAGE + 1) * 4096),
				.cdw10 = nvme_le32(cdw10),
				.cdw11 = nvme_le32(cdw11) };

	memcpy(memory + slot * sizeof(sqe), &sqe, sizeof(sqe));
	slot = (slot + 1) % QUEUE;
	poke(emu, NVME_DOORBELL_OFFSET, slot, 4);
	emu_set_time(emu, emu_time(emu) + 1000000);
	th_claim(emu_step(emu, 100000) < 100000, "the work of one command is finite");
	poke(emu, NVME_DOORBELL_OFFSET + 4, slot, 4);
}

static void use(struct emu *emu)
{
	memset(memory, 0, sizeof(memory));
	enable(emu);
	for (uint32_t cns = 0; cns <= 0x20; cns++)
		ask(emu, NVME_ADMIN_IDENTIFY, cns % 4, cns, 0);
	for (uint32_t lid = 0; lid <= 0x13; lid++)
		ask(emu, NVME_ADMIN_GET_LOG_PAGE, UINT32_MAX, 0x03ff0100 | lid, 0);
	ask(emu, NVME_ADMIN_GET_LOG_PAGE, 0, 0x03ff0080, 0);
	ask(emu, NVME_ADMIN_GET_LOG_PAGE, 0, 0x03ff0081, 0);
	for (uint32_t fid = 1; fid <= 0x20; fid++)
		ask(emu, NVME_ADMIN_GET_FEATURES, 1, (fid & 3) << 8 | fid, 0);
	for (uint32_t fid = 0x80; fid <= 0x85; fid++)
		ask(emu, NVME_ADMIN_GET_FEATURES, 3, fid, 0);
	ask(emu, NVME_ADMIN_FORMAT_NVM, 1, 0, 0);
	ask(emu, NVME_ADMIN_SELF_TEST, UINT32_MAX, 1, 0);
	ask(emu, NVME_ADMIN_FW_COMMIT, 0, 2 << 3 | 2, 0);
	ask(emu, NVME_ADMIN_SANITIZE, 0, 2, 0);
	emu_set_time(emu, emu_time(emu) + 10000000000);
	th_claim(emu_step(emu, 100000) < 100000, "what is left to do ends");
	emu_reset(emu, 0, EMU_RESET_POWER);
	emu_step(emu, 100000);
}

static struct emu *make(void)
{
	static _Alignas(64) uint8_t block[2u << 20];
	const struct emu_ops ops = { .dma = find, .media = do_media, .panic = panic };
	struct emu_config config;

	emu_config_init(&config);
	config.queues = 2;
	config.max_requests = 8;
	config.controllers = 2;
	config.namespaces = 2;
	config.ns[0] = (struct emu_ns_config){ .nsid = 1, .blocks = 8, .lbads = 9 };
	config.ns[1] = (struct emu_ns_config){ .nsid = 3, .blocks = 8, .lbads = 12 };
	th_claim(emu_size(&config) > 0 && emu_size(&config) <= sizeof(block), "it fits");
	return emu_init(block, &config, &ops);
}

static void check_accepted(struct th_disk *disk, struct emu_state_file *state)
{
	const struct emu_record record = { 9, OWN_TYPE, 1, "hello", 5 };
	struct reading first = { .emu = make() };
	struct reading second = { 0 };
	struct reading third = { 0 };

	th_claim(emu_state_each(state, take, &first, NULL) == 0, "each record is seen");
	use(first.emu);
	emu_state_close(state);
	th_claim(open_state(disk, &state) == 0, "what was accepted is accepted again");
	emu_state_each(state, take, &second, NULL);
	th_claim(first.crc == second.crc && first.count == second.count, "and is the same");
	th_claim(emu_state_put(state, &record) == 0, "there is memory");
	th_claim(emu_state_commit(state, note, NULL, NULL) == 1, "one answer");
	emu_state_close(state);
	th_claim(open_state(disk, &state) == 0, "the third time too");
	emu_state_each(state, take, &third, NULL);
	th_claim(third.own, "what was promised is there");
	emu_state_close(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t file[INPUT_MAX];
	struct emu_state_file *state;
	struct th_disk disk;
	uint32_t bytes;

	if (size < 1 || size - 1 > INPUT_MAX)
		return 0;
	bytes = (uint32_t)size - 1;
	memcpy(file, data + 1, bytes);
	if (data[0] & 1)
		mend(file, bytes);
	nvme_text_init(&error, sentence, sizeof(sentence));
	th_disk_init(&disk);
	th_disk_set(&disk, file, bytes);
	if (open_state(&disk, &state) == 0)
		check_accepted(&disk, state);
	else
		th_claim(th_disk_file(&disk)->now.size == bytes, "what is refused is left alone");
	th_disk_done(&disk);
	return 0;
}
