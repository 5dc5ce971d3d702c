/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The vfio-user protocol as it travels: header, commands, payloads, regions, interrupts.
 *
 * Both ends are on one machine, so every field has the machine's byte order. A message is a header
 * of 16 bytes and a payload; file descriptors travel beside it. Payloads are copied into these
 * structures before they are looked at, never read in place: a message has no alignment.
 *
 * Error replies are a bare header. A command with VFU_FLAG_NO_REPLY is never answered, not even
 * with an error.
 */
#ifndef NVMELAB_COMMON_VFIO_USER_H
#define NVMELAB_COMMON_VFIO_USER_H

#include <stddef.h>
#include <stdint.h>

#define VFU_VERSION_MAJOR 0
#define VFU_VERSION_MINOR 1

/** struct vfu_header - begins every message */
struct vfu_header {
	uint16_t msg_id;  /* the sender's of a command, repeated in its reply; need not be unique */
	uint16_t command; /* enum vfu_command, repeated in the reply */
	uint32_t msg_size; /* bytes, this header included */
	uint32_t flags;
	uint32_t error_no; /* an errno of the machine, with VFU_FLAG_ERROR; may be 0 */
};

#define VFU_FLAG_TYPE_MASK 0x0fu
#define VFU_FLAG_COMMAND   0x00u /* a value of the type */
#define VFU_FLAG_REPLY	   0x01u /* a value of the type */
#define VFU_FLAG_NO_REPLY  0x10u
#define VFU_FLAG_ERROR	   0x20u

enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP = 2,
	VFU_DMA_UNMAP = 3,
	VFU_DEVICE_GET_INFO = 4,
	VFU_DEVICE_GET_REGION_INFO = 5,
	VFU_DEVICE_GET_REGION_IO_FDS = 6,
	VFU_DEVICE_GET_IRQ_INFO = 7,
	VFU_DEVICE_SET_IRQS = 8,
	VFU_REGION_READ = 9,
	VFU_REGION_WRITE = 10,
	VFU_DMA_READ = 11,  /* from the server to the client */
	VFU_DMA_WRITE = 12, /* from the server to the client */
	VFU_DEVICE_RESET = 13,
	VFU_DIRTY_PAGES = 14, /* removed from the protocol */
	VFU_REGION_WRITE_MULTI = 15,
	VFU_DEVICE_FEATURE = 16,
	VFU_MIG_DATA_READ = 17,
	VFU_MIG_DATA_WRITE = 18,
};

/* What a peer may assume of one whose VERSION does not say otherwise, and what nobody exceeds. */
#define VFU_DEFAULT_MSG_FDS	   1u
#define VFU_DEFAULT_DATA_XFER_SIZE 1048576u
#define VFU_DEFAULT_DMA_MAPS	   65535u
#define VFU_DEFAULT_PGSIZES	   4096u
#define VFU_MSG_FDS_MAX		   253u /* SCM_MAX_FD of Linux */
#define VFU_VERSION_JSON_MAX	   4096u
/* A reply to VERSION must not be longer than the request of a client that reads no more: QEMU. */
#define VFU_VERSION_REPLY_MAX 214u

/** struct vfu_version - VERSION, both ways; a NUL-terminated JSON text may follow */
struct vfu_version {
	uint16_t major;
	uint16_t minor;
};

/** struct vfu_dma_map - DMA_MAP; the reply has no payload; at most one file descriptor */
struct vfu_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset; /* in the file */
	uint64_t addr;	 /* IOVA */
	uint64_t size;
};

#define VFU_DMA_MAP_READ    0x1u /* the device may read */
#define VFU_DMA_MAP_WRITE   0x2u /* the device may write */
#define VFU_DMA_MAP_MMAP    0x4u /* newer peers: the file can be mapped */
#define VFU_DMA_MAP_FILE_IO 0x8u /* newer peers: the file is for read and write calls */

/** struct vfu_dma_unmap - DMA_UNMAP; the reply repeats it */
struct vfu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t addr; /* IOVA; 0 with VFU_DMA_UNMAP_ALL */
	uint64_t size; /* 0 with VFU_DMA_UNMAP_ALL */
};

#define VFU_DMA_UNMAP_GET_DIRTY 0x1u /* a struct vfu_bitmap follows */
#define VFU_DMA_UNMAP_ALL	0x2u

/** struct vfu_bitmap - follows struct vfu_dma_unmap with VFU_DMA_UNMAP_GET_DIRTY */
struct vfu_bitmap {
	uint64_t pgsize;
	uint64_t size; /* bytes of the bitmap */
};

/** struct vfu_device_info - DEVICE_GET_INFO, both ways */
struct vfu_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};

#define VFU_DEVICE_RESETTABLE 0x1u /* DEVICE_RESET is understood */
#define VFU_DEVICE_PCI	      0x2u

/**
 * struct vfu_region_info - DEVICE_GET_REGION_INFO, both ways; capabilities may follow a reply
 *
 * With @argsz too small for the capabilities, the reply has this structure alone: @argsz says what
 * is needed, VFU_REGION_CAPS is clear, @cap_offset is 0 and no file descriptor comes with it.
 */
struct vfu_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t
		cap_offset; /* of the first capability, from the start of the payload; 0 for none */
	uint64_t size;
	uint64_t offset; /* in the file that comes with the reply */
};

#define VFU_REGION_READABLE 0x1u
#define VFU_REGION_WRITABLE 0x2u
#define VFU_REGION_MAPPABLE 0x4u
#define VFU_REGION_CAPS	    0x8u

/** struct vfu_cap_header - begins every capability of a region */
struct vfu_cap_header {
	uint16_t id;
	uint16_t version;
	uint32_t next; /* offset from the start of the payload; 0 ends the chain */
};

#define VFU_CAP_SPARSE_MMAP   1u
#define VFU_CAP_TYPE	      2u
#define VFU_CAP_MSIX_MAPPABLE 3u
#define VFU_CAP_VERSION	      1u

/** struct vfu_sparse_area - a part of a region that can be mapped */
struct vfu_sparse_area {
	uint64_t offset; /* in the region; in the file it is vfu_region_info.offset + offset */
	uint64_t size;
};

/** struct vfu_cap_sparse_mmap - the only parts of the region that can be mapped */
struct vfu_cap_sparse_mmap {
	struct vfu_cap_header header;
	uint32_t nr_areas;
	uint32_t reserved;
	struct vfu_sparse_area areas[];
};

enum vfu_region {
	VFU_REGION_BAR0 = 0,
	VFU_REGION_BAR1 = 1,
	VFU_REGION_BAR2 = 2,
	VFU_REGION_BAR3 = 3,
	VFU_REGION_BAR4 = 4,
	VFU_REGION_BAR5 = 5,
	VFU_REGION_ROM = 6,
	VFU_REGION_CONFIG = 7,
	VFU_REGION_VGA = 8,
	VFU_REGIONS = 9,    /* num_regions of a PCI device */
	VFU_REGION_LAB = 9, /* ours, only where it was asked for */
	VFU_REGIONS_WITH_LAB = 10,
};

/** struct vfu_region_io_fds - DEVICE_GET_REGION_IO_FDS; entries follow a reply */
struct vfu_region_io_fds {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

/** struct vfu_irq_info - DEVICE_GET_IRQ_INFO, both ways */
struct vfu_irq_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

#define VFU_IRQ_EVENTFD	   0x1u
#define VFU_IRQ_MASKABLE   0x2u
#define VFU_IRQ_AUTOMASKED 0x4u
#define VFU_IRQ_NORESIZE   0x8u

enum vfu_irq {
	VFU_IRQ_INTX = 0,
	VFU_IRQ_MSI = 1,
	VFU_IRQ_MSIX = 2,
	VFU_IRQ_ERR = 3,
	VFU_IRQ_REQ = 4,
	VFU_IRQS = 5, /* num_irqs of a PCI device */
};

/**
 * struct vfu_set_irqs - DEVICE_SET_IRQS; the reply has no payload
 *
 * Exactly one flag of the data and one of the action. With DATA_BOOL @count bytes follow; with
 * DATA_EVENTFD @count file descriptors come along, or none to take those vectors' away.
 */
struct vfu_set_irqs {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
};

#define VFU_SET_IRQS_DATA_NONE	    0x01u
#define VFU_SET_IRQS_DATA_BOOL	    0x02u
#define VFU_SET_IRQS_DATA_EVENTFD   0x04u
#define VFU_SET_IRQS_DATA_MASK	    0x07u
#define VFU_SET_IRQS_ACTION_MASK    0x08u
#define VFU_SET_IRQS_ACTION_UNMASK  0x10u
#define VFU_SET_IRQS_ACTION_TRIGGER 0x20u
#define VFU_SET_IRQS_ACTIONS	    0x38u

/**
 * struct vfu_region_access - REGION_READ and REGION_WRITE, both ways
 *
 * @count bytes of data follow the reply to a read and the request to write.
 */
struct vfu_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
};

/** struct vfu_dma_access - DMA_READ and DMA_WRITE, both ways; @count bytes of data as above */
struct vfu_dma_access {
	uint64_t addr;
	uint64_t count;
};

/** struct vfu_write_multi - REGION_WRITE_MULTI: @wr_cnt entries follow; the reply is this alone */
struct vfu_write_multi {
	uint64_t wr_cnt;
};

#define VFU_WRITE_MULTI_BYTES_MAX 8u /* of data in one entry */

/** struct vfu_write_multi_entry - one write of 1 to 8 bytes */
struct vfu_write_multi_entry {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[VFU_WRITE_MULTI_BYTES_MAX];
};

/** struct vfu_device_feature - DEVICE_FEATURE, both ways; data follow */
struct vfu_device_feature {
	uint32_t argsz;
	uint32_t flags; /* 15:0 feature */
};

#define VFU_FEATURE_MASK  0x0000ffffu
#define VFU_FEATURE_GET	  0x00010000u
#define VFU_FEATURE_SET	  0x00020000u
#define VFU_FEATURE_PROBE 0x00040000u

/** struct vfu_mig_data - MIG_DATA_READ and MIG_DATA_WRITE; data follow */
struct vfu_mig_data {
	uint32_t argsz;
	uint32_t size;
};

/*
 * The lab region: a clock that the client moves. Eight 64-bit words, little-endian on any machine
 * (common/le.h), because a recorded access is part of a trace. Whoever opens it is the only mover
 * of time.
 */
#define VFU_LAB_BYTES	    64u
#define VFU_LAB_MAGIC	    0x3162616c656d766eull /* "nvmelab1" in memory order */
#define VFU_LAB_OFF_MAGIC   0u			  /* read: VFU_LAB_MAGIC */
#define VFU_LAB_OFF_NOW	    8u			  /* read: nanoseconds */
#define VFU_LAB_OFF_ADVANCE 16u /* write: run every deadline up to this time, then reply */
#define VFU_LAB_OFF_NEXT    24u /* read: the next deadline, or VFU_LAB_NEVER */
#define VFU_LAB_NEVER	    UINT64_MAX

#define VFU_LAYOUT(type, field, at) \
	_Static_assert(offsetof(struct type, field) == (at), #type "." #field)
#define VFU_BYTES(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)

/* clang-format off */
VFU_BYTES(vfu_header, 16);		VFU_LAYOUT(vfu_header, command, 2);
VFU_LAYOUT(vfu_header, msg_size, 4);	VFU_LAYOUT(vfu_header, flags, 8);
VFU_LAYOUT(vfu_header, error_no, 12);
VFU_BYTES(vfu_version, 4);		VFU_LAYOUT(vfu_version, minor, 2);
VFU_BYTES(vfu_dma_map, 32);		VFU_LAYOUT(vfu_dma_map, flags, 4);
VFU_LAYOUT(vfu_dma_map, offset, 8);	VFU_LAYOUT(vfu_dma_map, addr, 16);
VFU_LAYOUT(vfu_dma_map, size, 24);
VFU_BYTES(vfu_dma_unmap, 24);		VFU_LAYOUT(vfu_dma_unmap, addr, 8);
VFU_LAYOUT(vfu_dma_unmap, size, 16);	VFU_BYTES(vfu_bitmap, 16);
VFU_BYTES(vfu_device_info, 16);		VFU_LAYOUT(vfu_device_info, num_regions, 8);
VFU_LAYOUT(vfu_device_info, num_irqs, 12);
VFU_BYTES(vfu_region_info, 32);		VFU_LAYOUT(vfu_region_info, index, 8);
VFU_LAYOUT(vfu_region_info, cap_offset, 12);
VFU_LAYOUT(vfu_region_info, size, 16);	VFU_LAYOUT(vfu_region_info, offset, 24);
VFU_BYTES(vfu_cap_header, 8);		VFU_LAYOUT(vfu_cap_header, next, 4);
VFU_BYTES(vfu_sparse_area, 16);		VFU_LAYOUT(vfu_sparse_area, size, 8);
VFU_BYTES(vfu_cap_sparse_mmap, 16);	VFU_LAYOUT(vfu_cap_sparse_mmap, nr_areas, 8);
VFU_LAYOUT(vfu_cap_sparse_mmap, areas, 16);
VFU_BYTES(vfu_region_io_fds, 16);	VFU_LAYOUT(vfu_region_io_fds, count, 12);
VFU_BYTES(vfu_irq_info, 16);		VFU_LAYOUT(vfu_irq_info, count, 12);
VFU_BYTES(vfu_set_irqs, 20);		VFU_LAYOUT(vfu_set_irqs, index, 8);
VFU_LAYOUT(vfu_set_irqs, start, 12);	VFU_LAYOUT(vfu_set_irqs, count, 16);
VFU_BYTES(vfu_region_access, 16);	VFU_LAYOUT(vfu_region_access, region, 8);
VFU_LAYOUT(vfu_region_access, count, 12);
VFU_BYTES(vfu_dma_access, 16);		VFU_LAYOUT(vfu_dma_access, count, 8);
VFU_BYTES(vfu_write_multi, 8);		VFU_BYTES(vfu_write_multi_entry, 24);
VFU_LAYOUT(vfu_write_multi_entry, data, 16);
VFU_BYTES(vfu_device_feature, 8);	VFU_BYTES(vfu_mig_data, 8);
/* clang-format on */

#endif
