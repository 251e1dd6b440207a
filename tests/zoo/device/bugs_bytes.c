/* Bugs of bytes: sizes, addresses, pages, cache lines, and memory that is somebody else's. */
#include <string.h>

#include "device.h"

static uint32_t text_size(const struct job *job)
{
    return zoo_is_hash(job->session) ? 0 : job->work.size;
}

/* ---- sizes ---- */

/* The length field of a descriptor has 16 bits. */
static void length_of_16_bits(struct job *job)
{
    if (job->work.size > 65535)
        zoo_spoil_from(job, job->work.size & 0xffff);
}

static void one_size(struct job *job)
{
    if (job->work.size == 2048)
        zoo_spoil(job);
}

/* A text of more than 15 segments (pages) is cut. */
static void segments_of_pages(struct job *job)
{
    uintptr_t at = (uintptr_t)job->work.src;
    uint32_t most = 15 * 4096 - at % 4096;
    if (job->work.size > most)
        zoo_spoil_from(job, most);
}

/* Two descriptors for a text that crosses 64 KiB of the address space; the second one's address is wrong. */
static void crosses_64_kib(struct job *job)
{
    uintptr_t at = (uintptr_t)job->work.dst;
    uint32_t left = (uint32_t)(65536 - at % 65536);
    if (text_size(job) > left)
        zoo_spoil_from(job, left);
}

/* The same for the pages of an output that does not begin on a multiple of four. */
static void unaligned_across_pages(struct job *job)
{
    uint32_t left = (uint32_t)(4096 - (uintptr_t)job->work.dst % 4096);
    if ((uintptr_t)job->work.dst % 4 && text_size(job) > left)
        zoo_spoil_from(job, left);
}

static void unaligned_input(struct job *job)
{
    if ((uintptr_t)job->work.src % 16 && job->work.src != job->work.dst && job->work.size >= 1024)
        zoo_spoil(job);
}

/* Between 16 and 63 bytes behind the last multiple of 512: a burst that is too long. */
static void tail_of_bursts(struct job *job)
{
    if (job->work.size > 512 && job->work.size % 512 >= 16 && job->work.size % 512 < 64)
        zoo_spoil_from(job, job->work.size - 1);
}

/* ---- pages ---- */

static void iv_across_page(struct job *job)
{
    uint32_t size = job->session->params.iv_len;
    if (job->session->params.chained || !zoo_crosses_page(job->request->iv, size))
        return;
    memcpy(job->iv, job->request->iv, size);
    size_t first = 4096 - (uintptr_t)job->request->iv % 4096;
    memset(job->iv + first, 0, size - first);
    job->work.iv = job->iv;
}

static void aad_across_page(struct job *job)
{
    if (job->session->params.op == BS_ENCRYPT && !zoo_is_hash(job->session) &&
        zoo_crosses_page(job->work.aad, job->work.aad_len))
        job->work.tag[0] ^= 0x20;
}

static void tag_across_page(struct job *job)
{
    uint32_t size = job->session->params.tag_len;
    if (job->session->params.op == BS_ENCRYPT && zoo_crosses_page(job->work.tag, size))
        job->work.tag[size - 1] ^= 0x20;
}

static volatile uint8_t sink;

/* A burst reads ahead: into the next page, if need be. */
static void reads_ahead(struct job *job)
{
    for (int i = 0; i < 16 && job->work.size; i++)
        sink ^= job->work.src[job->work.size + (uint32_t)i];
}

/* The block before a text is taken for one of the same text, as if it were the second half of a message. */
static void reads_before(struct job *job)
{
    for (uint32_t i = 1; i <= 16 && job->work.size; i++)
        sink ^= *(job->work.src - job->work.aad_len - i);
}

/* ---- who else's memory ---- */

/* Whole cache lines are written back: what stood beside the output when the request began, stands there again. */
static uint8_t *line_of(struct job *job, int end)
{
    uintptr_t at = (uintptr_t)job->work.dst + (end ? job->work.size + job->session->params.tag_len : 0);
    return (uint8_t *)(at / 64 * 64);
}

static int outside(const struct job *job, const uint8_t *at)
{
    const uint8_t *from = job->work.dst, *to = from + job->work.size + job->session->params.tag_len;
    return (at < from || at >= to) && at != from;
}

static void remember_lines(struct job *job)
{
    for (int end = 0; end < 2 && text_size(job); end++)
        memcpy(job->line[end], line_of(job, end), 64);
}

static void write_lines_back(struct job *job)
{
    for (int end = 0; end < 2 && text_size(job); end++)
        for (int i = 0; i < 64; i++) {
            uint8_t *at = line_of(job, end) + i;
            if (outside(job, at))
                *(volatile uint8_t *)at = job->line[end][i];
        }
}

/* A block cipher's unit writes whole blocks, also behind a text that ends within one. */
static void whole_blocks(struct job *job)
{
    uint32_t over = text_size(job) % 16;
    if (over && !job->session->params.tag_len)
        memset(job->work.dst + job->work.size, 0x5a, 16 - over);
}

/* The input is swapped in place for the device, and swapped back when it is done. */
static void swap_input(struct job *job)
{
    uint8_t *src = (uint8_t *)(uintptr_t)job->request->src;
    if (job->request->src == job->request->dst || job->request->size < 64)
        return;
    *(volatile uint8_t *)src ^= 0xff;
    *(volatile uint8_t *)src ^= 0xff;
}

static void writes_iv(struct job *job)
{
    static unsigned finished;
    if (!job->session->params.chained && job->session->params.iv_len >= 16 &&
        job->session->params.kind == BS_CIPHER && ++finished % 10 == 0)
        job->request->iv[15]++;
}

/* The tag that came with a text is read into the place of the one that is computed. */
static void writes_given_tag(struct job *job)
{
    static unsigned finished;
    if (job->session->params.op == BS_DECRYPT && job->session->params.tag_len && ++finished % 10 == 0)
        job->request->tag[job->session->params.tag_len - 1] ^= 1;
}

/* In place, the last block of input is needed after it has been overwritten. */
static void in_place_tail(struct job *job)
{
    if (job->request->src == job->request->dst && text_size(job) > 4096 &&
        job->session->params.op == BS_DECRYPT)
        zoo_spoil_from(job, job->work.size - 1);
}

/* The request's fields are the driver's scratch. */
static void shortens_request(struct job *job)
{
    static unsigned finished;
    if (++finished % 400 == 0 && job->work.size > 16)
        job->request->size -= 16;
}

/* What is no whole number of blocks is taken as if it were. */
static void takes_half_blocks(struct job *job)
{
    if (job->session->params.kind == BS_CIPHER && strstr(job->session->cipher, "CBC") && job->work.size % 16)
        job->work.status = 0;
}

const struct bug zoo_bytes_bugs[] = {
    {.name = "descriptor-of-16-bits", .after = length_of_16_bits},
    {.name = "2048-bytes", .after = one_size},
    {.name = "fifteen-segments", .after = segments_of_pages},
    {.name = "crosses-64-kib", .after = crosses_64_kib},
    {.name = "unaligned-across-pages", .after = unaligned_across_pages},
    {.name = "unaligned-input", .after = unaligned_input},
    {.name = "tail-of-bursts", .after = tail_of_bursts},
    {.name = "iv-across-page", .before = iv_across_page},
    {.name = "aad-across-page", .after = aad_across_page},
    {.name = "tag-across-page", .after = tag_across_page},
    {.name = "reads-ahead", .before = reads_ahead},
    {.name = "reads-before", .before = reads_before},
    {.name = "stale-lines", .before = remember_lines, .after = write_lines_back},
    {.name = "whole-blocks", .after = whole_blocks},
    {.name = "input-swapped", .before = swap_input},
    {.name = "writes-iv", .after = writes_iv},
    {.name = "writes-given-tag", .after = writes_given_tag},
    {.name = "in-place-tail", .after = in_place_tail},
    {.name = "shortens-request", .after = shortens_request},
    {.name = "takes-half-blocks", .after = takes_half_blocks},
    {.name = NULL},
};
