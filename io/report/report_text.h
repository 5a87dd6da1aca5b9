#pragma once

#include <string>

#include "engine/run/run_summary.h"

/// The parts of the report's page that are words and tables: pure functions from a summary to HTML.
namespace saltus::io {

std::string lead_paragraph_html(const engine::RunSummary& summary);  ///< badge and verdicts
std::string tiles_html(const engine::RunSummary& summary);     ///< the four numbers to look at
std::string warnings_html(const engine::RunSummary& summary);  ///< "" when there are none
std::string observables_html(const engine::RunSummary& summary);
std::string moves_html(const engine::RunSummary& summary);
std::string samplers_html(const engine::RunSummary& summary);  ///< efficiencies and speed-ups
/// Green when chains agree, marked when not.
std::string r_hat_html(double r_hat);
std::string model_card_html(const engine::RunSummary& summary);
std::string provenance_html(const engine::RunSummary& summary, const std::string& deck_text);

}  // namespace saltus::io
