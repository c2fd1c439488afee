/* SPDX-License-Identifier: Apache-2.0 */
/* Door: fixed paths into a message.  The input is a path, a line feed, and a document.  What is read is
 * trimmed text of the first element at that path and of nothing else. */
#include "xml/msg.h"

#include "xml/open.h"

#include <assert.h>
#include <kouan/error.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
is_trimmed(const char *text)
{
    size_t len = strlen(text);

    assert(g_utf8_validate(text, -1, NULL));
    assert(len == 0 || (!g_ascii_isspace(text[0]) && !g_ascii_isspace(text[len - 1])));
}

static void
read_path(const kn_msg *msg, const char *path)
{
    kn_node *node = kn_msg_node(msg, path);
    const char *text = kn_msg_text(msg, path), *again = kn_msg_text(msg, path);
    size_t n = 0;

    assert((node != NULL) == (text != NULL) && text == again);
    if (text)
        is_trimmed(text);
    for (kn_node *c = node ? kn_node_next(node, "b", NULL) : NULL; c;
         c = kn_node_next(node, "b", c)) {
        const char *own = kn_node_text(msg, c, "");

        n++;
        assert(n <= kn_xml_limits_default.max_elements);
        assert(own);
        is_trimmed(own);
    }
}

static void
read_message(xmlDoc *doc, const char *path)
{
    const kn_msg_facts facts = { .partner = "P" };
    g_autoptr(GError) err = NULL;
    g_autoptr(kn_msg) msg = kn_msg_new(doc, &facts, &err);

    assert((msg != NULL) == (err == NULL));
    if (!msg) {
        assert(kn_error_code(err) == KN_E_FIELD_MISSING || kn_error_code(err) == KN_E_FIELD_FORMAT);
        xmlFreeDoc(doc);
        return;
    }
    assert(strlen(kn_msg_guid(msg)) == 36 && *kn_msg_type(msg) && kn_msg_card(msg));
    read_path(msg, path);
    read_path(msg, "");
    read_path(msg, "a/b");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static kn_xml *xml;
    const uint8_t *end = memchr(data, '\n', MIN(len, 200));
    g_autofree char *path = NULL;
    xmlDoc *doc = NULL;

    if (!xml) {
        bool ready = kn_xml_setup(NULL);

        assert(ready);
        xml = kn_xml_new(NULL, NULL);
    }
    if (!end)
        return 0;
    path = g_strndup((const char *)data, (size_t)(end - data));
    if (kn_xml_open(xml, (const char *)end + 1, len - (size_t)(end + 1 - data), false, &doc, NULL))
        read_message(doc, path);
    return 0;
}
