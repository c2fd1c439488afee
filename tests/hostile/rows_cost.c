/* SPDX-License-Identifier: Apache-2.0 */
/* The dearest files we know: within every limit, at the largest size, honestly signed where that makes
 * the engine go further.  TO ADD ONE: a piece that is repeated, or a function. */
#include "edits.h"

#include <string.h>

#define MIB (1024L * 1024)
#define IS(e, c, r) .error = KN_E_##e, .code = c, .rule = r
#define NOT_EXPECTED IS(XSD_INVALID, "0002", "V1")

/* The piece again and again, while it fits into the room. */
static void
repeat(GString *s, const char *piece, size_t room)
{
    size_t len = strlen(piece);

    for (size_t used = 0; used + len <= room; used += len)
        (void)g_string_append_len(s, piece, (gssize)len);
}

/* A piece until the document is full, or until it was put there -n times. */
static void
put_pieces(hostile_draft *d, const char *piece, const char *at, bool behind)
{
    size_t most = d->row->n > 0 ? (size_t)d->row->n : (size_t)MIB - 9000;
    size_t len = strlen(piece) * (d->row->n < 0 ? (size_t)-d->row->n : G_MAXSIZE / 65536);
    g_autoptr(GString) s = g_string_new(behind ? at : "");

    repeat(s, piece, MIN(len, most - d->body->len));
    if (!behind)
        g_string_append(s, at);
    hostile_replace(d->body, at, s->str, d->row->name);
}

static void
fill_end(hostile_draft *d)
{
    put_pieces(d, d->row->piece, "@SIG@", false);
}

static void
fill_rows(hostile_draft *d)
{
    put_pieces(d, d->row->piece, "</ck:Rows>", false);
}

static void
fill_remark(hostile_draft *d)
{
    put_pieces(d, d->row->piece, "<ck:remark>", true);
}

static void
fill_sig(hostile_draft *d)
{
    g_autoptr(GString) s = g_string_new(NULL);

    repeat(s, d->row->piece, MIN((size_t)MIB - 16000, strlen(d->row->piece) * 65000));
    g_string_append(s, "</ds:KeyInfo>");
    hostile_replace(d->sig, "</ds:KeyInfo>", s->str, d->row->name);
}

static void
fill_key_info(hostile_draft *d)
{
    g_autoptr(GString) s = g_string_new("<ds:KeyInfo>");

    repeat(s, d->row->piece, (size_t)MIB - 16000);
    hostile_replace(d->sig, "<ds:KeyInfo>", s->str, d->row->name);
}

/* In a shell: pieces before Data, which is then no base64, or blanks, which stay one. */
static void
fill_data(hostile_draft *d)
{
    put_pieces(d, d->row->piece, "@DATA@", false);
}

/* 65,000 elements, each in its own name. */
static void
distinct_names(hostile_draft *d)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (int i = 0; i < 65000; i++)
        g_string_append_printf(s, "<%c%x/>", 'g' + i % 7, (unsigned)i * 40503U);
    g_string_append(s, "@SIG@");
    hostile_replace(d->body, "@SIG@", s->str, d->row->name);
}

/* Fifteen namespaces on the root; each element uses all of them. */
static void
all_prefixes(hostile_draft *d)
{
    g_autoptr(GString) root = g_string_new(NULL);
    g_autoptr(GString) piece = g_string_new("<p0:a");

    for (int i = 0; i < 12; i++) {
        g_string_append_printf(root, " xmlns:p%d=\"urn:p:%d\"", i, i);
        g_string_append_printf(piece, " p%d:b=\"\"", i);
    }
    g_string_append(root, " xmlns:xsi=");
    g_string_append(piece, "/>");
    hostile_replace(d->body, " xmlns:xsi=", root->str, d->row->name);
    put_pieces(d, piece->str, "@SIG@", false);
}

static void
many_attributes(hostile_draft *d)
{
    g_autoptr(GString) piece = g_string_new("<a");

    for (int i = 63; i >= 0; i--)
        g_string_append_printf(piece, " %c%c=\"\"", 'a' + i % 26, 'a' + i / 26);
    g_string_append(piece, "/>");
    put_pieces(d, piece->str, "@SIG@", false);
}

static void
long_values(hostile_draft *d)
{
    g_autofree char *value = g_strnfill(1000, '>');
    g_autoptr(GString) piece = g_string_new("<a");

    for (int i = 0; i < 15; i++)
        g_string_append_printf(piece, " a%d=\"%s\"", i, value);
    g_string_append(piece, "/>");
    put_pieces(d, piece->str, "@SIG@", false);
}

static void
towers(hostile_draft *d)
{
    g_autoptr(GString) piece = g_string_new(NULL);

    for (int i = 0; i < 60; i++)
        g_string_append(piece, "<a>");
    for (int i = 0; i < 60; i++)
        g_string_append(piece, "</a>");
    put_pieces(d, piece->str, "@SIG@", false);
}

static void
long_texts(hostile_draft *d)
{
    g_autoptr(GString) piece = g_string_new("<a>");

    for (int i = 0; i < 8192; i++)
        g_string_append(piece, d->row->piece);
    g_string_append(piece, "</a>");
    put_pieces(d, piece->str, "@SIG@", false);
}

static void
long_name(hostile_draft *d)
{
    g_autofree char *name = g_strnfill(15000, 'n');
    g_autofree char *with = g_strdup_printf("<ds:Signature %s=\"1\" ", name);

    hostile_replace(d->sig, "<ds:Signature ", with, d->row->name);
}

static void
long_root_name(hostile_draft *d)
{
    g_autofree char *name = g_strnfill(15000, 'n');

    hostile_replace(d->body, "CKStageMessage", name, d->row->name);
}

static void
blank_time(hostile_draft *d)
{
    g_autofree char *blanks = g_strnfill(1900, ' ');
    g_autofree char *with = g_strconcat("<ck:createTime>", blanks, "x", NULL);

    hostile_replace(d->body, "<ck:createTime>", with, d->row->name);
}

/* clang-format off */
const hostile_row hostile_dear[] = {
    { "dear_elements", "as many elements as allowed", ON_P256 | ON_SM2, NOT_EXPECTED, .edit_body = fill_end,
      .piece = "<b/>", .n = -65000 },
    { "dear_elements_text", "the same with a text each", ON_P256, NOT_EXPECTED, .edit_body = fill_end,
      .piece = "<b>1</b>", .n = -65000 },
    { "dear_names", "each in a name of its own", ON_P256, NOT_EXPECTED, .edit_body = distinct_names },
    { "dear_ns_each", "each with its own default namespace", ON_P256, NOT_EXPECTED, .edit_body = fill_end,
      .piece = "<a xmlns=\"u:x\"/>", .n = -65000 },
    { "dear_ns_prefix", "each with a prefix declared on it", ON_P256, NOT_EXPECTED, .edit_body = fill_end,
      .piece = "<p:a xmlns:p=\"u:\"/>" },
    { "dear_ns_ten", "ten declarations on each element", ON_P256, NOT_EXPECTED, .edit_body = fill_end,
      .piece = "<a xmlns:a='a:' xmlns:b='a:' xmlns:c='a:' xmlns:d='a:' xmlns:e='a:' xmlns:f='a:' xmlns:g='a:' "
      "xmlns:h='a:' xmlns:i='a:' xmlns:j='a:'/>" },
    { "dear_ns_undo", "the default namespace set and taken back", ON_P256, NOT_EXPECTED, .edit_body = fill_end,
      .piece = "<a xmlns=\"u:\"><b xmlns=\"\"/></a>", .n = -32500 },
    { "dear_prefixes", "twelve prefixed attributes on each", ON_P256 | ON_RSA, NOT_EXPECTED,
      .edit_body = all_prefixes },
    { "dear_attributes", "64 attributes on each", ON_P256, NOT_EXPECTED, .edit_body = many_attributes },
    { "dear_values", "long attribute values to be escaped", ON_P256, NOT_EXPECTED, .edit_body = long_values },
    { "dear_towers", "towers of 60 levels", ON_P256, NOT_EXPECTED, .edit_body = towers, .n = -1080 },
    { "dear_text_gt", "'>' everywhere: four bytes each in canonical form", ON_P256 | ON_SM2, NOT_EXPECTED,
      .edit_body = long_texts, .piece = ">" },
    { "dear_text_amp", "&amp; everywhere", ON_P256, NOT_EXPECTED, .edit_body = long_texts, .piece = "&amp;" },
    { "dear_text_ref", "characters by reference", ON_P256, NOT_EXPECTED, .edit_body = long_texts, .piece = "&#65;" },
    { "dear_text_cr", "carriage returns by reference", ON_P256, NOT_EXPECTED, .edit_body = long_texts,
      .piece = "&#13;" },
    { "dear_text_hanzi", "Chinese text", ON_P256 | ON_GB, NOT_EXPECTED, .edit_body = long_texts, .piece = "渝" },
    { "dear_text_plane2", "four bytes a character", ON_P256, NOT_EXPECTED, .edit_body = long_texts,
      .piece = "\xF0\xA0\x80\x80" },
    { "dear_text_comment", "a comment between any two characters", ON_P256, NOT_EXPECTED, .edit_body = long_texts,
      .piece = "x<!---->" },
    { "dear_text_cdata", "a CDATA section for each character", ON_P256, NOT_EXPECTED, .edit_body = long_texts,
      .piece = "<![CDATA[x]]>" },
    { "dear_text_split", "text in pieces between elements", ON_P256, NOT_EXPECTED, .edit_body = fill_end,
      .piece = "<a>x</a>y", .n = -8000 },
    { "dear_comments", "comments", ON_P256, .error = KN_E_OK, .code = "0000", .rule = "", .edit_body = fill_end,
      .piece = "<!---->" },
    { "dear_dashes", "one comment full of dashes that do not end it", ON_P256, IS(XML_MALFORMED, "0001", "X5"),
      .before = "<!--", .edit_bytes = edit_pad, .n = MIB },
    { "dear_blanks", "blanks in the root", ON_P256, IS(XML_LIMIT, "0999", "X6"), .edit_body = fill_end,
      .piece = " " },
    { "dear_violations", "a row that breaks the schema, as often as there is room", ON_P256, NOT_EXPECTED,
      .edit_body = fill_rows, .piece = "<ck:Row><ck:x/></ck:Row>", .n = -32500 },
    { "dear_attr_violations", "an attribute nobody knows, as often", ON_P256, NOT_EXPECTED, .edit_body = fill_rows,
      .piece = "<ck:Row a=\"\"/>", .n = -65000 },
    { "dear_text_violations", "text where none belongs, as often", ON_P256, NOT_EXPECTED, .edit_body = fill_rows,
      .piece = "<ck:Row>x</ck:Row>" },
    { "dear_type_violations", "an xsi:type nobody knows, as often", ON_P256, NOT_EXPECTED, .edit_body = fill_rows,
      .piece = "<ck:Row xsi:type=\"ck:n\"/>" },
    { "dear_rows", "honest rows", ON_P256 | ON_SM2, .error = KN_E_OK, .code = "0000", .rule = "",
      .edit_body = fill_rows, .piece = "<ck:Row/>", .n = -65000 },
    { "dear_rows_full", "honest rows with a value", ON_P256, .error = KN_E_OK, .code = "0000", .rule = "",
      .edit_body = fill_rows, .piece = "<ck:Row><ck:rowNo>1</ck:rowNo></ck:Row>" },
    { "dear_rows_wrong", "as many rows as the handler looks at, each field wrong", ON_P256, .error = KN_E_OK,
      .code = "0000", .rule = "", .edit_body = fill_rows,
      .piece = "<ck:Row><ck:direction>Q</ck:direction><ck:bindObjectType>Q</ck:bindObjectType><ck:billType>"
      "Q</ck:billType></ck:Row>", .n = -9990 },
    { "dear_rows_same", "the same object in each row", ON_P256, .error = KN_E_OK, .code = "0000", .rule = "",
      .edit_body = fill_rows,
      .piece = "<ck:Row><ck:bindObjectType>C</ck:bindObjectType><ck:bindObjectId>CSQU3054383</ck:bindObjectId>"
      "</ck:Row>", .n = -9990 },
    { "dear_time", "blanks before a time that is none", ON_P256, NOT_EXPECTED, .edit_body = blank_time },
    { "dear_remark", "an element in the remark, as often as there is room", ON_P256, NOT_EXPECTED,
      .edit_body = fill_remark, .piece = "<b/>", .n = -65000 },
    { "dear_objects", "elements of the signature's namespace inside it", ON_P256, IS(KEY_INFO, "1001", "S9"),
      .edit_body = fill_sig, .piece = "<ds:Object/>", .n = -65000 },
    { "dear_key_names", "as many KeyName as there is room for", ON_P256, .error = KN_E_OK, .code = "0000",
      .rule = "", .edit_body = fill_key_info, .piece = "<ds:KeyName>x</ds:KeyName>" },
    { "dear_strays", "stray elements of the signature's namespace", ON_P256, IS(SIG_COUNT, "1001", "S3"),
      .edit_body = fill_end, .piece = "<d:x xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\"/>" },
    { "dear_references", "references", ON_P256, IS(SIG_REF_COUNT, "1001", "S7"), .edit_body = edit_references,
      .n = 2500 },
    { "dear_transforms", "transforms", ON_P256, IS(SIG_TRANSFORM, "1001", "S7"), .edit_body = edit_transforms,
      .n = 10000 },
    { "dear_attr_name", "an attribute name of 15,000 characters on Signature", ON_P256, IS(SIG_CHILD, "1001", "S5"),
      .edit_body = long_name },
    { "dear_root_name", "a root name of 15,000 characters", ON_P256, IS(MSG_UNKNOWN_ROOT, "0999", "S1"),
      .edit_body = long_root_name },
    { "dear_shell_blank", "blanks in Data", ON_OP256, .error = KN_E_OK, .code = "0000", .rule = "",
      .edit_body = fill_data, .piece = " " },
    { "dear_shell_comment", "a comment before each blank in Data", ON_OP256, .error = KN_E_OK, .code = "0000",
      .rule = "", .edit_body = fill_data, .piece = "<!----> " },
    { "dear_shell_ref", "blanks by reference in Data", ON_OP256, .error = KN_E_OK, .code = "0000", .rule = "",
      .edit_body = fill_data, .piece = "&#32;" },
    { "dear_shell_cdata", "CDATA for each blank in Data", ON_OP256, .error = KN_E_OK, .code = "0000", .rule = "",
      .edit_body = fill_data, .piece = "<![CDATA[ ]]>" },
    { "dear_shell_form", "base64 of the largest size that is none at its end", ON_OP256, IS(SHELL_BAD, "0999",
      "MS-01"), .edit_body = fill_data, .piece = "AAAA!" },
    { "dear_shell_long", "base64 of the largest size", ON_OP256 | ON_OSM2, IS(XML_ENCODING, "0001", "X3"),
      .edit_body = fill_data, .piece = "AAAA" },
    { "dear_shell_ids", "receivers", ON_OP256, NOT_EXPECTED, .edit_body = fill_end,
      .piece = "<dxp:ReceiverId>a</dxp:ReceiverId>" },
    { "dear_inner_elements", "a shell of the largest size, full of elements inside", ON_IP256, NOT_EXPECTED,
      .edit_body = fill_end, .piece = "<b/>", .n = -65000 },
    { "dear_inner_prefixes", "twelve prefixed attributes on each, inside", ON_IP256 | ON_ISM2, NOT_EXPECTED,
      .edit_body = all_prefixes, .n = 730000 },
    { "dear_inner_text", "'>' everywhere inside", ON_ISM2, NOT_EXPECTED, .edit_body = long_texts, .piece = ">",
      .n = 730000 },
    { "dear_inner_rows", "honest rows inside", ON_IP256, .error = KN_E_OK, .code = "0000", .rule = "",
      .edit_body = fill_rows, .piece = "<ck:Row/>", .n = -65000 },
    { 0 },
};
/* clang-format on */
