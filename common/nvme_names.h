/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the specification's numbers are called, from the rows of nvme_lists.h.
 *
 * Every function takes any value and returns a string that is constant, not empty and never NULL:
 * the text of the row, "Vendor Specific" ("vendor-specific" for an opcode) in the ranges that the
 * specification leaves to the vendor, else "Unknown" ("unknown").
 *
 * Context: any; freestanding, no allocation, no state.
 */
#ifndef NVMELAB_COMMON_NVME_NAMES_H
#define NVMELAB_COMMON_NVME_NAMES_H

#include <stdint.h>

#include "common/nvme_spec.h"

#pragma GCC visibility push(default)

/** nvme_status_name - the status's text; CRD, M and DNR of @status do not matter */
const char *nvme_status_name(nvme_status status);

/** nvme_status_identifier - the status as this project writes it, without NVME_SC_, or "UNKNOWN" */
const char *nvme_status_identifier(nvme_status status);

/** nvme_sct_name - what kind of status the code type @sct (0 to 7) stands for */
const char *nvme_sct_name(unsigned int sct);

/** nvme_admin_opcode_name - the admin command as tools name it, as in "get-log" */
const char *nvme_admin_opcode_name(uint8_t opcode);

/** nvme_nvm_opcode_name - the command of the NVM and zoned command sets, as in "dsm" */
const char *nvme_nvm_opcode_name(uint8_t opcode);

/** nvme_kv_opcode_name - the I/O command of the Key Value command set, as in "retrieve" */
const char *nvme_kv_opcode_name(uint8_t opcode);

/** nvme_csi_name - the I/O command set */
const char *nvme_csi_name(uint8_t csi);

/** nvme_register_name - the register that holds byte @offset of BAR0, as in "CSTS" */
const char *nvme_register_name(uint32_t offset);

/** nvme_feature_name - the feature */
const char *nvme_feature_name(uint8_t fid);

/** nvme_log_name - the log page */
const char *nvme_log_name(uint8_t lid);

/** nvme_cns_name - the data structure of the Identify command */
const char *nvme_cns_name(uint8_t cns);

/** nvme_aer_name - the event in dword 0 of a completion @dw0; its log page does not matter */
const char *nvme_aer_name(uint32_t dw0);

/** nvme_pel_event_name - the type of a persistent event */
const char *nvme_pel_event_name(uint8_t type);

#pragma GCC visibility pop

#endif
