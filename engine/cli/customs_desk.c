/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/customs_desk.h"

#include "base/clock.h"
#include "cli/paper.h"
#include "xml/verify.h"

#include <kouan/handler.h>
#include <kouan/log.h>
#include <openssl/pem.h>
#include <string.h>

#define ONE_TRANSACTION 500
#define FRESH_MS 200000 /* older requests are answered with the time of now: msg.max_skew_seconds */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_shape, kn_shape_clear)

typedef struct request {
    char *guid, *data_no, *trip_no, *key;
    int part;
    int64_t offset, time_ms;
    unsigned open; /* steps not yet done */
    unsigned sent; /* of those, in the running transaction */
} request;

typedef struct due {
    request *request; /* borrowed */
    kn_customs_step step;
    unsigned number;
    int64_t at_ms;
} due;

typedef struct partition {
    int64_t next, told; /* offset after the last one read; last one committed */
} partition;

struct kn_desk {
    const kn_engine *engine;
    kn_make *make;
    const kn_customs_plan *plan;
    kn_xml *xml;
    GPtrArray *certs; /* X509 of the engine */
    GPtrArray *requests;
    GPtrArray *dues;        /* by time */
    GHashTable *seen;       /* guids */
    GHashTable *partitions; /* number -> partition; looked up, and walked only to fill offsets */
    GArray *offsets;
    unsigned in_hand; /* dues at the front that are in the running transaction */
    kn_desk_figures figures;
};

static void
request_free(void *data)
{
    request *r = data;

    g_free(r->guid);
    g_free(r->data_no);
    g_free(r->trip_no);
    g_free(r->key);
    g_free(r);
}

static void
cert_free(void *cert)
{
    X509_free(cert);
}

/* --- the engine's certificates -------------------------------------------------------------------------- */

static bool
load_cert(kn_desk *desk, const char *file, GError **err)
{
    g_autofree char *path = NULL;
    X509 *cert = NULL;
    BIO *bio;

    if (!*file)
        return true;
    path = kn_config_path(desk->engine->config, file);
    bio = BIO_new_file(path, "r");
    if (bio)
        cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (!cert)
        return kn_fail(err, KN_E_CONFIG, "[sign] %s is no certificate that can be read", path);
    g_ptr_array_add(desk->certs, cert);
    return true;
}

bool
kn_desk_new(const kn_engine *engine, kn_make *make, const kn_customs_plan *plan, kn_desk **out,
            GError **err)
{
    g_autoptr(kn_desk) desk = g_new0(kn_desk, 1);
    const kn_config *c = engine->config;

    desk->engine = engine;
    desk->make = make;
    desk->plan = plan;
    desk->xml = kn_xml_new(NULL, NULL);
    desk->certs = g_ptr_array_new_with_free_func(cert_free);
    desk->requests = g_ptr_array_new_with_free_func(request_free);
    desk->dues = g_ptr_array_new_with_free_func(g_free);
    desk->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    desk->partitions = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    desk->offsets = g_array_new(FALSE, TRUE, sizeof(kn_bus_part));
    if (!load_cert(desk, c->ecdsa_cert, err) || !load_cert(desk, c->rsa_cert, err)
        || !load_cert(desk, c->sm2_cert, err))
        return false;
    if (desk->certs->len == 0)
        return kn_fail(err, KN_E_CONFIG, "[sign] names no certificate of the engine");
    *out = g_steal_pointer(&desk);
    return true;
}

void
kn_desk_free(kn_desk *desk)
{
    if (!desk)
        return;
    kn_xml_free(desk->xml);
    g_ptr_array_unref(desk->certs);
    g_ptr_array_unref(desk->dues);
    g_ptr_array_unref(desk->requests);
    g_hash_table_unref(desk->seen);
    g_hash_table_unref(desk->partitions);
    g_array_unref(desk->offsets);
    g_free(desk);
}

void
kn_desk_reset(kn_desk *desk)
{
    g_ptr_array_set_size(desk->dues, 0);
    g_ptr_array_set_size(desk->requests, 0);
    g_array_set_size(desk->offsets, 0);
    desk->in_hand = 0;
    g_hash_table_remove_all(desk->seen);
    g_hash_table_remove_all(desk->partitions);
}

/* --- taking --------------------------------------------------------------------------------------------- */

/* Signed by one of the engine's keys, and by nobody else. */
static bool
from_engine(const kn_desk *desk, xmlDoc *doc, GError **err)
{
    g_auto(kn_shape) shape = { 0 };
    const uint8_t *der;
    g_autoptr(X509) shown = NULL;

    if (!kn_xml_shape(doc, &shape, err))
        return false;
    der = shape.cert;
    shown = der ? d2i_X509(NULL, &der, (long)shape.cert_len) : NULL;
    for (unsigned i = 0; shown && i < desk->certs->len; i++)
        if (X509_cmp(shown, g_ptr_array_index(desk->certs, i)) == 0)
            return kn_xml_verify(desk->xml, doc, &shape, X509_get0_pubkey(shown), NULL, err);
    return kn_fail(err, KN_E_KEY_NOT_BOUND, "certificate is not the engine's");
}

static void
lay_down(kn_desk *desk, due *d)
{
    unsigned at = desk->dues->len;

    while (at > 0 && ((due *)g_ptr_array_index(desk->dues, at - 1))->at_ms > d->at_ms)
        at--;
    g_ptr_array_insert(desk->dues, (int)at, d);
}

static void
adopt(kn_desk *desk, const kn_bus_record *record, const kn_paper *paper)
{
    xmlNode *root = xmlDocGetRootElement(kn_paper_business(paper));
    g_autoptr(GArray) steps = kn_customs_steps(desk->plan, paper->guid);
    request *r = g_new0(request, 1);

    r->guid = g_strdup(paper->guid);
    r->data_no = kn_paper_text(root, "Declaration/dataCenterNo");
    r->trip_no = kn_paper_text(root, "Declaration/tripNo");
    r->key = g_strndup(record->key ? record->key : "", record->key_len);
    r->part = record->part;
    r->offset = record->offset;
    r->time_ms = record->time_ms;
    r->open = steps->len;
    g_ptr_array_add(desk->requests, r);
    for (unsigned i = 0; i < steps->len; i++) {
        due *d = g_new0(due, 1);

        d->request = r;
        d->step = g_array_index(steps, kn_customs_step, i);
        d->number = i;
        d->at_ms = kn_clock_wall_ms() + d->step.after_ms;
        lay_down(desk, d);
    }
}

void
kn_desk_take(kn_desk *desk, const kn_bus_record *record)
{
    partition *p = g_hash_table_lookup(desk->partitions, GINT_TO_POINTER(record->part));
    g_auto(kn_paper) paper = { 0 };
    g_autoptr(GError) why = NULL;

    if (!p) {
        p = g_new0(partition, 1);
        p->told = -1;
        (void)g_hash_table_insert(desk->partitions, GINT_TO_POINTER(record->part), p);
    }
    p->next = record->offset + 1;
    desk->figures.requests++;
    if (!kn_paper_read(desk->xml, record->bytes ? record->bytes : "", record->len, false, &paper,
                       &why)
        || !from_engine(desk, kn_paper_business(&paper), &why)) {
        desk->figures.refused++;
        kn_warn("customs refuses a message", KN_STR("why", why->message),
                KN_INT("partition", record->part), KN_INT("offset", record->offset));
        return;
    }
    if (!g_hash_table_add(desk->seen, g_strdup(paper.guid))) {
        desk->figures.repeats++; /* DESIGN §8, 7 */
        return;
    }
    adopt(desk, record, &paper);
}

/* --- answering -------------------------------------------------------------------------------------------- */

static json_t *
body_of(const due *d, const char *type, const char *guid, const char *when)
{
    json_t *body = kn_make_body(kn_make_template_of(type));
    const char *part = d->step.ack ? "Ack" : "Customs";
    json_t *at = json_object_get(body, part);

    (void)json_object_set_new(at, "dataCenterNo", json_string(d->request->data_no));
    if (*d->request->trip_no)
        (void)json_object_set_new(at, "tripNo", json_string(d->request->trip_no));
    if (d->step.text)
        (void)json_object_set_new(at, "text", json_string(d->step.text));
    if (d->step.ack) {
        (void)json_object_set_new(at, "oriGuid", json_string(d->request->guid));
        (void)json_object_set_new(at, "result", json_string(d->step.ack));
        (void)json_object_set_new(at, "ackTime", json_string(when));
    } else {
        (void)json_object_set_new(at, "receiptId", json_string(guid));
        (void)json_object_set_new(at, "code", json_string(d->step.code));
        (void)json_object_set_new(at, "customsTime", json_string(when));
    }
    return body;
}

/* The same request gives the same answer: its time is the request's plus the step's. */
static bool
compose(const kn_desk *desk, const due *d, int64_t now_ms, kn_made *out, GError **err)
{
    const char *type = d->step.ack ? "CKAckMessage" : "CKCustomsMessage";
    const kn_make_template *t = kn_make_template_of(type);
    int64_t time_ms = d->request->time_ms + d->step.after_ms;
    char guid[37], when[32];
    json_t *body;
    bool ok;

    if (now_ms - time_ms > FRESH_MS)
        time_ms = now_ms;
    kn_customs_guid(d->request->guid, d->number, guid);
    kn_time_text(time_ms, KN_TIME_WIRE, when);
    body = body_of(d, type, guid, when);
    ok = kn_make_message(desk->make,
                         &(kn_make_order){ .type = t->type,
                                           .ns = t->ns,
                                           .prefix = t->prefix,
                                           .body = body,
                                           .partner = desk->engine->config->customs_partner,
                                           .bare = true,
                                           .owner = "",
                                           .receiver = desk->engine->config->id,
                                           .guid = guid,
                                           .time_ms = time_ms },
                         out, err);
    json_decref(body);
    return ok;
}

static bool
send_due(const kn_desk *desk, const due *d, kn_producer *producer, const char *topic,
         int64_t now_ms, GError **err)
{
    g_auto(kn_made) made = { 0 };
    json_t *headers;
    bool ok = compose(desk, d, now_ms, &made, err);

    headers = ok ? json_pack("{ss ss ss}", "guid", made.guid, "type", made.type, "sender",
                             made.sender)
                 : NULL;
    for (int i = 0; ok && i < d->step.times; i++)
        ok = kn_producer_send(producer,
                              &(kn_bus_send){ .topic = topic,
                                              .key = d->request->key,
                                              .key_len = strlen(d->request->key),
                                              .bytes = made.bytes->str,
                                              .len = made.bytes->len,
                                              .headers = headers },
                              err);
    json_decref(headers);
    return ok;
}

static const char *
answer_topic(const kn_desk *desk)
{
    for (size_t i = 0; desk->engine->config->in_topics[i]; i++)
        if (g_str_has_suffix(desk->engine->config->in_topics[i], ".customs"))
            return desk->engine->config->in_topics[i];
    return NULL;
}

bool
kn_desk_send(kn_desk *desk, kn_producer *producer, int64_t now_ms, unsigned *sent, GError **err)
{
    const char *topic = answer_topic(desk);
    unsigned n = 0;

    for (unsigned i = 0; i < desk->requests->len; i++) /* an attempt before may have been aborted */
        ((request *)g_ptr_array_index(desk->requests, i))->sent = 0;
    desk->in_hand = 0;
    if (!topic)
        return kn_fail(err, KN_E_CONFIG, "[kafka] in_topics has none for customs");
    for (; n < desk->dues->len && n < ONE_TRANSACTION; n++) {
        due *d = g_ptr_array_index(desk->dues, n);

        if (d->at_ms > now_ms)
            break;
        if (!send_due(desk, d, producer, topic, now_ms, err))
            return false;
        d->request->sent++;
    }
    desk->in_hand = n;
    *sent = n;
    return true;
}

/* --- positions ------------------------------------------------------------------------------------------- */

/* Where a successor would have to begin: at the oldest request with an open step. */
static int64_t
safe_offset(const kn_desk *desk, int part, int64_t next)
{
    for (unsigned i = 0; i < desk->requests->len; i++) {
        const request *r = g_ptr_array_index(desk->requests, i);

        if (r->part == part && r->open > r->sent)
            return MIN(next, r->offset);
    }
    return next;
}

const kn_bus_part *
kn_desk_offsets(kn_desk *desk, size_t *n)
{
    g_array_set_size(desk->offsets, 0);
    for (int part = 0; part < (int)desk->engine->config->partitions; part++) {
        partition *p = g_hash_table_lookup(desk->partitions, GINT_TO_POINTER(part));
        kn_bus_part out = { .topic = desk->engine->config->customs_topic, .part = part };

        if (!p)
            continue;
        out.offset = safe_offset(desk, part, p->next);
        if (out.offset != p->told)
            g_array_append_val(desk->offsets, out);
    }
    *n = desk->offsets->len;
    return (const kn_bus_part *)(const void *)desk->offsets->data;
}

void
kn_desk_done(kn_desk *desk)
{
    for (unsigned i = 0; i < desk->offsets->len; i++) {
        const kn_bus_part *told = &g_array_index(desk->offsets, kn_bus_part, i);
        partition *p = g_hash_table_lookup(desk->partitions, GINT_TO_POINTER(told->part));

        if (p)
            p->told = told->offset;
    }
    g_array_set_size(desk->offsets, 0);
    for (unsigned i = 0; i < desk->in_hand; i++) {
        due *d = g_ptr_array_index(desk->dues, i);

        d->request->open--;
        d->request->sent = 0;
        desk->figures.answers += d->step.times;
    }
    if (desk->in_hand > 0)
        (void)g_ptr_array_remove_range(desk->dues, 0, desk->in_hand);
    desk->in_hand = 0;
    for (unsigned i = desk->requests->len; i-- > 0;)
        if (((request *)g_ptr_array_index(desk->requests, i))->open == 0)
            (void)g_ptr_array_remove_index(desk->requests, i);
}

bool
kn_desk_ready(kn_desk *desk, int64_t now_ms)
{
    size_t n = 0;

    if (desk->dues->len > 0 && ((const due *)g_ptr_array_index(desk->dues, 0))->at_ms <= now_ms)
        return true;
    (void)kn_desk_offsets(desk, &n);
    return n > 0;
}

bool
kn_desk_empty(const kn_desk *desk)
{
    return desk->dues->len == 0;
}

const kn_desk_figures *
kn_desk_read(const kn_desk *desk)
{
    return &desk->figures;
}
