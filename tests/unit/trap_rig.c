/* SPDX-License-Identifier: BSD-3-Clause */
/* See trap_rig.h. */
#include "tests/unit/trap_rig.h"

#include <check.h>
#include <string.h>

#include "common/crc.h"

#define PATIENCE_NSEC UINT64_C(30000000000)
#define READY_NSEC    UINT64_C(500000000)

static uint8_t memory[TRAP_PAGES * TRAP_PAGE] __attribute__((aligned(4096)));

struct rig rig;

static uint64_t now(void *arg)
{
	(void)arg;
	return emu_device_now(rig.device);
}

static void trace(void *arg, const struct nvme_trace_record *record)
{
	uint64_t numbers[3] = { record->time_nsec, record->seq, record->event };
	struct rig_seen *seen = &rig.seen;

	(void)arg;
	seen->hash = nvme_crc64(seen->hash, numbers, sizeof(numbers));
	seen->hash = nvme_crc64(seen->hash, record->args, sizeof(record->args));
	if (record->data)
		seen->hash = nvme_crc64(seen->hash, record->data, record->data_bytes);
	seen->reads += record->event == NVME_TRACE_REG_READ;
	seen->writes += record->event == NVME_TRACE_REG_WRITE;
	seen->doorbells += record->event == NVME_TRACE_SQ_DOORBELL;
	if (record->event == NVME_TRACE_REG_READ || record->event == NVME_TRACE_REG_WRITE) {
		seen->offset = record->args[0];
		seen->bytes = record->args[1];
		seen->value = record->args[2];
	}
}

void rig_begin(void)
{
	emu_config_init(&rig.config);
	rig.config.faults = 4;
	rig.config.nssrs = true;
	rig.config.ready_delay = READY_NSEC;
	rig.memory = memory;
}

void rig_open_with(const struct emu_device_options *options, uint64_t jump_nsec)
{
	const struct emu_trapbar_options trap = { .jump_nsec = jump_nsec };
	struct emu_device_options all = *options;
	struct emu_ns_spec spec;
	char sentence[256] = "";
	struct nvme_text error;

	if (!all.trace)
		all.trace = trace;
	nvme_text_init(&error, sentence, sizeof(sentence));
	emu_ns_spec_init(&spec);
	spec.size_bytes = 1 << 20;
	ck_assert_msg(emu_device_new(&rig.config, &spec, 1, &all, &rig.device, &error) == 0, "%s",
		      sentence);
	ck_assert_msg(emu_trapbar_new(rig.device, 0, &trap, &rig.bar, &error) == 0, "%s", sentence);
	ck_assert_int_eq(emu_trapbar_memory(rig.bar, memory, sizeof(memory), RIG_IOVA), 0);
	rig.driver = (struct trap_driver){ .bar = emu_trapbar_base(rig.bar),
					   .memory = memory,
					   .iova = RIG_IOVA,
					   .now = now,
					   .patience_nsec = PATIENCE_NSEC };
	memset(&rig.seen, 0, sizeof(rig.seen));
}

void rig_open(uint64_t jump_nsec)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL };

	rig_open_with(&options, jump_nsec);
}

void rig_close(void)
{
	emu_trapbar_free(rig.bar);
	emu_device_free(rig.device);
}
