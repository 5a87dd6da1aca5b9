#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/formats/pdb_record.h"

namespace saltus::io {

/// A residue as it stands in one model.
struct PdbResidue {
  std::size_t chain_index = 0;
  std::vector<PdbAtomRecord> atoms;

  /// "ALA 2 of chain A"
  std::string describe() const;
};

using PdbModel = std::vector<PdbResidue>;

/// Reads lines into models; nothing is chosen or compared yet.
class PdbParser {
 public:
  /// @throws FileError, InputError  see read_pdb
  explicit PdbParser(const std::string& path);

  std::vector<PdbModel> models;
  std::vector<PdbLine> connections;        ///< CONECT
  std::vector<PdbLine> links, disulfides;  ///< LINK and SSBOND
  std::optional<PdbBox> box;               ///< the first one
  std::vector<std::string> notes;

 private:
  void read_line(const PdbLine& line);
  void add_box(const PdbLine& line);
  bool read_bond(const PdbLine& line, const std::string& record);
  void read_remark(const PdbLine& line, const std::string& record);
  void add_atom(PdbAtomRecord atom);
  void name_serial(PdbAtomRecord& atom);
  bool continues_residue(const PdbResidue& last, const PdbAtomRecord& atom) const;
  PdbResidue* earlier_residue(const PdbAtomRecord& atom);
  void finish_notes();

  std::string path_;
  bool in_model_ = false, chain_ended_ = false, hexadecimal_serials_ = false;
  /// Residues with alternate locations of the model in hand, by chain, number and insertion code.
  std::map<std::string, std::size_t> with_alternates_;
  std::string first_copy_, first_assembly_, first_unknown_;
  std::size_t n_unknown_ = 0;
};

}  // namespace saltus::io
