// The model card as JSON and back. A card may come from anywhere: nothing in it is taken for
// another type, another number or the last of several.
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <type_traits>

#include "engine/core/error.h"
#include "mlsamplers/model/model_card.h"
#include "mlsamplers/model/printable.h"

namespace saltus::mlsamplers {

using engine::ModelError;
using nlohmann::json;

namespace {

/// Levels of a card; bonds of the molecule are the deepest.
constexpr int kMaxLevels = 4;

/// What is wrong with a card.
struct CardFault {
  std::string what;
};

/// Refuses deep nesting and keys that come twice while the parser goes through the text.
class CardGuard {
 public:
  bool operator()(int depth, json::parse_event_t event, const json& value) {
    if (depth > kMaxLevels) throw CardFault{"it is nested too deeply"};
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key && !keys_.back().insert(value.get<std::string>()).second)
      throw CardFault{"the key '" + printable(value.get<std::string>(), 80) + "' is there twice"};
    return true;
  }

 private:
  std::vector<std::set<std::string>> keys_;
};

/// Takes the fields of an object one by one.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  template <class Value>
  void read(const char* key, Value& out) {
    const json& value = object_.at(key);
    known_.insert(key);
    read_value(key, value, out);
  }
  bool has(const char* key) {
    known_.insert(key);
    return object_.contains(key);
  }
  void refuse_others() const {
    for (const auto& [key, value] : object_.items())
      if (known_.count(key) == 0)
        throw CardFault{"the key '" + printable(key, 80) + "' is not known"};
  }

 private:
  static void read_value(const char* key, const json& value, std::string& out) {
    if (!value.is_string()) wrong(key, "string", value);
    value.get_to(out);
  }
  static void read_value(const char* key, const json& value, double& out) {
    if (!value.is_number()) wrong(key, "number", value);
    value.get_to(out);
  }
  template <class Whole>
  static std::enable_if_t<std::is_integral_v<Whole>> read_value(const char* key, const json& value,
                                                                Whole& out) {
    if (!value.is_number_unsigned() ||
        value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<Whole>::max()))
      wrong(key, "number, whole, not negative and not too large", value);
    value.get_to(out);
  }
  template <class Value>
  static void read_value(const char* key, const json& value, std::vector<Value>& out) {
    if (!value.is_array()) wrong(key, "array", value);
    out.clear();
    for (const json& entry : value) read_value(key, entry, out.emplace_back());
  }
  static void read_value(const char* key, const json& value, std::map<std::string, double>& out) {
    if (!value.is_object()) wrong(key, "object", value);
    out.clear();
    for (const auto& [name, entry] : value.items()) read_value(key, entry, out[name]);
  }
  [[noreturn]] static void wrong(const char* key, const char* expected, const json& value) {
    throw CardFault{"'" + std::string(key) + "': type must be " + expected + ", but is " +
                    value.type_name()};
  }

  const json& object_;
  std::set<std::string> known_;
};

constexpr auto kTransferableFields = [](auto& card, const auto& field) {
  field("elements", card.elements);
  field("n_molecules", card.n_molecules);
  field("data", card.data);
  field("split", card.split);
  field("seed", card.seed);
  field("scores", card.scores);
};

/// Without what only transferable models have.
constexpr auto kCardFields = [](auto& card, const auto& field) {
  field("kind", card.kind);
  field("format", card.format);
  field("atoms", card.atoms);
  field("bonds", card.bonds);
  field("temperature_K", card.temperature_K);
  field("lag_ps", card.lag_ps);
  field("force_field", card.force_field);
  field("force_field_digest", card.force_field_digest);
  field("measure", card.measure);
  field("precision", card.precision);
  field("units", card.units);
  field("created_by", card.created_by);
  field("training", card.training);
  field("references", card.references);
};

template <class Card, class List>
nlohmann::ordered_json to_json(const Card& card, const List& list) {
  nlohmann::ordered_json object;
  list(card, [&object](const char* key, const auto& value) { object[key] = value; });
  return object;
}

TransferableCard transferable_from(const json& object) {
  TransferableCard card;
  Fields fields(object);
  kTransferableFields(card, [&](const char* key, auto& value) { fields.read(key, value); });
  fields.refuse_others();
  return card;
}

ModelCard card_from(const json& object) {
  ModelCard card;
  Fields fields(object);
  kCardFields(card, [&](const char* key, auto& value) { fields.read(key, value); });
  for (const auto& bond : card.bonds)
    if (bond.size() != 2) throw CardFault{"'bonds': a bond does not have two atoms"};
  if (fields.has("transferable")) card.transferable = transferable_from(object.at("transferable"));
  fields.refuse_others();
  return card;
}

}  // namespace

std::string card_to_json(const ModelCard& card) {
  nlohmann::ordered_json object = to_json(card, kCardFields);
  if (card.transferable) object["transferable"] = to_json(*card.transferable, kTransferableFields);
  return object.dump(1);
}

ModelCard card_from_json(const std::string& text, const std::string& path) {
  const auto damaged = [&path](const std::string& what) {
    return ModelError(path + ": the model card is damaged: " + printable(what));
  };
  try {
    // The parser takes a zero byte for the end of the text.
    if (text.find('\0') != std::string::npos) throw CardFault{"it has a zero byte"};
    return card_from(json::parse(text, CardGuard()));
  } catch (const CardFault& fault) {
    throw damaged(fault.what);
  } catch (const json::exception& error) {
    throw damaged(error.what());
  }
}

}  // namespace saltus::mlsamplers
