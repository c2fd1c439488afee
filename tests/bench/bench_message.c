/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_message.h"

#include <kouan/error.h>
#include <kouan/handler.h>
#include <string.h>

#define CK_NS "urn:kouan:checkpoint:1"
#define RECEIVER "KOUAN00000000001"
#define FIXED_BYTES 2230 /* of a message with one row, without its certificate */
#define ROW_BYTES 407
#define ROWS_MAX 2600
#define REMARK "散杂货，按提单分批提离，车辆已备案"

typedef struct maker {
    kn_writer *w;
    const kn_bench_party *party;
    const kn_bench_shape *shape;
    const char *sender;
    uint64_t number;
    const char *when;
} maker;

static void
text(const maker *m, const char *name, const char *value)
{
    kn_writer_text(m->w, "ck", name, value);
}

static void
head(const maker *m)
{
    kn_writer_start(m->w, "ck", "Head", NULL);
    text(m, "senderId", m->sender);
    text(m, "receiverId", RECEIVER);
    text(m, "createTime", m->when);
    text(m, "userName", "bench");
    text(m, "cardNo", m->shape->shell ? m->party->card_no : NULL);
    text(m, "uscc", m->party->enterprise->uscc);
    text(m, "orgCode", m->party->enterprise->orgcode);
    text(m, "enterpriseName", m->party->enterprise->name);
    kn_writer_end(m->w);
}

static void
row(const maker *m, size_t n)
{
    g_autofree char *id = g_strdup_printf("BL%012" G_GUINT64_FORMAT "%04zu", m->number, n);

    kn_writer_start(m->w, "ck", "Row", NULL);
    text(m, "direction", "E");
    text(m, "bindObjectType", "B");
    text(m, "bindObjectId", id);
    text(m, "shipName", "MV CHANGJIANG STAR");
    text(m, "voyageNo", "2611E");
    text(m, "businessType", "1000000000");
    text(m, "billType", "1");
    text(m, "goodsWeight", "18250.5000");
    text(m, "remark", REMARK);
    kn_writer_end(m->w);
}

static void
document(const maker *m)
{
    size_t used = FIXED_BYTES + strlen(m->party->own->cert_b64), rows = 1;

    if (m->shape->bytes > used)
        rows = MIN(ROWS_MAX, 1 + (m->shape->bytes - used) / ROW_BYTES);
    kn_writer_start(m->w, "ck", "Declaration", NULL);
    text(m, "customsCode", "0902");
    text(m, "bindMediumType", "VN");
    text(m, "bindMediumInfo", "渝A12345");
    text(m, "businessType", "1000000000");
    text(m, "transportMode", "2");
    text(m, "ieFlag", "I");
    text(m, "passType", "01");
    text(m, "vehicleWeight", "12000.0000");
    text(m, "trailerWeight", "8000.0000");
    text(m, "containerWeight", "0");
    text(m, "remark", REMARK);
    kn_writer_start(m->w, "ck", "Rows", NULL);
    for (size_t i = 0; i < rows; i++)
        row(m, i + 1);
    kn_writer_end(m->w);
    kn_writer_end(m->w);
}

static void
transfer(const maker *m)
{
    kn_writer_start(m->w, "ck", "BaseTransfer", NULL);
    text(m, "copCode", m->party->enterprise->customs10);
    text(m, "copName", m->party->enterprise->name);
    text(m, "dxpMode", "DXP");
    text(m, "dxpId", m->sender);
    kn_writer_end(m->w);
}

static bool
business(kn_xml *xml, const maker *m, const char *guid, const kn_signer *signer, GString *out,
         char digest_b64[64], GError **err)
{
    static const kn_ns ns[] = { { "ck", CK_NS }, { NULL, NULL } };
    g_autoptr(kn_canonical) doc = NULL;

    kn_writer_root_guid(m->w, "ck", m->shape->declare ? "CKDeclareMessage" : "CKStageMessage", ns,
                        guid, "1.0");
    head(m);
    if (m->shape->declare) {
        kn_writer_start(m->w, "ck", "Declare", NULL);
        text(m, "confirm", "true");
        kn_writer_end(m->w);
    }
    document(m);
    transfer(m);
    return kn_writer_take(m->w, &doc, err)
           && kn_xml_sign_canonical(xml, signer, doc, out, digest_b64, err);
}

static bool
shell(kn_xml *xml, const maker *m, const char *guid, const kn_signer *signer, const GString *inner,
      GString *out, GError **err)
{
    g_autofree char *id = g_strdup(guid), *sender = g_strdup(m->sender),
                    *receiver = g_strdup(RECEIVER);
    g_autofree char *when = g_strdup(m->when);
    g_autofree char *type = g_strdup(m->shape->declare ? "CKDeclareMessage" : "CKStageMessage");
    kn_dxp dxp = { .cop_msg_id = id,
                   .sender = sender,
                   .receivers = { receiver },
                   .n_receivers = 1,
                   .create_time = when,
                   .msg_type = type };
    g_autoptr(kn_canonical) doc = NULL;

    return kn_dxp_write(m->w, &dxp, inner->str, inner->len, &doc, err)
           && kn_xml_sign_canonical(xml, signer, doc, out, NULL, err);
}

bool
kn_bench_message(kn_xml *xml, kn_writer *writer, const kn_bench_parties *parties, size_t who,
                 const kn_bench_shape *shape, uint64_t number, const char *guid, int64_t now_ms,
                 GString *out, char digest_b64[64], GError **err)
{
    const kn_bench_party *party = &parties->list[who % parties->n];
    char when[32];
    maker m = { .w = writer,
                .party = party,
                .shape = shape,
                .sender = shape->shell ? KN_BENCH_PORTAL : party->id,
                .number = number,
                .when = when };
    GString *inner;
    bool ok;

    kn_time_text(now_ms, KN_TIME_WIRE, when);
    if (!shape->shell)
        return business(xml, &m, guid, party->own, out, digest_b64, err);
    inner = g_string_sized_new(shape->bytes + 4096);
    ok = business(xml, &m, guid, party->card, inner, digest_b64, err)
         && shell(xml, &m, guid, parties->portal, inner, out, err);
    (void)g_string_free(inner, TRUE);
    return ok;
}

void
kn_bench_guid(GRand *rand, char out[37])
{
    uint32_t a = g_rand_int(rand), b = g_rand_int(rand), c = g_rand_int(rand), d = g_rand_int(rand);

    (void)g_snprintf(out, 37, "%08X-%04X-4%03X-%04X-%04X%08X", a, b >> 16, b & 0xfff,
                     (c >> 16 & 0x3fff) | 0x8000, c & 0xffff, d);
}
