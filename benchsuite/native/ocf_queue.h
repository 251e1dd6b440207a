/* FIFO of requests with many producers and one consumer: producers push on a stack, the consumer takes the
 * whole stack and reverses it into its private list. */
#ifndef BS_OCF_QUEUE_H
#define BS_OCF_QUEUE_H

#include <stdatomic.h>

#include "core.h"

struct ocf_queue {
    _Alignas(64) _Atomic(bs_request *) pushed;
    _Alignas(64) bs_request *ready; /* the consumer's */
};

static inline void ocf_push(struct ocf_queue *queue, bs_request *request)
{
    bs_request *top = atomic_load_explicit(&queue->pushed, memory_order_relaxed);
    do
        request->next = top;
    while (!atomic_compare_exchange_weak(&queue->pushed, &top, request));
}

static inline int ocf_waiting(struct ocf_queue *queue)
{
    return queue->ready || atomic_load(&queue->pushed);
}

/* The next one, which stays: the consumer's. */
static inline bs_request *ocf_first(struct ocf_queue *queue)
{
    if (!queue->ready) {
        bs_request *stack = atomic_exchange(&queue->pushed, NULL);
        while (stack) {
            bs_request *next = stack->next;
            stack->next = queue->ready;
            queue->ready = stack;
            stack = next;
        }
    }
    return queue->ready;
}

static inline bs_request *ocf_pop(struct ocf_queue *queue)
{
    bs_request *request = ocf_first(queue);
    if (request)
        queue->ready = request->next;
    return request;
}

#endif
