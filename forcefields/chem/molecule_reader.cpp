#include "forcefields/chem/molecule_reader.h"

#include <GraphMol/FileParsers/FileParsers.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SanitException.h>

#include <limits>
#include <memory>
#include <sstream>
#include <utility>

#include "engine/core/special_file.h"
#include "engine/core/units.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/given_charges_detail.h"
#include "forcefields/chem/mol_block.h"
#include "forcefields/chem/smiles_parser_detail.h"
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

/// A line that ends with LF, CRLF or CR; false when nothing is left.
bool get_line(std::istream& stream, std::string& line) {
  constexpr auto kEnd = std::char_traits<char>::eof();
  std::streambuf& buffer = *stream.rdbuf();
  line.clear();
  int c = buffer.sbumpc();
  if (c == kEnd) return false;
  for (; c != kEnd && c != '\n' && c != '\r'; c = buffer.sbumpc()) line += static_cast<char>(c);
  if (c == '\r' && buffer.sgetc() == '\n') buffer.sbumpc();
  return true;
}

std::string without_blanks(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// Sanitised as RDKit's own reader does, coordinate bonds written with charges.
std::unique_ptr<RDKit::RWMol> read_block(const std::string& text, unsigned& line) {
  constexpr bool kRemoveHydrogens = false, kStrict = true;
  const auto read = [&](bool sanitise) {
    std::istringstream stream(text);
    line = 0;
    return std::unique_ptr<RDKit::RWMol>(
        RDKit::MolDataStreamToMol(stream, line, sanitise, kRemoveHydrogens, kStrict));
  };
  auto raw = read(false);
  if (!raw || !detail::charge_coordinate_bonds(*raw)) return read(true);
  RDKit::MolOps::sanitizeMol(*raw);
  constexpr bool kClean = true, kForce = true, kFlagPossible = true;
  RDKit::MolOps::assignStereochemistry(*raw, kClean, kForce, kFlagPossible);
  return raw;
}

/// RDKit's molecule of a table that was checked.
std::unique_ptr<RDKit::RWMol> parse_block(const MolBlock& block, const MolPlace& place,
                                          engine::MoleculeStatus& problem) {
  const std::string record = "molecule " + std::to_string(place.record);
  unsigned line = 0;
  const auto where = [&] {
    const bool known = line > 0 && line <= block.line_of_file.size();
    return at_line(place.path, known ? block.line_of_file[line - 1] : place.first_line) + ": " +
           record;
  };
  try {
    auto molecule = read_block(block.text, line);
    if (!molecule) throw InputError(where() + " is not mol data: RDKit cannot read its table");
    if (molecule->getNumAtoms() != block.n_atoms || molecule->getNumBonds() != block.n_bonds)
      throw InputError(where() + " is not mol data: " + std::to_string(molecule->getNumAtoms()) +
                       " atoms and " + std::to_string(molecule->getNumBonds()) +
                       " bonds can be read, the counts line says " + std::to_string(block.n_atoms) +
                       " and " + std::to_string(block.n_bonds));
    return molecule;
  } catch (const InputError&) {
    throw;
  } catch (const RDKit::MolSanitizeException& error) {
    problem = detail::status_of(error);
    throw InputError(at_line(place.path, place.first_line) + ": " + record + ": " +
                     detail::explain(error));
  } catch (const std::exception&) {
    throw InputError(where() + " is not mol data: RDKit cannot read this line of its table");
  }
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

/// "> 25 <NAME>" begins a field, a blank line ends it; what stands before the first one is passed
/// over, like lines without a name.
std::vector<std::pair<std::string, std::string>> data_fields(const std::string& record) {
  std::vector<std::pair<std::string, std::string>> fields;
  const std::size_t end = record.find("\nM  END");
  if (end == std::string::npos) return fields;
  std::istringstream lines(record.substr(end + 1));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find('<'), last = line.rfind('>');
    if (!inside && !line.empty() && line.front() == '>' && first != std::string::npos &&
        last > first) {
      fields.emplace_back(line.substr(first + 1, last - first - 1), "");
      inside = true;
    } else if (is_blank(line)) {
      inside = false;
    } else if (inside) {
      std::string& value = fields.back().second;
      value += (value.empty() ? "" : "\n") + line;
    }
  }
  return fields;
}

std::unique_ptr<std::ifstream> open_file(const std::string& path) {
  engine::refuse_special_file(path);
  return std::make_unique<std::ifstream>(path, std::ios::binary);
}

}  // namespace

SdfReader::SdfReader(const std::string& path)
    : path_(path), file_(open_file(path)), stream_(*file_) {
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
  record_.reset();
  bool blank = true, complete = false;
  try {
    for (std::string line; !complete && get_line(stream_, line);) {
      ++n_lines_;
      complete = line.compare(0, std::string(kRecordEnd).size(), kRecordEnd) == 0;
      blank = blank && is_blank(line);
      if (!complete) record.text += line + "\n";
    }
  } catch (const std::ios_base::failure&) {
    throw FileError(path_ + ": cannot be read");
  }
  if (blank && !complete) return;
  record_ = std::move(record);
  ++n_records_;
}

std::optional<ChemMolecule> SdfReader::next() {
  if (pending_) std::rethrow_exception(std::exchange(pending_, nullptr));
  if (!record_) return std::nullopt;
  const Record record = std::move(*record_);
  problem_ = engine::MoleculeStatus::kParseSyntax;
  place_ = at_line(path_, record.first_line);
  title_ = without_blanks(record.text.substr(0, record.text.find('\n')));
  fields_.clear();
  try {
    read_ahead();
  } catch (const engine::Error&) {
    // This record is whole; what is wrong after it is reported when it is reached.
    pending_ = std::current_exception();
  }
  const std::string source = place_ + ": molecule " + std::to_string(record.number);
  if (record.text.find_first_not_of(" \t\r\n") == std::string::npos) refuse_empty(source);
  const MolPlace place{path_, record.number, record.first_line};
  const MolBlock block = check_mol_block(record.text, place);
  if (block.n_atoms == 0) refuse_empty(source);
  auto parsed = parse_block(block, place, problem_);
  const bool drawing = parsed->getNumConformers() > 0 && !parsed->getConformer().is3D();
  try {
    detail::keep_drawn_marks(*parsed);
  } catch (const engine::MoleculeFailure& failure) {
    problem_ = failure.status();
    throw InputError(source + ": " + failure.what());
  }
  detail::keep_given_charges(record.text, *parsed);
  ChemMolecule molecule = detail::make_chem_molecule(std::move(*parsed), source);
  molecule.remarks = block.remarks;
  fields_ = data_fields(record.text);
  if (drawing)
    molecule.notes.push_back(molecule.source +
                             ": it has only 2D coordinates (all z are 0, and \"3D\" is not in "
                             "columns 21-22 of the second line)");
  return molecule;
}

void SdfReader::refuse_empty(const std::string& source) {
  problem_ = engine::MoleculeStatus::kEmpty;
  throw InputError(source + ": no atoms, expected at least one");
}

std::vector<ChemMolecule> read_sdf(const std::string& path) {
  std::vector<ChemMolecule> molecules;
  for (SdfReader reader(path); auto molecule = reader.next();)
    molecules.push_back(std::move(*molecule));
  return molecules;
}

ChemMolecule parse_smiles(const std::string& text) {
  const std::string source = "SMILES '" + text + "'";
  try {
    return detail::translate_errors(source, [&] {
      detail::ParsedSmiles parsed =
          detail::parse_smiles_text(text, std::numeric_limits<std::size_t>::max());
      parsed.molecule->setProp(RDKit::common_properties::_Name, parsed.rest);
      RDKit::MolOps::addHs(*parsed.molecule);
      ChemMolecule molecule = detail::make_chem_molecule(std::move(*parsed.molecule), source);
      molecule.remarks = parsed.remarks;
      return molecule;
    });
  } catch (const engine::MoleculeFailure& failure) {
    throw InputError(source + ": " + failure.what());
  }
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
    result.remarks = molecule.remarks;
    return result;
  });
}

}  // namespace saltus::forcefields
