/* The open loop, as far as all executors share it. */
#include "worker.h"

#include <errno.h>

int bs_engine_offer(bs_engine *engine, const bs_offer *offer)
{
    (void)engine;
    return offer ? -ENOTSUP : 0;
}
