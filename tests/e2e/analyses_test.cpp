// Oracle: messages written out by hand; numbers of files that the program made itself, compared
// with each other and with closed forms.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/e2e/conformers_program.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// Tests of --strain, --rescore and --scan.
class Analyses : public Conformers {
 protected:
  /// Minima of butane as SD file or HDF5 file: anti, gauche and its mirror image.
  void make_butane(const std::string& file) const {
    write("butane.smi", "CCCC butane\n");
    good({"conformers", "butane.smi", "-o", file, "--mode", "minima", "-n", "20", "--dielectric",
          "4r", "--overwrite"});
  }
  json parsed(const std::vector<std::string>& arguments) const {
    return json::parse(good(arguments).out);
  }
};

TEST_F(Analyses, StrainOfMinimaIsHowFarTheyAreAboveTheLowest) {
  make_butane("poses.sdf");
  const json all =
      parsed({"conformers", "poses.sdf", "--strain", "--json", "-n", "20", "-o", "out.sdf"});
  ASSERT_EQ(all.at("molecules").size(), 1u);  // both poses share the searches
  const json& poses = all.at("molecules")[0].at("poses");
  ASSERT_EQ(poses.size(), 3u);
  EXPECT_EQ(poses[0].at("where"), "poses.sdf:1: molecule 1");
  EXPECT_NEAR(poses[0].at("strain_kcal_mol"), 0.0, 0.01);
  EXPECT_NEAR(poses[1].at("strain_kcal_mol"), 0.78, 0.02);
  EXPECT_NEAR(poses[2].at("strain_kcal_mol"), 0.78, 0.02);
  EXPECT_EQ(poses[1].at("searches_that_found_it"), 3);
  EXPECT_EQ(poses[1].at("force_field"), "MMFF94s, dielectric 4r");
  EXPECT_THAT(all.at("choices").get<std::string>(),
              HasSubstr("heavy atoms free within 0.3 angstrom"));
  const std::string written = read("out.sdf");
  EXPECT_THAT(written, HasSubstr(">  <strain_kcal_mol>\n0.0000\n"));
  EXPECT_THAT(written, HasSubstr(">  <searches_that_found_it>\n3\n"));
}

TEST_F(Analyses, TablesGoToStandardOutputUnlessTheyHaveAFile) {
  make_butane("poses.sdf");
  const ProgramEnd end = good({"conformers", "poses.sdf", "--strain", "-n", "5", "-j", "1"});
  EXPECT_THAT(end.out, testing::StartsWith("record,where,name,status,strain_kcal_mol,"));
  EXPECT_THAT(end.out, HasSubstr("\n2,poses.sdf:"));
  EXPECT_THAT(end.err, HasSubstr("3 searches for minima"));
  const ProgramEnd other =
      good({"conformers", "poses.sdf", "--strain", "-n", "5", "--report", "r.csv", "-j", "3"});
  EXPECT_EQ(other.out, "");
  EXPECT_EQ(read("r.csv"), end.out);  // whatever the threads
}

TEST_F(Analyses, BadPosesGetAStatusWithFileAndRecord) {
  make_butane("poses.sdf");
  write("bad.sdf", read("poses.sdf") + "broken\n\n\nnot a molecule\n$$$$\n");
  const ProgramEnd end =
      conformers({"bad.sdf", "--strain", "-n", "5", "--report", "r.csv", "--searches", "1"});
  EXPECT_EQ(end.exit_code, kSomeFailed) << end.err;
  const std::string table = read("r.csv");
  EXPECT_THAT(table, HasSubstr(",butane,OK,"));
  EXPECT_THAT(table, HasSubstr("\n4,bad.sdf:"));
  EXPECT_THAT(table, HasSubstr(",broken,PARSE_SYNTAX,"));
}

TEST_F(Analyses, RescoringGivesPopulationsOfTwoStates) {
  for (const std::string file : {"e.sdf", "e.h5"}) {
    make_butane(file);
    const json all = parsed({"conformers", file, "--rescore", "--json", "--temperature", "350",
                             "-o", "out.sdf", "--overwrite"});
    ASSERT_EQ(all.at("molecules").size(), 1u);
    const json& ensemble = all.at("molecules")[0];
    ASSERT_EQ(ensemble.at("distinct"), 3);
    const double gap = ensemble.at("members")[1].at("relative_energy_kcal_mol");
    constexpr double kR = 1.987204259e-3, kT = 350.0;  // kcal/mol/K
    const double x = 2.0 * std::exp(-gap / (kR * kT)), z = 1.0 + x;
    EXPECT_NEAR(ensemble.at("members")[0].at("population"), 1.0 / z, 1e-6);
    EXPECT_NEAR(ensemble.at("free_energy_kcal_mol"), -kR * kT * std::log(z), 1e-6);
    EXPECT_NEAR(ensemble.at("entropy_cal_mol_K"), 1000.0 * (kR * std::log(z) + gap * x / z / kT),
                1e-4);
    // The file's populations are at 300 K.
    const double y = 2.0 * std::exp(-gap / (kR * 300.0));
    EXPECT_NEAR(ensemble.at("distance_to_populations_in_file"), std::abs(1.0 / z - 1.0 / (1.0 + y)),
                5e-3);
    EXPECT_THAT(read("out.sdf"), HasSubstr(">  <population>\n"));
  }
}

TEST_F(Analyses, RescoringCountsDuplicatesOnce) {
  make_butane("e.sdf");
  const std::string once = read("e.sdf");
  write("twice.sdf", once + once);
  const json twice = parsed({"conformers", "twice.sdf", "--rescore", "--json"});
  const json single = parsed({"conformers", "e.sdf", "--rescore", "--json"});
  const json &a = twice.at("molecules")[0], &b = single.at("molecules")[0];
  EXPECT_EQ(a.at("conformers"), 6);
  EXPECT_EQ(a.at("distinct"), 3);
  EXPECT_EQ(a.at("duplicates"), 3);
  EXPECT_NEAR(a.at("free_energy_kcal_mol"), b.at("free_energy_kcal_mol"), 1e-4);
  EXPECT_EQ(a.at("members")[3].at("status"), "DUPLICATE");
  EXPECT_EQ(a.at("members")[3].at("duplicate_of_record"), 1);
}

TEST_F(Analyses, ScansAreTheSameOnAnyNumberOfThreadsAndShownOnAPage) {
  write("list.smi", "CCCC butane\nC1CC bad\nOCCC propanol\n");
  const auto scan = [&](const char* threads) {
    const ProgramEnd end =
        conformers({"list.smi", "--scan", "[C,O:1][C:2]-[C:3][C:4]", "--scan-step", "30", "-n",
                    "10", "-j", threads, "--html", "scan.html", "-o", "scan.sdf", "--overwrite"});
    EXPECT_EQ(end.exit_code, kSomeFailed) << end.err;
    return end.out;
  };
  const std::string one = scan("1");
  EXPECT_EQ(scan("3"), one);
  EXPECT_THAT(one, testing::StartsWith("record,where,name,status,torsion,angle_degrees,"));
  EXPECT_THAT(one, HasSubstr("1,list.smi:1,butane,OK,C1-C2-C3-C4,-180.0000,0.0000,"));
  EXPECT_THAT(one, HasSubstr("2,list.smi:2,bad,PARSE_SYNTAX,,,,"));
  EXPECT_EQ(std::count(one.begin(), one.end(), '\n'), 1 + 12 + 1 + 12);
  const std::string page = read("scan.html");
  EXPECT_THAT(page, HasSubstr("Energy of butane along the torsion C1-C2-C3-C4"));
  EXPECT_THAT(page, HasSubstr("PARSE_SYNTAX"));
  EXPECT_THAT(page, HasSubstr("<svg"));
  for (const char* loader : {"http://", "https://", " src=", "@import", "<link", "url("})
    EXPECT_THAT(page, Not(HasSubstr(loader)));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
  EXPECT_THAT(read("scan.sdf"), HasSubstr(">  <angle_degrees>\n-150.0000\n"));
}

TEST_F(Analyses, RefuseOptionsThatMakeNoSenseTogether) {
  write("list.smi", "CCCC\n");
  write("poses.sdf", "");
  const auto refuse = [&](std::vector<std::string> arguments, const std::string& message) {
    const ProgramEnd end = conformers(arguments);
    EXPECT_EQ(end.exit_code, kWrong) << end.err;
    EXPECT_THAT(end.err, HasSubstr("saltus conformers: " + message));
  };
  refuse({"poses.sdf", "--strain", "--rescore"}, "--strain and --rescore exclude each other");
  refuse({"poses.sdf", "--strain", "--split", "x"},
         "--strain and --split exclude each other; --strain goes with --dielectric, ");
  refuse({"poses.sdf", "--strain", "--mode", "minima"}, "--strain and --mode exclude each other");
  refuse({"poses.sdf", "--strain", "--minimize", "none"},
         "--strain and --minimize none exclude each other: nothing would be relaxed");
  refuse({"poses.sdf", "--strain", "--temperature", "310"},
         "--strain and --temperature exclude each other");
  refuse({"poses.sdf", "--rescore", "-n", "5"}, "--rescore and --num-confs exclude each other");
  refuse({"poses.sdf", "--rescore", "--html", "x.html"}, "--rescore and --html exclude each other");
  refuse({"list.smi", "--strain"}, "--strain is for SD files of conformers, 'list.smi' is none");
  refuse({"list.smi", "--rescore"}, "--rescore is for SD files and HDF5 files of conformers");
  refuse({"e.h5", "--strain"}, "--strain is for SD files, 'e.h5' is an HDF5 file");
  refuse({"list.smi", "--scan", "1,2,3"}, "--scan: expected four atoms, counted from 1");
  refuse({"list.smi", "--scan", "0,1,2,3"}, "--scan: expected four atoms, counted from 1");
  refuse({"list.smi", "--scan", "[C:1][C:2][C:3]"},
         "--scan: '[C:1][C:2][C:3]': expected four atoms with the map numbers 1, 2, 3 and 4");
  refuse({"list.smi", "--scan", "[C:1"}, "--scan: '[C:1' is no SMARTS pattern");
  refuse({"list.smi", "--scan", "1,2,3,4", "--scan-step", "7"},
         "--scan-step: expected degrees that divide 360 into 6 to 720 equal steps, got '7'");
  refuse({"list.smi", "--scan", "1,2,3,4", "-o", "x.h5"},
         "-o x.h5: its name must end with .sdf or .sdf.gz");
  refuse({"list.smi", "-o", "out.sdf", "--scan-step", "10"}, "--scan-step is for --scan");
  refuse({"list.smi", "-o", "out.sdf", "--searches", "2"}, "--searches is for --strain and --scan");
  refuse({"list.smi", "-o", "out.sdf", "--restraint", "1"}, "--restraint is for --strain");
}

}  // namespace
}  // namespace saltus::tests
