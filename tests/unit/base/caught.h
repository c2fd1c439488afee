/* SPDX-License-Identifier: Apache-2.0 */
/* What is written to stderr between caught_begin and caught_end, as text; one thread. */
#ifndef KOUAN_TEST_CAUGHT_H
#define KOUAN_TEST_CAUGHT_H

#include <unistd.h>

static int caught_saved, caught_ends[2];
static char caught_line[8192];

static void
caught_begin(void)
{
    assert_int_equal(pipe(caught_ends), 0);
    caught_saved = dup(STDERR_FILENO);
    assert_true(caught_saved >= 0 && dup2(caught_ends[1], STDERR_FILENO) >= 0);
}

/* Good until the next call. */
static const char *
caught_end(void)
{
    ssize_t n;

    assert_true(dup2(caught_saved, STDERR_FILENO) >= 0);
    assert_int_equal(close(caught_saved) | close(caught_ends[1]), 0);
    n = read(caught_ends[0], caught_line, sizeof caught_line - 1);
    caught_line[n > 0 ? n : 0] = '\0';
    assert_int_equal(close(caught_ends[0]), 0);
    return caught_line;
}

#endif
