#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "worker.h"

static _Atomic(struct bs_engine *) running;
static struct sigaction before;

static void on_interrupt(int number, siginfo_t *info, void *context)
{
    struct bs_engine *engine = atomic_load(&running);
    if (engine)
        bs_engine_stop(engine);
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(number, info, context);
    else if (before.sa_handler != SIG_IGN && before.sa_handler != SIG_DFL)
        before.sa_handler(number);
}

/* One engine at a time: a second one, in another thread, is stopped by bs_engine_stop only. */
void bs_interrupt_catch(struct bs_engine *engine)
{
    struct bs_engine *nobody = NULL;
    struct sigaction action = {.sa_sigaction = on_interrupt, .sa_flags = SA_SIGINFO | SA_RESTART};
    if (!atomic_compare_exchange_strong(&running, &nobody, engine))
        return;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, NULL, &before) == 0 && !(before.sa_flags & SA_SIGINFO) &&
        (before.sa_handler == SIG_IGN || before.sa_handler == SIG_DFL)) {
        atomic_store(&running, NULL); /* ignored, or to kill: let it */
        return;
    }
    sigaction(SIGINT, &action, NULL);
}

void bs_interrupt_release(struct bs_engine *engine)
{
    if (atomic_load(&running) != engine)
        return;
    sigaction(SIGINT, &before, NULL);
    atomic_store(&running, NULL);
}

void bs_end_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL);
}
