/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/partner_file.h"

#include "base/clock.h"
#include "base/ini.h"
#include "trust/crl.h"

#include <kouan/error.h>
#include <openssl/objects.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    kn_partner_box *box;
    const char *name; /* of the file, in messages */
    kn_files *files;
    GPtrArray *mistakes;
} reader;

static void G_GNUC_PRINTF(4, 5)
    mistake(reader *r, const char *group, const char *key, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(r->mistakes, g_strdup_printf("%s: [%s] %s: %s", r->name, group, key, what));
}

static bool
only_of(const char *text, size_t least, size_t most, const char *alphabet)
{
    size_t len = strlen(text);

    return len >= least && len <= most && strspn(text, alphabet) == len;
}

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts a list and looks at each entry; "*" must stand alone and only where all is true. */
static void
check_list(reader *r, const char *group, const char *key, char **list, bool all,
           const char *alphabet)
{
    unsigned n = g_strv_length(list);

    qsort(list, n, sizeof *list, by_text);
    for (unsigned i = 0; i < n; i++) {
        bool star = strcmp(list[i], "*") == 0;

        if (star && (!all || n > 1))
            mistake(r, group, key, all ? "* stands alone or not at all" : "* is not possible here");
        else if (!star && !only_of(list[i], 1, 64, alphabet))
            mistake(r, group, key, "“%s” is not possible here", list[i]);
        else if (i > 0 && strcmp(list[i], list[i - 1]) == 0)
            mistake(r, group, key, "“%s” stands there twice", list[i]);
    }
}

static bool
parse_day(const char *text, int64_t *ms_out)
{
    kn_date d = { 0 };

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (int i = 0; i < 10; i++)
        if (i != 4 && i != 7 && !g_ascii_isdigit(text[i]))
            return false;
    d.year = (int)g_ascii_strtoll(text, NULL, 10);
    d.month = (int)g_ascii_strtoll(text + 5, NULL, 10);
    d.day = (int)g_ascii_strtoll(text + 8, NULL, 10);
    return kn_clock_from_civil(&d, KN_CHINA_MINUTES, ms_out);
}

/* "rsa-sha1 until 2027-06-30"; the day given is the last good one, +08:00. */
static void
read_algorithm(reader *r, const char *text)
{
    g_autofree char *flat = g_strdelimit(g_strdup(text), "\t", ' ');
    g_auto(GStrv) words = g_strsplit(flat, " ", -1);
    const char *word[4] = { NULL, NULL, NULL, NULL };
    int n = 0;
    kn_alg alg;
    int64_t day;

    for (int i = 0; words[i]; i++)
        if (*words[i] != '\0' && n < 4)
            word[n++] = words[i];
    alg = n > 0 ? kn_alg_by_name(word[0]) : KN_ALG_NONE;
    if (alg == KN_ALG_NONE) {
        static const char *const names[] = { "sm2-sm3",      "sm2-sm3-field", "rsa-sha256",
                                             "ecdsa-sha256", "rsa-sha1",      NULL };
        g_autofree char *meant = kn_ini_meant(n > 0 ? word[0] : "", names);

        mistake(r, "keys", "algorithms", "“%s” is no algorithm%s", text, meant);
        return;
    }
    kn_partner_alg *row = &r->box->partner.algorithms[alg];

    if (row->on)
        mistake(r, "keys", "algorithms", "%s stands there twice", word[0]);
    *row = (kn_partner_alg){ .on = true, .end_ms = INT64_MAX };
    if (n == 3 && strcmp(word[1], "until") == 0 && parse_day(word[2], &day))
        row->end_ms = day + 86400000;
    else if (n != 1)
        mistake(r, "keys", "algorithms", "“%s” is not “name until YYYY-MM-DD”", text);
    else if (alg == KN_ALG_RSA_SHA1 || alg == KN_ALG_SM2_SM3_FIELD)
        mistake(r, "keys", "algorithms", "%s needs an end: until YYYY-MM-DD", word[0]);
}

static void
read_algorithms(reader *r)
{
    const kn_keys_conf *keys = &r->box->keys;
    const kn_partner_alg *rows = r->box->partner.algorithms;

    for (int i = 0; keys->algorithms && keys->algorithms[i]; i++)
        read_algorithm(r, keys->algorithms[i]);
    if (keys->algorithms && !keys->algorithms[0])
        mistake(r, "keys", "algorithms", "no algorithm is on");
    if (rows[KN_ALG_RSA_SHA1].on && !keys->allow_sha1)
        mistake(r, "keys", "algorithms", "rsa-sha1 needs allow_sha1 = true too");
    if (keys->profile == KN_PROFILE_W3C
        && (rows[KN_ALG_RSA_SHA1].on || rows[KN_ALG_SM2_SM3_FIELD].on))
        mistake(r, "keys", "profile", "w3c takes sm2-sm3, rsa-sha256, ecdsa-sha256 only");
    if (keys->rsa1024 && !rows[KN_ALG_RSA_SHA1].on)
        mistake(r, "keys", "rsa1024", "has a meaning only with rsa-sha1");
}

typedef bool (*add_fn)(kn_anchors *anchors, kn_files *from, const char *file, GError **err);

static bool
add_files(reader *r, const char *group, const char *key, char **files, kn_anchors *to, add_fn add)
{
    bool all = true;

    for (int i = 0; files && files[i]; i++) {
        g_autoptr(GError) why = NULL;

        for (int k = 0; k < i; k++)
            if (strcmp(files[k], files[i]) == 0)
                mistake(r, group, key, "“%s” stands there twice", files[i]);
        if (!add(to, r->files, files[i], &why)) {
            mistake(r, group, key, "%s", why->message);
            all = false;
        }
    }
    return all;
}

static void
add_anchors(reader *r, const char *group, const char *key, char **files, kn_anchors *to)
{
    g_autoptr(GError) why = NULL;

    if (files && !files[0])
        mistake(r, group, key, "no file is named");
    else if (add_files(r, group, key, files, to, kn_anchors_add_pem) && files
             && !kn_anchors_complete(to, &why))
        mistake(r, group, key, "%s", why->message);
}

static void
add_limits(reader *r, const char *group, const char *key, char **limits, kn_anchors *to)
{
    g_autoptr(GError) why = NULL;

    if (!kn_crl_limit(to, limits, &why))
        mistake(r, group, key, "%s", why->message);
}

static void
check_bindings(reader *r)
{
    const kn_keys_conf *keys = &r->box->keys;

    for (int i = 0; keys->bind_extension && keys->bind_extension[i]; i++) {
        const char *text = keys->bind_extension[i], *eq = strchr(text, '=');
        g_autofree char *oid = eq ? g_strndup(text, (gsize)(eq - text)) : NULL;
        ASN1_OBJECT *object = oid ? OBJ_txt2obj(oid, 1) : NULL;

        if (!object || eq[1] == '\0')
            mistake(r, "keys", "bind_extension", "“%s” is not “OID=value”", text);
        ASN1_OBJECT_free(object);
    }
    if (keys->certificates && keys->bind_subject_cn && keys->bind_extension
        && !keys->certificates[0] && !*keys->bind_subject_cn && !keys->bind_extension[0])
        mistake(
            r, "keys", "certificates",
            "nothing binds a certificate to it: certificates, bind_subject_cn or bind_extension");
}

static void
read_keys(reader *r)
{
    kn_partner_box *box = r->box;
    /* Level 1 refuses certificates signed with SHA-1, which old tools still have. */
    int level = box->partner.algorithms[KN_ALG_RSA_SHA1].on ? 0 : 1;

    box->own = kn_anchors_new(level);
    add_anchors(r, "keys", "anchors", box->keys.anchors, box->own);
    (void)add_files(r, "keys", "crl", box->keys.crl, box->own, kn_crl_add);
    add_limits(r, "keys", "crl_max_hours", box->keys.crl_max_hours, box->own);
    (void)add_files(r, "keys", "certificates", box->keys.certificates, box->own,
                    kn_anchors_add_pinned);
    check_bindings(r);
    if (!box->carry.card_anchors || !box->carry.card_anchors[0])
        return;
    box->cards = kn_anchors_new(level);
    add_anchors(r, "carry", "card_anchors", box->carry.card_anchors, box->cards);
    (void)add_files(r, "carry", "card_crl", box->carry.card_crl, box->cards, kn_crl_add);
    add_limits(r, "carry", "card_crl_max_hours", box->carry.card_crl_max_hours, box->cards);
}

static void
check_carry(reader *r)
{
    const kn_carry_conf *carry = &r->box->carry;
    int kind = r->box->conf.kind;
    bool carries = carry->documents && carry->documents[0];

    if (!carry->documents || !carry->enterprises || !carry->unsigned_documents)
        return; /* said already */
    check_list(r, "carry", "documents", carry->documents, true, DIGITS UPPER LOWER "_-.");
    check_list(r, "carry", "enterprises", carry->enterprises, true, DIGITS UPPER);
    check_list(r, "carry", "unsigned_documents", carry->unsigned_documents, false,
               DIGITS UPPER LOWER "_-.");
    if (carries && kind != KN_PARTNER_PORTAL && kind != KN_PARTNER_ADAPTER)
        mistake(r, "carry", "documents", "only a portal or an adapter carries others' messages");
    if (carries && !r->box->cards && !carry->unsigned_documents[0])
        mistake(r, "carry", "card_anchors",
                "needed to carry others' messages (or unsigned_documents)");
    for (int i = 0; carry->unsigned_documents[i]; i++)
        if (!g_strv_contains((const char *const *)carry->documents, carry->unsigned_documents[i])
            && !g_strv_contains((const char *const *)carry->documents, "*"))
            mistake(r, "carry", "unsigned_documents", "“%s” is not among documents",
                    carry->unsigned_documents[i]);
    for (int i = 0; carry->enterprises[i]; i++)
        if (strcmp(carry->enterprises[i], "*") != 0 && strlen(carry->enterprises[i]) != 9)
            mistake(r, "carry", "enterprises", "“%s” is no organisation code",
                    carry->enterprises[i]);
}

static void
check_enterprise(reader *r)
{
    kn_enterprise_conf *e = &r->box->enterprise;
    bool is = r->box->conf.kind == KN_PARTNER_ENTERPRISE;

    if (!e->uscc || !e->orgcode)
        return;
    if (is && !*e->uscc && !*e->orgcode)
        mistake(r, "enterprise", "uscc", "kind enterprise needs uscc or orgcode");
    if (!is && (*e->uscc || *e->orgcode))
        mistake(r, "enterprise", *e->uscc ? "uscc" : "orgcode", "only kind enterprise has one");
    if (*e->uscc && !only_of(e->uscc, 18, 18, "0123456789ABCDEFGHJKLMNPQRTUWXY"))
        mistake(r, "enterprise", "uscc", "not 18 characters of a unified code");
    else if (*e->uscc && *e->orgcode && strncmp(e->uscc + 8, e->orgcode, 9) != 0)
        mistake(r, "enterprise", "orgcode", "is not the one inside uscc");
    else if (*e->uscc && !*e->orgcode) {
        g_free(e->orgcode);
        e->orgcode = g_strndup(e->uscc + 8, 9);
    }
    if (*e->orgcode && !only_of(e->orgcode, 9, 9, DIGITS UPPER))
        mistake(r, "enterprise", "orgcode", "not 9 characters 0-9 A-Z");
}

static void
check_partner(reader *r)
{
    const kn_partner_conf *conf = &r->box->conf;

    if (conf->id && !only_of(conf->id, 1, 16, DIGITS UPPER LOWER "_-"))
        mistake(r, "partner", "id", "“%s” is not 1 to 16 of A-Z a-z 0-9 _ -", conf->id);
    if (conf->name && !*conf->name)
        mistake(r, "partner", "name", "is empty");
    if (conf->documents)
        check_list(r, "partner", "documents", conf->documents, true, DIGITS UPPER LOWER "_-.");
    if (conf->receivers)
        check_list(r, "partner", "receivers", conf->receivers, false, DIGITS UPPER LOWER "_-");
    if (conf->cop_codes)
        check_list(r, "partner", "cop_codes", conf->cop_codes, false, DIGITS UPPER LOWER "_-");
}

static void
fill(kn_partner_box *box)
{
    static const kn_alg receipt_algs[] = { KN_ALG_ECDSA_SHA256, KN_ALG_SM2_SM3, KN_ALG_RSA_SHA256,
                                           KN_ALG_RSA_SHA1 }; /* as choices in partner_rows.c */
    kn_partner *p = &box->partner;

    p->id = box->conf.id;
    p->name = box->conf.name;
    p->file = box->file;
    p->kind = (kn_partner_kind)box->conf.kind;
    p->active = box->conf.active;
    p->gb18030 = box->conf.charset == 1;
    p->alarm = box->conf.alarm;
    p->documents = (const char *const *)box->conf.documents;
    p->dxp_sv = box->conf.dxp_sv == 1;
    p->receivers = (const char *const *)box->conf.receivers;
    p->cop_codes = (const char *const *)box->conf.cop_codes;
    p->profile = (kn_profile)box->keys.profile;
    p->rsa1024 = box->keys.rsa1024;
    p->own = box->own;
    p->bind_subject_cn = box->keys.bind_subject_cn;
    p->bind_extensions = (const char *const *)box->keys.bind_extension;
    p->carry_documents = (const char *const *)box->carry.documents;
    p->carry_enterprises = (const char *const *)box->carry.enterprises;
    p->cards = box->cards;
    p->unsigned_documents = (const char *const *)box->carry.unsigned_documents;
    p->may_state_card_facts = box->carry.may_state_card_facts;
    p->receipt_topic = box->receipt.topic;
    p->receipt_algorithm = receipt_algs[box->receipt.algorithm];
    p->receipt_sign = (kn_receipt_sign)box->receipt.sign;
    p->receipt_gb18030 = box->receipt.charset == 1;
    p->receipt_transport = (kn_receipt_transport)box->receipt.transport;
    p->uscc = box->enterprise.uscc;
    p->orgcode = box->enterprise.orgcode;
}

static void
load_groups(reader *r, GKeyFile *file)
{
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
    void *confs[] = { &r->box->conf, &r->box->keys, &r->box->carry, &r->box->receipt,
                      &r->box->enterprise };

    for (int i = 0; groups[i]; i++)
        if (!g_strv_contains(kn_partner_group_names, groups[i])) {
            g_autofree char *meant = kn_ini_meant(groups[i], kn_partner_group_names);

            g_ptr_array_add(r->mistakes, g_strdup_printf("%s: [%s]: unknown group%s", r->name,
                                                         groups[i], meant));
        }
    for (size_t i = 0; kn_partner_groups[i]; i++)
        (void)kn_options_collect(kn_partner_groups[i], file, r->name, kn_partner_group_names[i],
                                 confs[i], r->mistakes);
}

kn_partner_box *
kn_partner_file_read(kn_files *files, const char *name, GPtrArray *mistakes, GPtrArray *hints)
{
    kn_partner_box *box = g_new0(kn_partner_box, 1);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) why = NULL;
    reader r = { .box = box, .name = name, .files = files, .mistakes = mistakes };
    const char *bytes;
    size_t len;

    box->file = g_strdup(name);
    unsigned before = mistakes->len;

    if (kn_files_read(files, KN_AREA_PARTNERS, name, &bytes, &len, &why))
        kn_ini_scan(name, bytes, len, mistakes, hints);
    if (mistakes->len > before)
        return box;
    if (why || !g_key_file_load_from_data(file, bytes, len, G_KEY_FILE_KEEP_TRANSLATIONS, &why)) {
        g_ptr_array_add(mistakes, g_strdup_printf("%s: %s", name, why->message));
        return box;
    }
    load_groups(&r, file);
    check_partner(&r);
    read_algorithms(&r);
    read_keys(&r);
    check_carry(&r);
    check_enterprise(&r);
    fill(box);
    if (box->partner.receipt_algorithm == KN_ALG_RSA_SHA1 && !box->keys.allow_sha1)
        mistake(&r, "receipt", "algorithm", "rsa-sha1 needs [keys] allow_sha1 = true");
    return box;
}

void
kn_partner_box_free(kn_partner_box *box)
{
    void *confs[] = { &box->conf, &box->keys, &box->carry, &box->receipt, &box->enterprise };

    for (size_t i = 0; kn_partner_groups[i]; i++)
        kn_options_clear(kn_partner_groups[i], confs[i]);
    kn_anchors_free(box->own);
    kn_anchors_free(box->cards);
    g_free(box->file);
    g_free(box);
}
