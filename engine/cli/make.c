/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/make.h"

#include "base/alg.h"
#include "base/clock.h"
#include "base/hex.h"
#include "pki/kn_pki.h"
#include "xml/dxp.h"
#include "xml/sign.h"

#include <kouan/handler.h>
#include <openssl/rand.h>
#include <string.h>

struct kn_make {
    char *folder;
    json_t *index;
    GHashTable *signers; /* certificate file -> kn_signer */
    kn_writer *writer;
    kn_xml *xml;
};

static void
signer_free(void *signer)
{
    kn_signer_free(signer);
}

bool
kn_make_open(const char *folder, kn_make **out, GError **err)
{
    g_autofree char *path = g_build_filename(folder, "pki.json", NULL);
    json_error_t why;
    json_t *index;
    kn_make *make;

    if (!kn_xml_setup(err))
        return false;
    index = json_load_file(path, 0, &why);
    if (!index)
        return kn_fail(err, KN_E_IO, "%s: %s; kouan pki --out makes it", path, why.text);
    make = g_new0(kn_make, 1);
    make->folder = g_strdup(folder);
    make->index = index;
    make->signers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, signer_free);
    make->writer = kn_writer_new();
    make->xml = kn_xml_new(NULL, NULL);
    *out = make;
    return true;
}

void
kn_make_free(kn_make *make)
{
    if (!make)
        return;
    kn_xml_free(make->xml);
    kn_writer_free(make->writer);
    g_hash_table_unref(make->signers);
    json_decref(make->index);
    g_free(make->folder);
    g_free(make);
}

void
kn_made_clear(kn_made *made)
{
    g_free(made->guid);
    g_free(made->type);
    g_free(made->sender);
    g_free(made->key);
    if (made->bytes)
        (void)g_string_free(made->bytes, TRUE);
    *made = (kn_made){ 0 };
}

/* --- who ---------------------------------------------------------------------------------------------- */

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static const json_t *
find_by(const json_t *list, const char *name, const char *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(text_of(json_array_get(list, i), name), value) == 0)
            return json_array_get(list, i);
    return NULL;
}

const json_t *
kn_make_card(const kn_make *make, const char *which)
{
    const json_t *cards = json_object_get(make->index, "cards");
    int64_t place = 0;

    if (strlen(which) < 6 && g_ascii_string_to_signed(which, 10, 1, 99999, &place, NULL))
        return json_array_get(cards, (size_t)place - 1);
    return find_by(cards, "number", which);
}

const char *
kn_make_orgcode(const char *enterprise)
{
    int64_t place = 0;

    if (strlen(enterprise) > 2 || !g_ascii_string_to_signed(enterprise, 10, 1, 99, &place, NULL))
        return enterprise;
    return kn_pki_enterprise_at((int)place - 1)->orgcode;
}

const json_t *
kn_make_operator(const kn_make *make, const char *enterprise)
{
    const json_t *cards = json_object_get(make->index, "cards");
    const char *orgcode = kn_make_orgcode(enterprise);

    for (size_t i = 0; i < json_array_size(cards); i++) {
        const json_t *card = json_array_get(cards, i);

        if (strcmp(text_of(card, "orgcode"), orgcode) == 0
            && strcmp(text_of(card, "class"), "operator") == 0)
            return card;
    }
    return NULL;
}

/* Keys are read once; entry is a card or a partner of the index. */
static bool
signer_of(kn_make *make, const json_t *entry, const kn_signer **out, GError **err)
{
    const char *cert = text_of(entry, "cert");
    kn_signer *signer = g_hash_table_lookup(make->signers, cert);

    if (!signer) {
        g_autofree char *key_path = g_build_filename(make->folder, text_of(entry, "key"), NULL);
        g_autofree char *cert_path = g_build_filename(make->folder, cert, NULL);

        if (!kn_signer_load(kn_alg_by_name(text_of(entry, "algorithm")), key_path, cert_path,
                            &signer, err))
            return false;
        (void)g_hash_table_insert(make->signers, g_strdup(cert), signer);
    }
    *out = signer;
    return true;
}

/* --- what ----------------------------------------------------------------------------------------------- */

/* {n}, {n1} .. {n9} */
static char *
fill_in(const char *text, int64_t n)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (const char *p = text; *p; p++) {
        if (p[0] == '{' && p[1] == 'n' && p[2] == '}') {
            g_string_append_printf(out, "%" G_GINT64_FORMAT, n);
            p += 2;
        } else if (p[0] == '{' && p[1] == 'n' && g_ascii_isdigit(p[2]) && p[2] != '0'
                   && p[3] == '}') {
            int64_t bound = 1;

            for (int i = 0; i < p[2] - '0'; i++)
                bound *= 10;
            g_string_append_printf(out, "%0*" G_GINT64_FORMAT, p[2] - '0', n % bound);
            p += 3;
        } else {
            (void)g_string_append_c(out, *p);
        }
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* A copy with all places filled in. */
static json_t *
instance(const json_t *value, int64_t n)
{
    if (json_is_string(value)) {
        g_autofree char *text = fill_in(json_string_value(value), n);

        return json_string(text);
    }
    if (json_is_array(value)) {
        json_t *list = json_array();

        for (size_t i = 0; i < json_array_size(value); i++)
            (void)json_array_append_new(list, instance(json_array_get(value, i), n));
        return list;
    }
    if (json_is_object(value)) {
        json_t *object = json_object();
        const char *name;
        json_t *member;

        json_object_foreach ((json_t *)(uintptr_t)value, name, member)
            (void)json_object_set_new(object, name, instance(member, n));
        return object;
    }
    return json_deep_copy(value);
}

static void
offer(json_t *head, const char *name, const char *value)
{
    const json_t *old = json_object_get(head, name);

    if (value && *value && old && json_is_null(old))
        (void)json_object_set_new(head, name, json_string(value));
}

/* What the body's head leaves open. */
static void
fill_head(json_t *body, const kn_make_order *order, const char *owner, const char *when)
{
    json_t *head = json_object_get(body, "Head");

    if (!head)
        return;
    offer(head, "senderId", order->partner);
    offer(head, "receiverId", order->receiver);
    offer(head, "createTime", when);
    if (order->card) {
        offer(head, "cardNo", text_of(order->card, "number"));
    } else if (*owner) { /* nobody's card tells: the portal states it */
        offer(head, "userName", "operator01");
        offer(head, "orgCode", owner);
    }
}

static bool
sign_or_not(kn_make *make, const kn_canonical *doc, const json_t *entry, GString *out,
            char digest[64], GError **err)
{
    const kn_signer *signer;

    digest[0] = '\0';
    if (!entry) {
        (void)g_string_append_len(out, doc->text->str, (gssize)doc->text->len);
        return true;
    }
    return signer_of(make, entry, &signer, err)
           && kn_xml_sign_canonical(make->xml, signer, doc, out, digest, err);
}

/* The business message: signed by the card, by the partner itself, or by nobody. */
static bool
business(kn_make *make, const kn_make_order *order, const json_t *signs, const char *when,
         kn_made *made, GString *out, GError **err)
{
    const kn_ns ns[] = { { order->prefix, order->ns }, { 0 } };
    g_autoptr(kn_canonical) doc = NULL;
    json_t *body = instance(order->body, order->n);

    fill_head(body, order, made->key, when);
    kn_writer_root_guid(make->writer, order->prefix, order->type, ns, made->guid, "1.0");
    kn_write_json(make->writer, order->prefix, body);
    json_decref(body);
    return kn_writer_take(make->writer, &doc, err)
           && sign_or_not(make, doc, signs, out, made->digest, err);
}

static bool
shell(kn_make *make, const kn_make_order *order, const json_t *signs, const char *when,
      const GString *inner, kn_made *made, GString *out, GError **err)
{
    char *receiver = (char *)(uintptr_t)order->receiver;
    g_autofree char *sender = g_strdup(order->partner), *time = g_strdup(when),
                    *type = g_strdup(order->type);
    kn_dxp dxp = { .cop_msg_id = made->guid,
                   .sender = sender,
                   .receivers = { receiver },
                   .n_receivers = 1,
                   .create_time = time,
                   .msg_type = type };
    g_autoptr(kn_canonical) doc = NULL;
    char unused[64];

    return kn_dxp_write(make->writer, &dxp, inner->str, inner->len, &doc, err)
           && sign_or_not(make, doc, signs, out, unused, err);
}

static char *
random_guid(void)
{
    uint8_t bytes[16] = { 0 };
    char text[37];

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return NULL;
    kn_hex_uuid(bytes, text);
    return g_strdup(text);
}

static bool
name(const kn_make_order *order, kn_made *made, GError **err)
{
    made->guid = order->guid ? g_strdup(order->guid) : random_guid();
    made->type = g_strdup(order->type);
    made->sender = g_strdup(order->partner);
    made->key = g_strdup(order->owner  ? order->owner
                         : order->card ? text_of(order->card, "orgcode")
                                       : "");
    made->bytes = g_string_new(NULL);
    return made->guid ? true : kn_fail(err, KN_E_ENGINE_ERROR, "no random bytes");
}

bool
kn_make_message(kn_make *make, const kn_make_order *order, kn_made *out, GError **err)
{
    const json_t *partner = find_by(json_object_get(make->index, "partners"), "id", order->partner);
    g_auto(kn_made) made = { 0 };
    g_autoptr(GString) inner = g_string_new(NULL);
    char when[32];

    if (!partner)
        return kn_fail(err, KN_E_USAGE, "pki.json has no partner “%s”", order->partner);
    kn_time_text(order->time_ms ? order->time_ms : kn_clock_wall_ms(), KN_TIME_WIRE, when);
    if (!name(order, &made, err)
        || !business(make, order, order->bare ? partner : order->card, when, &made,
                     order->bare ? made.bytes : inner, err))
        return false;
    if (!order->bare && !shell(make, order, partner, when, inner, &made, made.bytes, err))
        return false;
    *out = made;
    made = (kn_made){ 0 };
    return true;
}
