#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <string>

namespace saltus::tests {

/// Message of the exception that `action` throws; a test failure when it throws none or one of
/// another type.
template <class Error, class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "an exception of another type: " << error.what();
    return "";
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace saltus::tests
