/* SPDX-License-Identifier: BSD-3-Clause */
/* Scenario files as a device sees them: see scenario.h. */
#include "emulator/device/scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/scenario.h"
#include "emulator/device/say.h"

#define IGNORED_BYTES 128u

_Static_assert(NVME_SCENARIO_CTRLS == EMU_MAX_CONTROLLERS, "a file can say as many");

/**
 * struct emu_scenario - a file that was read
 * @config: is set from it, and handed over when all of it is good
 * @wants_config: otherwise its keys are ignored
 */
struct emu_scenario {
	struct nvme_scenario common;
	struct emu_config config;
	bool wants_config;
	struct emu_ns_spec *specs;
	unsigned int count;
	uint32_t ignored; /* a bit for each enum nvme_scenario_group */
	char ignored_text[IGNORED_BYTES];
};

static bool is_ours(const struct emu_scenario *scenario, enum nvme_scenario_group group)
{
	return scenario->wants_config &&
	       (group == NVME_GROUP_CONTROLLER || group == NVME_GROUP_NAMESPACE);
}

static bool begin_group(void *arg, enum nvme_scenario_group group, uint32_t number,
			struct nvme_text *message)
{
	struct emu_scenario *scenario = arg;
	struct emu_ns_spec *specs;

	if (!is_ours(scenario, group)) {
		scenario->ignored |= 1u << group;
		return true;
	}
	if (group != NVME_GROUP_NAMESPACE)
		return true;
	if (scenario->count == EMU_MAX_NAMESPACES)
		return emu_say(message, false, "is one namespace too many: there can be %d",
			       EMU_MAX_NAMESPACES);
	specs = realloc(scenario->specs, (scenario->count + 1) * sizeof(*specs));
	if (!specs)
		return emu_say(message, false, "no memory");
	scenario->specs = specs;
	emu_ns_spec_begin(&specs[scenario->count]);
	specs[scenario->count++].nsid = number;
	return true;
}

static bool set_namespace(struct emu_ns_spec *spec, struct nvme_slice key, struct nvme_slice value,
			  struct nvme_text *message)
{
	char text[NVME_INI_LINE_MAX + 1];

	if (nvme_slice_is(key, "nsid"))
		return emu_say(message, false, "nsid: the name of the group says it");
	memcpy(text, value.data, value.bytes);
	text[value.bytes] = '\0';
	return emu_ns_spec_set(spec, key.data, key.bytes, text, message) == 0;
}

static bool set_value(void *arg, enum nvme_scenario_group group, uint32_t number,
		      struct nvme_slice key, struct nvme_slice value, struct nvme_text *message)
{
	struct emu_scenario *scenario = arg;

	if (!is_ours(scenario, group))
		return true;
	if (group == NVME_GROUP_NAMESPACE)
		return set_namespace(&scenario->specs[scenario->count - 1], key, value, message);
	if (number > 0)
		return emu_config_set_own(&scenario->config, number - 1, key.data, key.bytes,
					  value.data, value.bytes, message) == 0;
	return emu_config_set(&scenario->config, key.data, key.bytes, value.data, value.bytes,
			      message) == 0;
}

static int end_namespaces(struct emu_scenario *scenario, const char *name, struct nvme_text *error)
{
	for (unsigned int i = 0; i < scenario->count; i++) {
		char sentence[256];
		struct nvme_text why;

		nvme_text_init(&why, sentence, sizeof(sentence));
		if (emu_ns_spec_end(&scenario->specs[i], &why) < 0)
			return emu_say(error, -EINVAL, "%s: [namespace %u] %s", name,
				       scenario->specs[i].nsid, sentence);
	}
	return 0;
}

static void name_ignored(struct emu_scenario *scenario)
{
	const struct nvme_scenario *common = &scenario->common;
	struct nvme_text text;
	bool host = false;

	nvme_text_init(&text, scenario->ignored_text, sizeof(scenario->ignored_text));
	for (unsigned int i = 0; i < NVME_GROUPS; i++) {
		if (scenario->ignored >> i & 1)
			emu_say(&text, 0, "%s[%s]", text.used ? ", " : "",
				nvme_scenario_group_name(i));
	}
	for (uint32_t i = 0; i < common->faults; i++)
		host |= nvme_fault_site_is_host(common->fault[i].site);
	if (host)
		emu_say(&text, 0, "%sfaults at env.*", text.used ? ", " : "");
}

/* All that can be wrong with a file; the configuration of @scenario is what it makes of its own. */
static int read_scenario(struct emu_scenario *scenario, const char *name, const char *data,
			 size_t bytes, struct nvme_text *error)
{
	const struct nvme_scenario_ops ops = { scenario, begin_group, set_value };
	struct nvme_ini_error wrong;

	if (nvme_scenario_parse(&scenario->common, data, bytes, &ops, &wrong) != NVME_INI_OK) {
		emu_say(error, 0, "%s:", name);
		if (wrong.line > 0)
			emu_say(error, 0, "%u:", wrong.line);
		return emu_say(error, -EINVAL, " %s", wrong.message);
	}
	name_ignored(scenario);
	scenario->config.seed = scenario->common.seed;
	if (scenario->config.controllers < scenario->common.controllers)
		scenario->config.controllers = scenario->common.controllers;
	if (scenario->config.faults < scenario->common.faults)
		scenario->config.faults = scenario->common.faults;
	return end_namespaces(scenario, name, error);
}

int emu_scenario_parse(const char *name, const char *data, size_t bytes, struct emu_config *config,
		       struct emu_scenario **ret_scenario, struct nvme_text *error)
{
	struct emu_scenario *scenario = calloc(1, sizeof(*scenario));
	int result;

	if (!scenario)
		return emu_say(error, -ENOMEM, "%s: no memory", name);
	scenario->wants_config = config != NULL;
	if (config)
		scenario->config = *config;
	result = read_scenario(scenario, name, data, bytes, error);
	if (result) {
		emu_scenario_free(scenario);
		return result;
	}
	if (config)
		*config = scenario->config;
	*ret_scenario = scenario;
	return 0;
}

/* One byte more than a scenario can have is enough to see that it is too long. */
static ssize_t read_file(const char *path, char *data, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t used = 0;
	struct stat about;
	ssize_t got = -1;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &about) < 0) {
		got = -errno;
	} else if (!S_ISREG(about.st_mode)) {
		got = S_ISDIR(about.st_mode) ? -EISDIR : -ESPIPE;
	} else {
		while (used < size && (got = read(fd, data + used, size - used)) > 0)
			used += (size_t)got;
		got = got < 0 ? -errno : (ssize_t)used;
	}
	close(fd);
	return got == -EINVAL ? -EIO : got;
}

int emu_scenario_open(const char *path, struct emu_config *config,
		      struct emu_scenario **ret_scenario, struct nvme_text *error)
{
	size_t size = NVME_INI_BYTES_MAX + 1;
	char *data = malloc(size);
	ssize_t bytes = data ? read_file(path, data, size) : -ENOMEM;
	int result = (int)bytes;

	if (bytes == -ESPIPE)
		emu_say(error, 0, "%s: not a regular file", path);
	else if (bytes < 0)
		emu_say(error, 0, "%s: %s", path, strerror(-result));
	else
		result = emu_scenario_parse(path, data, (size_t)bytes, config, ret_scenario, error);
	free(data);
	return result;
}

void emu_scenario_free(struct emu_scenario *scenario)
{
	if (scenario)
		free(scenario->specs);
	free(scenario);
}

const struct emu_ns_spec *emu_scenario_namespaces(const struct emu_scenario *scenario,
						  unsigned int *ret_count)
{
	*ret_count = scenario->count;
	return scenario->specs;
}

uint32_t emu_scenario_faults(const struct emu_scenario *scenario)
{
	return scenario->common.faults;
}

uint32_t emu_scenario_controllers(const struct emu_scenario *scenario)
{
	return scenario->common.controllers;
}

uint64_t emu_scenario_seed(const struct emu_scenario *scenario)
{
	return scenario->common.seed;
}

const char *emu_scenario_ignored(const struct emu_scenario *scenario)
{
	return scenario->ignored_text;
}

void emu_scenario_print_faults(const struct emu_scenario *scenario, struct nvme_text *text)
{
	nvme_scenario_print_faults(&scenario->common, text);
}

int emu_scenario_load(const struct emu_scenario *scenario, struct emu *emu, uint64_t seed,
		      struct nvme_text *error)
{
	const struct nvme_scenario *common = &scenario->common;

	if (emu_fault_load(emu, common->fault, common->faults, seed) < 0)
		return emu_say(error, -ENOSPC,
			       "%u faults, and the key faults (--controller faults=N) has no room "
			       "for so many",
			       common->faults);
	emu_fault_limit(emu, &common->budget);
	return 0;
}
