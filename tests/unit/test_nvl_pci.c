/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/transport/pci_*.c: functions found, refused with a sentence, lent and given back. */
#include <errno.h>
#include <linux/vfio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_pci_tree.h"

#define NAME "0000:01:00.0"
#define DISK "/sys/bus/pci/devices/" NAME "/nvme/nvme0/nvme0n1"

struct address_text {
	const char *text;
	const char *name; /* NULL: refused */
};

static const struct address_text addresses[] = {
	{ "0000:01:00.0", "0000:01:00.0" },
	{ "01:1f.7", "0000:01:1f.7" },
	{ "10000:E1:00.0", "10000:e1:00.0" },
	{ "0:1:2.3", "0000:01:02.3" },
	{ "", NULL },
	{ "nvme0", NULL },
	{ "0000:01:00", NULL },
	{ "0000:01:20.0", NULL },
	{ "0000:01:00.8", NULL },
	{ "0000:01:00.0n1", NULL },
	{ "0000:100:00.0", NULL },
	{ "01:00.0 ", NULL },
};

START_TEST(an_address_is_read_as_lspci_writes_it)
{
	struct nvl_pci_address address;
	char name[NVL_PCI_NAME_BYTES];
	int result = nvl_pci_parse(addresses[_i].text, &address);

	ck_assert_int_eq(result, addresses[_i].name ? 0 : -EINVAL);
	if (result)
		return;
	nvl_pci_name(&address, name);
	ck_assert_str_eq(name, addresses[_i].name);
}
END_TEST

static void join(void *arg, const struct nvl_pci_info *info)
{
	char *text = arg;
	size_t used = strlen(text);

	snprintf(text + used, 512 - used, "%s %s %s %s;", info->name, info->driver, info->group,
		 info->use);
}

struct steering {
	uint32_t index;
	uint32_t vector;
	int result;
	const char *log;
};

static const struct steering steerings[] = {
	{ VFIO_PCI_MSIX_IRQ_INDEX, 1, 0, "/proc/irq/46/smp_affinity_list=3\n" },
	{ VFIO_PCI_MSI_IRQ_INDEX, 0, 0, "/proc/irq/9/smp_affinity_list=3\n" },
	{ VFIO_PCI_INTX_IRQ_INDEX, 0, 0, "/proc/irq/16/smp_affinity_list=3\n" },
	{ VFIO_PCI_MSIX_IRQ_INDEX, 10, -ENOENT, "" },
	{ VFIO_PCI_MSIX_IRQ_INDEX, 2, -ENOENT, "" },
};

static int take_write(void *arg, const char *path, const char *text)
{
	struct th_pci_tree *tree = arg;

	snprintf(tree->log, sizeof(tree->log), "%s=%s", path + strlen(tree->root), text);
	return 0;
}

START_TEST(an_interrupt_is_sent_to_a_cpu)
{
	/* The names that VFIO gives its interrupts; another function has the vector 2. */
	struct th_pci_tree tree;

	th_pci_tree_make(&tree);
	tree.tree.write = take_write;
	th_pci_file(&tree, "/proc/interrupts",
		    "            CPU0       CPU1\n"
		    "   9:          0          0  PCI-MSI 0-edge      vfio-msi[0](" NAME ")\n"
		    "  16:          0          0  IO-APIC 16-fasteoi  vfio-intx(" NAME ")\n"
		    "  45:         12          0  PCI-MSIX 0-edge     vfio-msix[0](" NAME ")\n"
		    "  46:          0         90  PCI-MSIX 1-edge     vfio-msix[1](" NAME ")\n"
		    "  47:          0          0  PCI-MSIX 2-edge     vfio-msix[2](0000:02:00.0)\n"
		    " NMI:          0          0  Non-maskable interrupts\n");
	ck_assert_int_eq(
		nvl_pci_steer(&tree.tree, NAME, steerings[_i].index, steerings[_i].vector, 3),
		steerings[_i].result);
	ck_assert_str_eq(tree.log, steerings[_i].log);
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(functions_are_found_by_class_whatever_their_vendor)
{
	struct th_pci_tree tree;
	char found[512] = "";

	th_pci_tree_make(&tree);
	th_pci_add(&tree, "0000:03:00.1", NVL_PCI_CLASS, "vfio-pci", "7");
	th_pci_add(&tree, NAME, NVL_PCI_CLASS, "nvme", NULL);
	th_pci_add(&tree, "0000:02:00.0", 0x010601, "ahci", NULL);
	th_pci_add(&tree, "0000:00:04.0", 0x010801, NULL, NULL);
	th_pci_add(&tree, "10000:01:00.0", NVL_PCI_CLASS, NULL, NULL);
	th_pci_file(&tree, DISK "/dev", "259:0\n");
	th_pci_file(&tree, "/proc/self/mountinfo", "22 1 259:0 / / rw - ext4 x rw\n");
	ck_assert_int_eq(nvl_pci_list_below(&tree.tree, join, found, NULL), 3);
	ck_assert_str_eq(found, NAME " nvme  nvme0n1 is mounted on /;0000:03:00.1 vfio-pci 7 ;"
				     "10000:01:00.0   ;");
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(a_machine_without_pci_says_so)
{
	char buffer[256];
	struct nvme_text error;
	struct th_pci_tree tree;

	th_pci_tree_make(&tree);
	th_pci_forget(true);
	nvme_text_init(&error, buffer, sizeof(buffer));
	ck_assert_int_eq(nvl_pci_list_below(&tree.tree, join, NULL, &error), -ENODEV);
	ck_assert_ptr_nonnull(strstr(buffer, "no PCI"));
	th_pci_tree_free(&tree);
}
END_TEST

/* What the kernel's files say, and what the disk counts as. */
struct use {
	const char *mountinfo;
	const char *swaps;
	const char *folder; /* of the disk or partition, below the root */
	const char *holder;
	const char *use;
	const char *help;
};

static const struct use uses[] = {
	{ "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "Filename Type\n", DISK, NULL, "", "" },
	{ "22 1 259:1 / /home rw - ext4 x rw\n", "", DISK "/nvme0n1p1", NULL,
	  "nvme0n1p1 is mounted on /home", "umount '/home'" },
	{ "1 1 8:1 / / rw\n22 1 259:1 /a /a\\040b\\134 rw\n", "", DISK, NULL,
	  "nvme0n1 is mounted on /a b\\", "umount '/a b\\'" },
	{ "", "Filename Type\n/dev/nvme0n1p2 partition 1 0 -2\n", DISK "/nvme0n1p2", NULL,
	  "nvme0n1p2 is swap space", "swapoff /dev/nvme0n1p2" },
	{ "", "/dev/nvme0n1p22 partition 1 0 -2\n", DISK "/nvme0n1p2", NULL, "", "" },
	{ "", "", DISK "/nvme0n1p1", "dm-0", "nvme0n1p1 is a part of dm-0",
	  "lsblk /dev/nvme0n1p1" },
	{ "22 1 259:1 / /srv rw - ext4 x rw\n", "",
	  "/sys/class/nvme-subsystem/nvme-subsys0/nvme0n1", NULL, "nvme0n1 is mounted on /srv",
	  "umount '/srv'" },
	{ "22 1 259:1 / /srv rw - ext4 x rw\n", "",
	  "/sys/class/nvme-subsystem/nvme-subsys1/nvme1n1", NULL, "", "" },
};

START_TEST(a_disk_in_use_is_noticed)
{
	const struct use *use = &uses[_i];
	char path[PATH_MAX], what[NVL_PCI_USE_BYTES], help[NVL_PCI_USE_BYTES];
	struct th_pci_tree tree;

	th_pci_tree_make(&tree);
	th_pci_file(&tree, "/proc/self/mountinfo", use->mountinfo);
	th_pci_file(&tree, "/proc/swaps", use->swaps);
	th_pci_file(&tree, DISK "/dev", "259:0\n");
	th_pci_file(&tree, "/sys/class/nvme-subsystem/nvme-subsys0/nvme0/state", "live\n");
	th_pci_file(&tree, "/sys/class/nvme-subsystem/nvme-subsys1/nvme1/state", "live\n");
	snprintf(path, sizeof(path), "%s/dev", use->folder);
	th_pci_file(&tree, path, "259:1\n");
	if (use->holder) {
		snprintf(path, sizeof(path), "%s/holders/%s", use->folder, use->holder);
		th_pci_link(&tree, path, "../nowhere");
	}
	nvl_pci_use(&tree.tree, NAME, what, sizeof(what), help, sizeof(help));
	ck_assert_str_eq(what, use->use);
	ck_assert_str_eq(help, use->help);
	th_pci_tree_free(&tree);
}
END_TEST

/* A machine with one thing missing. */
struct refusal {
	const char *what;
	const char *driver; /* of the function, NULL for none */
	const char *group;
	const char *type; /* of the group; NULL for DMA */
	struct nvl_pci_wish wish;
	bool used;
	bool no_vfio;
	bool neighbour;
	bool no_huge_pages;
	bool no_bar0;
	uint32_t class_code;
	int result;
	const char *sentence;
	const char *help;
};

#define UNSAFE                     \
	{                          \
		.unsafe_dma = true \
	}
#define REBIND                 \
	{                      \
		.rebind = true \
	}
#define BOTH                                       \
	{                                          \
		.unsafe_dma = true, .rebind = true \
	}

static const struct refusal refusals[] = {
	{ .what = "no controller",
	  .class_code = 0x020000,
	  .result = -EINVAL,
	  .sentence = "class 020000h",
	  .help = "nvmelab list --pci" },
	{ .what = "BAR0",
	  .no_bar0 = true,
	  .result = -ENXIO,
	  .sentence = "BAR0 has no address",
	  .help = "echo 1 >/sys/bus/pci/rescan" },
	{ .what = "no IOMMU",
	  .driver = "nvme",
	  .result = -EPERM,
	  .sentence = "no IOMMU",
	  .help = "intel_iommu=on" },
	{ .what = "no IOMMU, rebind",
	  .driver = "nvme",
	  .wish = REBIND,
	  .result = -EPERM,
	  .sentence = "no IOMMU",
	  .help = "--unsafe-dma" },
	{ .what = "no-IOMMU mode",
	  .driver = "vfio-pci",
	  .wish = UNSAFE,
	  .result = -EPERM,
	  .sentence = "no IOMMU",
	  .help = "--unsafe-dma" },
	{ .what = "nvme",
	  .driver = "nvme",
	  .group = "3",
	  .result = -EBUSY,
	  .sentence = "bound to the kernel's driver nvme",
	  .help = "echo " NAME " >/sys/bus/pci/drivers/nvme/unbind; echo " NAME
		  " >/sys/bus/pci/drivers_probe" },
	{ .what = "none",
	  .group = "3",
	  .result = -EBUSY,
	  .sentence = "no driver is bound",
	  .help = "echo vfio-pci >/sys/bus/pci/devices/" NAME "/driver_override" },
	{ .what = "mounted",
	  .driver = "nvme",
	  .group = "3",
	  .wish = REBIND,
	  .used = true,
	  .result = -EBUSY,
	  .sentence = "nvme0n1 is mounted on /mnt",
	  .help = "umount '/mnt'" },
	{ .what = "vfio-pci",
	  .driver = "nvme",
	  .group = "3",
	  .wish = REBIND,
	  .no_vfio = true,
	  .result = -ENXIO,
	  .sentence = "not loaded",
	  .help = "modprobe vfio-pci" },
	{ .what = "neighbour",
	  .driver = "vfio-pci",
	  .group = "3",
	  .neighbour = true,
	  .result = -EBUSY,
	  .sentence = "group 3 is not viable",
	  .help = "echo 0000:01:00.1 >/sys/bus/pci/drivers/e1000e/unbind" },
	{ .what = "unsafe, nvme",
	  .driver = "nvme",
	  .wish = UNSAFE,
	  .result = -EBUSY,
	  .sentence = "bound to the kernel's driver nvme",
	  .help = "'echo " NAME " >/sys/bus/pci/drivers/nvme/unbind'" },
	{ .what = "unsafe, mounted",
	  .driver = "nvme",
	  .wish = BOTH,
	  .used = true,
	  .result = -EBUSY,
	  .sentence = "nvme0n1 is mounted on /mnt",
	  .help = "umount '/mnt'" },
	{ .what = "unsafe, IOMMU",
	  .driver = "nvme",
	  .group = "3",
	  .wish = BOTH,
	  .result = -EPERM,
	  .sentence = "type DMA",
	  .help = "leave --unsafe-dma out" },
	{ .what = "unsafe, huge pages",
	  .wish = UNSAFE,
	  .no_huge_pages = true,
	  .result = -ENOMEM,
	  .sentence = "8 free huge pages of 2048 KiB",
	  .help = "echo 16 >/proc/sys/vm/nr_hugepages" },
	/* And what goes. */
	{ .what = "vfio", .driver = "vfio-pci", .group = "3" },
	{ .what = "vfio, unsafe allowed", .driver = "vfio-pci", .group = "3", .wish = BOTH },
	{ .what = "rebind", .driver = "nvme", .group = "3", .wish = REBIND },
	{ .what = "rebind from none", .group = "3", .wish = REBIND },
	{ .what = "unsafe", .wish = UNSAFE },
	{ .what = "unsafe, uio", .driver = "uio_pci_generic", .wish = UNSAFE },
	{ .what = "unsafe, rebind", .driver = "nvme", .wish = BOTH },
	{ .what = "unsafe, identity", .group = "3", .type = "identity\n", .wish = UNSAFE },
};

static void make_machine(struct th_pci_tree *tree, const struct refusal *refusal)
{
	th_pci_tree_make(tree);
	th_pci_add(tree, NAME, refusal->class_code ? refusal->class_code : NVL_PCI_CLASS,
		   refusal->driver, refusal->group);
	if (refusal->neighbour)
		th_pci_add(tree, "0000:01:00.1", 0x020000, "e1000e", refusal->group);
	th_pci_add(tree, "0000:00:1c.0", 0x060400, "pcieport", refusal->group);
	if (refusal->type)
		th_pci_file(tree, "/sys/kernel/iommu_groups/3/type", refusal->type);
	if (refusal->no_huge_pages)
		th_pci_file(tree, "/proc/meminfo", "HugePages_Free: 7\nHugepagesize: 2048 kB\n");
	if (refusal->used) {
		th_pci_file(tree, DISK "/dev", "259:0\n");
		th_pci_file(tree, "/proc/self/mountinfo", "22 1 259:0 / /mnt rw - ext4 x rw\n");
	}
}

START_TEST(each_missing_piece_has_a_sentence_with_the_command_that_helps)
{
	const struct refusal *refusal = &refusals[_i];
	struct nvl_pci_plan plan = { 0 };
	struct nvl_pci_facts facts;
	struct th_pci_tree tree;
	struct nvme_text error;
	char buffer[1024] = "";
	int result;

	make_machine(&tree, refusal);
	facts = th_pci_look(&tree, NAME);
	if (refusal->no_vfio)
		facts.has_vfio = false;
	if (refusal->no_bar0)
		facts.bar0_address = 0;
	nvme_text_init(&error, buffer, sizeof(buffer));
	result = nvl_pci_decide(&facts, &refusal->wish, &plan, &error);
	ck_assert_msg(result == refusal->result, "%s: %d: %s", refusal->what, result, buffer);
	if (result) {
		ck_assert_msg(strstr(buffer, refusal->sentence), "%s: %s", refusal->what, buffer);
		ck_assert_msg(strstr(buffer, refusal->help), "%s: %s", refusal->what, buffer);
		ck_assert_ptr_nonnull(strstr(buffer, NAME));
	} else {
		ck_assert_int_eq(plan.way,
				 !refusal->group || refusal->type ? NVL_PCI_UNSAFE : NVL_PCI_VFIO);
		ck_assert_int_eq(plan.rebind,
				 refusal->wish.rebind && (!refusal->driver ||
							  strcmp(refusal->driver, "nvme") == 0));
	}
	ck_assert_uint_eq(tree.writes, 0);
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(a_device_that_cannot_be_opened_is_an_error_of_nvl_device_open)
{
	struct nvl_device_options options;
	struct nvl_device *device = NULL;
	struct nvme_text error;
	struct th_pci_tree tree;
	char buffer[1024];

	th_pci_tree_make(&tree);
	nvl_device_options_init(&options);
	nvme_text_init(&error, buffer, sizeof(buffer));
	options.device = "pci:nvme0";
	ck_assert_int_eq(nvl_device_open(&options, &device, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(buffer, "pci:DOMAIN:BUS:DEV.FN"));
	options.device = "pci:ffff:01:00.0";
	ck_assert_int_eq(nvl_device_open(&options, &device, &error), -ENODEV);
	ck_assert_ptr_nonnull(strstr(buffer, "no PCI function ffff:01:00.0"));
	th_pci_add(&tree, "ffff:01:00.0", NVL_PCI_CLASS, NULL, NULL);
	ck_assert_int_eq(nvl_device_open(&options, &device, &error), -EPERM);
	options.device = NULL;
	options.rebind = true;
	ck_assert_int_eq(nvl_device_open(&options, &device, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(buffer, "--rebind is for a PCI function"));
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(a_bar_that_disappears_reads_all_ones)
{
	/* A file that is cut off gives the signal that a BAR gives. */
	int fd = memfd_create("bar", MFD_CLOEXEC);
	struct nvl_pci_bar bar = { .bytes = 8192 };
	volatile uint32_t *word;

	ck_assert_int_eq(ftruncate(fd, 8192), 0);
	bar.data = mmap(NULL, bar.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(bar.data, MAP_FAILED);
	word = bar.data;
	ck_assert_int_eq(nvl_pci_guard(&bar), 0);
	word[1024] = 5;
	ck_assert_uint_eq(word[1024], 5);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	word[1025] = 6;
	ck_assert_int_eq(__atomic_load_n(&bar.lost, __ATOMIC_SEQ_CST), -ENODEV);
	ck_assert_uint_eq(word[1024], UINT32_MAX);
	ck_assert_uint_eq(word[0], UINT32_MAX);
	nvl_pci_unguard(&bar);
	munmap(bar.data, bar.bytes);
	close(fd);
}
END_TEST

START_TEST(a_signal_that_is_nobodys_still_kills)
{
	int fd = memfd_create("other", MFD_CLOEXEC);
	struct nvl_pci_bar bar = { .data = &fd, .bytes = sizeof(fd) };
	volatile uint32_t *word;

	/* A sanitizer has a handler of its own, which would end the process in another way. */
	signal(SIGBUS, SIG_DFL);
	ck_assert_int_eq(nvl_pci_guard(&bar), 0);
	word = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	ck_assert_uint_eq(word[0], 0);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_pci");
	TCase *tcase = tcase_create("pci");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, an_address_is_read_as_lspci_writes_it, 0, COUNT(addresses));
	tcase_add_loop_test(tcase, an_interrupt_is_sent_to_a_cpu, 0, COUNT(steerings));
	tcase_add_test(tcase, functions_are_found_by_class_whatever_their_vendor);
	tcase_add_test(tcase, a_machine_without_pci_says_so);
	tcase_add_loop_test(tcase, a_disk_in_use_is_noticed, 0, COUNT(uses));
	tcase_add_loop_test(tcase, each_missing_piece_has_a_sentence_with_the_command_that_helps, 0,
			    COUNT(refusals));
	tcase_add_test(tcase, a_device_that_cannot_be_opened_is_an_error_of_nvl_device_open);
	tcase_add_test(tcase, a_bar_that_disappears_reads_all_ones);
	tcase_add_test_raise_signal(tcase, a_signal_that_is_nobodys_still_kills, SIGBUS);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
