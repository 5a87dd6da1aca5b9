#include "io/formats/file_kind.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "engine/core/text.h"

namespace saltus::io {

namespace {

constexpr const char* kDeckHelp = "; 'saltus run --print-defaults' shows a deck";

/// The first lines, without their ends.
std::vector<std::string_view> first_lines(std::string_view text) {
  constexpr std::size_t kMaxLines = 60;
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kMaxLines) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back(text.substr(0, end));
    const std::size_t size = text.substr(end, 2) == "\r\n" ? 2 : 1;
    text.remove_prefix(std::min(end + size, text.size()));
  }
  return lines;
}

/// Files that are no text.
FileKind binary_kind(const std::string& path, std::string_view text) {
  using namespace std::string_view_literals;
  if (engine::starts_with(text, "\x1F\x8B"))
    return {"packed with gzip", "unpack it first (gunzip '" + path + "')"};
  if (engine::starts_with(text, "\x89HDF\r\n\x1A\n"))
    return {"an HDF5 file", "'saltus report " + path + "' or 'saltus info " + path +
                                "' shows it if it is a trajectory"};
  constexpr std::size_t kLengthBytes = 8, kMaxHeaderBytes = 100'000'000;
  if (text.size() > kLengthBytes && text[kLengthBytes] == '{') {
    std::uint64_t length = 0;
    for (std::size_t i = kLengthBytes; i-- > 0;)
      length = (length << 8) | static_cast<unsigned char>(text[i]);
    if (length > 1 && length < kMaxHeaderBytes)
      return {"a safetensors file", "'saltus info " + path + "' shows it if it is a model"};
  }
  if (engine::starts_with(text, "PK\x03\x04"))
    return {"a zip archive", "'saltus info " + path + "' shows it if it is a model"};
  struct Signature {
    std::string_view start;
    const char* name;
  };
  static constexpr std::array<Signature, 8> kOthers = {{{"BZh", "packed with bzip2"},
                                                        {"\xFD"
                                                         "7zXZ",
                                                         "packed with xz"},
                                                        {"\x28\xB5\x2F\xFD", "packed with zstd"},
                                                        {"\x7F"
                                                         "ELF",
                                                         "a program"},
                                                        {"\x89PNG", "a picture"},
                                                        {"%PDF-", "a PDF document"},
                                                        {"CDF\x01", "a NetCDF file"},
                                                        {"CDF\x02", "a NetCDF file"}}};
  for (const Signature& other : kOthers)
    if (engine::starts_with(text, other.start)) return {other.name, ""};
  if (engine::starts_with(text, "\xFF\xFE"sv) || engine::starts_with(text, "\xFE\xFF"sv))
    return {"text in UTF-16", "save it as UTF-8"};
  return {};
}

FileKind xml_kind(const std::string& path, std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos || text[first] != '<') return {};
  const auto has = [&](const char* element) {
    return text.find(element) != std::string_view::npos;
  };
  if (has("<ForceField"))
    return {"a force field (XML)",
            "name it in a deck: force_field = [\"" + path + "\"] in [system]"};
  if (has("<System"))
    return {"an OpenMM System (XML)",
            "name it in a deck: system_xml = \"" + path + "\" in [system]"};
  if (has("<html") || has("<HTML") || has("<!DOCTYPE html"))
    return {"a web page", "perhaps a download that failed"};
  return {"an XML file", ""};
}

bool is_pdb(const std::vector<std::string_view>& lines) {
  static constexpr std::array<std::string_view, 14> kRecords = {
      "HEADER", "TITLE ", "COMPND", "SOURCE", "REMARK", "CRYST1", "ATOM  ",
      "HETATM", "MODEL ", "SEQRES", "EXPDTA", "AUTHOR", "KEYWDS", "CONECT"};
  std::size_t n = 0, n_filled = 0;
  for (const std::string_view line : lines) {
    if (line.empty()) continue;
    ++n_filled;
    if (engine::starts_with(line, "ATOM  ") || engine::starts_with(line, "HETATM")) return true;
    n += std::any_of(kRecords.begin(), kRecords.end(),
                     [&](std::string_view record) { return engine::starts_with(line, record); })
             ? 1
             : 0;
  }
  return n > 0 && 2 * n > n_filled;
}

bool is_sdf(const std::vector<std::string_view>& lines, std::string_view text) {
  constexpr std::size_t kCountsLine = 3;
  if (text.find("\nM  END") != std::string_view::npos) return true;
  return lines.size() > kCountsLine &&
         (lines[kCountsLine].find("V2000") != std::string_view::npos ||
          lines[kCountsLine].find("V3000") != std::string_view::npos);
}

/// A title, a line with the number of atoms, coordinates in columns of twelve.
bool is_inpcrd(const std::vector<std::string_view>& lines) {
  constexpr std::size_t kColumn = 12;
  if (lines.size() < 3 || lines[2].size() < 3 * kColumn) return false;
  const auto only = [](std::string_view line, const char* characters) {
    return line.find_first_not_of(characters) == std::string_view::npos;
  };
  return lines[1].find_first_of("0123456789") != std::string_view::npos &&
         only(lines[1], " 0123456789.Ee+-") && only(lines[2], " 0123456789.-");
}

bool is_count(std::string_view line) {
  const std::size_t first = line.find_first_not_of(' ');
  const std::size_t end = line.find_last_not_of(' ');
  return first != std::string_view::npos &&
         line.substr(first, end - first + 1).find_first_not_of("0123456789") ==
             std::string_view::npos;
}

/// Numbers with a point in a row, after what stands in front of them.
std::size_t n_reals(std::string_view line) {
  std::size_t n = 0;
  while (!line.empty()) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) break;
    const std::size_t end = std::min(line.find_first_of(" \t", first), line.size());
    const std::string_view word = line.substr(first, end - first);
    const bool is_real = word.find('.') != std::string_view::npos &&
                         word.find_first_not_of("0123456789.-+eE") == std::string_view::npos;
    n = is_real ? n + 1 : 0;
    line.remove_prefix(end);
  }
  return n;
}

/// A title, the number of atoms, and atoms with names before three coordinates.
bool is_gro(const std::vector<std::string_view>& lines) {
  constexpr std::size_t kCoordinates = 20;  // columns of numbers and names before them
  return lines.size() > 2 && is_count(lines[1]) && lines[2].size() > kCoordinates &&
         n_reals(lines[2].substr(kCoordinates)) >= 3;
}

/// The number of atoms, a title, and atoms with an element before three coordinates.
bool is_xyz(const std::vector<std::string_view>& lines) {
  return lines.size() > 2 && is_count(lines[0]) && n_reals(lines[2]) == 3 &&
         lines[2].find_first_of("0123456789.-") > 0;
}

FileKind text_kind(const std::string& path, std::string_view text) {
  const auto lines = first_lines(text);
  if (is_sdf(lines, text))
    return {
        "an SD or mol file",
        "'saltus conformers " + path + " -o out.sdf' makes conformers, 'saltus energy " + path +
            " --force-field mmff94' prints energies, 'saltus init' makes a deck for it; or name "
            "it in a deck: coordinates = \"" +
            path + "\" and force_field = \"mmff94\" in [system]"};
  if (is_pdb(lines))
    return {"a PDB file",
            "'saltus init' makes a deck for it; or name it in a deck: coordinates = \"" + path +
                "\" and force_field = [...] in [system]; 'saltus energy " + path +
                " --force-field amber99sbildn.xml' prints its energy"};
  if (engine::starts_with(text, "%VERSION") || engine::starts_with(text, "%FLAG"))
    return {"an AMBER topology",
            "name it in a deck: topology = \"" + path + "\" in [system], with coordinates"};
  if (engine::starts_with(text, "data_") && text.find("\n_") != std::string_view::npos)
    return {"an mmCIF file", "write it as PDB first"};
  if (is_inpcrd(lines))
    return {"an AMBER coordinate file",
            "name it in a deck: coordinates = \"" + path + "\" in [system], with topology"};
  if (is_gro(lines)) return {"a GRO file", "write it as PDB first ('gmx editconf -f', '-o x.pdb')"};
  if (is_xyz(lines)) return {"an XYZ file", "it has no bonds; write it as SDF or PDB first"};
  if (text.find("@<TRIPOS>MOLECULE") != std::string_view::npos)
    return {"a MOL2 file", "write it as SDF first"};
  if (engine::starts_with(text, "PSF ")) return {"a CHARMM topology (PSF)", ""};
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') return {"a JSON file", ""};
  const std::string extension = std::filesystem::path(path).extension().string();
  for (const char* list : {".smi", ".ism", ".csv", ".tsv"})
    if (extension == list)
      return {"a list (by its name, " + extension + ")",
              "'saltus conformers " + path + " -o out.sdf' makes conformers of molecules"};
  return {};
}

}  // namespace

FileKind file_kind(const std::string& path, std::string_view beginning) {
  FileKind kind = binary_kind(path, beginning);
  if (kind.name.empty()) kind = xml_kind(path, beginning);
  if (kind.name.empty()) kind = text_kind(path, beginning);
  if (kind.name.empty() && beginning.find('\0') != std::string_view::npos) kind.name = "no text";
  if (!kind.name.empty()) kind.advice += kind.advice.empty() ? kDeckHelp + 2 : kDeckHelp;
  return kind;
}

std::string kind_at(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return "a folder";
  const std::string special = engine::special_file(path);
  if (!special.empty() || !fs::is_regular_file(path, ignored)) return special;
  constexpr std::size_t kBeginning = 4096;
  std::array<char, kBeginning> bytes{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(bytes.data(), bytes.size());
  const auto n = static_cast<std::size_t>(stream.gcount());
  if (n == 0 && stream.eof()) return "empty";
  return file_kind(path, std::string_view(bytes.data(), n)).name;
}

std::string wrong_kind(const std::string& path, const std::string& expected) {
  const std::string kind = kind_at(path);
  return "'" + path + "'" + (kind.empty() ? ": " : " is " + kind + ", ") + "expected " + expected;
}

void require_regular_file(const std::string& path) {
  engine::refuse_special_file(path);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw engine::FileError("'" + path + "' is a folder, expected a file");
  if (!std::filesystem::is_regular_file(path, ignored))
    throw engine::FileError("there is no file '" + path + "'");
}

}  // namespace saltus::io
