#include "forcefields/chem/stereo_space_detail.h"

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>

#include "engine/core/random.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/ring_ties_detail.h"

namespace saltus::forcefields::detail {

namespace {

constexpr std::size_t kMaxEquivalent = 4096;
constexpr std::size_t kMaxCounted = 20'000;  // signs looked at

/// Elements with those nitrogens that only their rings keep from inverting.
std::vector<StereoElement> with_bridgehead_nitrogens(const RDKit::ROMol& molecule) {
  std::vector<StereoElement> elements = stereo_elements(molecule);
  std::vector<StereoElement> all;
  const auto is_centre = [](const StereoElement& e) { return e.kind == StereoKind::kCentre; };
  const auto first_chain = std::find_if_not(elements.begin(), elements.end(), is_centre);
  for (const RDKit::Atom* atom : molecule.atoms()) {
    StereoElement centre = centre_at(*atom);
    if (!centre.ligands.empty()) all.push_back(std::move(centre));
  }
  const std::vector<StereoTie> ties = ring_ties(molecule, all);
  std::vector<StereoElement> kept;
  for (std::size_t e = 0; e < all.size(); ++e) {
    const bool tied = std::any_of(ties.begin(), ties.end(), [&](const StereoTie& tie) {
      return tie.first == e || tie.second == e;
    });
    if (all[e].counts || all[e].sign != 0 || tied) kept.push_back(all[e]);
  }
  kept.insert(kept.end(), first_chain, elements.end());
  return kept;
}

}  // namespace

StereoSpace::StereoSpace(const RDKit::ROMol& molecule)
    : elements_(with_bridgehead_nitrogens(molecule)) {
  if (elements_.empty()) return;
  tie(molecule);
  find_actions(molecule);
  // Those that lead to the same isomers are decided: the others could not tell.
  std::vector<std::size_t> open;
  for (std::size_t g = 0; g < groups_.size(); ++g)
    if (!groups_[g].given) choices_.push_back(g);
  for (const std::size_t g : std::vector<std::size_t>(choices_))
    if (group_matters(groups_[g])) open.push_back(g);
  choices_ = open;
}

void StereoSpace::tie(const RDKit::ROMol& molecule) {
  Ties ties(elements_.size());
  const auto add = [&](std::size_t a, std::size_t b, int product) {
    ties[a].emplace_back(b, product);
    ties[b].emplace_back(a, product);
  };
  for (const StereoTie& tie : ring_ties(molecule, elements_)) {
    add(tie.first, tie.second, tie.product);
    const StereoElement &a = elements_[tie.first], &b = elements_[tie.second];
    if (a.sign * b.sign == -tie.product && contradiction_.empty())
      contradiction_ = describe(a, molecule) + " and " + describe(b, molecule) + ", " + tie.reason +
                       ", cannot both be as specified: a bridge would have to pass through the "
                       "inside of a small ring, or small rings would be fused trans";
  }
  group_elements(ties);
}

void StereoSpace::group_elements(const Ties& ties) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  group_of_.assign(elements_.size(), kNone);
  std::vector<int> relative(elements_.size(), 1);
  for (std::size_t root = 0; root < elements_.size(); ++root) {
    if (group_of_[root] != kNone) continue;
    Group group;
    std::deque<std::size_t> queue = {root};
    group_of_[root] = groups_.size();
    for (; !queue.empty(); queue.pop_front()) {
      const std::size_t e = queue.front();
      group.members.push_back(e);
      group.relative.push_back(relative[e]);
      if (elements_[e].sign != 0 && !group.given) {
        group.given = true;
        group.sign = elements_[e].sign * relative[e];
      }
      for (const auto& [other, product] : ties[e]) {
        if (group_of_[other] != kNone) continue;
        group_of_[other] = groups_.size();
        relative[other] = relative[e] * product;
        queue.push_back(other);
      }
    }
    groups_.push_back(std::move(group));
  }
}

void StereoSpace::find_actions(const RDKit::ROMol& molecule) {
  using Place = std::tuple<StereoKind, unsigned, unsigned>;
  std::map<Place, std::size_t> places;
  for (std::size_t e = 0; e < elements_.size(); ++e)
    places[{elements_[e].kind, elements_[e].first, elements_[e].second}] = e;
  for (const auto& map : engine::symmetry_generators(stereo_graph(molecule))) {
    Action action;
    bool moves = false;
    for (std::size_t e = 0; e < elements_.size(); ++e) {
      const StereoElement& element = elements_[e];
      const auto ends = std::minmax(map[element.first], map[element.second]);
      const auto to = places.find({element.kind, ends.first, ends.second});
      if (to == places.end()) break;
      const StereoElement& image = elements_[to->second];
      std::vector<unsigned> ligands;
      for (const unsigned ligand : element.ligands) ligands.push_back(map[ligand]);
      int factor = 1;
      if (element.kind == StereoKind::kCentre) {
        factor = parity(ligands, image.ligands);
      } else {
        if (map[element.first] != image.first) std::swap(ligands[0], ligands[1]);
        for (std::size_t end = 0; end < 2; ++end)
          if (ligands[end] != image.ligands[end]) factor = -factor;
      }
      moves = moves || to->second != e || factor < 0;
      action.to.push_back(to->second);
      action.factor.push_back(factor);
    }
    if (moves && action.to.size() == elements_.size()) actions_.push_back(std::move(action));
  }
}

std::vector<std::size_t> StereoSpace::open_elements() const {
  std::vector<std::size_t> open;
  for (const std::size_t g : choices_)
    open.insert(open.end(), groups_[g].members.begin(), groups_[g].members.end());
  std::sort(open.begin(), open.end());
  return open;
}

StereoSpace::Signs StereoSpace::signs(const Choices& choices) const {
  Signs signs(elements_.size(), 1);
  std::vector<int> of_group(groups_.size(), 1);
  for (std::size_t g = 0; g < groups_.size(); ++g)
    if (groups_[g].given) of_group[g] = groups_[g].sign;
  for (std::size_t c = 0; c < choices_.size(); ++c) of_group[choices_[c]] = choices[c] ? -1 : 1;
  for (std::size_t g = 0; g < groups_.size(); ++g)
    for (std::size_t m = 0; m < groups_[g].members.size(); ++m)
      signs[groups_[g].members[m]] = of_group[g] * groups_[g].relative[m];
  // What is given stays, even where it contradicts.
  for (std::size_t e = 0; e < elements_.size(); ++e)
    if (elements_[e].sign != 0) signs[e] = elements_[e].sign;
  return signs;
}

StereoSpace::Signs StereoSpace::apply(const Action& action, const Signs& signs) const {
  Signs image(signs.size());
  for (std::size_t e = 0; e < signs.size(); ++e) image[action.to[e]] = action.factor[e] * signs[e];
  return image;
}

std::vector<StereoSpace::Signs> StereoSpace::equivalent(const Signs& signs,
                                                        std::size_t max_found) const {
  std::set<Signs> seen = {signs};
  std::vector<Signs> all = {signs};
  for (std::size_t next = 0; next < all.size(); ++next)
    for (const Action& action : actions_) {
      if (all.size() >= max_found) return all;
      Signs image = apply(action, all[next]);
      if (seen.insert(image).second) all.push_back(std::move(image));
    }
  return all;
}

StereoSpace::Signs StereoSpace::canonical(const Signs& signs) const {
  if (actions_.empty()) return signs;
  const std::vector<Signs> all = equivalent(signs, kMaxEquivalent);
  return *std::min_element(all.begin(), all.end());
}

std::vector<StereoSpace::Choices> StereoSpace::samples() const {
  constexpr std::size_t kMaxTries = 5, kSamples = 24;
  std::vector<Choices> samples;
  const std::size_t n = choices_.size();
  if (n <= kMaxTries) {
    for (std::size_t number = 0; number < (std::size_t{1} << n); ++number) {
      Choices choices(n);
      for (std::size_t c = 0; c < n; ++c) choices[c] = (number >> c) % 2 == 1;
      samples.push_back(std::move(choices));
    }
    return samples;
  }
  engine::RandomStream random({1, 0}, engine::StreamName::kStereoChoice, 1);
  for (std::size_t s = 0; s < kSamples; ++s) {
    Choices choices(n);
    for (std::size_t c = 0; c < n; ++c) choices[c] = random.below(2) == 1;
    samples.push_back(std::move(choices));
  }
  return samples;
}

bool StereoSpace::group_matters(const Group& group) const {
  if (actions_.empty()) return true;
  for (const Choices& choices : samples()) {
    const Signs before = signs(choices);
    Signs after = before;
    for (const std::size_t e : group.members) after[e] = -after[e];
    if (canonical(before) != canonical(after)) return true;
  }
  return false;
}

bool StereoSpace::matters(std::size_t element) const {
  return group_matters(groups_[group_of_[element]]);
}

StereoSpace::Count StereoSpace::count() const {
  constexpr std::size_t kCountable = 60;
  const std::size_t n = choices_.size();
  if (actions_.empty() && n <= kCountable) return {std::uint64_t{1} << n, true};
  std::set<Signs> seen;
  Count count{0, n < kCountable};
  const std::uint64_t n_all = std::uint64_t{1} << std::min(n, kCountable);
  for (std::uint64_t number = 0; number < n_all; ++number) {
    if (seen.size() > kMaxCounted) return {count.n, false};
    Choices choices(n);
    for (std::size_t c = 0; c < std::min(n, kCountable); ++c) choices[c] = (number >> c) % 2 == 1;
    const Signs these = signs(choices);
    if (seen.count(these) > 0) continue;
    ++count.n;
    for (Signs& other : equivalent(these, kMaxEquivalent)) seen.insert(std::move(other));
  }
  return count;
}

}  // namespace saltus::forcefields::detail
