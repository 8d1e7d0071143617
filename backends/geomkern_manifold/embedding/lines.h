/* Lines of text, an edge on each: two names and perhaps a weight, between delimiters. */
#ifndef GK_LINES_H
#define GK_LINES_H

#include <Python.h>

#include <float.h>

#include "names.h"

typedef struct {
    int32_t *child, *parent;
    float *weight;       /* NULL where the lines have two columns */
    int64_t count;
} gk_edges;

typedef struct {
    const char *text, *end;
} gk_cell;

/* Whether the next three bytes are a character that str.strip() takes for white space. */
static inline int gk_is_wide_space(const unsigned char *c)
{
    return (c[0] == 0xe1 && c[1] == 0x9a && c[2] == 0x80)                                             /* U+1680 */
        || (c[0] == 0xe2 && c[1] == 0x80 && (c[2] <= 0x8a || c[2] == 0xa8 || c[2] == 0xa9 || c[2] == 0xaf))
        || (c[0] == 0xe2 && c[1] == 0x81 && c[2] == 0x9f)                                             /* U+205F */
        || (c[0] == 0xe3 && c[1] == 0x80 && c[2] == 0x80);                                            /* U+3000 */
}

/* How many bytes from here on are one character of white space; `left` bytes follow. */
static inline int gk_space(const char *text, int64_t left)
{
    const unsigned char *c = (const unsigned char *)text;
    if (left >= 1 && (c[0] == ' ' || (c[0] >= 0x09 && c[0] <= 0x0d) || (c[0] >= 0x1c && c[0] <= 0x1f)))
        return 1;
    if (left >= 2 && c[0] == 0xc2 && (c[1] == 0x85 || c[1] == 0xa0))
        return 2;
    return left >= 3 && gk_is_wide_space(c) ? 3 : 0;
}

/* Without the white space around it, as str.strip() does; the text is UTF-8. */
static inline gk_cell gk_strip(gk_cell cell)
{
    int n;
    while ((n = gk_space(cell.text, cell.end - cell.text)) > 0)
        cell.text += n;
    while (cell.end > cell.text) {
        const char *last = cell.end - 1;
        while (last > cell.text && (*last & 0xc0) == 0x80)
            last--;
        if (gk_space(last, cell.end - last) == 0)
            break;
        cell.end = last;
    }
    return cell;
}

/* The number in a cell, or 0 if it is not one that a positive finite float can hold. The text goes on behind the cell
 * with a character that ends every number.
 */
static inline float gk_weight(gk_cell cell)
{
    char *end = NULL;
    double value = PyOS_string_to_double(cell.text, &end, NULL);
    if (PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    float weight = (float)value;
    return end == cell.end && weight > 0 && weight <= FLT_MAX ? weight : 0;
}

/* Add the edges of whole lines. Returns NULL, or the beginning of a line that is no edge: it does not have as many
 * columns as wanted, a name is empty, a carriage return does not end it, or the weight is not one. *lines counts the
 * lines, that one as well.
 */
static inline const char *gk_read_lines(gk_names *names, gk_edges *edges, const char *text, const char *end,
                                        char delimiter, int64_t *lines)
{
    const int wanted = edges->weight ? 3 : 2;
    while (text < end) {
        const char *line = text, *next = memchr(line, '\n', end - line), *stop = next ? next : end;
        text = stop + 1;
        *lines += 1;
        if (stop > line && stop[-1] == '\r')
            stop--;
        if (stop == line || *line == '#')
            continue;
        gk_cell cell[3];
        int columns = 0;
        for (const char *at = line; at && columns <= wanted; columns++) {
            const char *between = memchr(at, delimiter, stop - at);
            if (columns < wanted)
                cell[columns] = gk_strip((gk_cell){at, between ? between : stop});
            at = between ? between + 1 : NULL;
        }
        if (columns != wanted || cell[0].text == cell[0].end || cell[1].text == cell[1].end
            || memchr(line, '\r', stop - line))
            return line;
        if (edges->weight && !((edges->weight[edges->count] = gk_weight(cell[2])) > 0))
            return line;
        edges->child[edges->count] = gk_number(names, cell[0].text, cell[0].end - cell[0].text);
        edges->parent[edges->count] = gk_number(names, cell[1].text, cell[1].end - cell[1].text);
        edges->count++;
    }
    return NULL;
}

#endif
