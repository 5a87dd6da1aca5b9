// Oracle: two samplers that share no code but the force field (replica exchange and annealed
// importance sampling) must agree; files must keep what the program promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "tests/e2e/conformers_program.h"

namespace saltus::tests {
namespace {

using testing::HasSubstr;

class BoltzmannConformers : public Conformers {
 protected:
  std::vector<double> values(const std::string& text, const std::string& field) const {
    std::vector<double> found;
    const std::string head = ">  <" + field + ">\n";
    for (std::size_t at = 0; (at = text.find(head, at)) != std::string::npos;)
      found.push_back(std::stod(text.substr(at += head.size())));
    return found;
  }
  std::string report_column(const std::string& name) const {
    std::istringstream report(read("r.csv"));
    std::string head, row, cell, label;
    std::getline(report, head);
    std::getline(report, row);
    std::istringstream labels(head), cells(row);
    while (std::getline(labels, label, ',') && std::getline(cells, cell, ','))
      if (label == name) return cell;
    return "no column " + name;
  }
};

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v / static_cast<double>(values.size());
  return sum;
}

TEST_F(BoltzmannConformers, HaveTheSameMeanEnergyByExchangeAndByAnnealing) {
  write("list.smi", "CCCC butane\n");
  good({"conformers", "list.smi", "-o", "a.sdf", "--mode", "boltzmann", "-n", "1000", "--report",
        "r.csv"});
  EXPECT_THAT(report_column("acceptance"), HasSubstr("torsion_reset_1 0."));
  EXPECT_GT(std::stod(report_column("n_effective")), 100.0);
  const std::string exchanged = read("a.sdf");
  const auto energies = values(exchanged, "energy_kcal_mol");
  ASSERT_EQ(energies.size(), 1000u);
  EXPECT_THAT(
      exchanged,
      HasSubstr(
          "replica exchange, HMC and independence proposals over torsions from torsion_network"));

  good({"conformers", "list.smi", "-o", "b.sdf", "--mode", "boltzmann", "-n", "2000", "--sampler",
        "annealing"});
  const std::string annealed = read("b.sdf");
  const auto others = values(annealed, "energy_kcal_mol");
  const auto log_weights = values(annealed, "log_weight");
  ASSERT_EQ(others.size(), log_weights.size());
  const double largest = *std::max_element(log_weights.begin(), log_weights.end());
  double sum = 0.0, total = 0.0;
  for (std::size_t i = 0; i < others.size(); ++i) {
    const double w = std::exp(log_weights[i] - largest);
    sum += w * others[i];
    total += w;
  }
  // Energies scatter by 2.6 kcal/mol; at 300 effective draws of one and 500 of the other the
  // difference has a standard error of 0.19: five of them.
  EXPECT_NEAR(mean(energies), sum / total, 0.95);
}

TEST_F(BoltzmannConformers, OfAnnealingHaveTheirWeightsInXyzToo) {
  write("list.smi", "CCCC butane\n");
  good({"conformers", "list.smi", "-o", "a.xyz", "--mode", "boltzmann", "-n", "20", "--sampler",
        "annealing"});
  const std::string text = read("a.xyz");
  std::size_t n_frames = 0, n_weights = 0, at = 0;
  while ((at = text.find("butane conformer ", at)) != std::string::npos) ++n_frames, ++at;
  at = 0;
  while ((at = text.find(" kcal/mol, log weight ", at)) != std::string::npos) ++n_weights, ++at;
  EXPECT_GT(n_frames, 0u);
  EXPECT_EQ(n_weights, n_frames);
}

TEST_F(BoltzmannConformers, OfAnnealingMayBeFew) {
  write("list.smi", "CCCC butane\n");
  for (const char* n : {"1", "3", "39"}) {
    SCOPED_TRACE(n);
    good({"conformers", "list.smi", "-o", "a.xyz", "--mode", "boltzmann", "-n", n, "--sampler",
          "annealing", "--overwrite"});
    const std::string text = read("a.xyz");
    EXPECT_THAT(text, testing::HasSubstr("butane conformer 1, "));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("butane conformer 40")));
  }
}

TEST_F(BoltzmannConformers, KeepTheirConfigurationAndAreReproducible) {
  write("list.smi", "C[C@H](O)CC alcohol\nCCN(C)C amine\n");
  const std::vector<std::string> call = {"conformers", "list.smi", "--mode", "boltzmann",
                                         "-n",         "40",       "--seed", "3"};
  auto one = call, two = call;
  one.insert(one.end(), {"-o", "a.sdf", "-j", "1"});
  two.insert(two.end(), {"-o", "b.sdf", "-j", "2"});
  good(one);
  good(two);
  const std::string text = read("a.sdf");
  EXPECT_EQ(text, read("b.sdf"));
  EXPECT_EQ(values(text, "energy_kcal_mol").size(), 80u);
  std::size_t n_right = 0;
  for (std::size_t at = 0; (at = text.find("\nCC[C@H](C)O\n", at)) != std::string::npos; ++at)
    ++n_right;
  EXPECT_GE(n_right, 40u);
  EXPECT_THAT(text, testing::Not(HasSubstr("CC[C@@H](C)O")));
}

TEST_F(BoltzmannConformers, WorkWithoutTheNetworkAndWithoutTorsions) {
  write("list.smi", "c1ccccc1 benzene\nC[Si](C)(C)C silane\nO water\n");
  const ProgramEnd end =
      conformers({"list.smi", "-o", "a.sdf", "--mode", "boltzmann", "-n", "10", "--model", "none"});
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_EQ(values(read("a.sdf"), "energy_kcal_mol").size(), 30u);
}

TEST_F(BoltzmannConformers, RefuseModelsThatAreNone) {
  write("list.smi", "CCCC butane\n");
  write("model.pt", "nonsense");
  const ProgramEnd end =
      conformers({"list.smi", "-o", "a.sdf", "--mode", "boltzmann", "--model", "model.pt"});
  EXPECT_EQ(end.exit_code, kWrong);
  EXPECT_THAT(end.err, HasSubstr("model.pt: this is not a model file of Saltus"));
}

}  // namespace
}  // namespace saltus::tests
