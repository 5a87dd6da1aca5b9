#include "tools/saltus/conformers/modelling_outputs.h"

#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "forcefields/chem/pdb_text.h"
#include "forcefields/openbabel/mol2_text.h"
#include "tools/saltus/conformers/tables.h"

namespace saltus::tools {

namespace {

/// "conformer 3, -12.3400 kcal/mol, rmsd 0.8712 angstrom"
std::string remark_of(const engine::ConformerEnsemble& ensemble, std::size_t c) {
  std::string text = "conformer " + std::to_string(c + 1);
  const std::string energy = number_text(ensemble.energies[c] / engine::kKJPerKcal, 4);
  if (!energy.empty()) text += ", " + energy + " kcal/mol";
  if (!ensemble.reference_rmsd.empty())
    text += ", rmsd " + number_text(ensemble.reference_rmsd[c] * engine::kAngstromPerNm, 4) +
            " angstrom";
  if (!ensemble.log_weights.empty())
    text += ", log weight " + number_text(ensemble.log_weights[c], 4);
  return text;
}

class PdbOutput final : public ConformerOutput {
 public:
  PdbOutput(const std::filesystem::path& path, const io::TextOutput::Options& options)
      : file_(path, options) {}

  void write(const ConformerRecord&, const ConformerOutcome& outcome) override {
    for (const IsomerConformers& isomer : outcome.isomers) {
      std::vector<std::string> remarks;
      for (std::size_t c = 0; c < isomer.ensemble.n_frames(); ++c)
        remarks.push_back(remark_of(isomer.ensemble, c));
      file_.write(forcefields::pdb_models(isomer.name, remarks, isomer.molecule,
                                          isomer.ensemble.positions.view()));
    }
  }
  std::string mark() override { return std::to_string(file_.mark()); }
  void commit(bool) override { file_.commit(); }

 private:
  io::TextOutput file_;
};

class Mol2Output final : public ConformerOutput {
 public:
  Mol2Output(const std::filesystem::path& path, const io::TextOutput::Options& options)
      : file_(path, options) {}

  void write(const ConformerRecord&, const ConformerOutcome& outcome) override {
    for (const IsomerConformers& isomer : outcome.isomers)
      for (std::size_t c = 0; c < isomer.ensemble.n_frames(); ++c)
        file_.write(forcefields::mol2_record(
            isomer.name, {remark_of(isomer.ensemble, c), "smiles " + isomer.smiles_3d[c]},
            isomer.molecule, isomer.ensemble.positions.chain(c), isomer.partial_charges));
  }
  std::string mark() override { return std::to_string(file_.mark()); }
  void commit(bool) override { file_.commit(); }

 private:
  io::TextOutput file_;
};

}  // namespace

std::unique_ptr<ConformerOutput> make_pdb_output(const std::filesystem::path& path,
                                                 const io::TextOutput::Options& options) {
  return std::make_unique<PdbOutput>(path, options);
}

std::unique_ptr<ConformerOutput> make_mol2_output(const std::filesystem::path& path,
                                                  const io::TextOutput::Options& options) {
  if (!forcefields::can_write_mol2())
    throw engine::UsageError("saltus conformers: '" + path.string() +
                             "': " + forcefields::why_no_mol2());
  return std::make_unique<Mol2Output>(path, options);
}

}  // namespace saltus::tools
