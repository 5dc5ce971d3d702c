/* SPDX-License-Identifier: BSD-3-Clause */
/* Metadata and protection information, NVM 1.0 2.1.5 and 5.2. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "common/crc.h"
#include "common/random.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"
#include "tests/protocol/identify.h"

#define BLOCKS 8u
#define SLBA   100u

#define REF   NVME_MASK(NVME_RW_PRCHK_REF)
#define APP   NVME_MASK(NVME_RW_PRCHK_APP)
#define GUARD NVME_MASK(NVME_RW_PRCHK_GUARD)
#define PRACT NVME_MASK(NVME_RW_PRACT)
#define STC   NVME_MASK(NVME_RW_STC)
#define ALL   (REF | APP | GUARD)

/* A namespace's format, and how it is used. */
struct format {
	uint32_t lbads, ms;
	uint8_t pif, pi;
	bool first, extended;
	uint64_t lbstm_clear;
};

static const struct format formats[] = {
	{ 9, 8, 0, 1, false, false, 0 },   { 9, 8, 0, 1, true, true, 0 },
	{ 9, 16, 0, 2, false, true, 0 },   { 9, 64, 0, 1, false, false, 0 },
	{ 9, 64, 0, 3, true, false, 0 },   { 12, 8, 0, 1, false, true, 0 },
	{ 12, 16, 1, 1, false, false, 0 }, { 12, 16, 1, 2, true, true, 0 },
	{ 12, 16, 2, 1, false, true, 0 },  { 12, 16, 2, 3, false, false, 0 },
	{ 11, 8, 0, 1, false, false, 0 },  { 11, 16, 0, 2, true, true, 0 },
	{ 11, 64, 0, 3, false, true, 0 },  { 12, 16, 0, 1, true, false, 0 },
	{ 12, 64, 0, 2, false, true, 0 },  { 9, 8, 0, 0, false, false, 0 },
	{ 9, 64, 0, 0, false, true, 0 },   { 12, 16, 2, 0, false, false, 0 },
};
#define FORMATS	   (sizeof(formats) / sizeof(formats[0]))
#define PI_FORMATS 15 /* the first ones */

/* A host with a buffer for data and one for metadata, or one for both. */
struct bench {
	struct th_host *h;
	struct format f;
	uint64_t data, meta, list;
	uint32_t stride; /* from a block's data to the next one's */
};

#define KEYS "metadata=true,pi=true"

static struct bench make(struct format f, const char *keys)
{
	struct bench b = { .f = f };

	b.h = th_enabled(.io_queues = 1, .blocks = 512, .lbads = f.lbads, .controller = keys,
			 .ns = { .ms = f.ms,
				 .pif = f.pif,
				 .pi = f.pi,
				 .pi_first = f.first,
				 .extended = f.extended,
				 .lbstm_clear = f.lbstm_clear });
	b.data = th_alloc(b.h, 20 * 4096);
	b.meta = th_alloc(b.h, 4096);
	b.list = th_alloc(b.h, 4096);
	for (uint32_t i = 1; i < 20; i++)
		nvme_store_le64((uint8_t *)th_ptr(b.h, b.list) + 8 * (i - 1), b.data + 4096 * i);
	b.stride = (1u << f.lbads) + (f.extended ? f.ms : 0);
	return b;
}

static uint32_t tuple_bytes(const struct format *f)
{
	return f->pif ? 16 : 8;
}

static uint8_t *data_of(struct bench *b, uint32_t block)
{
	return (uint8_t *)th_ptr(b->h, b->data) + block * b->stride;
}

static uint8_t *meta_of(struct bench *b, uint32_t block)
{
	if (b->f.extended)
		return data_of(b, block) + (1u << b->f.lbads);
	return (uint8_t *)th_ptr(b->h, b->meta) + block * b->f.ms;
}

static uint8_t *tuple_of(struct bench *b, uint32_t block)
{
	return meta_of(b, block) + (b->f.first ? 0 : b->f.ms - tuple_bytes(&b->f));
}

/* @stripped: no metadata is transferred, so the blocks lie without gaps. */
static struct th_command command(struct bench *b, uint8_t opcode, uint32_t nlb, uint32_t flags)
{
	uint32_t bytes = nlb * b->stride;

	return (struct th_command){ .opcode = opcode,
				    .nsid = 1,
				    .prp1 = b->data,
				    .prp2 = bytes <= 8192 ? b->data + 4096 : b->list,
				    .mptr = b->meta,
				    .cdw10 = SLBA,
				    .cdw12 = (nlb - 1) | flags,
				    .cdw14 = SLBA,
				    .cdw15 = 0xffff0000 | 0x1234 };
}

static uint16_t io(struct bench *b, struct th_command c)
{
	return nvme_status_code(th_try_(b->h, 1, c, __LINE__));
}

/* A type 3 reference tag is not checked: REF would be an error. */
static uint32_t checks(const struct bench *b, uint32_t flags)
{
	return b->f.pi == NVME_PI_TYPE3 ? flags & ~REF : flags;
}

static void put_big(uint8_t *at, uint32_t bytes, uint64_t value)
{
	for (uint32_t i = bytes; i > 0; i--, value >>= 8)
		at[i - 1] = (uint8_t)value;
}

static uint64_t get_big(const uint8_t *at, uint32_t bytes)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static uint32_t guard_bytes(const struct format *f)
{
	return f->pif == 0 ? 2 : f->pif == 1 ? 4 : 8;
}

/* Data, the metadata before a tuple at the end, and nothing else (NVM 1.0 5.2.1.1). */
static uint64_t guard(struct bench *b, uint32_t block)
{
	uint32_t before = b->f.first ? 0 : b->f.ms - tuple_bytes(&b->f);
	const uint8_t *data = data_of(b, block), *meta = meta_of(b, block);
	uint32_t bytes = 1u << b->f.lbads;

	if (b->f.pif == 0)
		return nvme_crc16(nvme_crc16(0, data, bytes), meta, before);
	if (b->f.pif == 1)
		return nvme_crc32c(nvme_crc32c(0, data, bytes), meta, before);
	return nvme_crc64(nvme_crc64(0, data, bytes), meta, before);
}

/* The last four bytes of the tag are the low bits of the reference tag in each format. */
static uint8_t *ref_of(struct bench *b, uint32_t block)
{
	return tuple_of(b, block) + tuple_bytes(&b->f) - 4;
}

static void make_tuple(struct bench *b, uint32_t block, uint32_t lba)
{
	uint8_t *tuple = tuple_of(b, block);

	memset(tuple, 0, tuple_bytes(&b->f));
	put_big(tuple, guard_bytes(&b->f), guard(b, block));
	put_big(tuple + guard_bytes(&b->f), 2, 0x1234);
	put_big(ref_of(b, block), 4, lba);
}

static void fill(struct bench *b, uint32_t nlb, uint32_t version)
{
	for (uint32_t i = 0; i < nlb; i++) {
		nvme_pattern_fill(data_of(b, i), 1u << b->f.lbads, version, SLBA + i);
		memset(meta_of(b, i), (int)(version + i), b->f.ms);
		if (b->f.pi)
			make_tuple(b, i, SLBA + i);
	}
}

/* Bytes of what a host sees of @nlb blocks. */
static void keep(struct bench *b, uint32_t nlb, uint8_t *data, uint8_t *meta)
{
	for (uint32_t i = 0; i < nlb; i++) {
		memcpy(data + ((size_t)i << b->f.lbads), data_of(b, i), 1u << b->f.lbads);
		memcpy(meta + (size_t)i * b->f.ms, meta_of(b, i), b->f.ms);
	}
}

START_TEST(data_and_metadata_come_back_as_they_were_written)
{
	/* NVM 1.0 2.1.5: separate and interleaved, with tuples and without */
	struct bench b = make(formats[_i], KEYS);
	static uint8_t data[2][BLOCKS << 12], meta[2][BLOCKS * 64];
	uint32_t flags = b.f.pi ? checks(&b, ALL) : 0;

	fill(&b, BLOCKS, 3);
	keep(&b, BLOCKS, data[0], meta[0]);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, flags)), NVME_SC_SUCCESS);
	memset(th_ptr(b.h, b.data), 0xa5, 20 * 4096);
	memset(th_ptr(b.h, b.meta), 0xa5, 4096);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, flags)), NVME_SC_SUCCESS);
	keep(&b, BLOCKS, data[1], meta[1]);
	ck_assert_mem_eq(data[0], data[1], BLOCKS << b.f.lbads);
	ck_assert_mem_eq(meta[0], meta[1], BLOCKS * b.f.ms);
	ck_assert_uint_eq(*data_of(&b, BLOCKS), 0xa5);
	th_free(b.h);
}
END_TEST

START_TEST(pract_makes_the_tuple_that_the_host_would_have_made)
{
	/* NVM 1.0 5.2.2.2, unverified: inserted by the write, left there for a plain read */
	struct bench b = make(formats[_i], KEYS);
	static uint8_t data[2][BLOCKS << 12], meta[2][BLOCKS * 64];
	struct th_command c;

	fill(&b, BLOCKS, 5);
	keep(&b, BLOCKS, data[0], meta[0]);
	for (uint32_t i = 0; i < BLOCKS && b.f.ms > tuple_bytes(&b.f); i++)
		memset(tuple_of(&b, i), 0xee, tuple_bytes(&b.f));
	c = command(&b, NVME_CMD_WRITE, BLOCKS, PRACT);
	if (b.f.ms == tuple_bytes(&b.f)) { /* then nothing but data is transferred */
		memcpy(th_ptr(b.h, b.data), data[0], BLOCKS << b.f.lbads);
		memset(th_ptr(b.h, b.meta), 0xee, 4096);
	}
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	memset(th_ptr(b.h, b.data), 0, 20 * 4096);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, checks(&b, ALL))),
			  NVME_SC_SUCCESS);
	keep(&b, BLOCKS, data[1], meta[1]);
	ck_assert_mem_eq(data[0], data[1], BLOCKS << b.f.lbads);
	if (b.f.pi != NVME_PI_TYPE3) { /* whose reference tag does not count */
		ck_assert_mem_eq(meta[0], meta[1], BLOCKS * b.f.ms);
	} else {
		ck_assert_uint_eq(get_big(ref_of(&b, BLOCKS - 1), 4), SLBA);
	}
	th_free(b.h);
}
END_TEST

START_TEST(pract_strips_a_tuple_that_is_all_of_the_metadata)
{
	/* NVM 1.0 5.2.2.3, unverified: checked, and not transferred */
	struct bench b = make(formats[_i], KEYS);
	static uint8_t data[BLOCKS << 12], meta[BLOCKS * 64];

	if (b.f.ms != tuple_bytes(&b.f)) {
		th_free(b.h);
		return;
	}
	fill(&b, BLOCKS, 9);
	keep(&b, BLOCKS, data, meta);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, 0)), NVME_SC_SUCCESS);
	memset(th_ptr(b.h, b.data), 0xa5, 20 * 4096);
	memset(th_ptr(b.h, b.meta), 0xa5, 4096);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, checks(&b, PRACT | ALL))),
			  NVME_SC_SUCCESS);
	ck_assert_mem_eq(th_ptr(b.h, b.data), data, BLOCKS << b.f.lbads);
	ck_assert_uint_eq(((uint8_t *)th_ptr(b.h, b.data))[BLOCKS << b.f.lbads], 0xa5);
	ck_assert_uint_eq(*(uint8_t *)th_ptr(b.h, b.meta), 0xa5);
	th_free(b.h);
}
END_TEST

/* What is broken in block 3, which check finds it, and what it says. */
static const struct {
	uint32_t byte; /* 0: of the data; 1: guard; 2: application tag; 3: reference tag */
	uint32_t flag;
	uint16_t sc;
} faults[] = {
	{ 0, GUARD, NVME_SC_GUARD_CHECK_ERROR },
	{ 1, GUARD, NVME_SC_GUARD_CHECK_ERROR },
	{ 2, APP, NVME_SC_APP_TAG_CHECK_ERROR },
	{ 3, REF, NVME_SC_REF_TAG_CHECK_ERROR },
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static void break_block(struct bench *b, uint32_t block, uint32_t byte)
{
	uint8_t *const places[] = { data_of(b, block) + 77, tuple_of(b, block),
				    tuple_of(b, block) + guard_bytes(&b->f) + 1,
				    ref_of(b, block) + 3 };

	*places[byte] ^= 1;
}

START_TEST(each_check_finds_its_own_fault_in_both_directions)
{
	/* NVM 1.0 5.2.2: Guard, Application Tag and Reference Tag Check Error */
	struct bench b = make(formats[_i / (int)FAULTS], KEYS);
	uint32_t fault = (uint32_t)_i % FAULTS;
	uint32_t other = checks(&b, ALL) & ~faults[fault].flag;

	if (b.f.pi == NVME_PI_TYPE3 && faults[fault].flag == REF) {
		th_free(b.h);
		return;
	}
	fill(&b, BLOCKS, 2);
	break_block(&b, 3, faults[fault].byte);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, faults[fault].flag)),
			  faults[fault].sc);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, 3, faults[fault].flag)),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, other)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, faults[fault].flag)),
			  faults[fault].sc);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_VERIFY, BLOCKS, faults[fault].flag)),
			  faults[fault].sc);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, other)), NVME_SC_SUCCESS);
	th_free(b.h);
}
END_TEST

START_TEST(the_guard_is_named_before_the_tags)
{
	/* NVM 1.0 5.2.2, unverified: guard, application tag, reference tag, storage tag */
	struct bench b = make(formats[0], KEYS);

	fill(&b, 1, 2);
	for (uint32_t byte = 1; byte < 4; byte++)
		break_block(&b, 0, byte);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, 1, ALL)), NVME_SC_GUARD_CHECK_ERROR);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, 1, APP | REF)),
			  NVME_SC_APP_TAG_CHECK_ERROR);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, 1, REF)), NVME_SC_REF_TAG_CHECK_ERROR);
	th_free(b.h);
}
END_TEST

START_TEST(bits_outside_the_mask_do_not_count)
{
	/* NVM 1.0 3.2.4: LBATM */
	struct bench b = make(formats[0], KEYS);
	struct th_command c;

	fill(&b, 1, 2);
	c = command(&b, NVME_CMD_WRITE, 1, APP);
	c.cdw15 = 0xff00u << 16 | 0x12ff;
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	c.cdw15 = 0xff01u << 16 | 0x12ff;
	ck_assert_uint_eq(io(&b, c), NVME_SC_APP_TAG_CHECK_ERROR);
	c.cdw15 = 0;
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	th_free(b.h);
}
END_TEST

START_TEST(an_escape_value_switches_the_checks_of_its_block_off)
{
	/* NVM 1.0 5.2.2, unverified: application tag FFFFh; for type 3 reference tag ones, too */
	struct bench b = make(formats[_i], KEYS);
	uint32_t flags = checks(&b, ALL);

	fill(&b, BLOCKS, 4);
	break_block(&b, 3, 1);
	put_big(tuple_of(&b, 3) + guard_bytes(&b.f), 2, 0xffff);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, flags)),
			  b.f.pi == NVME_PI_TYPE3 ? NVME_SC_GUARD_CHECK_ERROR : NVME_SC_SUCCESS);
	memset(tuple_of(&b, 3), 0xff, tuple_bytes(&b.f));
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, flags)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, flags)), NVME_SC_SUCCESS);
	break_block(&b, 4, 0);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, flags)),
			  NVME_SC_GUARD_CHECK_ERROR);
	th_free(b.h);
}
END_TEST

START_TEST(a_reference_tag_that_no_block_can_have_is_invalid)
{
	/* NVM 1.0 3.2.4, unverified: Invalid Protection Information */
	struct bench b = make(formats[_i], KEYS);
	struct th_command c;

	fill(&b, 1, 4);
	c = command(&b, NVME_CMD_WRITE, 1, REF);
	c.cdw14 = b.f.pi == NVME_PI_TYPE3 ? SLBA : SLBA + 1;
	ck_assert_uint_eq(io(&b, c), b.f.pi == NVME_PI_TYPE2 ? NVME_SC_REF_TAG_CHECK_ERROR
							     : NVME_SC_INVALID_PI);
	c.cdw12 &= ~REF;
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	c.opcode = NVME_CMD_VERIFY;
	c.cdw12 |= PRACT;
	ck_assert_uint_eq(io(&b, c), NVME_SC_INVALID_PI);
	th_free(b.h);
}
END_TEST

START_TEST(type_2_counts_from_what_the_command_says)
{
	/* NVM 1.0 5.2.1.3: the initial reference tag is the host's */
	struct bench b = make(formats[2], KEYS);
	struct th_command c;

	fill(&b, BLOCKS, 4);
	for (uint32_t i = 0; i < BLOCKS; i++)
		make_tuple(&b, i, 0xfffffffe + i);
	c = command(&b, NVME_CMD_WRITE, BLOCKS, ALL);
	c.cdw14 = 0xfffffffe;
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	c.opcode = NVME_CMD_READ;
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	c.cdw14 = 0xfffffffd;
	ck_assert_uint_eq(io(&b, c), NVME_SC_REF_TAG_CHECK_ERROR);
	th_free(b.h);
}
END_TEST

START_TEST(storage_tags_are_checked_when_asked_for)
{
	/* NVM 1.0 5.2.1.4 and 4.1.5.3, unverified: 16 bits above the reference tag, LBSTM */
	struct format f = formats[_i & 1 ? 8 : 6];
	uint32_t clear = _i & 2 ? 0xff : 0;
	const struct nvme_id_ns_nvm *id;
	struct bench b;
	struct th_command c;
	uint32_t *tag = _i & 1 ? &c.cdw3 : &c.cdw2; /* the tags have 48 bits or 80 */

	f.lbstm_clear = clear;
	b = make(f, KEYS);
	id = identify(b.h, NVME_CNS_NS_CSI, 1);
	ck_assert_uint_eq(nvme_cpu64(id->lbstm), 0xffff & ~clear);
	ck_assert_uint_eq(id->pic, NVME_MASK(NVME_ID_NS_NVM_PIC_STCRS));
	fill(&b, 1, 4);
	put_big(tuple_of(&b, 0) + guard_bytes(&b.f) + 2, 2, 0xbeef);
	c = command(&b, NVME_CMD_WRITE, 1, checks(&b, ALL) | STC);
	*tag = 0xbeef & ~clear;
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	c.opcode = NVME_CMD_READ;
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	*tag ^= clear + 1;
	ck_assert_uint_eq(io(&b, c), NVME_SC_STORAGE_TAG_CHECK_ERROR);
	c.cdw12 &= ~STC;
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	th_free(b.h);
}
END_TEST

START_TEST(blocks_never_written_have_tuples_of_ones)
{
	/* NVM 1.0 3.2.3.2, unverified: FFh, so that nothing is checked; zeroed blocks likewise */
	struct bench b = make(formats[_i], KEYS);
	uint32_t flags = checks(&b, ALL);

	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, flags)), NVME_SC_SUCCESS);
	for (uint32_t i = 0; i < BLOCKS; i++) {
		ck_assert_uint_eq(get_big(tuple_of(&b, i), 8), UINT64_MAX);
		ck_assert_uint_eq(*data_of(&b, i), 0);
	}
	fill(&b, BLOCKS, 4);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, flags)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE_ZEROES, 2, 0)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, flags)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(get_big(tuple_of(&b, 1), 8), UINT64_MAX);
	ck_assert_uint_ne(get_big(tuple_of(&b, 2), 8), UINT64_MAX);
	th_free(b.h);
}
END_TEST

START_TEST(zeroes_with_pract_get_tuples_of_their_own)
{
	/* NVM 1.0 3.2.8, unverified */
	struct bench b = make(formats[_i], KEYS);
	uint32_t flags = checks(&b, ALL);

	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE_ZEROES, 200, PRACT)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, flags)), NVME_SC_SUCCESS);
	for (uint32_t i = 0; i < BLOCKS; i++) {
		ck_assert_uint_eq(get_big(tuple_of(&b, i), guard_bytes(&b.f)), guard(&b, i));
		ck_assert_uint_eq(get_big(tuple_of(&b, i) + guard_bytes(&b.f), 2), 0x1234);
	}
	th_free(b.h);
}
END_TEST

START_TEST(compare_checks_tuples_and_compares_the_rest)
{
	/* NVM 1.0 3.2.1, unverified: the tuple itself is not compared */
	struct bench b = make(formats[_i], KEYS);
	uint32_t flags = b.f.pi ? checks(&b, ALL) : 0;
	uint32_t own = b.f.pi ? tuple_bytes(&b.f) : 0;

	fill(&b, BLOCKS, 6);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, flags)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_COMPARE, BLOCKS, flags)), NVME_SC_SUCCESS);
	*data_of(&b, 5) ^= 1;
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_COMPARE, BLOCKS, flags)),
			  NVME_SC_COMPARE_FAILURE);
	*data_of(&b, 5) ^= 1;
	if (b.f.ms > own) {
		uint8_t *byte = meta_of(&b, 5) + (b.f.first ? b.f.ms - 1 : 0);

		*byte ^= 1;
		ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_COMPARE, BLOCKS, flags)),
				  NVME_SC_COMPARE_FAILURE);
		*byte ^= 1;
	}
	if (own)
		memset(tuple_of(&b, 5), 0x5a, own);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_COMPARE, BLOCKS, flags)), NVME_SC_SUCCESS);
	th_free(b.h);
}
END_TEST

START_TEST(interleaved_metadata_counts_for_the_largest_transfer)
{
	/* Base 2.0 5.17.2.1, MDTS: 8 KiB are 16 blocks without metadata, 15 with 16 bytes each */
	struct bench b = make(formats[_i ? 2 : 0], KEYS ",mdts=1");
	uint32_t most = _i ? 15 : 16;

	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, most, 0)), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, most + 1, 0)), NVME_SC_INVALID_FIELD);
	th_free(b.h);
}
END_TEST

START_TEST(protection_is_ignored_where_there_is_none)
{
	/* NVM 1.0 5.2.2: PRINFO counts only in a namespace with protection information. */
	struct bench b = make(formats[PI_FORMATS + _i], KEYS);

	fill(&b, BLOCKS, 6);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_WRITE, BLOCKS, PRACT | ALL | STC)),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_COMPARE, BLOCKS, PRACT | ALL)),
			  NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(&b, command(&b, NVME_CMD_READ, BLOCKS, PRACT | ALL)), NVME_SC_SUCCESS);
	th_free(b.h);
}
END_TEST

START_TEST(metadata_needs_its_buffer)
{
	/* Base 2.0 3.3.3.1, unverified: MPTR on a dword, in memory that is there */
	struct bench b = make(formats[0], KEYS);
	struct th_command c = command(&b, NVME_CMD_READ, BLOCKS, 0);

	c.mptr = b.meta + 2;
	ck_assert_uint_eq(io(&b, c), NVME_SC_INVALID_FIELD);
	c.mptr = b.meta + 4;
	ck_assert_uint_eq(io(&b, c), NVME_SC_SUCCESS);
	c.mptr = 0x10;
	ck_assert_uint_eq(io(&b, c), NVME_SC_DATA_TRANSFER_ERROR);
	c.opcode = NVME_CMD_WRITE;
	ck_assert_uint_eq(io(&b, c), NVME_SC_DATA_TRANSFER_ERROR);
	th_free(b.h);
}
END_TEST

static void add_checks(TCase *tcase)
{
	tcase_add_loop_test(tcase, each_check_finds_its_own_fault_in_both_directions, 0,
			    PI_FORMATS * (int)FAULTS);
	tcase_add_test(tcase, the_guard_is_named_before_the_tags);
	tcase_add_test(tcase, bits_outside_the_mask_do_not_count);
	tcase_add_loop_test(tcase, an_escape_value_switches_the_checks_of_its_block_off, 0,
			    PI_FORMATS);
	tcase_add_loop_test(tcase, a_reference_tag_that_no_block_can_have_is_invalid, 0,
			    PI_FORMATS);
	tcase_add_test(tcase, type_2_counts_from_what_the_command_says);
	tcase_add_loop_test(tcase, storage_tags_are_checked_when_asked_for, 0, 4);
}

static Suite *protection(void)
{
	Suite *suite = suite_create("protection");
	TCase *tcase = tcase_create("protection");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, data_and_metadata_come_back_as_they_were_written, 0, FORMATS);
	tcase_add_loop_test(tcase, pract_makes_the_tuple_that_the_host_would_have_made, 0,
			    PI_FORMATS);
	tcase_add_loop_test(tcase, pract_strips_a_tuple_that_is_all_of_the_metadata, 0, PI_FORMATS);
	add_checks(tcase);
	tcase_add_loop_test(tcase, blocks_never_written_have_tuples_of_ones, 0, PI_FORMATS);
	tcase_add_loop_test(tcase, zeroes_with_pract_get_tuples_of_their_own, 0, PI_FORMATS);
	tcase_add_loop_test(tcase, compare_checks_tuples_and_compares_the_rest, 0, FORMATS);
	tcase_add_loop_test(tcase, interleaved_metadata_counts_for_the_largest_transfer, 0, 2);
	tcase_add_loop_test(tcase, protection_is_ignored_where_there_is_none, 0, 3);
	tcase_add_test(tcase, metadata_needs_its_buffer);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { protection };

	return th_main(suites, 1);
}
