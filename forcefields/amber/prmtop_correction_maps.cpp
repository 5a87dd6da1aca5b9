#include <array>
#include <set>
#include <string>

#include "engine/core/units.h"
#include "forcefields/amber/prmtop_parts_detail.h"

namespace saltus::forcefields::detail {

namespace {

// Two digits of the section's name count the maps.
constexpr long kMaxMaps = 99, kMaxResolution = 1000;
constexpr std::size_t kCounts = 2, kIndicesPerTerm = 6;

std::string parameter_section(std::size_t map) {
  const std::string number = std::to_string(map + 1);
  return "CMAP_PARAMETER_" + std::string(number.size() < 2 ? "0" : "") + number;
}

/// Refuses other sections of this kind than the expected ones.
void check_sections(const PrmtopSections& sections, const std::set<std::string>& expected,
                    const std::string& why) {
  for (const std::string& section : sections.names())
    if (section.rfind("CMAP_", 0) == 0 && expected.count(section) == 0)
      sections.fail(section, "not expected here: " + why);
}

std::size_t checked_count(const PrmtopSections& sections, std::size_t field, long value,
                          long largest) {
  if (value < 0 || value > largest)
    sections.fail("CMAP_COUNT", field,
                  std::to_string(value) + ", expected 0 to " + std::to_string(largest));
  return static_cast<std::size_t>(value);
}

/// The file's grid starts at -180 degrees, the engine's at 0, and in the file the second torsion
/// runs faster.
engine::CorrectionMap read_map(const PrmtopSections& sections, std::size_t map, long resolution) {
  if (resolution < 2 || resolution > kMaxResolution || resolution % 2 != 0)
    sections.fail("CMAP_RESOLUTION", map,
                  std::to_string(resolution) + ", expected an even number from 2 to " +
                      std::to_string(kMaxResolution) +
                      ": 0 degrees must be a point of a grid that starts at -180");
  engine::CorrectionMap result;
  const std::size_t size = result.size = static_cast<std::size_t>(resolution);
  const std::vector<double> kcal = sections.reals(parameter_section(map), size * size);
  for (std::size_t b = 0; b < size; ++b)
    for (std::size_t a = 0; a < size; ++a) {
      const std::size_t first = (a + size / 2) % size, second = (b + size / 2) % size;
      result.energies.push_back(kcal[first * size + second] * engine::kKJPerKcal);
    }
  return result;
}

std::size_t checked_index(const PrmtopSections& sections, std::size_t field, long value,
                          std::size_t size, const std::string& what) {
  if (value < 1 || value > static_cast<long>(size))
    sections.fail("CMAP_INDEX", field,
                  what + " " + std::to_string(value) + ", expected 1 to " + std::to_string(size));
  return static_cast<std::size_t>(value - 1);
}

}  // namespace

void read_correction_maps(const PrmtopSections& sections, const PrmtopPointers& pointers,
                          engine::System& system) {
  if (!sections.has("CMAP_COUNT")) return check_sections(sections, {}, "CMAP_COUNT is missing");
  const std::vector<long> counts = sections.integers("CMAP_COUNT", kCounts);
  const std::size_t n_terms = checked_count(sections, 0, counts[0], kMaxCount);
  const std::size_t n_maps = checked_count(sections, 1, counts[1], kMaxMaps);
  std::set<std::string> expected = {"CMAP_COUNT", "CMAP_RESOLUTION", "CMAP_INDEX"};
  for (std::size_t map = 0; map < n_maps; ++map) expected.insert(parameter_section(map));
  check_sections(sections, expected, "CMAP_COUNT has " + std::to_string(n_maps) + " maps");
  const std::vector<long> resolutions = sections.integers("CMAP_RESOLUTION", n_maps);
  for (std::size_t map = 0; map < n_maps; ++map)
    system.correction_maps.push_back(read_map(sections, map, resolutions[map]));

  const std::vector<long> indices = sections.integers("CMAP_INDEX", n_terms * kIndicesPerTerm);
  for (std::size_t field = 0; field < indices.size(); field += kIndicesPerTerm) {
    std::array<std::size_t, 5> atoms{};
    for (std::size_t n = 0; n < atoms.size(); ++n)
      atoms[n] = checked_index(sections, field + n, indices[field + n], pointers[kAtoms], "atom");
    const std::size_t map = checked_index(sections, field + 5, indices[field + 5], n_maps, "map");
    system.correction_torsions.push_back(
        {map, {atoms[0], atoms[1], atoms[2], atoms[3]}, {atoms[1], atoms[2], atoms[3], atoms[4]}});
  }
}

}  // namespace saltus::forcefields::detail
