#include "io/report/html.h"

#include <cmath>

#include "engine/core/error.h"
#include "io/formats/visible_text.h"
#include "io/report/number_text.h"

namespace saltus::io {
namespace {

std::string data_element(const std::string& exact, const std::string& shown) {
  return "<data value=\"" + exact + "\">" + shown + "</data>";
}

std::string row_html(const std::vector<TableColumn>& columns, const std::vector<std::string>& cells,
                     const std::string& tag) {
  if (cells.size() != columns.size()) {
    throw engine::InternalError("a table row has " + std::to_string(cells.size()) +
                                " cells, expected " + std::to_string(columns.size()));
  }
  std::string html = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    html +=
        "<" + tag + (columns[i].is_text ? " class=\"text\">" : ">") + cells[i] + "</" + tag + ">";
  }
  return html + "</tr>\n";
}

}  // namespace

std::string escape_html(const std::string& text) {
  std::string escaped;
  for (char c : visible_text(text, "\n\t")) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string html_number(double value, int significant_digits) {
  const std::string shown = rounded_text(value, significant_digits);
  return std::isnan(value) ? shown : data_element(exact_text(value), shown);
}

std::string html_count(std::uint64_t value) {
  return data_element(std::to_string(value), count_text(value));
}

std::string html_percent(double fraction) {
  if (std::isnan(fraction)) return rounded_text(fraction);
  return data_element(exact_text(fraction), rounded_text(100.0 * fraction)) + "\u202f%";
}

std::string html_with_error(double value, double error) {
  if (std::isnan(value)) return rounded_text(value);
  const ValueAndError text = value_and_error_text(value, error);
  const std::string shown = text.before + data_element(exact_text(value), text.value);
  if (text.error.empty()) {
    // A vanishing error is still a number somebody may look for.
    return error == 0.0 ? shown + " \u00b1 " + data_element("0", "0") : shown;
  }
  return shown + text.between + data_element(exact_text(error), text.error) + text.after;
}

std::string html_table(const std::vector<TableColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> headings;
  for (const TableColumn& column : columns) headings.push_back(column.heading);
  std::string html = "<div class=\"scroll\"><table>\n<thead>" + row_html(columns, headings, "th") +
                     "</thead>\n<tbody>";
  for (const std::vector<std::string>& row : rows) html += row_html(columns, row, "td");
  return html + "</tbody></table></div>\n";
}

std::string html_definitions(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string html = "<dl>\n";
  for (const auto& [name, value] : pairs)
    html += "<dt>" + escape_html(name) + "</dt><dd>" + escape_html(value) + "</dd>\n";
  return html + "</dl>\n";
}

std::string html_tile(const std::string& number, const std::string& label) {
  return "<div class=\"tile\"><b>" + number + "</b><span>" + label + "</span></div>\n";
}

std::string html_section(const std::string& title, const std::string& content) {
  return content.empty() ? "" : "<section>\n<h2>" + title + "</h2>\n" + content + "</section>\n";
}

namespace {

/// The style sheet of the page; loads nothing.
const char* page_style() {
  return R"css(
:root { color-scheme: light dark; --text: #1b1f24; --soft: #5b6470; --page: #f6f7f9; --card: #ffffff;
  --line: #dfe3e8; --exact: #00664b; --exact-back: #d9f2e8; --biased: #8a3b00; --biased-back: #fde6d3;
  --warn: #8a5a00; --warn-back: #fff6dd; --warn-line: #e8c766; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7eb; --soft: #9aa4b1; --page: #14171b;
  --card: #1c2026; --line: #323942; --exact: #7fe0bd; --exact-back: #12392d; --biased: #ffb98a;
  --biased-back: #472410; --warn: #f2cf75; --warn-back: #332a12; --warn-line: #6b5720; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); line-height: 1.55;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 2.2rem 1.2rem 3rem; }
header .kind { color: var(--soft); letter-spacing: .08em; text-transform: uppercase; font-size: .75rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: .2rem 0 .3rem; font-weight: 650; }
h2 { font-size: 1.3rem; margin: 2.6rem 0 .7rem; font-weight: 650; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; font-weight: 650; }
.molecule { color: var(--soft); margin: 0 0 1rem; }
.badge { display: inline-block; border-radius: 999px; padding: .12rem .75rem; font-weight: 650;
  font-size: .9rem; margin-right: .4rem; }
.badge.exact { color: var(--exact); background: var(--exact-back); }
.badge.biased { color: var(--biased); background: var(--biased-back); }
.lead { font-size: 1.08rem; max-width: 70ch; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: .8rem;
  margin: 1.4rem 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: .8rem 1rem; }
.tile b { display: block; font-size: 1.45rem; font-weight: 650; line-height: 1.25;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.tile span { color: var(--soft); font-size: .85rem; line-height: 1.35; display: block; }
.warnings { background: var(--warn-back); border: 1px solid var(--warn-line); border-radius: 10px;
  padding: .8rem 1.2rem; margin: 1.4rem 0; }
.warnings h2 { margin: 0 0 .3rem; font-size: 1rem; color: var(--warn); }
.warnings ul { margin: 0; padding-left: 1.2rem; }
figure { margin: 1rem 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: .9rem 1rem; break-inside: avoid; overflow-x: auto; }
figure svg { display: block; width: 100%; min-width: 620px; height: auto; color: var(--text); }
.pair figure svg { min-width: 0; }
figure svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
figure svg image { image-rendering: pixelated; }
figcaption { color: var(--soft); font-size: .87rem; line-height: 1.45; margin-top: .5rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
  gap: 1rem; }
.pair figure { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem;
  font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .42rem .7rem; border-bottom: 1px solid var(--line);
  white-space: nowrap; vertical-align: bottom; }
th { color: var(--soft); font-weight: 600; font-size: .82rem; line-height: 1.3; white-space: normal; }
.scroll + .scroll { margin-top: 1.1rem; }
th.text, td.text { text-align: left; white-space: normal; }
tbody tr:last-child td { border-bottom-color: transparent; }
td.text:first-child { font-weight: 600; }
.good { color: var(--exact); } .bad { color: var(--biased); font-weight: 650; }
.note { color: var(--soft); font-size: .87rem; max-width: 80ch; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; margin: .4rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
details { margin-top: 1rem; } summary { cursor: pointer; color: var(--soft); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem;
  overflow-x: auto; font: .82rem/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
footer { color: var(--soft); font-size: .82rem; margin-top: 2.5rem; border-top: 1px solid var(--line);
  padding-top: .8rem; }
@media (max-width: 600px) { main { padding: 1.2rem .8rem; } h1 { font-size: 1.6rem; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { :root { color-scheme: light; --text: #000; --soft: #444; --page: #fff; --card: #fff;
  --line: #bbb; } body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  .tile, figure, tr, .warnings { break-inside: avoid; } h2, h3 { break-after: avoid; }
  pre { white-space: pre-wrap; } .scroll, figure { overflow: visible; } figure svg { min-width: 0; } }
)css";
}

}  // namespace

std::string html_page_head(const std::string& kind, const std::string& title,
                           const std::string& more_style) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         // A page holds all that it shows; a browser is told to ask nobody for anything.
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n<title>" +
         escape_html(title) + "</title>\n<style>" + page_style() + more_style +
         "</style>\n</head>\n<body>\n<main>\n<header>\n<div class=\"kind\">" + escape_html(kind) +
         "</div>\n<h1>" + escape_html(title) + "</h1>\n";
}

}  // namespace saltus::io
