#pragma once

#include <nlohmann/json.hpp>
#include <type_traits>

#include "engine/run/run_summary.h"

namespace saltus::tools {

/// A row as a JSON object and back, both from one list of its fields.
/// @param fields  fields(row, field) calls field(key, member) for each member
template <class Row, class Fields>
nlohmann::json fields_to_json(const Row& row, const Fields& fields) {
  nlohmann::json object = nlohmann::json::object();
  fields(row, [&object](const char* key, const auto& value) { object[key] = value; });
  return object;
}

/// Reads null as NaN, which JSON does not have.
/// @throws nlohmann::json::exception  when a field is missing or of another type
template <class Row, class Fields>
Row fields_from_json(const nlohmann::json& object, const Fields& fields) {
  Row row;
  fields(row, [&object](const char* key, auto& member) {
    using Member = std::decay_t<decltype(member)>;
    const nlohmann::json& value = object.at(key);
    if constexpr (std::is_same_v<Member, double>)
      member = value.is_null() ? engine::kUnknown : value.template get<double>();
    else
      value.get_to(member);
  });
  return row;
}

}  // namespace saltus::tools
