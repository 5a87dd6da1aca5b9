#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace saltus::io {

/// Text made safe between tags and inside quoted attributes: & < > " ' become entities, control
/// characters and those that cannot be seen are shown escaped.
std::string escape_html(const std::string& text);

/// Rounded for the eye, exact for programs: <data value="0.123456">0.123</data>; just a dash for
/// NaN.
std::string html_number(double value, int significant_digits = 3);
std::string html_count(std::uint64_t value);
/// 0.25 as "25 %".
std::string html_percent(double fraction);
/// "value ± error", each with its exact value.
std::string html_with_error(double value, double error);

/// A cell or heading of a table; `is_text` aligns left, numbers align right.
struct TableColumn {
  std::string heading;  ///< HTML
  bool is_text = false;
};

/// A table of ready HTML cells in a box that scrolls sideways on small screens.
std::string html_table(const std::vector<TableColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows);

/// Names and their values, plain text.
std::string html_definitions(const std::vector<std::pair<std::string, std::string>>& pairs);

/// A number and what it counts, for a row of class "tiles". HTML.
std::string html_tile(const std::string& number, const std::string& label);

/// A part of a page under its title; "" without content. All HTML.
std::string html_section(const std::string& title, const std::string& content);

/// A page up to its title.
/// @param kind, title  plain text
/// @param more_style   rules after the page's own
std::string html_page_head(const std::string& kind, const std::string& title,
                           const std::string& more_style = "");

}  // namespace saltus::io
