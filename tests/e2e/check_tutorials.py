"""Commands of documents are run, and print what the documents show. Oracle: the document.

usage: check_tutorials.py SALTUS SOURCE DOCUMENT; exit code 77 when a module that a script imports is
missing.

In a temporary folder, with `saltus` on the path and `data` of the source beside it, in their order:
  * blocks ```sh, by bash; each command must succeed;
  * blocks ```python, each a whole script, by this Python, likewise;
  * comments <!-- provoke: COMMAND -->, by bash; the command may fail: it is there for its message.
A block ```text shows output of the one before it: each of its lines must be a line of that, in this
order. Any number stands for any other one, but for exit codes, and `...` for anything.
"""
import importlib.util
import os
import re
import subprocess
import sys
import tempfile

TIMEOUT_S = 120  # of one block; the longest takes some seconds
NUMBER = r"[-+]?\d(?:[\d.,]*\d)?(?:e[-+]?\d+)?"


def pieces(lines):
    """Kind, first line's number and text of all that is run or compared."""
    kind, first, block = None, 0, []
    for number, line in enumerate(lines, 1):
        provoked = re.fullmatch(r"<!-- provoke: (.*) -->", line)
        if kind is None and provoked:
            yield "provoke", number, provoked[1]
        elif line.startswith("```"):
            if kind is not None:
                yield kind, first, "\n".join(block)
                kind = None
            else:
                kind, first, block = line[3:].strip(), number + 1, []
        elif kind is not None:
            block.append(line)


def as_pattern(shown):
    """What a line of a document stands for."""
    if shown.startswith("exit code"):
        return re.compile(re.escape(shown.rstrip()))
    parts = re.split(r"(\.\.\.|" + NUMBER + ")", shown.rstrip())
    return re.compile("".join(
        ".*" if part == "..." else NUMBER if i % 2 else re.sub(r"(?:\\ )+", r"\\s+", re.escape(part))
        for i, part in enumerate(parts)) + r"\s*")


def first_not_printed(shown, printed):
    """Of the lines of a document, or None."""
    lines = iter(printed.splitlines())
    for line in shown.splitlines():
        pattern = as_pattern(line)
        if line.strip() not in ("", "...") and not any(pattern.fullmatch(p) for p in lines):
            return line
    return None


def missing_module(text):
    for module in re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE):
        if importlib.util.find_spec(module) is None:
            return module
    return None


def main(saltus, source, document):
    with open(document, encoding="utf-8") as file:
        found = list(pieces(file.read().splitlines()))
    for kind, _, text in found:
        if kind == "python" and missing_module(text):
            print("skipped: no Python module", missing_module(text))
            return 77
    failures, n_run, printed = 0, 0, ""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(os.path.abspath(saltus), os.path.join(folder, "bin", "saltus"))
        os.symlink(os.path.abspath(os.path.join(source, "data")), os.path.join(folder, "data"))
        path = os.path.join(folder, "bin") + os.pathsep + os.environ["PATH"]
        for kind, number, text in found:
            where = "%s:%d" % (document, number)
            if kind in ("sh", "python", "provoke"):
                command = ([sys.executable, "-c", text] if kind == "python" else
                           ["bash", "-c" if kind == "provoke" else "-ec", text])
                done = subprocess.run(command, cwd=folder, env=dict(os.environ, PATH=path),
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      encoding="utf-8", timeout=TIMEOUT_S, check=False)
                n_run, printed = n_run + 1, done.stdout
                if done.returncode != 0 and kind != "provoke":
                    failures += 1
                    print("%s: exit code %d of\n%s\n%s" % (where, done.returncode, text, printed))
            elif kind == "text":
                line = first_not_printed(text, printed)
                if line is not None:
                    failures += 1
                    print("%s: not printed: %s\nprinted:\n%s" % (where, line, printed))
    if n_run == 0:
        print("%s: nothing to run" % document)
    return 1 if failures or n_run == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
