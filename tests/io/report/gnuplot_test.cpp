// Oracles: gnuplot itself, and shell scripts in its place that fail in known ways.

#include "io/report/gnuplot.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <optional>

#include "engine/core/error.h"
#include "tests/io/report/fake_program.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using engine::FileError;
using tests::fake_program;
using tests::message_of;
using tests::TemporaryFolder;

const char kScript[] = "set terminal svg\nplot x\n";

/// Sets an environment variable for the length of a test.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() {
    if (old_) {
      ::setenv(name_, old_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

std::string failure(const std::string& program, double timeout_seconds = 60.0) {
  return message_of<FileError>([&] {
    run_gnuplot(kScript, "the figure", {program, timeout_seconds});
  });
}

TEST(RunGnuplot, DrawsAnSvg) {
  const std::string svg = run_gnuplot(kScript, "a line", {});
  EXPECT_NE(svg.find("<svg"), std::string::npos);
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
}

TEST(RunGnuplot, SaysHowToInstallItWhenItIsMissing) {
  const TemporaryFolder empty;
  const ScopedVariable path("PATH", empty.path());
  EXPECT_EQ(failure("gnuplot"),
            "gnuplot is needed to draw the report's plots but is not in PATH; install it (Debian: "
            "apt-get install gnuplot-nox)");
}

TEST(RunGnuplot, RepeatsWhatGnuplotComplainsOf) {
  const TemporaryFolder folder;
  EXPECT_EQ(
      failure(fake_program(folder, "bad", "echo '  line 2:  no such style' >&2; exit 3")),
      folder.file("bad") + " failed to draw the figure (exit status 3): line 2: no such style");
  EXPECT_EQ(
      failure(fake_program(folder, "dead", "kill -9 $$")),
      folder.file("dead") + " failed to draw the figure (signal 9): it wrote no error message");
  EXPECT_EQ(message_of<FileError>([] { run_gnuplot("x = 1\nplot nonsense(\n", "a mistake", {}); }),
            "gnuplot failed to draw a mistake (exit status 1): plot nonsense( ^ \"script\" line 2: "
            "invalid expression");
}

TEST(RunGnuplot, RefusesOutputThatIsNoPicture) {
  const TemporaryFolder folder;
  EXPECT_EQ(failure(fake_program(folder, "mute", "exit 0")),
            folder.file("mute") +
                " drew nothing for the figure: its output is not an SVG picture; is it gnuplot "
                "with the svg "
                "terminal?");
}

TEST(RunGnuplot, NeverHangs) {
  const TemporaryFolder folder;
  const auto begin = std::chrono::steady_clock::now();
  // A child of the child must go as well, or it would keep the test's output open.
  EXPECT_EQ(failure(fake_program(folder, "slow", "sleep 1000 & sleep 1000"), 0.2),
            folder.file("slow") + " did not draw the figure within 0.2 s and was stopped");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(took.count(), 20.0);
}

TEST(RunGnuplot, NamesATemporaryFolderThatIsNone) {
  const ScopedVariable folder("TMPDIR", "/dev/null/nowhere");
  EXPECT_NE(failure("gnuplot").find("set TMPDIR to a folder that can be written"),
            std::string::npos);
}

TEST(GnuplotString, IsNeverExpanded) {
  EXPECT_EQ(gnuplot_string("it's"), "'it''s'");
  EXPECT_EQ(gnuplot_string("two\nlines\t"), "'two lines '");
  const TemporaryFolder folder;
  const std::string title = "`touch " + folder.file("pwned") + "` @x $y \\n ' \" \nsystem('false')";
  const std::string svg = run_gnuplot(
      "set terminal svg noenhanced\nplot x title " + gnuplot_string(title) + "\n", "a title", {});
  EXPECT_FALSE(std::filesystem::exists(folder.file("pwned")));
  EXPECT_NE(svg.find("@x $y \\n ' "), std::string::npos);
}

TEST(GnuplotString, OfATicIsNoFormat) {
  EXPECT_EQ(gnuplot_tic_label("50% isn't"), "'50%% isn''t'");
  // The longest would be a thousand million spaces.
  for (const std::string label : {"100 %", "a%nb", "%s%s", "%f", "%%", "%999999999f"}) {
    const std::string svg =
        run_gnuplot("set terminal svg noenhanced\nset xrange [-1:1]\nset xtics (" +
                        gnuplot_tic_label(label) + " 0)\nplot x notitle\n",
                    "a tic", {});
    EXPECT_NE(svg.find(label), std::string::npos) << label;
  }
}

TEST(InlineSvg, KeepsTheDrawingAndNothingElse) {
  const std::string svg =
      "<?xml version=\"1.0\"?>\n<svg width=\"9\" viewBox=\"0 0 9 8\" xmlns=\"http://x\">"
      "<title>t</title><desc>d</desc><g id=\"a\" color=\"black\"><use xlink:href='#p' id='b'/>"
      "<path fill='url(#c)' stroke='black'/><text fill=\"rgb(0,0,0)\">A</text></g></svg>";
  EXPECT_EQ(inline_svg(svg, "f1-"),
            "<svg viewBox=\"0 0 9 8\"><g id=\"f1-a\" color=\"currentColor\">"
            "<use xlink:href='#f1-p' id='f1-b'/><path fill='url(#f1-c)' stroke='currentColor'/>"
            "<text fill=\"currentColor\">A</text></g></svg>");
}

TEST(InlineSvg, RefusesWhatIsNoSvg) {
  EXPECT_EQ(message_of<engine::InternalError>([] { inline_svg("<svg></svg>", "f"); }),
            "an SVG picture has no viewBox");
  EXPECT_EQ(message_of<engine::InternalError>([] { inline_svg("hello", "f"); }),
            "an SVG picture has no viewBox");
}

}  // namespace
}  // namespace saltus::io
