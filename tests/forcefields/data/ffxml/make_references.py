#!/usr/bin/python3
"""Makes the PDB files of this folder and references.json: energies per force of OpenMM's Reference
platform for several force fields. Existing PDB files are kept. Needs python3-rdkit (structures) and python3-simtk (hydrogens,
energies). Structures are distance-geometry embeddings of sequences; no outside data is used.

OpenMM 7.7 gives the oxygens of carboxylates the wrong GBn2 radius: it asks whether an atom, not its element, is oxygen. Here they get
AMBER's (mbondi3, 1.4 angstrom; not the oxygens of ASH and GLH).

With the folder of the peptides as an argument it also makes gbn2_peptides.json, their GBn2 energies and forces.
"""

import io
import json
import os
import random
import sys

from openmm import Context, Platform, Vec3, VerletIntegrator, app, unit
from openmm.app.internal import customgbforces

PROTEINS = {
    "vacuum": ["amber14/protein.ff14SB.xml"],
    "OBC1": ["amber14/protein.ff14SB.xml", "implicit/obc1.xml"],
    "GBn2": ["amber14/protein.ff14SB.xml", "implicit/gbn2.xml"],
    "all": ["amber14-all.xml"],
    "ipq": ["amber14/protein.ff15ipq.xml"],
    "03": ["amber03.xml", "amber03_obc.xml"],
    "96": ["amber96.xml", "amber96_obc.xml"],
    "10": ["amber10.xml", "amber10_obc.xml"],
    "99sb": ["amber99sb.xml", "implicit/obc2.xml"],
    "99sbildn": ["amber99sbildn.xml", "amber99_obc.xml"],
    "99sbnmr": ["amber99sbnmr.xml"],
    "fb15": ["amberfb15.xml"],
}
NUCLEIC = {
    "all GBn2": ["amber14-all.xml", "implicit/gbn2.xml"],
    "all OBC2": ["amber14-all.xml", "implicit/obc2.xml"],
    "10": ["amber10.xml"],
}
DNA_BSC1 = dict(NUCLEIC, bsc1=["amber14/DNA.bsc1.xml"])

# name: (RDKit molecule, variants for Modeller.addHydrogens, force fields)
MOLECULES = {
    "histidines": ("PEPTIDE1{H.H.H.G}$$$$", ["HID", "HIE", "HIP", None], PROTEINS),
    "disulfide": ("PEPTIDE1{A.C.G.A.C.V}$PEPTIDE1,PEPTIDE1,2:R3-5:R3$$$", None, PROTEINS),
    "protonated": ("PEPTIDE1{A.D.E.K.I}$$$$", [None, "ASH", "GLH", "LYN", None], {
        k: v for k, v in PROTEINS.items() if k not in ("96",)}),
    "aromatic": ("PEPTIDE1{R.F.Y.W.N.I}$$$$", None, PROTEINS),
    "dna": ("RNA1{[dR](A)P.[dR](C)P.[dR](G)P.[dR](T)}$$$$", None, DNA_BSC1),
    "rna": ("RNA1{R(A)P.R(C)P.R(G)P.R(U)}$$$$", None, NUCLEIC),
}


def is_carboxylate_oxygen(atom, bonds):
    """Both oxygens have no other neighbour than the carbon, as AMBER's names ASP, GLU and OXT say."""
    def symbol(a):
        return a.element.symbol
    if symbol(atom) != "O" or len(bonds[atom]) != 1 or symbol(bonds[atom][0]) != "C":
        return False
    around = bonds[bonds[atom][0]]
    return len(around) == 3 and sum(symbol(a) == "O" and len(bonds[a]) == 1 for a in around) == 2


customgbforces._is_carboxylateO = is_carboxylate_oxygen


def heavy_atom_pdb(helm):
    from rdkit import Chem
    from rdkit.Chem import AllChem
    molecule = Chem.AddHs(Chem.MolFromHELM(helm))
    if AllChem.EmbedMolecule(molecule, randomSeed=7) != 0:
        raise RuntimeError("cannot embed " + helm)
    AllChem.MMFFOptimizeMolecule(molecule, maxIters=2000)
    # RDKit writes CONECT records for all bonds; standard residues do not need them.
    text = Chem.MolToPDBBlock(Chem.RemoveHs(molecule))
    return "\n".join(l for l in text.splitlines() if l.startswith(("ATOM", "HETATM", "TER")))


def build(name, helm, variants):
    pdb = app.PDBFile(io.StringIO(heavy_atom_pdb(helm)))
    modeller = app.Modeller(pdb.topology, pdb.positions)
    field = app.ForceField("amber14-all.xml")
    modeller.addHydrogens(field, variants=variants, platform=Platform.getPlatformByName("Reference"))
    # Away from the minimum, so that every term has something to say.
    rng = random.Random(name)
    positions = [Vec3(*(x + rng.gauss(0, 0.006) for x in p)) for p in
                 modeller.positions.value_in_unit(unit.nanometer)] * unit.nanometer
    with open(name + ".pdb", "w") as stream:
        app.PDBFile.writeFile(modeller.topology, positions, stream, keepIds=True)
    lines = [l for l in open(name + ".pdb") if not l.startswith(("REMARK", "CONECT"))]
    open(name + ".pdb", "w").writelines(lines)


def shuffle_within_residues(source, target):
    """The same molecule with the atoms of each residue in another order."""
    rng = random.Random(target)
    groups = {}
    for line in open(source + ".pdb"):
        if line.startswith(("ATOM", "HETATM")):
            groups.setdefault(line[21:27], []).append(line)
    with open(target + ".pdb", "w") as stream:
        serial = 0
        for lines in groups.values():
            rng.shuffle(lines)
            for line in lines:
                serial += 1
                stream.write(line[:6] + "%5d" % serial + line[11:])
        stream.write("TER\nEND\n")


def energies(name, files, cutoff_nm=None, with_forces=False):
    pdb = app.PDBFile(name + ".pdb")
    options = {}
    if cutoff_nm:
        options = {"nonbondedMethod": app.CutoffNonPeriodic, "nonbondedCutoff": cutoff_nm * unit.nanometer}
    system = app.ForceField(*files).createSystem(pdb.topology, removeCMMotion=False, **options)
    result = {}
    for group, force in enumerate(system.getForces()):
        force.setForceGroup(group)
    context = Context(system, VerletIntegrator(0.001), Platform.getPlatformByName("Reference"))
    context.setPositions(pdb.positions)
    for group, force in enumerate(system.getForces()):
        state = context.getState(getEnergy=True, groups={group})
        value = state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole)
        result[type(force).__name__] = value
    entry = {"files": files, "terms": result}
    if with_forces:
        entry["total"] = sum(result.values())
        newton = unit.kilojoule_per_mole / unit.nanometer
        entry["forces"] = [[round(f, 5) for f in force] for force in
                           context.getState(getForces=True).getForces().value_in_unit(newton)]
    if cutoff_nm:
        entry["cutoff_nm"] = cutoff_nm
    return entry


def constrained(name, files, hydrogen_mass):
    """Masses and constraints with HBonds and repartitioned masses."""
    pdb = app.PDBFile(name + ".pdb")
    system = app.ForceField(*files).createSystem(
        pdb.topology, constraints=app.HBonds, hydrogenMass=hydrogen_mass * unit.dalton)
    constraints = [system.getConstraintParameters(n) for n in range(system.getNumConstraints())]
    return {
        "files": files,
        "hydrogen_mass_dalton": hydrogen_mass,
        "masses": [system.getParticleMass(n).value_in_unit(unit.dalton)
                   for n in range(system.getNumParticles())],
        "constraints": sorted([min(i, j), max(i, j), d.value_in_unit(unit.nanometer)]
                              for i, j, d in constraints),
        "n_bonds": [f for f in system.getForces()
                    if type(f).__name__ == "HarmonicBondForce"][0].getNumBonds(),
    }


def gbn2_peptides(folder):
    names = sorted(f[:-4] for f in os.listdir(folder) if f.endswith(".pdb"))
    references = {name: energies(os.path.join(folder, name), PROTEINS["GBn2"], with_forces=True) for name in names}
    with open("gbn2_peptides.json", "w") as stream:
        stream.write("{\n" + ",\n".join(json.dumps(k) + ": " + json.dumps(v) for k, v in references.items()) + "\n}\n")


def main():
    references = {}
    for name, (helm, variants, fields) in MOLECULES.items():
        if not os.path.exists(name + ".pdb"):  # hydrogens are placed at random
            build(name, helm, variants)
            shuffle_within_residues(name, name + "_shuffled")
        for molecule in (name, name + "_shuffled"):
            references[molecule] = {k: energies(molecule, v) for k, v in fields.items()}
    for name in ("vacuum", "GBn2", "99sbildn"):
        references["aromatic"][name + " cutoff"] = energies("aromatic", PROTEINS[name], 0.6)
    references["constrained"] = constrained("protonated", PROTEINS["vacuum"], 3.0)
    with open("references.json", "w") as stream:
        json.dump(references, stream, indent=1)
        stream.write("\n")
    if len(sys.argv) > 1:
        gbn2_peptides(sys.argv[1])


if __name__ == "__main__":
    main()
