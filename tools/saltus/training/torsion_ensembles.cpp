#include "tools/saltus/training/torsion_ensembles.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include "engine/conformers/ensemble_sampler.h"
#include "engine/conformers/relaxation.h"
#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "engine/core/text.h"
#include "engine/lanes/native_energy.h"
#include "engine/torsions/torsion_geometry.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_keys.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/stereoisomers.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "forcefields/mmff/mmff_system.h"
#include "io/deck/sha256.h"
#include "io/files/text_input.h"
#include "io/formats/molecule_lines.h"
#include "tools/conformers/molecule_seed.h"
#include "tools/saltus/common/ordered_work.h"

namespace saltus::tools {

namespace {

namespace fs = std::filesystem;
using forcefields::ChemMolecule;

constexpr std::size_t kRecordsPerFile = 200;
constexpr std::size_t kDigestLength = 16;

struct ListedMolecule {
  std::uint64_t record = 0;
  std::string smiles, where;
};

std::vector<ListedMolecule> read_list(const fs::path& path) {
  std::vector<ListedMolecule> molecules;
  io::TextInput input(path.string());
  io::MoleculeListOptions options;
  if (path.extension() == ".csv") options.format = io::MoleculeListFormat::kCsv;
  if (path.extension() == ".tsv") options.format = io::MoleculeListFormat::kTsv;
  io::MoleculeListReader reader(input.stream(), path.string(), options);
  while (const auto line = reader.next())
    molecules.push_back({0, line->problem.empty() ? line->smiles : "",
                         path.filename().string() + ":" + std::to_string(line->line)});
  return molecules;
}

/// Appends one of each list in turn, so that any first part is a mixture.
void add_in_turn(const std::vector<fs::path>& files, std::vector<ListedMolecule>& molecules) {
  std::vector<std::vector<ListedMolecule>> lists;
  for (const fs::path& path : files) lists.push_back(read_list(path));
  std::size_t longest = 0;
  for (const auto& list : lists) longest = std::max(longest, list.size());
  for (std::size_t row = 0; row < longest; ++row)
    for (const auto& list : lists)
      if (row < list.size()) molecules.push_back(list[row]);
}

std::vector<ListedMolecule> read_lists(const TorsionMoleculesDeck& deck) {
  std::vector<ListedMolecule> molecules;
  add_in_turn(deck.files, molecules);
  if (deck.max_molecules > 0 && molecules.size() > deck.max_molecules)
    molecules.resize(deck.max_molecules);
  add_in_turn(deck.more_files, molecules);
  for (std::size_t i = 0; i < molecules.size(); ++i) molecules[i].record = i + 1;
  return molecules;
}

/// Everything that ensembles of some molecules depend on, but for the time limit.
std::string identity_of(engine::Span<const ListedMolecule> molecules, const TorsionDeck& deck) {
  const TorsionMoleculesDeck& m = deck.molecules;
  const engine::EnsembleOptions& e = deck.ensembles.sampling;
  std::string text = std::to_string(deck.seed);
  text += "|" + std::to_string(m.max_atoms) + "|" + std::to_string(m.max_torsions);
  text += "|" + std::to_string(e.temperature_K) + "|" + std::to_string(e.hottest_K);
  for (const std::size_t n :
       {e.n_levels, e.n_ladders, e.n_warm_up, e.n_sweeps, e.every, deck.ensembles.n_seeds})
    text += "|" + std::to_string(n);
  for (const ListedMolecule& molecule : molecules) text += "\n" + molecule.smiles;
  return io::sha256_hex(text);
}

/// One stereoisomer of the largest part, read back from its own SMILES string, so that the string
/// alone gives the same atoms again.
ChemMolecule fixed_isomer(const ListedMolecule& listed, const TorsionDeck& deck) {
  ChemMolecule molecule =
      forcefields::parse_listed_smiles(listed.smiles, listed.where, deck.molecules.max_atoms);
  const auto parts = forcefields::fragments_of(molecule);
  molecule = parts[forcefields::largest_of(parts)];
  forcefields::StereoisomerOptions options;
  options.max_isomers = 1;
  options.random_order = true;
  options.seed = molecule_seed(deck.seed, listed.record, listed.smiles);
  molecule = forcefields::stereoisomers(molecule, options).at(0);
  return forcefields::parse_listed_smiles(forcefields::canonical_smiles(molecule), listed.where,
                                          deck.molecules.max_atoms);
}

io::TorsionEnsemble torsions_of(const engine::TorsionGraph& graph,
                                const engine::MoleculeEnsemble& ensemble) {
  io::TorsionEnsemble result;
  result.n_torsions = graph.torsions.size();
  result.n_inversions = graph.inversions.size();
  std::vector<double> angles(result.n_torsions);
  std::vector<int> signs(result.n_inversions);
  for (std::size_t f = 0; f < ensemble.positions.n_chains(); ++f) {
    engine::torsion_angles(graph, ensemble.positions.chain(f), angles);
    engine::inversion_signs(graph, ensemble.positions.chain(f), signs);
    for (const double angle : angles) result.torsions.push_back(static_cast<float>(angle));
    for (const int sign : signs) result.inversions.push_back(static_cast<std::int8_t>(sign));
  }
  for (const auto& acceptance : ensemble.facts.acceptances)
    if (acceptance.name == "torsion_reset_1" && acceptance.n_tried > 0)
      result.single_acceptance = acceptance.share();
  return result;
}

std::optional<io::TorsionEnsemble> sample(const ChemMolecule& isomer, const TorsionDeck& deck,
                                          std::uint64_t record) {
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                       std::chrono::duration<double>(deck.ensembles.max_seconds));
  const ChemMolecule molecule = forcefields::with_hydrogens(isomer);
  if (molecule.n_atoms() > deck.molecules.max_atoms || molecule.n_atoms() < 4) return {};
  const auto graph =
      std::make_shared<engine::TorsionGraph>(forcefields::torsion_graph_of(molecule));
  if (graph->torsions.empty() || graph->torsions.size() > deck.molecules.max_torsions) return {};
  const engine::System system = forcefields::mmff_system(molecule);
  const auto configuration = forcefields::configuration_of(molecule);

  forcefields::EmbeddingOptions embedding;
  embedding.n_conformers = deck.ensembles.n_seeds;
  embedding.seed = molecule_seed(deck.seed, record, forcefields::canonical_smiles(isomer));
  embedding.deadline = end;
  engine::CoordinateBatch seeds = forcefields::embed(molecule, configuration, embedding).positions;
  if (seeds.n_chains() == 0) return {};
  engine::relax_conformers(engine::NativeEnergy(system, nullptr), seeds, {});
  engine::EnsembleOptions options = deck.ensembles.sampling;
  options.seed = embedding.seed;
  options.deadline = end;
  options.n_ring_moves = 0;  // each ring as it was built: the seeds differ in their rings
  const auto ensemble =
      engine::sample_ensemble(system, graph, nullptr, seeds, configuration, options);
  if (ensemble.timed_out || ensemble.energies.empty()) return {};
  return torsions_of(*graph, ensemble);
}

using Sampled = std::optional<io::TorsionEnsemble>;

Sampled work_on(const ListedMolecule& listed, const TorsionDeck& deck,
                const std::set<std::string>& excluded) {
  try {
    const ChemMolecule isomer = fixed_isomer(listed, deck);
    const std::string graph = forcefields::canonical_smiles_without_stereo(isomer);
    if (excluded.count(molecule_digest(graph)) > 0) return std::nullopt;
    Sampled sampled = sample(isomer, deck, listed.record);
    if (!sampled) return std::nullopt;
    sampled->record = listed.record;
    sampled->smiles = forcefields::canonical_smiles(isomer);
    sampled->split_key = forcefields::fingerprint_crc32(isomer);
    return sampled;
  } catch (const engine::Error&) {
    // Lists of thousands have molecules without parameters or that cannot be built; the number of
    // ensembles tells how many.
    return std::nullopt;
  }
}

fs::path file_of(const fs::path& folder, std::size_t first_record) {
  return folder / ("torsions_" + engine::zero_padded(first_record, 6) + ".h5");
}

/// Molecules whose ensembles are one file.
struct Shard {
  engine::Span<const ListedMolecule> molecules;
  std::string identity;
  fs::path file;
  bool is_there = false;
};

/// @throws InputError  when its file is there, but was made for something else
Shard shard_of(engine::Span<const ListedMolecule> molecules, const TorsionDeck& deck) {
  Shard shard{molecules, identity_of(molecules, deck), {}, false};
  shard.file = file_of(deck.ensembles.folder, molecules[0].record);
  shard.is_there = fs::exists(shard.file);
  if (shard.is_there && io::torsion_ensembles_attribute(shard.file, "made_for") != shard.identity)
    throw engine::InputError(
        "'" + shard.file.string() +
        "' was made by a deck with other molecules or settings; move it away, or "
        "choose another ensembles.folder");
  return shard;
}

/// @param tell  called after each molecule with the number of ensembles there are
/// @returns     the number of ensembles
std::size_t make_shard(const Shard& shard, const TorsionDeck& deck,
                       const std::set<std::string>& excluded,
                       const std::function<void(std::size_t)>& tell) {
  std::vector<io::TorsionEnsemble> ensembles;
  std::size_t next = 0;
  OrderedWork<ListedMolecule, Sampled> work;
  work.take = [&]() -> std::optional<ListedMolecule> {
    if (next == shard.molecules.size()) return std::nullopt;
    return shard.molecules[next++];
  };
  work.work = [&](const ListedMolecule& listed) { return work_on(listed, deck, excluded); };
  work.hand_on = [&](const ListedMolecule&, const Sampled& sampled) {
    if (sampled) ensembles.push_back(*sampled);
    tell(ensembles.size());
  };
  work.run(deck.threads > 0 ? deck.threads : std::max(1u, std::thread::hardware_concurrency()));
  io::write_torsion_ensembles(shard.file, ensembles, {{"made_for", shard.identity}});
  return ensembles.size();
}

}  // namespace

std::string molecule_digest(const std::string& canonical_smiles_without_stereo) {
  return io::sha256_hex(canonical_smiles_without_stereo).substr(0, kDigestLength);
}

std::set<std::string> excluded_molecules(const TorsionMoleculesDeck& deck) {
  std::set<std::string> digests;
  for (const fs::path& path : deck.excluded) {
    engine::refuse_special_file(path);
    std::ifstream file(path);
    if (!file) throw engine::FileError("cannot read '" + path.string() + "'");
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
      if (line.empty() || line[0] == '#') continue;
      if (line.size() != kDigestLength ||
          line.find_first_not_of("0123456789abcdef") != std::string::npos)
        throw engine::InputError(path.string() + ":" + std::to_string(number) + ": expected " +
                                 std::to_string(kDigestLength) +
                                 " hexadecimal digits of a molecule, got '" + line + "'");
      digests.insert(line);
    }
  }
  return digests;
}

bool is_held_out(std::uint32_t split_key) { return split_key % 10 < 2; }

std::vector<fs::path> make_torsion_ensembles(const TorsionDeck& deck, Progress& progress) {
  const auto molecules = read_lists(deck.molecules);
  const auto excluded = excluded_molecules(deck.molecules);
  fs::create_directories(deck.ensembles.folder);
  std::vector<Shard> shards;
  std::size_t n_missing = 0;
  for (std::size_t first = 0; first < molecules.size(); first += kRecordsPerFile) {
    const std::size_t n = std::min(molecules.size() - first, kRecordsPerFile);
    shards.push_back(shard_of({&molecules[first], n}, deck));
    if (!shards.back().is_there) n_missing += n;
  }
  std::vector<fs::path> files;
  std::size_t n_done = 0, n_ensembles = 0;
  progress.start("ensembles");
  for (const Shard& shard : shards) {
    files.push_back(shard.file);
    if (shard.is_there) continue;
    n_ensembles += make_shard(shard, deck, excluded, [&](std::size_t n_made) {
      ++n_done;
      progress.update(static_cast<double>(n_done) / static_cast<double>(n_missing),
                      std::to_string(n_ensembles + n_made) + " new ensembles of " +
                          std::to_string(n_done) + " molecules");
    });
  }
  progress.finish(std::to_string(n_ensembles) + " new ensembles of " + std::to_string(n_done) +
                  " molecules, " + std::to_string(molecules.size() - n_done) +
                  " molecules were done before");
  return files;
}

}  // namespace saltus::tools
