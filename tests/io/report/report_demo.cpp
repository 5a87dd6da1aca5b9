// Writes a report on made-up data, to be looked at: report_demo page.html
#include <cstdio>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/report/html_report.h"
#include "tests/io/report/synthetic_report.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: report_demo page.html\n");
    return 64;
  }
  try {
    saltus::io::write_file_durably(argv[1],
                                   saltus::io::render_report(saltus::tests::synthetic_report()));
  } catch (const saltus::engine::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_code();
  }
  return 0;
}
