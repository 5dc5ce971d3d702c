/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages that are cut, glued, too long or no messages at all; VERSION with every kind of JSON;
 * descriptors in numbers and places where nobody expects them.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/hostile/client.h"

static struct raw_server server;
static unsigned int fds_before;

static unsigned int count_fds(void)
{
	struct raw_client client;
	unsigned int fds;

	raw_open(&client, &server);
	fds = raw_server_fds(&server);
	raw_disconnect(&client);
	return fds;
}

static void start(void)
{
	raw_server_start(&server, NULL, 0);
	fds_before = count_fds();
}

/* Few descriptors: 3 standard ones, 6 of the server's own, and some to receive. */
static void start_poor(void)
{
	raw_server_start(&server, NULL, 20);
	fds_before = count_fds();
}

static void end(void)
{
	ck_assert_int_eq(raw_server_end(&server), 0);
}

static void expect_unharmed(void)
{
	ck_assert(raw_server_alive(&server));
	ck_assert_uint_eq(count_fds(), fds_before);
}

/* Whether the server closed the connection without another word. */
static bool is_closed(struct raw_client *client)
{
	struct vfu_header header;
	char rest[256];

	return raw_receive(client, &header, rest, sizeof(rest)) == RAW_CLOSED;
}

/* Headers after which the two sides have lost each other. */
static const struct vfu_header lost[] = {
	{ 1, VFU_DEVICE_GET_INFO, 0, 0, 0 },
	{ 1, VFU_DEVICE_GET_INFO, 8, 0, 0 },
	{ 1, VFU_DEVICE_GET_INFO, 15, 0, 0 },
	{ 1, VFU_DEVICE_GET_INFO, UINT32_MAX, 0, 0 },
	{ 1, VFU_REGION_WRITE, (1 << 20) + 4097, 0, 0 },
	{ 1, VFU_REGION_WRITE, 1u << 31, 0, 0 },
	{ 1, VFU_DEVICE_GET_INFO, 16, VFU_FLAG_REPLY, 0 },
	{ 1, VFU_DMA_READ, 16, VFU_FLAG_REPLY, 0 },
	{ 1, VFU_DMA_READ, 16, VFU_FLAG_REPLY | VFU_FLAG_ERROR, EIO },
	{ 1, VFU_DEVICE_GET_INFO, 16, 2, 0 },
	{ 1, VFU_DEVICE_GET_INFO, 16, 15, 0 },
	{ 1, VFU_DEVICE_GET_INFO, 16, 2 | VFU_FLAG_NO_REPLY, 0 },
};

START_TEST(a_header_that_cannot_be_ends_the_connection)
{
	struct raw_client client;

	raw_open(&client, &server);
	raw_send_raw(&client, &lost[_i], sizeof(lost[_i]), NULL, 0);
	ck_assert(is_closed(&client));
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(it_ends_the_connection_before_version_too)
{
	struct raw_client client;

	raw_connect(&client, &server);
	raw_send_raw(&client, &lost[_i], sizeof(lost[_i]), NULL, 0);
	ck_assert(is_closed(&client));
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

struct info_message {
	struct vfu_header header;
	struct vfu_device_info info;
};

static struct info_message make_info(uint16_t id)
{
	return (struct info_message){
		.header = { id, VFU_DEVICE_GET_INFO, sizeof(struct info_message), 0, 0 },
		.info = { .argsz = sizeof(struct vfu_device_info) },
	};
}

static void expect_info(struct raw_client *client, uint16_t id)
{
	struct vfu_device_info info;
	struct vfu_header header;

	ck_assert_int_eq(raw_receive(client, &header, &info, sizeof(info)), sizeof(info));
	ck_assert_uint_eq(header.msg_id, id);
	ck_assert_uint_eq(header.flags, VFU_FLAG_REPLY);
}

START_TEST(a_message_may_come_byte_by_byte)
{
	const struct info_message message = make_info(77);
	struct raw_client client;

	raw_open(&client, &server);
	for (size_t i = 0; i < sizeof(message); i++)
		raw_send_raw(&client, (const char *)&message + i, 1, NULL, 0);
	expect_info(&client, 77);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(a_hundred_messages_may_come_at_once)
{
	struct info_message messages[100];
	struct raw_client client;

	raw_open(&client, &server);
	for (uint16_t i = 0; i < 100; i++)
		messages[i] = make_info(i);
	raw_send_raw(&client, messages, sizeof(messages), NULL, 0);
	for (uint16_t i = 0; i < 100; i++)
		expect_info(&client, i);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(a_client_may_stall_in_the_middle_and_leave)
{
	const struct info_message message = make_info(1);
	struct raw_client client;

	raw_open(&client, &server);
	raw_send_raw(&client, &message, (size_t)_i, NULL, 0);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(a_silent_client_may_leave)
{
	struct raw_client client;

	raw_connect(&client, &server);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

struct map_message {
	struct vfu_header header;
	struct vfu_dma_map map;
};

START_TEST(descriptors_may_come_with_the_body)
{
	const struct map_message message = {
		.header = { 5, VFU_DMA_MAP, sizeof(message), 0, 0 },
		.map = { .argsz = 32, .flags = 3, .size = 4096 },
	};
	struct vfu_header header;
	struct raw_client client;
	int fd = memfd_create("memory", MFD_CLOEXEC);

	ck_assert_int_eq(ftruncate(fd, 4096), 0);
	raw_open(&client, &server);
	raw_send_raw(&client, &message.header, sizeof(message.header), NULL, 0);
	raw_send_raw(&client, &message.map, sizeof(message.map), &fd, 1);
	ck_assert_int_eq(raw_receive(&client, &header, NULL, 0), 0);
	ck_assert_uint_eq(header.flags, VFU_FLAG_REPLY);
	ck_assert_int_eq(raw_unmap(&client, 0, 4096), 0);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(descriptors_of_two_parts_are_those_of_one_message)
{
	const struct map_message message = {
		.header = { 5, VFU_DMA_MAP, sizeof(message), 0, 0 },
		.map = { .argsz = 32, .flags = 3, .size = 4096 },
	};
	struct vfu_header header;
	struct raw_client client;
	int fd = memfd_create("memory", MFD_CLOEXEC);

	raw_open(&client, &server);
	raw_send_raw(&client, &message.header, sizeof(message.header), &fd, 1);
	raw_send_raw(&client, &message.map, sizeof(message.map), &fd, 1);
	ck_assert_int_eq(raw_receive(&client, &header, NULL, 0), 0);
	ck_assert_uint_eq(header.error_no, EINVAL);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(descriptors_of_a_message_that_never_ends_are_closed)
{
	const struct map_message message = {
		.header = { 5, VFU_DMA_MAP, sizeof(message), 0, 0 },
	};
	struct raw_client client;
	int fds[16];

	for (unsigned int i = 0; i < 16; i++)
		fds[i] = STDIN_FILENO;
	raw_open(&client, &server);
	raw_send_raw(&client, &message, 20, fds, 16);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(as_many_descriptors_as_the_kernel_carries_are_closed)
{
	const struct vfu_set_irqs set = { sizeof(set), 0x24, VFU_IRQ_MSIX, 0, RAW_FDS_MAX };
	struct raw_client client;
	int fds[RAW_FDS_MAX];

	for (unsigned int i = 0; i < RAW_FDS_MAX; i++)
		fds[i] = STDIN_FILENO;
	raw_open(&client, &server);
	ck_assert_int_eq(raw_set_irqs(&client, set, NULL, 0, fds, RAW_FDS_MAX), EINVAL);
	ck_assert(raw_works(&client));
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(version_with_descriptors_is_refused)
{
	static const unsigned int counts[] = { 1, RAW_FDS_MAX };
	const struct vfu_version version = { 0, 1 };
	struct raw_client client;
	int fds[RAW_FDS_MAX];

	for (unsigned int i = 0; i < RAW_FDS_MAX; i++)
		fds[i] = STDIN_FILENO;
	raw_connect(&client, &server);
	ck_assert_int_eq(
		raw_call(&client, VFU_VERSION, &version, sizeof(version), fds, counts[_i], NULL, 0),
		EINVAL);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

/* More than the server can take: the kernel drops some, so nothing can be said of the message. */
START_TEST(without_descriptors_left_the_connection_ends)
{
	const struct vfu_device_info info = { .argsz = sizeof(info) };
	struct raw_client client;
	int fds[30];

	for (unsigned int i = 0; i < 30; i++)
		fds[i] = STDIN_FILENO;
	raw_open(&client, &server);
	raw_send(&client, VFU_DEVICE_GET_INFO, 0, &info, sizeof(info), fds, 30);
	ck_assert(is_closed(&client));
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

/* VERSION. */

/* @ok: agreed; else an error and the end of the connection */
struct text {
	const char *json;
	bool ok;
};

#define CAPS(text) "{\"capabilities\":{" text "}}"

static const struct text texts[] = {
	/* clang-format off */
	{ NULL, true },
	{ "{}", true },
	{ "  {  }  ", true },
	{ CAPS(""), true },
	{ "{\"capabilities\":{},\"other\":[1,2,{\"a\":null}]}", true },
	{ CAPS("\"max_msg_fds\":8"), true },
	{ CAPS("\"max_msg_fds\":0"), true },
	{ CAPS("\"max_msg_fds\":1,\"max_msg_fds\":2"), true },
	{ CAPS("\"migration\":{\"pgsize\":4096},\"twin_socket\":{\"supported\":true}"), true },
	{ CAPS("\"unknown\":-1.5e10"), true },
	{ CAPS("\"unknown\":\"\\u00e4\\n\""), true },
	{ CAPS("\"write_multiple\":true"), true },
	{ CAPS("\"pgsizes\":4096"), true },
	{ "", false },
	{ "[]", false },
	{ "1", false },
	{ "null", false },
	{ "{", false },
	{ "}", false },
	{ "{\"capabilities\":{}", false },
	{ "{\"capabilities\":{}}}", false },
	{ "{\"capabilities\":{}} x", false },
	{ "{\"capabilities\"}", false },
	{ "{\"capabilities\":[]}", false },
	{ "{\"capabilities\":1}", false },
	{ "{\"capabilities\":null}", false },
	{ "{\"capabilities\":{},}", false },
	{ "{'capabilities':{}}", false },
	{ CAPS("\"max_msg_fds\":\"x\""), false },
	{ CAPS("\"max_msg_fds\":-1"), false },
	{ CAPS("\"max_msg_fds\":1.5"), false },
	{ CAPS("\"max_msg_fds\":9223372036854775808"), false },
	{ CAPS("\"max_msg_fds\":99999999999999999999999999"), false },
	{ CAPS("\"max_msg_fds\":"), false },
	{ CAPS("\"max_msg_fds\":true"), false },
	{ CAPS("\"max_data_xfer_size\":0"), false },
	{ CAPS("\"max_dma_maps\":0"), false },
	{ CAPS("\"pgsizes\":0"), false },
	{ CAPS("\"pgsizes\":3"), false },
	{ CAPS("\"write_multiple\":1"), false },
	{ CAPS("\"a\":01"), false },
	{ CAPS("\"a\":tru"), false },
	{ CAPS("\"a\":\"\\x\""), false },
	{ CAPS("\"a\":\"\\u12\""), false },
	{ CAPS("\"a\":\"\t\""), false },
	{ CAPS("\"a\":\"no end}}"), false },
	{ CAPS("\"a\":\"\xff\xfe\""), true },
	/* clang-format on */
};

START_TEST(version_reads_json_and_survives_what_is_none)
{
	struct raw_client client;

	raw_connect(&client, &server);
	ck_assert_msg(raw_version(&client, texts[_i].json) == (texts[_i].ok ? 0 : EINVAL), "%s",
		      texts[_i].json);
	ck_assert_int_eq(raw_works(&client), texts[_i].ok);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

/* VERSION 0.1 with @bytes bytes of @text, exactly. */
static int send_version(const char *text, size_t bytes)
{
	char *message = malloc(4 + bytes);
	struct raw_client client;
	char reply[VFU_VERSION_REPLY_MAX];
	int result;

	memcpy(message, "\0\0\1\0", 4);
	memcpy(message + 4, text, bytes);
	raw_connect(&client, &server);
	result = raw_call(&client, VFU_VERSION, message, 4 + bytes, NULL, 0, reply, sizeof(reply));
	raw_disconnect(&client);
	free(message);
	return result;
}

START_TEST(json_ends_with_its_only_nul)
{
	ck_assert_int_eq(send_version("{}", 2), EINVAL);
	ck_assert_int_eq(send_version("{}\0", 3), 0);
	ck_assert_int_eq(send_version("{}\0\0", 4), EINVAL);
	ck_assert_int_eq(send_version("{\0}\0", 4), EINVAL);
	ck_assert_int_eq(send_version("\0", 1), EINVAL);
	expect_unharmed();
}
END_TEST

START_TEST(json_is_bounded_in_depth_and_length)
{
	const size_t bytes = 1 << 20;
	char *text = malloc(bytes);

	memset(text, '[', bytes);
	text[4095] = '\0';
	memcpy(text, "{\"a\":", 5);
	ck_assert_int_eq(send_version(text, 4096), EINVAL);
	memset(text, ' ', bytes);
	memcpy(text, "{}", 2);
	text[4095] = '\0';
	ck_assert_int_eq(send_version(text, 4096), 0);
	text[4095] = ' ';
	text[4096] = '\0';
	ck_assert_int_eq(send_version(text, 4097), EINVAL);
	text[bytes - 1] = '\0';
	ck_assert_int_eq(send_version(text, bytes), EINVAL);
	free(text);
	expect_unharmed();
}
END_TEST

static const struct {
	struct vfu_version ask;
	int error;
	uint16_t minor;
} versions[] = {
	{ { 0, 0 }, 0, 0 },	{ { 0, 1 }, 0, 1 },	 { { 0, 2 }, 0, 1 },
	{ { 0, 65535 }, 0, 1 }, { { 1, 0 }, EINVAL, 0 }, { { 65535, 0 }, EINVAL, 0 },
};

START_TEST(version_answers_a_minor_that_both_know)
{
	struct vfu_version reply = { 99, 99 };
	struct raw_client client;

	raw_connect(&client, &server);
	ck_assert_int_eq(raw_call(&client, VFU_VERSION, &versions[_i].ask, sizeof(reply), NULL, 0,
				  &reply, sizeof(reply)),
			 versions[_i].error);
	if (versions[_i].error == 0)
		ck_assert_uint_eq(reply.minor, versions[_i].minor);
	raw_disconnect(&client);
	expect_unharmed();
}
END_TEST

START_TEST(the_reply_to_version_fits_into_the_request_of_qemu)
{
	char reply[VFU_VERSION_REPLY_MAX];
	const char *json = reply + sizeof(struct vfu_version);
	const char request[] = "\0\0\0\0{\"capabilities\":{\"max_msg_fds\":16}}";
	struct vfu_header header;
	struct raw_client client;
	long bytes;

	raw_connect(&client, &server);
	raw_send(&client, VFU_VERSION, 0, request, sizeof(request), NULL, 0);
	bytes = raw_receive(&client, &header, reply, sizeof(reply) - sizeof(header));
	ck_assert_int_gt(bytes, 4);
	ck_assert_int_eq(reply[bytes - 1], '\0');
	ck_assert_ptr_nonnull(strstr(json, "\"max_msg_fds\":16"));
	ck_assert_ptr_nonnull(strstr(json, "\"max_data_xfer_size\":1048576"));
	ck_assert_ptr_null(strstr(json, "write_multiple"));
	raw_disconnect(&client);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static Suite *framing(void)
{
	Suite *suite = suite_create("framing");
	TCase *frames = tcase_create("frames");
	TCase *version = tcase_create("version");
	TCase *poor = tcase_create("few descriptors");

	tcase_add_unchecked_fixture(frames, start, end);
	tcase_set_timeout(frames, 120);
	tcase_add_loop_test(frames, a_header_that_cannot_be_ends_the_connection, 0, COUNT(lost));
	tcase_add_loop_test(frames, it_ends_the_connection_before_version_too, 0, COUNT(lost));
	tcase_add_test(frames, a_message_may_come_byte_by_byte);
	tcase_add_test(frames, a_hundred_messages_may_come_at_once);
	tcase_add_loop_test(frames, a_client_may_stall_in_the_middle_and_leave, 1, 32);
	tcase_add_test(frames, a_silent_client_may_leave);
	tcase_add_test(frames, descriptors_may_come_with_the_body);
	tcase_add_test(frames, descriptors_of_two_parts_are_those_of_one_message);
	tcase_add_test(frames, descriptors_of_a_message_that_never_ends_are_closed);
	tcase_add_test(frames, as_many_descriptors_as_the_kernel_carries_are_closed);
	suite_add_tcase(suite, frames);
	tcase_add_unchecked_fixture(version, start, end);
	tcase_set_timeout(version, 120);
	tcase_add_loop_test(version, version_with_descriptors_is_refused, 0, 2);
	tcase_add_loop_test(version, version_reads_json_and_survives_what_is_none, 0, COUNT(texts));
	tcase_add_test(version, json_ends_with_its_only_nul);
	tcase_add_test(version, json_is_bounded_in_depth_and_length);
	tcase_add_loop_test(version, version_answers_a_minor_that_both_know, 0, COUNT(versions));
	tcase_add_test(version, the_reply_to_version_fits_into_the_request_of_qemu);
	suite_add_tcase(suite, version);
	tcase_add_unchecked_fixture(poor, start_poor, end);
	tcase_set_timeout(poor, 120);
	tcase_add_test(poor, without_descriptors_left_the_connection_ends);
	suite_add_tcase(suite, poor);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ framing }, 1);
}
