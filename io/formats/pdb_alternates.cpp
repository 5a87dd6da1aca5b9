#include "io/formats/pdb_alternates.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "engine/core/error.h"

namespace saltus::io {

namespace {

constexpr char kNoLocation = ' ';

using Letters = std::set<char>;

bool is_heavy(const PdbAtomRecord& atom) {
  constexpr int kHydrogen = 1;
  return element_of_record(atom, false) != kHydrogen;
}

std::set<std::string> sites_of(const PdbResidue& residue, char location) {
  std::set<std::string> sites;
  for (const PdbAtomRecord& atom : residue.atoms)
    if (atom.alternate_location == location) sites.insert(site_name(atom));
  return sites;
}

/// Locations of a residue. Atoms without a letter are a location too where one with a letter stands
/// in the same place.
Letters letters_of(const PdbResidue& residue) {
  Letters letters;
  std::set<std::string> with_letter;
  for (const PdbAtomRecord& atom : residue.atoms) {
    if (atom.alternate_location == kNoLocation) continue;
    letters.insert(atom.alternate_location);
    with_letter.insert(site_name(atom));
  }
  for (const std::string& site : sites_of(residue, kNoLocation))
    if (with_letter.count(site) > 0) letters.insert(kNoLocation);
  return letters;
}

/// Atoms of a location: for the one without letter, those that have an alternative.
std::vector<const PdbAtomRecord*> atoms_of(const PdbResidue& residue, char location) {
  std::set<std::string> with_letter;
  for (const PdbAtomRecord& atom : residue.atoms)
    if (atom.alternate_location != kNoLocation) with_letter.insert(site_name(atom));
  std::vector<const PdbAtomRecord*> atoms;
  for (const PdbAtomRecord& atom : residue.atoms)
    if (atom.alternate_location == location &&
        (location != kNoLocation || with_letter.count(site_name(atom)) > 0))
      atoms.push_back(&atom);
  return atoms;
}

/// What a location is judged by; the smallest is the best.
class Score {
 public:
  void add(const PdbResidue& residue, char location) {
    const auto atoms = atoms_of(residue, location);
    std::set<std::string> own, all;
    for (const PdbAtomRecord* atom : atoms) {
      occupancy_ += atom->occupancy;
      ++n_atoms_;
      if (is_heavy(*atom)) own.insert(site_name(*atom));
    }
    // Heavy atoms that another location of the same residue name has.
    for (const char other : letters_of(residue))
      for (const PdbAtomRecord* atom : atoms_of(residue, other))
        if (is_heavy(*atom) && !atoms.empty() && atom->residue_name == atoms.front()->residue_name)
          all.insert(site_name(*atom));
    n_missing_ += all.size() - own.size();
  }

  std::tuple<std::size_t, long, long> rank() const {
    // Files have two decimals; sums of them must not differ by rounding.
    constexpr double kResolution = 1e5;
    const double mean = n_atoms_ > 0 ? occupancy_ / static_cast<double>(n_atoms_) : 0.0;
    return {n_missing_, -std::lround(mean * kResolution), -static_cast<long>(n_atoms_)};
  }

 private:
  std::size_t n_missing_ = 0, n_atoms_ = 0;
  double occupancy_ = 0.0;
};

/// True when the bond between two neighbours in a chain has alternate locations at both ends.
bool are_linked(const PdbResidue& before, const PdbResidue& after) {
  if (before.chain_index != after.chain_index) return false;
  const auto has_alternate = [](const PdbResidue& residue, const char* protein,
                                const char* nucleic) {
    return std::any_of(residue.atoms.begin(), residue.atoms.end(), [&](const PdbAtomRecord& atom) {
      return atom.alternate_location != kNoLocation &&
             (atom.name == protein || atom.name == nucleic);
    });
  };
  return has_alternate(before, "C", "O3'") && has_alternate(after, "N", "P") &&
         letters_of(before) == letters_of(after);
}

/// The best location of residues first..last, which have the same ones.
char best_location(const PdbModel& model, std::size_t first, std::size_t last) {
  std::map<char, Score> scores;
  for (std::size_t n = first; n <= last; ++n)
    for (const char letter : letters_of(model[n])) scores[letter].add(model[n], letter);
  // Letters rise, and min_element takes the first of equals; no letter comes before all.
  return std::min_element(
             scores.begin(), scores.end(),
             [](const auto& a, const auto& b) { return a.second.rank() < b.second.rank(); })
      ->first;
}

/// Keeps the atoms of one location and those that have no other.
void keep_location(PdbResidue& residue, char location, PdbAlternates& result) {
  std::map<std::string, std::string> kept_serials;
  for (const PdbAtomRecord& atom : residue.atoms)
    if (atom.alternate_location == location) kept_serials.emplace(site_name(atom), atom.serial);
  std::vector<PdbAtomRecord> kept;
  for (PdbAtomRecord& atom : residue.atoms) {
    const auto same = kept_serials.find(site_name(atom));
    const bool is_common = atom.alternate_location == kNoLocation && same == kept_serials.end();
    if (is_common || atom.alternate_location == location)
      kept.push_back(std::move(atom));
    else if (same != kept_serials.end())
      result.replaced_by[atom.serial] = same->second;
    else
      result.left_out.insert(atom.serial);
  }
  residue.atoms = std::move(kept);
}

void check_one_name(const std::string& path, const PdbResidue& residue) {
  for (const PdbAtomRecord& atom : residue.atoms)
    if (atom.residue_name != residue.atoms.front().residue_name)
      throw engine::InputError(
          path + ":" + std::to_string(atom.line) + ": residue " +
          std::to_string(atom.residue_number) + atom.insertion_code + " is both " +
          residue.atoms.front().residue_name + " and " + atom.residue_name +
          ", which its alternate locations do not tell apart; expected a letter in column 17 for "
          "each atom of either");
}

}  // namespace

PdbAlternates choose_alternates(const std::string& path, PdbModel& model) {
  PdbAlternates result;
  for (std::size_t first = 0; first < model.size();) {
    const Letters letters = letters_of(model[first]);
    std::size_t last = first;
    if (letters.size() > 1)
      while (last + 1 < model.size() && are_linked(model[last], model[last + 1])) ++last;
    const char location = letters.empty() ? kNoLocation : best_location(model, first, last);
    for (; first <= last; ++first) {
      if (!letters.empty()) keep_location(model[first], location, result);
      check_one_name(path, model[first]);
      if (letters.size() > 1)
        result.chosen.push_back(
            (location == kNoLocation ? "the one without a letter" : std::string(1, location)) +
            " of " + model[first].describe());
    }
  }
  return result;
}

std::string describe_alternates(const std::string& path, const PdbAlternates& alternates) {
  constexpr std::size_t kMaxListed = 5;
  std::string list;
  for (std::size_t n = 0; n < std::min(kMaxListed, alternates.chosen.size()); ++n)
    list += (n == 0 ? "" : ", ") + alternates.chosen[n];
  if (alternates.chosen.size() > kMaxListed)
    list += " and " + std::to_string(alternates.chosen.size() - kMaxListed) + " more";
  return path + ": of alternate locations one for each residue is used, the most occupied: " + list;
}

}  // namespace saltus::io
