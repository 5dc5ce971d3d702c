/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/transport/mmio.c: a BAR that is mapped, interrupts as calls, no configuration space. */
#include <stdlib.h>

#include "driver/transport/mmio.h"
#include "tests/harness/main.h"

#define BAR_BYTES 8192u

/* A port: @nsec is its clock, and idling moves it. */
struct port {
	_Alignas(4096) uint8_t bar[BAR_BYTES];
	struct nvl_mmio mmio;
	uint64_t nsec;
	unsigned int idles;
	uint32_t interrupt_at; /* idle call that vector 1 fires in */
	uint32_t enabled;
	int enable_result;
};

static uint64_t port_now(void *arg)
{
	return ((struct port *)arg)->nsec;
}

static void port_idle(void *arg, uint64_t deadline)
{
	struct port *port = arg;

	port->nsec += deadline - port->nsec < 1000000 ? deadline - port->nsec : 1000000;
	if (++port->idles == port->interrupt_at)
		nvl_mmio_interrupt(&port->mmio, 1);
}

static int port_enable(void *arg, uint32_t vectors)
{
	struct port *port = arg;

	port->enabled = vectors;
	return port->enable_result;
}

static void port_panic(void *arg, const char *what)
{
	(void)arg;
	ck_abort_msg("%s", what);
	abort();
}

static struct port *open_port(uint32_t vectors)
{
	struct port *port = aligned_alloc(4096, (sizeof(*port) + 4095) & ~(size_t)4095);
	struct nvl_mmio_options options = {
		.arg = port,
		.bar = port->bar,
		.bar_bytes = BAR_BYTES,
		.dma_offset = 0x80000000,
		.vectors = vectors,
		.enable_irq = port_enable,
		.now = port_now,
		.idle = port_idle,
		.panic = port_panic,
	};

	memset(port, 0, sizeof(*port));
	nvl_mmio_init(&port->mmio, &options);
	return port;
}

START_TEST(an_interrupt_ends_a_wait)
{
	struct port *port = open_port(2);
	const struct nvl_ops *ops = nvl_mmio_ops(&port->mmio);

	ck_assert_int_eq(ops->irq_assign(ops->arg, 5), 2);
	ck_assert_uint_eq(port->enabled, 2);
	port->interrupt_at = 3;
	ops->wait(ops->arg, 1, 1000000000);
	ck_assert_uint_eq(port->idles, 3);
	free(port);
}
END_TEST

START_TEST(an_interrupt_that_came_before_is_not_lost)
{
	struct port *port = open_port(2);
	const struct nvl_ops *ops = nvl_mmio_ops(&port->mmio);

	nvl_mmio_interrupt(&port->mmio, 1);
	nvl_mmio_interrupt(&port->mmio, 4000); /* There is no such vector. */
	ops->wait(ops->arg, 1, 1000000000);
	ck_assert_uint_eq(port->idles, 0);
	ops->wait(ops->arg, 1, 5000000);
	ck_assert_uint_eq(port->idles, 5);
	ops->wait(ops->arg, NVL_NO_VECTOR, 1000000000);
	ck_assert_uint_eq(port->idles, 6);
	free(port);
}
END_TEST

START_TEST(a_port_without_interrupts_polls)
{
	struct port *port = open_port(0);
	struct port *failing = open_port(4);
	const struct nvl_ops *ops = nvl_mmio_ops(&failing->mmio);

	ck_assert_ptr_null(nvl_mmio_ops(&port->mmio)->irq_assign);
	failing->enable_result = -NVL_EBUSY;
	ck_assert_int_eq(ops->irq_assign(ops->arg, 4), -NVL_EBUSY);
	free(port);
	free(failing);
}
END_TEST

START_TEST(addresses_are_the_devices)
{
	struct port *port = open_port(0);
	struct nvl_buffer buffer = nvl_mmio_buffer(&port->mmio, port, 4096);

	ck_assert_uint_eq(buffer.iova, (uintptr_t)port + 0x80000000);
	ck_assert_ptr_eq(buffer.data, port);
	free(port);
}
END_TEST

static int start_driver(struct port *port)
{
	struct nvl_buffer dma;
	struct nvl_config config;
	struct nvl_ctrl *ctrl;
	void *block, *memory;
	int result;

	nvl_config_init(&config);
	block = aligned_alloc(4096, nvl_size(&config));
	memory = aligned_alloc(4096, nvl_dma_size(&config));
	dma = nvl_mmio_buffer(&port->mmio, memory, nvl_dma_size(&config));
	ctrl = nvl_init(block, &dma, &config, nvl_mmio_ops(&port->mmio), NULL, NULL);
	result = nvl_start(ctrl);
	free(block);
	free(memory);
	return result;
}

START_TEST(a_bar_of_all_ones_is_no_device)
{
	/* Base 2.0 3.1.3.1: CAP is read first; there is no configuration space to ask. */
	struct port *port = open_port(0);

	memset(port->bar, 0xff, sizeof(port->bar));
	ck_assert_int_eq(start_driver(port), -NVL_ENODEV);
	free(port);
}
END_TEST

START_TEST(a_bar_of_memory_is_no_controller)
{
	/* Base 2.0 3.1.3.1: MQES 0 allows no queue; and RDY that never comes is given up. */
	struct port *port = open_port(0);

	ck_assert_int_eq(start_driver(port), -NVL_EPROTO);
	port->bar[0] = 63;	/* CAP.MQES */
	port->bar[3] = 1;	/* CAP.TO */
	port->bar[4] = 1u << 5; /* CAP.CSS */
	ck_assert_int_eq(start_driver(port), -NVL_ETIMEDOUT);
	ck_assert_uint_ge(port->nsec, 500000000);
	free(port);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_mmio");
	TCase *tcase = tcase_create("mmio");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_interrupt_ends_a_wait);
	tcase_add_test(tcase, an_interrupt_that_came_before_is_not_lost);
	tcase_add_test(tcase, a_port_without_interrupts_polls);
	tcase_add_test(tcase, addresses_are_the_devices);
	tcase_add_test(tcase, a_bar_of_all_ones_is_no_device);
	tcase_add_test(tcase, a_bar_of_memory_is_no_controller);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
