// One call into each library that stands before a foreign one: links only when the installed
// package passes those on. Every call names a file that is not there, which each must report as
// FileError.
#include <cstdio>
#include <string>

#include "engine/core/error.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/openmm/platform.h"
#include "io/deck/deck_document.h"
#include "io/hdf5/repair.h"
#include "mlsamplers/leap/leap_model.h"

namespace {

template <class Call>
bool misses_file(const char* what, const Call& call) {
  try {
    call();
  } catch (const saltus::engine::FileError& error) {
    std::printf("%s: %s\n", what, error.what());
    return true;
  }
  std::printf("%s did not miss its file\n", what);
  return false;
}

}  // namespace

int main() {
  bool good = !saltus::forcefields::openmm_platforms().empty();
  good &= misses_file("force field",
                      [] { saltus::forcefields::ForceFieldXml::read({"none.xml"}, {}); });
  good &= misses_file("molecule", [] { saltus::forcefields::read_sdf("none.sdf"); });
  good &= misses_file("deck", [] { saltus::io::load_deck("none.toml"); });
  good &= misses_file("trajectory", [] { saltus::io::needs_repair("none.h5"); });
  good &= misses_file("model", [] { saltus::mlsamplers::load_leap_model("none.leap"); });
  return good ? 0 : 1;
}
