#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <vector>

namespace saltus::tools {

/// Options and positional arguments of a subcommand.
struct CommandLine {
  std::string name;        ///< "run"
  std::string positional;  ///< "DECK"
  std::string about;       ///< what --help says first
  std::string examples;    ///< and last
  bool several = false;    ///< more than one positional argument may be given
  boost::program_options::options_description options{"Options"};

  CommandLine(std::string name_, std::string positional_, std::string about_,
              std::string examples_);
};

/// Adds --set, which decks take.
void add_set_option(CommandLine& line);

/// A command line as it was given.
struct ParsedCommandLine {
  std::string command;  ///< CommandLine::name
  boost::program_options::variables_map values;
  std::string positional;                ///< the first
  std::vector<std::string> positionals;  ///< all

  bool has(const std::string& option) const { return values.count(option) > 0; }
  bool flag(const std::string& option) const { return values[option].as<bool>(); }
  std::vector<std::string> list(const std::string& option) const {
    return has(option) ? values[option].as<std::vector<std::string>>() : std::vector<std::string>();
  }
};

/// Parses; prints help and returns nothing when --help was asked for.
/// @param needs_positional  whether the positional argument must be given
/// @throws UsageError  saying what is wrong and how to get help
std::optional<ParsedCommandLine> parse(const CommandLine& line,
                                       const std::vector<std::string>& arguments,
                                       bool needs_positional = true);

/// The number that was given for an option.
/// @throws UsageError  when it is not from `lowest` to `highest`
double number_within(const ParsedCommandLine& parsed, const std::string& option, double lowest,
                     double highest);

}  // namespace saltus::tools
