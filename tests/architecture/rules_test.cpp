// Oracle: the rules of CONTRIBUTING.md. Each rule is first proven able to fail, on a small tree in
// which exactly that rule is broken, and then applied to the project itself.
#include "tests/architecture/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "saltus_test_paths.h"
#include "tests/architecture/planted_tree.h"

namespace saltus::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

const std::string kEmptyHeader = "#pragma once\n";

// ---- the rules can fail -----------------------------------------------------------------------

TEST(LayerRule, NamesTheIncludeThatPointsUpward) {
  EXPECT_EQ(violations(check_layers, {{"engine/a.h", "#pragma once\n#include \"io/b.h\"\n"}}),
            "engine/a.h:2: engine includes io/b.h; it may include only engine\n");
}

TEST(LayerRule, SiblingsAreStrangers) {
  EXPECT_EQ(violations(check_layers, {{"forcefields/a.cpp", "#include \"mlsamplers/b.h\"\n"}}),
            "forcefields/a.cpp:1: forcefields includes mlsamplers/b.h; it may include only engine, "
            "forcefields\n");
  EXPECT_EQ(violations(check_layers, {{"io/a.cpp", "#include \"forcefields/b.h\"\n"}}),
            "io/a.cpp:1: io includes forcefields/b.h; it may include only engine, io\n");
}

TEST(LayerRule, TheLibraryOfConformersKnowsNeitherIoNorTheProgram) {
  const std::string may =
      "; it may include only engine, forcefields, mlsamplers, tools/conformers\n";
  EXPECT_EQ(violations(check_layers, {{"tools/conformers/a.cpp",
                                       "#include \"io/b.h\"\n#include \"tools/saltus/run/b.h\"\n"
                                       "#include \"tools/conformers/b.h\"\n"
                                       "#include \"mlsamplers/b.h\"\n"}}),
            "tools/conformers/a.cpp:1: tools/conformers includes io/b.h" + may +
                "tools/conformers/a.cpp:2: tools/conformers includes tools/saltus/run/b.h" + may);
  EXPECT_EQ(
      violations(check_layers, {{"tools/saltus/run/a.h", "#include \"tools/conformers/b.h\"\n"}}),
      "");
}

TEST(LayerRule, TheLibraryOfSolvationKnowsTheEngineAlone) {
  const std::string may = "; it may include only engine, tools/solvation\n";
  EXPECT_EQ(violations(check_layers, {{"tools/solvation/a.cpp",
                                       "#include \"io/b.h\"\n#include \"tools/conformers/b.h\"\n"
                                       "#include \"forcefields/b.h\"\n#include \"engine/b.h\"\n"
                                       "#include \"tools/solvation/b.h\"\n"}}),
            "tools/solvation/a.cpp:1: tools/solvation includes io/b.h" + may +
                "tools/solvation/a.cpp:2: tools/solvation includes tools/conformers/b.h" + may +
                "tools/solvation/a.cpp:3: tools/solvation includes forcefields/b.h" + may);
  EXPECT_EQ(violations(check_layers,
                       {{"tools/saltus/commands/a.cpp", "#include \"tools/solvation/b.h\"\n"}}),
            "");
}

TEST(LayerRule, AngleBracketsDoNotHideAnInclude) {
  EXPECT_NE(violations(check_layers, {{"engine/a.h", "#  include <tools/b.h>\n"}}), "");
}

TEST(LayerRule, NobodyIncludesTests) {
  EXPECT_NE(violations(check_layers, {{"tools/a.cpp", "#include \"tests/b.h\"\n"}}), "");
}

TEST(LayerRule, AcceptsDownwardIncludes) {
  EXPECT_EQ(violations(check_layers, {{"tools/a.cpp", "#include \"io/b.h\"\n"},
                                      {"io/a.cpp", "#include \"engine/b.h\"\n"},
                                      {"tests/a.cpp", "#include \"tools/b.h\"\n"}}),
            "");
}

TEST(HeavyHeaderRule, RefusesALibraryOutsideItsHome) {
  EXPECT_EQ(violations(check_heavy_headers, {{"engine/a.cpp", "#include <torch/torch.h>\n"}}),
            "engine/a.cpp:1: LibTorch lives in mlsamplers, not in engine\n");
  EXPECT_EQ(violations(check_heavy_headers, {{"io/a.cpp", "#include \"OpenMM.h\"\n"}}),
            "io/a.cpp:1: OpenMM lives in forcefields, tools/openmm_plugin, not in io\n");
  EXPECT_EQ(violations(check_heavy_headers, {{"tools/a.cpp", "#include <hdf5.h>\n"}}),
            "tools/a.cpp:1: HDF5 lives in io, not in tools\n");
  EXPECT_EQ(violations(check_heavy_headers, {{"engine/a.cpp", "#include <openssl/evp.h>\n"}}),
            "engine/a.cpp:1: OpenSSL lives in io, not in engine\n");
}

TEST(HeavyHeaderRule, RefusesALibraryInAPublicHeaderOfItsHome) {
  EXPECT_EQ(
      violations(check_heavy_headers, {{"mlsamplers/flows/a.h", "#include <ATen/ATen.h>\n"}}),
      "mlsamplers/flows/a.h:1: LibTorch belongs in a .cpp or a *_detail.h, not in a header\n");
  EXPECT_NE(violations(check_heavy_headers, {{"io/a.h", "#include <toml++/toml.h>\n"}}), "");
  EXPECT_NE(violations(check_heavy_headers, {{"io/a.h", "#include <gemmi/pdb.hpp>\n"}}), "");
  EXPECT_NE(violations(check_heavy_headers, {{"forcefields/a.h", "#include <pugixml.hpp>\n"}}), "");
  EXPECT_NE(violations(check_heavy_headers, {{"engine/a.h", "#include <immintrin.h>\n"}}), "");
  EXPECT_NE(violations(check_heavy_headers, {{"engine/a.h", "#include <hwy/highway.h>\n"}}), "");
  EXPECT_NE(violations(check_heavy_headers, {{"engine/a.h", "#include <fmt/format.h>\n"}}), "");
}

TEST(HeavyHeaderRule, OnlyThePluginShowsOpenMM) {
  EXPECT_EQ(violations(check_heavy_headers, {{"tools/openmm_plugin/a.h", "#include <OpenMM.h>\n"}}),
            "");
  EXPECT_NE(violations(check_heavy_headers, {{"forcefields/a.h", "#include <OpenMM.h>\n"}}), "");
  EXPECT_NE(violations(check_heavy_headers, {{"tools/saltus/a.cpp", "#include <OpenMM.h>\n"}}), "");
  EXPECT_NE(
      violations(check_heavy_headers, {{"tools/openmm_plugin/a.h", "#include <fmt/format.h>\n"}}),
      "");
}

TEST(HeavyHeaderRule, RefusesALeakThroughADetailHeader) {
  EXPECT_EQ(violations(check_heavy_headers,
                       {{"io/a.h", "#include \"io/b_detail.h\"\n"}, {"io/b_detail.h", ""}}),
            "io/a.h:1: io/b_detail.h may be included only by .cpp and *_detail.h of io\n");
  EXPECT_NE(violations(check_heavy_headers, {{"tools/a.cpp", "#include \"io/b_detail.h\"\n"}}), "");
}

TEST(HeavyHeaderRule, AcceptsALibraryAtHome) {
  EXPECT_EQ(
      violations(check_heavy_headers, {{"mlsamplers/a.cpp", "#include \"mlsamplers/t_detail.h\"\n"},
                                       {"mlsamplers/t_detail.h", "#include <torch/torch.h>\n"},
                                       {"tests/a.cpp", "#include <torch/torch.h>\n"}}),
      "");
}

TEST(IncludePathRule, RefusesPathsThatAreNotFromTheRoot) {
  EXPECT_EQ(violations(check_include_paths, {{"engine/a.h", "#pragma once\n#include \"b.h\"\n"},
                                             {"engine/b.h", kEmptyHeader}}),
            "engine/a.h:2: \"b.h\" is not a path from the root to a header\n");
  EXPECT_NE(violations(check_include_paths, {{"engine/a.cpp", "#include \"engine/no.h\"\n"}}), "");
}

TEST(IncludePathRule, RefusesAngleBracketsForOurOwnAndMissingGuards) {
  EXPECT_EQ(violations(check_include_paths,
                       {{"engine/a.cpp", "#include <engine/b.h>\n"}, {"engine/b.h", "int x;\n"}}),
            "engine/a.cpp:1: our own headers are included with quotes\n"
            "engine/b.h:1: no #pragma once\n");
  EXPECT_EQ(violations(check_include_paths,
                       {{"engine/a_detail.h",
                         "#if defined(SALTUS_A) == defined(HWY_TARGET_TOGGLE)\n#endif\n"}}),
            "");
}

TEST(TextRule, FindsTabsCarriageReturnsAndLongFiles) {
  std::string long_file;
  for (std::size_t i = 0; i <= kMaxLines; ++i) long_file += "\n";
  EXPECT_EQ(violations(check_text,
                       {{"engine/a.h", "\n\tint x;\nint y;\r\n"}, {"engine/b.cpp", long_file}}),
            "engine/a.h:2: tab\nengine/a.h:3: carriage return\n"
            "engine/b.cpp: 501 lines; split files above 500\n");
}

TEST(FileSizeRule, FindsALargeFileAndAllowsMoreInData) {
  const std::string large(kMaxFileBytes + 1, 'x');
  EXPECT_EQ(violations(check_file_sizes, {{"io/a.bin", large}, {"data/a.bin", large}}),
            "io/a.bin: 1048577 bytes; the limit here is 1048576\n");
}

TEST(RootRule, FindsStraysAndCodeInData) {
  EXPECT_EQ(violations(check_root, {{"README.md", ""},
                                    {"src/a.h", ""},
                                    {"notes.txt", ""},
                                    {"build-x/a.h", ""},
                                    {"data/a.cpp", ""}}),
            "notes.txt: does not belong in the root\nsrc: does not belong in the root\n"
            "data/a.cpp: data holds no code\n");
}

TEST(DocstringRule, FindsUndocumentedClassesAndFunctions) {
  const std::string header = R"(#pragma once
namespace saltus::engine {
class Forward;
using Alias = int;
constexpr double kConstant = size_t(3);

class Bare {
  void not_at_namespace_scope();
};

/// Documented.
struct Fine {
  int x = 0;
};

int bare_function(int x,
                  int y);

// A plain comment is not a docstring.
template <class T = int>
T bare_template(T x) {
  return x;
}
enum class BareEnum { kA };
}  // namespace saltus::engine
)";
  EXPECT_EQ(violations(check_docstrings, {{"engine/a.h", header}}),
            "engine/a.h:7: no /// above: class Bare \n"
            "engine/a.h:16: no /// above: int bare_function(int x,                   int y)\n"
            "engine/a.h:20: no /// above: template <class T = int> T bare_template(T x) \n"
            "engine/a.h:24: no /// above: enum class BareEnum \n");
}

TEST(DocstringRule, NeighboursShareADocstringAndABlankLineEndsIt) {
  const std::string header = R"(#pragma once
/// Both at once; a brace in a literal does not matter: '{' "{".
inline char open() { return '{'; }
inline char close(const char* text = "{\"") { return text[0]; }

/// A type and what is next to it.
struct Pair {
  int first, second;
};
Pair swapped(Pair pair);

void alone();
void tail();  ///< said here
)";
  EXPECT_EQ(violations(check_docstrings, {{"io/a.h", header}}),
            "io/a.h:12: no /// above: void alone()\n");
}

TEST(DocstringRule, LeavesDetailAndTestHeadersAlone) {
  EXPECT_EQ(violations(check_docstrings,
                       {{"io/a_detail.h", "class Bare {};\n"}, {"tests/a.h", "class Bare {};\n"}}),
            "");
}

std::string parameters(const std::string& text) {
  return violations(check_parameters, {{"engine/a.h", text}});
}

TEST(ParameterRule, FindsFunctionsOfMoreThanSix) {
  const std::string seven =
      "(int a, std::map<int, int> b, int (*c)(int, int),\n"
      "    std::array<int, 2> d = {1, 2}, int e = f(1, 2), bool g = true, int h)";
  const auto message = [](const std::string& line, const std::string& name) {
    return "engine/a.h:" + line + ": " + name +
           " has 7 parameters, at most 6 are allowed; make a struct of those that belong "
           "together\n";
  };
  EXPECT_EQ(parameters("namespace a {\nint declared" + seven + ";\n}\n"), message("2", "declared"));
  EXPECT_EQ(parameters("int before() { return f(1, 2, 3, 4, 5, 6, 7); }\nint A::defined" + seven +
                       " const {\n}\n"),
            message("2", "defined"));
  EXPECT_EQ(
      parameters("#pragma once\nclass A final : public B<int(int)> {\n public:\n  explicit A" +
                 seven + " : a_{a}, b_(b, 1) {}\n  template <class T, class U = V<T>>\n  " +
                 "T operator()" + seven + ";\n  int c_{0}, d_ = 1;\n  static int last" + seven +
                 ";\n};\n"),
      message("4", "A") + message("6", "operator_") + message("10", "last"));
  EXPECT_EQ(
      parameters("namespace {\nMACRO(a, b)\nvoid unnamed(int, int, int, int, int, int, V&);\n}"),
      message("2", "unnamed"));
}

TEST(ParameterRule, AcceptsSixCallsTypesMacrosAndCallbacks) {
  for (const char* text : {
           "int six(int a, int b, int c, int d, int e, M<int, int, int> f);\n",
           "int none(), one(void);\n",
           "int x = f(1, 2, 3, 4, 5, 6, 7);\nconst A kTable = {1, 2, 3, 4, 5, 6, 7};\n",
           "void f() { g(a, b, c, d, e, f, h); }\nvoid g() {\n  A a(a, b, c, d, e, f, h);\n}\n",
           "A::A(int a) : a_(a, b, c, d, e, f, h), b_{a, b, c, d, e, f, h} { g(); }\n",
           "using F = void (*)(int, int, int, int, int, int, int);\n",
           "typedef void (*F)(int, int, int, int, int, int, int);\n",
           "struct A {\n  std::function<void(int, int, int, int, int, int, int)> f;\n};\n",
           "void f(std::function<void(int, int, int, int, int, int, int)> f);\n",
           "MACRO(a, b, c, d, e, f, g)\nINSTANTIATE(a, b, c, d, e, f, g);\n",
           "#define MACRO(a, b) \\\n  int f(int, int, int, int, int, int, int);\nint x;\n",
           "// int f(int, int, int, int, int, int, int);\n",
           "const char* kText = R\"(\nint f(int, int, int, int, int, int, int);\n)\";\n",
           "herr_t refuse_link(C*, C*, C*, C*, unsigned*, hid_t, void* refused) { return -1; }\n",
       })
    EXPECT_EQ(parameters(text), "") << text;
}

TEST(SourceListRule, FindsAFileThatIsNeverBuilt) {
  EXPECT_EQ(violations(check_sources_listed, {{"engine/CMakeLists.txt", "moves/a.cpp\n"},
                                              {"engine/moves/a.cpp", ""},
                                              {"engine/moves/b.cpp", ""}}),
            "engine/moves/b.cpp: named in no CMakeLists.txt: it is never built\n");
}

TEST(DocumentRule, FindsCommandsLinksAndNamesThatLeadNowhere) {
  EXPECT_EQ(violations(check_documents,
                       {{"CMakePresets.json", "{\"name\": \"dev\"}\n"},
                        {"data/there.toml", ""},
                        {"engine/there.h", ""},
                        {"engine/README.md", "`there.h` `engine/there.h` `gone.h`\n"},
                        {"CONTRIBUTING.md", "`engine/yet_to_be.h`\n"},
                        {"tools/docs/page.md", "`engine/there.h` `engine/gone.h`\n"},
                        {"README.md",
                         "[ok](data/there.toml) [bad](LICENSE) [far](https://example.org)\n"
                         "```sh\n"
                         "build/tools/saltus run data/there.toml --set x=data/gone.toml\n"
                         "cmake --preset dev && cmake --preset slow\n"
                         "```\n"
                         "```cpp\n"
                         "tools/not_a_command\n"
                         "```\n"}}),
            "README.md:1: link to LICENSE, which does not exist\n"
            "README.md:3: data/gone.toml does not exist\n"
            "README.md:4: no preset slow in CMakePresets.json\n"
            "engine/README.md:1: gone.h does not exist\n"
            "tools/docs/page.md:1: engine/gone.h does not exist\n");
}

TEST(CodeLoadingRule, FindsEveryWayToMakeCodeOfAFile) {
  EXPECT_EQ(violations(check_no_code_from_files,
                       {{"mlsamplers/a.cpp", "int x;\ntorch::load(model, path);\n"}}),
            "mlsamplers/a.cpp:2: torch::load, save and pickle make code of files; files are data "
            "only\n");
  for (const char* line :
       {"torch::save(tensors, stream);", "auto m = torch::jit::load(path);",
        "torch::serialize::InputArchive archive;", "InputArchive archive;",
        "torch::OutputArchive archive;", "using namespace torch::jit;", "jit::load(path)",
        "#include <torch/script.h>", "#include <torch/serialize.h>",
        "#include \"torch/csrc/jit/serialization/import.h\"", "torch::pickle_load(bytes)",
        "Unpickler unpickler(read);", "MolPickler::molFromPickle(stream, mol);",
        "void* library = dlopen(path, RTLD_NOW);"})
    EXPECT_NE(violations(check_no_code_from_files, {{"tools/a.cpp", std::string(line) + "\n"}}), "")
        << line;
  for (const char* line : {"import pickle", "from pickle import load", "torch.load(path)",
                           "np.load(path, allow_pickle=True)", "import marshal"})
    EXPECT_NE(violations(check_no_code_from_files, {{"tests/a.py", std::string(line) + "\n"}}), "")
        << line;
}

TEST(CodeLoadingRule, AcceptsNumbersAndText) {
  EXPECT_EQ(violations(check_no_code_from_files,
                       {{"mlsamplers/a.cpp", "#include <torch/torch.h>\nload_leap_model(path);\n"},
                        {"mlsamplers/b.cpp", "throw ModelError(\"this is a pickle\");\n"},
                        {"README.md", "There is no torch::load here.\n"}}),
            "");
}

TEST(TorchCount, FollowsProjectHeaders) {
  const PlantedTree tree({{"mlsamplers/a.cpp", "#include \"mlsamplers/t_detail.h\"\n"},
                          {"mlsamplers/t_detail.h", "#include <torch/torch.h>\n"},
                          {"mlsamplers/b.cpp", "#include <c10/util/Half.h>\n"},
                          {"engine/c.cpp", "#include <vector>\n"}});
  EXPECT_THAT(torch_translation_units(tree.read()),
              ElementsAre("mlsamplers/a.cpp", "mlsamplers/b.cpp"));
}

// ---- the project obeys ------------------------------------------------------------------------

const SourceTree& project() {
  static const SourceTree kTree{fs::path(SALTUS_TEST_SOURCE_DIR)};
  return kTree;
}

// The violations as the failure message, once.
::testing::AssertionResult obeys(Rule rule) {
  const std::string broken = to_string(rule(project()));
  if (broken.empty()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "broken:\n" << broken;
}

TEST(Project, WasRead) { ASSERT_NE(project().find("engine/moves/move.h"), nullptr); }
TEST(Project, KeepsItsLayers) { EXPECT_TRUE(obeys(check_layers)); }
TEST(Project, KeepsHeavyLibrariesAtHome) { EXPECT_TRUE(obeys(check_heavy_headers)); }
TEST(Project, IncludesByPathFromTheRoot) { EXPECT_TRUE(obeys(check_include_paths)); }
TEST(Project, HasNoCircleOfFolders) { EXPECT_TRUE(obeys(check_folder_circles)); }
TEST(Project, HasNoCircleOfFilesInTheProgram) { EXPECT_TRUE(obeys(check_program_circles)); }

TEST(Project, HasAProgramInFewFolders) {
  EXPECT_TRUE(obeys(check_program_folders));
  const IncludeGraph graph = program_folders(project());
  std::printf("tools/saltus: %zu folders of at most %zu, %zu pairs of at most %zu\n",
              graph.nodes.size(), kMaxProgramFolders, graph.edges.size(), kMaxProgramEdges);
  EXPECT_GT(graph.edges.size(), 0u);
}

TEST(Project, KeepsTextCleanAndFilesShort) { EXPECT_TRUE(obeys(check_text)); }
TEST(Project, HoldsNoLargeFiles) { EXPECT_TRUE(obeys(check_file_sizes)); }
TEST(Project, KeepsItsRootTidy) { EXPECT_TRUE(obeys(check_root)); }
TEST(Project, DocumentsItsPublicHeaders) { EXPECT_TRUE(obeys(check_docstrings)); }
TEST(Project, HasFunctionsOfFewParameters) { EXPECT_TRUE(obeys(check_parameters)); }
TEST(Project, BuildsEverySource) { EXPECT_TRUE(obeys(check_sources_listed)); }
TEST(Project, HasDocumentsThatLeadSomewhere) { EXPECT_TRUE(obeys(check_documents)); }

TEST(Project, MakesNoCodeOfFiles) { EXPECT_TRUE(obeys(check_no_code_from_files)); }

TEST(Project, IncludesTorchInFewTranslationUnits) {
  const std::vector<std::string> units = torch_translation_units(project());
  RecordProperty("torch_translation_units", static_cast<int>(units.size()));
  std::printf("torch translation units: %zu of at most %zu\n", units.size(),
              kMaxTorchTranslationUnits);
  EXPECT_LE(units.size(), kMaxTorchTranslationUnits) << ::testing::PrintToString(units);
}

}  // namespace
}  // namespace saltus::tests
