"""Makes the AMBER files with periodic boxes of this folder, and what OpenMM 7.7 says about them: see README.md.

The files are written here, line by line; OpenMM only reads them.
"""

import math
import random

import openmm
import openmm.app as app
import openmm.unit as unit

CHARGE_UNIT = 18.2223
BOND_K = 553.0  # kcal/mol/angstrom^2
OH, HOH = 0.9572, math.radians(104.52)
HH = 2 * OH * math.sin(HOH / 2)

# Radius (angstrom) and depth (kcal/mol) of Lennard-Jones minima, mass, element.
TYPES = {
    "OW3": (1.7683, 0.1520, 16.0, 8), "OW4": (1.775931, 0.16275, 16.0, 8), "OW5": (1.75110, 0.16, 16.0, 8),
    "HW": (0.0, 0.0, 1.008, 1), "EP": (0.0, 0.0, 0.0, 0),
    "Na+": (1.369, 0.0874393, 22.99, 11), "Cl-": (2.513, 0.0355910, 35.45, 17),
}
# Oxygen type, its charge, that of each hydrogen, distance of extra points from the oxygen, their charges.
MODELS = {
    "tip3p": ("OW3", -0.834, 0.417, None, []),
    "tip4pew": ("OW4", 0.0, 0.52422, 0.125, [-1.04844]),
    "tip5p": ("OW5", 0.0, 0.241, 0.70, [-0.241, -0.241]),
}


def water(model, place, rng):
    """Names, types, charges, positions, bonds (with their kind) of one molecule, turned at random."""
    oxygen, q_o, q_h, oe, q_ep = MODELS[model]
    h = [(math.cos(s * HOH / 2) * OH, math.sin(s * HOH / 2) * OH, 0.0) for s in (1, -1)]
    local = [(0.0, 0.0, 0.0)] + h
    if len(q_ep) == 1:
        local.append((oe, 0.0, 0.0))
    if len(q_ep) == 2:  # the first one along (H1 - O) x (H2 - O), which is -z here
        tilt = math.radians(54.735)
        local += [(-oe * math.cos(tilt), 0.0, s * oe * math.sin(tilt)) for s in (-1, 1)]
    q = [rng.gauss(0, 1) for _ in range(4)]
    norm = math.sqrt(sum(c * c for c in q))
    w, x, y, z = [c / norm for c in q]
    rows = [[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]]
    turned = [[place[k] + sum(r * c for r, c in zip(rows[k], v)) for k in range(3)] for v in local]
    names = ["O", "H1", "H2"] + (["EPW"] if len(q_ep) == 1 else ["EP1", "EP2"][:len(q_ep)])
    bonds = [(0, 1, "OH"), (0, 2, "OH"), (1, 2, "HH")] + [(0, 3 + n, "OE") for n in range(len(q_ep))]
    return ("WAT", names, [oxygen, "HW", "HW"] + ["EP"] * len(q_ep), [q_o, q_h, q_h] + q_ep, turned, bonds)


def ion(name, charge, place):
    return (name, [name], [name], [charge], [place], [])


def section(name, form, values):
    count, kind, width = {"20a4": (20, "s", 4), "10I8": (10, "d", 8), "5E16.8": (5, "E", 16)}[form]
    texts = ["%-4s" % v if kind == "s" else "%8d" % v if kind == "d" else "%16.8E" % v for v in values]
    lines = ["".join(texts[n:n + count]) for n in range(0, len(texts), count)] or [""]
    return "%%FLAG %s\n%%FORMAT(%s)\n%s\n" % (name, form, "\n".join(lines))


def prmtop_text(model, molecules, ifbox, beta, edges):
    atoms, residues, starts, bonds = [], [], [], []
    for name, names, types, charges, _, own_bonds in molecules:
        starts.append(len(atoms) + 1)
        residues.append(name)
        bonds += [(starts[-1] - 1 + i, starts[-1] - 1 + j, kind) for i, j, kind in own_bonds]
        atoms += list(zip(names, types, charges))
    types = sorted(set(a[1] for a in atoms))
    index, a_coef, b_coef = {}, [], []
    for j in range(len(types)):
        for i in range(j + 1):
            (r1, e1), (r2, e2) = TYPES[types[i]][:2], TYPES[types[j]][:2]
            r, e = r1 + r2, math.sqrt(e1 * e2)
            a_coef.append(e * r ** 12)
            b_coef.append(2 * e * r ** 6)
            index[i, j] = index[j, i] = len(a_coef)
    excluded = []
    for n in range(len(atoms)):
        residue = max(s for s in starts if s <= n + 1)
        end = min([s for s in starts if s > n + 1] + [len(atoms) + 1])
        excluded.append([m for m in range(n + 2, end)] or [0])
    oe = MODELS[model][3]
    kinds = ["OH", "HH"] + ([] if oe is None else ["OE"])
    lengths = {"OH": OH, "HH": HH, "OE": oe}
    rows = {True: [], False: []}
    for i, j, kind in bonds:
        rows[kind != "OE"] += [3 * i, 3 * j, kinds.index(kind) + 1]
    n_extra = sum(1 for a in atoms if a[1] == "EP")
    pointers = [len(atoms), len(types), len(rows[True]) // 3, len(rows[False]) // 3, 0, 0, 0, 0, 0, 0,
                sum(map(len, excluded)), len(residues), len(rows[False]) // 3, 0, 0, len(kinds), 0, 0, len(types), 0,
                0, 0, 0, 0, 0, 0, 0, ifbox, max(len(m[1]) for m in molecules), 0, n_extra]
    text = "%VERSION  VERSION_STAMP = V0001.000  DATE = 01/01/20  00:00:00\n"
    text += section("TITLE", "20a4", ["peri", "odic"])
    text += section("POINTERS", "10I8", pointers)
    text += section("ATOM_NAME", "20a4", [a[0] for a in atoms])
    text += section("CHARGE", "5E16.8", [a[2] * CHARGE_UNIT for a in atoms])
    text += section("ATOMIC_NUMBER", "10I8", [TYPES[a[1]][3] for a in atoms])
    text += section("MASS", "5E16.8", [TYPES[a[1]][2] for a in atoms])
    text += section("ATOM_TYPE_INDEX", "10I8", [types.index(a[1]) + 1 for a in atoms])
    text += section("NUMBER_EXCLUDED_ATOMS", "10I8", map(len, excluded))
    text += section("NONBONDED_PARM_INDEX", "10I8",
                    [index[i, j] for i in range(len(types)) for j in range(len(types))])
    text += section("RESIDUE_LABEL", "20a4", residues)
    text += section("RESIDUE_POINTER", "10I8", starts)
    text += section("BOND_FORCE_CONSTANT", "5E16.8", [BOND_K] * len(kinds))
    text += section("BOND_EQUIL_VALUE", "5E16.8", [lengths[k] for k in kinds])
    for name in ("ANGLE_FORCE_CONSTANT", "ANGLE_EQUIL_VALUE", "DIHEDRAL_FORCE_CONSTANT", "DIHEDRAL_PERIODICITY",
                 "DIHEDRAL_PHASE", "SCEE_SCALE_FACTOR", "SCNB_SCALE_FACTOR"):
        text += section(name, "5E16.8", [])
    text += section("SOLTY", "5E16.8", [0.0] * len(types))
    text += section("LENNARD_JONES_ACOEF", "5E16.8", a_coef)
    text += section("LENNARD_JONES_BCOEF", "5E16.8", b_coef)
    text += section("BONDS_INC_HYDROGEN", "10I8", rows[True])
    text += section("BONDS_WITHOUT_HYDROGEN", "10I8", rows[False])
    for name in ("ANGLES_INC_HYDROGEN", "ANGLES_WITHOUT_HYDROGEN", "DIHEDRALS_INC_HYDROGEN",
                 "DIHEDRALS_WITHOUT_HYDROGEN"):
        text += section(name, "10I8", [])
    text += section("EXCLUDED_ATOMS_LIST", "10I8", [m for row in excluded for m in row])
    for name in ("HBOND_ACOEF", "HBOND_BCOEF", "HBCUT"):
        text += section(name, "5E16.8", [])
    text += section("AMBER_ATOM_TYPE", "20a4", [a[1][:2] for a in atoms])
    text += section("SOLVENT_POINTERS", "10I8", [0, len(residues), 1])
    text += section("ATOMS_PER_MOLECULE", "10I8", [len(m[1]) for m in molecules])
    text += section("BOX_DIMENSIONS", "5E16.8", [beta] + edges)
    return text


def inpcrd_text(molecules, edges, angles, rng):
    """With velocities when rng is given, as in a restart file."""
    positions = [x for m in molecules for p in m[4] for x in p]
    velocities = [] if rng is None else [rng.gauss(0, 0.5) for _ in positions]
    text = "periodic\n%5d%15.7E\n" % (len(positions) // 3, 100.0)
    for block in (positions, velocities, edges + angles):
        for n in range(0, len(block), 6):
            text += "".join("%12.7f" % v for v in block[n:n + 6]) + "\n"
    return text


def write_line(stream, key, values):
    stream.write(key + " " + " ".join("%.12g" % v for v in values) + "\n")


def correct_sites(system):
    """OpenMM's reader turns the two extra points of a five-site water to its hydrogens; its tip5p.xml does not."""
    for n in range(system.getNumParticles()):
        if not system.isVirtualSite(n) or not isinstance(system.getVirtualSite(n), openmm.OutOfPlaneSite):
            continue
        site = system.getVirtualSite(n)
        system.setVirtualSite(n, openmm.OutOfPlaneSite(*[site.getParticle(k) for k in range(3)],
                                                       -site.getWeight12(), -site.getWeight13(),
                                                       site.getWeightCross()))


def write_reference(name):
    prmtop = app.AmberPrmtopFile(name + ".prmtop")
    inpcrd = app.AmberInpcrdFile(name + ".inpcrd")
    methods = {"cutoff": (app.CutoffPeriodic, {}), "switched": (app.CutoffPeriodic, {"switchDistance": 0.8}),
               "ewald": (app.Ewald, {"switchDistance": 0.8}), "pme": (app.PME, {})}
    if not name.endswith("rectangular"):
        del methods["ewald"]  # rectangular boxes only
    with open(name + ".reference", "w") as stream:
        for key, (method, more) in methods.items():
            system = prmtop.createSystem(nonbondedMethod=method, nonbondedCutoff=0.9, removeCMMotion=False, **more)
            correct_sites(system)
            system.setDefaultPeriodicBoxVectors(*inpcrd.boxVectors)
            for n, force in enumerate(system.getForces()):
                force.setForceGroup(n)
            context = openmm.Context(system, openmm.VerletIntegrator(0.001),
                                     openmm.Platform.getPlatformByName("Reference"))
            context.setPositions(inpcrd.positions)
            context.computeVirtualSites()
            for n, force in enumerate(system.getForces()):
                energy = context.getState(getEnergy=True, groups={n}).getPotentialEnergy()._value
                if force.__class__.__name__ in ("HarmonicBondForce", "NonbondedForce"):
                    write_line(stream, key + "." + force.__class__.__name__, [energy])
            state = context.getState(getEnergy=True, getForces=True, getPositions=True)
            write_line(stream, key + ".total", [state.getPotentialEnergy()._value])
            write_line(stream, key + ".forces", [x for f in state.getForces()._value for x in f])
        write_line(stream, "positions", [x for p in state.getPositions()._value for x in p])
        write_line(stream, "box", [x for v in inpcrd.boxVectors.value_in_unit(unit.nanometer) for x in v])
        for n in range(system.getNumConstraints()):
            i, j, length = system.getConstraintParameters(n)
            write_line(stream, "constraints", [i, j, length._value])
        for n in range(system.getNumParticles()):
            if not system.isVirtualSite(n):
                continue
            site = system.getVirtualSite(n)
            weights = ([site.getWeight(k) for k in range(3)] if isinstance(site, openmm.ThreeParticleAverageSite)
                       else [site.getWeight12(), site.getWeight13(), site.getWeightCross()])
            write_line(stream, "sites", [n] + [site.getParticle(k) for k in range(3)] + weights)
        force = [f for f in system.getForces() if isinstance(f, openmm.NonbondedForce)][0]
        for n in range(force.getNumExceptions()):
            i, j, charge, _, epsilon = force.getExceptionParameters(n)
            write_line(stream, "exceptions", [i, j, charge._value, epsilon._value])


def make(name, model, ifbox, edges, angles, beta, velocities, seed):
    rng = random.Random(seed)
    # On a grid along the edges, one of them in the next box.
    places = [[4.0 + 5.0 * i, 3.0 + 5.0 * j, 3.5 + 5.0 * k] for k in range(2) for j in range(2) for i in range(2)]
    rng.shuffle(places)
    molecules = [water(model, [c + rng.uniform(-0.5, 0.5) for c in p], rng) for p in places[:5]]
    molecules += [ion("Na+", 1.0, places[5]), ion("Cl-", -1.0, places[6])]
    molecules[1] = molecules[1][:4] + ([[p[0] + edges[0], p[1], p[2]] for p in molecules[1][4]],) + molecules[1][5:]
    with open(name + ".prmtop", "w") as stream:
        stream.write(prmtop_text(model, molecules, ifbox, beta, edges))
    with open(name + ".inpcrd", "w") as stream:
        stream.write(inpcrd_text(molecules, edges, angles, rng if velocities else None))
    write_reference(name)


OCTAHEDRON = 109.4712190
make("tip3p_rectangular", "tip3p", 1, [20.0, 21.5, 23.0], [90.0] * 3, 90.0, True, 1)
make("tip3p_octahedron", "tip3p", 2, [25.0] * 3, [OCTAHEDRON] * 3, OCTAHEDRON, False, 2)
make("tip4pew_triclinic", "tip4pew", 3, [23.0, 24.0, 25.0], [75.0, 80.0, 95.0], 80.0, True, 3)
make("tip5p_rectangular", "tip5p", 1, [20.0, 21.5, 23.0], [90.0] * 3, 90.0, False, 4)
