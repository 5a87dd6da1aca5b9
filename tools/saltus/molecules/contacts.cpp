#include "tools/saltus/molecules/contacts.h"

#include "engine/core/error.h"
#include "tools/saltus/decks/move_kinds.h"

namespace saltus::tools {

using engine::CloseContact;
using engine::ContactKind;
using engine::NumericalError;

namespace {

std::string with_count(const CloseContact& first, std::size_t n, const Molecule& molecule) {
  const std::string text = describe(first, molecule.topology);
  if (n < 2) return text;
  return text + ", and " + std::to_string(n - 1) + (n == 2 ? " pair more" : " pairs more");
}

[[noreturn]] void refuse(const CloseContact& first, std::size_t n, const Molecule& molecule,
                         const std::string& source) {
  const std::string what = source + ": " + with_count(first, n, molecule);
  switch (first.kind) {
    case ContactKind::kCoincident:
      throw NumericalError(what + "; correct the coordinates");
    case ContactKind::kInsideCharge:
      throw engine::InputError(
          what +
          ". The energy there is meaningless. Correct the coordinates, or let a run "
          "separate them with chains.start = \"minimised\"");
    case ContactKind::kOverlap:
      throw engine::InputError(what +
                               "; correct the coordinates, or the box when it is too small for "
                               "what is in it");
    case ContactKind::kStretchedBond:
      throw engine::InputError(
          what +
          "; correct the coordinates, or the bond when atoms between these two "
          "are missing");
  }
  throw engine::InternalError("unknown kind of contact");
}

}  // namespace

std::vector<CloseContact> check_contacts(const Molecule& molecule, const std::string& source,
                                         InsideCharge inside) {
  const auto found = engine::ContactCheck(molecule.system).find(molecule.view());
  std::vector<CloseContact> to_separate;
  for (const CloseContact& contact : found) {
    if (contact.kind != ContactKind::kInsideCharge || inside == InsideCharge::kRefused)
      refuse(contact, found.size(), molecule, source);
    to_separate.push_back(contact);
  }
  return to_separate;
}

std::string blame(const Molecule& molecule, engine::ConstCoordinates x) {
  const auto worst = engine::ContactCheck(molecule.system).strongest(x);
  if (!worst) return "";
  return "; the strongest interaction is that of " + describe(*worst, molecule.topology);
}

void RunGuard::check_positions(const engine::CoordinateBatch& positions,
                               const std::string& when) const {
  for (std::size_t c = 0; c < positions.n_chains(); ++c) {
    const auto found = check_.find(positions.view().slice(c, 1));
    if (found.empty()) continue;
    throw NumericalError(when + ", chain " + std::to_string(c) + ": " +
                         with_count(found.front(), found.size(), molecule_) +
                         ". Results from there on are meaningless: start from other coordinates "
                         "or, if this happened during the run, use a shorter time step");
  }
}

void RunGuard::check_acceptance(const std::vector<engine::MoveStatistics>& moves,
                                const engine::CoordinateBatch& positions,
                                const std::string& when) const {
  constexpr std::uint64_t kMinProposed = 1000;
  constexpr double kMinAcceptance = 1e-3;
  const engine::MoveStatistics* stuck = nullptr;
  for (const engine::MoveStatistics& move : moves) {
    const MoveKind* kind = kind_of_label(move.name);
    // Exchanges move no atoms, and changes of the volume none within its molecule.
    if (kind != nullptr && (kind->requirements.several_temperatures || kind->requirements.pressure))
      continue;
    if (move.proposed < kMinProposed || move.acceptance() >= kMinAcceptance) return;
    const bool seldom = kind != nullptr && kind->seldom_accepted;
    if (!seldom && stuck == nullptr) stuck = &move;
  }
  if (stuck == nullptr) return;
  throw NumericalError(when + ": of " + std::to_string(stuck->proposed) + " proposals of " +
                       stuck->name + " " + std::to_string(stuck->accepted) +
                       " were accepted: the chains do not move. Use shorter steps, or tune them "
                       "(warm_up.tune)" +
                       blame(molecule_, positions.view().slice(0, 1)));
}

}  // namespace saltus::tools
