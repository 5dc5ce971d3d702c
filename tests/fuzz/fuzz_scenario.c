/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scenario files, common/scenario.h: the input is the file. What is accepted is printed, the groups
 * of programs with it, read and printed again: the two texts are equal. What is refused has a
 * sentence, and a line of the file.
 */
#include "common/scenario.h"
#include "tests/fuzz/input.h"

#define TEXT_BYTES (2 * NVME_INI_BYTES_MAX)

struct reading {
	struct nvme_scenario scenario;
	struct nvme_text others;
	char text[TEXT_BYTES];
};

static bool on_group(void *arg, enum nvme_scenario_group group, uint32_t number,
		     struct nvme_text *message)
{
	struct reading *reading = arg;

	th_claim(message->used == 0, "nobody has said anything");
	th_claim(group != NVME_GROUP_NAMESPACE || number > 0, "namespaces have an NSID");
	th_claim(group != NVME_GROUP_CONTROLLER ||
			 (number != 1 && number <= reading->scenario.controllers),
		 "one of the controllers beside the first one, or all of them");
	th_claim(group == NVME_GROUP_NAMESPACE || group == NVME_GROUP_CONTROLLER || number == 0,
		 "others have no number");
	nvme_text_char(&reading->others, '[');
	nvme_text_add(&reading->others, nvme_scenario_group_name(group));
	nvme_text_char(&reading->others, ' ');
	if (number)
		nvme_text_u64(&reading->others, number);
	nvme_text_add(&reading->others, "]\n");
	return true;
}

static bool on_value(void *arg, enum nvme_scenario_group group, uint32_t number,
		     struct nvme_slice key, struct nvme_slice value, struct nvme_text *message)
{
	struct reading *reading = arg;

	(void)number;
	th_claim(group != NVME_GROUP_SCENARIO && group != NVME_GROUP_BUDGET &&
			 group != NVME_GROUP_FAULT,
		 "a group of the program's");
	if (nvme_slice_is(key, "refuse")) {
		nvme_text_add(message, "refused");
		return false;
	}
	nvme_text_slice(&reading->others, key);
	nvme_text_add(&reading->others, " = ");
	nvme_text_slice(&reading->others, value);
	nvme_text_add(&reading->others, "\r\n");
	return true;
}

static enum nvme_ini_result parse(struct reading *reading, const char *data, size_t bytes)
{
	const struct nvme_scenario_ops ops = { reading, on_group, on_value };
	struct nvme_ini_error error;
	static char others[TEXT_BYTES];
	struct nvme_text text;
	uint32_t lines = 1;

	nvme_text_init(&reading->others, others, sizeof(others));
	for (size_t i = 0; i < bytes; i++)
		lines += data[i] == '\n';
	if (nvme_scenario_parse(&reading->scenario, data, bytes, &ops, &error) != NVME_INI_OK) {
		th_claim(error.message[0] != '\0' && error.line <= lines, "why, and where");
		return error.result;
	}
	th_claim(error.message[0] == '\0' && error.line == 0, "nothing is wrong");
	nvme_text_init(&text, reading->text, sizeof(reading->text));
	nvme_scenario_print(&reading->scenario, &text);
	nvme_scenario_print_faults(&reading->scenario, &text);
	nvme_text_slice(&text, (struct nvme_slice){ others, reading->others.used });
	th_claim(!text.cut && !reading->others.cut, "it is not that much longer");
	return NVME_INI_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reading first, again;
	size_t bytes;

	if (parse(&first, size ? (const char *)data : NULL, size) != NVME_INI_OK)
		return 0;
	bytes = strlen(first.text);
	if (bytes > NVME_INI_BYTES_MAX)
		return 0;
	th_claim(parse(&again, first.text, bytes) == NVME_INI_OK, "what was printed is read");
	th_claim(strcmp(first.text, again.text) == 0, "and says the same");
	return 0;
}
