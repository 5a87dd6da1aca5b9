#pragma once

#include <array>
#include <string>
#include <vector>

namespace saltus::io {

/// A molecule to be looked at.
struct MoleculePicture {
  struct Conformer {
    std::vector<double> xyz;  ///< [N, 3], angstrom
    std::string label;        ///< what is said below it
  };
  std::string name, smiles;
  std::vector<std::string> elements;      ///< [N]
  std::vector<std::array<int, 3>> bonds;  ///< atoms from 0, order
  std::vector<Conformer> conformers;
  /// An <svg> element that draws it flat, by our own program; empty: none. Goes into the page as it
  /// is.
  std::string drawing = "";
};

/// Balls and sticks that turn with the mouse, one conformer at a time or all of them superposed;
/// "" for no molecules. HTML with its own script, which loads nothing.
std::string molecule_view_html(const std::vector<MoleculePicture>& molecules);

}  // namespace saltus::io
