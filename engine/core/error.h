#pragma once

#include <stdexcept>
#include <string>

namespace saltus::engine {

/// Root of everything Saltus throws on purpose. The message says what was wrong, where, what was
/// expected and what to do; `exit_code` is what a program should return (sysexits.h numbers).
class Error : public std::runtime_error {
 public:
  Error(const std::string& message, int exit_code)
      : std::runtime_error(message), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

/// The command line cannot be understood (64).
class UsageError final : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(message, 64) {}
};

/// The content of a user's file or option is wrong (65).
class InputError final : public Error {
 public:
  explicit InputError(const std::string& message) : Error(message, 65) {}
};

/// A model file does not fit the system or the run it is used for (65).
class ModelError final : public Error {
 public:
  explicit ModelError(const std::string& message) : Error(message, 65) {}
};

/// A computation left the numbers that mean something (70).
class NumericalError final : public Error {
 public:
  explicit NumericalError(const std::string& message) : Error(message, 70) {}
};

/// A promise inside Saltus was broken; always a defect of Saltus (70).
class InternalError final : public Error {
 public:
  explicit InternalError(const std::string& message) : Error(message, 70) {}
};

/// A file cannot be opened, read, written or renamed (74).
class FileError final : public Error {
 public:
  explicit FileError(const std::string& message) : Error(message, 74) {}
};

}  // namespace saltus::engine
