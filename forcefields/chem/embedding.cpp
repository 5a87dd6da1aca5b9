#include "forcefields/chem/embedding.h"

#include <GraphMol/DistGeomHelpers/Embedder.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/units.h"
#include "forcefields/chem/chain_geometry_detail.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/rdkit_version_detail.h"

namespace saltus::forcefields {

namespace {

namespace Embedder = RDKit::DGeomHelpers;
using Clock = std::chrono::steady_clock;

/// Thrown through RDKit by the only hook it has: a plain function it calls before each attempt.
struct TimeIsUp {};
thread_local Clock::time_point thread_deadline = Clock::time_point::max();
void stop_at_deadline(unsigned) {
  if (Clock::now() > thread_deadline) throw TimeIsUp{};
}

/// Ways to embed, the likeliest to succeed last.
struct Rung {
  bool small_ring_torsions;  // better rings, but some fused ones cannot satisfy them
  bool random_coordinates;
  unsigned n_attempts;
  bool knowledge = true;  // of torsions and flat groups; trans double bonds in rings lose by it
  bool quick = true;      // whether it is tried when other isomers will do
  bool turning = false;   // double bonds in rings are made right afterwards
};
constexpr Rung kLadder[] = {{true, false, 50},
                            {false, false, 50},
                            {false, true, 50},
                            {false, true, 100, false, true, true},
                            {false, true, 300, true, false},
                            {false, true, 50, true, false, true}};
constexpr Rung kUnconfigured = kLadder[2];
constexpr std::size_t kPlain = 3;  // distances alone
constexpr unsigned kQuickAttempts = 10;

Embedder::EmbedParameters parameters_of(const Rung& rung, int seed) {
  Embedder::EmbedParameters parameters = Embedder::ETKDGv3;
  parameters.useSmallRingTorsions = rung.small_ring_torsions;
  parameters.useRandomCoords = rung.random_coordinates;
  parameters.maxIterations = rung.n_attempts;
  parameters.useExpTorsionAnglePrefs = rung.knowledge;
  parameters.useBasicKnowledge = rung.knowledge;
  parameters.useMacrocycleTorsions = rung.knowledge;
  parameters.useMacrocycle14config = rung.knowledge;
  parameters.ignoreSmoothingFailures = !rung.knowledge;
  parameters.randomSeed = seed;
  parameters.numThreads = 1;
  parameters.callback = stop_at_deadline;
  return parameters;
}

/// RDKit multiplies its seed by the number of the conformer; 0 would make them all equal.
int embedding_seed(std::uint64_t seed, std::uint32_t call) {
  constexpr std::uint64_t kSeeds = 1u << 26;
  engine::RandomStream random({seed, 0}, engine::StreamName::kEmbedding, call + 1);
  return 1 + static_cast<int>(random.below(kSeeds - 1));
}

/// As many as are embedded together: few enough that little is lost at the deadline.
std::size_t conformers_at_once(std::size_t n_atoms) {
  constexpr std::size_t kLarge = 60;
  return n_atoms > kLarge ? 4 : 16;
}

class Builder {
 public:
  Builder(const ChemMolecule& molecule, const engine::Configuration& configuration,
          const EmbeddingOptions& options)
      : graph_(molecule.graph->molecule()), configuration_(configuration), options_(options) {
    thread_deadline = options.deadline;
    detail::free_nitrogens(graph_);
    for (std::size_t k = 0; k < options.held.atoms.size(); ++k) {
      const double* x = options.held.positions.data() + 3 * k;
      places_.emplace(static_cast<int>(options.held.atoms[k]),
                      RDGeom::Point3D(x[0] * engine::kAngstromPerNm, x[1] * engine::kAngstromPerNm,
                                      x[2] * engine::kAngstromPerNm));
    }
  }
  ~Builder() { thread_deadline = Clock::time_point::max(); }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  Embedding run() {
    Embedding result;
    try {
      const std::size_t rung = first_rung(result);
      if (rung == std::size(kLadder)) {
        result.configuration_is_to_blame = options_.held.empty() && embeds_in_any_configuration();
      } else if (!options_.held.empty()) {
        fill_despite_misfits(rung, result);
      } else {
        while (n_tried_ < options_.n_conformers) add_some(rung, result);
        // Where knowledge of torsions makes most double bonds wrong, without it.
        const std::size_t n_good = rows_.size() / (3 * graph_.getNumAtoms());
        if (result.n_wrong_configuration > n_good && rung < kPlain) {
          n_tried_ = n_good;
          while (n_tried_ < options_.n_conformers) add_some(kPlain, result);
        }
      }
    } catch (const TimeIsUp&) {
      result.timed_out = true;
    }
    const std::size_t n_atoms = graph_.getNumAtoms();
    result.positions = engine::CoordinateBatch(rows_.size() / (3 * n_atoms), n_atoms);
    result.positions.values() = rows_;
    return result;
  }

 private:
  Rung first_try(Rung rung) const {
    if (!options_.thorough) rung.n_attempts = kQuickAttempts;
    return rung;
  }

  /// One first: it tells which rung of the ladder is needed.
  std::size_t first_rung(Embedding& result) {
    // Where something is built, but it is wrong; of double bonds in rings it would be again.
    constexpr int kTriesOfHeld = 8;
    const int n_tries = !options_.held.empty()                          ? kTriesOfHeld
                        : options_.thorough && !has_ring_double_bonds() ? 3
                                                                        : 1;
    for (std::size_t r = 0; r < std::size(kLadder); ++r) {
      const Rung& rung = kLadder[r];
      if (!options_.thorough && !rung.quick) continue;
      if (rung.turning && rung.knowledge && !has_ring_double_bonds()) continue;
      for (int t = 0; t < (rung.turning && options_.thorough ? 3 : n_tries); ++t) {
        const auto n_refused = [&] { return result.n_wrong_configuration + result.n_misfits; };
        const std::size_t n_before = n_refused();
        if (add(first_try(rung), 1, result) > 0) return r;
        if (n_refused() == n_before) break;
      }
    }
    return std::size(kLadder);
  }

  void add_some(std::size_t rung, Embedding& result) {
    add(kLadder[rung],
        std::min(conformers_at_once(graph_.getNumAtoms()), options_.n_conformers - n_tried_),
        result);
  }

  /// Distances do not tell a shape from its mirror image, so that many may not fit.
  void fill_despite_misfits(std::size_t rung, Embedding& result) {
    constexpr std::size_t kTriesForEach = 8, kMinTogether = 2;
    const std::size_t n_wanted = options_.n_conformers, n_tries = kTriesForEach * n_wanted;
    for (std::size_t n_done = 0; n_done < n_tries && n_built() < n_wanted;) {
      const std::size_t n = std::min(conformers_at_once(graph_.getNumAtoms()),
                                     std::max(kMinTogether, n_wanted - n_built()));
      add(kLadder[rung], n, result);
      n_done += n;
    }
    rows_.resize(3 * graph_.getNumAtoms() * std::min(n_built(), n_wanted));
  }
  std::size_t n_built() const { return rows_.size() / (3 * graph_.getNumAtoms()); }

  bool has_ring_double_bonds() const {
    return std::any_of(configuration_.double_bonds.begin(), configuration_.double_bonds.end(),
                       [&](const engine::ConfiguredDoubleBond& bond) {
                         const RDKit::Bond* b = graph_.getBondBetweenAtoms(
                             static_cast<unsigned>(bond.first), static_cast<unsigned>(bond.second));
                         return b != nullptr && graph_.getRingInfo()->numBondRings(b->getIdx()) > 0;
                       });
  }

  /// How many it added.
  std::size_t add(const Rung& rung, std::size_t n, Embedding& result) {
    std::optional<detail::OpenRingBonds> open;
    if (rung.turning) open.emplace(graph_);
    const std::vector<int> ids = detail::embed_conformers(
        graph_, static_cast<unsigned>(n),
        held_too(parameters_of(rung, embedding_seed(options_.seed, call_++))));
    open.reset();
    if (rung.turning) detail::turn_double_bonds(graph_, configuration_);
    std::size_t n_added = 0;
    for (const int id : ids) {
      std::vector<double> row;
      for (const auto& point : graph_.getConformer(id).getPositions())
        for (const double x : {point.x, point.y, point.z})
          row.push_back(x * engine::kNmPerAngstrom);
      detail::straighten_chains(graph_, row);
      if (!options_.held.empty() && !put_held_in_place(row)) {
        ++result.n_misfits;
        continue;
      }
      detail::invert_nitrogens(graph_, configuration_, row);
      if (!engine::has_configuration(configuration_, row)) {
        ++result.n_wrong_configuration;
        continue;
      }
      rows_.insert(rows_.end(), row.begin(), row.end());
      ++n_added;
    }
    if (n_added > 0 || n > 1) n_tried_ += n;
    return n_added;
  }

  /// RDKit takes the distances between held atoms for exact, which need not suit the rest.
  Embedder::EmbedParameters held_too(Embedder::EmbedParameters parameters) const {
    if (places_.empty()) return parameters;
    parameters.coordMap = &places_;
    parameters.ignoreSmoothingFailures = true;
    return parameters;
  }

  bool put_held_in_place(std::vector<double>& row) const {
    constexpr double kMaxMisfit_nm = 0.05;
    return engine::put_in_place(options_.held, row) <= kMaxMisfit_nm;
  }

  bool embeds_in_any_configuration() const {
    if (configuration_.centres.empty() && configuration_.double_bonds.empty() &&
        configuration_.axes.empty())
      return false;
    RDKit::RWMol open(graph_);
    for (RDKit::Atom* atom : open.atoms()) atom->setChiralTag(RDKit::Atom::CHI_UNSPECIFIED);
    for (RDKit::Bond* bond : open.bonds()) {
      bond->setStereo(RDKit::Bond::STEREONONE);
      bond->getStereoAtoms().clear();
      bond->setBondDir(RDKit::Bond::NONE);
    }
    return !detail::embed_conformers(
                open, 1, parameters_of(kUnconfigured, embedding_seed(options_.seed, call_)))
                .empty();
  }

  RDKit::RWMol graph_;
  const engine::Configuration& configuration_;
  const EmbeddingOptions& options_;
  std::map<int, RDGeom::Point3D> places_;  ///< of held atoms, angstrom
  std::vector<double> rows_;
  std::size_t n_tried_ = 0;
  std::uint32_t call_ = 0;
};

}  // namespace

Embedding embed(const ChemMolecule& molecule, const engine::Configuration& configuration,
                const EmbeddingOptions& options) {
  if (molecule.n_atoms() == 1) {
    Embedding atom;
    atom.positions = engine::CoordinateBatch(1, 1);
    return atom;
  }
  return detail::translate_errors(molecule.source,
                                  [&] { return Builder(molecule, configuration, options).run(); });
}

}  // namespace saltus::forcefields
