#include "tools/saltus/common/command_line_detail.h"

#include <algorithm>
#include <iostream>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "tools/saltus/common/option_names.h"

namespace saltus::tools {

namespace po = boost::program_options;

namespace {

/// What to do about an option that the command does not have.
std::string advice_for(const po::unknown_option& error, const CommandLine& line) {
  std::vector<std::string> names;
  for (const auto& option : line.options.options()) names.push_back(option->long_name());
  const std::string advice = option_advice(error.get_option_name(), names);
  const std::string help = "see 'saltus " + line.name + " --help'";
  return advice.empty() ? help : advice + " S" + help.substr(1);
}

/// Whether a word is an option of the command: --name, --name=value or -n.
bool is_option(const std::string& word, const po::options_description& options) {
  if (word.size() < 2 || word[0] != '-') return false;
  const bool is_long = word.compare(0, 2, "--") == 0;
  const std::string name = is_long ? word.substr(2, word.find('=') - 2) : word.substr(0, 2);
  return std::any_of(options.options().begin(), options.options().end(), [&](const auto& option) {
    return name ==
           (is_long ? option->long_name()
                    : option->canonical_display_name(po::command_line_style::allow_dash_for_short));
  });
}

/// The parser takes whatever follows an option as its value, another option too.
void refuse_options_as_values(const po::parsed_options& parsed, const CommandLine& line) {
  for (const auto& option : parsed.options)
    if (option.original_tokens.size() > 1 && is_option(option.original_tokens[1], line.options))
      throw po::error("option '" + option.original_tokens[0] + "' needs a value, but '" +
                      option.original_tokens[1] + "' follows, which is an option");
}

}  // namespace

CommandLine::CommandLine(std::string name_, std::string positional_, std::string about_,
                         std::string examples_)
    : name(std::move(name_)),
      positional(std::move(positional_)),
      about(std::move(about_)),
      examples(std::move(examples_)) {
  options.add_options()("help,h", "show this help");
}

void add_set_option(CommandLine& line) {
  line.options.add_options()(
      "set", po::value<std::vector<std::string>>()->composing(),
      "override a value of the deck, as in --set ensemble.temperature=\"350 K\"; may be repeated");
}

std::optional<ParsedCommandLine> parse(const CommandLine& line,
                                       const std::vector<std::string>& arguments,
                                       bool needs_positional) {
  po::options_description all;
  all.add(line.options);
  all.add_options()("positional", po::value<std::vector<std::string>>());
  po::positional_options_description positions;
  positions.add("positional", -1);
  const std::string hint = "; see 'saltus " + line.name + " --help'";
  ParsedCommandLine parsed;
  parsed.command = line.name;
  try {
    const po::parsed_options options =
        po::command_line_parser(arguments)
            .options(all)
            .positional(positions)
            .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
            .run();
    refuse_options_as_values(options, line);
    po::store(options, parsed.values);
    po::notify(parsed.values);
  } catch (const po::unknown_option& error) {
    throw engine::UsageError("saltus " + line.name + ": " + error.what() + "; " +
                             advice_for(error, line));
  } catch (const po::error& error) {
    throw engine::UsageError("saltus " + line.name + ": " + error.what() + hint);
  }
  if (parsed.has("help")) {
    std::cout << "Usage: saltus " << line.name << " [options] " << line.positional << "\n\n"
              << line.about << "\n\n"
              << line.options << "\nExamples:\n"
              << line.examples;
    return std::nullopt;
  }
  const std::vector<std::string> given = parsed.list("positional");
  if (given.size() > 1 && !line.several)
    throw engine::UsageError("saltus " + line.name + ": expected one " + line.positional +
                             ", got also '" + given[1] + "'" + hint);
  if (given.empty() && needs_positional)
    throw engine::UsageError("saltus " + line.name + ": " + line.positional + " is missing" + hint);
  if (!given.empty()) parsed.positional = given[0];
  parsed.positionals = given;
  return parsed;
}

double number_within(const ParsedCommandLine& parsed, const std::string& option, double lowest,
                     double highest) {
  const double given = parsed.values[option].as<double>();
  if (!(given >= lowest && given <= highest))
    throw engine::UsageError("saltus " + parsed.command + ": --" + option +
                             ": expected a number from " + engine::shortest_text(lowest) + " to " +
                             engine::shortest_text(highest) + ", got '" +
                             engine::shortest_text(given) + "'");
  return given;
}

}  // namespace saltus::tools
