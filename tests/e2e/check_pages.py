"""Opens the pages of a run and of conformers in headless Chromium, as a user's browser would.

usage: check_pages.py SALTUS CHROMIUM SOURCE

Each page must load without a message on the console (a refused request, an error of a script), show what
its table holds after the scripts have run, and print to PDF. A page with a picture from the network and
one whose script fails are planted, and must be found. Exit code 77: there is no Chromium.
"""
import os
import re
import subprocess
import sys
import tempfile


def main():
    program, chromium, source = (argument and os.path.abspath(argument) for argument in sys.argv[1:4])
    if not chromium or not os.path.exists(chromium):
        print("skipped: no chromium (Debian: chromium)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        def saltus(*arguments):
            subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)

        def browse(page, *options):
            """@return  standard output, messages of the page's console"""
            end = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu",
                                  "--user-data-dir=" + os.path.join(folder, "profile"),
                                  "--enable-logging=stderr", *options,
                                  "file://" + os.path.join(folder, page)],
                                 capture_output=True, text=True, errors="replace", timeout=120)
            return end.stdout, re.findall(r":CONSOLE.*?\] (.*)", end.stderr)

        peptide = os.path.join(source, "data/molecules/alanine_dipeptide.pdb")
        saltus("run", peptide, "--quiet", "--set", "run.steps=60", "--set", "output.directory=run")
        with open(os.path.join(folder, "list.smi"), "w") as file:
            file.write("CC(C)Cc1ccc(cc1)C(C)C(=O)O ibuprofen\nC1CC bad\nOCCO glycol\n")
        subprocess.run([program, "conformers", "list.smi", "-o", "list.sdf", "--html", "list.html",
                        "-n", "10"], cwd=folder, capture_output=True)
        failures = []
        for page, shown in (("run/report.html", "cos psi_2"), ("list.html", "ibuprofen")):
            content, console = browse(page, "--dump-dom")
            failures += ["%s: %s" % (page, line) for line in console]
            if shown not in content:
                failures.append("%s does not show %s" % (page, shown))
            pdf = os.path.join(folder, "page.pdf")
            browse(page, "--print-to-pdf=" + pdf)
            if not os.path.exists(pdf) or open(pdf, "rb").read(5) != b"%PDF-":
                failures.append(page + " cannot be printed")
            else:
                os.remove(pdf)

        report = open(os.path.join(folder, "run/report.html")).read()
        for planted in ('<img src="https://example.org/x.png">', "<script>nothing.at_all()</script>"):
            with open(os.path.join(folder, "planted.html"), "w") as file:
                file.write(report.replace("</main>", planted + "</main>"))
            if not browse("planted.html", "--dump-dom")[1]:
                failures.append("not found: " + planted)
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


sys.exit(main())
