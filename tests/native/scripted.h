/* A driver that takes as long as it is told, and writes down when it was called and when it had done. */
#ifndef SCRIPTED_H
#define SCRIPTED_H

#include <stdint.h>

enum { SCRIPTED_ROOM = 4096 };

extern uint64_t scripted_ns[SCRIPTED_ROOM];                                   /* of each request, asleep */
extern uint64_t scripted_begun[SCRIPTED_ROOM], scripted_ended[SCRIPTED_ROOM]; /* ticks */
extern uint64_t scripted_came[SCRIPTED_ROOM]; /* when each was to arrive, where it went through queues */
extern uint32_t scripted_count;

void scripted_reset(void);

#endif
