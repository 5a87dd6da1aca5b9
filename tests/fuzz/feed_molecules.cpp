#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/stereoisomers.h"
#include "io/formats/molecule_lines.h"
#include "tests/fuzz/feeding.h"

namespace saltus::fuzz {

namespace {

// Larger ones are only slower.
constexpr std::size_t kMaxAtoms = 100;

void read_smiles(const std::string& smiles) {
  expect_result_or_error([&] {
    const auto molecule = forcefields::parse_listed_smiles(smiles, "list:1", kMaxAtoms);
    if (molecule.n_atoms() > kMaxAtoms) return;
    forcefields::stereo_freedom(molecule);
    forcefields::with_hydrogens(molecule);
  });
}

void read_list(Bytes bytes, io::MoleculeListFormat format, bool molecules_too) {
  expect_result_or_error([&] {
    std::istringstream stream(text_of(bytes));
    io::MoleculeListOptions options;
    options.format = format;
    io::MoleculeListReader reader(stream, "list", options);
    while (const auto line = reader.next())
      if (molecules_too && line->problem.empty()) read_smiles(line->smiles);
  });
}

}  // namespace

void feed_sdf(Bytes bytes) {
  expect_result_or_error([&] {
    std::istringstream stream(text_of(bytes));
    forcefields::SdfReader reader(stream, "list.sdf");
    while (!reader.at_end()) expect_result_or_error([&] { reader.next(); });
  });
}

void feed_smiles(Bytes bytes) { read_list(bytes, io::MoleculeListFormat::kSmiles, true); }

void feed_csv(Bytes bytes) {
  read_list(bytes, io::MoleculeListFormat::kCsv, false);
  read_list(bytes, io::MoleculeListFormat::kTsv, false);
}

}  // namespace saltus::fuzz
