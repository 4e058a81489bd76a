#include "CPerchBytes.h"

#include <string.h>

// The reflected polynomial is 0x82F63B78. There is nothing to initialise, so there is no race.
static uint32_t byte_step(uint32_t crc, uint8_t byte) {
    // Two half-byte look-ups: sixteen entries are few enough to write down and to check by eye.
    static const uint32_t nibbles[16] = {
        0x00000000u, 0x105EC76Fu, 0x20BD8EDEu, 0x30E349B1u, 0x417B1DBCu, 0x5125DAD3u,
        0x61C69362u, 0x7198540Du, 0x82F63B78u, 0x92A8FC17u, 0xA24BB5A6u, 0xB21572C9u,
        0xC38D26C4u, 0xD3D3E1ABu, 0xE330A81Au, 0xF36E6F75u,
    };
    crc ^= byte;
    crc = (crc >> 4) ^ nibbles[crc & 15];
    return (crc >> 4) ^ nibbles[crc & 15];
}

uint32_t cperchbytes_crc32c_plain(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint32_t crc = ~seed;
    while (count-- > 0) {
        crc = byte_step(crc, *next++);
    }
    return ~crc;
}

#if defined(__x86_64__)

#include <nmmintrin.h>

__attribute__((target("sse4.2")))
static uint32_t crc32c_sse42(uint32_t seed, const uint8_t *next, size_t count) {
    uint64_t crc = ~seed;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        crc = _mm_crc32_u64(crc, word);
        next += 8;
        count -= 8;
    }
    uint32_t narrow = (uint32_t)crc;
    while (count-- > 0) {
        narrow = _mm_crc32_u8(narrow, *next++);
    }
    return ~narrow;
}

uint32_t cperchbytes_crc32c(uint32_t seed, const void *bytes, size_t count) {
    if (__builtin_cpu_supports("sse4.2")) {
        return crc32c_sse42(seed, bytes, count);
    }
    return cperchbytes_crc32c_plain(seed, bytes, count);
}

#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)

#include <arm_acle.h>

uint32_t cperchbytes_crc32c(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint32_t crc = ~seed;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        crc = __crc32cd(crc, word);
        next += 8;
        count -= 8;
    }
    while (count-- > 0) {
        crc = __crc32cb(crc, *next++);
    }
    return ~crc;
}

#else

uint32_t cperchbytes_crc32c(uint32_t seed, const void *bytes, size_t count) {
    return cperchbytes_crc32c_plain(seed, bytes, count);
}

#endif
