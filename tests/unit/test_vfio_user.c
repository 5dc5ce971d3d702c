/* SPDX-License-Identifier: BSD-3-Clause */
/* common/vfio_user.h against the kernel's VFIO interface, where vfio-user has its payloads from. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <linux/vfio.h>

#include "common/le.h"
#include "common/vfio_user.h"
#include "tests/harness/main.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* A field of ours, and the kernel's of the same meaning. */
#define PLACE(type, field) offsetof(struct type, field), sizeof(((struct type *)0)->field)
/* clang-format off */
#define SAME_FIELD(ours, field, theirs, their_field) \
	{ #ours "." #field, PLACE(ours, field), PLACE(theirs, their_field) }
/* clang-format on */

static const struct {
	const char *name;
	size_t our_offset, our_bytes, their_offset, their_bytes;
} fields[] = {
	/* clang-format off */
	SAME_FIELD(vfu_device_info, argsz, vfio_device_info, argsz),
	SAME_FIELD(vfu_device_info, flags, vfio_device_info, flags),
	SAME_FIELD(vfu_device_info, num_regions, vfio_device_info, num_regions),
	SAME_FIELD(vfu_device_info, num_irqs, vfio_device_info, num_irqs),
	SAME_FIELD(vfu_region_info, argsz, vfio_region_info, argsz),
	SAME_FIELD(vfu_region_info, flags, vfio_region_info, flags),
	SAME_FIELD(vfu_region_info, index, vfio_region_info, index),
	SAME_FIELD(vfu_region_info, cap_offset, vfio_region_info, cap_offset),
	SAME_FIELD(vfu_region_info, size, vfio_region_info, size),
	SAME_FIELD(vfu_region_info, offset, vfio_region_info, offset),
	SAME_FIELD(vfu_cap_header, id, vfio_info_cap_header, id),
	SAME_FIELD(vfu_cap_header, version, vfio_info_cap_header, version),
	SAME_FIELD(vfu_cap_header, next, vfio_info_cap_header, next),
	SAME_FIELD(vfu_cap_sparse_mmap, header, vfio_region_info_cap_sparse_mmap, header),
	SAME_FIELD(vfu_cap_sparse_mmap, nr_areas, vfio_region_info_cap_sparse_mmap, nr_areas),
	SAME_FIELD(vfu_cap_sparse_mmap, areas[0], vfio_region_info_cap_sparse_mmap, areas[0]),
	SAME_FIELD(vfu_sparse_area, offset, vfio_region_sparse_mmap_area, offset),
	SAME_FIELD(vfu_sparse_area, size, vfio_region_sparse_mmap_area, size),
	SAME_FIELD(vfu_irq_info, argsz, vfio_irq_info, argsz),
	SAME_FIELD(vfu_irq_info, flags, vfio_irq_info, flags),
	SAME_FIELD(vfu_irq_info, index, vfio_irq_info, index),
	SAME_FIELD(vfu_irq_info, count, vfio_irq_info, count),
	SAME_FIELD(vfu_set_irqs, argsz, vfio_irq_set, argsz),
	SAME_FIELD(vfu_set_irqs, flags, vfio_irq_set, flags),
	SAME_FIELD(vfu_set_irqs, index, vfio_irq_set, index),
	SAME_FIELD(vfu_set_irqs, start, vfio_irq_set, start),
	SAME_FIELD(vfu_set_irqs, count, vfio_irq_set, count),
	SAME_FIELD(vfu_device_feature, argsz, vfio_device_feature, argsz),
	SAME_FIELD(vfu_device_feature, flags, vfio_device_feature, flags),
	/* clang-format on */
};

START_TEST(a_field_is_where_the_kernel_has_it)
{
	ck_assert_msg(fields[_i].our_offset == fields[_i].their_offset, "offset of %s",
		      fields[_i].name);
	ck_assert_msg(fields[_i].our_bytes == fields[_i].their_bytes, "bytes of %s",
		      fields[_i].name);
}
END_TEST

#define SAME_VALUE(ours, theirs)        \
	{                               \
#ours, (ours), (theirs) \
	}

static const struct {
	const char *name;
	uint64_t ours, theirs;
} values[] = {
	SAME_VALUE(VFU_DMA_MAP_READ, VFIO_DMA_MAP_FLAG_READ),
	SAME_VALUE(VFU_DMA_MAP_WRITE, VFIO_DMA_MAP_FLAG_WRITE),
	SAME_VALUE(VFU_DMA_UNMAP_GET_DIRTY, VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP),
	SAME_VALUE(VFU_DMA_UNMAP_ALL, VFIO_DMA_UNMAP_FLAG_ALL),
	SAME_VALUE(VFU_DEVICE_RESETTABLE, VFIO_DEVICE_FLAGS_RESET),
	SAME_VALUE(VFU_DEVICE_PCI, VFIO_DEVICE_FLAGS_PCI),
	SAME_VALUE(VFU_REGION_READABLE, VFIO_REGION_INFO_FLAG_READ),
	SAME_VALUE(VFU_REGION_WRITABLE, VFIO_REGION_INFO_FLAG_WRITE),
	SAME_VALUE(VFU_REGION_MAPPABLE, VFIO_REGION_INFO_FLAG_MMAP),
	SAME_VALUE(VFU_REGION_CAPS, VFIO_REGION_INFO_FLAG_CAPS),
	SAME_VALUE(VFU_CAP_SPARSE_MMAP, VFIO_REGION_INFO_CAP_SPARSE_MMAP),
	SAME_VALUE(VFU_CAP_TYPE, VFIO_REGION_INFO_CAP_TYPE),
	SAME_VALUE(VFU_CAP_MSIX_MAPPABLE, VFIO_REGION_INFO_CAP_MSIX_MAPPABLE),
	SAME_VALUE(VFU_REGION_BAR0, VFIO_PCI_BAR0_REGION_INDEX),
	SAME_VALUE(VFU_REGION_BAR5, VFIO_PCI_BAR5_REGION_INDEX),
	SAME_VALUE(VFU_REGION_ROM, VFIO_PCI_ROM_REGION_INDEX),
	SAME_VALUE(VFU_REGION_CONFIG, VFIO_PCI_CONFIG_REGION_INDEX),
	SAME_VALUE(VFU_REGION_VGA, VFIO_PCI_VGA_REGION_INDEX),
	SAME_VALUE(VFU_REGIONS, VFIO_PCI_NUM_REGIONS),
	SAME_VALUE(VFU_IRQ_EVENTFD, VFIO_IRQ_INFO_EVENTFD),
	SAME_VALUE(VFU_IRQ_MASKABLE, VFIO_IRQ_INFO_MASKABLE),
	SAME_VALUE(VFU_IRQ_AUTOMASKED, VFIO_IRQ_INFO_AUTOMASKED),
	SAME_VALUE(VFU_IRQ_NORESIZE, VFIO_IRQ_INFO_NORESIZE),
	SAME_VALUE(VFU_IRQ_INTX, VFIO_PCI_INTX_IRQ_INDEX),
	SAME_VALUE(VFU_IRQ_MSI, VFIO_PCI_MSI_IRQ_INDEX),
	SAME_VALUE(VFU_IRQ_MSIX, VFIO_PCI_MSIX_IRQ_INDEX),
	SAME_VALUE(VFU_IRQ_ERR, VFIO_PCI_ERR_IRQ_INDEX),
	SAME_VALUE(VFU_IRQ_REQ, VFIO_PCI_REQ_IRQ_INDEX),
	SAME_VALUE(VFU_IRQS, VFIO_PCI_NUM_IRQS),
	SAME_VALUE(VFU_SET_IRQS_DATA_NONE, VFIO_IRQ_SET_DATA_NONE),
	SAME_VALUE(VFU_SET_IRQS_DATA_BOOL, VFIO_IRQ_SET_DATA_BOOL),
	SAME_VALUE(VFU_SET_IRQS_DATA_EVENTFD, VFIO_IRQ_SET_DATA_EVENTFD),
	SAME_VALUE(VFU_SET_IRQS_DATA_MASK, VFIO_IRQ_SET_DATA_TYPE_MASK),
	SAME_VALUE(VFU_SET_IRQS_ACTION_MASK, VFIO_IRQ_SET_ACTION_MASK),
	SAME_VALUE(VFU_SET_IRQS_ACTION_UNMASK, VFIO_IRQ_SET_ACTION_UNMASK),
	SAME_VALUE(VFU_SET_IRQS_ACTION_TRIGGER, VFIO_IRQ_SET_ACTION_TRIGGER),
	SAME_VALUE(VFU_SET_IRQS_ACTIONS, VFIO_IRQ_SET_ACTION_TYPE_MASK),
	SAME_VALUE(VFU_FEATURE_MASK, VFIO_DEVICE_FEATURE_MASK),
	SAME_VALUE(VFU_FEATURE_GET, VFIO_DEVICE_FEATURE_GET),
	SAME_VALUE(VFU_FEATURE_SET, VFIO_DEVICE_FEATURE_SET),
	SAME_VALUE(VFU_FEATURE_PROBE, VFIO_DEVICE_FEATURE_PROBE),
};

START_TEST(a_value_is_the_kernels)
{
	ck_assert_msg(values[_i].ours == values[_i].theirs, "%s", values[_i].name);
}
END_TEST

START_TEST(the_header_of_a_message_is_laid_out_as_the_protocol_says)
{
	struct vfu_header header = { .msg_id = 0x1122,
				     .command = VFU_REGION_WRITE_MULTI,
				     .msg_size = 0x33445566,
				     .flags = VFU_FLAG_REPLY | VFU_FLAG_ERROR,
				     .error_no = 0x778899aa };
	uint16_t halves[2];
	uint32_t words[4];

	memcpy(halves, &header, 4);
	memcpy(words, &header, sizeof(header));
	ck_assert_uint_eq(halves[0], 0x1122);
	ck_assert_uint_eq(halves[1], 15);
	ck_assert_uint_eq(words[1], 0x33445566);
	ck_assert_uint_eq(words[2], 0x21);
	ck_assert_uint_eq(words[3], 0x778899aa);
}
END_TEST

START_TEST(the_commands_have_the_numbers_of_the_protocol)
{
	static const int numbers[] = {
		VFU_VERSION,
		VFU_DMA_MAP,
		VFU_DMA_UNMAP,
		VFU_DEVICE_GET_INFO,
		VFU_DEVICE_GET_REGION_INFO,
		VFU_DEVICE_GET_REGION_IO_FDS,
		VFU_DEVICE_GET_IRQ_INFO,
		VFU_DEVICE_SET_IRQS,
		VFU_REGION_READ,
		VFU_REGION_WRITE,
		VFU_DMA_READ,
		VFU_DMA_WRITE,
		VFU_DEVICE_RESET,
		VFU_DIRTY_PAGES,
		VFU_REGION_WRITE_MULTI,
		VFU_DEVICE_FEATURE,
		VFU_MIG_DATA_READ,
		VFU_MIG_DATA_WRITE,
	};

	for (int i = 0; i < (int)LENGTH(numbers); i++)
		ck_assert_int_eq(numbers[i], i + 1);
}
END_TEST

START_TEST(the_lab_region_begins_with_its_name)
{
	nvme_u64le magic = nvme_le64(VFU_LAB_MAGIC);

	ck_assert_mem_eq(&magic, "nvmelab1", 8);
	ck_assert_uint_lt(VFU_LAB_OFF_NEXT, VFU_LAB_BYTES);
	ck_assert_int_eq(VFU_REGION_LAB, VFU_REGIONS);
	ck_assert_int_eq(VFU_REGIONS_WITH_LAB, VFU_REGION_LAB + 1);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/vfio_user");
	TCase *layout = tcase_create("layout");

	tcase_add_loop_test(layout, a_field_is_where_the_kernel_has_it, 0, (int)LENGTH(fields));
	tcase_add_loop_test(layout, a_value_is_the_kernels, 0, (int)LENGTH(values));
	tcase_add_test(layout, the_header_of_a_message_is_laid_out_as_the_protocol_says);
	tcase_add_test(layout, the_commands_have_the_numbers_of_the_protocol);
	tcase_add_test(layout, the_lab_region_begins_with_its_name);
	suite_add_tcase(suite, layout);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, LENGTH(suites));
}
