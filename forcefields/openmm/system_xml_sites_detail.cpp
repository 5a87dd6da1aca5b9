#include "forcefields/openmm/system_xml_sites_detail.h"

#include <array>
#include <string>
#include <vector>

namespace saltus::forcefields::detail {

namespace {

using engine::VirtualSite;

/// Reads the numbered attributes of one site: p1, p2 ...
class SiteReader {
 public:
  SiteReader(const XmlElement& element, std::size_t site, std::size_t n_atoms)
      : element_(element), n_atoms_(n_atoms) {
    result_.site = site;
  }

  VirtualSite average(std::size_t n_parents) {
    result_.kind = VirtualSite::Kind::kAverage;
    read_parents(n_parents);
    result_.weights = numbers("w", n_parents);
    return finished();
  }
  VirtualSite out_of_plane() {
    result_.kind = VirtualSite::Kind::kOutOfPlane;
    read_parents(3);
    for (const char* name : {"w12", "w13", "wc"}) result_.weights.push_back(number(name));
    return finished();
  }
  VirtualSite local_coordinates() {
    result_.kind = VirtualSite::Kind::kLocalCoordinates;
    std::size_t n_parents = 0;
    while (element_.has("p" + std::to_string(n_parents + 1))) ++n_parents;
    read_parents(n_parents);
    result_.weights = numbers("wo", n_parents);
    result_.x_weights = numbers("wx", n_parents);
    result_.y_weights = numbers("wy", n_parents);
    const std::vector<double> place = numbers("pos", result_.local_position_nm.size());
    for (std::size_t n = 0; n < place.size(); ++n) result_.local_position_nm[n] = place[n];
    return finished();
  }

 private:
  double number(const std::string& name) {
    known_.push_back(name);
    return element_.number(name);
  }
  std::vector<double> numbers(const std::string& stem, std::size_t n) {
    std::vector<double> result;
    for (std::size_t i = 1; i <= n; ++i) result.push_back(number(stem + std::to_string(i)));
    return result;
  }
  void read_parents(std::size_t n) {
    for (std::size_t i = 1; i <= n; ++i) {
      known_.push_back("p" + std::to_string(i));
      result_.parents.push_back(element_.index(known_.back(), n_atoms_));
    }
  }
  VirtualSite finished() {
    element_.allow_only(known_);
    element_.children_of({});
    return std::move(result_);
  }

  const XmlElement& element_;
  std::size_t n_atoms_;
  std::vector<std::string> known_;
  VirtualSite result_;
};

}  // namespace

VirtualSite read_virtual_site(const XmlElement& element, std::size_t site, std::size_t n_atoms) {
  SiteReader reader(element, site, n_atoms);
  const std::string tag = element.tag();
  if (tag == "TwoParticleAverageSite") return reader.average(2);
  if (tag == "ThreeParticleAverageSite") return reader.average(3);
  if (tag == "OutOfPlaneSite") return reader.out_of_plane();
  if (tag == "LocalCoordinatesSite") return reader.local_coordinates();
  element.fail(
      "no virtual site that is known; expected TwoParticleAverageSite, ThreeParticleAverageSite, "
      "OutOfPlaneSite or LocalCoordinatesSite");
}

engine::Box read_system_box(const XmlElement& box) {
  constexpr std::array<const char*, 3> kTags = {"A", "B", "C"}, kAxes = {"x", "y", "z"};
  box.allow_only({});
  const std::vector<XmlElement> vectors = box.children_of({"A", "B", "C"});
  if (vectors.size() != kTags.size())
    box.fail("has " + std::to_string(vectors.size()) + " vectors, expected <A>, <B> and <C>");
  std::array<double, 9> rows{};
  for (std::size_t n = 0; n < kTags.size(); ++n) {
    if (vectors[n].tag() != kTags[n])
      vectors[n].fail(std::string("expected <") + kTags[n] + "> in this place");
    vectors[n].allow_only({"x", "y", "z"});
    vectors[n].children_of({});
    for (std::size_t k = 0; k < kAxes.size(); ++k) rows[3 * n + k] = vectors[n].number(kAxes[k]);
  }
  for (const std::size_t above : {1, 2, 5})
    if (rows[above] != 0.0)
      box.fail("the vectors are not lower triangular; turn the system as OpenMM does");
  const engine::Box result = engine::Box::from_vectors({rows.data(), rows.size()});
  if (const std::string problem = result.problem(); !problem.empty()) box.fail(problem);
  return result;
}

}  // namespace saltus::forcefields::detail
