/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The specification's numbered things as rows: registers, opcodes, statuses, features, events.
 *
 * A list is a macro that applies X to each row. The enums of nvme_spec.h and the texts of
 * nvme_names.c come from the same rows, so a number and its name cannot part. A list is complete
 * whether or not this project implements a row: names are needed for what a peer does, too.
 * Clause numbers are from memory and unverified.
 */
#ifndef NVMELAB_COMMON_NVME_LISTS_H
#define NVMELAB_COMMON_NVME_LISTS_H

/* clang-format off */

/* Controller properties in BAR0, Base 2.0 3.1.3: name, offset, bytes, clause. */
#define NVME_REGISTER_LIST(X) \
	X(CAP,      0x0000, 8, "Base 2.0 3.1.3.1")  /* controller capabilities */ \
	X(VS,       0x0008, 4, "Base 2.0 3.1.3.2")  /* version */ \
	X(INTMS,    0x000c, 4, "Base 2.0 3.1.3.3")  /* interrupt mask set */ \
	X(INTMC,    0x0010, 4, "Base 2.0 3.1.3.4")  /* interrupt mask clear */ \
	X(CC,       0x0014, 4, "Base 2.0 3.1.3.5")  /* controller configuration */ \
	X(CSTS,     0x001c, 4, "Base 2.0 3.1.3.6")  /* controller status */ \
	X(NSSR,     0x0020, 4, "Base 2.0 3.1.3.7")  /* NVM subsystem reset */ \
	X(AQA,      0x0024, 4, "Base 2.0 3.1.3.8")  /* admin queue attributes */ \
	X(ASQ,      0x0028, 8, "Base 2.0 3.1.3.9")  /* admin submission queue base address */ \
	X(ACQ,      0x0030, 8, "Base 2.0 3.1.3.10") /* admin completion queue base address */ \
	X(CMBLOC,   0x0038, 4, "Base 2.0 3.1.3.11") /* controller memory buffer location */ \
	X(CMBSZ,    0x003c, 4, "Base 2.0 3.1.3.12") /* controller memory buffer size */ \
	X(BPINFO,   0x0040, 4, "Base 2.0 3.1.3.13") /* boot partition information */ \
	X(BPRSEL,   0x0044, 4, "Base 2.0 3.1.3.14") /* boot partition read select */ \
	X(BPMBL,    0x0048, 8, "Base 2.0 3.1.3.15") /* boot partition memory buffer location */ \
	X(CMBMSC,   0x0050, 8, "Base 2.0 3.1.3.16") /* CMB memory space control */ \
	X(CMBSTS,   0x0058, 4, "Base 2.0 3.1.3.17") /* CMB status */ \
	X(CMBEBS,   0x005c, 4, "Base 2.0 3.1.3.18") /* CMB elasticity buffer size */ \
	X(CMBSWTP,  0x0060, 4, "Base 2.0 3.1.3.19") /* CMB sustained write throughput */ \
	X(NSSD,     0x0064, 4, "Base 2.0 3.1.3.20") /* NVM subsystem shutdown */ \
	X(CRTO,     0x0068, 4, "Base 2.0 3.1.3.21") /* controller ready timeouts */ \
	X(PMRCAP,   0x0e00, 4, "Base 2.0 3.1.3.22") /* persistent memory region capabilities */ \
	X(PMRCTL,   0x0e04, 4, "Base 2.0 3.1.3.23") /* PMR control */ \
	X(PMRSTS,   0x0e08, 4, "Base 2.0 3.1.3.24") /* PMR status */ \
	X(PMREBS,   0x0e0c, 4, "Base 2.0 3.1.3.25") /* PMR elasticity buffer size */ \
	X(PMRSWTP,  0x0e10, 4, "Base 2.0 3.1.3.26") /* PMR sustained write throughput */ \
	X(PMRMSCL,  0x0e14, 4, "Base 2.0 3.1.3.27") /* PMR memory space control, low half */ \
	X(PMRMSCU,  0x0e18, 4, "Base 2.0 3.1.3.28") /* PMR memory space control, high half */

/* Admin commands, Base 2.0 5 and Base 2.1 5: name, opcode, text. */
#define NVME_ADMIN_OPCODE_LIST(X) \
	X(DELETE_IO_SQ,              0x00, "delete-io-sq") \
	X(CREATE_IO_SQ,              0x01, "create-io-sq") \
	X(GET_LOG_PAGE,              0x02, "get-log") \
	X(DELETE_IO_CQ,              0x04, "delete-io-cq") \
	X(CREATE_IO_CQ,              0x05, "create-io-cq") \
	X(IDENTIFY,                  0x06, "identify") \
	X(ABORT,                     0x08, "abort") \
	X(SET_FEATURES,              0x09, "set-feature") \
	X(GET_FEATURES,              0x0a, "get-feature") \
	X(ASYNC_EVENT_REQUEST,       0x0c, "async-event-request") \
	X(NS_MGMT,                   0x0d, "ns-mgmt") \
	X(FW_COMMIT,                 0x10, "fw-commit") \
	X(FW_DOWNLOAD,               0x11, "fw-download") \
	X(SELF_TEST,                 0x14, "device-self-test") \
	X(NS_ATTACH,                 0x15, "ns-attach") \
	X(KEEP_ALIVE,                0x18, "keep-alive") \
	X(DIRECTIVE_SEND,            0x19, "dir-send") \
	X(DIRECTIVE_RECV,            0x1a, "dir-receive") \
	X(VIRT_MGMT,                 0x1c, "virt-mgmt") \
	X(MI_SEND,                   0x1d, "nvme-mi-send") \
	X(MI_RECV,                   0x1e, "nvme-mi-recv") \
	X(CAPACITY_MGMT,             0x20, "capacity-mgmt") \
	X(DISCOVERY_INFO_MGMT,       0x21, "dim") \
	X(FABRIC_ZONING_RECV,        0x22, "fabric-zoning-recv") \
	X(LOCKDOWN,                  0x24, "lockdown") \
	X(FABRIC_ZONING_LOOKUP,      0x25, "fabric-zoning-lookup") \
	X(CLEAR_EXPORTED_NVM_RES,    0x28, "clear-exported-nvm-resource-config") \
	X(FABRIC_ZONING_SEND,        0x29, "fabric-zoning-send") \
	X(CREATE_EXPORTED_NVMS,      0x2a, "create-exported-nvms") \
	X(MANAGE_EXPORTED_NVMS,      0x2d, "manage-exported-nvms") \
	X(MANAGE_EXPORTED_NS,        0x31, "manage-exported-ns") \
	X(MANAGE_EXPORTED_PORT,      0x35, "manage-exported-port") \
	X(CROSS_CONTROLLER_RESET,    0x38, "cross-controller-reset") \
	X(SEND_DISC_LOG_PAGE,        0x39, "send-disc-log-page") \
	X(TRACK_SEND,                0x3d, "track-send") \
	X(TRACK_RECV,                0x3e, "track-receive") \
	X(MIGRATION_SEND,            0x41, "migration-send") \
	X(MIGRATION_RECV,            0x42, "migration-receive") \
	X(CDQ,                       0x45, "controller-data-queue") \
	X(DBBUF_CONFIG,              0x7c, "dbbuf-config") \
	X(FABRICS,                   0x7f, "fabrics") \
	X(FORMAT_NVM,                0x80, "format") \
	X(SECURITY_SEND,             0x81, "security-send") \
	X(SECURITY_RECV,             0x82, "security-recv") \
	X(SANITIZE,                  0x84, "sanitize") \
	X(LOAD_PROGRAM,              0x85, "load-program") \
	X(GET_LBA_STATUS,            0x86, "get-lba-status") \
	X(PROGRAM_ACTIVATION,        0x88, "program-activation") \
	X(MEMORY_RANGE_SET_MGMT,     0x89, "memory-range-set-mgmt") \
	X(SANITIZE_NS,               0x8c, "sanitize-ns")

/* I/O commands of the NVM and zoned command sets, NVM 1.0 3, ZNS 1.1 3: name, opcode, text. */
#define NVME_NVM_OPCODE_LIST(X) \
	X(FLUSH,                     0x00, "flush") \
	X(WRITE,                     0x01, "write") \
	X(READ,                      0x02, "read") \
	X(WRITE_UNCORRECTABLE,       0x04, "write-uncor") \
	X(COMPARE,                   0x05, "compare") \
	X(WRITE_ZEROES,              0x08, "write-zeroes") \
	X(DSM,                       0x09, "dsm") \
	X(VERIFY,                    0x0c, "verify") \
	X(RESV_REGISTER,             0x0d, "resv-register") \
	X(RESV_REPORT,               0x0e, "resv-report") \
	X(RESV_ACQUIRE,              0x11, "resv-acquire") \
	X(IO_MGMT_RECV,              0x12, "io-mgmt-recv") \
	X(RESV_RELEASE,              0x15, "resv-release") \
	X(CANCEL,                    0x18, "cancel") \
	X(COPY,                      0x19, "copy") \
	X(IO_MGMT_SEND,              0x1d, "io-mgmt-send") \
	X(ZONE_MGMT_SEND,            0x79, "zone-mgmt-send") \
	X(ZONE_MGMT_RECV,            0x7a, "zone-mgmt-recv") \
	X(ZONE_APPEND,               0x7d, "zone-append") \
	X(FABRICS,                   0x7f, "fabrics")

/* I/O commands of the Key Value command set: name, opcode, text. */
#define NVME_KV_OPCODE_LIST(X) \
	X(FLUSH,                     0x00, "flush") \
	X(STORE,                     0x01, "store") \
	X(RETRIEVE,                  0x02, "retrieve") \
	X(LIST,                      0x06, "list") \
	X(RESV_REGISTER,             0x0d, "resv-register") \
	X(RESV_REPORT,               0x0e, "resv-report") \
	X(DELETE,                    0x10, "delete") \
	X(RESV_ACQUIRE,              0x11, "resv-acquire") \
	X(EXIST,                     0x14, "exist") \
	X(RESV_RELEASE,              0x15, "resv-release")

/* Command sets by Command Set Identifier, Base 2.0 5.17.2: name, CSI, text. */
#define NVME_CSI_LIST(X) \
	X(NVM,                       0x00, "NVM") \
	X(KV,                        0x01, "Key Value") \
	X(ZNS,                       0x02, "Zoned Namespace") \
	X(SLM,                       0x03, "Subsystem Local Memory") \
	X(CP,                        0x04, "Computational Programs")

/* Status codes, Base 2.0 3.3.3.2.1: name, status code type, status code, text. */
#define NVME_STATUS_LIST(X) \
	NVME_STATUS_GENERIC_LIST(X) \
	NVME_STATUS_COMMAND_LIST(X) \
	NVME_STATUS_MEDIA_LIST(X) \
	NVME_STATUS_PATH_LIST(X)

#define NVME_STATUS_GENERIC_LIST(X) \
	X(SUCCESS,                       0, 0x00, "Successful Completion") \
	X(INVALID_OPCODE,                0, 0x01, "Invalid Command Opcode") \
	X(INVALID_FIELD,                 0, 0x02, "Invalid Field in Command") \
	X(COMMAND_ID_CONFLICT,           0, 0x03, "Command ID Conflict") \
	X(DATA_TRANSFER_ERROR,           0, 0x04, "Data Transfer Error") \
	X(ABORTED_POWER_LOSS,            0, 0x05, \
	  "Commands Aborted due to Power Loss Notification") \
	X(INTERNAL_ERROR,                0, 0x06, "Internal Error") \
	X(ABORT_REQUESTED,               0, 0x07, "Command Abort Requested") \
	X(ABORTED_SQ_DELETION,           0, 0x08, "Command Aborted due to SQ Deletion") \
	X(ABORTED_FAILED_FUSED,          0, 0x09, "Command Aborted due to Failed Fused Command") \
	X(ABORTED_MISSING_FUSED,         0, 0x0a, "Command Aborted due to Missing Fused Command") \
	X(INVALID_NS,                    0, 0x0b, "Invalid Namespace or Format") \
	X(COMMAND_SEQUENCE_ERROR,        0, 0x0c, "Command Sequence Error") \
	X(SGL_SEGMENT_INVALID,           0, 0x0d, "Invalid SGL Segment Descriptor") \
	X(SGL_COUNT_INVALID,             0, 0x0e, "Invalid Number of SGL Descriptors") \
	X(SGL_DATA_LENGTH_INVALID,       0, 0x0f, "Data SGL Length Invalid") \
	X(SGL_METADATA_LENGTH_INVALID,   0, 0x10, "Metadata SGL Length Invalid") \
	X(SGL_TYPE_INVALID,              0, 0x11, "SGL Descriptor Type Invalid") \
	X(CMB_USE_INVALID,               0, 0x12, "Invalid Use of Controller Memory Buffer") \
	X(PRP_OFFSET_INVALID,            0, 0x13, "PRP Offset Invalid") \
	X(ATOMIC_WRITE_UNIT_EXCEEDED,    0, 0x14, "Atomic Write Unit Exceeded") \
	X(OPERATION_DENIED,              0, 0x15, "Operation Denied") \
	X(SGL_OFFSET_INVALID,            0, 0x16, "SGL Offset Invalid") \
	X(HOST_ID_INCONSISTENT,          0, 0x18, "Host Identifier Inconsistent Format") \
	X(KEEP_ALIVE_EXPIRED,            0, 0x19, "Keep Alive Timer Expired") \
	X(KEEP_ALIVE_INVALID,            0, 0x1a, "Keep Alive Timeout Invalid") \
	X(ABORTED_PREEMPT,               0, 0x1b, "Command Aborted due to Preempt and Abort") \
	X(SANITIZE_FAILED,               0, 0x1c, "Sanitize Failed") \
	X(SANITIZE_IN_PROGRESS,          0, 0x1d, "Sanitize In Progress") \
	X(SGL_GRANULARITY_INVALID,       0, 0x1e, "SGL Data Block Granularity Invalid") \
	X(CMB_QUEUE_NOT_SUPPORTED,       0, 0x1f, "Command Not Supported for Queue in CMB") \
	X(NS_WRITE_PROTECTED,            0, 0x20, "Namespace is Write Protected") \
	X(COMMAND_INTERRUPTED,           0, 0x21, "Command Interrupted") \
	X(TRANSIENT_TRANSPORT_ERROR,     0, 0x22, "Transient Transport Error") \
	X(LOCKDOWN_PROHIBITED,           0, 0x23, \
	  "Command Prohibited by Command and Feature Lockdown") \
	X(ADMIN_MEDIA_NOT_READY,         0, 0x24, "Admin Command Media Not Ready") \
	X(INVALID_KEY_TAG,               0, 0x25, "Invalid Key Tag") \
	X(DISPERSED_NS_NOT_ENABLED,      0, 0x26, "Host Dispersed Namespace Support Not Enabled") \
	X(HOST_ID_NOT_INITIALIZED,       0, 0x27, "Host Identifier Not Initialized") \
	X(INCORRECT_KEY,                 0, 0x28, "Incorrect Key") \
	X(FDP_DISABLED,                  0, 0x29, "FDP Disabled") \
	X(INVALID_PLACEMENT_HANDLES,     0, 0x2a, "Invalid Placement Handle List") \
	X(LBA_OUT_OF_RANGE,              0, 0x80, "LBA Out of Range") \
	X(CAPACITY_EXCEEDED,             0, 0x81, "Capacity Exceeded") \
	X(NS_NOT_READY,                  0, 0x82, "Namespace Not Ready") \
	X(RESERVATION_CONFLICT,          0, 0x83, "Reservation Conflict") \
	X(FORMAT_IN_PROGRESS,            0, 0x84, "Format In Progress") \
	X(KV_INVALID_VALUE_SIZE,         0, 0x85, "Invalid Value Size") \
	X(KV_INVALID_KEY_SIZE,           0, 0x86, "Invalid Key Size") \
	X(KV_KEY_NOT_FOUND,              0, 0x87, "KV Key Does Not Exist") \
	X(KV_UNRECOVERED_ERROR,          0, 0x88, "Unrecovered Error") \
	X(KV_KEY_EXISTS,                 0, 0x89, "Key Exists")

#define NVME_STATUS_COMMAND_LIST(X) \
	X(CQ_INVALID,                    1, 0x00, "Completion Queue Invalid") \
	X(INVALID_QUEUE_ID,              1, 0x01, "Invalid Queue Identifier") \
	X(INVALID_QUEUE_SIZE,            1, 0x02, "Invalid Queue Size") \
	X(ABORT_LIMIT_EXCEEDED,          1, 0x03, "Abort Command Limit Exceeded") \
	X(ABORT_COMMAND_MISSING,         1, 0x04, "Abort Command Is Missing") \
	X(AER_LIMIT_EXCEEDED,            1, 0x05, "Asynchronous Event Request Limit Exceeded") \
	X(INVALID_FW_SLOT,               1, 0x06, "Invalid Firmware Slot") \
	X(INVALID_FW_IMAGE,              1, 0x07, "Invalid Firmware Image") \
	X(INVALID_INTERRUPT_VECTOR,      1, 0x08, "Invalid Interrupt Vector") \
	X(INVALID_LOG_PAGE,              1, 0x09, "Invalid Log Page") \
	X(INVALID_FORMAT,                1, 0x0a, "Invalid Format") \
	X(FW_NEEDS_CONVENTIONAL_RESET,   1, 0x0b, \
	  "Firmware Activation Requires Conventional Reset") \
	X(INVALID_QUEUE_DELETION,        1, 0x0c, "Invalid Queue Deletion") \
	X(FEATURE_NOT_SAVEABLE,          1, 0x0d, "Feature Identifier Not Saveable") \
	X(FEATURE_NOT_CHANGEABLE,        1, 0x0e, "Feature Not Changeable") \
	X(FEATURE_NOT_NS_SPECIFIC,       1, 0x0f, "Feature Not Namespace Specific") \
	X(FW_NEEDS_SUBSYSTEM_RESET,      1, 0x10, \
	  "Firmware Activation Requires NVM Subsystem Reset") \
	X(FW_NEEDS_CONTROLLER_RESET,     1, 0x11, \
	  "Firmware Activation Requires Controller Level Reset") \
	X(FW_NEEDS_MAX_TIME_VIOLATION,   1, 0x12, \
	  "Firmware Activation Requires Maximum Time Violation") \
	X(FW_ACTIVATION_PROHIBITED,      1, 0x13, "Firmware Activation Prohibited") \
	X(OVERLAPPING_RANGE,             1, 0x14, "Overlapping Range") \
	X(NS_INSUFFICIENT_CAPACITY,      1, 0x15, "Namespace Insufficient Capacity") \
	X(NS_ID_UNAVAILABLE,             1, 0x16, "Namespace Identifier Unavailable") \
	X(NS_ALREADY_ATTACHED,           1, 0x18, "Namespace Already Attached") \
	X(NS_IS_PRIVATE,                 1, 0x19, "Namespace Is Private") \
	X(NS_NOT_ATTACHED,               1, 0x1a, "Namespace Not Attached") \
	X(THIN_PROVISIONING_UNSUPPORTED, 1, 0x1b, "Thin Provisioning Not Supported") \
	X(CTRL_LIST_INVALID,             1, 0x1c, "Controller List Invalid") \
	X(SELF_TEST_IN_PROGRESS,         1, 0x1d, "Device Self-test In Progress") \
	X(BP_WRITE_PROHIBITED,           1, 0x1e, "Boot Partition Write Prohibited") \
	X(INVALID_CTRL_ID,               1, 0x1f, "Invalid Controller Identifier") \
	X(INVALID_SECONDARY_STATE,       1, 0x20, "Invalid Secondary Controller State") \
	X(INVALID_RESOURCE_COUNT,        1, 0x21, "Invalid Number of Controller Resources") \
	X(INVALID_RESOURCE_ID,           1, 0x22, "Invalid Resource Identifier") \
	X(SANITIZE_PROHIBITED_PMR,       1, 0x23, \
	  "Sanitize Prohibited While Persistent Memory Region is Enabled") \
	X(ANA_GROUP_ID_INVALID,          1, 0x24, "ANA Group Identifier Invalid") \
	X(ANA_ATTACH_FAILED,             1, 0x25, "ANA Attach Failed") \
	X(INSUFFICIENT_CAPACITY,         1, 0x26, "Insufficient Capacity") \
	X(NS_ATTACH_LIMIT_EXCEEDED,      1, 0x27, "Namespace Attachment Limit Exceeded") \
	X(LOCKDOWN_NOT_SUPPORTED,        1, 0x28, \
	  "Prohibition of Command Execution Not Supported") \
	X(IOCS_NOT_SUPPORTED,            1, 0x29, "I/O Command Set Not Supported") \
	X(IOCS_NOT_ENABLED,              1, 0x2a, "I/O Command Set Not Enabled") \
	X(IOCS_COMBINATION_REJECTED,     1, 0x2b, "I/O Command Set Combination Rejected") \
	X(INVALID_IOCS,                  1, 0x2c, "Invalid I/O Command Set") \
	X(ID_UNAVAILABLE,                1, 0x2d, "Identifier Unavailable") \
	X(INVALID_DISCOVERY_INFO,        1, 0x2f, "Invalid Discovery Information") \
	X(ZONING_DATA_LOCKED,            1, 0x30, "Zoning Data Structure Locked") \
	X(ZONING_DATA_NOT_FOUND,         1, 0x31, "Zoning Data Structure Not Found") \
	X(INSUFFICIENT_DISCOVERY,        1, 0x32, "Insufficient Discovery Resources") \
	X(FUNCTION_DISABLED,             1, 0x33, "Requested Function Disabled") \
	X(ZONEGROUP_ORIGINATOR_INVALID,  1, 0x34, "ZoneGroup Originator Invalid") \
	X(INVALID_HOST,                  1, 0x35, "Invalid Host") \
	X(INVALID_SUBSYSTEM,             1, 0x36, "Invalid NVM Subsystem") \
	X(INVALID_CDQ,                   1, 0x37, "Invalid Controller Data Queue") \
	X(NOT_ENOUGH_RESOURCES,          1, 0x38, "Not Enough Resources") \
	X(CTRL_SUSPENDED,                1, 0x39, "Controller Suspended") \
	X(CTRL_NOT_SUSPENDED,            1, 0x3a, "Controller Not Suspended") \
	X(CDQ_FULL,                      1, 0x3b, "Controller Data Queue Full") \
	X(EXCEEDS_MAX_NS_SANITIZE,       1, 0x3c, "Exceeds Maximum Namespace Sanitize Operations") \
	X(INVALID_POWER_LIMIT,           1, 0x3e, "Invalid Power Limit") \
	X(STREAM_ALLOCATION_FAILED,      1, 0x7f, "Stream Resource Allocation Failed") \
	X(CONFLICTING_ATTRIBUTES,        1, 0x80, "Conflicting Attributes") \
	X(INVALID_PI,                    1, 0x81, "Invalid Protection Information") \
	X(READ_ONLY_RANGE,               1, 0x82, "Attempted Write to Read Only Range") \
	X(COMMAND_SIZE_EXCEEDED,         1, 0x83, "Command Size Limit Exceeded") \
	X(COPY_INCOMPATIBLE_NS,          1, 0x85, "Incompatible Namespace or Format") \
	X(COPY_NOT_FAST,                 1, 0x86, "Fast Copy Not Possible") \
	X(COPY_OVERLAPPING_RANGE,        1, 0x87, "Overlapping I/O Range") \
	X(COPY_INSUFFICIENT_RESOURCES,   1, 0x89, "Insufficient Resources") \
	X(ZONE_INVALID_OPERATION,        1, 0xb6, "Invalid Zone Operation Request") \
	X(ZONE_ZRWA_UNAVAILABLE,         1, 0xb7, "ZRWA Resources Unavailable") \
	X(ZONE_BOUNDARY_ERROR,           1, 0xb8, "Zone Boundary Error") \
	X(ZONE_FULL,                     1, 0xb9, "Zone Is Full") \
	X(ZONE_READ_ONLY,                1, 0xba, "Zone Is Read Only") \
	X(ZONE_OFFLINE,                  1, 0xbb, "Zone Is Offline") \
	X(ZONE_INVALID_WRITE,            1, 0xbc, "Zone Invalid Write") \
	X(ZONE_TOO_MANY_ACTIVE,          1, 0xbd, "Too Many Active Zones") \
	X(ZONE_TOO_MANY_OPEN,            1, 0xbe, "Too Many Open Zones") \
	X(ZONE_INVALID_TRANSITION,       1, 0xbf, "Invalid Zone State Transition")

#define NVME_STATUS_MEDIA_LIST(X) \
	X(WRITE_FAULT,                   2, 0x80, "Write Fault") \
	X(UNRECOVERED_READ_ERROR,        2, 0x81, "Unrecovered Read Error") \
	X(GUARD_CHECK_ERROR,             2, 0x82, "End-to-end Guard Check Error") \
	X(APP_TAG_CHECK_ERROR,           2, 0x83, "End-to-end Application Tag Check Error") \
	X(REF_TAG_CHECK_ERROR,           2, 0x84, "End-to-end Reference Tag Check Error") \
	X(COMPARE_FAILURE,               2, 0x85, "Compare Failure") \
	X(ACCESS_DENIED,                 2, 0x86, "Access Denied") \
	X(DEALLOCATED_BLOCK,             2, 0x87, "Deallocated or Unwritten Logical Block") \
	X(STORAGE_TAG_CHECK_ERROR,       2, 0x88, "End-to-end Storage Tag Check Error")

#define NVME_STATUS_PATH_LIST(X) \
	X(INTERNAL_PATH_ERROR,           3, 0x00, "Internal Path Error") \
	X(ANA_PERSISTENT_LOSS,           3, 0x01, "Asymmetric Access Persistent Loss") \
	X(ANA_INACCESSIBLE,              3, 0x02, "Asymmetric Access Inaccessible") \
	X(ANA_TRANSITION,                3, 0x03, "Asymmetric Access Transition") \
	X(CTRL_PATHING_ERROR,            3, 0x60, "Controller Pathing Error") \
	X(HOST_PATHING_ERROR,            3, 0x70, "Host Pathing Error") \
	X(ABORTED_BY_HOST,               3, 0x71, "Command Aborted By Host")

/* Features, Base 2.0 5.27.1: name, feature identifier, text. */
#define NVME_FEATURE_LIST(X) \
	X(ARBITRATION,               0x01, "Arbitration") \
	X(POWER_MGMT,                0x02, "Power Management") \
	X(LBA_RANGE,                 0x03, "LBA Range Type") \
	X(TEMP_THRESHOLD,            0x04, "Temperature Threshold") \
	X(ERROR_RECOVERY,            0x05, "Error Recovery") \
	X(VOLATILE_WC,               0x06, "Volatile Write Cache") \
	X(NUM_QUEUES,                0x07, "Number of Queues") \
	X(IRQ_COALESCING,            0x08, "Interrupt Coalescing") \
	X(IRQ_CONFIG,                0x09, "Interrupt Vector Configuration") \
	X(WRITE_ATOMICITY,           0x0a, "Write Atomicity Normal") \
	X(ASYNC_EVENT_CONFIG,        0x0b, "Asynchronous Event Configuration") \
	X(APST,                      0x0c, "Autonomous Power State Transition") \
	X(HOST_MEM_BUF,              0x0d, "Host Memory Buffer") \
	X(TIMESTAMP,                 0x0e, "Timestamp") \
	X(KEEP_ALIVE,                0x0f, "Keep Alive Timer") \
	X(HCTM,                      0x10, "Host Controlled Thermal Management") \
	X(NOPSC,                     0x11, "Non-Operational Power State Config") \
	X(READ_RECOVERY_LEVEL,       0x12, "Read Recovery Level Config") \
	X(PLM_CONFIG,                0x13, "Predictable Latency Mode Config") \
	X(PLM_WINDOW,                0x14, "Predictable Latency Mode Window") \
	X(LBA_STATUS_ATTRIBUTES,     0x15, "LBA Status Information Attributes") \
	X(HOST_BEHAVIOR,             0x16, "Host Behavior Support") \
	X(SANITIZE_CONFIG,           0x17, "Sanitize Config") \
	X(EG_EVENT_CONFIG,           0x18, "Endurance Group Event Configuration") \
	X(IOCS_PROFILE,              0x19, "I/O Command Set Profile") \
	X(SPINUP_CONTROL,            0x1a, "Spinup Control") \
	X(POWER_LOSS_SIGNALING,      0x1b, "Power Loss Signaling Config") \
	X(PERF_CHARACTERISTICS,      0x1c, "Performance Characteristics") \
	X(FDP,                       0x1d, "Flexible Data Placement") \
	X(FDP_EVENTS,                0x1e, "Flexible Data Placement Events") \
	X(NS_ADMIN_LABEL,            0x1f, "Namespace Admin Label") \
	X(KV_CONFIG,                 0x20, "Key Value Configuration") \
	X(CDQ,                       0x21, "Controller Data Queue") \
	X(DEVICE_PERSONALITY,        0x22, "Configurable Device Personality") \
	X(EMBEDDED_MGMT_CTRL_ADDR,   0x78, "Embedded Management Controller Address") \
	X(HOST_MGMT_AGENT_ADDR,      0x79, "Host Management Agent Address") \
	X(ENHANCED_CTRL_METADATA,    0x7d, "Enhanced Controller Metadata") \
	X(CTRL_METADATA,             0x7e, "Controller Metadata") \
	X(NS_METADATA,               0x7f, "Namespace Metadata") \
	X(SW_PROGRESS,               0x80, "Software Progress Marker") \
	X(HOST_ID,                   0x81, "Host Identifier") \
	X(RESV_NOTIF_MASK,           0x82, "Reservation Notification Mask") \
	X(RESV_PERSISTENCE,          0x83, "Reservation Persistence") \
	X(NS_WRITE_PROTECT,          0x84, "Namespace Write Protection Config") \
	X(BP_WRITE_PROTECT,          0x85, "Boot Partition Write Protection Config")

/* Log pages, Base 2.0 5.16.1: name, log page identifier, text. */
#define NVME_LOG_LIST(X) \
	X(SUPPORTED_LOGS,            0x00, "Supported Log Pages") \
	X(ERROR,                     0x01, "Error Information") \
	X(SMART,                     0x02, "SMART / Health Information") \
	X(FW_SLOT,                   0x03, "Firmware Slot Information") \
	X(CHANGED_NS,                0x04, "Changed Attached Namespace List") \
	X(EFFECTS,                   0x05, "Commands Supported and Effects") \
	X(SELF_TEST,                 0x06, "Device Self-test") \
	X(TELEMETRY_HOST,            0x07, "Telemetry Host-Initiated") \
	X(TELEMETRY_CTRL,            0x08, "Telemetry Controller-Initiated") \
	X(EG_INFO,                   0x09, "Endurance Group Information") \
	X(PLM_NVM_SET,               0x0a, "Predictable Latency Per NVM Set") \
	X(PLM_AGGREGATE,             0x0b, "Predictable Latency Event Aggregate") \
	X(ANA,                       0x0c, "Asymmetric Namespace Access") \
	X(PERSISTENT_EVENT,          0x0d, "Persistent Event") \
	X(LBA_STATUS,                0x0e, "LBA Status Information") \
	X(EG_AGGREGATE,              0x0f, "Endurance Group Event Aggregate") \
	X(MEDIA_UNIT,                0x10, "Media Unit Status") \
	X(CAPACITY_CONFIG,           0x11, "Supported Capacity Configuration List") \
	X(FID_EFFECTS,               0x12, "Feature Identifiers Supported and Effects") \
	X(MI_EFFECTS,                0x13, "NVMe-MI Commands Supported and Effects") \
	X(LOCKDOWN,                  0x14, "Command and Feature Lockdown") \
	X(BOOT_PARTITION,            0x15, "Boot Partition") \
	X(ROTATIONAL_MEDIA,          0x16, "Rotational Media Information") \
	X(DISPERSED_NS,              0x17, "Dispersed Namespace Participating NVM Subsystems") \
	X(MGMT_ADDR,                 0x18, "Management Address List") \
	X(EYE_OPENING,               0x19, "Physical Interface Receiver Eye Opening Measurement") \
	X(REACHABILITY_GROUPS,       0x1a, "Reachability Groups") \
	X(REACHABILITY_ASSOCIATIONS, 0x1b, "Reachability Associations") \
	X(CHANGED_ALLOC_NS,          0x1c, "Changed Allocated Namespace List") \
	X(FDP_CONFIGS,               0x20, "FDP Configurations") \
	X(FDP_RUH_USAGE,             0x21, "Reclaim Unit Handle Usage") \
	X(FDP_STATS,                 0x22, "FDP Statistics") \
	X(FDP_EVENTS,                0x23, "FDP Events") \
	X(DISCOVERY,                 0x70, "Discovery") \
	X(RESERVATION,               0x80, "Reservation Notification") \
	X(SANITIZE,                  0x81, "Sanitize Status") \
	X(CHANGED_ZONES,             0xbf, "Changed Zone List")

/* Identify data by Controller or Namespace Structure, Base 2.0 5.17.1: name, CNS, text. */
#define NVME_CNS_LIST(X) \
	X(NS,                        0x00, "Identify Namespace") \
	X(CTRL,                      0x01, "Identify Controller") \
	X(ACTIVE_NS_LIST,            0x02, "Active Namespace ID List") \
	X(NS_DESC_LIST,              0x03, "Namespace Identification Descriptor List") \
	X(NVM_SET_LIST,              0x04, "NVM Set List") \
	X(NS_CSI,                    0x05, "I/O Command Set Specific Identify Namespace") \
	X(CTRL_CSI,                  0x06, "I/O Command Set Specific Identify Controller") \
	X(ACTIVE_NS_LIST_CSI,        0x07, "I/O Command Set Specific Active Namespace ID List") \
	X(NS_INDEPENDENT,            0x08, "I/O Command Set Independent Identify Namespace") \
	X(NS_FORMAT,                 0x09, "Identify Namespace for a User Data Format") \
	X(NS_CSI_FORMAT,             0x0a, \
	  "I/O Command Set Specific Identify Namespace for a User Data Format") \
	X(ALLOCATED_NS_LIST,         0x10, "Allocated Namespace ID List") \
	X(ALLOCATED_NS,              0x11, "Identify Allocated Namespace") \
	X(NS_CTRL_LIST,              0x12, "Namespace Attached Controller List") \
	X(CTRL_LIST,                 0x13, "Controller List") \
	X(PRIMARY_CTRL_CAPS,         0x14, "Primary Controller Capabilities") \
	X(SECONDARY_CTRL_LIST,       0x15, "Secondary Controller List") \
	X(NS_GRANULARITY_LIST,       0x16, "Namespace Granularity List") \
	X(UUID_LIST,                 0x17, "UUID List") \
	X(DOMAIN_LIST,               0x18, "Domain List") \
	X(EG_LIST,                   0x19, "Endurance Group List") \
	X(ALLOCATED_NS_LIST_CSI,     0x1a, "I/O Command Set Specific Allocated Namespace ID List") \
	X(ALLOCATED_NS_CSI,          0x1b, \
	  "I/O Command Set Specific Identify Allocated Namespace") \
	X(IOCS,                      0x1c, "Identify I/O Command Set") \
	X(UNDERLYING_NS_LIST,        0x1d, "Get Underlying Namespace List") \
	X(PORTS_LIST,                0x1e, "Get Ports List") \
	X(ALLOCATED_NS_INDEPENDENT,  0x1f, \
	  "I/O Command Set Independent Identify Allocated Namespace") \
	X(CTRL_STATE_FORMATS,        0x20, "Supported Controller State Formats")

/*
 * Asynchronous events, Base 2.0 5.2.1: name, type, information, log page to re-arm it, text.
 * Together they are dword 0 of the completion. The SMART rows answer critical warnings.
 */
#define NVME_AER_LIST(X) \
	X(INVALID_DB_REGISTER,    0, 0x00, 0x01, "Write to Invalid Doorbell Register") \
	X(INVALID_DB_VALUE,       0, 0x01, 0x01, "Invalid Doorbell Write Value") \
	X(DIAG_FAILURE,           0, 0x02, 0x01, "Diagnostic Failure") \
	X(PERSISTENT_INTERNAL,    0, 0x03, 0x01, "Persistent Internal Error") \
	X(TRANSIENT_INTERNAL,     0, 0x04, 0x01, "Transient Internal Error") \
	X(FW_LOAD_ERROR,          0, 0x05, 0x01, "Firmware Image Load Error") \
	X(SMART_RELIABILITY,      1, 0x00, 0x02, "NVM Subsystem Reliability") \
	X(SMART_TEMPERATURE,      1, 0x01, 0x02, "Temperature Threshold") \
	X(SMART_SPARE,            1, 0x02, 0x02, "Spare Below Threshold") \
	X(NS_CHANGED,             2, 0x00, 0x04, "Attached Namespace Attribute Changed") \
	X(FW_ACTIVATION,          2, 0x01, 0x03, "Firmware Activation Starting") \
	X(TELEMETRY_CHANGED,      2, 0x02, 0x08, "Telemetry Log Changed") \
	X(ANA_CHANGED,            2, 0x03, 0x0c, "Asymmetric Namespace Access Change") \
	X(PLM_CHANGED,            2, 0x04, 0x0b, "Predictable Latency Event Aggregate Log Change") \
	X(LBA_STATUS_ALERT,       2, 0x05, 0x0e, "LBA Status Information Alert") \
	X(EG_CHANGED,             2, 0x06, 0x0f, \
	  "Endurance Group Event Aggregate Log Page Change") \
	X(ZONE_CHANGED,           2, 0xef, 0xbf, "Zone Descriptor Changed") \
	X(DISCOVERY_CHANGED,      2, 0xf0, 0x70, "Discovery Log Page Change") \
	X(SUBSYSTEM_SHUTDOWN,     3, 0x00, 0x00, "Normal NVM Subsystem Shutdown") \
	X(CDQ_TAIL,               4, 0x00, 0x00, "Controller Data Queue Tail Pointer") \
	X(CDQ_FULL,               4, 0x01, 0x00, "Controller Data Queue Full Error") \
	X(RESV_LOG_AVAILABLE,     6, 0x00, 0x80, "Reservation Log Page Available") \
	X(SANITIZE_COMPLETED,     6, 0x01, 0x81, "Sanitize Operation Completed") \
	X(SANITIZE_DEALLOCATED,   6, 0x02, 0x81, \
	  "Sanitize Operation Completed With Unexpected Deallocation")

/* Types of persistent events, Base 2.0 5.16.1.14: name, type, text. */
#define NVME_PEL_EVENT_LIST(X) \
	X(SMART_SNAPSHOT,         0x01, "SMART / Health Log Snapshot") \
	X(FW_COMMIT,              0x02, "Firmware Commit") \
	X(TIMESTAMP_CHANGE,       0x03, "Timestamp Change") \
	X(POWER_ON_RESET,         0x04, "Power-on or Reset") \
	X(HW_ERROR,               0x05, "NVM Subsystem Hardware Error") \
	X(CHANGE_NS,              0x06, "Change Namespace") \
	X(FORMAT_START,           0x07, "Format NVM Start") \
	X(FORMAT_COMPLETION,      0x08, "Format NVM Completion") \
	X(SANITIZE_START,         0x09, "Sanitize Start") \
	X(SANITIZE_COMPLETION,    0x0a, "Sanitize Completion") \
	X(SET_FEATURE,            0x0b, "Set Feature") \
	X(TELEMETRY_CREATED,      0x0c, "Telemetry Log Created") \
	X(THERMAL_EXCURSION,      0x0d, "Thermal Excursion") \
	X(MEDIA_VERIFICATION,     0x0e, "Sanitize Media Verification") \
	X(VENDOR,                 0xde, "Vendor Specific") \
	X(TCG,                    0xdf, "TCG Defined")

/* clang-format on */

#endif
