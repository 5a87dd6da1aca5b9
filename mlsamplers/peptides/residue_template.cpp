#include "mlsamplers/peptides/residue_template.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/peptides/residue_table_detail.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::array<const char*, kTorsionKinds> kKindNames = {
    "phi", "psi", "chi1", "chi2", "chi3", "chi4", "polar_hydrogen"};

// As side_chain_table() writes rows; centres of ff14SB's bonds and angles, L amino acids.
constexpr const char* kFirstRows =
    "N; CA N - - root 1.471 0 0; C CA N - root 1.522 111.2 0; H1 N CA C r3 1.010 109.5 180; "
    "H2 N CA H1 o 1.010 109.5 120; H3 N CA H1 o 1.010 109.5 -120";
constexpr const char* kFirstProlineRows =
    "N; CA N - - root 1.471 0 0; C CA N - root 1.522 111.2 0; CD N CA C f 1.471 110.0 115; "
    "H2 N CA CD o 1.010 109.5 120; H3 N CA CD o 1.010 109.5 -120";
constexpr const char* kMiddleRows =
    "CA N -C -CA f 1.449 121.9 180; H N -C CA o 1.010 120.0 180; C CA N -C phi 1.522 110.1 -80";
constexpr const char* kMiddleProlineRows =
    "CA N -C -CA f 1.449 121.9 180; CD N -C CA o 1.449 125.0 180; C CA N -C phi 1.522 112.0 -65";
constexpr const char* kBetaRows = "CB CA N C o 1.526 109.7 -122; HA CA N C o 1.090 109.5 118";
constexpr const char* kProlineBetaRows =
    "CB CA N C o 1.535 103.5 -118; HA CA N C o 1.090 109.5 120";
constexpr const char* kGlycineRows = "HA2 CA N C o 1.090 109.5 -120; HA3 CA N C o 1.090 109.5 120";
constexpr const char* kNextRows = "+N C CA N psi 1.335 116.6 140; O C CA +N o 1.229 120.4 180";
constexpr const char* kLastRows = "O C CA N r2 1.250 117.0 140; OXT C CA O o 1.250 117.0 180";

constexpr const char* kAcetylRows =
    "CH3; C CH3 - - root 1.522 0 0; +N C CH3 - root 1.335 116.6 0; "
    "O C CH3 +N o 1.229 120.4 180; HH31 CH3 C +N r3 1.090 109.5 60; "
    "HH32 CH3 C HH31 o 1.090 109.5 120; HH33 CH3 C HH31 o 1.090 109.5 -120";
constexpr const char* kMethylamideRows =
    "CH3 N -C -CA f 1.449 121.9 180; H N -C CH3 o 1.010 120.0 180; "
    "HH31 CH3 N -C r3 1.090 109.5 60; HH32 CH3 N HH31 o 1.090 109.5 120; "
    "HH33 CH3 N HH31 o 1.090 109.5 -120";
constexpr const char* kAmideRows = "HN1 N -C -CA r2 1.010 120.0 0; HN2 N -C HN1 o 1.010 120.0 180";

[[noreturn]] void bad_row(const std::string& text) {
  throw engine::InternalError("residue templates: cannot read the row '" + text + "'");
}

void read_role(const std::string& role, TemplateRow& row) {
  row.role = RowRole::kSoft;
  if (role == "h") {
    row.kind = TorsionKind::kPolarHydrogen;
    return;
  }
  for (std::size_t k = 0; k < kTorsionKinds; ++k) {
    row.kind = static_cast<TorsionKind>(k);
    if (role == kKindNames[k]) return;
  }
  row.kind = TorsionKind::kPhi;
  if (role == "root") {
    row.role = RowRole::kRoot;
  } else if (role == "f") {
    row.role = RowRole::kFast;
  } else if (role == "o" || role == "k") {
    row.role = RowRole::kOffset;
    row.is_kept = role == "k";
  } else if (role == "r2" || role == "r3") {
    row.role = RowRole::kRotor;
    row.fold = role == "r2" ? 2 : 3;
  } else {
    bad_row(role);
  }
}

std::string reference(const std::string& text) { return text == "-" ? "" : text; }

TemplateRow row_of(const std::string& text) {
  std::istringstream words(text);
  TemplateRow row;
  std::string bond, angle, torsion, role;
  words >> row.atom;
  if (!(words >> bond)) {
    row.role = RowRole::kRoot;
    return row;
  }
  double length = 0.0, theta = 0.0, tau = 0.0;
  if (!(words >> angle >> torsion >> role >> length >> theta >> tau)) bad_row(text);
  row.bond_to = reference(bond);
  row.angle_to = reference(angle);
  row.torsion_to = reference(torsion);
  read_role(role, row);
  row.bond_nm = length * engine::kNmPerAngstrom;
  row.angle_rad = theta * engine::kRadianPerDegree;
  row.torsion_rad = tau * engine::kRadianPerDegree;
  return row;
}

void add_rows(const std::string& text, bool is_side_chain, std::vector<TemplateRow>& rows) {
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ';');) {
    if (part.find_first_not_of(' ') == std::string::npos) continue;
    rows.push_back(row_of(part));
    rows.back().is_side_chain = is_side_chain;
  }
}

/// What closes proline's ring, or hangs on it: the ring is moved by flips and local moves. The
/// hydrogen of a hydroxyl group can turn.
void keep_ring(std::vector<TemplateRow>& rows) {
  for (TemplateRow& row : rows) {
    const bool is_soft = row.role == RowRole::kSoft;
    if (is_soft && row.kind == TorsionKind::kPolarHydrogen) continue;
    row.is_kept = row.is_side_chain || row.atom == "CA" || row.atom == "CD" || row.atom == "CB" ||
                  row.kind == TorsionKind::kChi1 || (is_soft && row.kind == TorsionKind::kPhi) ||
                  row.bond_to == "N";
    row.is_ring = row.is_kept;
    row.is_pucker = row.atom == "CD" && row.role == RowRole::kFast;
  }
}

ResidueTemplate amino_acid(const detail::SideChainText& side, ChainPlace place) {
  const bool is_proline = side.name == "PRO" || side.name == "HYP", is_glycine = side.name == "GLY";
  ResidueTemplate result;
  const char* prefix = place == ChainPlace::kFirst ? "N" : place == ChainPlace::kLast ? "C" : "";
  result.name = prefix + side.name;
  result.pdb_name = side.pdb_name;
  result.letter = side.letter;
  result.place = place;
  if (place == ChainPlace::kFirst)
    add_rows(is_proline ? kFirstProlineRows : kFirstRows, false, result.rows);
  else
    add_rows(is_proline ? kMiddleProlineRows : kMiddleRows, false, result.rows);
  add_rows(is_glycine   ? kGlycineRows
           : is_proline ? kProlineBetaRows
                        : kBetaRows,
           false, result.rows);
  add_rows(place == ChainPlace::kLast ? kLastRows : kNextRows, false, result.rows);
  add_rows(side.rows, true, result.rows);
  if (is_proline) keep_ring(result.rows);
  return result;
}

ResidueTemplate cap(const char* name, const char* rows, ChainPlace place) {
  ResidueTemplate result;
  result.name = result.pdb_name = name;
  result.place = place;
  result.is_cap = true;
  add_rows(rows, false, result.rows);
  return result;
}

/// Places that AMBER's protein force fields do not have residues in.
constexpr std::array<const char*, 4> kMiddleOnly = {"ASH", "CYM", "GLH", "LYN"};
constexpr const char* kNotFirst = "HYP";

bool has_place(const std::string& name, ChainPlace place) {
  if (place == ChainPlace::kMiddle) return true;
  if (name == kNotFirst) return place == ChainPlace::kLast;
  return std::find(kMiddleOnly.begin(), kMiddleOnly.end(), name) == kMiddleOnly.end();
}

std::vector<ResidueTemplate> all_templates() {
  std::vector<ResidueTemplate> result;
  for (const detail::SideChainText& side : detail::side_chain_table())
    for (const ChainPlace place : {ChainPlace::kMiddle, ChainPlace::kFirst, ChainPlace::kLast})
      if (has_place(side.name, place)) result.push_back(amino_acid(side, place));
  result.push_back(cap("ACE", kAcetylRows, ChainPlace::kFirst));
  result.push_back(cap("NME", kMethylamideRows, ChainPlace::kLast));
  result.push_back(cap("NHE", kAmideRows, ChainPlace::kLast));
  return result;
}

}  // namespace

const char* name_of(TorsionKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

std::vector<std::string> ResidueTemplate::atoms() const {
  std::vector<std::string> names;
  if (place != ChainPlace::kFirst) names.push_back("N");
  for (const TemplateRow& row : rows)
    if (row.atom[0] != '+') names.push_back(row.atom);
  return names;
}

const std::vector<ResidueTemplate>& residue_templates() {
  static const std::vector<ResidueTemplate> templates = all_templates();
  return templates;
}

std::size_t template_index(const std::string& name) {
  const std::vector<ResidueTemplate>& templates = residue_templates();
  for (std::size_t i = 0; i < templates.size(); ++i)
    if (templates[i].name == name) return i;
  throw engine::InputError("there is no peptide residue '" + name + "'; supported are " +
                           supported_residues());
}

std::string supported_residues() {
  std::string names;
  for (const ResidueTemplate& residue : residue_templates())
    if (residue.place == ChainPlace::kMiddle || residue.is_cap)
      names += (names.empty() ? "" : " ") + residue.name;
  names += " (";
  for (const char* name : kMiddleOnly) names += std::string(name) + " ";
  return names + "in the middle of a chain only, " + kNotFirst +
         " not first: AMBER's force fields have no such ends)";
}

}  // namespace saltus::mlsamplers
