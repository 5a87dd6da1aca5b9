#include "io/formats/pdb_parser.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "io/files/text_decoder.h"

namespace saltus::io {

namespace {

/// Records of the format, also of older versions, that say nothing about the energy of what is in
/// the file.
bool is_silent_record(const std::string& record) {
  static const std::set<std::string> kNames = {
      "",       "HEADER", "OBSLTE", "TITLE",  "SPLIT",  "CAVEAT", "COMPND", "SOURCE", "KEYWDS",
      "EXPDTA", "NUMMDL", "MDLTYP", "AUTHOR", "REVDAT", "SPRSDE", "JRNL",   "REMARK", "DBREF",
      "DBREF1", "DBREF2", "SEQADV", "SEQRES", "MODRES", "HET",    "HETNAM", "HETSYN", "FORMUL",
      "HELIX",  "SHEET",  "TURN",   "CISPEP", "SITE",   "ORIGX1", "ORIGX2", "ORIGX3", "SCALE1",
      "SCALE2", "SCALE3", "TVECT",  "ANISOU", "SIGATM", "SIGUIJ", "MASTER", "HYDBND", "SLTBRG",
      "FTNOTE", "USER",   "LINKR",  "MTRIX1", "MTRIX2", "MTRIX3"};
  return kNames.count(record) > 0;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// The file's text, without the byte-order mark that some editors put in front.
std::string read_text(const std::string& path) {
  engine::refuse_special_file(path);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw engine::FileError(path + ": is a folder, expected a file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    throw engine::FileError(path + ": cannot be opened for reading: " + std::strerror(errno));
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) throw engine::FileError(path + ": cannot be read");
  TextDecoder decoder(path);
  const std::string text = decoder.decode(bytes.data(), bytes.size());
  return text + decoder.finish();
}

std::string residue_key(const PdbAtomRecord& atom) {
  return atom.chain + "|" + std::to_string(atom.residue_number) + "|" + atom.insertion_code;
}

}  // namespace

std::string PdbResidue::describe() const {
  const PdbAtomRecord& head = atoms.front();
  return head.residue_name + " " + std::to_string(head.residue_number) + head.insertion_code +
         (head.chain.empty() ? "" : " of chain " + head.chain);
}

PdbParser::PdbParser(const std::string& path) : path_(path) {
  const std::string text = read_text(path);
  std::size_t number = 0;
  // Lines end as on any system: "\n", "\r\n" or "\r".
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", start), text.size());
    read_line(PdbLine(path, ++number, text.substr(start, end - start)));
    start = end + (text.compare(end, 2, "\r\n") == 0 ? 2 : 1);
  }
  if (models.empty())
    throw engine::InputError(path + ": no ATOM or HETATM record, expected a PDB file");
  finish_notes();
}

void PdbParser::read_line(const PdbLine& line) {
  const std::string record = line.record();
  if (record.rfind("data_", 0) == 0)
    line.fail(
        "the file is mmCIF, expected the older PDB format; convert it, for instance by 'gemmi "
        "convert in.cif out.pdb'");
  if (record.rfind("ATOM", 0) == 0 || record == "HETATM") {
    add_atom(line.atom());
  } else if (record.rfind("TER", 0) == 0) {
    chain_ended_ = true;
  } else if (record == "MODEL" || record == "ENDMDL" || record == "END") {
    in_model_ = false;
  } else if (record == "CRYST1") {
    add_box(line);
  } else if (!read_bond(line, record)) {
    read_remark(line, record);
  }
}

void PdbParser::add_box(const PdbLine& line) {
  const PdbBox next = line.box();
  if (!box) {
    box = next;
    return;
  }
  // Later models may have boxes of their own.
  const bool of_first_model = models.empty() || (models.size() == 1 && in_model_);
  if (of_first_model && (next.edges_nm != box->edges_nm || next.angles_rad != box->angles_rad))
    line.fail("a second CRYST1 record, of another unit cell than that of line " +
              std::to_string(box->line) + "; remove one of the two");
}

bool PdbParser::read_bond(const PdbLine& line, const std::string& record) {
  if (record == "CONECT") connections.push_back(line);
  if (record == "LINK" || record == "LINKR") links.push_back(line);
  if (record == "SSBOND") disulfides.push_back(line);
  return record == "CONECT" || record == "LINK" || record == "LINKR" || record == "SSBOND";
}

void PdbParser::read_remark(const PdbLine& line, const std::string& record) {
  if (record.rfind("MTRIX", 0) == 0 && first_copy_.empty() && line.asks_for_a_copy())
    first_copy_ = line.where();
  if (record == "REMARK" && first_assembly_.empty() && line.builds_an_assembly())
    first_assembly_ = line.where();
  if (is_silent_record(record)) return;
  const std::string capitals = upper(record);
  if (capitals == "ATOM" || capitals == "HETATM" || capitals == "CONECT")
    line.fail("the record name in columns 1-6 is '" + record + "', expected " + capitals +
              " in capitals");
  if (n_unknown_++ == 0) first_unknown_ = line.where() + ": '" + record + "'";
}

void PdbParser::finish_notes() {
  if (!first_copy_.empty())
    notes.push_back(first_copy_ +
                    ": MTRIX records ask for further copies of the atoms, which are not made");
  if (!first_assembly_.empty())
    notes.push_back(first_assembly_ +
                    ": REMARK 350 builds an assembly of several copies of the atoms; only the "
                    "atoms of the file are used");
  if (n_unknown_ > 0)
    notes.push_back(
        first_unknown_ + " is not a record of the PDB format; " +
        (n_unknown_ == 1 ? "the line was" : std::to_string(n_unknown_) + " such lines were") +
        " not used");
}

void PdbParser::add_atom(PdbAtomRecord atom) {
  if (!in_model_) {
    models.emplace_back();
    with_alternates_.clear();
    hexadecimal_serials_ = false;
  }
  name_serial(atom);
  PdbModel& model = models.back();
  const bool new_chain =
      in_model_ && (chain_ended_ || model.back().atoms.back().chain != atom.chain);
  if (!in_model_ || new_chain || !continues_residue(model.back(), atom)) {
    if (PdbResidue* earlier = in_model_ ? earlier_residue(atom) : nullptr) {
      earlier->atoms.push_back(std::move(atom));
      return;
    }
    const std::size_t chain_index = in_model_ ? model.back().chain_index + (new_chain ? 1 : 0) : 0;
    model.push_back({chain_index, {}});
  }
  in_model_ = true;
  chain_ended_ = false;
  if (atom.alternate_location != ' ') with_alternates_.emplace(residue_key(atom), model.size() - 1);
  model.back().atoms.push_back(std::move(atom));
}

/// Serial numbers go on in hexadecimals after 99999, of which those without letters look like
/// earlier ones; CONECT records mean the earlier ones.
void PdbParser::name_serial(PdbAtomRecord& atom) {
  const bool has_letters = std::any_of(atom.serial.begin(), atom.serial.end(), [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
  });
  hexadecimal_serials_ = hexadecimal_serials_ || has_letters;
  if (hexadecimal_serials_ && !has_letters) atom.serial = "0x" + atom.serial;
}

/// Some programs write the second locations of all residues after the last residue.
PdbResidue* PdbParser::earlier_residue(const PdbAtomRecord& atom) {
  if (atom.alternate_location == ' ') return nullptr;
  const auto found = with_alternates_.find(residue_key(atom));
  if (found == with_alternates_.end()) return nullptr;
  PdbResidue& earlier = models.back()[found->second];
  const bool has_it =
      std::any_of(earlier.atoms.begin(), earlier.atoms.end(), [&](const PdbAtomRecord& other) {
        return other.name == atom.name && other.alternate_location == atom.alternate_location;
      });
  return has_it ? nullptr : &earlier;
}

bool PdbParser::continues_residue(const PdbResidue& residue, const PdbAtomRecord& atom) const {
  const PdbAtomRecord& last = residue.atoms.back();
  if (!last.same_residue(atom)) return false;
  return last.residue_name == atom.residue_name || atom.alternate_location != ' ' ||
         last.alternate_location != ' ';
}

}  // namespace saltus::io
