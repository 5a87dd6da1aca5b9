#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/system/virtual_sites.h"

namespace saltus::engine {

/// Sites of virtual_sites.h, by kind, in the precision of a block.
template <class T>
struct SiteTable {
  /// A parent and its weights: of a sum, or of origin, X and Y.
  struct Parent {
    std::uint32_t atom;
    T weight, x_weight, y_weight;
  };
  struct Site {
    std::uint32_t site;
    VirtualSite::Kind kind;
    std::uint32_t first, last;  // parents
    T local_position[3];
  };
  SiteTable() = default;
  explicit SiteTable(const std::vector<VirtualSite>& virtual_sites);

  std::vector<Site> sites;
  std::vector<Parent> parents;
};

/// place_virtual_sites and spread_site_forces for whole blocks. Each lane's result is the same bits
/// whatever the other lanes hold.
class VirtualSiteLanes {
 public:
  explicit VirtualSiteLanes(const std::vector<VirtualSite>& sites)
      : exact_(sites), single_(sites) {}

  bool empty() const { return exact_.sites.empty(); }
  /// @param x  [N][3][lane], nm, in and out
  void place(double* x) const;
  /// @param x       [N][3][lane], nm, with the sites in their places
  /// @param forces  [N][3][lane], kJ/mol/nm, in and out
  void spread(const double* x, double* forces) const;
  void spread(const float* x, float* forces) const;

 private:
  SiteTable<double> exact_;
  SiteTable<float> single_;
};

}  // namespace saltus::engine
