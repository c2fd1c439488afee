/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile file may cost (XML_SECURITY §7): thread CPU of its admission, with cold caches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "hostile.h"

#include "base/clock.h"

#include <cmocka.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 3 /* the least of them counts: neighbours on the machine only ever add */
#define SHOWN 10

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FACTOR 10 /* sanitizers slow libxml2-heavy code three- to eightfold */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FACTOR 10
#endif
#endif
#ifndef FACTOR
#define FACTOR 1
#endif

static unsigned wrong;

const int hostile_budget_factor = FACTOR;

typedef struct figure {
    char name[64];
    int64_t us;
    size_t bytes;
} figure;

/* CPU of one RSA-2048 verification, the unit of XML_SECURITY §11. */
static double
rsa_verify_us(void)
{
    static const unsigned char text[] = "what is signed";
    EVP_PKEY *key = hostile_party_of("a-rsa")->key;
    unsigned char value[512];
    size_t len = sizeof value;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int64_t before;
    enum { TIMES = 200 };

    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(ctx, value, &len, text, sizeof text), 1);
    before = kn_clock_thread_cpu_us();
    for (int i = 0; i < TIMES; i++) {
        assert_int_equal(EVP_MD_CTX_reset(ctx), 1);
        assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
        assert_int_equal(EVP_DigestVerify(ctx, value, len, text, sizeof text), 1);
    }
    EVP_MD_CTX_free(ctx);
    return (double)(kn_clock_thread_cpu_us() - before) / TIMES;
}

/* The dear files have a verdict too; a file that stops early costs nothing and proves nothing. */
static unsigned
wrong_verdict(const hostile_draft *d, const kn_item *item)
{
    kn_error code = item->why ? kn_error_code(item->why) : KN_E_OK;

    if (code == d->row->error)
        return 0;
    (void)fprintf(stderr, "%s.%s: expected %s, found %s: %.200s\n", d->row->name, d->base->name,
                  kn_error_row_of(d->row->error)->name, kn_error_row_of(code)->name,
                  item->why ? item->why->message : "");
    return 1;
}

static void
measure(const hostile_row *r, const hostile_base *base, GArray *figures)
{
    hostile_draft d = { 0 };
    figure f = { .us = INT64_MAX };

    hostile_make(r, base, &d);
    for (int i = 0; i < TRIES && f.us > HOSTILE_BUDGET_US / 10; i++) {
        int64_t us = 0;
        kn_item *item;

        hostile_world_forget();
        item = hostile_admit(&d, &us);
        wrong += wrong_verdict(&d, item);
        kn_item_free(item);
        f.us = MIN(f.us, us);
    }
    (void)g_snprintf(f.name, sizeof f.name, "%s.%s", r->name, base->name);
    f.bytes = d.bytes->len;
    g_array_append_val(figures, f);
    hostile_draft_clear(&d);
}

static void
measure_rows(const hostile_row *rows, GArray *figures)
{
    for (const hostile_row *r = rows; r->name; r++)
        for (size_t b = 0; b < HOSTILE_BASES; b++)
            if (r->on & 1U << b)
                measure(r, &hostile_bases[b], figures);
}

static int
dearest_first(const void *a, const void *b)
{
    const figure *x = a, *y = b;

    return (x->us < y->us) - (x->us > y->us);
}

void
hostile_cost(void **unused)
{
    g_autoptr(GArray) figures = g_array_new(FALSE, FALSE, sizeof(figure));
    double unit = rsa_verify_us();

    (void)unused;
    for (size_t l = 0; hostile_lists[l] && FACTOR == 1; l++)
        measure_rows(hostile_lists[l]->rows, figures);
    measure_rows(hostile_dear, figures);
    qsort(figures->data, figures->len, sizeof(figure), dearest_first);
    (void)printf("# %u files; one RSA-2048 verification %.1f us; allowed %d ms\n", figures->len,
                 unit, HOSTILE_BUDGET_US * FACTOR / 1000);
    for (unsigned i = 0; i < MIN(figures->len, SHOWN); i++) {
        const figure *f = &g_array_index(figures, figure, i);

        (void)printf("# %-32s %8.1f ms %9.0f x %8zu bytes\n", f->name, (double)f->us / 1000,
                     (double)f->us / unit, f->bytes);
    }
    assert_int_equal(wrong, 0);
    if (g_array_index(figures, figure, 0).us > (int64_t)HOSTILE_BUDGET_US * FACTOR)
        fail_msg("%s is over the budget", g_array_index(figures, figure, 0).name);
}
