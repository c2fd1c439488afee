/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "decision/decision_priv.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static void
draw_free(void *item)
{
    kn_draw *draw = item;

    g_free(draw->counter);
    g_free(draw);
}

kn_context *
kn_context_new(void)
{
    kn_context *ctx = g_new0(kn_context, 1);

    ctx->owner = "";
    ctx->topic = "";
    ctx->draws = g_ptr_array_new_with_free_func(draw_free);
    return ctx;
}

void
kn_context_free(kn_context *ctx)
{
    if (!ctx)
        return;
    g_ptr_array_unref(ctx->draws);
    g_free(ctx);
}

void
kn_context_enter(kn_context *ctx)
{
    g_ptr_array_set_size(ctx->draws, 0);
}

static kn_draw *
find_draw(const kn_context *ctx, const char *counter)
{
    for (unsigned i = 0; i < ctx->draws->len; i++) {
        kn_draw *draw = ctx->draws->pdata[i];

        if (strcmp(draw->counter, counter) == 0)
            return draw;
    }
    return NULL;
}

int64_t
kn_context_drawn(const kn_context *ctx, const char *counter)
{
    const kn_draw *draw = find_draw(ctx, counter);

    return draw ? draw->count : 0;
}

int64_t
kn_context_time(const kn_context *ctx)
{
    return ctx->time_ms;
}

const void *
kn_context_conf(const kn_context *ctx)
{
    return ctx->conf;
}

const kn_codes *
kn_context_codes(const kn_context *ctx)
{
    return ctx->codes;
}

int
kn_context_op(const kn_context *ctx)
{
    return ctx->op;
}

const char *
kn_context_owner(const kn_context *ctx)
{
    return ctx->owner ? ctx->owner : "";
}

int64_t
kn_context_serial(kn_context *ctx, const char *counter)
{
    const int64_t *used = ctx->counters ? g_hash_table_lookup(ctx->counters, counter) : NULL;
    kn_draw *draw = find_draw(ctx, counter);

    if (!draw) {
        draw = g_new0(kn_draw, 1);
        draw->counter = g_strdup(counter);
        g_ptr_array_add(ctx->draws, draw);
    }
    draw->count++;
    return ((used ? *used : 0) + draw->count - 1) * 1000 + ctx->slot;
}

void
kn_context_derive(const kn_context *ctx, const char *purpose, uint8_t out[32])
{
    /* topic names hold no bar: the parts cannot run into each other */
    g_autofree char *text = g_strdup_printf("%s|%d|%" G_GINT64_FORMAT "|%s", ctx->topic,
                                            ctx->partition, ctx->offset, purpose);
    unsigned len = 32;
    const void *done = HMAC(EVP_sha256(), ctx->secret ? (const void *)ctx->secret : "",
                            (int)ctx->secret_len, (const unsigned char *)text, strlen(text), out,
                            &len);

    assert(done && len == 32);
    (void)done;
}

void
kn_context_uuid(const kn_context *ctx, const char *purpose, char out[37])
{
    uint8_t bytes[32];

    kn_context_derive(ctx, purpose, bytes);
    kn_hex_uuid(bytes, out);
}
