/* SPDX-License-Identifier: BSD-3-Clause */
/* The Sanitize Status log (Base 2.0 5.16.1.25, unverified) and the record of the operation. */
#include "emulator/core/sanitize_log.h"

#include "emulator/core/sanitize.h"
#include "emulator/core/save.h"

#define VERSION	      1
#define SECOND	      1000000000ull
#define FLAG_FAILED   1
#define FLAG_ERASED   2
#define SPROG_WHOLE   0x10000u
#define SPROG_ALMOST  0xffffu
#define RECORD_NUMBER 0

struct record {
	nvme_u16le version;
	uint8_t status;
	uint8_t flags;
	nvme_u32le cdw10;
	nvme_u32le pattern;
	uint8_t pass;
	uint8_t passes;
	nvme_u16le reserved;
};

void emu_sanitize_save(struct emu *emu, struct emu_req *req)
{
	const struct emu_sanitize *sanitize = &emu->sanitize;
	struct record record = {
		.version = nvme_le16(VERSION),
		.status = sanitize->status,
		.flags = (uint8_t)((sanitize->failed ? FLAG_FAILED : 0) |
				   (sanitize->erased ? FLAG_ERASED : 0)),
		.cdw10 = nvme_le32(sanitize->cdw10),
		.pattern = nvme_le32(sanitize->pattern),
		.pass = sanitize->pass,
		.passes = sanitize->passes,
	};

	emu_save(emu, req, EMU_RECORD_SANITIZE, RECORD_NUMBER, &record, sizeof(record));
}

static bool is_possible(const struct record *record)
{
	uint32_t action = NVME_GET(nvme_cpu32(record->cdw10), NVME_SANITIZE_SANACT);

	if (nvme_cpu16(record->version) != VERSION ||
	    record->status > NVME_SANITIZE_DONE_DEALLOCATED ||
	    (record->flags & ~(FLAG_FAILED | FLAG_ERASED)) || record->pass > record->passes ||
	    record->passes > 16)
		return false;
	return record->status == NVME_SANITIZE_NEVER || action == NVME_SANITIZE_BLOCK_ERASE ||
	       action == NVME_SANITIZE_OVERWRITE || action == NVME_SANITIZE_CRYPTO_ERASE;
}

int emu_load_sanitize(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	struct emu_sanitize *sanitize = &emu->sanitize;
	struct record record;

	if (bytes != sizeof(record) || id != RECORD_NUMBER)
		return -22;
	memcpy(&record, data, sizeof(record));
	if (!is_possible(&record))
		return -22;
	sanitize->status = record.status;
	sanitize->failed = record.flags & FLAG_FAILED;
	sanitize->erased = record.flags & FLAG_ERASED;
	sanitize->cdw10 = nvme_cpu32(record.cdw10);
	sanitize->pattern = nvme_cpu32(record.pattern);
	sanitize->pass = record.pass;
	sanitize->passes = record.passes;
	if (sanitize->failed)
		emu->gates |= EMU_GATE_SANITIZE;
	if (sanitize->erased)
		emu->gates |= EMU_GATE_ERASED;
	if (sanitize->status == NVME_SANITIZE_RUNNING)
		emu_sanitize_start(emu);
	return 0;
}

bool emu_has_sanitize_log(const struct emu *emu)
{
	return emu_cmd_supported(emu, true, NVME_ADMIN_SANITIZE);
}

/* How far the time is; without one, an operation is short and stays at its beginning. */
static uint16_t progress(const struct emu *emu)
{
	uint64_t time = emu->config.sanitize_time, left, done;

	if (emu->sanitize.status != NVME_SANITIZE_RUNNING)
		return NVME_SANITIZE_SPROG_IDLE;
	if (time == 0)
		return 0;
	left = emu->sanitize.due_nsec > emu->now_nsec ? emu->sanitize.due_nsec - emu->now_nsec : 0;
	done = (time - (left < time ? left : time)) * SPROG_WHOLE / time;
	return (uint16_t)(done < SPROG_ALMOST ? done : SPROG_ALMOST - 1);
}

void emu_fill_sanitize(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		       uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_sanitize *sanitize = &emu->sanitize;
	const struct emu_log_part part = { offset, data, bytes };
	uint32_t running = sanitize->status == NVME_SANITIZE_RUNNING && sanitize->pass > 0;
	uint64_t seconds = (emu->config.sanitize_time + SECOND - 1) / SECOND;
	nvme_u32le estimate = nvme_le32(seconds ? (uint32_t)seconds : NVME_SANITIZE_NO_ESTIMATE);
	struct nvme_sanitize_log log = {
		.sprog = nvme_le16(progress(emu)),
		.sstat = nvme_le16(
			(uint16_t)(NVME_PUT(NVME_SANITIZE_SSTAT_STATUS, sanitize->status) |
				   NVME_PUT(NVME_SANITIZE_SSTAT_PASSES, sanitize->pass - running) |
				   NVME_PUT(NVME_SANITIZE_SSTAT_GDE, sanitize->erased))),
		.scdw10 = nvme_le32(sanitize->cdw10),
		.eto = estimate,
		.etbe = estimate,
		.etce = estimate,
		.etond = estimate,
		.etbend = estimate,
		.etcend = estimate,
	};

	(void)ctrl;
	(void)req;
	emu_log_put(&part, 0, &log, sizeof(log));
}
