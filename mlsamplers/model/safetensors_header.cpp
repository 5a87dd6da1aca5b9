#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "mlsamplers/model/printable.h"
#include "mlsamplers/model/safetensors_file.h"
#include "mlsamplers/model/safetensors_header_detail.h"

namespace saltus::mlsamplers {

namespace {

using nlohmann::json;

/// Longest shape. A list costs more memory than its text, and no longer one is needed.
constexpr std::size_t kMaxDimensions = 16;

[[noreturn]] void fail(const std::string& what) { throw SafetensorsError(what, false); }

/// Takes the parser's events one after another. The functions that are named as nlohmann's
/// json_sax has them return true: continue.
class HeaderEvents {
 public:
  bool null() { refuse(); }
  bool boolean(bool) { refuse(); }
  bool number_integer(json::number_integer_t) { refuse(); }
  bool number_float(json::number_float_t, const json::string_t&) { refuse(); }
  bool binary(json::binary_t&) { refuse(); }

  bool number_unsigned(json::number_unsigned_t value) {
    if (place_ != Place::kNumbers) refuse();
    if (numbers_.size() == kMaxDimensions)
      fail(quoted_name(key_) + " of " + tensor() + " has more than " +
           std::to_string(kMaxDimensions) + " numbers");
    numbers_.push_back(value);
    return true;
  }

  bool string(json::string_t& value) {
    if (place_ == Place::kMetadata) {
      header_.metadata[key_] = std::move(value);
    } else if (place_ == Place::kTensor && key_ == "dtype") {
      dtype_ = std::move(value);
    } else {
      refuse();
    }
    return true;
  }

  bool start_object(std::size_t) {
    if (place_ == Place::kStart) {
      place_ = Place::kNames;
    } else if (place_ == Place::kNames && name_ == kMetadataName) {
      place_ = Place::kMetadata;
    } else if (place_ == Place::kNames) {
      place_ = Place::kTensor;
    } else {
      refuse();
    }
    return true;
  }

  bool key(json::string_t& value) {
    if (place_ == Place::kNames) {
      const bool known = value == kMetadataName ? has_metadata_ : header_.entries.count(value) > 0;
      if (known) fail("the name " + quoted_name(value) + " is there twice");
      has_metadata_ = has_metadata_ || value == kMetadataName;
      name_ = std::move(value);
      return true;
    }
    key_ = std::move(value);
    if (place_ == Place::kMetadata) {
      if (header_.metadata.count(key_) > 0)
        fail("the metadata " + quoted_name(key_) + " is there twice");
      return true;
    }
    const bool twice = (key_ == "dtype" && dtype_) || (key_ == "shape" && shape_) ||
                       (key_ == "data_offsets" && offsets_);
    if (twice) fail(tensor() + " has " + quoted_name(key_) + " twice");
    if (key_ != "dtype" && key_ != "shape" && key_ != "data_offsets")
      fail(tensor() + " has the unknown key " + quoted_name(key_));
    return true;
  }

  bool start_array(std::size_t) {
    if (place_ != Place::kTensor || key_ == "dtype") refuse();
    numbers_.clear();
    place_ = Place::kNumbers;
    return true;
  }

  bool end_array() {
    (key_ == "shape" ? shape_ : offsets_) = std::move(numbers_);
    numbers_.clear();
    place_ = Place::kTensor;
    return true;
  }

  bool end_object() {
    if (place_ == Place::kTensor) add_entry();
    place_ = place_ == Place::kNames ? Place::kEnd : Place::kNames;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) {
    fail("the header is not valid JSON in UTF-8 at its byte " + std::to_string(position));
  }

  Header take() { return std::move(header_); }

 private:
  enum class Place { kStart, kNames, kMetadata, kTensor, kNumbers, kEnd };

  std::string tensor() const { return "tensor " + quoted_name(name_); }

  /// Says what was expected where something else came.
  [[noreturn]] void refuse() const {
    switch (place_) {
      case Place::kMetadata:
        fail("the metadata " + quoted_name(key_) + " is not a text");
      case Place::kTensor:
        fail(quoted_name(key_) + " of " + tensor() + " is not a " +
             (key_ == "dtype" ? "text" : "list of whole numbers that are not negative"));
      case Place::kNumbers:
        fail(quoted_name(key_) + " of " + tensor() +
             " is not a list of whole numbers that are not negative and below 2^64");
      case Place::kNames:
        fail(quoted_name(name_) + " is not an object");
      default:
        fail("the header is not a JSON object");
    }
  }

  void add_entry() {
    const std::pair<const char*, bool> members[] = {{"dtype", dtype_.has_value()},
                                                    {"shape", shape_.has_value()},
                                                    {"data_offsets", offsets_.has_value()}};
    for (const auto& [name, is_there] : members)
      if (!is_there) fail(tensor() + " has no '" + name + "'");
    if (offsets_->size() != 2)
      fail("'data_offsets' of " + tensor() + " are " + std::to_string(offsets_->size()) +
           " numbers, expected 2");
    header_.entries[name_] = {std::move(*dtype_), std::move(*shape_), (*offsets_)[0],
                              (*offsets_)[1]};
    dtype_.reset();
    shape_.reset();
    offsets_.reset();
  }

  Header header_;
  Place place_ = Place::kStart;
  bool has_metadata_ = false;
  std::string name_, key_;  ///< the last ones, of the outer and the inner object
  std::vector<std::uint64_t> numbers_;
  std::optional<std::string> dtype_;
  std::optional<std::vector<std::uint64_t>> shape_, offsets_;
};

}  // namespace

std::string quoted_name(const std::string& name) {
  constexpr std::size_t kMaxShown = 80;
  return "'" + printable(name, kMaxShown) + "'";
}

Header read_header(engine::Span<const unsigned char> text) {
  // The parser takes a zero byte for the end of its input, and a byte order mark for nothing.
  const auto* zero = std::find(text.begin(), text.end(), 0);
  if (zero != text.end())
    fail("the header has a zero byte at its byte " + std::to_string(zero - text.begin() + 1));
  // Padding is of spaces only.
  std::size_t length = text.size();
  while (length > 0 && text[length - 1] == ' ') --length;
  if (length == 0 || text[0] != '{' || text[length - 1] != '}')
    fail("the header is not a JSON object, followed by nothing but spaces");
  HeaderEvents events;
  json::sax_parse(text.begin(), text.begin() + length, &events);
  return events.take();
}

}  // namespace saltus::mlsamplers
