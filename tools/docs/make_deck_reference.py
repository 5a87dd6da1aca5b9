#!/usr/bin/env python3
"""Writes tools/docs/deck_reference.md from what the program prints as its defaults.

    tools/docs/make_deck_reference.py build/tools/saltus           writes the page
    tools/docs/make_deck_reference.py build/tools/saltus --check   fails when it is out of date
"""

import argparse
import difflib
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).with_name("deck_reference.md")
COMMAND = "tools/docs/make_deck_reference.py build/tools/saltus"

HEAD = f"""# Deck reference

Written by `{COMMAND}` from what the program prints;
do not edit. A test fails when this page and the program differ.

A deck is a TOML file. Values with a dimension are strings with a unit, such as `"310 K"` or
`"2 fs"`; any unit of the same dimension will do. A bare number is in nm, ps, dalton, kJ/mol, K, e
or rad; a pressure needs its unit. Paths count from the folder of the deck. `schema` has to be given.

* `saltus check DECK` names every key that is unknown, missing, out of range or without effect.
* `--set table.key=value` overrides a key for one call. Keys of the deck that have no effect because of it are noted.
* `saltus init FILE` writes a deck for a molecule, with the reason of every choice.
* `include = ["base.toml"]`, above all tables, reads other decks before this one.
* `[vars]` holds values that strings name as `${{name}}`; `${{env:NAME}}` is one of the environment.
"""

# What is printed, by which command, under which heading.
DECKS = [
    ("Decks of runs", ["run", "--print-defaults"], "`saltus run` and `saltus check` read them."),
    (
        "Decks of torsion networks",
        ["train", "--print-torsion-defaults"],
        "`saltus train` and `saltus check` read them; the table `[torsion_network]` tells them "
        "from decks of runs.",
    ),
    (
        "Decks of rigid-body flows",
        ["train", "--print-rigid-flow-defaults"],
        "`saltus train` and `saltus check` read them; the table `[rigid_flow]` tells them from "
        "decks of runs.",
    ),
    ("Decks of comparisons", ["compare", "--print-defaults"], "`saltus compare` reads them."),
]

HEADER = re.compile(r"#?(\[\[?[\w.]+\]\]?)$")
KEY = re.compile(r"#?([\w-]+) = (.*)$")
# Conditions never begin with a quotation mark; lists of strings do.
CONDITION = re.compile(r"(.*?) ?\[([^\"\]](?:[^\[\]]|\[+[\w.]+\]+)*)\]$")


class Table:
    """One table of a deck: its header, what is said of it, and its keys."""

    def __init__(self, header, about, condition):
        self.header, self.about, self.condition = header, about, condition
        self.keys = []  # (name, default, meaning, condition)


def split_comment(text):
    """'"a # b"  # why' -> ('"a # b"', 'why')."""
    quoted = False
    for i, letter in enumerate(text):
        if letter == '"' and text[i - 1] != "\\":
            quoted = not quoted
        elif letter == "#" and not quoted:
            return text[:i].strip(), text[i + 1 :].strip()
    return text.strip(), ""


def split_condition(text):
    """'what it is [when it is used]' -> ('what it is', 'when it is used')."""
    match = CONDITION.fullmatch(text)
    return (match.group(1), match.group(2)) if match else (text, "")


def parse(text):
    """All tables in order; the first one, without a header, holds the keys of the deck itself."""
    # The first paragraph is for whoever reads the deck.
    lines = text.split("\n\n", 1)[1].splitlines()
    tables = [Table("", "", "")]
    about, condition = [], ""
    for line in lines:
        header, key = HEADER.fullmatch(line), KEY.fullmatch(line)
        if line.startswith("# ["):
            condition = line[3:-1]
        elif line.startswith("# "):
            about.append(line[2:])
        elif header:
            tables.append(Table(header.group(1), " ".join(about), condition))
            about, condition = [], ""
        elif key:
            default, comment = split_comment(key.group(2))
            meaning, when = split_condition(comment)
            tables[-1].keys.append((key.group(1), default, meaning, when))
        elif line:
            raise SystemExit(f"cannot read this line of the defaults: {line}")
    return tables


def cell(text):
    """Text of a cell."""
    return text.replace("|", "\\|")


def code(text):
    """A value as code."""
    return f"`{cell(text)}`" if text else ""


def rows(keys):
    """Lines of a table of keys."""
    lines = ["| key | default | meaning | used when |", "| --- | --- | --- | --- |"]
    for name, default, meaning, when in keys:
        if default == "...":
            default = "required"
            meaning = meaning[len("required, ") :]
        elif when == "optional":
            default = "not set"
        else:
            default = code(default)
        lines.append(f"| `{name}` | {default} | {cell(meaning)} | {cell(when)} |")
    return lines


def section(table, previous):
    """Lines about one table. The first key of a list of tables may be its kind: tables of several
    kinds, one after the other, share a heading.

    previous: the header of the table before this one; None: there is none
    """
    keys = table.keys
    lines = []
    if table.header != previous:
        lines += ["", f"### `{table.header}`" if table.header else "### Keys of the deck itself"]
    if table.about:
        lines += ["", table.about]
    if table.condition:
        when = "Optional" if table.condition == "optional" else f"Used with: {table.condition}"
        lines += ["", f"{when}."]
    if table.header.startswith("[[") and keys and keys[0][0] == "kind":
        _, value, meaning, _ = keys[0]
        lines += ["", f"**kind = {code(value)}**: {meaning}"]
        keys = keys[1:]
    if keys:
        lines += [""] + rows(keys)
    return lines


def page(program):
    """The whole page."""
    lines = HEAD.splitlines()
    for title, arguments, about in DECKS:
        lines += ["", f"## {title}", "", f"{about} `saltus {' '.join(arguments)}` prints a deck of "
                  "them to start from."]
        text = subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE,
                              encoding="utf-8")
        previous = None
        for table in parse(text.stdout):
            lines += section(table, previous)
            previous = table.header
    return "\n".join(lines) + "\n"


def main():
    """Writes or checks the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the program saltus")
    parser.add_argument("--check", action="store_true", help="compare only")
    parser.add_argument("--page", type=pathlib.Path, default=PAGE, help=f"default: {PAGE.name}")
    options = parser.parse_args()
    wanted = page(options.program)
    if not options.check:
        options.page.write_text(wanted, encoding="utf-8")
        return 0
    found = options.page.read_text(encoding="utf-8")
    if found == wanted:
        return 0
    sys.stdout.writelines(
        difflib.unified_diff(found.splitlines(True), wanted.splitlines(True), "page", "program"))
    print(f"{options.page} is not what the program prints; to mend: {COMMAND}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
