#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Independent judges of our signatures, and we of theirs: xmlsec1 (RSA, P-256), openssl and sm-crypto
# (SM2, both dialects), xmllint (canonical form).  judges.sh TOOL WORKFOLDER KOUAN
set -eu
tool=$1
work=$2
kouan=$3
here=$(cd "$(dirname "$0")" && pwd)
id=1234567812345678

rm -rf "$work/files"
mkdir -p "$work/files" "$work/node"
cd "$work/files"
"$tool" make .

say() { printf 'ok: %s\n' "$1"; }
refuse() { # the command must fail
    what=$1
    shift
    if "$@" >/dev/null 2>&1; then
        printf 'accepted what it must refuse: %s\n' "$what"
        exit 1
    fi
    say "$what refused"
}

# --- digests: xmllint canonicalises the message without its Signature, openssl digests it
for row in sm2-sm3:sm3 sm2-sm3-field:sha1 rsa-sha256:sha256 ecdsa-sha256:sha256; do
    name=${row%%:*}
    xmllint --nonet --c14n "$name.bare.xml" | openssl dgst "-${row##*:}" -binary | base64 >"$name.theirs"
    [ "$(cat "$name.theirs")" = "$(cat "$name.digest")" ]
    say "digest of $name by xmllint and openssl"
done

# --- xmlsec1 and we
for name in rsa-sha256 ecdsa-sha256; do
    xmlsec1 --verify --pubkey-pem "$name.pub" --enabled-reference-uris empty "$name.xml" 2>/dev/null
    say "xmlsec1 verifies our $name"
    sed 's/>100</>101</' "$name.xml" >"$name.bad.xml"
    refuse "xmlsec1: tampered $name" xmlsec1 --verify --pubkey-pem "$name.pub" "$name.bad.xml"
    refuse "we: tampered $name" "$tool" check "$name" . "$name.bad.xml"
    xmlsec1 --sign --privkey-pem "$name.key,$name.crt" --output "$name.theirs.xml" "$name.foreign"
    "$tool" check "$name" . "$name.theirs.xml"
done

# --- openssl and we: SM2 over the canonical SignedInfo
for name in sm2-sm3 sm2-sm3-field; do
    "$tool" check "$name" . "$name.xml"
    openssl dgst -sm3 -sign "$name.key" -sigopt "distid:$id" -out "$name.der" "$name.info"
    "$tool" embed "$name.template" "$name.der" "$name.openssl.xml"
    "$tool" check "$name" . "$name.openssl.xml"
    openssl dgst -sm3 -sign "$name.key" -out "$name.noid" "$name.info"
    "$tool" embed "$name.template" "$name.noid" "$name.noid.xml"
    refuse "we: $name signed by openssl without the identifier" \
        "$tool" check "$name" . "$name.noid.xml"
done

# --- kouan sign: bytes that stay, judged by xmllint, openssl and xmlsec1
DS='xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
K='xmlns:k="urn:kouan:test:1"'
printf '<?xml version="1.0"?>\r\n<!-- </k:T> --><k:T %s\tb = "1">\r\n\t<k:a  c='"'>'"'>100</k:a><![CDATA[</k:T>]]></k:T >\n<!---->\n' "$K" >odd.xml
of() { sed -n "s:.*<\(ds\:\)\{0,1\}$1>\([^<]*\)</.*:\2:p" "$2"; } # ELEMENT FILE
signs() { # NAME IN OUT OPTIONS...
    name=$1 in=$2 out=$3
    shift 3
    "$kouan" sign -k "$name.key" --cert "$name.crt" "$@" "$in" >"$out"
}
# The value over SignedInfo as xmllint canonicalises it, r||s as DER by openssl.
openssl_verifies() { # NAME FILE
    sed -n 's/.*\(<ds:SignedInfo>.*<\/ds:SignedInfo>\).*/\1/p' "$2" |
        sed "s|<ds:SignedInfo>|<ds:SignedInfo $DS $K>|" | xmllint --c14n - >"$1.sinfo"
    hex=$(of SignatureValue "$2" | base64 -d | od -An -vtx1 | tr -d ' \n')
    printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "${hex%????????????????????????????????????????????????????????????????}" \
        "${hex#????????????????????????????????????????????????????????????????}" >"$1.asn1"
    openssl asn1parse -genconf "$1.asn1" -noout -out "$1.rs.der"
    openssl dgst -sm3 -verify "$1.pub" -sigopt "distid:$id" -signature "$1.rs.der" "$1.sinfo" >/dev/null
}
for row in sm2-sm3:sm3 sm2-sm3-field:sha1 rsa-sha256:sha256 ecdsa-sha256:sha256; do
    name=${row%%:*}
    signs "$name" odd.xml "$name.odd.xml" --dialect "$name" 2>/dev/null
    LC_ALL=C sed 's/<ds:Signature .*<\/ds:Signature>//' "$name.odd.xml" | cmp - odd.xml
    [ "$(of DigestValue "$name.odd.xml")" = "$(xmllint --nonet --c14n odd.xml | sed 's/<!--[^>]*-->//g' |
        sed -n '/<k:T/,$p' | head -c -1 | openssl dgst "-${row##*:}" -binary | base64)" ]
    case $name in
    sm2*) openssl_verifies "$name" "$name.odd.xml" ;;
    *) xmlsec1 --verify --pubkey-pem "$name.pub" --enabled-reference-uris empty "$name.odd.xml" 2>/dev/null ;;
    esac
    say "kouan sign --dialect $name: bytes as they were, judges agree"
    sed 's/>100</>101</' "$name.odd.xml" >"$name.odd.bad.xml"
    refuse "we: tampered after kouan sign $name" "$tool" check "$name" . "$name.odd.bad.xml"
done
sed 's/<ds:DigestValue>./<ds:DigestValue>#/' sm2-sm3.odd.xml >sm2-sm3.odd.bad.xml
refuse 'openssl: another SignedInfo' openssl_verifies sm2-sm3 sm2-sm3.odd.bad.xml

# --- templates of other tools, filled by both; RSA has one right answer
for name in rsa-sha256 ecdsa-sha256; do
    signs "$name" "$name.foreign" "$name.filled.xml"
    xmlsec1 --verify --pubkey-pem "$name.pub" --enabled-reference-uris empty "$name.filled.xml" 2>/dev/null
    "$tool" check "$name" . "$name.filled.xml"
    [ "$(of DigestValue "$name.filled.xml")" = "$(of DigestValue "$name.theirs.xml")" ]
    say "xmlsec1 verifies the template of $name that kouan sign filled"
done
one_line() { tr -d '\n' <"$1" | sed 's:.*<SignatureValue>::; s:</SignatureValue>.*::'; }
[ "$(one_line rsa-sha256.filled.xml)" = "$(one_line rsa-sha256.theirs.xml)" ]
say 'xmlsec1 and kouan sign give the template the same RSA value'

# --- profile w3c
for name in rsa-sha256 ecdsa-sha256; do
    signs "$name" odd.xml "$name.exc.xml" --c14n exc --prefixes k
    signs "$name" odd.xml "$name.id.xml" --c14n exc --id it
    xmlsec1 --verify --pubkey-pem "$name.pub" --enabled-reference-uris empty "$name.exc.xml" 2>/dev/null
    xmlsec1 --verify --pubkey-pem "$name.pub" --id-attr:Id urn:kouan:test:1:T "$name.id.xml" 2>/dev/null
    say "xmlsec1 verifies kouan sign --c14n exc, and --id, with $name"
    sed 's/>100</>101</' "$name.id.xml" >"$name.id.bad.xml"
    refuse "xmlsec1: tampered $name of profile w3c" \
        xmlsec1 --verify --pubkey-pem "$name.pub" --id-attr:Id urn:kouan:test:1:T "$name.id.bad.xml"
done

# --- what kouan sign refuses: exit code, word of the reason, and nothing written
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout p384.key -out p384.crt -subj /CN=t -days 2 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out other.crt -subj /CN=t -days 2 2>/dev/null
openssl req -x509 -newkey rsa:1024 -nodes -keyout weak.key -out weak.crt -subj /CN=t -days 2 2>/dev/null
says() { # CODE WORD OPTIONS...
    code=$1 word=$2 rc=0
    shift 2
    rm -f out.xml
    "$kouan" sign -o out.xml "$@" >/dev/null 2>said || rc=$?
    if [ "$rc" != "$code" ] || [ -e out.xml ] || ! grep -q -- "$word" said; then
        printf 'kouan sign %s: %s instead of %s\n' "$*" "$rc" "$code"
        cat said
        exit 1
    fi
    say "kouan sign refuses: $word"
}
ec='-k ecdsa-sha256.key --cert ecdsa-sha256.crt'
# shellcheck disable=SC2086 # two options
{
    says 1 'signed already' $ec ecdsa-sha256.odd.xml
    says 1 'template names other algorithms' $ec -d ecdsa-sha256 rsa-sha256.foreign
    says 78 'not of the type that rsa-sha256 needs' $ec -d rsa-sha256 odd.xml
    says 78 'not of the type that sm2-sm3-field needs' $ec -d sm2-sm3-field odd.xml
    says 78 'does not belong' -k ecdsa-sha256.key --cert other.crt odd.xml
    says 64 'no “md5”' $ec -d md5 odd.xml
    says 64 'needs --c14n exc' $ec --prefixes k odd.xml
    says 1 'which form it takes' $ec --c14n exc ecdsa-sha256.foreign
    says 64 'must be given' $ec
    says 2 'nowhere' -k nowhere --cert ecdsa-sha256.crt odd.xml
}
says 1 'not P-256' -k p384.key --cert p384.crt odd.xml
says 1 '1024 bits' -k weak.key --cert weak.crt odd.xml
"$kouan" sign -k weak.key --cert weak.crt --anyway odd.xml >weak.xml
xmlsec1 --verify --pubkey-cert-pem weak.crt weak.xml 2>/dev/null
say 'kouan sign --anyway'

# --- sm-crypto (npm, pinned) and we
cp "$here/package.json" "$here/package-lock.json" "$here/judge.js" "$work/node/"
cd "$work/node"
if [ ! -d node_modules/sm-crypto ] && ! npm ci --ignore-scripts --no-audit --no-fund >/dev/null 2>&1; then
    echo 'skipped: sm-crypto cannot be installed'
    exit 0
fi
for name in sm2-sm3 sm2-sm3-field; do
    node judge.js "$work/files/$name"
    "$tool" check "$name" "$work/files" "$work/files/$name.smcrypto.xml"
done
