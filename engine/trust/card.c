/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/card.h"

#include <kouan/error.h>
#include <kouan/option.h>
#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#define IDENTITY_OID KN_CARD_ARC ".5.8" /* the holder's identity number: never read */

typedef struct oid_conf {
    char *oids[KN_FACT_COUNT];
    char *number_prefix;
} oid_conf;

typedef struct class_conf {
    char **legal, **operators;
} class_conf;

struct kn_card_rules {
    oid_conf conf;
    class_conf classes;
    ASN1_OBJECT *oids[KN_FACT_COUNT]; /* NULL = not read */
};

/* clang-format off */
/* TO ADD ONE: 1. kn_card_fact  2. a row here  3. a shape below  4. kn_certificate or kn_card */
#define FACT(name, fact, oid, text) \
    { .key = (name), .type = KN_OPT_TEXT, .def = (oid), .max = 128, \
      .offset = offsetof(oid_conf, oids) + (fact) * sizeof(char *), .help = (text), .source = "EPORT §3" }
static const kn_option oid_rows[] = {
    FACT("enterprise",           KN_FACT_ENTERPRISE,           KN_CARD_ARC ".5.1",      "enterprise name"),
    FACT("class",                KN_FACT_CLASS,                KN_CARD_ARC ".5.3",
           "card class code, judged by [card.classes]; .5.12 is the holder class code"),
    FACT("number",               KN_FACT_NUMBER,               KN_CARD_ARC ".5.9",      "card number"),
    FACT("orgcode",              KN_FACT_ORGCODE,              KN_CARD_ARC ".5.11",     "organisation code"),
    FACT("uscc",                 KN_FACT_USCC,                 KN_CARD_OWN_ARC ".1",    "unified social credit code"),
    FACT("customs10",            KN_FACT_CUSTOMS10,            KN_CARD_OWN_ARC ".2",    "ten-digit customs code"),
    FACT("customs10_second",     KN_FACT_CUSTOMS10_SECOND,     KN_CARD_OWN_ARC ".3",
         "second ten-digit customs code"),
    FACT("registration_customs", KN_FACT_REGISTRATION_CUSTOMS, KN_CARD_OWN_ARC ".4",
         "customs of registration, four digits"),
    { .key = "number_prefix", .type = KN_OPT_TEXT, .def = "03-", .max = 16, .offset = offsetof(oid_conf, number_prefix),
      .help = "taken off a card number that starts with it", .source = "EPORT §3" },
    { 0 },
};
static const kn_option class_rows[] = {
    { .key = "legal", .type = KN_OPT_LIST, .def = "01", .offset = offsetof(class_conf, legal),
      .help = "class codes of a 法人卡; not published, so a table says it", .source = "EPORT §3" },
    { .key = "operator", .type = KN_OPT_LIST, .def = "02", .offset = offsetof(class_conf, operators),
      .help = "class codes of a 操作员卡", .source = "EPORT §3" },
    { 0 },
};

/* Shape of a value: exact length and alphabet; 0 = any text of at most 200 bytes. */
static const struct { size_t len; const char *alphabet; } shapes[KN_FACT_COUNT] = {
    [KN_FACT_NUMBER]               = { 13, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
    [KN_FACT_ORGCODE]              = { 9,  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
    [KN_FACT_USCC]                 = { 18, "0123456789ABCDEFGHJKLMNPQRTUWXY" },
    [KN_FACT_CUSTOMS10]            = { 10, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
    [KN_FACT_CUSTOMS10_SECOND]     = { 10, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
    [KN_FACT_REGISTRATION_CUSTOMS] = { 4,  "0123456789" },
};
/* clang-format on */

static bool
set_oid(kn_card_rules *rules, const kn_option *row, size_t fact, const char *file, GError **err)
{
    const char *text = rules->conf.oids[fact];

    if (*text == '\0')
        return true; /* switched off */
    rules->oids[fact] = OBJ_txt2obj(text, 1);
    if (!rules->oids[fact])
        return kn_fail(err, KN_E_CONFIG, "%s: [card.oids] %s: not a dotted OID", file, row->key);
    /* Compared in its coded form, so that no other spelling of the same OID gets through. */
    ASN1_OBJECT *identity = OBJ_txt2obj(IDENTITY_OID, 1);
    bool same = !identity || OBJ_cmp(identity, rules->oids[fact]) == 0;

    ASN1_OBJECT_free(identity);
    if (same)
        return kn_fail(err, KN_E_CONFIG,
                       "%s: [card.oids] %s: the holder's identity number is never read", file,
                       row->key);
    return true;
}

static bool
check_classes(const class_conf *classes, const char *file, GError **err)
{
    for (size_t i = 0; classes->legal[i]; i++)
        if (g_strv_contains((const char *const *)classes->operators, classes->legal[i]))
            return kn_fail(err, KN_E_CONFIG,
                           "%s: [card.classes] legal: “%s” is an operator class too", file,
                           classes->legal[i]);
    return true;
}

bool
kn_card_rules_load(GKeyFile *file, const char *file_name, kn_card_rules **out, GError **err)
{
    g_autoptr(kn_card_rules) rules = g_new0(kn_card_rules, 1);

    if (!kn_options_load(oid_rows, file, file_name, "card.oids", &rules->conf, err)
        || !kn_options_load(class_rows, file, file_name, "card.classes", &rules->classes, err)
        || !check_classes(&rules->classes, file_name, err))
        return false;
    for (size_t i = 0; i < KN_FACT_COUNT; i++)
        if (!set_oid(rules, &oid_rows[i], i, file_name, err))
            return false;
    *out = g_steal_pointer(&rules);
    return true;
}

void
kn_card_rules_free(kn_card_rules *rules)
{
    if (!rules)
        return;
    kn_options_clear(oid_rows, &rules->conf);
    kn_options_clear(class_rows, &rules->classes);
    for (size_t i = 0; i < KN_FACT_COUNT; i++)
        ASN1_OBJECT_free(rules->oids[i]);
    g_free(rules);
}

/* UTF-8 of one string value; NULL when the bytes are not what the tag allows. */
static char *
string_text(const ASN1_STRING *value, int tag)
{
    const char *bytes = (const char *)ASN1_STRING_get0_data(value);
    int len = ASN1_STRING_length(value);
    g_autofree char *text = NULL;
    size_t read = 0;

    if (len <= 0 || memchr(bytes, '\0', (size_t)len))
        return NULL;
    if (g_utf8_validate(bytes, len, NULL)
        && (tag == V_ASN1_UTF8STRING || g_utf8_strlen(bytes, len) == len))
        text = g_strndup(bytes, (size_t)len);
    else if (tag != V_ASN1_UTF8STRING)
        text = g_convert(bytes, len, "UTF-8", "GB18030", &read, NULL, NULL);
    if (!text || (read != 0 && read != (size_t)len))
        return NULL;
    for (const char *p = text; *p; p++)
        if (g_ascii_iscntrl(*p))
            return NULL;
    return g_steal_pointer(&text);
}

char *
kn_card_extension_text(const X509 *cert, const ASN1_OBJECT *oid)
{
    int at = X509_get_ext_by_OBJ(cert, oid, -1);
    char *text = NULL;

    if (at < 0 || X509_get_ext_by_OBJ(cert, oid, at) >= 0)
        return NULL; /* absent, or doubled: nobody says which one counts */
    const ASN1_OCTET_STRING *raw = X509_EXTENSION_get_data(X509_get_ext(cert, at));
    const unsigned char *p = ASN1_STRING_get0_data(raw);
    const unsigned char *end = p + ASN1_STRING_length(raw);
    ASN1_TYPE *value = d2i_ASN1_TYPE(NULL, &p, ASN1_STRING_length(raw));

    if (value && p == end)
        switch (ASN1_TYPE_get(value)) {
        case V_ASN1_UTF8STRING:
        case V_ASN1_PRINTABLESTRING:
        case V_ASN1_IA5STRING:
        case V_ASN1_VISIBLESTRING:
        case V_ASN1_T61STRING:
            text = string_text(value->value.asn1_string, ASN1_TYPE_get(value));
            break;
        default: break;
        }
    ASN1_TYPE_free(value);
    return text;
}

static bool
shape_ok(kn_card_fact fact, const char *text)
{
    if (shapes[fact].len == 0)
        return strlen(text) <= 200;
    return strlen(text) == shapes[fact].len
           && strspn(text, shapes[fact].alphabet) == shapes[fact].len;
}

static char *
read_fact(const kn_card_rules *rules, const X509 *cert, kn_card_fact fact)
{
    g_autofree char *text = rules->oids[fact] ? kn_card_extension_text(cert, rules->oids[fact])
                                              : NULL;

    if (!text)
        return g_strdup("");
    g_strstrip(text);
    if (fact == KN_FACT_NUMBER && g_str_has_prefix(text, rules->conf.number_prefix))
        memmove(text, text + strlen(rules->conf.number_prefix),
                strlen(text) - strlen(rules->conf.number_prefix) + 1);
    if (fact == KN_FACT_ORGCODE && strlen(text) == 10 && text[8] == '-') {
        text[8] = text[9]; /* the written form D2143569-X (CODES §2.1) */
        text[9] = '\0';
    }
    return shape_ok(fact, text) ? g_steal_pointer(&text) : g_strdup("");
}

static const char *
class_of(const kn_card_rules *rules, const char *code)
{
    if (*code == '\0')
        return "";
    if (g_strv_contains((const char *const *)rules->classes.legal, code))
        return "legal";
    if (g_strv_contains((const char *const *)rules->classes.operators, code))
        return "operator";
    return "";
}

void
kn_card_read(const kn_card_rules *rules, const X509 *cert, kn_card_facts *out)
{
    for (int i = 0; i < KN_FACT_COUNT; i++)
        out->values[i] = read_fact(rules, cert, (kn_card_fact)i);
    g_autofree char *code = out->values[KN_FACT_CLASS];

    out->values[KN_FACT_CLASS] = g_strdup(class_of(rules, code));
    /* The unified code contains the organisation code (CODES §2.4). */
    if (*out->values[KN_FACT_ORGCODE] == '\0' && *out->values[KN_FACT_USCC] != '\0') {
        g_free(out->values[KN_FACT_ORGCODE]);
        out->values[KN_FACT_ORGCODE] = g_strndup(out->values[KN_FACT_USCC] + 8, 9);
    }
}

void
kn_card_facts_clear(kn_card_facts *facts)
{
    for (size_t i = 0; i < KN_FACT_COUNT; i++)
        g_clear_pointer(&facts->values[i], g_free);
}
