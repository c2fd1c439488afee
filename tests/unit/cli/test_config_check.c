/* SPDX-License-Identifier: Apache-2.0 */
/* Mistakes a person can make: one is made in a good installation, exactly that one is told, by file, group
 * and key; then it is taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "cli/config_check.h"
#include "pki/kn_pki.h"
#include "xml/open.h"

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

static char *folder;

/* What is done to a file. */
typedef enum act {
    CHANGE, /* `a` becomes `b` */
    APPEND, /* `a` comes behind the end */
    WRITE,  /* `a` is all there is (a new file, too) */
    COPY,   /* of file `a` */
    REMOVE,
    MODE, /* `a`, octal */
} act;

typedef struct vector {
    const char *file;
    act act;
    const char *a, *b;
    const char *mistake; /* part of the one line; NULL = none */
    const char *warning; /* part of a warning */
} vector;

#define P1 "partners/PORTAL01.ini"
#define E1 "partners/ENTE01.ini"
#define CU "partners/CUSTOMS.ini"
#define BIZ "codes/ck_pass.csv"

/* clang-format off */
static const vector vectors[] = {
    /* files as such */
    { "kouan.ini", REMOVE, NULL, NULL, "kouan.ini: ", NULL },
    { "kouan.ini", CHANGE, "[engine]", "\xef\xbb\xbf[engine]", "kouan.ini:1: a byte order mark", NULL },
    { P1, CHANGE, "# made", "\xef\xbb\xbf# made", "PORTAL01.ini:1: a byte order mark", NULL },
    { P1, CHANGE, "name = PORTAL01", "name = \xb6\xab", "PORTAL01.ini:1: not UTF-8", NULL },
    { P1, WRITE, "\xff\xfe[", NULL, "PORTAL01.ini:1: UTF-16", NULL },
    { P1, CHANGE, "[keys]", "keys", "PORTAL01.ini: ", NULL },
    { P1, APPEND, "\r\n", NULL, NULL, "PORTAL01.ini: lines end in CRLF" },
    { "partners/NEW.ini.bak", COPY, P1, NULL, NULL, "NEW.ini.bak: is not read" },
    { "partners/NEW.INI", COPY, P1, NULL, NULL, "NEW.INI: is not read" },
    { "partners/NEW.ini~", COPY, P1, NULL, NULL, "NEW.ini~: is not read" },
    { "codes/new.CSV", COPY, BIZ, NULL, NULL, "new.CSV: is not read" },
    { "partners", MODE, "0777", NULL, NULL, "partners/.: anybody may write there" },
    /* groups, keys, values */
    { P1, CHANGE, "[receipt]", "[reciept]", "PORTAL01.ini: [reciept]: unknown group; did you mean “receipt”?", NULL },
    { P1, CHANGE, "documents = *\n\n[keys]", "document = *\ndocuments = *\n\n[keys]",
      "PORTAL01.ini: [partner] document: unknown key; did you mean “documents”?", NULL },
    { P1, CHANGE, "kind = portal", "kind = portel", "PORTAL01.ini: [partner] kind: “portel” is not one of", NULL },
    { P1, CHANGE, "kind = portal", "kind = portal\nkind = portal",
      "PORTAL01.ini: [partner] kind: stands there twice (line 6)", NULL },
    { P1, APPEND, "[keys]\n", NULL, "PORTAL01.ini: [keys]: stands there twice", NULL },
    { P1, CHANGE, "name = PORTAL01", "name = PORTAL01 # the first", NULL,
      "[partner] name: a comment needs a line of its own" },
    { "kouan.ini", CHANGE, "[kafka]", "[kafak]", "kouan.ini: [kafak]: unknown group; did you mean “kafka”?", NULL },
    { "kouan.ini", CHANGE, "partitions = 6", "partition = 6",
      "kouan.ini: [kafka] partition: unknown key; did you mean “partitions”?", NULL },
    { "kouan.ini", CHANGE, "partitions = 6", "partitions = 0", "kouan.ini: [kafka] partitions: ", NULL },
    { "kouan.ini", CHANGE, "partitions = 6", "partitions = 500",
      "[kafka] partitions: 3 topics with 500 each are more than 1000", NULL },
    { "kouan.ini", CHANGE, "partitions = 6", "partitions = 6\npartitions = 7",
      "kouan.ini: [kafka] partitions: stands there twice", NULL },
    { "kouan.ini", CHANGE, "partitions = 6", "partitions = 6\nin_topics = checkpoint, checkpoint",
      "[kafka] in_topics: kouan.in.checkpoint stands there twice", NULL },
    { "kouan.ini", CHANGE, "partitions = 6", "partitions = 6\ndead_topic = kouan.in.customs",
      "[kafka] dead_topic: kouan.in.customs is an input topic", NULL },
    { "kouan.ini", CHANGE, "partitions = 6", "partitions = 6\ndead_topic = kouan.journal",
      "[kafka] journal_topic: kouan.journal is dead_topic already", NULL },
    { "kouan.ini", CHANGE, "partitions = 6", "partitions = 6\nprefix = ko uan",
      "kouan.ini: [kafka] prefix: “ko uan” is not of", NULL },
    { "kouan.ini", APPEND, "[handler.chekpoint]\nx = 1\n", NULL,
      "kouan.ini: [handler.chekpoint]: unknown group; did you mean “handler.checkpoint”?", NULL },
    { "kouan.ini", APPEND, "[card.oid]\nx = 1\n", NULL, "kouan.ini: [card.oid]: unknown group", NULL },
    { "kouan.ini", APPEND, "[card.oids]\nuscc = one\n", NULL, "kouan.ini: [card.oids] uscc: not a dotted OID", NULL },
    { "kouan.ini", APPEND, "[postgres]\nconninfo = dbname=k password=x\n", NULL, NULL,
      "[postgres] conninfo: a password" },
    /* the engine's own keys */
    { "secret.hex", MODE, "0644", NULL, "kouan.ini: [engine] secret_file: ", NULL },
    { "secret.hex", WRITE, "0011\n", NULL, "is not 64 hexadecimal digits", NULL },
    { "secret.hex", REMOVE, NULL, NULL, "kouan.ini: [engine] secret_file: ", NULL },
    { "engine/p256.key", MODE, "0644", NULL, "kouan.ini: [sign] ecdsa_key: ", NULL },
    { "engine/sm2.pem", COPY, "engine/p256.pem", NULL, "kouan.ini: [sign] sm2_key: ", NULL },
    { "kouan.ini", CHANGE, "partitions = 6", "partitions = 6\ncustoms_partner = CUSTOM", "", NULL },
    /* who it is */
    { P1, CHANGE, "id = PORTAL01", "id = PORTAL02", "[partner] id: “PORTAL02” is in ", NULL },
    { P1, CHANGE, "id = PORTAL01", "id = KOUAN00000000001",
      "[partner] id: “KOUAN00000000001” is the engine itself", NULL },
    { P1, CHANGE, "id = PORTAL01", "id = PORTAL 01", "[partner] id: “PORTAL 01” is not 1 to 16", NULL },
    { CU, CHANGE, "kind = customs", "kind = adapter", "CUSTOMS.ini: [partner] kind: [kafka] customs_partner", NULL },
    { CU, CHANGE, "documents = *", "documents = *\nactive = false",
      "CUSTOMS.ini: [partner] active: customs cannot be", NULL },
    { "partners/ADAPTSMS.ini", CHANGE, "kind = adapter", "kind = customs", "", NULL },
    { E1, CHANGE, "uscc = 91500000MA00004100", "uscc = 91500000MA00004101",
      "ENTE01.ini: [enterprise] uscc: “91500000MA00004101”: the check digit", NULL },
    { E1, CHANGE, "uscc = 91500000MA00004100\norgcode = MA0000410", "orgcode = MA0000411",
      "ENTE01.ini: [enterprise] orgcode: “MA0000411”: the check digit", NULL },
    { E1, CHANGE, "orgcode = MA0000410", "orgcode = MA0000066",
      "ENTE01.ini: [enterprise] orgcode: is not the one inside uscc", NULL },
    { P1, CHANGE, "enterprises = *", "enterprises = MA0000410, MA0000067",
      "PORTAL01.ini: [carry] enterprises: “MA0000067”: the check digit", NULL },
    /* what it may send */
    { P1, CHANGE, "documents = *\n\n[keys]", "documents = CKStageMesage\n\n[keys]",
      "PORTAL01.ini: [partner] documents: no handler knows “CKStageMesage”; did you mean “CKStageMessage”?", NULL },
    { P1, CHANGE, "documents = *\n\n[keys]", "documents = CKCustomsMessage\n\n[keys]",
      "PORTAL01.ini: [partner] documents: CKCustomsMessage does not come from this kind", NULL },
    { CU, CHANGE, "documents = *", "documents = CKStageMessage",
      "CUSTOMS.ini: [partner] documents: CKStageMessage does not come", NULL },
    { P1, CHANGE, "[carry]\ndocuments = *",
      "[carry]\ndocuments = CKStageMessage, CKChangeStageMessage, CKDeleteMessage, CKViewMessage, CKReceiptsMessage,"
      " Nothing",
      "PORTAL01.ini: [carry] documents: no handler knows “Nothing”", NULL },
    { P1, CHANGE, "unsigned_documents = ", "unsigned_documents = CKDeclareMessage, ",
      "PORTAL01.ini: [carry] unsigned_documents: CKDeclareMessage needs a card's signature always", NULL },
    { E1, CHANGE, "documents = *", "documents =", NULL, "ENTE01.ini: [partner] documents: it may send nothing" },
    /* algorithms */
    { P1, CHANGE, "algorithms = ecdsa-sha256", "algorithms = ecdsa-sha265",
      "[keys] algorithms: “ecdsa-sha265” is no algorithm; did you mean “ecdsa-sha256”?", NULL },
    { P1, CHANGE, "algorithms = ecdsa-sha256", "algorithms = ecdsa-sha256, sm2-sm3-field",
      "[keys] algorithms: sm2-sm3-field needs an end", NULL },
    { P1, CHANGE, "algorithms = ecdsa-sha256", "algorithms = ecdsa-sha256 until 2099-02-29",
      "is not “name until YYYY-MM-DD”", NULL },
    { P1, CHANGE, "algorithms = ecdsa-sha256", "algorithms = ecdsa-sha256 until 2020-01-01", NULL,
      "PORTAL01: ecdsa-sha256 ended on 2020-01-01" },
    { P1, CHANGE, "algorithms = ecdsa-sha256, ", "algorithms = ",
      "[keys] certificates: portals/PORTAL01.pem: no row of algorithms takes its key", NULL },
    /* certificates and anchors */
    { P1, CHANGE, "portals/PORTAL01.pem", "portals/PORTAL09.pem",
      "PORTAL01.ini: [keys] certificates: cannot read ", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "portals", "portals: not a file", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "portals/PORTAL01.key", "portals/PORTAL01.key: a private key is in it",
      NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "secret.hex", "secret.hex: no certificate in it", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "crl/p256-ca.crl", "p256-ca.crl: no certificate in it", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "der.pem", "der.pem: DER, not PEM", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "portals/PORTAL01.pem, portals/PORTAL01.pem",
      "“portals/PORTAL01.pem” stands there twice", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "portals/PORTAL02.pem",
      "[keys] certificates: portals/PORTAL02.pem is bound to PORTAL01.ini too", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "bad/foreign.pem", "[keys] certificates: bad/foreign.pem: ", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "bad/tls-only.pem", "bad/tls-only.pem: its usage is not signing", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "bad/p384.pem", "bad/p384.pem: no row of algorithms takes its key", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "bad/rsa1024.pem", "bad/rsa1024.pem: ", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "bad/self-signed.pem", "bad/self-signed.pem: ", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "bad/sm2-wrong-id.pem", "bad/sm2-wrong-id.pem: ", NULL },
    { P1, CHANGE, "portals/PORTAL01.pem", "bad/revoked.pem", NULL,
      "[keys] certificates: bad/revoked.pem is revoked" },
    { P1, CHANGE, "portals/PORTAL01.pem", "bad/revoked-sm2.pem", NULL,
      "[keys] certificates: bad/revoked-sm2.pem is revoked" },
    { P1, CHANGE, "portals/PORTAL01.pem", "bad/expired.pem", NULL, "PORTAL01: certificate bad/expired.pem ended on" },
    { P1, CHANGE, "certificates = portals/PORTAL01.pem\nbind_subject_cn = PORTAL01", "bind_subject_cn =",
      "[keys] certificates: nothing binds", NULL },
    { P1, CHANGE, "anchors = ca/p256-chain.pem, ca/rsa-chain.pem", "anchors = ca/rsa-chain.pem", "", NULL },
    { P1, CHANGE, "anchors = ca/p256-chain.pem", "anchors = ca/p256-chain.pem, portals/PORTAL01.pem",
      "portals/PORTAL01.pem, certificate 1: neither a root nor a CA", NULL },
    { P1, CHANGE, "anchors = ca/p256-chain.pem", "anchors = ca/p256-chain.pem, bad/self-signed.pem",
      "bad/self-signed.pem, certificate 1: signs itself but is no CA", NULL },
    { "ca/p256-chain.pem", COPY, "ca/p256-ca.pem", NULL, "", NULL },
    /* CRLs */
    { P1, CHANGE, "\ncrl = crl/p256-root.crl", "\ncrl = ca/p256-root.pem", "p256-root.pem: no CRL in it", NULL },
    { P1, CHANGE, "\ncrl = crl/p256-root.crl, ", "\ncrl = ", NULL, "PORTAL01: a CA of anchors has no CRL" },
    { P1, CHANGE,
      "\ncrl = crl/p256-root.crl, crl/p256-ca.crl, crl/rsa-root.crl, crl/rsa-ca.crl, crl/sm2-root.crl, crl/sm2-ca.crl",
      "\ncrl =", NULL, "PORTAL01.ini: [keys] crl: none, revocation is not checked" },
    { P1, CHANGE, "\ncrl = ", "\ncrl_max_hours = 1\ncrl = ", NULL, "PORTAL01: a CRL of anchors is stale since" },
    { P1, CHANGE, "\ncrl = ", "\ncrl_max_hours = soon\ncrl = ", "[keys] crl_max_hours: “soon” is neither hours",
      NULL },
    { P1, CHANGE, "\ncrl = ", "\ncrl_max_hours = Nobody=24\ncrl = ",
      "[keys] crl_max_hours: no CRL is of a CA named “Nobody”", NULL },
    { "crl/sm2-ca.crl", COPY, "crl/cut.crl", NULL, "", NULL },
    /* receipts */
    { P1, CHANGE, "[receipt]", "[receipt]\ntopic = kouan.out.PORTAL02",
      "[receipt] topic: kouan.out.PORTAL02 is that of PORTAL01 too", NULL },
    { P1, CHANGE, "[receipt]", "[receipt]\ntopic = kouan.in.checkpoint",
      "PORTAL01.ini: [receipt] topic: kouan.in.checkpoint is an input topic", NULL },
    { P1, CHANGE, "[receipt]", "[receipt]\ntopic = kouan.dead",
      "[receipt] topic: kouan.dead is the topic of dead letters", NULL },
    { P1, CHANGE, "[receipt]", "[receipt]\ntopic = kouan out", "[receipt] topic: “kouan out” is no name", NULL },
    { "kouan.ini", CHANGE, "rsa_key = engine/rsa.key\nrsa_cert = engine/rsa.pem\n", "",
      "[receipt] algorithm: the engine has no rsa-sha256 key", NULL },
    /* code lists */
    { BIZ, CHANGE, "code,name", "\xef\xbb\xbf" "code,name", "ck_pass.csv:1: a byte order mark", NULL },
    { BIZ, CHANGE, "code,name,remark\n", "", "ck_pass.csv:1: the first line must be", NULL },
    { BIZ, APPEND, "09,\n", NULL, "ck_pass.csv:6: code or name is empty", NULL },
    { BIZ, APPEND, "01,重进空出,again\n", NULL, "ck_pass.csv:6: code 01 twice with the same name", NULL },
    { BIZ, APPEND, "09,x,y,z\n", NULL, "ck_pass.csv:6: more columns than", NULL },
    { BIZ, APPEND, "09,\"x\n", NULL, "ck_pass.csv:6: broken quoting", NULL },
    { BIZ, APPEND, "09,\xb6\xab\n", NULL, "ck_pass.csv: not UTF-8", NULL },
    { BIZ, REMOVE, NULL, NULL, "", NULL },
};
/* clang-format on */

static char *
path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void
write_file(const char *name, const char *text, size_t len, int mode)
{
    g_autofree char *path = path_of(name);
    g_autoptr(GError) err = NULL;

    if (!g_file_set_contents_full(path, text, (gssize)len, G_FILE_SET_CONTENTS_CONSISTENT, mode,
                                  &err))
        fail_msg("%s", err->message);
}

/* "{}" is the folder. */
static void
shell(const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, "{}", -1);
    g_autofree char *command = g_strjoinv(folder, parts);
    int status = 1;

    assert_true(g_spawn_command_line_sync(command, NULL, NULL, &status, NULL));
    assert_int_equal(status, 0);
}

static int
install(void **unused)
{
    static const char ini[] =
        "[engine]\nschemas = " KOUAN_SOURCE_DIR "/schemas/xsd\n[kafka]\npartitions = 6\n[sign]\n"
        "ecdsa_key = engine/p256.key\necdsa_cert = engine/p256.pem\nrsa_key = engine/rsa.key\n"
        "rsa_cert = engine/rsa.pem\nsm2_key = engine/sm2.key\nsm2_cert = engine/sm2.pem\n";
    kn_pki_plan plan = { .bad = true };
    g_autoptr(GError) err = NULL;

    (void)unused;
    folder = g_dir_make_tmp("kouan-check-XXXXXX", NULL);
    if (!kn_xml_setup(&err) || !kn_pki_make(folder, &plan, &err))
        fail_msg("%s", err->message);
    shell("cp -r " KOUAN_SOURCE_DIR "/config/codes {}/codes");
    shell("openssl x509 -in {}/portals/PORTAL01.pem -outform DER -out {}/der.pem");
    write_file("kouan.ini", ini, sizeof ini - 1, 0600);
    write_file("secret.hex", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
               65, 0600);
    write_file("crl/cut.crl", "-----BEGIN X509 CRL-----\nMIIB\n", 30, 0600);
    return 0;
}

static int
uninstall(void **unused)
{
    (void)unused;
    shell("rm -rf {}");
    g_free(folder);
    return 0;
}

static unsigned wrong; /* all of the table is gone through before it fails */

static void
expect(const vector *v, const char *what, const GPtrArray *found, const char *part, bool alone)
{
    bool seen = false;

    for (unsigned i = 0; i < found->len; i++)
        seen |= strstr(g_ptr_array_index(found, i), part) != NULL;
    if (!seen)
        wrong++, print_error("\n  "
                             "%s: %s “%s” is not among %u, the first: %s",
                             v->file, what, part, found->len,
                             found->len ? (char *)g_ptr_array_index(found, 0) : "-");
    if (alone && *part && found->len != 1)
        wrong++, print_error("\n  "
                             "%s: “%s” is not alone: %s",
                             v->file, part, (char *)g_ptr_array_index(found, 1));
}

static void
look(const vector *v)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *ini = path_of("kouan.ini");

    kn_config_check(ini, mistakes, warnings);
    if (v && v->mistake)
        expect(v, "mistake", mistakes, v->mistake, true);
    else if (mistakes->len > 0)
        wrong++, print_error("\n  "
                             "%s: %s",
                             v ? v->file : "good", (char *)g_ptr_array_index(mistakes, 0));
    if (v && v->warning)
        expect(v, "warning", warnings, v->warning, false);
    else if (!v && warnings->len > 0)
        wrong++, print_error("\n  "
                             "good: warning %s",
                             (char *)g_ptr_array_index(warnings, 0));
}

static void
change(const vector *v, const char *path, const char *old)
{
    g_autofree char *from = v->act == COPY ? path_of(v->a) : NULL, *text = NULL;
    const char *at;

    switch (v->act) {
    case CHANGE:
        at = strstr(old, v->a);
        if (!at)
            fail_msg("%s: “%s” is not there to be changed", v->file, v->a);
        text = g_strdup_printf("%.*s%s%s", (int)(at - old), old, v->b, at + strlen(v->a));
        break;
    case APPEND: text = g_strconcat(old, v->a, NULL); break;
    case WRITE: text = g_strdup(v->a); break;
    case COPY: assert_true(g_file_get_contents(from, &text, NULL, NULL)); break;
    case REMOVE: assert_int_equal(g_unlink(path), 0); return;
    case MODE: assert_int_equal(g_chmod(path, (mode_t)g_ascii_strtoull(v->a, NULL, 8)), 0); return;
    }
    write_file(v->file, text, strlen(text), 0600);
}

static void
config_check_vectors(void **unused)
{
    (void)unused;
    look(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const vector *v = &vectors[i];
        g_autofree char *path = path_of(v->file), *old = NULL;
        bool there = v->act != MODE && g_file_get_contents(path, &old, NULL, NULL);

        change(v, path, old ? old : "");
        look(v);
        if (v->act == MODE)
            (void)g_chmod(path, strcmp(v->file, "partners") == 0 ? 0700 : 0600);
        else if (there && old)
            write_file(v->file, old, strlen(old), 0600);
        else
            (void)g_unlink(path);
    }
    look(NULL);
    assert_int_equal(wrong, 0);
}

/* Many at once: none hides another. */
static void
config_check_all_at_once(void **unused)
{
    static const vector many[] = {
        { P1, CHANGE, "kind = portal", "kind = portel", "[partner] kind: “portel”", NULL },
        { E1, CHANGE, "uscc = 91500000MA00004100", "uscc = 91500000MA00004101", "check digit",
          NULL },
        { BIZ, APPEND, "09,\n", NULL, "ck_pass.csv:6", NULL },
        { "kouan.ini", CHANGE, "partitions = 6", "partitions = 0", "[kafka] partitions", NULL },
        { "secret.hex", WRITE, "0011\n", NULL, "is not 64 hexadecimal digits", NULL },
        { CU, CHANGE, "documents = *", "documents = CKStageMessage", "does not come from", NULL },
    };
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *ini = path_of("kouan.ini");
    char *old[G_N_ELEMENTS(many)] = { NULL };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(many); i++) {
        g_autofree char *path = path_of(many[i].file);

        assert_true(g_file_get_contents(path, &old[i], NULL, NULL));
        change(&many[i], path, old[i]);
    }
    kn_config_check(ini, mistakes, warnings);
    for (size_t i = 0; i < G_N_ELEMENTS(many); i++) {
        expect(&many[i], "mistake", mistakes, many[i].mistake, false);
        write_file(many[i].file, old[i] ? old[i] : "", old[i] ? strlen(old[i]) : 0, 0600);
        g_free(old[i]);
    }
    assert_int_equal(mistakes->len, G_N_ELEMENTS(many));
    assert_int_equal(wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_check_vectors),
        cmocka_unit_test(config_check_all_at_once),
    };

    return cmocka_run_group_tests(tests, install, uninstall);
}
