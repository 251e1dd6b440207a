/* Memory between unreadable pages: what is touched is noted and let on, and what is not ours is handed on. */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "fence.h"

enum { THREADS = 4, ROUNDS = 200 };

static size_t page;

static struct fence opened(void)
{
    static const size_t sizes[FENCE_PARTS] = {1, 10000, 5000};
    static const int read_only[FENCE_PARTS] = {1, 1, 0};
    struct fence fence;
    CHECK(fence_open(&fence, sizes, read_only) == 0);
    return fence;
}

static uint8_t *part(const struct fence *fence, int i)
{
    return fence->theirs + fence->parts[i].at;
}

static size_t size_of(const struct fence *fence, int i)
{
    return fence->parts[i].size;
}

static uint8_t read_at(const uint8_t *at)
{
    return *(const volatile uint8_t *)at;
}

static void write_at(uint8_t *at, uint8_t value)
{
    *(volatile uint8_t *)at = value;
}

/* As the CPU tells where it was. */
static int64_t told(const struct fence *fence, const uint8_t *at)
{
#if defined __s390__
    return (at - fence->theirs) / (int64_t)page * (int64_t)page;
#else
    return at - fence->theirs;
#endif
}

/* ---- what is allowed ---- */

static void both_views_are_one_memory(void)
{
    struct fence fence = opened();
    struct fence_touch touch;
    for (int i = 0; i < FENCE_PARTS; i++) {
        CHECK(size_of(&fence, i) % page == 0 && fence.parts[i].at % page == 0);
        memset(fence.ours + fence.parts[i].at, i + 1, size_of(&fence, i));
        CHECK(read_at(part(&fence, i)) == i + 1 &&
              read_at(part(&fence, i) + size_of(&fence, i) - 1) == i + 1);
    }
    CHECK(size_of(&fence, 1) >= 10000 && size_of(&fence, 2) >= 5000);
    write_at(part(&fence, 2) + 7, 99);
    CHECK(fence.ours[fence.parts[2].at + 7] == 99);
    CHECK(!fence_touched(&fence, &touch));
    fence_close(&fence);
}

/* ---- what is not ---- */

static struct fence_touch touched(struct fence *fence)
{
    struct fence_touch touch, again;
    CHECK(fence_touched(fence, &touch));
    CHECK(!fence_touched(fence, &again));
    return touch;
}

static void reads_beyond(void)
{
    struct fence fence = opened();
    for (int i = 0; i < FENCE_PARTS; i++) {
        uint8_t *begin = part(&fence, i), *end = begin + size_of(&fence, i);
        read_at(end + 3);
        read_at(end + 1); /* the first counts */
        struct fence_touch touch = touched(&fence);
        CHECK(touch.written == -1 && touch.read == told(&fence, end + 3));
        read_at(begin - 16);
        CHECK(touched(&fence).read == told(&fence, begin - 16));
    }
    fence_close(&fence);
}

static void writes_beyond(void)
{
    struct fence fence = opened();
    uint8_t *end = part(&fence, 2) + size_of(&fence, 2);
    for (int i = 0; i < 2; i++) { /* unreadable again after the first time */
        write_at(end + 5, 42);
        struct fence_touch touch = touched(&fence);
        CHECK(touch.read == -1 && touch.written == told(&fence, end + 5));
        CHECK(fence.ours[end + 5 - fence.theirs] == 42); /* it was let on */
    }
    read_at(end);
    write_at(end + 1, 1);
    struct fence_touch touch = touched(&fence);
    CHECK(touch.written == told(&fence, end + 1));
    if (told(&fence, end + 1) != told(&fence, end)) /* else the one hides the other */
        CHECK(touch.read == told(&fence, end));
    fence_close(&fence);
}

static void writes_to_what_is_only_read(void)
{
    struct fence fence = opened();
    for (int i = 0; i < 2; i++) {
        uint8_t *at = part(&fence, 1) + 20, before = read_at(at);
        write_at(at, before); /* the same byte: only the fence can tell */
        struct fence_touch touch = touched(&fence);
        CHECK(touch.read == -1 && touch.written == told(&fence, at));
        memset(part(&fence, 1), 7, size_of(&fence, 1)); /* every page of it */
        CHECK(fence.ours[fence.parts[1].at + size_of(&fence, 1) - 1] == 7);
        CHECK(touched(&fence).written == (int64_t)fence.parts[1].at);
    }
    fence_close(&fence);
}

/* ---- several threads, each with its own memory, that comes and goes ---- */

static void *touch_and_close(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct fence fence = opened();
        uint8_t *end = part(&fence, 1) + size_of(&fence, 1);
        read_at(end + i);
        CHECK(touched(&fence).read == told(&fence, end + i));
        write_at(part(&fence, 0), 1);
        CHECK(touched(&fence).written == (int64_t)fence.parts[0].at);
        fence_close(&fence);
    }
    return NULL;
}

static void threads(void)
{
    pthread_t all[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&all[i], NULL, touch_and_close, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(all[i], NULL);
}

/* ---- other people's faults ---- */

static uint8_t *forbidden;
static volatile sig_atomic_t handed_on;

static void make_accessible(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    CHECK(info->si_addr == forbidden);
    handed_on++;
    mprotect(forbidden, page, PROT_READ | PROT_WRITE);
}

static int is_ours(void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction now;
    CHECK(sigaction(SIGSEGV, NULL, &now) == 0);
    return now.sa_flags & SA_SIGINFO && now.sa_sigaction == handler;
}

static void another_handler_is_asked_and_put_back(void)
{
    struct sigaction theirs = {.sa_sigaction = make_accessible, .sa_flags = SA_SIGINFO}, old;
    CHECK(sigaction(SIGSEGV, &theirs, &old) == 0);
    forbidden = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct fence one = opened(), two = opened();
    CHECK(!is_ours(make_accessible));
    read_at(forbidden);
    CHECK(handed_on == 1);
    fence_close(&one);
    read_at(part(&two, 0) - 1);
    CHECK(touched(&two).read >= 0 && handed_on == 1);
    fence_close(&two);
    CHECK(is_ours(make_accessible));
    munmap(forbidden, page);
    CHECK(sigaction(SIGSEGV, &old, NULL) == 0);
}

/* In a child: it is not to live on. */
static void a_crash_is_a_crash(int by_kill)
{
    pid_t child = fork();
    int status;
    CHECK(child >= 0);
    if (child == 0) {
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGSEGV, SIG_DFL);
        struct fence fence = opened();
        if (by_kill)
            kill(getpid(), SIGSEGV);
        else
            write_at(mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1);
        fence_close(&fence);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

int main(void)
{
    page = (size_t)sysconf(_SC_PAGESIZE);
    both_views_are_one_memory();
    reads_beyond();
    writes_beyond();
    writes_to_what_is_only_read();
    threads();
    another_handler_is_asked_and_put_back();
    a_crash_is_a_crash(0);
    a_crash_is_a_crash(1);
    return 0;
}
