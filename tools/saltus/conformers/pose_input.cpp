#include "tools/saltus/conformers/pose_input.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "forcefields/chem/molecule_reader.h"
#include "io/formats/structure_text.h"
#include "tools/conformers/lone_molecule.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;
using engine::UsageError;

namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_hdf5(const std::string& path) { return ends_with(path, ".h5") || ends_with(path, ".hdf5"); }

/// NaN where the record does not say, or says no number.
double population_of(const std::vector<std::pair<std::string, std::string>>& fields) {
  for (const auto& [name, value] : fields) {
    if (name != "population") continue;
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    const bool whole =
        end != value.c_str() && std::string(end).find_first_not_of(" \t") == std::string::npos;
    if (whole && std::isfinite(number) && number >= 0.0) return number;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// The weight of a frame relative to the others of its molecule.
double weight_of(const io::StoredConformers& stored, std::size_t frame) {
  const auto& logs = stored.ensemble.log_weights;
  const auto differs = [&](double value) { return value != logs.front(); };
  if (std::any_of(logs.begin(), logs.end(), differs))
    return std::exp(logs[frame] - *std::max_element(logs.begin(), logs.end()));
  const auto& energies = stored.ensemble.energies;
  const double kT = engine::kGasConstant * stored.temperature_K;
  if (!(kT > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  const double lowest = *std::min_element(energies.begin(), energies.end());
  return stored.ensemble.degeneracies[frame] * std::exp(-(energies[frame] - lowest) / kT);
}

}  // namespace

PoseInputs::PoseInputs(const std::vector<std::string>& paths, const ConformerInputOptions& options,
                       const ConformerSettings& settings, bool hdf5)
    : paths_(paths), options_(options), settings_(settings) {
  for (const std::string& path : paths_) {
    if (is_hdf5(path) && options_.format.empty()) {
      if (!hdf5)
        throw UsageError("saltus conformers: --strain is for SD files, '" + path +
                         "' is an HDF5 file");
      continue;
    }
    std::string name = path;
    if (ends_with(name, ".gz")) name.resize(name.size() - 3);
    const bool sdf = options_.format.empty() ? ends_with(name, ".sdf") || ends_with(name, ".mol")
                                             : options_.format == "sdf";
    if (!sdf)
      throw UsageError(std::string("saltus conformers: ") + (hdf5 ? "--rescore" : "--strain") +
                       " is for SD files" + (hdf5 ? " and HDF5 files" : "") + " of conformers, '" +
                       path + "' is none by its name; --in-format sdf says that it is");
  }
}

bool PoseInputs::open_next() {
  sdf_.reset();
  stored_.reset();
  if (n_opened_ == paths_.size()) return false;
  const std::string& path = paths_[n_opened_++];
  n_molecules_ = n_frames_ = 0;
  molecule_ = {};
  if (is_hdf5(path) && options_.format.empty())
    stored_ = std::make_unique<io::ConformerFileReader>(path);
  else
    sdf_ = std::make_unique<ConformerInputs>(std::vector<std::string>{path}, options_);
  return true;
}

std::optional<EnsembleMember> PoseInputs::next_sdf() {
  auto record = sdf_->next();
  if (!record) return std::nullopt;
  EnsembleMember member;
  static_cast<NamedMolecule&>(member) = *record;
  member.weight = population_of(record->fields);
  return member;
}

std::optional<EnsembleMember> PoseInputs::next_stored() {
  while (n_frames_ == molecule_.ensemble.n_frames()) {
    if (n_molecules_ == stored_->n_molecules()) return std::nullopt;
    molecule_ = stored_->read(n_molecules_++);
    n_frames_ = 0;
  }
  const std::size_t frame = n_frames_++;
  EnsembleMember member;
  member.name = molecule_.name;
  member.where = paths_[n_opened_ - 1] + ":molecule " + std::to_string(n_molecules_) +
                 ", conformer " + std::to_string(frame + 1);
  member.weight = weight_of(molecule_, frame);
  try {
    std::istringstream text(io::sdf_record(molecule_.name, "Saltus", molecule_.molecule,
                                           molecule_.ensemble.positions.chain(frame), {}));
    forcefields::SdfReader reader(text, member.where);
    member.molecule = reader.next();
  } catch (const engine::InputError& error) {
    member.failure = MoleculeFailure(MoleculeStatus::kParseSyntax, error.what());
  }
  return member;
}

PoseInputs::Keyed PoseInputs::keyed(EnsembleMember member) const {
  std::string key;
  try {
    key = lone_molecule(member, settings_, true).smiles;
  } catch (const engine::Error&) {
    key.clear();  // whoever works on it says why
  }
  return {std::move(member), std::move(key)};
}

std::optional<PoseInputs::Keyed> PoseInputs::next_member() {
  while (true) {
    std::optional<EnsembleMember> member;
    if (sdf_) member = next_sdf();
    if (stored_) member = next_stored();
    if (member) {
      member->number = ++n_members_;
      return keyed(std::move(*member));
    }
    if (!open_next()) return std::nullopt;
  }
}

std::optional<PoseGroup> PoseInputs::next() {
  if (!waiting_) waiting_ = next_member();
  if (!waiting_) return std::nullopt;
  const std::string key = waiting_->key;
  PoseGroup group;
  while (waiting_ && (group.empty() || (!key.empty() && waiting_->key == key))) {
    group.push_back(std::move(waiting_->member));
    waiting_ = next_member();
  }
  return group;
}

}  // namespace saltus::tools
