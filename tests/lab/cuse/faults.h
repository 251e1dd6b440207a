/* Faults on demand, and what the server counts. */
#ifndef LAB_FAULTS_H
#define LAB_FAULTS_H

#include "abi.h"

/* What is to become of one operation. */
struct verdict {
    int error; /* errno, or 0 */
    int wrong; /* a byte of the output must be wrong */
    int lost;  /* it is never answered */
    unsigned ms;
};

void faults_set(const struct lab_fault *fault);
int faults_refuse(void);          /* before an operation is taken: 0, EBUSY or EINTR */
struct verdict faults_next(void); /* once per operation */
void faults_sleep(unsigned ms);
struct lab_fault faults_now(void); /* for those of the bytes: bugs.h */
void count_fault(void);

void count_file(int by);
void count_session(int by);
void count_inside(int by);
void count_queued(unsigned jobs);
void count_copied(void);
struct lab_counts counts_now(void);

#endif
