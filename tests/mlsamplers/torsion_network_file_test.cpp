// Oracle: equal bits after a round trip, and the documented message for each way in which a file
// can be wrong.
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/torsions/network_torsion_model.h"
#include "mlsamplers/torsions/torsion_network.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/mlsamplers/torsion_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using mlsamplers::load_torsion_network;
using mlsamplers::save_torsion_network;
using mlsamplers::TorsionNetwork;

std::string refusal(const std::string& path) {
  return message_of<engine::ModelError>([&] { load_torsion_network(path); });
}

TEST(TorsionNetworkFile, RoundTripKeepsEveryBit) {
  const TemporaryFolder folder;
  const std::string path = folder.file("torsions.pt");
  const TorsionNetwork& network = trained_on_chains().network;
  save_torsion_network(network, path);
  const TorsionNetwork back = load_torsion_network(path);
  EXPECT_EQ(card_to_json(back.card()), card_to_json(network.card()));
  EXPECT_EQ(card_to_json(mlsamplers::read_model_card(path)), card_to_json(network.card()));
  const auto chain = draw_chain(4, true, 20, 5).samples;
  for (bool all_known : {false, true})
    EXPECT_EQ(mean_nll(*back.model_for(chain.graph), chain, all_known),
              mean_nll(*network.model_for(chain.graph), chain, all_known));

  const std::string first = content_of(path);
  save_torsion_network(back, path);
  EXPECT_TRUE(first == content_of(path));
}

TEST(TorsionNetworkFile, SaysWhichElementsItKnows) {
  const TorsionNetwork& network = trained_on_chains().network;
  EXPECT_TRUE(network.supports(draw_chain(3, true, 1, 1).samples.graph));
  const engine::TorsionGraph amine = make_graph({{6, engine::kNowhere}, {6, 0}, {7, 1}, {6, 2}});
  EXPECT_FALSE(network.supports(amine));
  EXPECT_EQ(message_of<engine::InputError>([&] { network.model_for(amine); }),
            "torsion network: this molecule has an element that was not there in training; the "
            "network knows H C O F");
}

TEST(TorsionNetworkFile, RefusesOtherKindsBothWays) {
  const TemporaryFolder folder;
  const std::string leap = folder.file("leap.pt"), torsions = folder.file("torsions.pt");
  save_leap_model(trained_leap().model, leap);
  save_torsion_network(trained_on_chains().network, torsions);
  EXPECT_EQ(refusal(leap), leap +
                               ": a model of kind 'internal-coordinate leap', expected "
                               "'torsion_mixtures'");
  EXPECT_EQ(message_of<engine::ModelError>([&] { mlsamplers::load_leap_model(torsions); }),
            torsions + ": a model of kind 'torsion_mixtures', expected 'internal-coordinate leap'");
}

TEST(TorsionNetworkFile, RefusesMissingCutAndFlippedFiles) {
  const TemporaryFolder folder;
  const std::string path = folder.file("torsions.pt"), missing = folder.file("missing.pt");
  EXPECT_EQ(message_of<engine::FileError>([&] { load_torsion_network(missing); }),
            missing + ": cannot open the model file: No such file or directory");
  save_torsion_network(trained_on_chains().network, path);
  const std::string whole = content_of(path);
  for (std::size_t size : {std::size_t{0}, std::size_t{50}, whole.size() / 2, whole.size() - 1}) {
    const std::string cut = folder.write("cut.pt", whole.substr(0, size));
    EXPECT_EQ(refusal(cut), cut +
                                ": this is not a model file of Saltus, or it is cut short; make "
                                "one with saltus train");
  }
  auto stream = test_stream(112);
  for (int trial = 0; trial < 50; ++trial) {
    std::string flipped = whole;
    // The header, at the beginning, has messages of its own.
    flipped[whole.size() - 1 - stream.below(whole.size() / 2)] ^=
        static_cast<char>(1 + stream.below(255));
    const std::string bad = folder.write("flipped.pt", flipped);
    EXPECT_EQ(refusal(bad), bad +
                                ": the model file is damaged: its checksum does not fit; copy it "
                                "again, or make a new one with saltus train");
  }
}

}  // namespace
}  // namespace saltus::tests
