#include "tools/saltus/conformers/merge.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/core/error.h"
#include "saltus_version.h"
#include "tools/saltus/conformers/option_list_detail.h"
#include "tools/saltus/conformers/options.h"

namespace saltus::tools {

namespace po = boost::program_options;
using engine::InputError;
using engine::UsageError;

namespace {

constexpr const char* kAbout =
    "Merges the shard files of one run (saltus conformers INPUT --shard i/n -o NAME.shard, for\n"
    "i = 1 to n) into OUT: .sdf .xyz .pdb .mol2 (also with .gz), .h5, or - (SDF). Records come in\n"
    "the order of the input, and OUT is what a run without --shard would have written, but for\n"
    "the command line that HDF5 files and pages name. Shards of different inputs, options or\n"
    "versions of the program, missing ones and ones given twice are refused. Exit codes as those\n"
    "of conformers.";

constexpr const char* kExamples =
    "  saltus conformers drugs.smi -o drugs.1.shard --shard 1/2\n"
    "  saltus conformers drugs.smi -o drugs.2.shard --shard 2/2\n"
    "  saltus merge drugs.h5 drugs.1.shard drugs.2.shard --report drugs.csv --html drugs.html\n";

CommandLine merge_command_line() {
  CommandLine line("merge", "OUT SHARD...", kAbout, kExamples);
  line.several = true;
  const auto text = [] { return po::value<std::string>(); };
  line.options.add_options()("split", text(), "a folder: one file for each molecule")(
      "split-format", text()->default_value("sdf"), "sdf, xyz, pdb, mol2, also with .gz, or h5")(
      "report", text(), "CSV table of all molecules")("html", text(), "an HTML page")(
      "failed", text(), "molecules without (all) conformers, with the reasons")(
      "incomplete", po::bool_switch(),
      "merge what is there, though shards are missing or not at their end")(
      "overwrite", po::bool_switch(), "replace files that exist")(
      "strict", po::bool_switch(),
      "PARTIAL, PARTIAL_TIMEOUT and POORLY_SAMPLED count as failed, too")(
      "json", po::bool_switch(), "print a summary as JSON")("quiet", po::bool_switch(),
                                                            "no progress");
  return line;
}

std::string name_of(const Shard& shard) {
  return "shard " + std::to_string(shard.index) + " of " + std::to_string(shard.count);
}

std::string quoted(const ShardFile& shard) { return "'" + shard.path() + "'"; }

/// "--seed is 1 in 'a.shard' and 2 in 'b.shard'"; empty when they agree.
std::string difference(const ShardFile& a, const ShardFile& b) {
  auto all = a.head().options;
  all.insert(b.head().options.begin(), b.head().options.end());
  const auto value = [](const ShardFile& shard, const std::string& name) {
    const auto found = shard.head().options.find(name);
    return found == shard.head().options.end() ? std::string("not given") : found->second;
  };
  for (const auto& [name, unused] : all)
    if (value(a, name) != value(b, name))
      return name + " is " + value(a, name) + " in " + quoted(a) + " and " + value(b, name) +
             " in " + quoted(b);
  return "";
}

void require_this_program(const ShardFile& shard) {
  const std::string program = program_text();
  if (shard.head().program != program)
    throw InputError(quoted(shard) + " was written by " + shard.head().program + ", this is " +
                     program + "; merge with the version that made the shards");
}

}  // namespace

MergedShards::MergedShards(const std::vector<std::string>& paths, bool incomplete) {
  for (const std::string& path : paths) {
    shards_.emplace_back(path);
    require_this_program(shards_.back());
  }
  check_that_they_belong_together();
  check_inputs();
  lacks_ = find_what_lacks();
  if (!lacks_.empty() && !incomplete)
    throw InputError(lacks_ +
                     "; let its run come to its end (--resume), or merge what is there with "
                     "--incomplete");
}

void MergedShards::check_that_they_belong_together() const {
  const ShardFile& first = shards_.front();
  std::map<std::size_t, const ShardFile*> found;
  for (const ShardFile& shard : shards_) {
    const std::size_t count = shard.head().shard.count;
    if (count != first.head().shard.count)
      throw InputError(quoted(first) + " is " + name_of(first.head().shard) + ", but " +
                       quoted(shard) + " is " + name_of(shard.head().shard) +
                       "; they are not of one run");
    const std::string differing = difference(first, shard);
    if (!differing.empty())
      throw InputError("the shards were made with different options: " + differing);
    const auto [other, is_new] = found.emplace(shard.head().shard.index, &shard);
    if (!is_new)
      throw InputError(quoted(*other->second) + " and " + quoted(shard) + " are both " +
                       name_of(shard.head().shard) + "; give each once");
  }
}

void MergedShards::check_inputs() const {
  const ShardFile* first = nullptr;
  for (const ShardFile& shard : shards_) {
    if (!shard.end()) continue;
    if (first == nullptr) first = &shard;
    if (shard.end()->digest != first->end()->digest)
      throw InputError("the shards were made from different inputs: those of " + quoted(*first) +
                       " (" + std::to_string(first->end()->n_records) + " records) and of " +
                       quoted(shard) + " (" + std::to_string(shard.end()->n_records) +
                       " records) have the same names, but not the same content");
  }
}

std::string MergedShards::find_what_lacks() const {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
  std::set<std::size_t> there;
  for (const ShardFile& shard : shards_) {
    there.insert(shard.head().shard.index);
    if (!shard.end()) add(quoted(shard) + " (" + name_of(shard.head().shard) + ") was interrupted");
  }
  Shard missing = shards_.front().head().shard;
  for (missing.index = 1; missing.index <= missing.count; ++missing.index)
    if (there.count(missing.index) == 0) add(name_of(missing) + " is missing");
  return text;
}

double MergedShards::seconds() const {
  double sum = 0.0;
  for (const ShardFile& shard : shards_) sum += shard.end() ? shard.end()->seconds : 0.0;
  return sum;
}

std::optional<ConformerRecord> MergedShards::next() {
  const auto comes_before = [](const ShardFile& a, const ShardFile& b) {
    if (!a.next_number() || !b.next_number()) return a.next_number().has_value();
    return *a.next_number() < *b.next_number();
  };
  const auto first = std::min_element(shards_.begin(), shards_.end(), comes_before);
  if (!first->next_number()) return std::nullopt;
  return first->next();
}

std::optional<MergeRequest> parse_merge_request(const std::vector<std::string>& arguments) {
  const auto parsed = parse(merge_command_line(), arguments);
  if (!parsed) return std::nullopt;
  const std::vector<std::string>& names = parsed->positionals;
  if (names.size() < 2)
    throw UsageError("saltus merge: expected OUT and at least one shard file, got only '" +
                     names.front() + "'; see 'saltus merge --help'");
  const auto given = [&](const char* option) {
    return parsed->has(option) ? parsed->values[option].as<std::string>() : std::string();
  };
  MergeRequest merge;
  merge.output = names.front();
  merge.shards.assign(names.begin() + 1, names.end());
  merge.split = given("split");
  merge.split_format = split_format_of(*parsed);
  merge.report = given("report");
  merge.failed = given("failed");
  merge.html = given("html");
  merge.incomplete = parsed->flag("incomplete");
  merge.overwrite = parsed->flag("overwrite");
  merge.strict = parsed->flag("strict");
  merge.json = parsed->flag("json");
  merge.quiet = parsed->flag("quiet");
  merge.command_line = "saltus merge";
  for (const std::string& argument : arguments) merge.command_line += " " + argument;
  return merge;
}

ConformerRequest merged_run(const MergeRequest& merge, const MergedShards& shards) {
  // The same words mean the same settings in the same version of the program.
  ConformerRequest request = *parse_conformer_request(shards.head().arguments);
  request.merging = true;
  request.partial = !shards.lacks().empty();
  request.seconds_before = shards.seconds();
  request.input.shard.reset();
  request.inputs = merge.shards;
  request.output = merge.output;
  request.split = merge.split;
  request.split_format = merge.split_format;
  request.report = merge.report;
  request.failed = merge.failed;
  request.html = merge.html;
  request.log.clear();
  request.overwrite = merge.overwrite;
  request.resume = false;
  request.strict = merge.strict;
  request.json = merge.json;
  request.quiet = merge.quiet;
  request.n_threads = 1;
  request.command_line = merge.command_line + ", of " + request.command_line;
  require_distinct_outputs(request, "merge");
  return request;
}

}  // namespace saltus::tools
