/* Names as bytes, numbered in the order in which they first occur. All of them lie in one array, one after the other,
 * and a hash table with open addressing finds them. Whoever adds names makes room for them first.
 */
#ifndef GK_NAMES_H
#define GK_NAMES_H

#include <stdint.h>
#include <string.h>

typedef struct {
    char *text;
    int64_t *begin;      /* name i is text[begin[i]], ..., text[begin[i + 1] - 1] */
    uint64_t *hash;
    int32_t *slot;       /* numbers of names, and -1 where there is none; at most half of them are taken */
    uint64_t mask;       /* the number of slots, a power of two, less one */
    int32_t count;
} gk_names;

/* Eight bytes at a time are mixed in by a multiplication, whose upper half depends on all of them. */
static inline uint64_t gk_hash(const char *name, int64_t size)
{
    uint64_t h = (uint64_t)size * UINT64_C(0x9e3779b97f4a7c15), word;
    for (; size > 0; name += 8, size -= 8) {
        word = 0;
        memcpy(&word, name, size < 8 ? (size_t)size : 8);
        h = (h ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
        h ^= h >> 31;
    }
    h *= UINT64_C(0x94d049bb133111eb);
    return h ^ (h >> 32);
}

/* The number of a name, which is new if no equal one has been added before. */
static inline int32_t gk_number(gk_names *names, const char *name, int64_t size)
{
    uint64_t h = gk_hash(name, size), i = h & names->mask;
    for (int32_t k; (k = names->slot[i]) >= 0; i = (i + 1) & names->mask) {
        int64_t begin = names->begin[k];
        if (names->hash[k] == h && names->begin[k + 1] - begin == size && !memcmp(names->text + begin, name, size))
            return k;
    }
    int32_t k = names->slot[i] = names->count++;
    memcpy(names->text + names->begin[k], name, size);
    names->begin[k + 1] = names->begin[k] + size;
    names->hash[k] = h;
    return k;
}

/* Put all names into slots, which are empty. */
static inline void gk_fill_slots(gk_names *names)
{
    for (int32_t k = 0; k < names->count; k++) {
        uint64_t i = names->hash[k] & names->mask;
        while (names->slot[i] >= 0)
            i = (i + 1) & names->mask;
        names->slot[i] = k;
    }
}

#endif
