#include <charconv>
#include <system_error>

#include "engine/core/units.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckKey;
using io::DeckTable;

constexpr DeckKey kPosition = {"position", "restrains each atom to its place in the coordinates"};
/// A thousand volts per nanometre are twice the field of a proton at the distance of Bohr's radius.
constexpr Bounds kFields =
    Bounds::between(-1e3 * engine::kKJPerElectronVolt, 1e3 * engine::kKJPerElectronVolt)
        .usually(engine::kKJPerElectronVolt);

constexpr DeckKey kTorsion = {"torsion", "restrains the torsion of four atoms to an angle"};

std::optional<AtomSelector> parse_atom(const std::string& text) {
  AtomSelector selector;
  const std::size_t slash = text.find('/');
  const std::size_t start = slash == std::string::npos ? 0 : slash + 1;
  const std::size_t colon = text.find(':', start);
  if (slash == 0 || colon == std::string::npos || colon + 1 == text.size()) return std::nullopt;
  if (slash != std::string::npos) selector.chain = text.substr(0, slash);
  selector.atom = text.substr(colon + 1);
  const char* end_of_number = text.data() + colon;
  const auto [end, error] = std::from_chars(text.data() + start, end_of_number, selector.residue);
  if (error != std::errc() || end != end_of_number) return std::nullopt;
  return selector;
}

RestraintDeck read_position_restraint(DeckTable& table) {
  RestraintDeck restraint;
  const auto texts =
      table.string_list({"atoms", "such as [\"2:CA\", \"A/3:CA\"]"}, std::nullopt, 1);
  if (!table.failed("atoms")) restraint.atoms = read_atoms(table, "atoms", texts);
  restraint.k = table.quantity({"k", "force constant: E = k/2 max(0, d - flat_radius)^2"},
                               "kJ/mol/nm^2", 1000.0, kForceConstants);
  // One word so far; what else atoms may be held at would be another.
  table.choice<int>({"reference", "input: where system.coordinates has them"}, {{"input", 0}}, 0);
  restraint.flat_radius_nm =
      table.quantity({"flat_radius", "distance d without a force"}, "nm", 0.0, kLengthsFromZero);
  return restraint;
}

RestraintDeck read_torsion_restraint(DeckTable& table) {
  RestraintDeck restraint;
  restraint.kind = RestraintKind::kTorsion;
  const auto texts = table.string_list(
      {"atoms", "four, such as [\"1:C\", \"2:N\", \"2:CA\", \"2:C\"]"}, std::nullopt);
  if (!table.failed("atoms") && !table.describing()) {
    check_four_atoms(table, "atoms", texts.size());
    restraint.atoms = read_atoms(table, "atoms", texts);
  }
  restraint.angle_rad = table.quantity({"angle", "IUPAC sign"}, "deg", std::nullopt,
                                       Bounds::between(-engine::kTwoPi, engine::kTwoPi));
  restraint.k = table.quantity({"k", "force constant: E = k/2 max(0, |d| - flat_half_width)^2"},
                               "kJ/mol/rad^2", 100.0, kForceConstants);
  Bounds below_half_turn = Bounds::between(0.0, engine::kPi);
  below_half_turn.highest_excluded = true;
  restraint.flat_half_width_rad = table.quantity({"flat_half_width", "deviation d without a force"},
                                                 "deg", 0.0, below_half_turn);
  return restraint;
}

std::optional<std::array<double, 3>> read_field(DeckTable table) {
  if (!table.present() && !table.describing()) return std::nullopt;  // no table: an error already
  const auto strength =
      table.quantity_list({"strength", "along x, y and z; acts on the charges of the force field"},
                          "V/nm", std::nullopt, kFields);
  if (table.failed("strength") || table.describing()) return std::nullopt;
  if (strength.size() != 3) {
    table.error("strength",
                "expected three components, such as [\"0 V/nm\", \"0 V/nm\", \"1 V/nm\"], "
                "got " +
                    std::to_string(strength.size()));
    return std::nullopt;
  }
  return std::array<double, 3>{strength[0], strength[1], strength[2]};
}

}  // namespace

std::vector<AtomSelector> read_atoms(DeckTable& table, const std::string& name,
                                     const std::vector<std::string>& texts) {
  std::vector<AtomSelector> atoms;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (const auto atom = parse_atom(texts[i])) {
      atoms.push_back(*atom);
    } else {
      table.entry_error(name, i,
                        "expected an atom such as \"2:CA\" or \"A/2:CA\", got \"" + texts[i] + '"');
    }
  }
  return atoms;
}

void check_four_atoms(DeckTable& table, const std::string& name, std::size_t n_atoms) {
  constexpr std::size_t kAtomsOfTorsion = 4;
  if (n_atoms == kAtomsOfTorsion) return;
  table.error(name, "expected four atoms, such as [\"1:C\", \"2:N\", \"2:CA\", \"2:C\"], got " +
                        std::to_string(n_atoms));
}

ExternalDeck read_external(DeckTable& root) {
  ExternalDeck external;
  for (auto& [kind, table] :
       root.tables_by_kind({"restraint", "Added to the force field, one entry per restraint."},
                           "kind", {kPosition, kTorsion}))
    external.restraints.push_back(kind == kPosition.name ? read_position_restraint(table)
                                                         : read_torsion_restraint(table));
  if (root.applies("field", root.has("field"), "optional"))
    external.field = read_field(
        root.table({"field", "A uniform electric field: E = -sum of charge strength . x."}));
  return external;
}

}  // namespace saltus::tools
