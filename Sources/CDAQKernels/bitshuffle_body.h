// The loops of bitshuffle, for the instruction set of the file that includes this, which names the two functions at the end.
#include "bitshuffle.h"
#include "variants.h"

#include <string.h>

// Bits of a block of elements, as one long index: element, byte of the element, bit of the byte. Shuffling moves the lowest three
// bits of the element's number to the end. Whole tiles do that in registers, with every 16 bytes of a vector (a lane) on its
// own, because that is how far processors move bytes at full speed; what does not fill a tile goes eight elements at a time.
enum { LANE = 16, LANES = 2, VECTOR = LANE * LANES, LANE_ELEMENTS = 8 * LANE, TILE = LANES * LANE_ELEMENTS };

typedef uint8_t bytes __attribute__((vector_size(VECTOR)));
typedef uint64_t words __attribute__((vector_size(VECTOR)));

// Transposes 8 x 8 bits, bit i of byte j to bit j of byte i: first bits, then pairs, then fours change places over the diagonal.
// For one word, or for each of a vector's.
#define TRANSPOSE_BITS(x)                                                                                                      \
    do {                                                                                                                       \
        __typeof__(x) swap = (x ^ (x >> 7)) & 0x00AA00AA00AA00AAULL;                                                           \
        x ^= swap ^ (swap << 7);                                                                                               \
        swap = (x ^ (x >> 14)) & 0x0000CCCC0000CCCCULL;                                                                        \
        x ^= swap ^ (swap << 14);                                                                                              \
        swap = (x ^ (x >> 28)) & 0x00000000F0F0F0F0ULL;                                                                        \
        x ^= swap ^ (swap << 28);                                                                                              \
    } while (0)

CDAQ_BODY bytes transpose_bits(bytes vector) {
#if CDAQ_BITSHUFFLE_GFNI
    // Multiplies each word, as a matrix over bits with its first row in the highest byte, with every unit vector.
    typedef char signed_bytes __attribute__((vector_size(VECTOR)));
    words units = (words){} + 0x8040201008040201ULL;
    bytes reversed = __builtin_shufflevector(
        vector, vector, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 23, 22, 21, 20, 19, 18, 17, 16, 31, 30, 29, 28, 27,
        26, 25, 24);
    return (bytes)__builtin_ia32_vgf2p8affineqb_v32qi((signed_bytes)units, (signed_bytes)reversed, 0);
#else
    words bits = (words)vector;
    TRANSPOSE_BITS(bits);
    return (bytes)bits;
#endif
}

CDAQ_BODY bytes load_lanes(const uint8_t *low, const uint8_t *high) {
    bytes vector;
    memcpy(&vector, low, LANE);
    memcpy((uint8_t *)&vector + LANE, high, LANE);
    return vector;
}

CDAQ_BODY void store_lanes(bytes vector, uint8_t *low, uint8_t *high) {
    memcpy(low, &vector, LANE);
    memcpy(high, (uint8_t *)&vector + LANE, LANE);
}

// The bytes with even and with odd numbers of two vectors, lane by lane.
CDAQ_BODY bytes evens(bytes a, bytes b) {
    return __builtin_shufflevector(
        a, b, 0, 2, 4, 6, 8, 10, 12, 14, 32, 34, 36, 38, 40, 42, 44, 46, 16, 18, 20, 22, 24, 26, 28, 30, 48, 50, 52, 54, 56, 58,
        60, 62);
}

CDAQ_BODY bytes odds(bytes a, bytes b) {
    return __builtin_shufflevector(
        a, b, 1, 3, 5, 7, 9, 11, 13, 15, 33, 35, 37, 39, 41, 43, 45, 47, 17, 19, 21, 23, 25, 27, 29, 31, 49, 51, 53, 55, 57, 59,
        61, 63);
}

// Bytes of two vectors in turn, of the first and of the second half of each lane.
CDAQ_BODY bytes zip_low(bytes a, bytes b) {
    return __builtin_shufflevector(
        a, b, 0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54, 23,
        55);
}

CDAQ_BODY bytes zip_high(bytes a, bytes b) {
    return __builtin_shufflevector(
        a, b, 8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47, 24, 56, 25, 57, 26, 58, 27, 59, 28, 60, 29, 61, 30,
        62, 31, 63);
}

// Splits `count` vectors into all their bytes with even numbers, then all with odd ones.
CDAQ_BODY void split(bytes *v, int count) {
    bytes from[8];
    for (int i = 0; i < count; i++) from[i] = v[i];
    for (int i = 0; i < count / 2; i++) {
        v[i] = evens(from[2 * i], from[2 * i + 1]);
        v[count / 2 + i] = odds(from[2 * i], from[2 * i + 1]);
    }
}

// The reverse of `split`.
CDAQ_BODY void merge(bytes *v, int count) {
    bytes from[8];
    for (int i = 0; i < count; i++) from[i] = v[i];
    for (int i = 0; i < count / 2; i++) {
        v[2 * i] = zip_low(from[i], from[count / 2 + i]);
        v[2 * i + 1] = zip_high(from[i], from[count / 2 + i]);
    }
}

// `size` vectors of elements become one vector for each byte of the element: each split moves one bit of a place, of those that
// number the bytes of an element, from the lowest to the highest.
CDAQ_BODY void split_elements(bytes *v, int size) {
    for (int step = 1; step < size; step *= 2) split(v, size);
}

// The reverse of `split_elements`.
CDAQ_BODY void merge_elements(bytes *v, int size) {
    for (int step = 1; step < size; step *= 2) merge(v, size);
}

CDAQ_BODY void shuffle_tile(const uint8_t *in, uint8_t *out, size_t row, int size) {
    bytes plane[8][8];
    for (int i = 0; i < 8; i++) {
        bytes v[8];
        const uint8_t *low = in + i * LANE * size, *high = low + LANE_ELEMENTS * size;
        for (int b = 0; b < size; b++) v[b] = load_lanes(low + b * LANE, high + b * LANE);
        split_elements(v, size);
        for (int b = 0; b < size; b++) plane[b][i] = transpose_bits(v[b]);
    }
    for (int b = 0; b < size; b++) {
        // Of the seven bits of a byte's place in its lane of the plane, four merges bring the lowest three to the top.
        for (int step = 0; step < 4; step++) merge(plane[b], 8);
        for (int bit = 0; bit < 8; bit++) memcpy(out + (size_t)(8 * b + bit) * row, &plane[b][bit], VECTOR);
    }
}

CDAQ_BODY void unshuffle_tile(const uint8_t *in, uint8_t *out, size_t row, int size) {
    bytes plane[8][8];
    for (int b = 0; b < size; b++) {
        for (int bit = 0; bit < 8; bit++) memcpy(&plane[b][bit], in + (size_t)(8 * b + bit) * row, VECTOR);
        for (int step = 0; step < 3; step++) merge(plane[b], 8);
        for (int i = 0; i < 8; i++) plane[b][i] = transpose_bits(plane[b][i]);
    }
    for (int i = 0; i < 8; i++) {
        bytes v[8];
        uint8_t *low = out + i * LANE * size, *high = low + LANE_ELEMENTS * size;
        for (int b = 0; b < size; b++) v[b] = plane[b][i];
        merge_elements(v, size);
        for (int b = 0; b < size; b++) store_lanes(v[b], low + b * LANE, high + b * LANE);
    }
}

CDAQ_BODY void shuffle(const uint8_t *in, size_t count, int size, uint8_t *out) {
    size_t row = count / 8, i = 0;
    for (; i + TILE <= count; i += TILE) shuffle_tile(in + i * size, out + i / 8, row, size);
    for (; i < count; i += 8) {
        for (int b = 0; b < size; b++) {
            uint64_t bits = 0;
            for (int e = 0; e < 8; e++) bits |= (uint64_t)in[(i + e) * size + b] << 8 * e;
            TRANSPOSE_BITS(bits);
            for (int bit = 0; bit < 8; bit++) out[(8 * b + bit) * row + i / 8] = (uint8_t)(bits >> 8 * bit);
        }
    }
}

CDAQ_BODY void unshuffle(const uint8_t *in, size_t count, int size, uint8_t *out) {
    size_t row = count / 8, i = 0;
    for (; i + TILE <= count; i += TILE) unshuffle_tile(in + i / 8, out + i * size, row, size);
    for (; i < count; i += 8) {
        for (int b = 0; b < size; b++) {
            uint64_t bits = 0;
            for (int bit = 0; bit < 8; bit++) bits |= (uint64_t)in[(8 * b + bit) * row + i / 8] << 8 * bit;
            TRANSPOSE_BITS(bits);
            for (int e = 0; e < 8; e++) out[(i + e) * size + b] = (uint8_t)(bits >> 8 * e);
        }
    }
}

// The size must be a constant for the loops to be unrolled.
void CDAQ_BITSHUFFLE(const void *elements, size_t count, size_t size, void *rows) {
    switch (size) {
    case 1: shuffle(elements, count, 1, rows); break;
    case 2: shuffle(elements, count, 2, rows); break;
    case 4: shuffle(elements, count, 4, rows); break;
    case 8: shuffle(elements, count, 8, rows); break;
    default: break;
    }
}

void CDAQ_BITUNSHUFFLE(const void *rows, size_t count, size_t size, void *elements) {
    switch (size) {
    case 1: unshuffle(rows, count, 1, elements); break;
    case 2: unshuffle(rows, count, 2, elements); break;
    case 4: unshuffle(rows, count, 4, elements); break;
    case 8: unshuffle(rows, count, 8, elements); break;
    default: break;
    }
}
