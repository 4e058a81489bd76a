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
#include <wmmintrin.h>

// One checksum waits three cycles for each word; three of them, of bytes that follow each other, run
// in the same time. They are put together by polynomial arithmetic: a checksum with n bytes behind it
// is that checksum times x^(8n) modulo the polynomial. The factors are x^(8n - 33), since the
// instruction that reduces the product multiplies by x^33.
enum { LONG_LANE = 1024, SHORT_LANE = 128 };

__attribute__((target("sse4.2,pclmul")))
static inline uint32_t times(uint32_t crc, uint32_t factor) {
    __m128i product = _mm_clmulepi64_si128(
        _mm_cvtsi32_si128((int)crc), _mm_cvtsi32_si128((int)factor), 0);
    return (uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

// The checksum's state after three lanes; `one` and `two` are the factors of one and two lanes.
__attribute__((target("sse4.2,pclmul")))
static inline uint32_t three_lanes(
    uint32_t state, const uint8_t *next, size_t lane, uint32_t one, uint32_t two) {
    uint64_t first = state, second = 0, third = 0;
    for (size_t at = 0; at < lane; at += 8) {
        uint64_t words[3];
        memcpy(&words[0], next + at, 8);
        memcpy(&words[1], next + lane + at, 8);
        memcpy(&words[2], next + 2 * lane + at, 8);
        first = _mm_crc32_u64(first, words[0]);
        second = _mm_crc32_u64(second, words[1]);
        third = _mm_crc32_u64(third, words[2]);
    }
    return times((uint32_t)first, two) ^ times((uint32_t)second, one) ^ (uint32_t)third;
}

__attribute__((target("sse4.2,pclmul")))
static uint32_t crc32c_lanes(uint32_t state, const uint8_t **next, size_t *count) {
    while (*count >= 3 * LONG_LANE) {
        state = three_lanes(state, *next, LONG_LANE, 0x170076FAu, 0xA51B6135u);
        *next += 3 * LONG_LANE;
        *count -= 3 * LONG_LANE;
    }
    while (*count >= 3 * SHORT_LANE) {
        state = three_lanes(state, *next, SHORT_LANE, 0x0D3B6092u, 0xB9E02B86u);
        *next += 3 * SHORT_LANE;
        *count -= 3 * SHORT_LANE;
    }
    return state;
}

__attribute__((target("sse4.2")))
static uint32_t crc32c_sse42(uint32_t seed, const uint8_t *next, size_t count) {
    uint32_t state = ~seed;
    if (count >= 3 * SHORT_LANE && __builtin_cpu_supports("pclmul")) {
        state = crc32c_lanes(state, &next, &count);
    }
    uint64_t crc = state;
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
