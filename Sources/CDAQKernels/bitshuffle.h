// The variants of bitshuffle, each in a file of its own.
#ifndef CDAQ_BITSHUFFLE_H
#define CDAQ_BITSHUFFLE_H

#include <stddef.h>
#include <stdint.h>

void cdaq_bitshuffle_default(const void *elements, size_t count, size_t size, void *rows);
void cdaq_bitunshuffle_default(const void *rows, size_t count, size_t size, void *elements);
void cdaq_bitshuffle_v3(const void *elements, size_t count, size_t size, void *rows);
void cdaq_bitunshuffle_v3(const void *rows, size_t count, size_t size, void *elements);
void cdaq_bitshuffle_v4(const void *elements, size_t count, size_t size, void *rows);
void cdaq_bitunshuffle_v4(const void *rows, size_t count, size_t size, void *elements);
void cdaq_bitshuffle_gfni(const void *elements, size_t count, size_t size, void *rows);
void cdaq_bitunshuffle_gfni(const void *rows, size_t count, size_t size, void *elements);

#endif
