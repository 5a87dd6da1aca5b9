#!/usr/bin/env python3
"""Makes data/molecules/small_rings.smi: strained and bridged rings with one to four common
substituents, each at a random atom that has a hydrogen.

Nothing of the program needs this script; it says where the list comes from. The same RDKit gives
the same file. Needs Debian's python3-rdkit.

  tools/dev/make_small_rings.py > data/molecules/small_rings.smi
"""

import random
import zlib

from rdkit import Chem, RDLogger
from rdkit.Chem import rdMolDescriptors

SEED = 4
N_MOLECULES = 1200

RINGS = """
C1CC1 C1=CC1 C1CN1 C1CO1 C1CS1 C1CCC1 C1=CCC1 C1CNC1 C1COC1 C1CSC1 C1CONC1
C1C2CC12 C1C2CN12 C1C2C1N2 C1CC2CC12 C1CC2CN12 C1CC2C1N2 C1C2CC1C2 C1C2CN1C2 C1C2CC1O2 C1N2CC1C2
C1CC2CC1C2 C1CC2CCC1C2 C1CC2CCC1N2 C1CC2CCC1O2 C1CC2CCC1CC2 C1CN2CCC1CC2 C1CC2C=CC1C2 C1CC2CCC1CN2
C1CC12CC2 C1CC12CCC2 C1CC2(C1)CCC2 C1NCC12CCC2 C1OCC12CNC2 C1CC12CCNC2 C1CC12CCCC2
C1CC2CC2C1 C1CC2OC2C1 C1NCC2CC12 C1CC2CN2C1 C1CCC2CC2C1 C1CCC2OC2C1 C1CCC2CC2N1 C1CC2CCC2C1
C1CC2CNC2C1 C1CC2CCN2C1 C12C3C4C1C5C4C3C25 C1C2CC3CC1CC(C2)C3 C1C2CC3CN1CC(C2)C3
""".split()

SUBSTITUENTS = """
C CC C(C)C C(C)(C)C C=C CC=C C#C C1CC1 c1ccccc1 Cc1ccccc1 c1ccccn1 c1ccco1 C#N F C(F)(F)F Cl CO CN CCO
O OC OCC N NC N(C)C SC C=O C(=O)C C(=O)O C(=O)OC C(=O)N C(=O)NC NC(=O)C OC(=O)C S(=O)(=O)C CC#N N1CCOC1
""".split()


def is_held_out(molecule):
    """As the program decides: molecules of fingerprints 0 and 1 of ten are not learned from."""
    bare = Chem.RemoveHs(molecule)
    Chem.RemoveStereochemistry(bare)
    fingerprint = rdMolDescriptors.GetHashedMorganFingerprint(bare, 4, 2048)
    return zlib.crc32(fingerprint.ToBinary()) % 10 < 2


def joined(first, place, second):
    """An atom of one molecule bonded to the first of another; None where valences forbid it."""
    both = Chem.RWMol(Chem.CombineMols(first, second))
    both.AddBond(place, first.GetNumAtoms(), Chem.BondType.SINGLE)
    for index in (place, first.GetNumAtoms()):
        atom = both.GetAtomWithIdx(index)
        if atom.GetNumExplicitHs() > 0:
            atom.SetNumExplicitHs(atom.GetNumExplicitHs() - 1)
    molecule = both.GetMol()
    try:
        Chem.SanitizeMol(molecule)
    except Chem.MolSanitizeException:
        return None
    return molecule


def main():
    RDLogger.DisableLog("rdApp.*")
    rng = random.Random(SEED)
    substituents = [Chem.MolFromSmiles(smiles) for smiles in SUBSTITUENTS]
    rings = [Chem.MolFromSmiles(smiles) for smiles in RINGS]
    found = {}
    while len(found) < N_MOLECULES:
        ring = rng.choice(rings)
        places = [atom.GetIdx() for atom in ring.GetAtoms() if atom.GetTotalNumHs() > 0]
        molecule = ring
        for place in rng.sample(places, min(rng.choice([1, 1, 2, 2, 3, 4]), len(places))):
            molecule = joined(molecule, place, rng.choice(substituents)) or molecule
        if molecule.GetNumAtoms() > ring.GetNumAtoms() and not is_held_out(molecule):
            found[Chem.MolToSmiles(molecule)] = None
    print("\n".join(found))


if __name__ == "__main__":
    main()
