/* Names as bytes, numbered in the order in which they first occur. Each lies once in an array of records, which a hash
 * table with open addressing leads to; to find a name takes two visits to memory. Whoever adds names makes room first.
 */
#ifndef GK_NAMES_H
#define GK_NAMES_H

#include <stdint.h>
#include <string.h>

#define GK_PLACE ((UINT64_C(1) << 40) - 1)

/* What stands before the bytes of a name. */
typedef struct {
    int32_t number, size;
} gk_record;

typedef struct {
    char *text;          /* the records */
    int64_t end;         /* where the next one goes */
    uint64_t *slot;      /* 0, or 24 bits of the hash and 40 of the place of the record, counted from 1; half are 0 */
    uint64_t mask;       /* the number of slots, a power of two, less one */
    int32_t count;
} gk_names;

/* Eight bytes at a time are mixed in by a multiplication, whose upper half depends on all of them. */
static inline uint64_t gk_hash(const char *name, int64_t size)
{
    uint64_t h = (uint64_t)size * UINT64_C(0x9e3779b97f4a7c15), word;
    for (; size >= 8; name += 8, size -= 8) {
        memcpy(&word, name, 8);
        h = (h ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
        h ^= h >> 31;
    }
    for (word = 0; size > 0; size--)
        word = word << 8 | (unsigned char)name[size - 1];
    h = (h ^ word) * UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 32;
}

/* The number of a name, which is new if no equal one has been added before. */
static inline int32_t gk_number(gk_names *names, const char *name, int64_t size)
{
    uint64_t h = gk_hash(name, size), i = h & names->mask, found;
    gk_record record;
    for (; (found = names->slot[i]) != 0; i = (i + 1) & names->mask) {
        if ((found ^ h) & ~GK_PLACE)
            continue;
        const char *there = names->text + (found & GK_PLACE) - 1;
        memcpy(&record, there, sizeof record);
        if (record.size == size && !memcmp(there + sizeof record, name, size))
            return record.number;
    }
    names->slot[i] = (h & ~GK_PLACE) | (uint64_t)(names->end + 1);
    record = (gk_record){names->count++, (int32_t)size};
    memcpy(names->text + names->end, &record, sizeof record);
    memcpy(names->text + names->end + sizeof record, name, size);
    names->end += (int64_t)sizeof record + size;
    return record.number;
}

/* The name at a place among the records, and the place of the next. */
static inline int64_t gk_next_name(const gk_names *names, int64_t place, const char **name, int64_t *size)
{
    gk_record record;
    memcpy(&record, names->text + place, sizeof record);
    *name = names->text + place + sizeof record;
    *size = record.size;
    return place + (int64_t)sizeof record + record.size;
}

/* Put all names into slots, which are empty. */
static inline void gk_fill_slots(gk_names *names)
{
    for (int64_t place = 0, next, size; place < names->end; place = next) {
        const char *name;
        next = gk_next_name(names, place, &name, &size);
        uint64_t h = gk_hash(name, size), i = h & names->mask;
        while (names->slot[i])
            i = (i + 1) & names->mask;
        names->slot[i] = (h & ~GK_PLACE) | (uint64_t)(place + 1);
    }
}

#endif
