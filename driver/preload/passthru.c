/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands that the program made itself: the ioctls of <linux/nvme_ioctl.h> that pass them on. */
#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "common/nvme_names.h"
#include "driver/preload/preload.h"

/*
 * struct nvme_passthru_cmd64 has the same members as struct nvme_passthru_cmd, and a wider result
 * at the end; so both are read as the larger one.
 */
_Static_assert(offsetof(struct nvme_passthru_cmd64, timeout_ms) ==
		       offsetof(struct nvme_passthru_cmd, timeout_ms),
	       "the two forms differ in their result only");

static bool is_admin(unsigned long request)
{
	return request == NVME_IOCTL_ADMIN_CMD || request == NVME_IOCTL_ADMIN64_CMD;
}

static bool is_64(unsigned long request)
{
	return request == NVME_IOCTL_ADMIN64_CMD || request == NVME_IOCTL_IO64_CMD;
}

/*
 * Linux passes I/O commands on only with the namespace of the descriptor; through the controller,
 * with the one namespace that it has. People who send an admin command by the wrong ioctl would
 * otherwise wonder what "invalid argument" means.
 */
static int check_io(const struct pre_file *file, const struct nvme_passthru_cmd64 *cmd)
{
	uint32_t nsid = file->node.nsid;

	if (nsid == 0 && nvl_ns_count(pre_ctrl()) == 0)
		return pre_fail(ENOTTY);
	if (nsid == 0 && nvl_ns_count(pre_ctrl()) > 1) {
		pre_say("an I/O command by /dev/nvme0, which has several namespaces: open "
			"/dev/nvme0n1 or another");
		return pre_fail(EINVAL);
	}
	if (nsid == 0)
		nsid = nvl_ns_at(pre_ctrl(), 0)->nsid;
	if (cmd->nsid == nsid)
		return 0;
	pre_say("an I/O command (opcode %02xh) for namespace %u by a descriptor of namespace %u is "
		"refused, "
		"as by Linux; admin commands go by NVME_IOCTL_ADMIN_CMD",
		cmd->opcode, cmd->nsid, nsid);
	return pre_fail(EINVAL);
}

static void fill_sqe(const struct nvme_passthru_cmd64 *cmd, struct nvme_sqe *sqe)
{
	*sqe = (struct nvme_sqe){
		.opcode = cmd->opcode,
		.nsid = nvme_le32(cmd->nsid),
		.cdw2 = nvme_le32(cmd->cdw2),
		.cdw3 = nvme_le32(cmd->cdw3),
		.cdw10 = nvme_le32(cmd->cdw10),
		.cdw11 = nvme_le32(cmd->cdw11),
		.cdw12 = nvme_le32(cmd->cdw12),
		.cdw13 = nvme_le32(cmd->cdw13),
		.cdw14 = nvme_le32(cmd->cdw14),
		.cdw15 = nvme_le32(cmd->cdw15),
	};
}

/* struct user_data - what the program gave a command: data, then metadata in the same buffer */
struct user_data {
	void *data;
	uint32_t bytes;
	void *metadata;
	uint32_t metadata_bytes;
};

static uint64_t metadata_offset(const struct user_data *user)
{
	return ((uint64_t)user->bytes + 7) & ~UINT64_C(7);
}

static bool to_controller(uint8_t opcode)
{
	return (opcode & 1) != 0;
}

static bool from_controller(uint8_t opcode)
{
	return (opcode & 2) != 0;
}

/* As Linux: without a pointer there is no memory, and no command moves more than the device can. */
static int check_memory(struct user_data *user)
{
	uint64_t most = nvl_info(pre_ctrl())->max_transfer_bytes;

	if (!user->data)
		user->bytes = 0;
	if (!user->metadata)
		user->metadata_bytes = 0;
	return user->bytes <= most && user->metadata_bytes <= most ? 0 : pre_fail(EINVAL);
}

static void copy_in(const struct nvl_buffer *buffer, const struct user_data *user)
{
	if (user->bytes > 0)
		memcpy(buffer->data, user->data, user->bytes);
	if (user->metadata_bytes > 0)
		memcpy((char *)buffer->data + metadata_offset(user), user->metadata,
		       user->metadata_bytes);
}

static void copy_out(const struct nvl_buffer *buffer, const struct user_data *user)
{
	if (user->bytes > 0)
		memcpy(user->data, buffer->data, user->bytes);
	if (user->metadata_bytes > 0)
		memcpy(user->metadata, (char *)buffer->data + metadata_offset(user),
		       user->metadata_bytes);
}

/* Return: the status of the controller, 0 or more; -1 with errno. */
static int execute(struct nvl_queue *queue, const struct nvme_sqe *sqe, struct user_data *user,
		   struct nvl_completion *completion)
{
	struct nvl_command command = { .sqe = sqe };
	struct nvl_data data, metadata;
	struct nvl_buffer *buffer;
	int result;

	if (check_memory(user) != 0)
		return -1;
	buffer = pre_buffer(metadata_offset(user) + user->metadata_bytes + 1);
	if (!buffer)
		return -1;
	data = (struct nvl_data){ buffer, 0, user->bytes };
	metadata = (struct nvl_data){ buffer, metadata_offset(user), user->metadata_bytes };
	if (user->bytes > 0)
		command.data = &data;
	if (user->metadata_bytes > 0)
		command.metadata = &metadata;
	if (to_controller(sqe->opcode))
		copy_in(buffer, user);
	result = nvl_execute_command(queue, &command, completion);
	if (result < 0)
		return pre_fail(result == -NVL_EINVAL ? EINVAL : EIO);
	if (result == 0 && from_controller(sqe->opcode))
		copy_out(buffer, user);
	return result;
}

/* As Linux: after a command that may change namespaces it looks what there is. */
static void look_again(uint8_t opcode)
{
	switch (opcode) {
	case NVME_ADMIN_NS_MGMT:
	case NVME_ADMIN_NS_ATTACH:
	case NVME_ADMIN_FORMAT_NVM:
	case NVME_ADMIN_SANITIZE:
		nvl_rescan(pre_ctrl());
		break;
	default:
		break;
	}
}

int pre_passthru(struct pre_file *file, unsigned long request, void *argument)
{
	struct nvme_passthru_cmd64 cmd;
	struct nvl_completion completion = { 0 };
	struct nvl_queue *queue;
	struct user_data user;
	struct nvme_sqe sqe;
	int result;

	memcpy(&cmd, argument, offsetof(struct nvme_passthru_cmd64, timeout_ms));
	if (cmd.flags != 0)
		return pre_fail(EINVAL);
	if (!is_admin(request) && check_io(file, &cmd) != 0)
		return -1;
	queue = is_admin(request) ? nvl_admin_queue(pre_ctrl()) : pre_queue();
	if (!queue)
		return -1;
	fill_sqe(&cmd, &sqe);
	user = (struct user_data){ (void *)(uintptr_t)cmd.addr, cmd.data_len,
				   (void *)(uintptr_t)cmd.metadata, cmd.metadata_len };
	result = execute(queue, &sqe, &user, &completion);
	if (result < 0)
		return -1;
	cmd.result = completion.dw0 | (uint64_t)completion.dw1 << 32;
	if (is_64(request))
		((struct nvme_passthru_cmd64 *)argument)->result = cmd.result;
	else
		((struct nvme_passthru_cmd *)argument)->result = completion.dw0;
	if (is_admin(request) && result == 0)
		look_again(cmd.opcode);
	return result;
}

/*
 * Where the namespace has metadata they are behind each block's data, or in memory of their own,
 * which there has to be then; but none where the controller makes and takes them (PRACT).
 */
static int find_memory(const struct nvme_user_io *io, const struct nvl_ns *ns,
		       struct user_data *ret_user)
{
	uint32_t nlb = io->nblocks + 1u;
	bool pract = NVME_GET((uint32_t)io->control << 16, NVME_RW_PRACT);
	uint32_t metadata_bytes = pract && nvl_pi_alone(ns) ? 0 : ns->metadata_bytes;
	uint64_t block_bytes = ns->block_bytes + (ns->extended ? metadata_bytes : 0);
	bool separate = metadata_bytes > 0 && !ns->extended;

	*ret_user = (struct user_data){ .data = (void *)(uintptr_t)io->addr };
	if (nlb * block_bytes > nvl_info(pre_ctrl())->max_transfer_bytes ||
	    (separate && (io->metadata == 0 || io->metadata % 4 != 0)) ||
	    (pract && nvl_pi_alone(ns) && io->metadata != 0))
		return pre_fail(EINVAL);
	ret_user->bytes = (uint32_t)(nlb * block_bytes);
	if (separate) {
		ret_user->metadata = (void *)(uintptr_t)io->metadata;
		ret_user->metadata_bytes = nlb * metadata_bytes;
	}
	return 0;
}

/* NVME_IOCTL_SUBMIT_IO has a namespace and its format, and is refused where there is none. */
int pre_submit_io(struct pre_file *file, unsigned long request, void *argument)
{
	const struct nvl_ns *ns = nvl_ns_find(pre_ctrl(), file->node.nsid);
	struct nvl_queue *queue = pre_queue();
	struct nvl_completion completion;
	struct nvme_user_io io;
	struct user_data user;
	struct nvme_sqe sqe;

	(void)request;
	memcpy(&io, argument, sizeof(io));
	if (!ns)
		return pre_fail(ENOTTY);
	if (!queue)
		return -1;
	if (io.flags != 0 || ns->problem != 0 ||
	    (io.opcode != NVME_CMD_READ && io.opcode != NVME_CMD_WRITE &&
	     io.opcode != NVME_CMD_COMPARE))
		return pre_fail(EINVAL);
	if (find_memory(&io, ns, &user) != 0)
		return -1;
	sqe = (struct nvme_sqe){
		.opcode = io.opcode,
		.nsid = nvme_le32(ns->nsid),
		.cdw10 = nvme_le32((uint32_t)io.slba),
		.cdw11 = nvme_le32((uint32_t)(io.slba >> 32)),
		.cdw12 = nvme_le32(io.nblocks | (uint32_t)io.control << 16),
		.cdw13 = nvme_le32(io.dsmgmt),
		.cdw14 = nvme_le32(io.reftag),
		.cdw15 = nvme_le32(io.apptag | (uint32_t)io.appmask << 16),
	};
	return execute(queue, &sqe, &user, &completion);
}
