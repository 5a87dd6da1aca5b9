#!/usr/bin/env python3
"""Makes data/molecules/ice_xi_16.pdb and ice_xi_128.pdb: ice Ih with ordered hydrogens.

Nothing of the program needs this script; it says where the files come from. Needs NumPy.

  tools/dev/make_ice.py 2 1 1 > data/molecules/ice_xi_16.pdb
  tools/dev/make_ice.py 4 2 2 > data/molecules/ice_xi_128.pdb

Oxygens are those of hexagonal ice, here as an ideal lattice of tetrahedra (a : b : c as 1 : sqrt 3 :
sqrt(8/3)) in its orthorhombic cell of eight molecules, 0.44923 x 0.77808 x 0.73358 nm. Hydrogens lie
near the lines to neighbouring oxygens, one on each line, two at each oxygen (Bernal, Fowler,
J. Chem. Phys. 1, 515 (1933), doi:10.1063/1.1749327).

114 such orders fit into this cell. This is the antiferroelectric one of space group P2_1 2_1 2_1,
with two independent molecules and no dipole moment: structure 19 of Fan, Bing, Zhang, Shen and Kuo,
Comput. Mater. Sci. 49, S170 (2010), with which Koehler et al. (doi:10.48550/arXiv.2301.11355) computed
the free energies that the decks compare with. For TIP4P-Ew its minimum is the lowest of the 114. It
is not the ferroelectric order, Cmc2_1 with its dipole moments along c, that neutrons see (Leadbetter
et al., J. Chem. Phys. 82, 424 (1985), doi:10.1063/1.448763), whose lowest energy is 0.18 kJ/mol higher a
molecule.
"""

import itertools
import sys

import numpy as np

CELL = np.array([4.4923, 7.7808, 7.3358])  # angstrom

# TIP4P-Ew and most other models: Horn et al., J. Chem. Phys. 120, 9665 (2004), doi:10.1063/1.1683075.
O_H = 0.9572  # angstrom
H_O_H = np.radians(104.52)

# Directions of three of the four neighbours of an oxygen whose fourth is straight above.
UP = np.array([0.0, 0.0, 1.0])
DOWN_ALONG_B = np.array([0.0, np.sqrt(8.0), -1.0]) / 3.0
DOWN_ASIDE = np.array([-np.sqrt(6.0), -np.sqrt(2.0), -1.0]) / 3.0

# Fractional coordinates of the oxygen, and where the two hydrogens point.
INDEPENDENT = [
    ([3 / 4, 5 / 6, 1 / 16], [DOWN_ALONG_B, DOWN_ASIDE]),
    ([1 / 4, 1 / 3, 1 / 16], [DOWN_ASIDE, UP]),
]

# P2_1 2_1 2_1: signs of x, y and z, and what is added to them, with the origin between three pairs of
# screw axes (International Tables for Crystallography A, number 19).
OPERATIONS = [
    ([1, 1, 1], [0, 0, 0]),
    ([-1, -1, 1], [1 / 2, 0, 1 / 2]),
    ([-1, 1, -1], [0, 1 / 2, 1 / 2]),
    ([1, -1, -1], [1 / 2, 1 / 2, 0]),
]

def unit(vector):
    return vector / np.linalg.norm(vector)


def molecules_of_cell():
    """Oxygen in [0, 1) of the cell and two vectors from it to its hydrogens, angstrom."""
    for (oxygen, donors), (signs, shift) in itertools.product(INDEPENDENT, OPERATIONS):
        signs = np.array(signs)
        place = (signs * np.array(oxygen) + shift) % 1.0
        first, second = (signs * donor for donor in donors)
        # The angle between neighbours is 109.47 degrees, that of the molecule is less.
        along = O_H * np.cos(0.5 * H_O_H) * unit(first + second)
        across = O_H * np.sin(0.5 * H_O_H) * unit(first - second)
        yield place, [along + across, along - across]


def main():
    repeats = [int(argument) for argument in sys.argv[1:]]
    if len(repeats) != 3 or min(repeats) < 1:
        sys.exit("usage: make_ice.py CELLS_ALONG_A CELLS_ALONG_B CELLS_ALONG_C")
    # Four decimals, in columns meant for three: with them the box is the one of the literature.
    print("CRYST1%9.4f%9.4f%9.4f%7.2f%7.2f%7.2f P 1           1" % (*repeats * CELL, 90, 90, 90))
    serial = 0
    cells = itertools.product(*(range(n) for n in repeats))
    for number, (cell, (place, bonds)) in enumerate(
            itertools.product(cells, list(molecules_of_cell()))):
        oxygen = (place + cell) * CELL
        for name, position in zip(("O", "H1", "H2"), [oxygen] + [oxygen + bond for bond in bonds]):
            serial += 1
            print("HETATM%5d  %-3s HOH A%4d    %8.3f%8.3f%8.3f  1.00  0.00          %2s" %
                  (serial, name, number + 1, *position, name[0]))
    print("END")


if __name__ == "__main__":
    main()
