/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to customs as they leave the house, against the very schema that messages in must meet. */
#include "case.h"
#include "xml/write.h"

#include <libxml/parser.h>

static xmlDoc *
written(const json_t *onward, char **why)
{
    const char *type = json_string_value(json_object_get(onward, "type"));
    const kn_ns ns[] = { { "x", json_string_value(json_object_get(onward, "ns")) },
                         { NULL, NULL } };
    g_autoptr(kn_writer) writer = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;
    g_autoptr(GError) err = NULL;

    kn_writer_root_guid(writer, "x", type, ns, json_string_value(json_object_get(onward, "guid")),
                        "1.0");
    kn_writer_start(writer, "x", "Head", NULL);
    kn_writer_text(writer, "x", "senderId", "kouan");
    kn_writer_text(writer, "x", "receiverId", "customs");
    kn_writer_text(writer, "x", "createTime", "2026-07-15T10:00:00+08:00");
    kn_writer_end(writer);
    kn_write_json(writer, "x", json_object_get(onward, "body"));
    if (!kn_writer_take(writer, &doc, &err)) {
        *why = g_strdup(err->message);
        return NULL;
    }
    return xmlReadMemory(doc->text->str, (int)doc->text->len, NULL, NULL, XML_PARSE_NONET);
}

bool
kn_case_onward_valid(const json_t *decision, const char *xsd, char **why)
{
    const json_t *list = json_object_get(decision, "onward");
    bool ok = true;

    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        xmlDoc *doc = written(json_array_get(list, i), why);

        ok = doc && kn_case_valid(doc, xsd, why);
        xmlFreeDoc(doc);
    }
    return ok;
}
