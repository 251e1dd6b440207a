/* The CPUs this process may use. */
#ifndef BS_CPUS_H
#define BS_CPUS_H

unsigned bs_usable_cpus(void); /* when it was first asked: at least 1 */
void bs_pin_to(unsigned nth);  /* the calling thread to the nth of them, modulo their number */

#endif
