/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify Controller (Base 2.0 5.17.2.1, unverified): a row a field. */
#include <stddef.h>

#include "common/nvme_spec.h"
#include "driver/cli/fields.h"

#define BITS(field, ...)           \
	{                          \
		field, __VA_ARGS__ \
	}

static const char *const ports[] = { "single", "several", NULL };
static const char *const function[] = { "PCI function", "SR-IOV virtual function", NULL };
static const char *const types[] = { "not reported", "I/O", "discovery", "administrative", NULL };
static const char *const rpmb[] = { "not specified", "no", "yes", NULL };
static const char *const present[] = { "not present", "present", NULL };
static const char *const flush_all[] = { "not said", "Reserved", "no", "yes", NULL };
static const char *const scope[] = { "one namespace", "all namespaces", NULL };
static const char *const format[] = { "vendor specific", "as the specification", NULL };
static const char *const read_only[] = { "read and write", "read only", NULL };
static const char *const inhibited[] = { "allowed", "inhibited", NULL };
static const char *const modified[] = { "not said", "no", "yes", NULL };
static const char *const sgl[] = { "Not Supported", "Supported, any alignment",
				   "Supported, dword aligned", NULL };
static const char *const self_test[] = { "of each controller", "of the NVM subsystem", NULL };
static const char *const may_change[] = { "may change", "does not change", NULL };

static const struct cli_bits cmic[] = {
	BITS(NVME_ID_CTRL_CMIC_ANARS, "ANA reporting", NULL),
	BITS(NVME_ID_CTRL_CMIC_FT, "Controller of", function),
	BITS(NVME_ID_CTRL_CMIC_MCTRS, "Controllers", ports),
	BITS(NVME_ID_CTRL_CMIC_MPORTS, "Ports", ports),
	{ 0 },
};

static const struct cli_bits oaes[] = {
	BITS(NVME_ID_CTRL_OAES_DISCOVERY, "Discovery Log Change", NULL),
	BITS(NVME_ID_CTRL_OAES_ZONE_DESCRIPTOR, "Zone Descriptor Changed", NULL),
	BITS(NVME_ID_CTRL_OAES_ALLOC_NS_ATTRIBUTE, "Allocated Namespace Attribute", NULL),
	BITS(NVME_ID_CTRL_OAES_REACHABILITY, "Reachability Groups Change", NULL),
	BITS(NVME_ID_CTRL_OAES_TEMP_HYSTERESIS, "Temperature Threshold Hysteresis Recovery", NULL),
	BITS(NVME_ID_CTRL_OAES_SUBSYSTEM_SHUTDOWN, "Normal NVM Subsystem Shutdown", NULL),
	BITS(NVME_ID_CTRL_OAES_EG_AGGREGATE, "Endurance Group Event Aggregate Change", NULL),
	BITS(NVME_ID_CTRL_OAES_LBA_STATUS, "LBA Status Information", NULL),
	BITS(NVME_ID_CTRL_OAES_PLM_AGGREGATE, "Predictable Latency Aggregate Change", NULL),
	BITS(NVME_ID_CTRL_OAES_ANA, "Asymmetric Namespace Access Change", NULL),
	BITS(NVME_ID_CTRL_OAES_FW_ACTIVATION, "Firmware Activation", NULL),
	BITS(NVME_ID_CTRL_OAES_NS_ATTRIBUTE, "Namespace Attribute Changed", NULL),
	{ 0 },
};

static const struct cli_bits ctratt[] = {
	BITS(NVME_ID_CTRL_CTRATT_FDPS, "Flexible Data Placement", NULL),
	BITS(NVME_ID_CTRL_CTRATT_RHII, "Reservations and Host Identifier Interaction", NULL),
	BITS(NVME_ID_CTRL_CTRATT_HMBR, "HMB Restricted in Non-Operational States", NULL),
	BITS(NVME_ID_CTRL_CTRATT_MEM, "MDTS Excludes Metadata", NULL),
	BITS(NVME_ID_CTRL_CTRATT_ELBAS, "Extended LBA Formats", NULL),
	BITS(NVME_ID_CTRL_CTRATT_DNVMS, "Delete NVM Set", NULL),
	BITS(NVME_ID_CTRL_CTRATT_DEG, "Delete Endurance Group", NULL),
	BITS(NVME_ID_CTRL_CTRATT_VCM, "Variable Capacity Management", NULL),
	BITS(NVME_ID_CTRL_CTRATT_FCM, "Fixed Capacity Management", NULL),
	BITS(NVME_ID_CTRL_CTRATT_MDS, "Multi Domain Subsystem", NULL),
	BITS(NVME_ID_CTRL_CTRATT_ULIST, "UUID List", NULL),
	BITS(NVME_ID_CTRL_CTRATT_SQA, "SQ Associations", NULL),
	BITS(NVME_ID_CTRL_CTRATT_NG, "Namespace Granularity", NULL),
	BITS(NVME_ID_CTRL_CTRATT_TBKAS, "Traffic Based Keep Alive", NULL),
	BITS(NVME_ID_CTRL_CTRATT_PLM, "Predictable Latency Mode", NULL),
	BITS(NVME_ID_CTRL_CTRATT_EGS, "Endurance Groups", NULL),
	BITS(NVME_ID_CTRL_CTRATT_RRLVLS, "Read Recovery Levels", NULL),
	BITS(NVME_ID_CTRL_CTRATT_NSETS, "NVM Sets", NULL),
	BITS(NVME_ID_CTRL_CTRATT_NOPSPM, "Non-Operational Power State Permissive Mode", NULL),
	BITS(NVME_ID_CTRL_CTRATT_HIDS, "128-bit Host Identifier", NULL),
	{ 0 },
};

static const struct cli_bits bpcap[] = {
	BITS(NVME_ID_CTRL_BPCAP_SFBPWPS, "Boot Partition Write Protection by Set Features", NULL),
	BITS(NVME_ID_CTRL_BPCAP_RPMBBPWPS, "Boot Partition Write Protection by RPMB", rpmb),
	{ 0 },
};

static const struct cli_bits cntrltype[] = {
	{ 1, 0, "Controller", types },
	{ 0 },
};

static const struct cli_bits oacs[] = {
	BITS(NVME_ID_CTRL_OACS_MIGRATION, "Host Managed Live Migration", NULL),
	BITS(NVME_ID_CTRL_OACS_LOCKDOWN, "Command and Feature Lockdown", NULL),
	BITS(NVME_ID_CTRL_OACS_LBA_STATUS, "Get LBA Status", NULL),
	BITS(NVME_ID_CTRL_OACS_DBBUF, "Doorbell Buffer Config", NULL),
	BITS(NVME_ID_CTRL_OACS_VIRT_MGMT, "Virtualization Management", NULL),
	BITS(NVME_ID_CTRL_OACS_MI, "NVMe-MI Send and Receive", NULL),
	BITS(NVME_ID_CTRL_OACS_DIRECTIVES, "Directives", NULL),
	BITS(NVME_ID_CTRL_OACS_SELF_TEST, "Device Self-test", NULL),
	BITS(NVME_ID_CTRL_OACS_NS_MGMT, "Namespace Management and Attachment", NULL),
	BITS(NVME_ID_CTRL_OACS_FIRMWARE, "Firmware Commit and Image Download", NULL),
	BITS(NVME_ID_CTRL_OACS_FORMAT, "Format NVM", NULL),
	BITS(NVME_ID_CTRL_OACS_SECURITY, "Security Send and Receive", NULL),
	{ 0 },
};

static const struct cli_bits frmw[] = {
	BITS(NVME_ID_CTRL_FRMW_SMUD, "Multiple Update Detection", NULL),
	BITS(NVME_ID_CTRL_FRMW_FAWR, "Activation Without Reset", NULL),
	BITS(NVME_ID_CTRL_FRMW_NOFS, "Firmware Slots", NULL),
	BITS(NVME_ID_CTRL_FRMW_FFSRO, "Slot 1", read_only),
	{ 0 },
};

static const struct cli_bits lpa[] = {
	BITS(NVME_ID_CTRL_LPA_DA4S, "Telemetry Data Area 4", NULL),
	BITS(NVME_ID_CTRL_LPA_MLPS, "Supported Log Pages and Effects Logs 12h, 13h", NULL),
	BITS(NVME_ID_CTRL_LPA_PES, "Persistent Event Log", NULL),
	BITS(NVME_ID_CTRL_LPA_TS, "Telemetry Logs", NULL),
	BITS(NVME_ID_CTRL_LPA_LPEDS, "Extended Data for Get Log Page", NULL),
	BITS(NVME_ID_CTRL_LPA_CSES, "Commands Supported and Effects Log", NULL),
	BITS(NVME_ID_CTRL_LPA_SMARTS, "SMART / Health Log for each Namespace", NULL),
	{ 0 },
};

static const struct cli_bits avscc[] = {
	BITS(NVME_ID_CTRL_AVSCC_SAME, "Vendor Specific Commands are", format),
	{ 0 },
};

static const struct cli_bits apsta[] = {
	BITS(NVME_ID_CTRL_APSTA_APST, "Autonomous Power State Transitions", NULL),
	{ 0 },
};

static const struct cli_bits rpmbs[] = {
	BITS(NVME_ID_CTRL_RPMBS_ASZ, "Access Size, 512 B, 0's based", NULL),
	BITS(NVME_ID_CTRL_RPMBS_TSZ, "Total Size, 128 KiB, 0's based", NULL),
	BITS(NVME_ID_CTRL_RPMBS_AUTHM, "Authentication Method", NULL),
	BITS(NVME_ID_CTRL_RPMBS_NRPMBU, "RPMB Units", NULL),
	{ 0 },
};

static const struct cli_bits dsto[] = {
	BITS(NVME_ID_CTRL_DSTO_HIRS, "Host-Initiated Refresh", NULL),
	BITS(NVME_ID_CTRL_DSTO_SDSO, "One Self-test at a time", self_test),
	{ 0 },
};

static const struct cli_bits hctma[] = {
	BITS(NVME_ID_CTRL_HCTMA_HCTM, "Host Controlled Thermal Management", NULL),
	{ 0 },
};

static const struct cli_bits sanicap[] = {
	BITS(NVME_ID_CTRL_SANICAP_NODMMAS, "Media Modified after Sanitize", modified),
	BITS(NVME_ID_CTRL_SANICAP_NDI, "No-Deallocate After Sanitize", inhibited),
	BITS(NVME_ID_CTRL_SANICAP_VERS, "Media Verification", NULL),
	BITS(NVME_ID_CTRL_SANICAP_OWS, "Overwrite", NULL),
	BITS(NVME_ID_CTRL_SANICAP_BES, "Block Erase", NULL),
	BITS(NVME_ID_CTRL_SANICAP_CES, "Crypto Erase", NULL),
	{ 0 },
};

static const struct cli_bits anacap[] = {
	BITS(NVME_ID_CTRL_ANACAP_GRPID_MGMT, "Non-zero Group ID", NULL),
	BITS(NVME_ID_CTRL_ANACAP_GRPID_FIXED, "Group ID while attached", may_change),
	BITS(NVME_ID_CTRL_ANACAP_CHANGE, "ANA Change state", NULL),
	BITS(NVME_ID_CTRL_ANACAP_PERSISTENT_LOSS, "ANA Persistent Loss state", NULL),
	BITS(NVME_ID_CTRL_ANACAP_INACCESSIBLE, "ANA Inaccessible state", NULL),
	BITS(NVME_ID_CTRL_ANACAP_NON_OPTIMIZED, "ANA Non-Optimized state", NULL),
	BITS(NVME_ID_CTRL_ANACAP_OPTIMIZED, "ANA Optimized state", NULL),
	{ 0 },
};

static const char *const entry_bytes[] = { "1 B",   "2 B",   "4 B",    "8 B",	 "16 B",  "32 B",
					   "64 B",  "128 B", "256 B",  "512 B",	 "1 KiB", "2 KiB",
					   "4 KiB", "8 KiB", "16 KiB", "32 KiB", NULL };

static const struct cli_bits sqes[] = {
	BITS(NVME_ID_CTRL_SQES_MAX, "Largest SQ Entry", entry_bytes),
	BITS(NVME_ID_CTRL_SQES_MIN, "Required SQ Entry", entry_bytes),
	{ 0 },
};

static const struct cli_bits cqes[] = {
	BITS(NVME_ID_CTRL_CQES_MAX, "Largest CQ Entry", entry_bytes),
	BITS(NVME_ID_CTRL_CQES_MIN, "Required CQ Entry", entry_bytes),
	{ 0 },
};

static const struct cli_bits oncs[] = {
	BITS(NVME_ID_CTRL_ONCS_NS_ZEROES, "Namespace Zeroes", NULL),
	BITS(NVME_ID_CTRL_ONCS_WZ_DEALLOCATE, "Maximum Write Zeroes with Deallocate", NULL),
	BITS(NVME_ID_CTRL_ONCS_ALL_FAST_COPY, "All Fast Copy", NULL),
	BITS(NVME_ID_CTRL_ONCS_COPY_ATOMIC, "Copy Single Atomicity", NULL),
	BITS(NVME_ID_CTRL_ONCS_COPY, "Copy", NULL),
	BITS(NVME_ID_CTRL_ONCS_VERIFY, "Verify", NULL),
	BITS(NVME_ID_CTRL_ONCS_TIMESTAMP, "Timestamp", NULL),
	BITS(NVME_ID_CTRL_ONCS_RESERVATIONS, "Reservations", NULL),
	BITS(NVME_ID_CTRL_ONCS_SAVE_SELECT, "Save and Select", NULL),
	BITS(NVME_ID_CTRL_ONCS_WRITE_ZEROES, "Write Zeroes", NULL),
	BITS(NVME_ID_CTRL_ONCS_DSM, "Dataset Management", NULL),
	BITS(NVME_ID_CTRL_ONCS_WRITE_UNCORRECTABLE, "Write Uncorrectable", NULL),
	BITS(NVME_ID_CTRL_ONCS_COMPARE, "Compare", NULL),
	{ 0 },
};

static const struct cli_bits fuses[] = {
	BITS(NVME_ID_CTRL_FUSES_COMPARE_WRITE, "Fused Compare and Write", NULL),
	{ 0 },
};

static const struct cli_bits fna[] = {
	BITS(NVME_ID_CTRL_FNA_NO_BROADCAST, "Format of NSID FFFFFFFFh inhibited", NULL),
	BITS(NVME_ID_CTRL_FNA_CRYPTO_ERASE, "Crypto Erase", NULL),
	BITS(NVME_ID_CTRL_FNA_ERASE_ALL, "A secure erase applies to", scope),
	BITS(NVME_ID_CTRL_FNA_FORMAT_ALL, "A format applies to", scope),
	{ 0 },
};

static const struct cli_bits vwc[] = {
	BITS(NVME_ID_CTRL_VWC_FLUSH, "Flush of NSID FFFFFFFFh", flush_all),
	BITS(NVME_ID_CTRL_VWC_PRESENT, "Volatile Write Cache", present),
	{ 0 },
};

static const struct cli_bits nwpc[] = {
	BITS(NVME_ID_CTRL_NWPC_PERMANENT, "Permanent Write Protect", NULL),
	BITS(NVME_ID_CTRL_NWPC_UNTIL_POWER_CYCLE, "Write Protect Until Power Cycle", NULL),
	BITS(NVME_ID_CTRL_NWPC_WP, "No Write Protect and Write Protect", NULL),
	{ 0 },
};

static const struct cli_bits ocfs[] = {
	{ 3, 3, "Copy Descriptor Format 3h", NULL },
	{ 2, 2, "Copy Descriptor Format 2h", NULL },
	{ 1, 1, "Copy Descriptor Format 1h", NULL },
	{ 0, 0, "Copy Descriptor Format 0h", NULL },
	{ 0 },
};

static const struct cli_bits sgls[] = {
	BITS(NVME_ID_CTRL_SGLS_TRANSPORT, "Transport SGL Data Block Descriptor", NULL),
	BITS(NVME_ID_CTRL_SGLS_OFFSET, "Address Offsets", NULL),
	BITS(NVME_ID_CTRL_SGLS_MPTR_SGL, "Metadata by an SGL", NULL),
	BITS(NVME_ID_CTRL_SGLS_OVERSIZE, "SGL longer than the transfer", NULL),
	BITS(NVME_ID_CTRL_SGLS_MPTR_BYTE, "Byte-aligned contiguous metadata", NULL),
	BITS(NVME_ID_CTRL_SGLS_BIT_BUCKET, "SGL Bit Bucket Descriptor", NULL),
	BITS(NVME_ID_CTRL_SGLS_KEYED, "Keyed SGL Data Block Descriptor", NULL),
	BITS(NVME_ID_CTRL_SGLS_SUPPORT, "SGLs", sgl),
	{ 0 },
};

/* clang-format off */

#define ROW(member, kind, bits) { #member, NULL, CLI_AT(struct nvme_id_ctrl, member), kind, false, bits }
/* Defined after revision 2.0 in what was reserved; offsets as libnvme 1.13 has them. */
#define LATER(key, offset, bytes) { key, NULL, offset, bytes, CLI_DEC, false, NULL }

const struct cli_field cli_id_ctrl_fields[] = {
	ROW(vid, CLI_HEX, NULL),
	ROW(ssvid, CLI_HEX, NULL),
	ROW(sn, CLI_ASCII, NULL),
	ROW(mn, CLI_ASCII, NULL),
	ROW(fr, CLI_ASCII, NULL),
	ROW(rab, CLI_DEC, NULL),
	ROW(ieee, CLI_OUI, NULL),
	ROW(cmic, CLI_HEX, cmic),
	ROW(mdts, CLI_DEC, NULL),
	ROW(cntlid, CLI_HEX, NULL),
	ROW(ver, CLI_HEX, NULL),
	ROW(rtd3r, CLI_HEX, NULL),
	ROW(rtd3e, CLI_HEX, NULL),
	ROW(oaes, CLI_HEX, oaes),
	ROW(ctratt, CLI_HEX, ctratt),
	ROW(rrls, CLI_HEX, NULL),
	ROW(bpcap, CLI_HEX, bpcap),
	ROW(nssl, CLI_HEX, NULL),
	ROW(plsi, CLI_DEC, NULL),
	ROW(cntrltype, CLI_DEC, cntrltype),
	ROW(fguid, CLI_UUID, NULL),
	ROW(crdt1, CLI_DEC, NULL),
	ROW(crdt2, CLI_DEC, NULL),
	ROW(crdt3, CLI_DEC, NULL),
	ROW(crcap, CLI_DEC, NULL),
	ROW(nvmsr, CLI_DEC, NULL),
	ROW(vwci, CLI_DEC, NULL),
	ROW(mec, CLI_DEC, NULL),
	ROW(oacs, CLI_HEX, oacs),
	ROW(acl, CLI_DEC, NULL),
	ROW(aerl, CLI_DEC, NULL),
	ROW(frmw, CLI_HEX, frmw),
	ROW(lpa, CLI_HEX, lpa),
	ROW(elpe, CLI_DEC, NULL),
	ROW(npss, CLI_DEC, NULL),
	ROW(avscc, CLI_HEX, avscc),
	ROW(apsta, CLI_HEX, apsta),
	ROW(wctemp, CLI_DEC, NULL),
	ROW(cctemp, CLI_DEC, NULL),
	ROW(mtfa, CLI_DEC, NULL),
	ROW(hmpre, CLI_DEC, NULL),
	ROW(hmmin, CLI_DEC, NULL),
	ROW(tnvmcap, CLI_DEC, NULL),
	ROW(unvmcap, CLI_DEC, NULL),
	ROW(rpmbs, CLI_HEX, rpmbs),
	ROW(edstt, CLI_DEC, NULL),
	ROW(dsto, CLI_DEC, dsto),
	ROW(fwug, CLI_DEC, NULL),
	ROW(kas, CLI_DEC, NULL),
	ROW(hctma, CLI_HEX, hctma),
	ROW(mntmt, CLI_DEC, NULL),
	ROW(mxtmt, CLI_DEC, NULL),
	ROW(sanicap, CLI_HEX, sanicap),
	ROW(hmminds, CLI_DEC, NULL),
	ROW(hmmaxd, CLI_DEC, NULL),
	ROW(nsetidmax, CLI_DEC, NULL),
	ROW(endgidmax, CLI_DEC, NULL),
	ROW(anatt, CLI_DEC, NULL),
	ROW(anacap, CLI_DEC, anacap),
	ROW(anagrpmax, CLI_DEC, NULL),
	ROW(nanagrpid, CLI_DEC, NULL),
	ROW(pels, CLI_DEC, NULL),
	ROW(domainid, CLI_DEC, NULL),
	ROW(kpioc, CLI_DEC, NULL),
	ROW(mptfawr, CLI_DEC, NULL),
	ROW(megcap, CLI_DEC, NULL),
	ROW(tmpthha, CLI_HEX, NULL),
	ROW(cqt, CLI_DEC, NULL),
	ROW(sqes, CLI_HEX, sqes),
	ROW(cqes, CLI_HEX, cqes),
	ROW(maxcmd, CLI_DEC, NULL),
	ROW(nn, CLI_DEC, NULL),
	ROW(oncs, CLI_HEX, oncs),
	ROW(fuses, CLI_HEX, fuses),
	ROW(fna, CLI_HEX, fna),
	ROW(vwc, CLI_HEX, vwc),
	ROW(awun, CLI_DEC, NULL),
	ROW(awupf, CLI_DEC, NULL),
	ROW(icsvscc, CLI_DEC, NULL),
	ROW(nwpc, CLI_DEC, nwpc),
	ROW(acwu, CLI_DEC, NULL),
	ROW(ocfs, CLI_HEX, ocfs),
	ROW(sgls, CLI_HEX, sgls),
	ROW(mnan, CLI_DEC, NULL),
	ROW(maxdna, CLI_DEC, NULL),
	ROW(maxcna, CLI_DEC, NULL),
	ROW(oaqd, CLI_DEC, NULL),
	ROW(rhiri, CLI_DEC, NULL),
	ROW(hirt, CLI_DEC, NULL),
	LATER("cmmrtd", 570, 2),
	LATER("nmmrtd", 572, 2),
	LATER("minmrtg", 574, 1),
	LATER("maxmrtg", 575, 1),
	LATER("trattr", 576, 1),
	LATER("mcudmq", 578, 2),
	LATER("mnsudmq", 580, 2),
	LATER("mcmr", 582, 2),
	LATER("nmcmr", 584, 2),
	LATER("mcdqpc", 586, 2),
	{ "subnqn", NULL, CLI_AT(struct nvme_id_ctrl, subnqn), CLI_NAME, true, NULL },
	ROW(ioccsz, CLI_DEC, NULL),
	ROW(iorcsz, CLI_DEC, NULL),
	ROW(icdoff, CLI_DEC, NULL),
	ROW(fcatt, CLI_DEC, NULL),
	ROW(msdbd, CLI_DEC, NULL),
	ROW(ofcs, CLI_DEC, NULL),
	{ 0 },
};
/* clang-format on */
