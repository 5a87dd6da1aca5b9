#include "tests/bench/bench_systems.h"

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/ffxml/create_system.h"
#include "forcefields/ffxml/standard_bonds.h"
#include "forcefields/mmff/mmff_system.h"
#include "io/formats/pdb.h"
#include "saltus_test_paths.h"

namespace saltus::tests {

using engine::CoordinateBatch;

namespace {

constexpr double kDisplacementNm = 0.002;
constexpr const char* kForceField = "amber14/protein.ff14SB.xml";

std::string molecule_path(const std::string& file) {
  return std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/" + file;
}

CoordinateBatch displaced(engine::Span<const double> start, const engine::System& system) {
  CoordinateBatch result(kConfigurations, start.size() / 3);
  result.set_boxes(engine::start_boxes(system, kConfigurations));
  for (std::size_t c = 0; c < kConfigurations; ++c) {
    engine::RandomStream random({}, engine::StreamName::kTest, static_cast<std::uint32_t>(c));
    const engine::Span<double> x = result.chain(c);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = start[i] + kDisplacementNm * random.normal();
  }
  return result;
}

std::shared_ptr<const BenchSystem> peptide(const std::string& name, const std::string& title,
                                           const std::string& file, bool solvated) {
  io::PdbStructure pdb = io::read_pdb(molecule_path(file));
  const auto start = pdb.positions.chain(0);
  forcefields::StandardBonds::read({}).add_to(pdb.topology, start);
  forcefields::SystemOptions options;
  if (solvated) options.molecule.implicit_solvent = engine::GeneralizedBornModel::kObc2;
  BenchSystem made;
  made.key = name + (solvated ? "_obc2" : "_vacuum");
  made.title = title + (solvated ? ", OBC2" : ", vacuum");
  made.system = forcefields::create_system(
      pdb.topology, forcefields::ForceFieldXml::read({kForceField}, {}), options);
  made.configurations = displaced(start, made.system);
  return std::make_shared<const BenchSystem>(std::move(made));
}

std::shared_ptr<const BenchSystem> drug() {
  BenchSystem made;
  made.key = kDrug;
  made.title = "atenolol, 41 atoms, MMFF94";
  made.chem = forcefields::read_sdf(molecule_path("atenolol.sdf")).front();
  made.system = forcefields::mmff_system(*made.chem);
  made.configurations = displaced(made.chem->positions_nm, made.system);
  return std::make_shared<const BenchSystem>(std::move(made));
}

constexpr std::size_t kSitesOfWater = 4;  // O, H, H and the charge M

/// Oxygens on a body-centred lattice of 2 x 2 x 2 cells, molecules turned in many ways.
std::vector<double> lattice_of_waters(const engine::Box& box) {
  constexpr double kBond = 0.09572, kHalfAngle = 0.5 * 104.52 * engine::kRadianPerDegree;
  std::vector<double> x;
  for (std::size_t n = 0; n < 16; ++n) {
    const double centre = n % 2 == 0 ? 0.0 : 0.5;
    const engine::Vec3 oxygen = {0.5 * box.ax * (static_cast<double>(n / 2 % 2) + centre),
                                 0.5 * box.by * (static_cast<double>(n / 4 % 2) + centre),
                                 0.5 * box.cz * (static_cast<double>(n / 8) + centre)};
    const double turn = 1.3 * static_cast<double>(n), tilt = 0.7 * static_cast<double>(n);
    const engine::Vec3 along = {std::cos(turn), std::sin(turn) * std::cos(tilt),
                                std::sin(turn) * std::sin(tilt)};
    const engine::Vec3 across = {-std::sin(turn), std::cos(turn) * std::cos(tilt),
                                 std::cos(turn) * std::sin(tilt)};
    const engine::Vec3 middle = kBond * std::cos(kHalfAngle) * along;
    const engine::Vec3 half = kBond * std::sin(kHalfAngle) * across;
    for (const engine::Vec3& r : {oxygen, oxygen + middle + half, oxygen + middle - half, oxygen})
      x.insert(x.end(), {r.x, r.y, r.z});
  }
  return x;
}

/// TIP4P-Ew: Horn et al., JCP 120, 9665 (2004), doi:10.1063/1.1683075; in the box and with the
/// cutoff that Koehler et al., ICML 2023, arXiv:2301.11355, use for 16 molecules of ice.
std::shared_ptr<const BenchSystem> waters() {
  BenchSystem made;
  made.key = "waters_pme";
  made.title = "16 waters, TIP4P-Ew, 64 atoms, PME";
  engine::System& system = made.system;
  system.box = engine::Box({0.89846, 0.77808, 0.73358});
  engine::Nonbonded& nonbonded = system.nonbonded.emplace();
  nonbonded.method = engine::NonbondedMethod::kPme;
  nonbonded.cutoff_nm = 0.36678;
  nonbonded.switching_distance_nm = 0.9 * nonbonded.cutoff_nm;
  nonbonded.long_range_correction = true;
  nonbonded.ewald.tolerance = 1e-4;
  const std::vector<double> start = lattice_of_waters(*system.box);
  for (std::size_t o = 0; o < start.size() / 3; o += kSitesOfWater) {
    system.masses.insert(system.masses.end(), {15.99943, 1.007947, 1.007947, 0.0});
    nonbonded.particles.insert(nonbonded.particles.end(), {{0.0, 0.316435, 0.680946},
                                                           {0.52422, 1.0, 0.0},
                                                           {0.52422, 1.0, 0.0},
                                                           {-1.04844, 1.0, 0.0}});
    for (std::size_t i = 0; i < kSitesOfWater; ++i)
      for (std::size_t j = i + 1; j < kSitesOfWater; ++j)
        nonbonded.exceptions.push_back({o + i, o + j, 0.0, 1.0, 0.0});
    engine::VirtualSite site;
    site.site = o + 3;
    site.parents = {o, o + 1, o + 2};
    site.weights = {0.786646558, 0.106676721, 0.106676721};
    system.virtual_sites.push_back(site);
  }
  made.configurations = displaced(start, system);
  made.grid_error_kj_per_mol = 0.2;  // seen: 0.03
  return std::make_shared<const BenchSystem>(std::move(made));
}

}  // namespace

std::vector<std::shared_ptr<const BenchSystem>> load_bench_systems() {
  const std::string small = "ACE-ALA-NME, 22 atoms", large = "chignolin, 138 atoms";
  return {peptide("alanine", small, "alanine_dipeptide.pdb", false),
          peptide("alanine", small, "alanine_dipeptide.pdb", true),
          drug(),
          waters(),
          peptide("chignolin", large, "chignolin.pdb", false),
          peptide("chignolin", large, "chignolin.pdb", true)};
}

std::shared_ptr<const BenchSystem> find_system(
    const std::vector<std::shared_ptr<const BenchSystem>>& systems, const std::string& key) {
  for (const auto& system : systems)
    if (system->key == key) return system;
  throw engine::InternalError("no benchmark system is called " + key);
}

CoordinateBatch repeated(const CoordinateBatch& configurations, std::size_t n_chains) {
  std::vector<std::size_t> which(n_chains);
  for (std::size_t c = 0; c < n_chains; ++c) which[c] = c % configurations.n_chains();
  return CoordinateBatch::rows(configurations.view(), which);
}

}  // namespace saltus::tests
