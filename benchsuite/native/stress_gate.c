#include "stress_parts.h"

void stress_gate_open(struct stress_gate *gate, uint32_t members)
{
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->moved, NULL);
    gate->members = members;
}

static void let_through(struct stress_gate *gate)
{
    gate->waiting = 0;
    gate->turn++;
    pthread_cond_broadcast(&gate->moved);
}

void stress_gate_wait(struct stress_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    uint32_t turn = gate->turn;
    if (++gate->waiting == gate->members)
        let_through(gate);
    while (turn == gate->turn)
        pthread_cond_wait(&gate->moved, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

void stress_gate_leave(struct stress_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->members--;
    if (gate->members && gate->waiting == gate->members)
        let_through(gate);
    pthread_mutex_unlock(&gate->lock);
}
