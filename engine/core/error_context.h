#pragma once

#include <string>

#include "engine/core/error.h"

namespace saltus::engine {

/// Does some work and returns its result. What it throws about files, input, models or numbers
/// keeps its kind and gets another message: who calls often knows more about where something is.
/// @param tell  the new message for the old one
template <class Tell, class Work>
auto with_messages(const Tell& tell, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const InputError& error) {
    throw InputError(tell(std::string(error.what())));
  } catch (const ModelError& error) {
    throw ModelError(tell(std::string(error.what())));
  } catch (const FileError& error) {
    throw FileError(tell(std::string(error.what())));
  } catch (const NumericalError& error) {
    throw NumericalError(tell(std::string(error.what())));
  }
}

/// The same with a text in front of each message.
template <class Work>
auto with_prefix(const std::string& prefix, const Work& work) -> decltype(work()) {
  return with_messages([&prefix](const std::string& message) { return prefix + message; }, work);
}

}  // namespace saltus::engine
