#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <string>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/system/elements.h"
#include "io/formats/pdb.h"

namespace saltus::io {

namespace {

constexpr std::size_t kMaxSerial = 99999;
constexpr double kMinAngstrom = -999.9995, kMaxAngstrom = 9999.9995;

class PdbWriter {
 public:
  PdbWriter(const std::string& path, const engine::Topology& topology)
      : path_(path), topology_(topology) {
    if (topology.n_atoms() > kMaxSerial)
      fail("the PDB format holds at most 99999 atoms, there are " +
           std::to_string(topology.n_atoms()));
  }

  std::string text(engine::ConstCoordinates positions) {
    if (positions.n_atoms != topology_.n_atoms())
      throw engine::InternalError("write_pdb: positions do not fit the topology");
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
    const std::string symbol = engine::element_symbol(atom.atomic_number);
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
    const bool shifted = symbol.size() < 2 && atom.name.size() < 4;
    add(fmt::format(FMT_STRING("ATOM  {:5} {} {}{:>1}{:4}{:>1}   {:8.3f}{:8.3f}{:8.3f}"
                               "  1.00  0.00          {:>2}"),
                    index + 1, four_columns((shifted ? " " : "") + atom.name),
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

  static std::string serial(std::size_t atom) { return fmt::format(FMT_STRING("{:5}"), atom + 1); }

  void add_connections() {
    constexpr std::size_t kPartnersPerLine = 4;
    const auto neighbours = topology_.neighbours();
    for (std::size_t atom = 0; atom < neighbours.size(); ++atom)
      for (std::size_t first = 0; first < neighbours[atom].size(); first += kPartnersPerLine) {
        std::string line = "CONECT" + serial(atom);
        for (std::size_t n = first; n < std::min(first + kPartnersPerLine, neighbours[atom].size());
             ++n)
          line += serial(neighbours[atom][n]);
        add(line);
      }
  }

  const std::string& path_;
  const engine::Topology& topology_;
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
