#include "tests/fuzz/feeding.h"
#include "tools/saltus/decks/load_run_deck.h"

namespace saltus::fuzz {

void feed_deck(Bytes bytes) {
  const std::string text = text_of(bytes);
  expect_result_or_error([&] { tools::parse_run_deck(text, "deck.toml", "/", {}); });
}

}  // namespace saltus::fuzz
