#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "engine/core/units.h"
#include "forcefields/amber/prmtop_parts_detail.h"

namespace saltus::forcefields::detail {

namespace {

// Scales of files from before these were written per torsion.
constexpr double kDefaultCoulombScale = 1.2, kDefaultLennardJonesScale = 2.0;

// Distance given to types without Lennard-Jones interaction, angstrom; any number would do.
constexpr double kUnusedMinimum = 1.0;

const double kSigmaPerMinimum = std::pow(2.0, -1.0 / 6.0);

/// Lennard-Jones minimum of one pair of types or of a type with itself; angstrom, kcal/mol.
struct Well {
  double distance = kUnusedMinimum, depth = 0.0;
};

Well well_of(double a, double b) {
  if (a == 0.0 || b == 0.0) return {};
  return {std::pow(2.0 * a / b, 1.0 / 6.0), 0.25 * b * b / a};
}

/// The tables of Lennard-Jones coefficients, and the wells of the types with themselves.
class LennardJonesTable {
 public:
  LennardJonesTable(const PrmtopSections& sections, const PrmtopPointers& pointers)
      : sections_(sections),
        n_types_(pointers[kTypes]),
        index_(sections.integers("NONBONDED_PARM_INDEX", n_types_ * n_types_)),
        a_(sections.reals("LENNARD_JONES_ACOEF", n_pairs())),
        b_(sections.reals("LENNARD_JONES_BCOEF", n_pairs())),
        types_(read_types(pointers[kAtoms])) {
    refuse_ten_twelve(pointers[kTenTwelveTypes]);
    for (std::size_t type = 0; type < n_types_; ++type) wells_.push_back(diagonal(type));
    for (std::size_t i = 0; i < n_types_; ++i)
      for (std::size_t j = 0; j < n_types_; ++j) check_mixing(i, j);
  }

  const Well& well_of_atom(std::size_t atom) const { return wells_[types_[atom]]; }

 private:
  std::size_t n_pairs() const { return n_types_ * (n_types_ + 1) / 2; }

  std::vector<std::size_t> read_types(std::size_t n_atoms) const {
    std::vector<std::size_t> types;
    for (long type : sections_.integers("ATOM_TYPE_INDEX", n_atoms)) {
      if (type < 1 || type > static_cast<long>(n_types_))
        sections_.fail("ATOM_TYPE_INDEX", types.size(),
                       std::to_string(type) + ", expected 1 to " + std::to_string(n_types_));
      types.push_back(static_cast<std::size_t>(type - 1));
    }
    return types;
  }

  void refuse_ten_twelve(std::size_t count) const {
    for (const char* section : {"HBOND_ACOEF", "HBOND_BCOEF"}) {
      const std::vector<double> values = sections_.has(section) || count > 0
                                             ? sections_.reals(section, count)
                                             : std::vector<double>();
      for (std::size_t n = 0; n < values.size(); ++n)
        if (values[n] != 0.0) sections_.fail(section, n, "10-12 terms are not supported");
    }
  }

  /// Place of a pair of types in the tables; none for pairs with a 10-12 term instead.
  std::optional<std::size_t> pair_index(std::size_t i, std::size_t j) const {
    const long index = index_[n_types_ * i + j];
    if (index == 0 || index > static_cast<long>(n_pairs()))
      sections_.fail("NONBONDED_PARM_INDEX", n_types_ * i + j,
                     std::to_string(index) + ", expected 1 to " + std::to_string(n_pairs()));
    if (index < 0) return std::nullopt;
    return static_cast<std::size_t>(index - 1);
  }

  Well diagonal(std::size_t type) const {
    const std::optional<std::size_t> index = pair_index(type, type);
    if (!index)
      sections_.fail(
          "NONBONDED_PARM_INDEX", n_types_ * type + type,
          "a 10-12 term of type " + name(type) + " with itself; 10-12 terms are not supported");
    if (a_[*index] < 0.0) sections_.fail("LENNARD_JONES_ACOEF", *index, "is negative");
    if (b_[*index] < 0.0) sections_.fail("LENNARD_JONES_BCOEF", *index, "is negative");
    return well_of(a_[*index], b_[*index]);
  }

  /// Each pair of types must be what the Lorentz-Berthelot rule makes of its two types.
  void check_mixing(std::size_t i, std::size_t j) const {
    constexpr double kRounding = 1e-6;  // the file has 8 decimals
    const double distance = 0.5 * (wells_[i].distance + wells_[j].distance);
    const double depth = std::sqrt(wells_[i].depth * wells_[j].depth);
    const std::optional<std::size_t> index = pair_index(i, j);
    const double a = index ? a_[*index] : 0.0, b = index ? b_[*index] : 0.0;
    const double expected_a = depth * std::pow(distance, 12);
    const double expected_b = 2.0 * depth * std::pow(distance, 6);
    if (std::abs(a - expected_a) <= kRounding * std::abs(a) &&
        std::abs(b - expected_b) <= kRounding * std::abs(b))
      return;
    sections_.fail("NONBONDED_PARM_INDEX", n_types_ * i + j,
                   "the Lennard-Jones parameters of types " + name(i) + " and " + name(j) +
                       " are not those of the Lorentz-Berthelot rule; pair-specific parameters "
                       "(NBFIX) are not supported");
  }

  /// "3 (CT)": the number, and the AMBER type of its first atom where the file has one.
  std::string name(std::size_t type) const {
    const std::string number = std::to_string(type + 1);
    const auto atom = std::find(types_.begin(), types_.end(), type);
    if (!sections_.has("AMBER_ATOM_TYPE") || atom == types_.end()) return number;
    const auto names = sections_.strings("AMBER_ATOM_TYPE", types_.size());
    return number + " (" + names[static_cast<std::size_t>(atom - types_.begin())] + ")";
  }

  const PrmtopSections& sections_;
  std::size_t n_types_;
  std::vector<long> index_;
  std::vector<double> a_, b_;
  std::vector<std::size_t> types_;
  std::vector<Well> wells_;
};

using Pair = std::pair<std::size_t, std::size_t>;

/// Pairs that do not interact as others do; 0 stands for "none" in the list.
std::set<Pair> read_excluded(const PrmtopSections& sections, const PrmtopPointers& pointers) {
  const std::size_t n_atoms = pointers[kAtoms];
  const std::vector<long> counts = sections.integers("NUMBER_EXCLUDED_ATOMS", n_atoms);
  const std::vector<long> list = sections.integers("EXCLUDED_ATOMS_LIST", pointers[kExcludedAtoms]);
  std::set<Pair> excluded;
  std::size_t next = 0;
  for (std::size_t i = 0; i < n_atoms; ++i) {
    if (counts[i] < 0 || static_cast<std::size_t>(counts[i]) > list.size() - next)
      sections.fail("NUMBER_EXCLUDED_ATOMS", i,
                    std::to_string(counts[i]) + " does not fit the " + std::to_string(list.size()) +
                        " values of EXCLUDED_ATOMS_LIST");
    for (const std::size_t end = next + static_cast<std::size_t>(counts[i]); next < end; ++next) {
      const long atom = list[next];
      if (atom == 0) continue;
      if (atom < 0 || atom > static_cast<long>(n_atoms) || atom == static_cast<long>(i) + 1)
        sections.fail("EXCLUDED_ATOMS_LIST", next,
                      std::to_string(atom) + ", expected another atom than " +
                          std::to_string(i + 1) + ", 1 to " + std::to_string(n_atoms));
      excluded.insert(std::minmax(i, static_cast<std::size_t>(atom - 1)));
    }
  }
  return excluded;
}

/// Divisor of 1-4 interactions for each type of torsion.
std::vector<double> read_scales(const PrmtopSections& sections, const std::string& section,
                                std::size_t n_types, double default_scale) {
  if (!sections.has(section)) return std::vector<double>(n_types, default_scale);
  return sections.reals(section, n_types);
}

double used_scale(const PrmtopSections& sections, const std::string& section, std::size_t type,
                  double value) {
  if (!(value > 0.0))
    sections.fail(section, type,
                  std::to_string(value) +
                      ", expected more than 0: a torsion of this type counts "
                      "its 1-4 pair");
  return value;
}

/// The scaled pairs of the torsions that count theirs; takes them out of `excluded`.
void add_14_pairs(const PrmtopSections& sections, const PrmtopPointers& pointers,
                  const LennardJonesTable& table, std::set<Pair>& excluded,
                  engine::Nonbonded& nonbonded) {
  const std::size_t n_types = pointers[kDihedralTypes];
  const auto scee = read_scales(sections, "SCEE_SCALE_FACTOR", n_types, kDefaultCoulombScale);
  const auto scnb = read_scales(sections, "SCNB_SCALE_FACTOR", n_types, kDefaultLennardJonesScale);
  for (const PrmtopTerm& d : read_dihedrals(sections, pointers)) {
    if (d.skip_14) continue;
    const std::size_t i = d.atoms[0], j = d.atoms[3];
    if (excluded.erase(std::minmax(i, j)) == 0)
      sections.fail(d.section, d.field,
                    "the 1-4 pair of atoms " + std::to_string(i + 1) + " and " +
                        std::to_string(j + 1) +
                        " is counted a second time, or is not in EXCLUDED_ATOMS_LIST");
    const Well &p = table.well_of_atom(i), &q = table.well_of_atom(j);
    engine::NonbondedException e;
    e.i = i;
    e.j = j;
    e.charge_product = nonbonded.particles[i].charge * nonbonded.particles[j].charge /
                       used_scale(sections, "SCEE_SCALE_FACTOR", d.type, scee[d.type]);
    e.sigma_nm = 0.5 * (p.distance + q.distance) * engine::kNmPerAngstrom * kSigmaPerMinimum;
    e.epsilon = std::sqrt(p.depth * q.depth) * engine::kKJPerKcal /
                used_scale(sections, "SCNB_SCALE_FACTOR", d.type, scnb[d.type]);
    nonbonded.exceptions.push_back(e);
  }
}

}  // namespace

engine::Nonbonded read_nonbonded(const PrmtopSections& sections, const PrmtopPointers& pointers) {
  const std::vector<double> charges = sections.reals("CHARGE", pointers[kAtoms]);
  const LennardJonesTable table(sections, pointers);
  engine::Nonbonded nonbonded;
  for (std::size_t atom = 0; atom < charges.size(); ++atom) {
    const Well& well = table.well_of_atom(atom);
    nonbonded.particles.push_back({charges[atom] / engine::kAmberChargeUnit,
                                   well.distance * engine::kNmPerAngstrom * kSigmaPerMinimum,
                                   well.depth * engine::kKJPerKcal});
  }
  std::set<Pair> excluded = read_excluded(sections, pointers);
  add_14_pairs(sections, pointers, table, excluded, nonbonded);
  for (const auto& [i, j] : excluded) {
    engine::NonbondedException e;
    e.i = i;
    e.j = j;
    nonbonded.exceptions.push_back(e);
  }
  std::sort(nonbonded.exceptions.begin(), nonbonded.exceptions.end(),
            [](const engine::NonbondedException& x, const engine::NonbondedException& y) {
              return std::minmax(x.i, x.j) < std::minmax(y.i, y.j);
            });
  return nonbonded;
}

}  // namespace saltus::forcefields::detail
