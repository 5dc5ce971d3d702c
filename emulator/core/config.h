/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Configuration of a subsystem: one table of keys, shared by the command line, scenario files, the
 * embedding API and docs/config.md.
 */
#ifndef NVMELAB_EMULATOR_CORE_CONFIG_H
#define NVMELAB_EMULATOR_CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

#pragma GCC visibility push(default)

#define EMU_MAX_CONTROLLERS 16
#define EMU_MAX_NAMESPACES  256
#define EMU_MAX_DOMAINS	    31 /* of the list that Identify has */

/**
 * struct emu_ns_config - one namespace
 * @nsid: 1 .. nn
 * @blocks: size and capacity in logical blocks; 1 or more
 * @lbads: block size is 2^lbads bytes, 9 .. 16
 * @ms: bytes of metadata of a block: 0, 8, 16 or 64
 * @pif: guard of its protection information: 0 is 16 bits, 1 is 32, 2 is 64; 32 and 64 need 16
 *	bytes of metadata and blocks of 4096 bytes
 * @pi: protection information type in use, 1 .. 3; 0 is none
 * @pi_first: it is in the first bytes of the metadata, not in the last
 * @extended: metadata is interleaved with the data, not in a buffer of its own
 * @exclusive: private: attached to at most one controller at a time; otherwise shared
 * @attached: bit n: to the controller with index n; 0 is all of them, or the first if @exclusive
 * @detached: attached to none
 * @anagrpid: ANA group
 * @lbstm_clear: bits of the storage tag that are not checked, where LBSTM has 0
 */
struct emu_ns_config {
	uint32_t nsid;
	uint64_t blocks;
	uint32_t lbads;
	uint32_t ms;
	uint8_t pif;
	uint8_t pi;
	bool pi_first;
	bool extended;
	bool exclusive;
	bool detached;
	uint16_t attached;
	uint32_t anagrpid;
	uint64_t lbstm_clear;
};

/** enum emu_own - keys of which a controller can have a value of its own */
enum emu_own {
	EMU_OWN_MQES,
	EMU_OWN_TO,
	EMU_OWN_MDTS,
	EMU_OWN_QUEUES,
	EMU_OWN_AERL,
	EMU_OWN_ACL,
	EMU_OWN_READY_DELAY,
	EMU_OWNS
};

/** struct emu_own_keys - what one controller has of its own; @has: a bit for each enum emu_own */
struct emu_own_keys {
	uint32_t has;
	uint64_t value[EMU_OWNS];
};

/**
 * struct emu_config - a subsystem and what each of its controllers offers
 *
 * Set it up with emu_config_init(), change it by emu_config_set() or directly, verify it with
 * emu_config_check(). Values are maxima: memory grows with them, never with what a host uses.
 * The members from @mqes on are the keys of docs/config.md, in the units given there.
 */
struct emu_config {
	uint32_t controllers;
	uint32_t namespaces;
	struct emu_ns_config ns[EMU_MAX_NAMESPACES];
	uint64_t seed;
	struct emu_own_keys own[EMU_MAX_CONTROLLERS]; /* by index, from 0 */

	uint32_t mqes;
	uint32_t vs;
	uint32_t dstrd;
	uint32_t to;
	uint32_t mpsmax;
	uint32_t mdts;
	uint32_t queues;
	uint32_t vectors;
	uint32_t max_requests;
	uint32_t spans;
	uint32_t nn;
	uint32_t aerl;
	uint32_t acl;
	uint32_t elpe;
	uint32_t faults;
	bool error_injection;
	uint32_t rab;
	bool cid_check;
	uint32_t kas;
	uint32_t reorder;
	bool vwc;
	bool ns_mgmt;
	bool hmb;
	bool timestamp;
	bool host_id;
	bool write_protect;
	bool lba_range;
	bool rrl;
	bool progress;
	bool host_metadata;
	bool tbkas;
	bool format;
	uint64_t capacity;
	uint64_t format_time;
	bool sanitize;
	bool sanitize_ndi;
	uint64_t sanitize_time;
	bool metadata;
	bool pi;
	uint32_t bounces;
	bool compare;
	bool fused;
	bool write_uncorrectable;
	bool write_zeroes;
	bool dsm;
	bool verify;
	bool copy;
	bool lba_status;
	bool dulbe;
	uint32_t vsl;
	uint32_t wzsl;
	uint32_t wusl;
	uint32_t dmrl;
	uint32_t dmrsl;
	uint32_t dmsl;
	uint32_t mssrl;
	uint32_t mcl;
	uint32_t msrc;
	uint32_t awun;
	uint32_t awupf;
	uint32_t acwu;
	uint32_t nawun;
	uint32_t nawupf;
	uint32_t nacwu;
	uint32_t nabsn;
	uint32_t nabo;
	uint32_t nabspf;
	bool reservations;
	bool ana;
	uint32_t ana_groups;
	uint64_t ana_transition;
	bool nssrs;
	bool save;
	bool msix;
	bool msi;
	bool intx;
	bool no_soft_reset;
	bool strict_pci;
	bool message_dma;
	bool cqr;
	bool wrr;
	bool dbbuf;
	bool trace_data;
	uint32_t sgls;
	bool sgl_bucket;
	bool sgl_oversize;
	bool sgl_meta;
	bool crims;
	bool nsss;
	uint64_t cmb;
	bool cmb_sqs;
	bool cmb_cqs;
	bool cmb_lists;
	bool cmb_rds;
	bool cmb_wds;
	bool cmb_admin;
	uint64_t pmr;
	uint64_t pmr_delay;
	uint64_t media_delay;
	bool coalescing;
	uint32_t power_states;
	bool apst;
	bool hctm;
	uint32_t temperature;
	uint32_t sensors;
	uint64_t ready_delay;
	uint64_t service_time;
	uint32_t pel;
	bool fw_update;
	uint32_t fw_slots;
	bool fw_slot1_ro;
	uint32_t fw_size;
	uint32_t fwug;
	uint32_t mtfa;
	bool self_test;
	uint64_t self_test_time;
	uint32_t edstt;
	bool telemetry;
	bool endurance;
	uint32_t domains;
	bool rotational;
	uint64_t spinup_time;
	bool power_loss;
	bool perf;
	bool cdq;
	bool migration;
	bool underlying;
	bool security;
	bool directives;
	bool uuid_list;
	uint32_t vendor;
	uint32_t device;
	uint32_t subvendor;
	uint32_t subdevice;
	uint32_t revision;
	uint32_t cntlid;
	char serial[21];
	char model[41];
	char firmware[9];
	char subnqn[224];
};

/* Values of the key sgls, as in Identify Controller. */
#define EMU_SGLS_NONE  0
#define EMU_SGLS_BYTE  1
#define EMU_SGLS_DWORD 2

enum emu_key_type {
	EMU_KEY_NUMBER,
	EMU_KEY_BOOL,
	EMU_KEY_DURATION,
	EMU_KEY_SIZE,
	EMU_KEY_VERSION,
	EMU_KEY_TEXT,
};

/**
 * struct emu_key - a row of the table of keys
 * @name: as on the command line
 * @unit: "" or what one unit of the value is, in words
 * @min: least value; for texts the least length
 * @max: greatest value; for texts the greatest length
 * @help: one sentence
 */
struct emu_key {
	const char *name;
	enum emu_key_type type;
	uint16_t offset;
	uint64_t min;
	uint64_t max;
	const char *unit;
	const char *help;
};

/** emu_config_key - row @index of the table; NULL past the last one */
const struct emu_key *emu_config_key(unsigned int index);

/** emu_config_allowed - append what values a key may have, in words: "a number from 1 to 255" */
void emu_config_allowed(const struct emu_key *key, struct nvme_text *text);

/** emu_profile_name - name of profile @index; NULL past the last one. The first is the default. */
const char *emu_profile_name(unsigned int index);

/** emu_profile_help - one sentence about profile @index; NULL past the last one */
const char *emu_profile_help(unsigned int index);

/** emu_config_init - one controller, no namespace, the values of profile "default" */
void emu_config_init(struct emu_config *config);

/**
 * emu_config_profile - set all keys to the values of a profile
 * @name: of the profile, as emu_profile_name() has it
 * @error: gets a sentence that names the allowed profiles
 * Return: 0, or -EINVAL (-22) for an unknown name.
 */
int emu_config_profile(struct emu_config *config, const char *name, struct nvme_text *error);

/**
 * emu_config_set - set one key from text
 * @key: not necessarily terminated, @key_bytes long
 * @value: likewise, @value_bytes long
 * @error: gets a sentence that names the key and the allowed range
 * Return: 0, or -EINVAL (-22); the configuration is unchanged then.
 */
int emu_config_set(struct emu_config *config, const char *key, size_t key_bytes, const char *value,
		   size_t value_bytes, struct nvme_text *error);

/**
 * emu_config_set_own - set one key of one controller from text; others keep what emu_config_set()
 *	gives to all of them
 * @ctrl: its index, 0 .. EMU_MAX_CONTROLLERS - 1
 * @key: not necessarily terminated, @key_bytes long
 * @value: likewise, @value_bytes long
 * @error: gets a sentence that names the key and what is allowed
 * Return: 0, or -EINVAL (-22) for a value that is refused, and for a key that all controllers
 * share; the configuration is unchanged then.
 */
int emu_config_set_own(struct emu_config *config, uint32_t ctrl, const char *key, size_t key_bytes,
		       const char *value, size_t value_bytes, struct nvme_text *error);

/** emu_config_own - what controller @ctrl has, of its own or with all others */
uint64_t emu_config_own(const struct emu_config *config, uint32_t ctrl, enum emu_own own);

/** emu_config_print_own - append that value in the form that emu_config_set_own() takes */
void emu_config_print_own(const struct emu_config *config, uint32_t ctrl, enum emu_own own,
			  struct nvme_text *text);

/** emu_own_name - name of key @own (enum emu_own); NULL past the last one */
const char *emu_own_name(unsigned int own);

/** emu_config_print - append the value of @key in the form that emu_config_set() takes */
void emu_config_print(const struct emu_config *config, const struct emu_key *key,
		      struct nvme_text *text);

/**
 * emu_config_add_ns - add a namespace
 * Return: 0, or -EINVAL (-22) with a sentence: too many, a duplicate or bad NSID, size or format.
 */
int emu_config_add_ns(struct emu_config *config, const struct emu_ns_config *ns,
		      struct nvme_text *error);

/**
 * emu_config_check - whether the values work together
 * @error: gets a sentence that names the key to change
 * Return: 0, or -EINVAL (-22), for example when BAR0 would exceed 64 MiB.
 */
int emu_config_check(const struct emu_config *config, struct nvme_text *error);

/**
 * struct emu_layout - what follows from a configuration
 * @bar0_bytes: a power of two, at least 16 KiB
 * @doorbell_bytes: from 1000h on, whole pages
 * @vectors: MSI-X vectors
 * @table_offset: of the MSI-X table in BAR0
 * @pba_offset: of the pending bit array in BAR0
 */
struct emu_layout {
	uint64_t bar0_bytes;
	uint64_t doorbell_bytes;
	uint32_t vectors;
	uint32_t table_offset;
	uint32_t pba_offset;
};

/** emu_config_layout - where things are in BAR0 (docs/architecture.md) */
void emu_config_layout(const struct emu_config *config, struct emu_layout *ret_layout);

#pragma GCC visibility pop

#endif
