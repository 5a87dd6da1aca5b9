// Oracle: the same run in one piece, byte for byte.
#include <gmock/gmock.h>

#include <csignal>
#include <regex>
#include <thread>

#include "forcefields/openbabel/mol2_text.h"
#include "tests/e2e/conformers_program.h"

namespace saltus::tests {
namespace {

using testing::HasSubstr;

class ShardedConformers : public Conformers {
 protected:
  void SetUp() override {
    write("list.smi",
          "CCO ethanol\nbad( unreadable\nCC(F)C(Cl)C chiral\nCCCC butane\nCC[NH3+] ion\n"
          "C[Se]C selenide\nCCCCO\n");
  }

  std::vector<std::string> call(const std::string& output,
                                const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"list.smi", "-o", output, "-n", "3", "-j", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  /// s1.shard to s<n>.shard.
  void make_shards(int n, const std::vector<std::string>& more = {}) const {
    for (int i = 1; i <= n; ++i) {
      std::vector<std::string> options = more;
      options.insert(options.end(),
                     {"--shard", std::to_string(i) + "/" + std::to_string(n), "--overwrite"});
      const ProgramEnd end = conformers(call("s" + std::to_string(i) + ".shard", options));
      ASSERT_TRUE(end.exit_code == 0 || end.exit_code == kSomeFailed) << end.err;
    }
  }
  void expect_merge_refused(std::vector<std::string> arguments, const std::string& message) const {
    arguments.insert(arguments.begin(), "merge");
    expect_error(arguments, kWrong, message);
    EXPECT_FALSE(std::filesystem::exists(file("out.sdf")));
  }
  /// A report without the seconds that each molecule took.
  std::string timeless(const std::string& name) const {
    return std::regex_replace(read(name), std::regex(",[0-9]+\\.[0-9]{3},"), ",T,");
  }
};

TEST_F(ShardedConformers, AreThoseOfARunInOnePiece) {
  for (const std::vector<std::string>& mode :
       {std::vector<std::string>{}, {"--mode", "boltzmann"}, {"--mode", "minima"}}) {
    std::vector<std::string> more = {"--failed", "whole.bad", "--report", "whole.csv",
                                     "--overwrite"};
    more.insert(more.end(), mode.begin(), mode.end());
    EXPECT_EQ(conformers(call("whole.sdf", more)).exit_code, kSomeFailed);
    EXPECT_EQ(conformers(call("whole.xyz", more)).exit_code, kSomeFailed);
    make_shards(3, mode);
    // In any order.
    const std::vector<std::string> shards = {"s2.shard", "s3.shard", "s1.shard", "--overwrite"};
    for (const char* output : {"out.sdf", "out.xyz"}) {
      std::vector<std::string> merge = {"merge",   output,     "--failed",
                                        "out.bad", "--report", "out.csv"};
      merge.insert(merge.end(), shards.begin(), shards.end());
      const ProgramEnd end = saltus(merge);
      EXPECT_EQ(end.exit_code, kSomeFailed) << end.err;
    }
    EXPECT_EQ(read("out.sdf"), read("whole.sdf"));
    EXPECT_EQ(read("out.xyz"), read("whole.xyz"));
    EXPECT_EQ(read("out.bad"), read("whole.bad"));
    EXPECT_EQ(timeless("out.csv"), timeless("whole.csv"));
    EXPECT_THAT(read("out.csv"), HasSubstr(",chiral,"));
  }
}

TEST_F(ShardedConformers, KeepDistancesAndCharges) {
  const std::vector<std::string> aligned = {"--align", "first", "--overwrite"};
  make_shards(2, {"--align", "first"});
  std::vector<std::string> outputs = {"sdf"};
  if (forcefields::can_write_mol2()) outputs.push_back("mol2");
  for (const std::string& format : outputs) {
    SCOPED_TRACE(format);
    EXPECT_EQ(conformers(call("whole." + format, aligned)).exit_code, kSomeFailed);
    EXPECT_EQ(saltus({"merge", "out." + format, "s1.shard", "s2.shard"}).exit_code, kSomeFailed);
    EXPECT_EQ(read("out." + format), read("whole." + format));
  }
  EXPECT_THAT(read("out.sdf"), HasSubstr("rmsd"));
  if (outputs.size() > 1) {
    EXPECT_THAT(read("out.mol2"), HasSubstr("MMFF94_CHARGES"));
  }
}

TEST_F(ShardedConformers, MakePagesAndFolders) {
  make_shards(2);
  EXPECT_EQ(conformers(call("whole.sdf", {"--html", "whole.html", "--split", "whole"})).exit_code,
            kSomeFailed);
  const ProgramEnd end = saltus({"merge", "out.sdf", "s1.shard", "s2.shard", "--html", "out.html",
                                 "--split", "out", "--json"});
  EXPECT_EQ(end.exit_code, kSomeFailed) << end.err;
  EXPECT_THAT(end.out, HasSubstr("\"n_molecules\": 7,"));
  const auto pictures = [](const std::string& text) {
    return text.substr(text.find("id=\"molecules\""),
                       text.find("</script>") - text.find("id=\"molecules\""));
  };
  EXPECT_EQ(pictures(read("out.html")), pictures(read("whole.html")));
  for (const char* name : {"ethanol_000001.sdf", "butane_000004.sdf", "mol_000007_000007.sdf"})
    EXPECT_EQ(read(std::string("out/") + name), read(std::string("whole/") + name)) << name;
}

TEST_F(ShardedConformers, OfMoreShardsThanMoleculesAreAllThere) {
  write("list.smi", "CCO ethanol\n");
  make_shards(3);
  EXPECT_EQ(conformers(call("whole.sdf", {})).exit_code, 0);
  EXPECT_EQ(saltus({"merge", "out.sdf", "s1.shard", "s2.shard", "s3.shard"}).exit_code, 0);
  EXPECT_EQ(read("out.sdf"), read("whole.sdf"));
}

TEST_F(ShardedConformers, ThatDoNotBelongTogetherAreRefused) {
  make_shards(3);
  expect_merge_refused({"out.sdf", "s1.shard", "s3.shard"},
                       "shard 2 of 3 is missing; let its run come to its end (--resume), or merge "
                       "what is there with --incomplete");
  std::filesystem::copy_file(file("s1.shard"), file("copy.shard"));
  expect_merge_refused({"out.sdf", "s1.shard", "copy.shard", "s2.shard", "s3.shard"},
                       "'s1.shard' and 'copy.shard' are both shard 1 of 3; give each once");
  EXPECT_NE(conformers(call("seed.shard", {"--shard", "2/3", "--seed", "2"})).exit_code, kWrong);
  expect_merge_refused({"out.sdf", "s1.shard", "seed.shard", "s3.shard"},
                       "the shards were made with different options: --seed is 1 in 's1.shard' and "
                       "2 in 'seed.shard'");
  EXPECT_NE(conformers(call("four.shard", {"--shard", "2/4"})).exit_code, kWrong);
  expect_merge_refused({"out.sdf", "s1.shard", "four.shard"},
                       "'s1.shard' is shard 1 of 3, but 'four.shard' is shard 2 of 4; they are not "
                       "of one run");
  write("list.smi", read("list.smi") + "CCC propane\n");
  EXPECT_NE(conformers(call("longer.shard", {"--shard", "2/3"})).exit_code, kWrong);
  expect_merge_refused(
      {"out.sdf", "s1.shard", "longer.shard", "s3.shard"},
      "the shards were made from different inputs: those of 's1.shard' (7 records) "
      "and of 'longer.shard' (8 records) have the same names, but not the same "
      "content");
}

TEST_F(ShardedConformers, ThatAreDamagedOrNoneAreRefused) {
  make_shards(1);
  std::string bytes = read("s1.shard");
  bytes[bytes.size() / 2] ^= 1;
  write("bent.shard", bytes);
  const std::string damaged =
      "is damaged: a shard file of 'saltus conformers --shard' was cut or changed; run this shard "
      "again";
  expect_merge_refused({"out.sdf", "bent.shard"}, "'bent.shard' " + damaged);
  write("cut.shard", read("s1.shard").substr(0, bytes.size() - 3));
  expect_merge_refused({"out.sdf", "cut.shard"}, "'cut.shard' " + damaged);
  expect_merge_refused({"out.sdf", "list.smi"},
                       "'list.smi' is no shard file; expected what 'saltus conformers --shard i/n "
                       "-o NAME.shard' writes");
  expect_merge_refused({"out.sdf"},
                       "saltus merge: expected OUT and at least one shard file, got only "
                       "'out.sdf'; see 'saltus merge --help'");
  expect_merge_refused({"s1.shard", "s1.shard", "--overwrite"},
                       "cannot write 's1.shard': it is the input 's1.shard'; choose another name");
  expect_merge_refused({"out.shard", "s1.shard"},
                       "saltus conformers: -o out.shard: its name must end with .sdf, .xyz, .pdb, "
                       ".mol2 (all of these also with .gz) or .h5");
}

TEST_F(ShardedConformers, NeedANumberAndAFileOfTheirOwn) {
  for (const char* given : {"0/3", "4/3", "1", "1/", "a/b", "1/3/5", "1/99999999"})
    expect_refusal(call("s.shard", {"--shard", given}),
                   "saltus conformers: --shard: expected i/n with i from 1 to n, such as 3/16, and "
                   "n at most 1000000, got '" +
                       std::string(given) + "'");
  expect_refusal(call("s.sdf", {"--shard", "1/2"}),
                 "saltus conformers: --shard needs -o NAME.shard, a file that 'saltus merge' makes "
                 "the others of; got 's.sdf'");
  expect_refusal(call("s.shard", {}), "saltus conformers: -o s.shard needs --shard i/n");
}

TEST_F(ShardedConformers, AreResumedAndMissedUntilThen) {
  std::string list;
  for (int i = 0; i < 24; ++i)
    list += "CC(C)CCOC(=O)C" + std::string(i % 3, 'C') + " ester_" + std::to_string(i) + "\n";
  write("list.smi", list);
  EXPECT_EQ(conformers(call("whole.sdf", {})).exit_code, 0);
  EXPECT_EQ(conformers(call("s2.shard", {"--shard", "2/2"})).exit_code, 0);
  std::vector<std::string> first = call("s1.shard", {"--shard", "1/2"});
  first.insert(first.begin(), "conformers");
  RunningProgram program(first, folder_.path());
  while (!std::filesystem::exists(file("s1.shard.progress")) && !program.has_ended())
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  program.send(SIGINT);
  ASSERT_EQ(program.wait().exit_code, kInterrupted) << "too short for this machine";
  const std::string lacks = "'s1.shard' (shard 1 of 2) was interrupted";
  expect_merge_refused({"out.sdf", "s1.shard", "s2.shard"},
                       lacks +
                           "; let its run come to its end (--resume), or merge what is there "
                           "with --incomplete");
  ProgramEnd end = saltus({"merge", "part.sdf", "s1.shard", "s2.shard", "--incomplete"});
  EXPECT_EQ(end.exit_code, kSomeFailed);
  EXPECT_THAT(end.err, HasSubstr("not all of the input is merged: " + lacks));
  EXPECT_LT(read("part.sdf").size(), read("whole.sdf").size());
  EXPECT_GT(read("part.sdf").size(), 0u);
  first.push_back("--resume");
  EXPECT_EQ(saltus(first).exit_code, 0);
  EXPECT_EQ(saltus({"merge", "out.sdf", "s1.shard", "s2.shard"}).exit_code, 0);
  EXPECT_EQ(read("out.sdf"), read("whole.sdf"));
}

}  // namespace
}  // namespace saltus::tests
