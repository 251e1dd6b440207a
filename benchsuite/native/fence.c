/* The table of what is fenced is static and never freed, because a signal handler may read it at any time.
 *
 * Whether an access was to read or to write is told by the CPU where we know how to ask it; else it is tried: an
 * unreadable page becomes readable first, and who comes back wants to write. */
#include "fence.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "size.h"

enum { MOST = 4096, OPENED = FENCE_PARTS + 1, NO_EXEC = 8 };

struct entry {
    _Atomic uintptr_t begin, end; /* begin 0: nobody's; 1: being filled */
    _Atomic uintptr_t part_begin[FENCE_PARTS], part_end[FENCE_PARTS];
    _Atomic uintptr_t read, written;  /* the first address; 0: none */
    _Atomic uintptr_t opened[OPENED]; /* pages that have become readable */
};

static struct entry table[MOST];
static _Atomic int most_used;
static _Atomic uintptr_t page_size;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int users; /* under lock */
static struct sigaction before;

/* ---- in the signal handler ---- */

#if defined __s390__
static const int exact = 0;
#else
static const int exact = 1;
#endif

enum access { ACCESS_UNKNOWN, ACCESS_READ, ACCESS_WRITE };

static enum access wanted(const void *context)
{
#if defined __x86_64__ || defined __i386__
    const ucontext_t *c = context;
    return c->uc_mcontext.gregs[REG_ERR] & 2 ? ACCESS_WRITE : ACCESS_READ;
#else
    (void)context;
    return ACCESS_UNKNOWN;
#endif
}

/* What it looks for stays where it is; other entries come and go meanwhile, and then an end may be the next one's. */
static struct entry *entry_of(uintptr_t address)
{
    int used = atomic_load(&most_used);
    for (int i = 0; i < used; i++) {
        uintptr_t begin = atomic_load(&table[i].begin);
        if (begin > 1 && address >= begin && address < atomic_load(&table[i].end) &&
            atomic_load(&table[i].begin) == begin)
            return &table[i];
    }
    return NULL;
}

static int in_a_part(struct entry *entry, uintptr_t address)
{
    for (int i = 0; i < FENCE_PARTS; i++)
        if (address >= atomic_load(&entry->part_begin[i]) && address < atomic_load(&entry->part_end[i]))
            return 1;
    return 0;
}

/* 1: it was readable already, so that whoever comes here wants to write. */
static int was_opened(struct entry *entry, uintptr_t page)
{
    for (int i = 0; i < OPENED; i++) {
        uintptr_t none = 0;
        if (atomic_load(&entry->opened[i]) == page)
            return 1;
        if (atomic_compare_exchange_strong(&entry->opened[i], &none, page))
            return 0;
    }
    return 1;
}

static void note(_Atomic uintptr_t *first, uintptr_t address)
{
    uintptr_t none = 0;
    atomic_compare_exchange_strong(first, &none, address);
}

/* 0: it cannot be let on. */
static int let_on(struct entry *entry, uintptr_t address, enum access access)
{
    uintptr_t size = atomic_load(&page_size), page = address / size * size;
    if (access == ACCESS_UNKNOWN && (in_a_part(entry, address) || was_opened(entry, page))) {
        access = ACCESS_WRITE;
        uintptr_t tried = address;
        atomic_compare_exchange_strong(&entry->read, &tried, 0);
    }
    int write = access == ACCESS_WRITE;
    note(write ? &entry->written : &entry->read, address);
    return mprotect((void *)page, size, write ? PROT_READ | PROT_WRITE : PROT_READ) == 0;
}

/* Whatever would have become of it without us. */
static void hand_on(int number, siginfo_t *info, void *context)
{
    if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(number, info, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(number);
    } else if (info->si_code > 0 || before.sa_handler == SIG_DFL) {
        struct sigaction fatal = {.sa_handler = SIG_DFL};
        sigaction(number, &fatal, NULL); /* and the access is tried again */
        if (info->si_code <= 0)
            raise(number);
    }
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    int error = errno;
    struct entry *entry = info->si_code > 0 ? entry_of((uintptr_t)info->si_addr) : NULL;
    if (!entry || !let_on(entry, (uintptr_t)info->si_addr, wanted(context)))
        hand_on(number, info, context);
    errno = error;
}

/* ---- the handler comes and goes ---- */

static void start_watching(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    pthread_mutex_lock(&lock);
    if (users++ == 0)
        sigaction(SIGSEGV, &action, &before);
    pthread_mutex_unlock(&lock);
}

/* A handler that somebody put in the place of ours meanwhile stays: it may call ours. */
static void stop_watching(void)
{
    pthread_mutex_lock(&lock);
    struct sigaction now;
    if (--users == 0 && sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_flags & SA_SIGINFO &&
        now.sa_sigaction == on_fault)
        sigaction(SIGSEGV, &before, NULL);
    pthread_mutex_unlock(&lock);
}

/* ---- memory ---- */

static size_t plan(struct fence *fence, const size_t sizes[], const int read_only[])
{
    size_t page = fence->page, at = page;
    for (int i = 0; i < FENCE_PARTS; i++) {
        fence->parts[i] = (struct fence_part){at, bs_up(sizes[i] ? sizes[i] : 1, page), read_only[i]};
        at = bs_plus(bs_plus(at, fence->parts[i].size), page);
    }
    return at;
}

static int shared_memory(size_t size)
{
    int file = (int)syscall(SYS_memfd_create, "benchsuite", NO_EXEC | MFD_CLOEXEC);
    if (file < 0 && errno == EINVAL) /* Linux before 6.3 */
        file = (int)syscall(SYS_memfd_create, "benchsuite", MFD_CLOEXEC);
    if (file < 0)
        return -errno;
    if (size > (size_t)PTRDIFF_MAX || ftruncate(file, (off_t)size) != 0) {
        int error = size > (size_t)PTRDIFF_MAX ? ENOMEM : errno;
        close(file);
        return -error;
    }
    return file;
}

static int protect(const struct fence *fence)
{
    for (int i = 0; i < FENCE_PARTS; i++) {
        const struct fence_part *part = &fence->parts[i];
        if (mprotect(fence->theirs + part->at, part->size,
                     part->read_only ? PROT_READ : PROT_READ | PROT_WRITE))
            return -errno;
    }
    return 0;
}

static int map(struct fence *fence)
{
    int file = shared_memory(fence->size), error = 0;
    if (file < 0)
        return file;
    void *theirs = mmap(NULL, fence->size, PROT_NONE, MAP_SHARED, file, 0);
    void *ours = mmap(NULL, fence->size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (theirs == MAP_FAILED || ours == MAP_FAILED)
        error = -errno;
    close(file);
    fence->theirs = theirs == MAP_FAILED ? NULL : theirs;
    fence->ours = ours == MAP_FAILED ? NULL : ours;
    return error ? error : protect(fence);
}

static void unmap(struct fence *fence)
{
    if (fence->theirs)
        munmap(fence->theirs, fence->size);
    if (fence->ours)
        munmap(fence->ours, fence->size);
    fence->theirs = fence->ours = NULL;
}

static int take_entry(void)
{
    for (int i = 0; i < MOST; i++) {
        uintptr_t nobody = 0;
        if (!atomic_compare_exchange_strong(&table[i].begin, &nobody, 1))
            continue;
        int used = atomic_load(&most_used);
        while (used <= i && !atomic_compare_exchange_weak(&most_used, &used, i + 1))
            ;
        return i;
    }
    return -ENOSPC;
}

static void forget(struct entry *entry)
{
    atomic_store(&entry->read, 0);
    atomic_store(&entry->written, 0);
    for (int i = 0; i < OPENED; i++)
        atomic_store(&entry->opened[i], 0);
}

static int publish(struct fence *fence)
{
    uintptr_t begin = (uintptr_t)fence->theirs;
    fence->entry = take_entry();
    if (fence->entry < 0)
        return fence->entry;
    struct entry *entry = &table[fence->entry];
    forget(entry);
    for (int i = 0; i < FENCE_PARTS; i++) {
        atomic_store(&entry->part_begin[i], begin + fence->parts[i].at);
        atomic_store(&entry->part_end[i], begin + fence->parts[i].at + fence->parts[i].size);
    }
    atomic_store(&entry->end, begin + fence->size);
    atomic_store(&entry->begin, begin);
    start_watching();
    return 0;
}

int fence_open(struct fence *fence, const size_t sizes[FENCE_PARTS], const int read_only[FENCE_PARTS])
{
    fence->page = (size_t)sysconf(_SC_PAGESIZE);
    atomic_store(&page_size, fence->page);
    fence->theirs = fence->ours = NULL;
    fence->size = plan(fence, sizes, read_only);
    int error = map(fence);
    if (!error)
        error = publish(fence);
    if (error)
        unmap(fence);
    return error;
}

int fence_touched(struct fence *fence, struct fence_touch *touch)
{
    struct entry *entry = &table[fence->entry];
    uintptr_t begin = (uintptr_t)fence->theirs;
    uintptr_t read = atomic_load(&entry->read), written = atomic_load(&entry->written);
    if (!read && !written)
        return 0;
    touch->read = read ? (int64_t)(read - begin) : -1;
    touch->written = written ? (int64_t)(written - begin) : -1;
    touch->exact = exact;
    mprotect(fence->theirs, fence->size, PROT_NONE);
    protect(fence);
    forget(entry);
    return 1;
}

void fence_close(struct fence *fence)
{
    if (!fence->theirs)
        return;
    atomic_store(&table[fence->entry].begin, 0);
    stop_watching();
    unmap(fence);
}
