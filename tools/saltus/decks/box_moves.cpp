#include <memory>
#include <vector>

#include "engine/moves/metropolis.h"
#include "engine/moves/volume_change.h"
#include "tools/saltus/decks/move_row.h"
#include "tools/saltus/decks/move_rows.h"
#include "tools/saltus/decks/ranges.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckTable;

MoveKind volume() {
  using Options = engine::VolumeOptions;
  using engine::VolumeMode;
  MoveKind kind =
      row("volume",
          "Metropolis over changes of the box, whole molecules moved along, at constant "
          "pressure; exact",
          "a change of the volume");
  kind.requirements.pressure = true;
  // Half of the changes accepted is near the best for a normal distribution.
  kind.tuned = step_in(&Options::max_change, {"", 0.0, kMaxLogVolume, kMinLogVolume, 0.5, {}});
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.mode = table.choice<VolumeMode>(
        {"mode", "all edges by one factor, or one of three at a time (crystals and membranes)"},
        {{"isotropic", VolumeMode::kIsotropic}, {"anisotropic", VolumeMode::kAnisotropic}},
        options.mode);
    options.max_change = table.real({"max_change", "of ln V, either way, where warm-up starts"},
                                    options.max_change, Bounds::between(1e-9, kMaxLogVolume));
    move.options = options;
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::Metropolis>(
        std::make_shared<engine::VolumeChange>(move.as<Options>(), from.topology, from.system));
  };
  kind.check = [build = kind.build](const MoveDeck& move, const MoveIngredients& from) {
    build(move, from);
  };
  return kind;
}

}  // namespace

std::vector<MoveKind> box_moves() { return {volume()}; }

}  // namespace saltus::tools
