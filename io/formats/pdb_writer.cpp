#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/system/elements.h"
#include "io/formats/pdb.h"
#include "io/formats/pdb_record.h"

namespace saltus::io {

namespace {

constexpr std::size_t kMaxSerial = 99999;  // in decimals; others are hexadecimals
constexpr double kMaxEdgeAngstrom = 99999.9995;
constexpr double kMinAngstrom = -999.9995, kMaxAngstrom = 9999.9995;

class PdbWriter {
 public:
  PdbWriter(const std::string& path, const engine::Topology& topology)
      : path_(path), topology_(topology) {
    if (topology.n_atoms() > kMaxPdbAtoms)
      fail("a PDB file holds at most " + std::to_string(kMaxPdbAtoms) + " atoms, there are " +
           std::to_string(topology.n_atoms()));
    std::vector<std::size_t> sizes(topology.residues.size(), 0);
    for (const engine::Atom& atom : topology.atoms) ++sizes[atom.residue];
    is_hetero_ = engine::water_residues(topology);
    for (std::size_t n = 0; n < sizes.size(); ++n) is_hetero_[n] = is_hetero_[n] || sizes[n] == 1;
  }

  std::string text(engine::ConstCoordinates positions) {
    if (positions.n_atoms != topology_.n_atoms())
      throw engine::InternalError("write_pdb: positions do not fit the topology");
    add_box(positions.boxes);
    for (std::size_t model = 0; model < positions.n_chains; ++model) {
      if (positions.n_chains > 1) add(fmt::format(FMT_STRING("MODEL     {:4}"), model + 1));
      add_atoms(positions.chain(model));
      if (positions.n_chains > 1) add("ENDMDL");
    }
    add_connections();
    add("END");
    return text_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw engine::InputError(path_ + ": cannot write: " + what);
  }

  void add(const std::string& line) { text_ += line + '\n'; }

  void add_box(engine::Span<const engine::Box> boxes) {
    if (boxes.empty()) return;
    if (std::any_of(boxes.begin(), boxes.end(),
                    [&](const engine::Box& box) { return box != boxes[0]; }))
      fail("its models have different periodic boxes, and a PDB file has one (CRYST1)");
    const std::string problem = boxes[0].problem();
    if (!problem.empty()) fail("the periodic box: " + problem);
    const auto edges = boxes[0].edges_nm(), angles = boxes[0].angles_rad();
    std::string line = "CRYST1";
    for (const double edge : edges) {
      const double angstrom = edge * engine::kAngstromPerNm;
      if (!(angstrom < kMaxEdgeAngstrom))
        fail("an edge of the periodic box, " + std::to_string(edge) +
             " nm, does not fit the columns");
      line += fmt::format(FMT_STRING("{:9.3f}"), angstrom);
    }
    for (const double angle : angles)
      line += fmt::format(FMT_STRING("{:7.2f}"), angle * engine::kDegreePerRadian);
    add(line + " P 1           1");
  }

  void add_atoms(engine::Span<const double> x) {
    for (std::size_t atom = 0; atom < topology_.n_atoms(); ++atom) {
      add_atom(atom, x);
      const std::size_t residue = topology_.atoms[atom].residue;
      const bool is_last = atom + 1 == topology_.n_atoms();
      if (is_last || topology_.residues[topology_.atoms[atom + 1].residue].chain_index !=
                         topology_.residues[residue].chain_index)
        add("TER");
    }
  }

  void add_atom(std::size_t index, engine::Span<const double> x) {
    const engine::Atom& atom = topology_.atoms[index];
    const engine::Residue& residue = topology_.residues[atom.residue];
    // Virtual sites are called so by OpenMM, too.
    const std::string symbol =
        atom.atomic_number == 0 ? kExtraParticle : engine::element_symbol(atom.atomic_number);
    if (atom.name.size() > 4 || residue.name.size() > 4 || residue.chain.size() > 1 ||
        residue.insertion_code.size() > 1 || residue.number > 9999 || residue.number < -999)
      fail(topology_.describe_atom(index) + " does not fit the columns");
    double angstrom[3];
    for (std::size_t k = 0; k < 3; ++k) {
      angstrom[k] = x[3 * index + k] * engine::kAngstromPerNm;
      if (!(angstrom[k] > kMinAngstrom && angstrom[k] < kMaxAngstrom))
        fail("coordinate " + std::to_string(angstrom[k]) + " angstrom of " +
             topology_.describe_atom(index) + " does not fit the columns");
    }
    // One-letter elements start in column 14, where the name leaves room.
    const bool shifted = (symbol.size() < 2 || atom.atomic_number == 0) && atom.name.size() < 4;
    add(fmt::format(FMT_STRING("{}{} {} {}{:>1}{:4}{:>1}   {:8.3f}{:8.3f}{:8.3f}"
                               "  1.00  0.00          {:>2}"),
                    is_hetero_[atom.residue] ? "HETATM" : "ATOM  ", serial(index),
                    four_columns((shifted ? " " : "") + atom.name),
                    four_columns(padded(residue.name)), residue.chain, residue.number,
                    residue.insertion_code, angstrom[0], angstrom[1], angstrom[2], symbol));
  }

  /// Counts bytes, as readers of the format do.
  static std::string four_columns(std::string name) {
    name.resize(std::max<std::size_t>(name.size(), 4), ' ');
    return name;
  }

  /// Residue names are right-justified in columns 18-20.
  static std::string padded(const std::string& name) {
    return name.size() < 3 ? std::string(3 - name.size(), ' ') + name : name;
  }

  /// As VMD and OpenMM count on after 99999: 186a0 is 100000.
  static std::string serial(std::size_t atom) {
    return atom < kMaxSerial ? fmt::format(FMT_STRING("{:5}"), atom + 1)
                             : fmt::format(FMT_STRING("{:5x}"), atom + 1);
  }

  void add_connections() {
    constexpr std::size_t kPartnersPerLine = 4;
    const auto neighbours = topology_.neighbours();
    for (std::size_t atom = 0; atom < neighbours.size(); ++atom)
      for (std::size_t first = 0; first < neighbours[atom].size(); first += kPartnersPerLine) {
        // Hexadecimals without letters could not be told from decimals here.
        if (atom >= kMaxSerial || neighbours[atom].back() >= kMaxSerial)
          fail("the bond of " + topology_.describe_atom(neighbours[atom].back()) +
               ", which comes after atom 99999, cannot be given");
        std::string line = "CONECT" + serial(atom);
        for (std::size_t n = first; n < std::min(first + kPartnersPerLine, neighbours[atom].size());
             ++n)
          line += serial(neighbours[atom][n]);
        add(line);
      }
  }

  const std::string& path_;
  const engine::Topology& topology_;
  std::vector<bool> is_hetero_;  ///< [n_residues]
  std::string text_;
};

}  // namespace

void write_pdb(const std::string& path, const engine::Topology& topology,
               engine::ConstCoordinates positions) {
  const std::string text = PdbWriter(path, topology).text(positions);
  std::ofstream stream(path, std::ios::binary);
  if (!stream) throw engine::FileError(path + ": cannot be opened for writing");
  stream << text;
  stream.close();
  if (!stream) throw engine::FileError(path + ": cannot be written");
}

}  // namespace saltus::io
