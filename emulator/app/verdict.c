/* SPDX-License-Identifier: BSD-3-Clause */
/* What the judge finds: lines on standard error, a file of JSON lines, a summary at the end. */
#include "emulator/app/verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "emulator/app/log.h"
#include "emulator/device/say.h"

#define LINES_MAX 10u /* of one rule on standard error; who breaks it once often does it always */

int emu_verdict_open(struct emu_verdict *verdict, const char *path, struct nvme_text *error)
{
	*verdict = (struct emu_verdict){ .path = path };
	if (!path)
		return 0;
	verdict->file = fopen(path, "we");
	if (!verdict->file)
		return emu_say(error, -errno, "judge's file %s: %s", path, strerror(errno));
	return 0;
}

void emu_verdict_take(struct emu_verdict *verdict, const struct emu_judge_finding *finding)
{
	char buffer[EMU_JUDGE_TEXT_BYTES];
	struct nvme_text text;

	if (verdict->file) {
		nvme_text_init(&text, buffer, sizeof(buffer));
		emu_judge_json(&text, finding);
		fprintf(verdict->file, "%s\n", buffer);
	}
	if (verdict->told[finding->rule] == LINES_MAX)
		return;
	nvme_text_init(&text, buffer, sizeof(buffer));
	emu_judge_text(&text, finding);
	if (++verdict->told[finding->rule] == LINES_MAX)
		nvme_text_add(&text, "; more of these are only counted");
	fprintf(stderr, "judge: %s\n", buffer);
}

void emu_verdict_flush(struct emu_verdict *verdict)
{
	if (verdict->file)
		fflush(verdict->file);
}

bool emu_verdict_sum_up(const struct emu_judge *judge)
{
	uint64_t violations = emu_judge_total(judge, EMU_JUDGE_VIOLATION);
	const struct emu_judge_rule *rule;

	for (unsigned int i = 0; (rule = emu_judge_rule(i)); i++) {
		if (emu_judge_count(judge, i))
			fprintf(stderr, "judge: %s %s: %" PRIu64 " times\n",
				emu_judge_level_name(rule->level), rule->id,
				emu_judge_count(judge, i));
	}
	fprintf(stderr, "judge: in all, violations %" PRIu64 ", advice %" PRIu64 "\n", violations,
		emu_judge_total(judge, EMU_JUDGE_ADVICE));
	return violations > 0;
}

int emu_verdict_close(struct emu_verdict *verdict)
{
	int result = 0;

	if (!verdict->file)
		return 0;
	if (ferror(verdict->file))
		result = -EIO;
	if (fclose(verdict->file) && !result)
		result = -errno;
	verdict->file = NULL;
	if (result)
		emu_log(EMU_LOG_ERROR, EMU_LOG_NO_CTRL, "judge's file %s: %s", verdict->path,
			strerror(-result));
	return result;
}
