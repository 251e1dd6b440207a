/* The counter of machines whose atomic operations are on 32 bits (count.h), whatever this machine has. */
#define BS_COUNT_IN_TWO
#include "count.h"

#include <pthread.h>

#include "check.h"

enum { THREADS = 4, TIMES = 50000 };

static const uint32_t STEP = 0x7fffffff; /* a carry with every second one */
static bs_count count;

static void *add(void *unused)
{
    for (int i = 0; i < TIMES; i++) {
        bs_count_note(&count, STEP);
        bs_count_add(&count, 2);
        bs_count_take_back(&count, 1);
    }
    return unused;
}

static void one_thread(void)
{
    bs_count_clear(&count);
    for (uint64_t i = 0; i < 10; i++)
        CHECK(bs_count_add(&count, STEP) == i * STEP && bs_count_read(&count) == (i + 1) * STEP);
    for (uint64_t i = 10; i-- > 0;) {
        bs_count_take_back(&count, STEP);
        CHECK(bs_count_read(&count) == i * STEP);
    }
}

/* Nothing is lost, however the carries meet. */
static void many_threads(void)
{
    pthread_t threads[THREADS];
    bs_count_clear(&count);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, add, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK(bs_count_read(&count) == (uint64_t)THREADS * TIMES * (STEP + (uint64_t)1));
}

int main(void)
{
    _Static_assert(sizeof(bs_count) == 8 && _Alignof(bs_count) <= 4, "two words");
    one_thread();
    many_threads();
    return 0;
}
