#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "io/formats/pdb_alternates.h"
#include "io/formats/pdb_parser.h"

namespace saltus::io {

/// Makes the bonds of CONECT, LINK and SSBOND records; the same bond is often written twice.
class PdbConnections {
 public:
  /// @param model       the first one, without the alternate locations that are left out
  /// @param alternates  what happened to those
  /// @param result      has the topology without bonds; receives bonds, their sources and notes
  PdbConnections(const PdbModel& model, PdbAlternates alternates, PdbStructure& result);

  /// @throws InputError  when an atom is not there, not unique, or bonded to itself
  void add_connection(const PdbLine& line);
  /// A LINK or SSBOND record; those that make no bond give a note.
  void add_link(const PdbLine& line, const PdbLink& link);

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::size_t atom_of_serial(const PdbLine& line, const std::string& written) const;
  bool is_left_out(const std::string& serial) const {
    return alternates_.left_out.count(serial) > 0 || alternates_.replaced_by.count(serial) > 0;
  }
  bool is_metal_ion(std::size_t atom) const;
  double distance_nm(std::size_t i, std::size_t j) const;
  void add_bond(std::size_t first, std::size_t second, const PdbLine& line);
  void note_coordination(const PdbLine& line, std::size_t first, std::size_t second);
  void note(const PdbLine& line, const PdbLink& link, const std::string& why);

  PdbAlternates alternates_;
  PdbStructure& result_;
  std::map<std::string, std::size_t> by_serial_;
  std::set<std::string> ambiguous_;
  std::map<std::string, std::vector<std::size_t>> by_name_;
  std::vector<char> letters_;               ///< [N], alternate locations that were kept
  std::vector<std::size_t> residue_sizes_;  ///< [n_residues]
  std::set<std::pair<std::size_t, std::size_t>> seen_;
};

}  // namespace saltus::io
