/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of configuration keys, and what makes a configuration possible.
 */
#include "emulator/core/config.h"

#include "common/limits.h"
#include "emulator/core/internal.h"

#define EINVAL_NEGATIVE (-22)
#define BAR0_MAX	(64ull << 20)
#define SECOND		1000000000ull
#define GIBIBYTE	(1ull << 30)
#define HALF_SECOND	(SECOND / 2)

#define KEY(member, type, min, max, unit, help)                                                    \
	{                                                                                          \
#member, EMU_KEY_##type, offsetof(struct emu_config, member), min, max, unit, help \
	}

static const struct emu_key keys[] = {
	/* clang-format off */
	KEY(mqes, NUMBER, 1, 65535, "entries, 0's based", "CAP.MQES: the most entries that a queue can have"),
	KEY(vs, VERSION, NVME_VERSION(1, 0, 0), NVME_VERSION(2, 0, 0), "", "VS: version of the specification that the controller complies with"),
	KEY(dstrd, NUMBER, 0, 15, "", "CAP.DSTRD: doorbells are 4 << dstrd bytes apart"),
	KEY(to, NUMBER, 1, 255, "500 ms", "CAP.TO: how long a host has to wait for CSTS.RDY"),
	KEY(mpsmax, NUMBER, 0, 4, "", "CAP.MPSMAX: the largest memory page is 4096 << mpsmax bytes"),
	KEY(mdts, NUMBER, 0, 15, "", "MDTS: the largest transfer is 4096 << mdts bytes; 0 is no limit"),
	KEY(queues, NUMBER, 1, 65535, "queue pairs", "I/O submission and completion queues that a host can have"),
	KEY(vectors, NUMBER, 0, 2048, "vectors", "MSI-X vectors; 0 is queues + 1, at most 64"),
	KEY(max_requests, NUMBER, 1, 1048576, "commands", "I/O commands in flight of each controller"),
	KEY(spans, NUMBER, 0, 16777216, "nodes of 7", "pieces of scattered host memory in flight of each controller; 0 is computed from max_requests and mdts"),
	KEY(nn, NUMBER, 1, EMU_MAX_NAMESPACES, "", "NN: the largest NSID that a namespace can have"),
	KEY(aerl, NUMBER, 0, 255, "requests, 0's based", "AERL: Asynchronous Event Requests at a time"),
	KEY(acl, NUMBER, 0, 255, "commands, 0's based", "ACL: Abort commands at a time"),
	KEY(elpe, NUMBER, 0, 63, "entries, 0's based", "ELPE: entries of the Error Information log"),
	KEY(faults, NUMBER, 0, 256, "rules", "fault rules that there is room for"),
	KEY(error_injection, BOOL, 0, 1, "", "feature C0h: hosts can inject errors, as the OCP Datacenter NVMe SSD Specification lets them"),
	KEY(rab, NUMBER, 0, 7, "", "RAB: arbitration burst of 2^rab commands, recommended and default; 7 is no limit"),
	KEY(cid_check, BOOL, 0, 1, "", "a command whose identifier another one of its queue still has is refused, with Command ID Conflict; costs time"),
	KEY(kas, NUMBER, 0, 65535, "100 ms", "KAS: granularity of the Keep Alive Timer; 0 is no Keep Alive"),
	KEY(reorder, NUMBER, 1, 64, "commands", "finished commands among which the next to complete is drawn; 1 keeps their order"),
	KEY(vwc, BOOL, 0, 1, "", "VWC: a volatile write cache is present"),
	KEY(ns_mgmt, BOOL, 0, 1, "", "OACS bit 3: Namespace Management and Namespace Attachment"),
	KEY(hmb, BOOL, 0, 1, "", "HMPRE: the controller uses a Host Memory Buffer"),
	KEY(timestamp, BOOL, 0, 1, "", "ONCS bit 6: the controller has a clock that hosts can set"),
	KEY(host_id, BOOL, 0, 1, "", "feature 81h: hosts can tell who they are, in 64 or 128 bits"),
	KEY(write_protect, BOOL, 0, 1, "", "NWPC: namespaces can be write protected"),
	KEY(lba_range, BOOL, 0, 1, "", "feature 03h: hosts can tell what ranges of blocks are for"),
	KEY(rrl, BOOL, 0, 1, "", "CTRATT bit 3: read recovery levels"),
	KEY(host_metadata, BOOL, 0, 1, "", "features 7Dh to 7Fh: hosts can leave metadata about themselves"),
	KEY(progress, BOOL, 0, 1, "", "feature 80h: the Software Progress Marker"),
	KEY(tbkas, BOOL, 0, 1, "", "CTRATT bit 6: any command keeps the controller alive, not only Keep Alive"),
	KEY(capacity, SIZE, 0, UINT64_MAX >> 1, "bytes", "TNVMCAP: of all namespaces; 0 is what the configured ones have and 1T"),
	KEY(format, BOOL, 0, 1, "", "OACS bit 1: Format NVM"),
	KEY(format_time, DURATION, 0, 86400 * SECOND, "", "time that a Format NVM takes at least"),
	KEY(sanitize, BOOL, 0, 1, "", "SANICAP: sanitize operations: block erase, crypto erase, overwrite"),
	KEY(sanitize_time, DURATION, 0, 86400 * SECOND, "", "time that a sanitize operation takes at least"),
	KEY(sanitize_ndi, BOOL, 0, 1, "", "SANICAP bit 29: blocks are deallocated by a sanitize operation whatever the host asks for"),
	KEY(metadata, BOOL, 0, 1, "", "LBA formats with metadata are offered"),
	KEY(pi, BOOL, 0, 1, "", "DPC: and protection information in it"),
	KEY(bounces, NUMBER, 1, 4096, "buffers of 64 KiB", "commands at a time whose data the controller has to see"),
	KEY(compare, BOOL, 0, 1, "", "ONCS bit 0: Compare"),
	KEY(fused, BOOL, 0, 1, "", "FUSES: Compare and Write as a fused operation"),
	KEY(write_uncorrectable, BOOL, 0, 1, "", "ONCS bit 1: Write Uncorrectable"),
	KEY(write_zeroes, BOOL, 0, 1, "", "ONCS bit 3: Write Zeroes"),
	KEY(dsm, BOOL, 0, 1, "", "ONCS bit 2: Dataset Management"),
	KEY(verify, BOOL, 0, 1, "", "ONCS bit 7: Verify"),
	KEY(copy, BOOL, 0, 1, "", "ONCS bit 8: Copy"),
	KEY(lba_status, BOOL, 0, 1, "", "OACS bit 9: Get LBA Status"),
	KEY(dulbe, BOOL, 0, 1, "", "NSFEAT bit 2: reading deallocated blocks can be made an error"),
	KEY(vsl, NUMBER, 0, 20, "", "VSL: the largest Verify is of 4096 << vsl bytes; 0 is no limit"),
	KEY(wzsl, NUMBER, 0, 20, "", "WZSL: the largest Write Zeroes is of 4096 << wzsl bytes; 0 is no limit"),
	KEY(wusl, NUMBER, 0, 20, "", "WUSL: the largest Write Uncorrectable is of 4096 << wusl bytes; 0 is no limit"),
	KEY(dmrl, NUMBER, 0, 255, "ranges", "DMRL: of one Dataset Management command; 0 is no limit"),
	KEY(dmrsl, NUMBER, 0, INT32_MAX, "blocks", "DMRSL: of one of its ranges; 0 is no limit"),
	KEY(dmsl, NUMBER, 0, INT32_MAX, "blocks", "DMSL: of all its ranges; 0 is no limit"),
	KEY(mssrl, NUMBER, 1, 65535, "blocks", "MSSRL: of one source range of Copy"),
	KEY(mcl, NUMBER, 1, INT32_MAX, "blocks", "MCL: of all its source ranges"),
	KEY(msrc, NUMBER, 0, 255, "ranges, 0's based", "MSRC: source ranges of Copy"),
	KEY(awun, NUMBER, 0, 65535, "blocks, 0's based", "AWUN: a write that is never mixed with others"),
	KEY(awupf, NUMBER, 0, 65535, "blocks, 0's based", "AWUPF: the same through a power loss"),
	KEY(acwu, NUMBER, 0, 65535, "blocks, 0's based", "ACWU: a fused Compare and Write"),
	KEY(nawun, NUMBER, 0, 65535, "blocks, 0's based", "NAWUN: AWUN of each namespace; 0 is the controller's"),
	KEY(nawupf, NUMBER, 0, 65535, "blocks, 0's based", "NAWUPF: the same through a power loss"),
	KEY(nacwu, NUMBER, 0, 65535, "blocks, 0's based", "NACWU: ACWU of each namespace; 0 is the controller's"),
	KEY(nabsn, NUMBER, 0, 65535, "blocks, 0's based", "NABSN: atomic boundaries are that far apart; 0 is none"),
	KEY(nabo, NUMBER, 0, 65535, "blocks", "NABO: the first block behind the first atomic boundary"),
	KEY(nabspf, NUMBER, 0, 65535, "blocks, 0's based", "NABSPF: NABSN through a power loss"),
	KEY(reservations, BOOL, 0, 1, "", "ONCS bit 5: hosts can reserve namespaces; needs host_id"),
	KEY(ana, BOOL, 0, 1, "", "CMIC bit 3: Asymmetric Namespace Access is reported, in log 0Ch"),
	KEY(ana_groups, NUMBER, 1, EMU_ANA_GROUPS, "groups", "NANAGRPID: ANA groups that namespaces can be in"),
	KEY(ana_transition, DURATION, 0, 200 * SECOND, "", "time that a group takes from one ANA state to another, in state Change"),
	KEY(nssrs, BOOL, 0, 1, "", "CAP.NSSRS: NVM subsystem reset is supported"),
	KEY(save, BOOL, 0, 1, "", "ONCS bit 4: features can be saved, and their saved and default values read"),
	KEY(msix, BOOL, 0, 1, "", "interrupts by MSI-X"),
	KEY(msi, BOOL, 0, 1, "", "interrupts by MSI, with up to 32 messages"),
	KEY(intx, BOOL, 0, 1, "", "interrupts by pin INTA#"),
	KEY(no_soft_reset, BOOL, 0, 1, "", "PCI power management: state D0 after D3hot finds the controller as it was"),
	KEY(coalescing, BOOL, 0, 1, "", "interrupts are held back as the Interrupt Coalescing feature says"),
	KEY(power_states, NUMBER, 1, EMU_POWER_STATES, "states", "NPSS + 1: power states; from the fourth on they are non-operational"),
	KEY(apst, BOOL, 0, 1, "", "APSTA: Autonomous Power State Transitions, with non-operational states"),
	KEY(hctm, BOOL, 0, 1, "", "HCTMA: Host Controlled Thermal Management"),
	KEY(temperature, NUMBER, 1, 1000, "kelvin", "composite temperature at power-on"),
	KEY(sensors, NUMBER, 0, EMU_SENSORS, "sensors", "temperature sensors besides the composite temperature"),
	KEY(message_dma, BOOL, 0, 1, "", "host memory that a client maps without a file is reached by messages"),
	KEY(strict_pci, BOOL, 0, 1, "", "BAR0 is not there while the host has memory decode off"),
	KEY(cqr, BOOL, 0, 1, "", "CAP.CQR: queues have to be contiguous in host memory"),
	KEY(wrr, BOOL, 0, 1, "", "CAP.AMS bit 17: weighted round robin with urgent class"),
	KEY(dbbuf, BOOL, 0, 1, "", "OACS bit 8: Doorbell Buffer Config, if the doorbells of all queues fit into 4096 bytes"),
	KEY(trace_data, BOOL, 0, 1, "", "the trace has the data that writes bring, and not only its checksum"),
	KEY(sgls, NUMBER, 0, 2, "", "SGLS bits 1:0: scatter gather lists; 0 none, 1 of any alignment, 2 of whole dwords"),
	KEY(sgl_bucket, BOOL, 0, 1, "", "SGLS bit 16: bit bucket descriptors, for bytes that a read leaves out"),
	KEY(sgl_oversize, BOOL, 0, 1, "", "SGLS bit 18: a list may describe more than the command transfers"),
	KEY(sgl_meta, BOOL, 0, 1, "", "SGLS bit 19: metadata may have a list of its own, PSDT 2"),
	KEY(crims, BOOL, 0, 1, "", "CAP.CRIMS: a host may ask for CSTS.RDY before the media are ready"),
	KEY(nsss, BOOL, 0, 1, "", "CAP.NSSS: NVM subsystem shutdown is supported"),
	KEY(cmb, SIZE, 0, GIBIBYTE, "", "CMBSZ: Controller Memory Buffer in BAR2, a power of two; 0 is none"),
	KEY(cmb_sqs, BOOL, 0, 1, "", "CMBSZ.SQS: submission queues may lie in it"),
	KEY(cmb_cqs, BOOL, 0, 1, "", "CMBSZ.CQS: completion queues may lie in it"),
	KEY(cmb_lists, BOOL, 0, 1, "", "CMBSZ.LISTS: PRP lists and SGL segments may lie in it"),
	KEY(cmb_rds, BOOL, 0, 1, "", "CMBSZ.RDS: data that goes to the host may be put there"),
	KEY(cmb_wds, BOOL, 0, 1, "", "CMBSZ.WDS: data that comes from the host may be taken there"),
	KEY(cmb_admin, BOOL, 0, 1, "", "admin commands may be submitted to a queue in it"),
	KEY(pmr, SIZE, 0, GIBIBYTE, "", "PMRCAP: Persistent Memory Region in BAR4, a power of two; 0 is none"),
	KEY(pmr_delay, DURATION, 0, 100 * SECOND, "", "time from PMRCTL.EN = 1 until the region is ready"),
	KEY(media_delay, DURATION, 0, 100 * SECOND, "", "time from CC.EN = 1 until the media are ready; until then CSTS.RDY is 0, or commands that need them are refused"),
	KEY(ready_delay, DURATION, 0, 100 * SECOND, "", "time from CC.EN = 1 to CSTS.RDY = 1"),
	KEY(service_time, DURATION, 0, 10 * SECOND, "", "time that an I/O command takes at least"),
	KEY(pel, NUMBER, 0, 1024, "events", "LPA bit 4: events that the Persistent Event log holds; 0 is no such log"),
	KEY(fw_update, BOOL, 0, 1, "", "OACS bit 2: firmware can be downloaded and committed"),
	KEY(fw_slots, NUMBER, 1, 7, "slots", "FRMW: firmware slots"),
	KEY(fw_slot1_ro, BOOL, 0, 1, "", "FRMW bit 0: firmware slot 1 is read only"),
	KEY(fw_size, NUMBER, 1, 4096, "4 KiB", "the largest firmware image"),
	KEY(fwug, NUMBER, 0, 255, "4 KiB", "FWUG: granularity of firmware pieces; 0 and 255 are a dword"),
	KEY(mtfa, NUMBER, 0, 65535, "100 ms", "MTFA: the longest firmware activation without a reset"),
	KEY(self_test, BOOL, 0, 1, "", "OACS bit 4: device self-test"),
	KEY(self_test_time, DURATION, 0, 120 * SECOND, "", "time that a short self-test takes"),
	KEY(edstt, NUMBER, 1, 65535, "minutes", "EDSTT: time that an extended self-test takes"),
	KEY(telemetry, BOOL, 0, 1, "", "LPA bit 3: telemetry logs, and the vendor's log C0h"),
	KEY(endurance, BOOL, 0, 1, "", "CTRATT bit 4: an endurance group, which all namespaces are in"),
	KEY(domains, NUMBER, 0, EMU_MAX_DOMAINS, "domains", "CTRATT bit 10: domains that the controllers are divided among in turn, all media in the first; 0 is no division; needs endurance and ana"),
	KEY(rotational, BOOL, 0, 1, "", "NSFEAT bit 4 of CNS 08h: the media rotate; needs endurance"),
	KEY(spinup_time, DURATION, 0, 100 * SECOND, "", "time from power-on, or from the end of spinup control, until rotational media have their speed"),
	KEY(power_loss, BOOL, 0, 1, "", "PLSI: power loss signaling, by Emergency Power Fail or Forced Quiescence; the control socket has the signal; needs domains of at most 1"),
	KEY(perf, BOOL, 0, 1, "", "feature 1Ch: performance characteristics; hosts can change service_time"),
	KEY(cdq, BOOL, 0, 1, "", "TRATTR bit 1: Controller Data Queue and Track Send, by which one controller tells what another one's commands have changed"),
	KEY(migration, BOOL, 0, 1, "", "OACS bit 11: Migration Send and Receive, by which one controller suspends another one and moves the state of its I/O queues, all of which have to be contiguous (cqr)"),
	KEY(underlying, BOOL, 0, 1, "", "CNS 1Dh and 1Eh: namespaces that others may export, and ports of fabrics, of which there are none"),
	KEY(security, BOOL, 0, 1, "", "OACS bit 0: Security Send and Receive, with protocol 00h alone"),
	KEY(directives, BOOL, 0, 1, "", "OACS bit 5: Directive Send and Receive, with Identify alone"),
	KEY(uuid_list, BOOL, 0, 1, "", "CTRATT bit 9: a UUID list, which selects vendor specific logs"),
	KEY(vendor, NUMBER, 0, 0xffff, "", "PCI vendor ID"),
	KEY(device, NUMBER, 0, 0xffff, "", "PCI device ID"),
	KEY(subvendor, NUMBER, 0, 0xffff, "", "PCI subsystem vendor ID"),
	KEY(subdevice, NUMBER, 0, 0xffff, "", "PCI subsystem ID"),
	KEY(revision, NUMBER, 0, 0xff, "", "PCI revision ID"),
	KEY(cntlid, NUMBER, 0, 0xff00, "", "CNTLID of the first controller; the others follow"),
	KEY(serial, TEXT, 1, 20, "", "SN: serial number, ASCII"),
	KEY(model, TEXT, 1, 40, "", "MN: model number, ASCII"),
	KEY(firmware, TEXT, 1, 8, "", "FR: firmware revision, ASCII"),
	KEY(subnqn, TEXT, 0, 223, "", "SUBNQN: name of the NVM subsystem; empty is made from the serial number"),
	/* clang-format on */
};

const struct emu_key *emu_config_key(unsigned int index)
{
	return index < sizeof(keys) / sizeof(keys[0]) ? &keys[index] : NULL;
}

static void *member(const struct emu_config *config, const struct emu_key *key)
{
	return (uint8_t *)(uintptr_t)config + key->offset;
}

/* The value of a key that is no text. */
static uint64_t number_of(const struct emu_config *config, const struct emu_key *key)
{
	const void *value = member(config, key);

	if (key->type == EMU_KEY_BOOL)
		return *(const bool *)value;
	if (key->type == EMU_KEY_DURATION || key->type == EMU_KEY_SIZE)
		return *(const uint64_t *)value;
	return *(const uint32_t *)value;
}

static void print_version(uint32_t vs, struct nvme_text *text)
{
	nvme_text_u64(text, NVME_GET(vs, NVME_VS_MJR));
	nvme_text_char(text, '.');
	nvme_text_u64(text, NVME_GET(vs, NVME_VS_MNR));
	if (NVME_GET(vs, NVME_VS_TER)) {
		nvme_text_char(text, '.');
		nvme_text_u64(text, NVME_GET(vs, NVME_VS_TER));
	}
}

static void print_value(const struct emu_key *key, uint64_t value, struct nvme_text *text)
{
	if (key->type == EMU_KEY_BOOL)
		nvme_text_add(text, value ? "true" : "false");
	else if (key->type == EMU_KEY_DURATION)
		nvme_text_duration(text, value);
	else if (key->type == EMU_KEY_SIZE)
		nvme_text_size(text, value);
	else if (key->type == EMU_KEY_VERSION)
		print_version((uint32_t)value, text);
	else
		nvme_text_u64(text, value);
}

void emu_config_print(const struct emu_config *config, const struct emu_key *key,
		      struct nvme_text *text)
{
	if (key->type == EMU_KEY_TEXT)
		nvme_text_add(text, member(config, key));
	else
		print_value(key, number_of(config, key), text);
}

static const struct emu_key *find_key(struct nvme_slice name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (nvme_slice_is(name, keys[i].name))
			return &keys[i];
	}
	return NULL;
}

static const uint32_t published[] = {
	NVME_VERSION(1, 0, 0), NVME_VERSION(1, 1, 0), NVME_VERSION(1, 2, 0), NVME_VERSION(1, 2, 1),
	NVME_VERSION(1, 3, 0), NVME_VERSION(1, 4, 0), NVME_VERSION(2, 0, 0),
};

static bool is_published(uint64_t vs)
{
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		if (published[i] == vs)
			return true;
	}
	return false;
}

/* "MAJOR.MINOR" or "MAJOR.MINOR.TERTIARY", of a published revision. */
static enum nvme_parse_result parse_version(struct nvme_slice text, uint64_t *ret_value)
{
	char buffer[16];
	struct nvme_text name;

	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		nvme_text_init(&name, buffer, sizeof(buffer));
		print_version(published[i], &name);
		if (nvme_slice_is(text, buffer)) {
			*ret_value = published[i];
			return NVME_PARSE_OK;
		}
	}
	return NVME_PARSE_INVALID;
}

static enum nvme_parse_result parse(const struct emu_key *key, struct nvme_slice text,
				    uint64_t *ret_value)
{
	enum nvme_parse_result result;
	bool truth = false;

	switch (key->type) {
	case EMU_KEY_BOOL:
		result = nvme_parse_bool(text.data, text.bytes, &truth);
		*ret_value = truth;
		return result;
	case EMU_KEY_DURATION:
		return nvme_parse_duration(text.data, text.bytes, ret_value);
	case EMU_KEY_SIZE:
		return nvme_parse_size(text.data, text.bytes, ret_value);
	case EMU_KEY_VERSION:
		return parse_version(text, ret_value);
	case EMU_KEY_NUMBER:
	case EMU_KEY_TEXT:
	default:
		return nvme_parse_u64(text.data, text.bytes, ret_value);
	}
}

void emu_config_allowed(const struct emu_key *key, struct nvme_text *text)
{
	static const char *const kinds[] = {
		[EMU_KEY_NUMBER] = "a number from ",
		[EMU_KEY_BOOL] = "true or false",
		[EMU_KEY_DURATION] = "a duration (5us, 10ms, 2s) from ",
		[EMU_KEY_SIZE] = "a size (512, 4K, 1G) from ",
		[EMU_KEY_VERSION] = "1.0, 1.1, 1.2, 1.2.1, 1.3, 1.4 or 2.0",
		[EMU_KEY_TEXT] = "printable ASCII of a length from ",
	};

	nvme_text_add(text, kinds[key->type]);
	if (key->type == EMU_KEY_BOOL || key->type == EMU_KEY_VERSION)
		return;
	print_value(key, key->min, text);
	nvme_text_add(text, " to ");
	print_value(key, key->max, text);
}

static int refuse(const struct emu_key *key, struct nvme_slice value, struct nvme_text *error)
{
	nvme_text_add(error, key->name);
	nvme_text_add(error, " = '");
	nvme_text_slice(error, value);
	nvme_text_add(error, "': allowed is ");
	emu_config_allowed(key, error);
	return EINVAL_NEGATIVE;
}

static bool is_printable(struct nvme_slice text)
{
	for (size_t i = 0; i < text.bytes; i++) {
		if (text.data[i] < 0x20 || text.data[i] > 0x7e)
			return false;
	}
	return true;
}

static int set_text(struct emu_config *config, const struct emu_key *key, struct nvme_slice value,
		    struct nvme_text *error)
{
	char *to = member(config, key);

	if (value.bytes < key->min || value.bytes > key->max || !is_printable(value))
		return refuse(key, value, error);
	memcpy(to, value.data, value.bytes);
	to[value.bytes] = '\0';
	return 0;
}

int emu_config_set(struct emu_config *config, const char *key_name, size_t key_bytes,
		   const char *value, size_t value_bytes, struct nvme_text *error)
{
	struct nvme_slice name = { key_name, key_bytes };
	struct nvme_slice text = { value, value_bytes };
	const struct emu_key *key = find_key(name);
	uint64_t number = 0;

	if (!key) {
		nvme_text_add(error, "no key is called '");
		nvme_text_slice(error, name);
		nvme_text_add(error, "'; docs/config.md lists them");
		return EINVAL_NEGATIVE;
	}
	if (key->type == EMU_KEY_TEXT)
		return set_text(config, key, text, error);
	if (parse(key, text, &number) != NVME_PARSE_OK || number < key->min || number > key->max)
		return refuse(key, text, error);
	if (key->type == EMU_KEY_BOOL)
		*(bool *)member(config, key) = number;
	else if (key->type == EMU_KEY_DURATION || key->type == EMU_KEY_SIZE)
		*(uint64_t *)member(config, key) = number;
	else
		*(uint32_t *)member(config, key) = (uint32_t)number;
	return 0;
}

static int refuse_ns(const struct emu_ns_config *ns, const char *what, struct nvme_text *error)
{
	nvme_text_add(error, "namespace ");
	nvme_text_u64(error, ns->nsid);
	nvme_text_add(error, what);
	return EINVAL_NEGATIVE;
}

/* A row of the table of formats, and protection information only where it has room. */
static int check_format(const struct emu_config *config, const struct emu_ns_config *ns,
			struct nvme_text *error)
{
	if (ns->ms && !config->metadata)
		return refuse_ns(ns, ": ms needs --controller metadata=true", error);
	if (ns->pi && !config->pi)
		return refuse_ns(ns, ": pi needs --controller pi=true", error);
	if (emu_format_find(ns->lbads, ns->ms, ns->pif) == EMU_FORMATS)
		return refuse_ns(ns,
				 ": metadata is 8, 16 or 64 bytes, of blocks of 512, 2048 or 4096; "
				 "a guard of 32 or 64 bits takes 16 bytes, of blocks of 4096",
				 error);
	if (ns->pi > NVME_PI_TYPE3 || (ns->pi && !ns->ms))
		return refuse_ns(ns, ": pi is a type from 1 to 3 and needs metadata", error);
	return 0;
}

static int check_attached(const struct emu_config *config, const struct emu_ns_config *ns,
			  struct nvme_text *error)
{
	if (ns->attached >> config->controllers)
		return refuse_ns(ns, " is attached to a controller that there is not", error);
	if (ns->exclusive && (ns->attached & (ns->attached - 1)))
		return refuse_ns(ns, " is private, and attached to more than one controller",
				 error);
	return 0;
}

/* A namespace, and that none of the @others first ones has its NSID. */
static int check_ns(const struct emu_config *config, const struct emu_ns_config *ns,
		    uint32_t others, struct nvme_text *error)
{
	if (ns->nsid == 0 || ns->nsid > config->nn)
		return refuse_ns(ns, ": NSIDs are from 1 to nn (--controller nn=N)", error);
	for (uint32_t i = 0; i < others; i++) {
		if (config->ns[i].nsid == ns->nsid)
			return refuse_ns(ns, " exists already", error);
	}
	if (ns->lbads < 9 || ns->lbads > 16)
		return refuse_ns(ns, ": blocks have 512 to 65536 bytes, a power of two", error);
	if (ns->anagrpid > config->ana_groups)
		return refuse_ns(ns,
				 ": ANA groups are from 1 to ana_groups (--controller "
				 "ana_groups=N)",
				 error);
	if (check_format(config, ns, error) != 0 || check_attached(config, ns, error) != 0)
		return EINVAL_NEGATIVE;
	if (ns->blocks == 0 || ns->blocks > UINT64_MAX >> ns->lbads >> 1)
		return refuse_ns(ns, ": the size is one block at least and 8 EiB at most", error);
	return 0;
}

int emu_config_add_ns(struct emu_config *config, const struct emu_ns_config *ns,
		      struct nvme_text *error)
{
	if (config->namespaces >= EMU_MAX_NAMESPACES)
		return refuse_ns(ns, ": a subsystem has at most 256 namespaces", error);
	if (check_ns(config, ns, config->namespaces, error) != 0)
		return EINVAL_NEGATIVE;
	config->ns[config->namespaces++] = *ns;
	return 0;
}

/* A key that was set directly obeys the same limits as one that was read. */
static int check_key(const struct emu_config *config, const struct emu_key *key,
		     struct nvme_text *error)
{
	const char *text = member(config, key);
	struct nvme_slice slice = { text, 0 };
	uint64_t number;

	if (key->type == EMU_KEY_TEXT) {
		while (slice.bytes <= key->max && text[slice.bytes])
			slice.bytes++;
		if (slice.bytes < key->min || slice.bytes > key->max || !is_printable(slice))
			return refuse(key, slice, error);
		return 0;
	}
	number = number_of(config, key);
	if (number >= key->min && number <= key->max &&
	    (key->type != EMU_KEY_VERSION || is_published(number)))
		return 0;
	nvme_text_add(error, key->name);
	nvme_text_add(error, " = '");
	print_value(key, number, error);
	nvme_text_add(error, "': allowed is ");
	emu_config_allowed(key, error);
	return EINVAL_NEGATIVE;
}

static int check_each(const struct emu_config *config, struct nvme_text *error)
{
	if (config->controllers == 0 || config->controllers > EMU_MAX_CONTROLLERS) {
		nvme_text_add(error, "a subsystem has 1 to 16 controllers");
		return EINVAL_NEGATIVE;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (check_key(config, &keys[i], error) != 0)
			return EINVAL_NEGATIVE;
	}
	if (config->namespaces > EMU_MAX_NAMESPACES) {
		nvme_text_add(error, "a subsystem has at most 256 namespaces");
		return EINVAL_NEGATIVE;
	}
	for (uint32_t i = 0; i < config->namespaces; i++) {
		if (check_ns(config, &config->ns[i], i, error) != 0)
			return EINVAL_NEGATIVE;
	}
	return 0;
}

/* A BAR is a power of two, in units of 4 KiB. */
static int check_bar(const char *key, uint64_t bytes, struct nvme_text *error)
{
	if (bytes == 0 || (bytes >= 4096 && (bytes & (bytes - 1)) == 0))
		return 0;
	nvme_text_add(error, key);
	nvme_text_add(error, " = ");
	nvme_text_size(error, bytes);
	nvme_text_add(error, " is no power of two from 4K on");
	return EINVAL_NEGATIVE;
}

/* A host that waits for as long as it is told to has to see CSTS.RDY. */
static int check_delay(const struct emu_config *config, const char *key, uint64_t delay,
		       struct nvme_text *error)
{
	if (delay <= config->to * HALF_SECOND)
		return 0;
	nvme_text_add(error, key);
	nvme_text_add(error, " = ");
	nvme_text_duration(error, delay);
	nvme_text_add(error, " is longer than what to = ");
	nvme_text_u64(error, config->to);
	nvme_text_add(error, " says: ");
	nvme_text_duration(error, config->to * HALF_SECOND);
	return EINVAL_NEGATIVE;
}

int emu_config_check(const struct emu_config *config, struct nvme_text *error)
{
	struct emu_layout layout;
	uint64_t largest;

	if (check_each(config, error) != 0 ||
	    check_delay(config, "ready_delay", config->ready_delay, error) != 0 ||
	    emu_own_check(config, error) != 0 || check_bar("cmb", config->cmb, error) != 0 ||
	    check_bar("pmr", config->pmr, error) != 0 ||
	    check_delay(config, "media_delay", config->media_delay, error) != 0 ||
	    check_delay(config, "spinup_time", config->spinup_time, error) != 0)
		return EINVAL_NEGATIVE;
	emu_config_layout(config, &layout);
	if (layout.bar0_bytes > BAR0_MAX) {
		nvme_text_add(error, "BAR0 would have more than 64 MiB: lower queues or dstrd");
		return EINVAL_NEGATIVE;
	}
	if (config->capacity && config->capacity < emu_config_ns_bytes(config)) {
		nvme_text_add(error, "capacity = ");
		nvme_text_size(error, config->capacity);
		nvme_text_add(error, " is less than the namespaces have");
		return EINVAL_NEGATIVE;
	}
	largest = emu_config_largest(config);
	if (largest > UINT32_MAX) {
		nvme_text_add(error, "mdts = 0 with blocks of 65536 bytes: a command's "
				     "data would exceed "
				     "4 GiB; set mdts");
		return EINVAL_NEGATIVE;
	}
	if ((largest / 4096 + 1) / EMU_SPANS_PER_NODE + 1 > emu_config_spans(config)) {
		nvme_text_add(error, "spans = ");
		nvme_text_u64(error, config->spans);
		nvme_text_add(error, " is too few for one command of the size that mdts allows");
		return EINVAL_NEGATIVE;
	}
	return 0;
}
