#include "tests/fuzz/targets.h"

namespace saltus::fuzz {

std::vector<Target> all_targets() {
  return {{"pdb", feed_pdb},
          {"force_field_xml", feed_force_field_xml},
          {"prmtop", feed_prmtop},
          {"inpcrd", feed_inpcrd},
          {"system_xml", feed_system_xml},
          {"sdf", feed_sdf},
          {"smiles", feed_smiles},
          {"csv", feed_csv},
          {"deck", feed_deck},
          {"trajectory", feed_trajectory},
          {"checkpoint", feed_checkpoint},
          {"conformers", feed_conformers},
          {"safetensors", feed_safetensors}};
}

}  // namespace saltus::fuzz
