#pragma once

#include <string>
#include <vector>

#include "tests/cases/cases.h"
#include "tests/cases/written_files.h"

namespace saltus::tests {

/// Tests of lists and files of molecules.
class ListsTest : public CasesTest {
 protected:
  /// Runs `saltus conformers` on a file of the folder and returns the rows of its report; the
  /// program has to end by itself with 0 or 2.
  std::vector<TableRow> report(const std::string& input,
                               const std::vector<std::string>& options = {}) const;
  /// The same for a file that is written first.
  std::vector<TableRow> report_of(const std::string& name, const std::string& text,
                                  const std::vector<std::string>& options = {}) const {
    write(name, text);
    return report(name, options);
  }
  /// "STATUS name smiles" of each row.
  static std::vector<std::string> verdicts(const std::vector<TableRow>& rows);
  /// The values of data fields of the SD file "out.sdf", record after record.
  std::vector<std::string> written(const std::string& field) const;
};

}  // namespace saltus::tests
