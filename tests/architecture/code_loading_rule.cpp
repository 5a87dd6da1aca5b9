// Files are data: nothing that is read from one may become code or an object of any class.
#include <algorithm>
#include <iterator>
#include <regex>

#include "tests/architecture/rules.h"

namespace saltus::tests {
namespace {

struct Loader {
  const char* pattern;
  const char* name;
};

// Archives of LibTorch hold a pickle and TorchScript, which run when they are opened; pickles call
// what they name; libraries run when they are loaded.
const Loader kLoaders[] = {
    {R"(\btorch::(load|save|pickle_load|pickle_save)\b)", "torch::load, save and pickle"},
    {R"(\btorch::(jit|serialize)\b)", "torch::jit and torch::serialize"},
    {R"(\bjit::\s*(load|_load_|import_ir_module))", "jit::load"},
    {R"(\b(Input|Output)Archive\b)", "archives of LibTorch"},
    {R"(#\s*include\s*[<"](torch/(script|serialize|jit)|torch/csrc/(jit|api/include/torch/serialize)|caffe2/serialize))",
     "headers of TorchScript and of archives"},
    {R"(\b(PyTorchStreamReader|ScriptModule|CompilationUnit)\b)", "TorchScript"},
    {R"(\b(Un)?[Pp]ickler\b|\bMolPickler\b|\bMolFromBinary\b)", "picklers"},
    {R"(\b(import|from)\s+(c?[Pp]ickle|dill|joblib|marshal|shelve)\b)", "pickles of Python"},
    {R"(\ballow_pickle\s*=\s*True|\btorch\.load\()", "pickles of Python"},
    // Functions of libraries that are there already (RTLD_NEXT) are no new code.
    {R"(\bdlm?open\s*\(|\bdlsym\s*\((?!\s*RTLD_NEXT\b))", "dlopen"},
};

/// Regular expressions are slow; few lines hold any of these.
bool may_load(const std::string& line) {
  static const char* const kWords[] = {
      "torch",  "jit",  "Archive", "ickl",    "Script", "Compilation", "Torch",   "Binary",
      "caffe2", "dill", "joblib",  "marshal", "shelve", "dlopen",      "dlmopen", "dlsym"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&line](const char* word) { return line.find(word) != std::string::npos; });
}

bool holds_code(const SourceFile& file) {
  const std::string& path = file.path;
  const auto ends = [&path](const std::string& end) {
    return path.size() >= end.size() &&
           path.compare(path.size() - end.size(), end.size(), end) == 0;
  };
  // The rule names what it forbids, and so do its planted violations.
  const bool is_the_rule = path.rfind("tests/architecture/", 0) == 0;
  return !is_the_rule && (file.is_code() || ends(".py") || ends(".in"));
}

}  // namespace

std::vector<Violation> check_no_code_from_files(const SourceTree& tree) {
  static const std::vector<std::pair<std::regex, std::string>> kPatterns = [] {
    std::vector<std::pair<std::regex, std::string>> patterns;
    for (const Loader& loader : kLoaders) patterns.emplace_back(loader.pattern, loader.name);
    return patterns;
  }();
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files()) {
    if (!holds_code(file)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (!may_load(file.lines[i])) continue;
      for (const auto& [pattern, name] : kPatterns)
        if (std::regex_search(file.lines[i], pattern))
          found.push_back({file.path, i + 1, name + " make code of files; files are data only"});
    }
  }
  return found;
}

}  // namespace saltus::tests
