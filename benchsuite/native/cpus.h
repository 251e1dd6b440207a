/* The CPUs this process may use. */
#ifndef BS_CPUS_H
#define BS_CPUS_H

unsigned bs_usable_cpus(
    void);                    /* those chosen, or else those there were when it was first asked: at least 1 */
int bs_cpus_chosen(void);     /* the user has chosen them (bs_choose_cpus): every thread has its place */
int bs_nth_cpu(unsigned nth); /* of them, modulo their number; -1: the kernel has not said */
void bs_pin_to(int cpu);      /* the calling thread; -1: it stays where it is */

#endif
