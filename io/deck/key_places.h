#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "engine/core/error_context.h"

namespace saltus::io {

/// Where each key of a deck was written, for errors that are found only after the deck was read:
/// when its molecule is built, or its moves are.
class KeyPlaces {
 public:
  /// @param path   "move[0].steps", or of a table "move[0]"
  /// @param place  "deck.toml:12:5"
  void add(const std::string& path, const std::string& place) { places_[path] = place; }

  /// The message with the place in front, "deck.toml:12:5: system.constraints: ...", when it
  /// begins with the path of a key or table and ": "; else the message as it is.
  std::string placed(const std::string& message) const {
    const std::size_t end = message.find(": ");
    const auto found =
        end == std::string::npos ? places_.end() : places_.find(message.substr(0, end));
    return found == places_.end() ? message : found->second + ": " + message;
  }

 private:
  std::map<std::string, std::string> places_;
};

/// Does some work; errors from it that begin with a key get the key's place in front.
template <class Work>
auto with_places(const KeyPlaces& places, const Work& work) -> decltype(work()) {
  return engine::with_messages(
      [&places](const std::string& message) { return places.placed(message); }, work);
}

}  // namespace saltus::io
