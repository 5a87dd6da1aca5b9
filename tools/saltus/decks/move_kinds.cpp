#include "tools/saltus/decks/move_kinds.h"

#include <algorithm>
#include <functional>

#include "engine/core/error.h"
#include "tools/saltus/decks/move_rows.h"

namespace saltus::tools {

using engine::InternalError;

namespace {

std::vector<MoveKind> all_kinds() {
  std::vector<MoveKind> result;
  for (auto& rows : {dynamics_moves(), torsion_moves(), rigid_moves(), box_moves(), other_moves()})
    result.insert(result.end(), rows.begin(), rows.end());
  return result;
}

}  // namespace

const std::vector<MoveKind>& move_kinds() {
  static const std::vector<MoveKind> kKinds = all_kinds();
  return kKinds;
}

const MoveKind& move_kind(const std::string& name) {
  for (const MoveKind& kind : move_kinds())
    if (name == kind.name) return kind;
  throw InternalError("no move of kind " + name);
}

const MoveKind* kind_of_label(const std::string& row) {
  const std::string label = row.substr(0, row.find('/'));
  const std::size_t end = label.find_last_not_of("0123456789");
  const bool numbered = end != std::string::npos && end + 1 < label.size() && label[end] == '_';
  const std::string name = numbered ? label.substr(0, end) : label;
  for (const MoveKind& kind : move_kinds())
    if (name == kind.name) return &kind;
  return nullptr;
}

std::string kinds_in_quotes(const std::function<bool(const MoveKind&)>& belongs) {
  std::string text;
  for (const MoveKind& kind : move_kinds())
    if (belongs(kind)) text += (text.empty() ? "\"" : " or \"") + std::string(kind.name) + '"';
  return text;
}

std::string kinds_that_keep_constraints() {
  std::vector<std::string> names;
  for (const MoveKind& kind : move_kinds()) {
    const bool moves_atoms = !kind.requirements.several_temperatures && !kind.requirements.pressure;
    if (kind.parts == MoveParts::kNone && moves_atoms && !kind.requirements.no_constraints &&
        !kind.requirements.rigid_molecules)
      names.emplace_back(kind.name);
  }
  std::sort(names.begin(), names.end(), std::greater<>());
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

bool any_move(const std::vector<MoveDeck>& moves,
              const std::function<bool(const MoveDeck&)>& belongs) {
  return std::any_of(moves.begin(), moves.end(), [&](const MoveDeck& move) {
    return belongs(move) || any_move(move.parts, belongs);
  });
}

namespace {

using FilesByKey = std::multimap<std::string, std::filesystem::path>;

void collect_files(const MoveDeck& move, const std::string& path, FilesByKey& out) {
  for (const auto& [key, file] : move.files) out.emplace(path + '.' + key, file);
  for (std::size_t i = 0; i < move.parts.size(); ++i)
    collect_files(
        move.parts[i],
        path + (move.kind->parts == MoveParts::kProposal ? ".proposal"
                                                         : ".part[" + std::to_string(i) + ']'),
        out);
}

}  // namespace

FilesByKey files_of_moves(const std::vector<MoveDeck>& moves) {
  FilesByKey result;
  for (std::size_t i = 0; i < moves.size(); ++i)
    collect_files(moves[i], "move[" + std::to_string(i) + ']', result);
  return result;
}

std::vector<std::string> ready_models_of(const std::vector<MoveDeck>& moves) {
  std::vector<std::string> result;
  const auto add = [&result](const std::vector<std::string>& models) {
    for (const std::string& model : models)
      if (std::find(result.begin(), result.end(), model) == result.end()) result.push_back(model);
  };
  for (const MoveDeck& move : moves) {
    add(move.ready_models);
    add(ready_models_of(move.parts));
  }
  return result;
}

}  // namespace saltus::tools
