#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A handler from outside, as its author and its operator meet it: what is installed, the sample built
against nothing else, its cases, and every reason to refuse a file, told by the tool and by the daemon.

usage: outside.py BUILD SCRATCH
"""
import os
import pathlib
import re
import shutil
import sys

from say import check, failures, must, run

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD, SCRATCH = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
SAMPLE = ROOT / "samples/weighbridge"
PREFIX = SCRATCH / "prefix"
SOURCES = sorted(p.name for p in SAMPLE.glob("*.c"))

# What is done to a copy of the sample, and the words of the refusal.  The last says whether the tool, which
# knows no group, sees it too.
BROKEN = [
    ("another abi", "weighbridge.c", ".abi = KN_HANDLER_ABI", ".abi = 1001", "was built for handler abi 1001, this program has", True),
    ("a clock", "weighbridge_weigh.c", "    (void)ask;", "    extern long time(long *);\n    (void)ask;\n    (void)time(0);",
     "calls time, which a handler must not", True),
    ("a symbol of another version", "weighbridge_weigh.c", "    (void)ask;",
     "    extern void kn_ask_everything(void);\n    (void)ask;\n    kn_ask_everything();",
     "wants kn_ask_everything, which this program does not have", True),
    ("data that changes", "weighbridge_weigh.c", "    (void)ask;", "    static int calls;\n    (void)ask;\n    if (++calls > 5) return KN_WAIT;",
     "holds data that can change: calls", True),
    ("code at load", "weighbridge_weigh.c", "#define COUNTER", "__attribute__((constructor)) static void early(void) { volatile int once = 1; (void)once; }\n#define COUNTER",
     "runs code when it is loaded", True),
    ("another name", "weighbridge.c", "kn_handler_weighbridge", "kn_handler_truckscale",
     "shows no symbol kn_handler_weighbridge; it shows kn_handler_truckscale", False),
    ("a hidden descriptor", "weighbridge.c", "KN_HANDLER_PUBLIC const", "extern const kn_handler kn_handler_weighbridge;\nconst",
     "shows no symbol kn_handler_", True),
    ("a name that is not its symbol's", "weighbridge.c", '.name = "weighbridge"', '.name = "scale"', "names itself “scale”", True),
    ("a document type of the checkpoint", "weighbridge.c", '"WBGrossMessage", WB_NS', '"CKViewMessage", "urn:kouan:checkpoint:1"',
     "document type CKViewMessage (urn:kouan:checkpoint:1) is taken already by handler checkpoint", True),
    ("a record kind of the checkpoint", "weighbridge.h", '#define WB_KIND "weighbridge"', '#define WB_KIND "checkpoint"',
     "record kind checkpoint is taken already by checkpoint", True),
    ("a receipt code of the engine's", "weighbridge.c", '"5001"', '"4201"', "receipt code “4201” is not one of 5000 to 9999", True),
    ("a name of the engine's", "weighbridge.c", '"WB_OTHER_VEHICLE"', '"NO_DOCUMENT"', "refusal NO_DOCUMENT is taken already by the engine", True),
    ("an option of the engine's", "weighbridge.c", '"wb.max_gross_kg"', '"module.gross"', "option module.gross", True),
    ("a machine with a row too many", "weighbridge_machine.c", "    { .id = NULL }", '    { .id = "WB-M06", .from = WB_CLOSED, .on = WB_ON_TARE, .to = WB_HALF },\n    { .id = NULL }',
     "WB-M06", True),
]


def compiled(folder):
    """The shared object of a copy, by one compiler call; as a package builder would: -s is not given."""
    flags = must("pkg-config", "--cflags", "kouan").split()
    must(os.environ.get("CC", "gcc"), "-std=c17", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", *flags,
         "-o", folder / "weighbridge.so", *[folder / s for s in SOURCES])
    return folder / "weighbridge.so"


def copy(name):
    folder = SCRATCH / re.sub(r"\W+", "-", name)
    shutil.copytree(SAMPLE, folder)
    return folder


def start(module, more=""):
    """The daemon on this file.  There is no secret: the last mistake of a start that sees no other."""
    ini = SCRATCH / "pki/kouan.ini"
    ini.write_text(f"[engine]\ncodes = {ROOT}/config/codes\nschemas = {ROOT}/schemas/xsd\npartners = partners\n\n"
                   f"[handler.weighbridge]\nmodule = {module}\n{more}")
    done = run(BUILD / "bin/kouand", "--config", ini)
    return done.returncode, done.stdout + done.stderr


def refused(name, module, words, tool=True):
    code, text = start(module)
    check(f"kouand: {name}: 78", code == 78 and words in text, f"exit {code}: {text}")
    if tool:
        done = run(BUILD / "bin/kouan", "handler", "check", module, "--schemas", SAMPLE / "schemas")
        check(f"kouan handler check: {name}", done.returncode == 1 and words in done.stderr, done.stdout + done.stderr)


def exports():
    """What the compiler finds declared in the public headers is what programs show, no more and no less."""
    headers = sorted(p.name for p in (PREFIX / "include/kouan").glob("*.h"))
    probe = SCRATCH / "probe.c"
    probe.write_text("".join(f"#include <kouan/{h}>\n" for h in headers))
    must("gcc", *must("pkg-config", "--cflags", "kouan").split(), "-aux-info", SCRATCH / "aux", "-fsyntax-only", probe)
    declared = {m[1] for line in (SCRATCH / "aux").read_text().splitlines() if "/kouan/" in line
                for m in [re.search(r"\b(kn_\w+) \(", line)] if m}
    for program in ("kouand", "kouan", "kouan-case"):
        names = must("nm", "-D", "--defined-only", BUILD / "bin" / program)
        shown = set(re.findall(r" (kn_\w+)$", names, re.M))
        check(f"{program} shows the public API and no more", len(declared) > 70 and shown == declared, shown ^ declared)


def sample():
    build = SCRATCH / "build"
    must("cmake", "-S", SAMPLE, "-B", build, "-G", "Ninja")
    must("ninja", "-C", build)
    done = run("ctest", "--test-dir", build, "--output-on-failure")
    check("the sample's cases pass", done.returncode == 0 and "100% tests passed" in done.stdout, done.stdout)
    done = run(BUILD / "bin/kouan", "handler", "check", build / "weighbridge.so", "--schemas", SAMPLE / "schemas")
    check("kouan handler check: good", done.returncode == 0 and "verdict    good" in done.stdout, done.stdout + done.stderr)
    done = run(BUILD / "bin/kouan-gen-docs", "--module", build / "weighbridge.so", "machine", "weighbridge")
    check("its documents can be printed", "WB-M05" in done.stdout, done.stderr)
    return build / "weighbridge.so"


def package():
    """The same by find_package."""
    folder = copy("package")
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(weighbridge LANGUAGES C)\nenable_testing()\n"
        f"find_package(kouan REQUIRED)\nkouan_handler(weighbridge FILES {' '.join(SOURCES)})\nkouan_cases(weighbridge)\n")
    must("cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={PREFIX}")
    must("ninja", "-C", folder / "build")
    done = run("ctest", "--test-dir", folder / "build", "--output-on-failure")
    check("find_package(kouan): built, cases pass", done.returncode == 0 and "100% tests passed" in done.stdout, done.stdout)


def cases_can_fail():
    folder = copy("wrong rule")
    file = folder / "weighbridge_weigh.c"
    text = file.read_text()
    assert "tare > gross" in text
    file.write_text(text.replace("tare > gross", "tare > gross + 1000000"))
    done = run(PREFIX / "bin/kouan-case", "--module", compiled(folder), "--cases", folder / "tests/cases/weighbridge", "weighbridge")
    check("a wrong rule fails its case", done.returncode == 1 and "heavier when empty" in done.stderr, done.stdout + done.stderr)


def operator(module):
    """What the operator may get wrong about a good file."""
    lists = f"module.codes = {SAMPLE}/codes\nmodule.schemas = {SAMPLE}/schemas\n"
    code, text = start(module, lists)
    check("a good module: the start goes on to the next thing, the secret", code == 78 and "secret_file" in text and "weighbridge" not in text, text)
    code, text = start(module, lists + "wb.tolerance = 5\n")
    check("kouand: an option its rows do not know: 78", code == 78 and "wb.tolerance" in text, text)
    refused("no such file", SCRATCH / "none.so", "none.so: No such file", tool=True)
    other = copy("open to all")
    shutil.copy(module, other / "weighbridge.so")
    (other / "weighbridge.so").chmod(0o777)
    refused("a file others may write", other / "weighbridge.so", "may be written by others (mode 0777; chmod go-w)")
    (other / "weighbridge.so").chmod(0o755)
    other.chmod(0o777)
    refused("a folder others may write", other / "weighbridge.so", f"{other} may be written by others")
    other.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(other / "weighbridge.so", 65534, 65534)
        refused("a file of another user", other / "weighbridge.so", "belongs to user 65534")
    (other / "text.so").write_text("no shared object\n")
    refused("no shared object", other / "text.so", "not a shared object of this machine's kind")
    (other / "cut.so").write_bytes(module.read_bytes()[:3000])
    refused("half a shared object", other / "cut.so", "not a shared object of this machine's kind")


def broken():
    for name, file, old, new, words, tool in BROKEN:
        folder = copy(name)
        text = (folder / file).read_text()
        assert old in text, (name, old)
        (folder / file).write_text(text.replace(old, new))
        refused(name, compiled(folder), words, tool)


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True, mode=0o755)
    must("cmake", "--install", BUILD, "--prefix", PREFIX, "--component", "handler-dev")
    must(BUILD / "bin/kouan", "pki", "--out", SCRATCH / "pki", "--no-bad", "--quiet")
    os.environ["PKG_CONFIG_PATH"] = str(PREFIX / "lib/pkgconfig")
    exports()
    module = sample()
    package()
    cases_can_fail()
    operator(module)
    broken()
    sys.exit(1 if failures else 0)


main()
