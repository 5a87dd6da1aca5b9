#include "forcefields/chem/depiction.h"

#include <GraphMol/Depictor/RDDepictor.h>
#include <GraphMol/MolDraw2D/MolDraw2DSVG.h>
#include <GraphMol/MolDraw2D/MolDraw2DUtils.h>
#include <GraphMol/MolOps.h>

#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

namespace {

/// What lies between the opening and closing tag, comments left out.
std::string content_of(const std::string& svg) {
  const std::size_t open = svg.find("<svg"), begin = svg.find('>', open), end = svg.rfind("</svg>");
  if (open == std::string::npos || begin == std::string::npos || end == std::string::npos)
    throw engine::InternalError("RDKit's depiction is not an SVG element");
  std::string content = svg.substr(begin + 1, end - begin - 1);
  for (std::size_t at = 0; (at = content.find("<!--", at)) != std::string::npos;) {
    const std::size_t close = content.find("-->", at);
    content.erase(at, close == std::string::npos ? close : close + 3 - at);
  }
  return content;
}

}  // namespace

std::string drawing_svg(const ChemMolecule& molecule, int width, int height) {
  return detail::translate_errors(molecule.source, [&] {
    RDKit::RWMol graph(molecule.graph->molecule());
    RDKit::MolOps::removeHs(graph);
    RDDepict::compute2DCoords(graph);
    RDKit::MolDraw2DSVG drawer(width, height);
    drawer.drawOptions().clearBackground = false;
    drawer.drawOptions().fixedBondLength = 28.0;
    RDKit::MolDraw2DUtils::prepareAndDrawMolecule(drawer, graph);
    drawer.finishDrawing();
    return "<svg class=\"drawing\" viewBox=\"0 0 " + std::to_string(width) + " " +
           std::to_string(height) + "\">" + content_of(drawer.getDrawingText()) + "</svg>";
  });
}

}  // namespace saltus::forcefields
