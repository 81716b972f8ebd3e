// Kills the process at a chosen call that changes files, as a signal of any other origin would.
#ifndef CDAQ_FAULTS_H
#define CDAQ_FAULTS_H

#include <stdint.h>

// Raises SIGKILL before the `call`-th write, pwrite, ftruncate, fsync, fdatasync, fallocate, rename or unlink from now on;
// for odd `call` a write has then written about half of its pages. 0 never does.
void cdaq_faults_arm(int64_t call);

// Calls seen since then.
int64_t cdaq_faults_calls(void);

#endif
