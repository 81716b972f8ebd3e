// Generators of the calibration reference data, and SHA-256. Used by tests only.
#ifndef CDAQTESTSUPPORT_H
#define CDAQTESTSUPPORT_H

#include <stddef.h>
#include <stdint.h>

// JUNGFRAU words of all gain codes.
void cdaq_test_raw(uint16_t *words, size_t count);
// Pedestal plane 0 to 3 (the last one high gain).
void cdaq_test_pedestal(float *values, size_t count, int plane);
// Gain plane 0 to 5 (from 3 on high gain).
void cdaq_test_gain(float *values, size_t count, int plane);
// A pixel mask, about one of 97 bad.
void cdaq_test_mask(int64_t *values, size_t count);
// Dark frame `number` of gain code 0, 1 or 3.
void cdaq_test_dark_frame(uint16_t *words, size_t count, uint32_t number, uint32_t gain);

// SHA-256 of `count` bytes (FIPS 180-4).
void cdaq_test_sha256(const void *bytes, size_t count, uint8_t digest[32]);

// Writes one value to all words; the words that do not have it. One word at a time, in order, not optimised away.
void cdaq_test_fill(void *words, uint32_t value, size_t count);
size_t cdaq_test_count_other(const void *words, uint32_t value, size_t count);

// Every line that is printed goes out at once, also into a file.
void cdaq_test_line_buffered(void);

// Processor time of this process in nanoseconds.
uint64_t cdaq_test_cpu_time(void);

#endif
