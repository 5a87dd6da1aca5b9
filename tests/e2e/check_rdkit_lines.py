"""Runs the lines of io/hdf5/README.md that make RDKit's molecules of a conformer file, as they stand
there, and compares graphs, configurations and coordinates with the file.

usage: check_rdkit_lines.py SALTUS README; exit code 77 when a module is missing.
"""
import os
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
    from rdkit import Chem
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

LIST = [
    ("CC[C@H](F)C(=O)N[C@@H](C)C(=O)[O-]", "two_centres"),
    ("C/C=C\\C=C\\CO", "double_bonds"),
    ("[2H]OCC[NH3+]", "isotope_and_charge"),
    ("bad(", "unreadable"),
    ("c1ccncc1C[C@@]12CCC[C@@H]1C2", "rings"),
    ("OC(F)Cl", "isomers"),
    ("C[N+](=O)[O-]", "nitro"),
]


def lines_of(readme):
    text = open(readme).read()
    begin = text.index("```python\n", text.index("<!-- run by tests/e2e/check_rdkit_lines.py")) + 10
    return text[begin:text.index("```", begin)]


def check(lines, m):
    setup = 'file, m = h5py.File("drugs.h5", "r"), 0\n'
    assert lines.count(setup) == 1
    scope = {}
    exec(lines.replace(setup, setup.replace("0\n", "%d\n" % m)), scope)
    mol, molecules, conformers = scope["mol"], scope["molecules"], scope["conformers"]
    atoms = slice(*molecules["atom_ptr"][m:m + 2])
    assert [atom.GetAtomicNum() for atom in mol.GetAtoms()] == list(molecules["z"][atoms])
    smiles = molecules["smiles"][slice(*molecules["smiles_ptr"][m:m + 2])].tobytes().decode()
    name = molecules["name"][slice(*molecules["name_ptr"][m:m + 2])].tobytes().decode()
    assert mol.GetProp("_Name") == name
    expected = Chem.MolToSmiles(Chem.MolFromSmiles(smiles))
    found = Chem.MolToSmiles(Chem.MolFromSmiles(Chem.MolToSmiles(Chem.RemoveHs(mol))))
    assert found == expected, (name, found, expected)
    first, last = molecules["conformer_ptr"][m:m + 2]
    assert mol.GetNumConformers() == last - first, name
    for k, conformer in enumerate(mol.GetConformers()):
        rows = slice(*conformers["atom_ptr"][first + k:first + k + 2])
        assert np.abs(conformer.GetPositions() - conformers["xyz"][rows]).max() < 2e-6, (name, k)
    scope["file"].close()
    return name


def main():
    lines = lines_of(sys.argv[2])
    body = lines[lines.index("0\n") + 2:].strip().split("\n")
    assert len(body) == 5, body
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("list.smi", "w") as file:
            file.writelines("%s %s\n" % record for record in LIST)
        subprocess.run([os.path.abspath(sys.argv[1]), "conformers", "list.smi", "-o", "drugs.h5",
                        "-n", "12", "--quiet"], stderr=subprocess.DEVNULL)
        with h5py.File("drugs.h5", "r") as file:
            assert file.attrs["layout_version"] == 2
            counts = np.diff(file["molecules/conformer_ptr"][()])
            lengths = np.diff(file["molecules/mol_block_ptr"][()])
            assert np.all((lengths > 0) == (counts > 0)), (lengths, counts)
        names = [check(lines, m) for m in np.flatnonzero(counts)]
        assert len(names) >= 7 and counts.max() > 3, (names, counts)
    print("the five lines make", ", ".join(names))


main()
