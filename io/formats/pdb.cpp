#include "io/formats/pdb.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "engine/system/elements.h"
#include "io/formats/pdb_record.h"

namespace saltus::io {

namespace {

/// A residue as it stands in one model.
struct PdbResidue {
  std::size_t chain_index = 0;
  std::vector<PdbAtomRecord> atoms;
};

using PdbModel = std::vector<PdbResidue>;

/// Reads lines into models; nothing is chosen or compared yet.
class PdbParser {
 public:
  explicit PdbParser(const std::string& path) : path_(path) {
    engine::refuse_special_file(path);
    std::ifstream stream(path);
    if (!stream)
      throw engine::FileError(path + ": cannot be opened for reading: " + std::strerror(errno));
    std::size_t number = 0;
    for (std::string text; std::getline(stream, text);) read_line(PdbLine(path, ++number, text));
    if (stream.bad()) throw engine::FileError(path + ": cannot be read");
    if (models.empty())
      throw engine::InputError(path + ": no ATOM or HETATM record, expected a PDB file");
  }

  std::vector<PdbModel> models;
  std::vector<PdbLine> connections;

 private:
  void read_line(const PdbLine& line) {
    const std::string record = line.record();
    if (record.rfind("ATOM", 0) == 0 || record == "HETATM") {
      add_atom(line.atom());
    } else if (record.rfind("TER", 0) == 0) {
      chain_ended_ = true;
    } else if (record == "MODEL" || record == "ENDMDL" || record == "END") {
      in_model_ = false;
    } else if (record == "CONECT") {
      connections.push_back(line);
    }
  }

  void add_atom(PdbAtomRecord atom) {
    if (!in_model_) models.emplace_back();
    PdbModel& model = models.back();
    const bool new_chain =
        in_model_ && (chain_ended_ || model.back().atoms.back().chain != atom.chain);
    if (!in_model_ || new_chain || !continues_residue(model.back().atoms.back(), atom)) {
      const std::size_t chain_index =
          in_model_ ? model.back().chain_index + (new_chain ? 1 : 0) : 0;
      model.push_back({chain_index, {}});
    }
    in_model_ = true;
    chain_ended_ = false;
    model.back().atoms.push_back(std::move(atom));
  }

  bool continues_residue(const PdbAtomRecord& last, const PdbAtomRecord& atom) const {
    if (last.residue_number != atom.residue_number || last.insertion_code != atom.insertion_code)
      return false;
    if (last.residue_name == atom.residue_name) return true;
    if (atom.alternate_location == ' ' && last.alternate_location == ' ') return false;
    throw engine::InputError(path_ + ":" + std::to_string(atom.line) + ": residue " +
                             std::to_string(atom.residue_number) + " is both " + last.residue_name +
                             " and " + atom.residue_name +
                             " in alternate locations; keep one of them");
  }

  std::string path_;
  bool in_model_ = false, chain_ended_ = false;
};

/// Of the alternate locations of each atom the one of highest occupancy, the first on ties.
/// `replaced_by` receives dropped serial -> kept serial.
void choose_alternates(PdbModel& model, std::map<std::string, std::string>& replaced_by) {
  for (PdbResidue& residue : model) {
    std::vector<PdbAtomRecord> kept;
    for (PdbAtomRecord& atom : residue.atoms) {
      const auto same = std::find_if(kept.begin(), kept.end(), [&](const PdbAtomRecord& other) {
        return other.name == atom.name && other.alternate_location != atom.alternate_location;
      });
      if (same == kept.end()) {
        kept.push_back(std::move(atom));
      } else if (atom.occupancy > same->occupancy) {
        replaced_by[same->serial] = atom.serial;
        *same = std::move(atom);
      } else {
        replaced_by[atom.serial] = same->serial;
      }
    }
    residue.atoms = std::move(kept);
  }
}

engine::Topology make_topology(const std::string& path, const PdbModel& model) {
  engine::Topology topology;
  for (const PdbResidue& residue : model) {
    const PdbAtomRecord& head = residue.atoms.front();
    engine::Residue entry;
    entry.name = head.residue_name;
    entry.chain = head.chain;
    entry.number = head.residue_number;
    entry.insertion_code = head.insertion_code;
    entry.chain_index = residue.chain_index;
    topology.residues.push_back(entry);
    for (const PdbAtomRecord& atom : residue.atoms) {
      const int element = element_of_record(atom, residue.atoms.size() == 1);
      if (element == 0)
        throw engine::InputError(
            path + ":" + std::to_string(atom.line) + ": the element of atom " + atom.name +
            (atom.element.empty() ? " does not follow from its name; write it in columns 77-78"
                                  : ", '" + atom.element + "' in columns 77-78, is unknown"));
      topology.atoms.push_back({atom.name, element, topology.residues.size() - 1});
    }
  }
  return topology;
}

void check_same_atoms(const std::string& path, const PdbModel& first, const PdbModel& model,
                      std::size_t number) {
  const auto flatten = [](const PdbModel& residues) {
    std::vector<const PdbAtomRecord*> atoms;
    for (const PdbResidue& residue : residues)
      for (const PdbAtomRecord& atom : residue.atoms) atoms.push_back(&atom);
    return atoms;
  };
  const auto expected = flatten(first), found = flatten(model);
  const auto describe = [](const PdbAtomRecord& atom) {
    return atom.name + " of " + atom.residue_name + " " + std::to_string(atom.residue_number);
  };
  for (std::size_t n = 0; n < std::min(expected.size(), found.size()); ++n)
    if (describe(*expected[n]) != describe(*found[n]) || expected[n]->chain != found[n]->chain)
      throw engine::InputError(path + ":" + std::to_string(found[n]->line) + ": atom " +
                               std::to_string(n + 1) + " of model " + std::to_string(number) +
                               " is " + describe(*found[n]) + ", in model 1 it is " +
                               describe(*expected[n]));
  if (expected.size() != found.size())
    throw engine::InputError(path + ":" + std::to_string(found.back()->line) + ": model " +
                             std::to_string(number) + " has " + std::to_string(found.size()) +
                             " atoms, model 1 has " + std::to_string(expected.size()));
}

/// Adds the bonds of CONECT records; the same bond is often written from both ends.
class ConnectionReader {
 public:
  ConnectionReader(const PdbModel& model, std::map<std::string, std::string> replaced_by)
      : replaced_by_(std::move(replaced_by)) {
    std::size_t index = 0;
    for (const PdbResidue& residue : model)
      for (const PdbAtomRecord& atom : residue.atoms) {
        if (!index_.emplace(atom.serial, index).second) ambiguous_.insert(atom.serial);
        ++index;
      }
  }

  void add(const PdbLine& line, engine::Topology& topology) {
    const std::vector<std::string> serials = line.connected_serials();
    const std::size_t first = atom_of(line, serials.front());
    for (std::size_t n = 1; n < serials.size(); ++n) {
      const std::size_t second = atom_of(line, serials[n]);
      if (first == second) {
        if (serials[n] == serials.front())
          line.fail("the CONECT record bonds atom " + serials[n] + " to itself");
        continue;  // two alternate locations of one atom
      }
      if (seen_.insert(std::minmax(first, second)).second)
        topology.bonds.push_back({first, second});
    }
  }

 private:
  std::size_t atom_of(const PdbLine& line, const std::string& written) const {
    std::string serial = written;
    for (auto kept = replaced_by_.find(serial); kept != replaced_by_.end();
         kept = replaced_by_.find(serial))
      serial = kept->second;
    const auto found = index_.find(serial);
    if (found == index_.end())
      line.fail("the CONECT record names atom " + written + ", which the file does not have");
    if (ambiguous_.count(serial) > 0)
      line.fail("the CONECT record names atom " + written +
                ", but more than one atom has this serial number");
    return found->second;
  }

  std::map<std::string, std::string> replaced_by_;
  std::map<std::string, std::size_t> index_;
  std::set<std::string> ambiguous_;
  std::set<std::pair<std::size_t, std::size_t>> seen_;
};

engine::CoordinateBatch collect_positions(const std::vector<PdbModel>& models,
                                          std::size_t n_atoms) {
  engine::CoordinateBatch positions(models.size(), n_atoms);
  std::size_t next = 0;
  for (const PdbModel& model : models)
    for (const PdbResidue& residue : model)
      for (const PdbAtomRecord& atom : residue.atoms)
        for (double value : atom.position_nm) positions.values()[next++] = value;
  return positions;
}

}  // namespace

PdbStructure read_pdb(const std::string& path) {
  PdbParser parser(path);
  std::map<std::string, std::string> replaced_by;
  for (std::size_t n = parser.models.size(); n-- > 0;) {
    // The last pass is the first model's, whose serial numbers CONECT records use.
    replaced_by.clear();
    choose_alternates(parser.models[n], replaced_by);
  }
  const PdbModel& first = parser.models.front();
  for (std::size_t n = 1; n < parser.models.size(); ++n)
    check_same_atoms(path, first, parser.models[n], n + 1);
  PdbStructure result;
  result.topology = make_topology(path, first);
  result.positions = collect_positions(parser.models, result.topology.n_atoms());
  ConnectionReader connections(first, std::move(replaced_by));
  for (const PdbLine& line : parser.connections) connections.add(line, result.topology);
  return result;
}

}  // namespace saltus::io
