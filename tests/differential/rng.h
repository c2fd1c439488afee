/* SPDX-License-Identifier: Apache-2.0 */
/* The only source of chance in this folder: seed and number of a mutant give the mutant. */
#ifndef KOUAN_TEST_RNG_H
#define KOUAN_TEST_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct kn_rng {
    uint64_t state;
} kn_rng;

/* splitmix64 */
static inline uint64_t
kn_rng_next(kn_rng *rng)
{
    uint64_t z = (rng->state += UINT64_C(0x9E3779B97F4A7C15));

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline size_t
kn_rng_below(kn_rng *rng, size_t n)
{
    return n ? (size_t)(kn_rng_next(rng) % n) : 0;
}

static inline kn_rng
kn_rng_of(uint64_t seed, uint64_t number)
{
    kn_rng rng = { .state = seed * UINT64_C(0xD1342543DE82EF95) + number };

    (void)kn_rng_next(&rng);
    return rng;
}

#endif
