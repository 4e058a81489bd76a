#!/usr/bin/env python3
"""Writes the web assets as C arrays into Sources/CPerchAssets/generated.inc.

The files come from two pinned packages (assets-requirements.txt) in an environment of their own;
each is checked against the SHA-256 below. Does nothing when the result is up to date.
"""

import hashlib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-assets"
REQUIREMENTS = ROOT / "Scripts" / "assets-requirements.txt"
LICENCES = ROOT / "packaging" / "licences"
TARGET = ROOT / "Sources" / "CPerchAssets" / "generated.inc"
INCLUDER = ROOT / "Sources" / "CPerchAssets" / "CPerchAssets.c"

# Name in the server, path in the environment's packages, SHA-256.
PACKAGED = [
    ("uPlot.iife.js", "uplot/static/uPlot.iife.js",
     "655bc8aa33781e8721c5af6b59f1699c03c9bda951aa74a6ab518ac20cc4326d"),
    ("uPlot.min.css", "uplot/static/uPlot.min.css",
     "3f121cd4a997b634e07a887658850018e475c26f0bddd874109a8d382c19de87"),
    ("htmx-2.min.js", "django_htmx/static/django_htmx/htmx-2.min.js",
     "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"),
    ("hx-sse-2.min.js", "django_htmx/static/django_htmx/ext/hx-sse-2.min.js",
     "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136"),
    ("LICENSE.uplot-python", "uplot_python-1.1.1.dist-info/licenses/LICENSE",
     "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4"),
    ("LICENSE.django-htmx", "django_htmx-1.29.0.dist-info/licenses/LICENSE",
     "a4d211670940cdae247eeb4f53405092826c3d6976dcd1e708cadb002d083479"),
]

# The packages carry their own licences only; these are those of the scripts inside.
COMMITTED = [
    ("LICENSE.uPlot", LICENCES / "uPlot.txt"),
    ("LICENSE.htmx", LICENCES / "htmx.txt"),
]


def fail(message):
    sys.exit("assets: " + message)


def checksum_of_inputs():
    """One hash over everything that decides the result."""
    digest = hashlib.sha256()
    for path in [pathlib.Path(__file__), REQUIREMENTS, *(path for _, path in COMMITTED)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def first_line(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.readline().rstrip("\n")
    except OSError:
        return ""


def packages_folder():
    """Makes the environment, installs the packages, and answers where they are."""
    print("assets: fetching uPlot and htmx", flush=True)
    python = ENVIRONMENT / "bin" / "python3"
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT])
    if made.returncode != 0:
        fail("cannot make a Python environment; on Debian: apt-get install python3-venv")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps",
           "--only-binary", ":all:", "--require-hashes", "--requirement", REQUIREMENTS]
    if subprocess.run(pip).returncode != 0:
        fail("pip could not fetch the packages named in Scripts/assets-requirements.txt")
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return pathlib.Path(subprocess.check_output([python, "-c", query], text=True).strip())


def read_assets():
    folder = packages_folder()
    for name, path, expected in PACKAGED:
        data = (folder / path).read_bytes()
        actual = hashlib.sha256(data).hexdigest()
        if actual != expected:
            fail(f"{path} has SHA-256 {actual}, expected {expected}")
        yield name, data
    for name, path in COMMITTED:
        yield name, path.read_bytes()


def as_c(assets, stamp):
    lines = [stamp]
    table = []
    for number, (name, data) in enumerate(assets):
        lines.append(f"static const unsigned char asset_{number}[] = {{")
        for start in range(0, len(data), 32):
            lines.append(",".join(map(str, data[start:start + 32])) + ",")
        lines.append("};")
        table.append(f'    {{"{name}", asset_{number}, sizeof asset_{number}}},')
    lines.append("static const struct perch_asset perch_assets_table[] = {")
    lines += table
    lines.append("};")
    lines.append(f"#define PERCH_ASSET_COUNT {len(table)}")
    return "\n".join(lines) + "\n"


def main():
    stamp = f"/* Made by Scripts/assets.py from inputs {checksum_of_inputs()}. */"
    if first_line(TARGET) == stamp:
        return
    text = as_c(read_assets(), stamp)
    temporary = TARGET.with_suffix(".part")
    temporary.write_text(text, encoding="ascii")
    os.replace(temporary, TARGET)
    # A build from before this file existed does not know that the includer depends on it.
    if INCLUDER.exists():
        os.utime(INCLUDER)
    print(f"assets: wrote {TARGET.relative_to(ROOT)}", flush=True)


main()
