#pragma once

#include <string>

#include "io/report/gnuplot.h"

namespace saltus::io {

/// Draws the figures of a page and keeps their names apart.
class Figures {
 public:
  /// @param options  outlives this object
  explicit Figures(const GnuplotOptions& options) : options_(options) {}

  /// "" for an empty script.
  /// @param caption  HTML
  /// @throws FileError  as run_gnuplot
  std::string html(const std::string& script, const std::string& name, const std::string& caption);

 private:
  const GnuplotOptions& options_;
  int n_drawn_ = 0;
};

}  // namespace saltus::io
