/* SPDX-License-Identifier: Apache-2.0 */
/* admit: open, prove, check of one message, in the order of XML_SECURITY §3.  What fails is a refusal
 * kept in the item; it settles like any other decision. */
#include "base/clock.h"
#include "base/fault.h"
#include "base/hex.h"
#include "base/rule.h"
#include "lane/admit_priv.h"
#include "lane/lane_priv.h"
#include "lane/own.h"

#include <assert.h>
#include <kouan/handler.h>
#include <string.h>

/* --- route (R1) ---------------------------------------------------------------------------------- */

static xmlNode *
child(xmlNode *parent, const char *name)
{
    for (xmlNode *n = parent ? parent->children : NULL; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0)
            return n;
    return NULL;
}

/* Text of a leaf as an id to look up: never more than a partner id is long. */
static char *
leaf_id(const xmlNode *leaf)
{
    const xmlNode *t = leaf ? leaf->children : NULL;

    if (!t || t->type != XML_TEXT_NODE || t->next || !t->content
        || strlen((const char *)t->content) > 64)
        return NULL;
    return g_strstrip(g_strdup((const char *)t->content));
}

/* Unsigned so far: it only picks the entry to check against; B1 compares the signed value. */
static char *
claimed_sender(const xmlDoc *doc)
{
    xmlNode *root = xmlDocGetRootElement(doc);

    if (kn_dxp_is(doc))
        return leaf_id(
            child(child((xmlNode *)(uintptr_t)kn_dxp_msg(doc), "TransInfo"), "SenderId"));
    return leaf_id(child(child(root, "Head"), "senderId"));
}

static bool
find_partner(kn_item *item, const char *id, GError **err)
{
    const kn_partner *p = id ? kn_partners_find(item->set->partners, id) : NULL;

    if (!p || !p->active)
        return kn_fail(err, KN_E_SENDER_UNKNOWN, "sender “%.16s” is %s", id ? id : "",
                       p ? "not active" : "not a partner");
    item->partner = p;
    return true;
}

/* --- one document: root, signature, key ------------------------------------------------------------ */

/* Root's name and guid as read, so that a refusal can say which message it speaks of. */
void
kn_admit_note(kn_item *item, const xmlDoc *doc)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    xmlChar *guid = xmlGetNoNsProp(root, BAD_CAST "guid");

    g_free(item->type);
    /* By characters: cut bytes would be no UTF-8, and then no JSON either. */
    item->type = g_utf8_substring((const char *)root->name, 0,
                                  MIN(g_utf8_strlen((const char *)root->name, -1), 64));
    if (guid && kn_hex_is_uuid((const char *)guid)) {
        g_free(item->guid);
        item->guid = g_strdup((const char *)guid);
    }
    xmlFree(guid);
}

bool
kn_admit_root(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    const char *ns = root->ns ? (const char *)root->ns->href : "";
    xmlChar *version = xmlGetNoNsProp(root, BAD_CAST "version");
    bool right = version && strcmp((const char *)version, "1.0") == 0;

    xmlFree(version);
    item->route = right ? kn_engine_route(lane->engine, ns, (const char *)root->name) : NULL;
    if (!item->route)
        return kn_fail(err, KN_E_MSG_UNKNOWN_ROOT, "root “%.64s”%s", (const char *)root->name,
                       right ? "" : ", version is not 1.0");
    return true;
}

/* S2..S9, S6 for this partner, K1..K6, G1, D1. */
bool
kn_admit_prove(kn_lane *lane, kn_item *item, kn_role role, xmlDoc *doc, kn_shape *shape,
               const kn_certificate **cert, GError **err)
{
    g_autoptr(GError) why = NULL;

    assert(item->partner); /* who is not known was refused by R1 */
    if (!kn_xml_shape_as(item->partner->profile, doc, shape, &why)) {
        kn_hint_find(lane, item, role, doc, shape, NULL, why);
        g_propagate_error(err, g_steal_pointer(&why));
        return false;
    }
    if (!kn_partner_algorithm(item->partner, shape->alg, kn_item_came_ms(item), err)
        || !kn_trust_key(kn_lane_trust(lane, item->set), item->partner, role, shape->alg,
                         shape->cert, shape->cert_len, kn_item_came_ms(item), cert, err))
        return false;
    if (kn_xml_verify(lane->xml, doc, shape, (*cert)->key, &item->sig, &why))
        return true;
    item->sig_failed = true;
    (void)g_strlcpy(item->sig_serial, (*cert)->serial_hex, sizeof item->sig_serial);
    kn_hint_find(lane, item, role, doc, shape, (*cert)->key, why);
    g_propagate_error(err, g_steal_pointer(&why));
    return false;
}

void
kn_admit_digest(kn_item *item, const uint8_t *digest, size_t len)
{
    item->digest = g_byte_array_append(g_byte_array_new(), digest, (guint)len);
    item->proven = true;
}

/* --- facts: which enterprise ------------------------------------------------------------------------ */

/* Organisation code of a unified code: positions 9 to 17 (CODES §2.4). */
static char *
orgcode_of(const char *orgcode, const char *uscc)
{
    if (orgcode && *orgcode)
        return g_strdup(orgcode);
    return uscc && strlen(uscc) == 18 ? g_strndup(uscc + 8, 9) : g_strdup("");
}

static const char *
or_empty(const char *text)
{
    return text ? text : "";
}

/* A fact the certificate lacks may be stated in the signed head by a portal that is trusted with it. */
static void
state_facts(const kn_item *item, xmlDoc *doc, kn_card *facts, char *keep[4])
{
    static const char *const names[4] = { "cardNo", "uscc", "orgCode", "enterpriseName" };
    const char **members[4] = { &facts->number, &facts->uscc, &facts->orgcode, &facts->enterprise };
    xmlNode *head = child(xmlDocGetRootElement(doc), "Head");

    for (size_t i = 0; i < 4; i++) {
        if (!item->in_shell || !item->partner->may_state_card_facts || **members[i])
            continue;
        keep[i] = leaf_id(child(head, names[i]));
        if (!keep[i] || !*keep[i])
            continue;
        *members[i] = keep[i];
        facts->stated = true;
    }
}

static kn_card
card_of(const kn_item *item, const kn_certificate *cert)
{
    kn_card facts = cert ? cert->facts : (kn_card){ 0 };
    const char **texts[] = { &facts.number,     &facts.holder_class, &facts.uscc,
                             &facts.orgcode,    &facts.customs10[0], &facts.customs10[1],
                             &facts.enterprise, &facts.serial };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = or_empty(*texts[i]);
    if (cert)
        facts.serial = cert->serial_hex;
    facts.signed_ = cert && *facts.number;
    if (item->partner->kind == KN_PARTNER_ENTERPRISE && !*facts.orgcode && !*facts.uscc) {
        facts.uscc = item->partner->uscc;
        facts.orgcode = item->partner->orgcode;
    }
    return facts;
}

/* The message object, with its facts; the home key. */
static bool
make_msg(kn_item *item, xmlDoc **doc, const kn_certificate *cert, GError **err)
{
    kn_msg_facts facts = { .partner = item->partner->id, .in_shell = item->in_shell };
    char *keep[4] = { NULL };
    g_autofree char *digest = g_base64_encode(item->digest->data, item->digest->len);

    facts.digest = digest;
    facts.card = card_of(item, cert);
    state_facts(item, *doc, &facts.card, keep);
    item->owner = orgcode_of(facts.card.orgcode, facts.card.uscc);
    item->msg = kn_msg_new(*doc, &facts, err);
    if (item->msg)
        *doc = NULL; /* taken */
    else
        item->proven = false; /* without a guid nothing can be told apart */
    for (size_t i = 0; i < 4; i++)
        g_free(keep[i]);
    return item->msg != NULL;
}

/* --- binding (B) ------------------------------------------------------------------------------------- */

static bool
check_sender(const kn_item *item, GError **err)
{
    static const struct {
        const char *path;
        bool bare_only;
    } fields[] = { { "Head/senderId", false },
                   { "BaseTransfer/dxpId", false },
                   { "BaseTransfer/copCode", true } };

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const char *value = kn_msg_text(item->msg, fields[i].path);

        if (!value || !*value || (fields[i].bare_only && item->in_shell))
            continue;
        if (!kn_partner_is_sender(item->partner, value))
            return kn_fail(err, KN_E_SENDER_MISMATCH, "%s is “%.32s”, signed by %s", fields[i].path,
                           value, item->partner->id);
    }
    return true;
}

static bool
check_rights(const kn_item *item, GError **err)
{
    const kn_doctype *d = item->route->doctype;
    unsigned by = item->partner->kind == KN_PARTNER_CUSTOMS ? KN_BY_CUSTOMS : KN_BY_PARTNER;
    const kn_card *card = kn_msg_card(item->msg);

    if (!(d->senders & by))
        return kn_fail(err, KN_E_MSG_NOT_ALLOWED, "%s does not come from this kind of partner",
                       d->root);
    if (!item->in_shell
            ? !kn_partner_may_send(item->partner, d->root, err)
            : !kn_partner_may_carry(item->partner, d->root, item->owner, card->signed_, err))
        return false;
    if (d->card_required && !card->signed_)
        return kn_fail(err, KN_E_CARD_REQUIRED,
                       "%s needs a card's signature on the business message", d->operation);
    if (by == KN_BY_PARTNER && !*item->owner)
        return kn_fail(err, KN_E_ENTERPRISE_UNKNOWN,
                       "no organisation code in certificate, entry or head");
    return true;
}

/* Order within an enterprise hangs on its key and partition (EXACTLY_ONCE §7.2, §12.1). */
static bool
check_partition(const kn_lane *lane, const kn_item *item, GError **err)
{
    const kn_config *c = lane->engine->config;
    const kn_bus_record *r = kn_item_judged(item);
    bool partner = item->partner->kind != KN_PARTNER_CUSTOMS;

    if (!c->check_partition)
        return true;
    if (!r->key
        || (partner
            && (r->key_len != strlen(item->owner) || memcmp(r->key, item->owner, r->key_len) != 0)))
        return kn_fail(err, KN_E_KEY_PARTITION, "record key is not the organisation code “%s”",
                       item->owner);
    if (kn_topics_partition(r->key, r->key_len, (int)c->partitions) != r->part)
        return kn_fail(err, KN_E_KEY_PARTITION,
                       "key belongs to partition %d (murmur2), found in %d",
                       kn_topics_partition(r->key, r->key_len, (int)c->partitions), r->part);
    return true;
}

static bool
check_time(kn_item *item, GError **err)
{
    const char *text = kn_msg_text(item->msg, "Head/createTime");

    if (!kn_time_parse(text, &item->create_ms))
        return kn_fail(err, KN_E_FIELD_FORMAT,
                       "Head/createTime is no time YYYY-MM-DDThh:mm:ss+08:00");
    return true;
}

/* --- the two ways in ----------------------------------------------------------------------------------- */

/* After the proof, the rest is the same for both ways: V1, then B. */
bool
kn_admit_check(kn_lane *lane, kn_item *item, xmlDoc **doc, const kn_certificate *cert, GError **err)
{
    int64_t mark = 0;
    bool ok;

    assert(item->route); /* known_root refuses otherwise */
    kn_lane_sampled(lane, KN_STAGE_COUNT, &mark);
    ok = kn_xml_validate(lane->xml, *doc, item->route->schema, err)
         && make_msg(item, doc, cert, err) && check_sender(item, err) && check_rights(item, err)
         && check_partition(lane, item, err) && check_time(item, err);
    kn_lane_sampled(lane, KN_STAGE_CHECK, &mark);
    return ok;
}

static bool
admit_bare(kn_lane *lane, kn_item *item, xmlDoc **doc, GError **err)
{
    kn_shape shape = { 0 };
    const kn_certificate *cert = NULL;
    int64_t mark = 0;
    bool ok;

    kn_lane_sampled(lane, KN_STAGE_COUNT, &mark);
    ok = kn_admit_root(lane, item, *doc, err)
         && kn_admit_prove(lane, item, KN_ROLE_PARTNER, *doc, &shape, &cert, err);
    kn_lane_sampled(lane, KN_STAGE_PROVE, &mark);
    if (ok) {
        kn_admit_digest(item, shape.digest, shape.digest_len);
        ok = kn_admit_check(lane, item, doc, cert, err);
    }
    kn_shape_clear(&shape);
    return ok;
}

bool
kn_admit_judged(kn_lane *lane, kn_item *item, GError **err)
{
    const kn_bus_record *r = kn_item_judged(item);
    g_autofree char *named = kn_item_header(item, "sender");
    const kn_own_kind *own;
    g_autoptr(xmlDoc) doc = NULL;
    int64_t mark = 0;
    bool ok;

    kn_lane_sampled(lane, KN_STAGE_COUNT, &mark);
    if (named && !find_partner(item, named, err))
        return false;
    ok = kn_xml_open(lane->xml, r->bytes ? r->bytes : "", r->len,
                     item->partner && item->partner->gb18030, &doc, err);
    kn_lane_sampled(lane, KN_STAGE_OPEN, &mark);
    if (!ok)
        return false;
    kn_admit_note(item, doc);
    (void)kn_fault_about("message.read", item->guid);
    own = kn_own_of(doc);
    if (own && !item->act)
        return kn_own_admit(lane, item, own, doc, err);
    if (own)
        return kn_fail(err, KN_E_MSG_NOT_ALLOWED, "%s is the engine's own: give it again",
                       own->root);
    if (!item->partner) {
        g_autofree char *claimed = claimed_sender(doc);

        if (!find_partner(item, claimed, err))
            return false;
    }
    return kn_dxp_is(doc) ? kn_admit_shell(lane, item, doc, err)
                          : admit_bare(lane, item, &doc, err);
}

bool
kn_admit(kn_lane *lane, kn_item *item, GError **err)
{
    g_autoptr(GError) why = NULL;
    kn_outcome outcome;

    kn_lane_sample(lane);
    if (!item->set)
        item->set = kn_trust_set_ref(item->part->set);
    item->guid = g_strdup("");
    item->type = g_strdup("");
    if (kn_admit_judged(lane, item, &why))
        return true;
    outcome = kn_error_outcome(why);
    if (outcome != KN_OUTCOME_REFUSE && outcome != KN_OUTCOME_QUARANTINE) {
        g_propagate_error(err, g_steal_pointer(&why));
        return false;
    }
    const char *rule = kn_rule_of(kn_error_code(why));

    item->why = g_steal_pointer(&why);
    item->why_rule = *rule ? g_strdup(rule) : NULL;
    return true;
}
