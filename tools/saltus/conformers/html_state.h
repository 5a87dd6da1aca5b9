#pragma once

#include <string>

#include "io/report/conformer_report.h"

namespace saltus::tools {

/// What a page has collected about single molecules, as text: failures, rows, torsions, pictures.
std::string page_state_text(const io::ConformerReportData& data);

/// Puts it back. @throws InputError  when the text is none
void restore_page_state(const std::string& text, io::ConformerReportData& data);

}  // namespace saltus::tools
