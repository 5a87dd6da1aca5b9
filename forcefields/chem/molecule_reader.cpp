#include "forcefields/chem/molecule_reader.h"

#include <GraphMol/FileParsers/FileParsers.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SanitException.h>
#include <GraphMol/SmilesParse/SmilesParse.h>

#include <memory>
#include <sstream>

#include "engine/core/units.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/stereo_marks_detail.h"

namespace saltus::forcefields {

using engine::FileError;
using engine::InputError;

namespace {

constexpr const char* kRecordEnd = "$$$$";

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

std::string at_line(const std::string& path, std::size_t line) {
  return path + ":" + std::to_string(line);
}

std::unique_ptr<RDKit::RWMol> parse_record(const std::string& text, std::size_t first_line,
                                           const std::string& path, const std::string& record,
                                           engine::MoleculeStatus& problem) {
  std::istringstream stream(text);
  // RDKit counts on from here, so that its messages have the line of the file.
  auto line = static_cast<unsigned>(first_line - 1);
  constexpr bool kSanitise = true, kRemoveHydrogens = false, kStrict = true;
  try {
    std::unique_ptr<RDKit::RWMol> molecule(
        RDKit::MolDataStreamToMol(stream, line, kSanitise, kRemoveHydrogens, kStrict));
    if (molecule) return molecule;
  } catch (const RDKit::MolSanitizeException& error) {
    problem = detail::status_of(error);
    throw InputError(at_line(path, first_line) + ": " + record + ": " + detail::explain(error));
  } catch (const std::exception& error) {
    throw InputError(at_line(path, line) + ": " + record +
                     " is not mol data: " + detail::explain(error));
  }
  throw InputError(at_line(path, line) + ": " + record +
                   " is not mol data: it ends within its first lines");
}

void add_conformer(RDKit::RWMol& molecule, const std::vector<double>& positions_nm) {
  auto conformer = std::make_unique<RDKit::Conformer>(molecule.getNumAtoms());
  for (unsigned i = 0; i < molecule.getNumAtoms(); ++i) {
    const double* x = &positions_nm[3 * static_cast<std::size_t>(i)];
    conformer->setAtomPos(i, {x[0] * engine::kAngstromPerNm, x[1] * engine::kAngstromPerNm,
                              x[2] * engine::kAngstromPerNm});
  }
  conformer->set3D(true);
  molecule.addConformer(conformer.release());
}

}  // namespace

SdfReader::SdfReader(const std::string& path)
    : path_(path), file_(std::make_unique<std::ifstream>(path, std::ios::binary)), stream_(*file_) {
  if (!stream_) throw FileError(path_ + ": cannot be opened for reading");
  begin();
}

SdfReader::SdfReader(std::istream& stream, const std::string& name) : path_(name), stream_(stream) {
  begin();
}

void SdfReader::begin() {
  read_ahead();
  if (!record_) throw InputError(path_ + ": no molecule, expected an MDL mol or SD file");
}

void SdfReader::read_ahead() {
  Record record{"", n_records_ + 1, n_lines_ + 1};
  bool blank = true, complete = false;
  for (std::string line; !complete && std::getline(stream_, line);) {
    ++n_lines_;
    complete = line.compare(0, std::string(kRecordEnd).size(), kRecordEnd) == 0;
    blank = blank && is_blank(line);
    if (!complete) record.text += line + "\n";
  }
  if (!complete && !stream_.eof()) throw FileError(path_ + ": cannot be read");
  record_.reset();
  if (blank) return;
  record_ = std::move(record);
  ++n_records_;
}

std::optional<ChemMolecule> SdfReader::next() {
  if (!record_) return std::nullopt;
  const Record record = std::move(*record_);
  problem_ = engine::MoleculeStatus::kParseSyntax;
  read_ahead();
  const std::string label = "molecule " + std::to_string(record.number);
  auto parsed = parse_record(record.text, record.first_line, path_, label, problem_);
  const bool drawing = parsed->getNumConformers() > 0 && !parsed->getConformer().is3D();
  const std::string source = at_line(path_, record.first_line) + ": " + label;
  try {
    detail::keep_drawn_marks(*parsed);
  } catch (const engine::MoleculeFailure& failure) {
    problem_ = failure.status();
    throw InputError(source + ": " + failure.what());
  }
  ChemMolecule molecule = detail::make_chem_molecule(std::move(*parsed), source);
  if (drawing)
    molecule.notes.push_back(molecule.source +
                             ": its coordinates are a drawing (all z are 0, and \"3D\" is not in "
                             "columns 21-22 of the second line)");
  return molecule;
}

std::vector<ChemMolecule> read_sdf(const std::string& path) {
  std::vector<ChemMolecule> molecules;
  for (SdfReader reader(path); auto molecule = reader.next();)
    molecules.push_back(std::move(*molecule));
  return molecules;
}

ChemMolecule parse_smiles(const std::string& text) {
  const std::string source = "SMILES '" + text + "'";
  return detail::translate_errors(source, [&] {
    std::unique_ptr<RDKit::RWMol> molecule(RDKit::SmilesToMol(text));
    if (!molecule)
      throw InputError(source +
                       ": not a SMILES string: a symbol is unknown, or a bracket, ring or branch "
                       "is left open");
    RDKit::MolOps::addHs(*molecule);
    return detail::make_chem_molecule(std::move(*molecule), source);
  });
}

ChemMolecule with_hydrogens(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    RDKit::RWMol graph(molecule.graph->molecule());
    const bool placed = !molecule.positions_nm.empty();
    if (placed) add_conformer(graph, molecule.positions_nm);
    constexpr bool kExplicitOnly = false;
    RDKit::MolOps::addHs(graph, kExplicitOnly, placed);
    ChemMolecule result = detail::make_chem_molecule(std::move(graph), molecule.source);
    result.notes = molecule.notes;
    return result;
  });
}

}  // namespace saltus::forcefields
