#include "tests/bench/bench_systems.h"

#include <algorithm>

#include "engine/core/error.h"
#include "engine/core/random.h"
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

CoordinateBatch displaced(engine::Span<const double> start) {
  CoordinateBatch result(kConfigurations, start.size() / 3);
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
  made.configurations = displaced(start);
  return std::make_shared<const BenchSystem>(std::move(made));
}

std::shared_ptr<const BenchSystem> drug() {
  BenchSystem made;
  made.key = kDrug;
  made.title = "atenolol, 41 atoms, MMFF94";
  made.chem = forcefields::read_sdf(molecule_path("atenolol.sdf")).front();
  made.system = forcefields::mmff_system(*made.chem);
  made.configurations = displaced(made.chem->positions_nm);
  return std::make_shared<const BenchSystem>(std::move(made));
}

}  // namespace

std::vector<std::shared_ptr<const BenchSystem>> load_bench_systems() {
  const std::string small = "ACE-ALA-NME, 22 atoms", large = "chignolin, 138 atoms";
  return {peptide("alanine", small, "alanine_dipeptide.pdb", false),
          peptide("alanine", small, "alanine_dipeptide.pdb", true), drug(),
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
  CoordinateBatch result(n_chains, configurations.n_atoms());
  for (std::size_t c = 0; c < n_chains; ++c) {
    const auto source = configurations.chain(c % configurations.n_chains());
    std::copy(source.begin(), source.end(), result.chain(c).begin());
  }
  return result;
}

}  // namespace saltus::tests
