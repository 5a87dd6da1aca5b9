// Conformers in a stranger's program: this header, the standard library and nothing else.
#include "tools/conformers/conformer_maker.h"

#include <cstdio>

int main() {
  saltus::ConformerOptions options;
  options.n_conformers = 10;
  options.solvent = saltus::ConformerOptions::Solvent::kObc2;
  const saltus::ConformerMaker maker(options);
  for (const char* smiles : {"C[C@H](O)C(=O)OCC", "C1CC"}) {
    const saltus::ConformerResult result = maker.make(smiles);
    std::printf("%s %s\n", result.status.c_str(), smiles);
    for (const saltus::Conformers& isomer : result.stereoisomers)
      for (std::size_t c = 0; c < isomer.n_conformers(); ++c)
        std::printf("%8.2f kJ/mol, first atom at x = %.3f nm\n", isomer.energies_kJ_mol[c],
                    isomer.positions(c)[0]);
  }
  return 0;
}
