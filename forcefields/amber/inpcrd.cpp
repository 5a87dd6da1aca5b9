#include "forcefields/amber/inpcrd.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "forcefields/amber/text_lines_detail.h"

namespace saltus::forcefields {

namespace {

constexpr std::size_t kWidth = 12, kPerLine = 6;

// AMBER's velocities are in angstrom per 1/20.455 ps.
constexpr double kNmPerPsPerAmberVelocity = 20.455 * engine::kNmPerAngstrom;

// A line of velocities (2 atoms) and a line of box lengths and angles look alike; angles are rarely
// below this many degrees, and no velocity comes near.
constexpr double kMinLikelyAngle = 60.0;

// Larger coordinates are damage, not places: the columns hold less than 10,000 angstrom.
constexpr double kMaxCoordinateAngstrom = 1e5;

/// Walks the lines of one file.
class InpcrdReader {
 public:
  InpcrdReader(const std::string& path, std::size_t n_atoms)
      : path_(path), lines_(detail::read_text_lines(path)), n_atoms_(n_atoms) {
    while (!lines_.empty() && engine::trimmed(lines_.back()).empty()) lines_.pop_back();
  }

  AmberCoordinates read() {
    check_form();
    result_.title = engine::trimmed(lines_[0]);
    read_count_and_time();
    const std::size_t block = (n_atoms_ + 1) / 2;  // lines of one vector per atom
    const std::size_t rest = lines_.size() - kHeaderLines;
    const bool one_line_is_velocities =
        block == 1 && rest == 2 && !looks_like_box(kHeaderLines + 1);
    const bool has_velocities =
        rest >= 2 * block && (block > 1 || rest > 2 || one_line_is_velocities);
    const std::size_t vectors = has_velocities ? 2 * block : block;
    if (rest != vectors && rest != vectors + 1) fail_length(block);
    check_places(kHeaderLines, block);
    result_.positions_nm = read_vectors(kHeaderLines, engine::kNmPerAngstrom);
    if (has_velocities)
      result_.velocities_nm_per_ps = read_vectors(kHeaderLines + block, kNmPerPsPerAmberVelocity);
    if (rest == vectors + 1) read_box(kHeaderLines + vectors);
    return std::move(result_);
  }

 private:
  static constexpr std::size_t kHeaderLines = 2;

  [[noreturn]] void fail(std::size_t line, const std::string& what) const {
    throw engine::InputError(path_ + ":" + std::to_string(line + 1) + ": " + what);
  }

  void fail_length(std::size_t block) const {
    fail(lines_.size() - 1, "the file has " + std::to_string(lines_.size()) + " lines, expected " +
                                std::to_string(kHeaderLines + block) + " for the positions of " +
                                std::to_string(n_atoms_) + " atoms, " + std::to_string(block) +
                                " more for velocities, 1 more for a box");
  }

  void check_form() const {
    if (!lines_.empty() && lines_[0].compare(0, 3, "CDF") == 0)
      throw engine::InputError(path_ +
                               ": this is the binary (NetCDF) form of a restart file; convert it "
                               "to text (cpptraj: trajout file.rst7 restart)");
    if (lines_.size() < kHeaderLines + 1)
      throw engine::InputError(path_ + ": has " + std::to_string(lines_.size()) +
                               " lines, expected a title, the number of atoms and coordinates");
  }

  void read_count_and_time() {
    std::istringstream words(lines_[1]);
    std::string count, time;
    words >> count >> time;
    const auto atoms = detail::parse_integer(count);
    if (!atoms) fail(1, "\"" + count + "\", expected the number of atoms");
    if (*atoms < 0 || static_cast<std::size_t>(*atoms) != n_atoms_)
      fail(1, count + " atoms, but the topology has " + std::to_string(n_atoms_));
    if (time.empty()) return;
    result_.time_ps = detail::parse_real(time);
    if (!result_.time_ps) fail(1, "\"" + time + "\", expected the time in ps");
  }

  std::vector<double> fields(std::size_t line) const {
    const std::string& text = lines_[line];
    std::vector<double> values;
    const std::size_t end = text.find_last_not_of(" \t") + 1;
    for (std::size_t first = 0; first < end; first += kWidth) {
      const std::string field = engine::trimmed(text.substr(first, kWidth));
      const auto value = detail::parse_real(field);
      if (!value)
        fail(line, "columns " + std::to_string(first + 1) + " to " +
                       std::to_string(first + kWidth) + ": \"" + field + "\", expected a number");
      values.push_back(*value);
    }
    return values;
  }

  std::vector<double> read_vectors(std::size_t first_line, double unit) const {
    std::vector<double> all;
    for (std::size_t line = first_line; all.size() < 3 * n_atoms_; ++line) {
      const std::vector<double> values = fields(line);
      const std::size_t expected = std::min(kPerLine, 3 * n_atoms_ - all.size());
      if (values.size() != expected)
        fail(line,
             std::to_string(values.size()) + " numbers, expected " + std::to_string(expected));
      for (double value : values) all.push_back(value * unit);
    }
    return all;
  }

  void check_places(std::size_t first_line, std::size_t n_lines) const {
    for (std::size_t line = first_line; line < first_line + n_lines; ++line) {
      const std::vector<double> values = fields(line);
      for (std::size_t n = 0; n < values.size(); ++n)
        if (std::abs(values[n]) > kMaxCoordinateAngstrom)
          fail(line, "columns " + std::to_string(n * kWidth + 1) + " to " +
                         std::to_string((n + 1) * kWidth) + ": the coordinate \"" +
                         engine::trimmed(lines_[line].substr(n * kWidth, kWidth)) +
                         "\" angstrom is not a valid coordinate; expected -999.9999999 to "
                         "9999.9999999, as the columns hold");
    }
  }

  bool looks_like_box(std::size_t line) const {
    const std::vector<double> values = fields(line);
    if (n_atoms_ == 1) return values.size() == kPerLine;
    return std::any_of(values.begin(), values.end(), [](double v) { return v >= kMinLikelyAngle; });
  }

  void read_box(std::size_t line) {
    const std::vector<double> values = fields(line);
    if (values.size() != 3 && values.size() != kPerLine)
      fail(line, std::to_string(values.size()) +
                     " numbers, expected a box: 3 lengths, or 3 lengths and 3 angles");
    std::array<double, 3> lengths{}, angles{};
    for (std::size_t n = 0; n < 3; ++n) {
      lengths[n] = values[n] * engine::kNmPerAngstrom;
      if (values[n] < 0.0)
        fail(line, "columns " + std::to_string(n * kWidth + 1) + " to " +
                       std::to_string((n + 1) * kWidth) + ": a box with a negative edge");
    }
    result_.box_nm = lengths;
    if (values.size() == 3) return;
    for (std::size_t n = 0; n < 3; ++n) angles[n] = values[3 + n] * engine::kRadianPerDegree;
    result_.box_rad = angles;
  }

  std::string path_;
  std::vector<std::string> lines_;
  std::size_t n_atoms_;
  AmberCoordinates result_;
};

}  // namespace

AmberCoordinates read_inpcrd(const std::string& path, std::size_t n_atoms) {
  return InpcrdReader(path, n_atoms).read();
}

}  // namespace saltus::forcefields
