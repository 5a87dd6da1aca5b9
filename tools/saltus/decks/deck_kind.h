#pragma once

#include <filesystem>
#include <string>

#include "io/deck/deck_document.h"

namespace saltus::tools {

/// The command whose deck this is, by the tables it has: "run", "compare" or "train". Empty when
/// they do not tell. (Decks of a run can be trained from, too.)
std::string command_of_deck(const io::DeckDocument& document);

/// @param command  "run" or "compare", which is about to read the deck
/// @throws InputError  when it is a deck of another command, with the command to use; errors key by
///                     key would not say so
void require_deck_of(const std::string& command, const std::filesystem::path& path,
                     const io::DeckDocument& document);

}  // namespace saltus::tools
