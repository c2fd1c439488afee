/* SPDX-License-Identifier: Apache-2.0 */
/* The direct verification works on the tree of the gate; xmlsec1 gets a tree of its own, parsed by libxml2
 * without anything of ours, so that a gate which changed the meaning would be found out too. */
#include "pair.h"

#include <string.h>

#include "base/clock.h"
#include "xml/internal.h"
#include "xml/xml_auto.h"
#include "xml/xmlsec.h"

static bool
by_xmlsec(const kn_shape *shape, xmlDoc *plain, EVP_PKEY *key, GError **err)
{
    kn_shape theirs = { .root = xmlDocGetRootElement(plain),
                        .signature = kn_signature_of(plain),
                        .alg = shape->alg,
                        .info_form = shape->info_form,
                        .doc_form = shape->doc_form };

    if (!theirs.signature)
        return kn_fail(err, KN_E_SIG_BAD, "no Signature in libxml2's own tree");
    if (shape->id)
        theirs.id = xmlHasNsProp(theirs.root, (const xmlChar *)"Id", NULL);
    return kn_xmlsec_verify(plain, &theirs, key, err);
}

/* Profile w3c is verified by xmlsec1; the other side is our digest of the tree we would process. */
static bool
direct_w3c(kn_pair *pair, xmlDoc *doc, kn_shape *shape, EVP_PKEY *key, GError **err)
{
    g_autoptr(GString) info = g_string_new(NULL), bytes = g_string_new(NULL);
    const kn_alg_row *row = kn_alg_row_of(shape->alg);
    uint8_t digest[KN_DIGEST_MAX];

    if (!kn_xml_canonical_signed_info(shape, info, err)
        || !kn_crypto_verify(pair->xml, shape->alg, key, info->str, info->len, shape->value,
                             shape->value_len, err))
        return false;
    kn_xml_signature_detach(shape);
    if (!kn_c14n_document(doc, shape->signature, &shape->doc_form, bytes)
        || !kn_crypto_digest(pair->xml->md, row->digest_md, bytes->str, bytes->len, digest))
        return kn_fail(err, KN_E_C14N_FAILED, "canonical form");
    return memcmp(digest, shape->digest, row->digest_len) == 0
           || kn_fail(err, KN_E_DIGEST_MISMATCH, "digest");
}

static kn_pair_result
compare(kn_pair *pair, const kn_base *base, xmlDoc *doc, kn_shape *shape, xmlDoc *plain)
{
    g_autoptr(GError) ours = NULL, theirs = NULL;
    g_autofree char *content = NULL;
    EVP_PKEY *key = kit_key(base->alg);
    int64_t t0 = kn_clock_thread_cpu_us(), t1 = 0;
    bool direct = pair->profile == KN_PROFILE_W3C
                      ? direct_w3c(pair, doc, shape, key, &ours)
                      : kn_xml_verify(pair->xml, doc, shape, key, NULL, &ours);
    bool second = false;

    t1 = kn_clock_thread_cpu_us();
    pair->direct_us += t1 - t0;
    second = by_xmlsec(shape, plain, key, &theirs);
    pair->xmlsec_us += kn_clock_thread_cpu_us() - t1;
    if (direct != second) {
        (void)g_snprintf(pair->what, sizeof pair->what, "direct: %s; xmlsec1: %s",
                         direct ? "good" : ours->message, second ? "good" : theirs->message);
        return KN_PAIR_DISAGREE;
    }
    if (!direct)
        return KN_PAIR_REFUSED;
    content = kn_content_of(xmlDocGetRootElement(plain), kn_signature_of(plain));
    return strcmp(content, base->content) == 0 ? KN_PAIR_ACCEPTED : KN_PAIR_CHANGED;
}

kn_pair_result
kn_pair_judge(kn_pair *pair, const kn_base *base, const char *text, size_t len)
{
    g_autoptr(xmlDoc) doc = NULL, plain = NULL;
    kn_shape shape = { 0 };
    kn_pair_result result = KN_PAIR_NOT_SHAPED;

    if (!kn_xml_open(pair->xml, text, len, false, &doc, NULL))
        return KN_PAIR_NOT_OPENED;
    if (!kn_xml_shape_as(pair->profile, doc, &shape, NULL))
        return KN_PAIR_NOT_SHAPED;
    plain = pair->spoil ? kn_plain_parse(base->text, strlen(base->text))
                        : kn_plain_parse(text, len);
    if (plain) {
        result = compare(pair, base, doc, &shape, plain);
    } else {
        (void)g_snprintf(pair->what, sizeof pair->what, "libxml2 alone does not parse it");
        result = KN_PAIR_DISAGREE;
    }
    kn_shape_clear(&shape);
    return result;
}
