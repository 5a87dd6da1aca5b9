#pragma once

#include <exception>
#include <string>

#include "engine/conformers/molecule_status.h"
#include "engine/core/error.h"

namespace saltus::tools {

/// Adds a text to a message that does not hold it yet.
inline void note(const std::string& text, std::string& message) {
  if (!text.empty() && message.find(text) == std::string::npos)
    message += (message.empty() ? "" : "; ") + text;
}

/// Calls work(); what is wrong with a record becomes its status and its message.
/// @param outcome       with `status` and `message`
/// @param input_status  status of an InputError
template <class Outcome, class Work>
void with_status(Outcome& outcome, const char* input_status, const Work& work) {
  try {
    work();
  } catch (const engine::MoleculeFailure& failure) {
    outcome.status = engine::status_word(failure.status());
    note(failure.what(), outcome.message);
  } catch (const engine::InputError& error) {
    outcome.status = input_status;
    note(error.what(), outcome.message);
  } catch (const std::exception& error) {
    outcome.status = engine::status_word(engine::MoleculeStatus::kInternal);
    note(error.what(), outcome.message);
  }
}

}  // namespace saltus::tools
