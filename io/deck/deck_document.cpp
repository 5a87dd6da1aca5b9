#include "io/deck/deck_document.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/file.h"
#include "io/deck/deck_overrides.h"
#include "io/deck/deck_variables.h"
#include "io/deck/toml_text.h"
#include "io/formats/file_kind.h"

namespace saltus::io {
namespace {

namespace fs = std::filesystem;
using engine::FileError;
using engine::InputError;

constexpr std::size_t kMaxDeckBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxSources = 64;

std::string read_deck(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    throw FileError(path.string() + ": is a folder; name a deck file, such as \"" +
                    (path / "deck.toml").string() + '"');
  }
  return engine::read_file(path, kMaxDeckBytes + 1);
}

// People name the file of a molecule where its deck belongs.
void refuse_other_kinds(const fs::path& path, const std::string& text) {
  const FileKind kind = file_kind(path.string(), text);
  if (!kind.name.empty())
    throw InputError(path.string() + ": is " + kind.name +
                     ", expected a deck (a TOML file that says what to do); " + kind.advice);
}

// Puts `later` over `base`.
void merge(DeckNode& base, DeckNode later) {
  base.position = later.position;
  for (DeckEntry& entry : later.entries) {
    DeckEntry* existing = base.find(entry.name);
    if (existing == nullptr) {
      base.entries.push_back(std::move(entry));
    } else if (existing->value.kind == DeckNode::Kind::kTable &&
               entry.value.kind == DeckNode::Kind::kTable) {
      existing->position = entry.position;
      merge(existing->value, std::move(entry.value));
    } else {
      *existing = std::move(entry);
    }
  }
}

void remove_entry(DeckNode& table, const std::string& name) {
  table.entries.erase(std::remove_if(table.entries.begin(), table.entries.end(),
                                     [&](const DeckEntry& entry) { return entry.name == name; }),
                      table.entries.end());
}

// Reads a deck and, before it, everything it includes.
class DeckLoader {
 public:
  explicit DeckLoader(DeckDocument& document) : document_(document) {}

  DeckNode load_text(std::string_view text, const std::string& name, const fs::path& directory) {
    const std::size_t source = document_.sources.size();
    document_.sources.push_back({name, directory});
    if (text.size() > kMaxDeckBytes) {
      throw InputError(name + ": larger than 1 MiB; this is not a deck");
    }
    DeckNode own = parse_toml(text, name, source);
    collect_used_variables(own, used_variables_);
    DeckNode merged;
    merged.position = own.position;
    for (const DeckNode& include : includes_of(own))
      merge(merged, load_include(include, directory));
    remove_entry(own, "include");
    merge(merged, std::move(own));
    return merged;
  }

  DeckNode load_file(const fs::path& path) {
    open_files_.push_back(path);
    const std::string text = read_deck(path);
    try {
      DeckNode node = load_text(text, path.string(), path.parent_path());
      open_files_.pop_back();
      return node;
    } catch (const InputError&) {
      refuse_other_kinds(path, text);
      throw;
    }
  }

  std::set<std::string>& used_variables() { return used_variables_; }

 private:
  InputError error(const DeckNode& node, const std::string& message) const {
    return InputError(document_.where(node.position) + ": include: " + message);
  }

  std::vector<DeckNode> includes_of(const DeckNode& deck) const {
    const DeckEntry* entry = deck.find("include");
    if (entry == nullptr) return {};
    const bool one = entry->value.kind == DeckNode::Kind::kString;
    if (!one && entry->value.kind != DeckNode::Kind::kList) {
      throw error(entry->value, "expected a list of deck files such as [\"base.toml\"], got " +
                                    entry->value.describe());
    }
    std::vector<DeckNode> includes = one ? std::vector<DeckNode>{entry->value} : entry->value.items;
    for (const DeckNode& include : includes) {
      if (include.kind != DeckNode::Kind::kString) {
        throw error(include,
                    "expected a deck file such as \"base.toml\", got " + include.describe());
      }
      if (include.text.find("${") != std::string::npos) {
        throw error(include, "variables are not replaced here; write the file's name");
      }
    }
    return includes;
  }

  DeckNode load_include(const DeckNode& include, const fs::path& directory) {
    const fs::path path = (directory / include.text).lexically_normal();
    if (document_.sources.size() >= kMaxSources) {
      throw error(include, "more than " + std::to_string(kMaxSources) + " decks in one");
    }
    refuse_cycle(include, path);
    try {
      return load_file(path);
    } catch (const FileError& failure) {
      throw error(include, failure.what());
    }
  }

  void refuse_cycle(const DeckNode& include, const fs::path& path) const {
    std::error_code none;
    const auto same = [&](const fs::path& open) { return fs::equivalent(open, path, none); };
    const auto first = std::find_if(open_files_.begin(), open_files_.end(), same);
    if (first == open_files_.end()) return;
    std::string chain;
    for (auto file = first; file != open_files_.end(); ++file) chain += file->string() + " -> ";
    throw error(include, "a deck cannot include itself (" + chain + path.string() + ')');
  }

  DeckDocument& document_;
  std::vector<fs::path> open_files_;
  std::set<std::string> used_variables_;
};

void finish_document(DeckDocument& document, DeckLoader& loader,
                     const std::vector<std::string>& overrides) {
  if (!overrides.empty()) {
    auto as_written = std::make_shared<DeckDocument>(document);
    replace_variables(*as_written, loader.used_variables());
    document.as_written = std::move(as_written);
  }
  for (const std::string& text : overrides) {
    apply_override(text, document, loader.used_variables());
  }
  replace_variables(document, loader.used_variables());
}

}  // namespace

std::string DeckDocument::where(const DeckPosition& position) const {
  const std::string& name = sources.at(position.source).name;
  if (position.line == 0) return name;
  return name + ':' + std::to_string(position.line) + ':' + std::to_string(position.column);
}

DeckDocument load_deck(const fs::path& path, const std::vector<std::string>& overrides) {
  DeckDocument document;
  DeckLoader loader(document);
  document.root = loader.load_file(path);
  finish_document(document, loader, overrides);
  return document;
}

DeckDocument parse_deck(std::string_view text, const std::string& name, const fs::path& directory,
                        const std::vector<std::string>& overrides) {
  DeckDocument document;
  DeckLoader loader(document);
  document.root = loader.load_text(text, name, directory);
  finish_document(document, loader, overrides);
  return document;
}

}  // namespace saltus::io
