/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that pass every check, with every member the schema knows, in its order; null = left out.
 * TO ADD ONE: 1. a row here  2. tests/unit/cli/test_make.c holds it against its schema */
#include "cli/make.h"

#include <string.h>

/* clang-format off */
#define CK "urn:kouan:checkpoint:1"
#define HEAD \
    "\"Head\":{\"senderId\":null,\"receiverId\":null,\"createTime\":null,\"userName\":null,\"cardNo\":null," \
    "\"uscc\":null,\"orgCode\":null,\"enterpriseName\":null},"
#define TAIL ",\"BaseTransfer\":null"
#define ROW \
    "{\"rowNo\":null,\"direction\":\"I\",\"bindObjectType\":\"C\",\"bindObjectId\":\"CSQU3054383\"," \
    "\"shipName\":null,\"voyageNo\":\"P{n8}\",\"businessType\":\"1000000000\",\"billType\":null," \
    "\"goodsWeight\":null,\"containerNo1\":null,\"containerNo2\":null,\"lockNos1\":null,\"lockNos2\":null," \
    "\"remark\":null}"
#define DECLARATION \
    "{\"dataCenterNo\":null,\"tripNo\":null,\"state\":null,\"entryTime\":null,\"uscc\":null,\"orgCode\":null," \
    "\"operator\":null,\"customsCode\":\"8001\",\"bindMediumType\":\"VN\",\"bindMediumInfo\":\"渝A{n5}\"," \
    "\"businessType\":\"1000000000\",\"transportMode\":\"4\",\"ieFlag\":\"I\",\"passType\":\"01\"," \
    "\"vehicleWeight\":\"12000\",\"trailerWeight\":\"0\",\"containerWeight\":\"2200.5\",\"remark\":null," \
    "\"Rows\":{\"Row\":[" ROW "]}}"
#define WHICH "\"dataCenterNo\":null,\"tripNo\":null"

const kn_make_template kn_make_templates[] = {
    { "CKStageMessage",    CK, "ck", "{" HEAD "\"Declaration\":" DECLARATION TAIL "}" },
    { "CKDeclareMessage",  CK, "ck",
      "{" HEAD "\"Declare\":{" WHICH ",\"confirm\":\"true\"},\"Declaration\":" DECLARATION TAIL "}" },
    { "CKDeleteMessage",   CK, "ck", "{" HEAD "\"Delete\":{" WHICH ",\"confirm\":\"true\"}" TAIL "}" },
    { "CKChangeStageMessage", CK, "ck", "{" HEAD "\"Declaration\":" DECLARATION TAIL "}" },
    { "CKChangeDeclareMessage", CK, "ck",
      "{" HEAD "\"Declare\":{" WHICH ",\"confirm\":\"true\"},\"Declaration\":" DECLARATION TAIL "}" },
    { "CKCancelMessage",   CK, "ck", "{" HEAD "\"Cancel\":{" WHICH ",\"confirm\":\"true\"}" TAIL "}" },
    { "CKViewMessage",     CK, "ck", "{" HEAD "\"View\":{" WHICH "}" TAIL "}" },
    { "CKReceiptsMessage", CK, "ck", "{" HEAD "\"Receipts\":{" WHICH "}" TAIL "}" },
    { "CKAckMessage",      CK, "ck",
      "{" HEAD "\"Ack\":{" WHICH ",\"oriGuid\":null,\"result\":\"accepted\",\"text\":null,\"ackTime\":null}" TAIL "}" },
    { "CKCustomsMessage",  CK, "ck",
      "{" HEAD "\"Customs\":{" WHICH ",\"receiptId\":null,\"code\":\"10\","
      "\"text\":null,\"customsTime\":null}" TAIL "}" },
    { NULL, NULL, NULL, NULL },
};
/* clang-format on */

const kn_make_template *
kn_make_template_of(const char *type)
{
    for (const kn_make_template *t = kn_make_templates; t->type; t++)
        if (strcmp(t->type, type) == 0)
            return t;
    return NULL;
}

json_t *
kn_make_body(const kn_make_template *from)
{
    return json_loads(from->body, 0, NULL);
}

/* --- setting by path ------------------------------------------------------------------------------- */

typedef struct step {
    char *name;
    size_t at; /* from 1; 0 = no index */
} step;

static bool
read_step(const char *text, step *out)
{
    const char *open = strchr(text, '[');
    int64_t at = 0;
    g_autofree char *number = NULL;

    if (!open) {
        *out = (step){ g_strdup(text), 0 };
        return *text != '\0';
    }
    if (open == text || !g_str_has_suffix(open, "]"))
        return false;
    number = g_strndup(open + 1, strlen(open) - 2);
    if (!g_ascii_string_to_signed(number, 10, 1, 10000, &at, NULL))
        return false;
    *out = (step){ g_strndup(text, (size_t)(open - text)), (size_t)at };
    return true;
}

/* The object below, made when it is missing; NULL: a text stands there, or the index jumps. */
static json_t *
go_down(json_t *object, const step *s)
{
    json_t *child = json_object_get(object, s->name);

    if (s->at > 0 || json_is_array(child)) {
        size_t at = s->at > 0 ? s->at : 1;

        if (!json_is_array(child)) {
            child = json_array();
            (void)json_object_set_new(object, s->name, child);
        }
        if (at == json_array_size(child) + 1)
            (void)json_array_append_new(
                child, at > 1 ? json_deep_copy(json_array_get(child, at - 2)) : json_object());
        return json_array_get(child, at - 1);
    }
    if (!child || json_is_null(child)) {
        child = json_object();
        (void)json_object_set_new(object, s->name, child);
    }
    return json_is_object(child) ? child : NULL;
}

static bool
set_leaf(json_t *object, const step *s, const char *value)
{
    json_t *leaf = value ? json_string(value) : json_null();

    if (s->at == 0)
        return leaf && json_object_set_new(object, s->name, leaf) == 0;
    {
        json_t *list = json_object_get(object, s->name);

        if (!json_is_array(list)) {
            list = json_array();
            (void)json_object_set_new(object, s->name, list);
        }
        if (s->at == json_array_size(list) + 1)
            return json_array_append_new(list, leaf) == 0;
        return json_array_set_new(list, s->at - 1, leaf) == 0;
    }
}

bool
kn_make_set(json_t *body, const char *path, const char *value, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    json_t *at = body;

    for (size_t i = 0; parts[i] && at; i++) {
        step s = { NULL, 0 };
        bool ok = read_step(parts[i], &s);

        if (ok && parts[i + 1])
            at = go_down(at, &s);
        else if (ok)
            ok = set_leaf(at, &s, value);
        g_free(s.name);
        if (!ok)
            at = NULL;
    }
    return at && parts[0] ? true
                          : kn_fail(err, KN_E_USAGE, "“%s” is no path of this message", path);
}
