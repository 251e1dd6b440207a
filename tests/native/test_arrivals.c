/* The schedules of the open loop, as numbers. */
#include <math.h>

#include "arrivals.h"
#include "check.h"

static bs_offer offer_of(double rate, uint32_t arrival)
{
    return (bs_offer){.rate = rate, .arrival = arrival, .burst = 7, .seed = 42};
}

static struct bs_arrivals begin(const bs_offer *offer, uint32_t worker, uint32_t workers, uint64_t run)
{
    struct bs_arrivals arrivals;
    bs_arrivals_begin(&arrivals, offer, worker, workers, run, 1);
    return arrivals;
}

/* What a rational number of the rate says, in integers: number / rate, to the nearest ns. */
static uint64_t exact_ns(uint64_t number, uint64_t rate)
{
    return (number * 2000000000u + rate) / (rate * 2);
}

static uint64_t apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* Each comes when its own number says so, after very many, too, and at rates of which no ns is a multiple. */
static void constant_does_not_drift(void)
{
    static const uint64_t rates[] = {1, 3, 450, 100000, 333333, 1000003, 70000000};
    static const uint64_t numbers[] = {0, 1, 2, 999, 10000019, 10000020};
    for (int r = 0; r < 7; r++)
        for (uint32_t worker = 0; worker < 3; worker++) {
            bs_offer offer = offer_of((double)rates[r], BS_CONSTANT);
            struct bs_arrivals arrivals = begin(&offer, worker, 3, 0);
            uint64_t taken = 0, at = 0;
            for (int n = 0; n < 6; n++) {
                for (; taken <= numbers[n]; taken++)
                    at = bs_arrivals_take(&arrivals);
                uint64_t exact = exact_ns(numbers[n] * 3 + worker, rates[r]);
                /* a double has 53 bits, and three roundings are between */
                uint64_t most = 1 + (uint64_t)((double)exact * 0x1p-51);
                CHECK(apart(at, exact) <= most);
            }
        }
}

/* All workers together are as even as one alone. */
static void workers_are_even(void)
{
    bs_offer offer = offer_of(1000, BS_CONSTANT);
    struct bs_arrivals each[4];
    for (uint32_t w = 0; w < 4; w++)
        each[w] = begin(&offer, w, 4, 0);
    for (uint64_t i = 0; i < 1000; i++)
        CHECK(bs_arrivals_take(&each[i % 4]) == i * 1000000);
    CHECK(fabs(bs_arrivals_span(&each[0], 250) - 1e9) < 1e-3);
}

/* Seven at once, then nothing for seven gaps; bursts of several workers take turns. */
static void bursts_come_at_once(void)
{
    bs_offer offer = offer_of(1000, BS_BURST);
    struct bs_arrivals each[2] = {begin(&offer, 0, 2, 0), begin(&offer, 1, 2, 5)};
    for (uint64_t burst = 0; burst < 100; burst++)
        for (int i = 0; i < 7; i++)
            CHECK(bs_arrivals_take(&each[burst % 2]) == burst * 7000000);
    CHECK(fabs(bs_arrivals_span(&each[0], 350) - 7e8) < 1e-3);
}

/* At an infinite rate; and at the lowest there is with the most that can be asked for, nobody comes early. */
static void the_ends_of_the_scale(void)
{
    for (uint32_t arrival = BS_CONSTANT; arrival <= BS_BURST; arrival++) {
        bs_offer always = offer_of(INFINITY, arrival), hardly = offer_of(BS_LOWEST_RATE, arrival);
        hardly.burst = UINT32_MAX;
        struct bs_arrivals one = begin(&always, 1, 2, 0), other = begin(&hardly, 1000, 1001, 0);
        uint64_t last = 0;
        for (int i = 0; i < 100; i++) {
            CHECK(bs_arrivals_take(&one) == 0);
            uint64_t now = bs_arrivals_take(&other);
            CHECK(now > 10000000000000u && now >= last && now < UINT64_MAX / 2);
            last = now;
        }
    }
}

enum { DRAWN = 1000000 };

/* Gaps have the mean of the worker's rate, an exponential distribution's deviation (as large as the mean) and its
 * median, and do not depend on the one before: each within five standard errors. */
static void poisson_is_exponential(void)
{
    for (uint32_t workers = 1; workers < 4; workers += 2) {
        bs_offer offer = offer_of(1e5, BS_POISSON);
        struct bs_arrivals arrivals = begin(&offer, workers - 1, workers, 3);
        double mean = 1e4 * workers, sum = 0, squares = 0, products = 0, last_gap = mean, root = sqrt(DRAWN);
        uint64_t last = 0, below = 0;
        for (int i = 0; i < DRAWN; i++) {
            uint64_t now = bs_arrivals_take(&arrivals);
            CHECK(now >= last);
            double gap = (double)(now - last);
            sum += gap;
            squares += (gap - mean) * (gap - mean);
            products += (gap - mean) * (last_gap - mean);
            below += gap < mean * log(2);
            last_gap = gap;
            last = now;
        }
        CHECK(fabs(sum / DRAWN / mean - 1) < 5 / root);
        CHECK(fabs(squares / DRAWN / (mean * mean) - 1) < 5 * sqrt(8) / root); /* fourth moment: 9, less 1 */
        CHECK(fabs(products / DRAWN / (mean * mean)) < 5 / root);
        CHECK(fabs((double)below / DRAWN - 0.5) < 5 * 0.5 / root);
        CHECK(bs_arrivals_span(&arrivals, DRAWN) == (double)last);
    }
}

/* Rests of a ns are not lost, where a gap is hardly more than one. */
static void poisson_keeps_what_is_less_than_a_ns(void)
{
    bs_offer offer = offer_of(1e9, BS_POISSON);
    struct bs_arrivals arrivals = begin(&offer, 0, 1, 0);
    uint64_t last = 0;
    for (int i = 0; i < DRAWN; i++)
        last = bs_arrivals_take(&arrivals);
    CHECK(fabs((double)last / DRAWN - 1) < 5 / sqrt(DRAWN));
}

static int same(struct bs_arrivals a, struct bs_arrivals b)
{
    int differ = 0;
    for (int i = 0; i < 100; i++)
        differ += bs_arrivals_take(&a) != bs_arrivals_take(&b);
    return !differ;
}

/* By the seed, the worker and the run, and by nothing else. */
static void the_same_again(void)
{
    bs_offer offer = offer_of(1000, BS_POISSON), other = offer;
    other.seed++;
    CHECK(same(begin(&offer, 0, 2, 0), begin(&offer, 0, 2, 0)));
    CHECK(!same(begin(&offer, 0, 2, 0), begin(&offer, 1, 2, 0)));
    CHECK(!same(begin(&offer, 0, 2, 0), begin(&offer, 0, 2, 1)));
    CHECK(!same(begin(&offer, 0, 2, 1), begin(&offer, 1, 2, 0)));
    CHECK(!same(begin(&offer, 0, 2, 0), begin(&other, 0, 2, 0)));
}

int main(void)
{
    constant_does_not_drift();
    workers_are_even();
    bursts_come_at_once();
    the_ends_of_the_scale();
    poisson_is_exponential();
    poisson_keeps_what_is_less_than_a_ns();
    the_same_again();
    puts("arrivals: ok");
    return 0;
}
