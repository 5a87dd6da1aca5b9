// Oracle: files put together by hand after the published description of the format, and the
// documented message for each way in which one can be wrong.
#include "mlsamplers/model/safetensors_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "tests/mlsamplers/safetensors_text.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using mlsamplers::parse_safetensors;
using mlsamplers::SafetensorsContent;
using mlsamplers::SafetensorsError;

SafetensorsContent parse(const std::string& text) { return parse_safetensors(bytes_of_text(text)); }

std::string refusal(const std::string& text) {
  return message_of<SafetensorsError>([&] { parse(text); });
}

/// Of a header with so many bytes of data after it.
std::string refusal(const std::string& header, std::size_t n_data) {
  return refusal(safetensors_text(header, std::string(n_data, '\x01')));
}

/// Whether the file is refused as one that is too short or of another kind.
bool is_cut(const std::string& text) {
  try {
    parse(text);
  } catch (const SafetensorsError& error) {
    return error.is_cut();
  }
  return false;
}

const char* const kTwo = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                         R"("b":{"dtype":"F32","shape":[1,2],"data_offsets":[2,10]}})";

TEST(Safetensors, ReadsWhatTheFormatAllows) {
  const std::string text = safetensors_text(
      R"({"__metadata__":{"text":"\u00e4 \"x\"","":""},)"
      R"("later":{"data_offsets":[8,10],"dtype":"BF16","shape":[1]},)"
      R"("test":{"dtype":"I32","shape":[2,1],"data_offsets":[0,8]},)"
      R"("none":{"dtype":"F64","shape":[3,0,18446744073709551615],"data_offsets":[8,8]},)"
      R"("one":{"dtype":"BOOL","shape":[],"data_offsets":[10,11]}}   )",
      std::string("\x01\0\0\0\x02\0\0\0zz\x01", 11));
  const SafetensorsContent content = parse(text);
  EXPECT_EQ(content.metadata,
            (std::map<std::string, std::string>{{"text", "\u00e4 \"x\""}, {"", ""}}));
  ASSERT_EQ(content.arrays.size(), 4u);
  const auto& test = content.arrays.at("test");
  EXPECT_EQ(test.dtype, "I32");
  EXPECT_EQ(test.shape, (std::vector<std::uint64_t>{2, 1}));
  std::int32_t numbers[2];
  ASSERT_EQ(test.bytes.size(), sizeof numbers);
  std::memcpy(numbers, test.bytes.data(), sizeof numbers);
  EXPECT_EQ(numbers[1], 2);
  EXPECT_EQ(content.arrays.at("later").bytes[1], 'z');
  EXPECT_TRUE(content.arrays.at("none").bytes.empty());
  EXPECT_TRUE(content.arrays.at("one").shape.empty());
  EXPECT_TRUE(parse(safetensors_text("{}")).arrays.empty());
  EXPECT_TRUE(parse(safetensors_text(R"({"__metadata__":{}})")).metadata.empty());
}

TEST(Safetensors, ReadsItsOwnFilesAndWritesThemAlike) {
  const std::string wide(24, 'w'), narrow(6, 'n');
  SafetensorsContent content;
  content.metadata = {{"card", "{\"quotes\": \"\\\"\"}\n"}, {"digest", "0"}};
  content.arrays["narrow"] = {"U16", {3, 1}, bytes_of_text(narrow)};
  content.arrays["wide"] = {"F64", {3}, bytes_of_text(wide)};
  content.arrays["empty"] = {"F32", {0, 7}, {}};
  content.arrays["\u00fc / \"name\""] = {"F64", {}, bytes_of_text(wide).subspan(0, 8)};
  const std::string text = mlsamplers::safetensors_bytes(content);
  const SafetensorsContent back = parse(text);
  EXPECT_EQ(back.metadata, content.metadata);
  ASSERT_EQ(back.arrays.size(), content.arrays.size());
  for (const auto& [name, array] : content.arrays) {
    const auto& other = back.arrays.at(name);
    EXPECT_EQ(other.dtype, array.dtype);
    EXPECT_EQ(other.shape, array.shape);
    EXPECT_TRUE(
        std::equal(array.bytes.begin(), array.bytes.end(), other.bytes.begin(), other.bytes.end()));
    // Readers that map the file want whole multiples.
    const auto* start = reinterpret_cast<const unsigned char*>(text.data());
    EXPECT_EQ((other.bytes.data() - start) %
                  static_cast<std::ptrdiff_t>(mlsamplers::dtype_bytes(array.dtype)),
              0);
  }
  EXPECT_EQ(mlsamplers::safetensors_bytes(back), text);
}

TEST(Safetensors, DoesNotWriteWhatItWouldNotRead) {
  const std::string bytes(8, '\0');
  SafetensorsContent content;
  const auto failure = [&content] {
    return message_of<SafetensorsError>([&] { mlsamplers::safetensors_bytes(content); });
  };
  content.arrays["x"] = {"F64", {2}, bytes_of_text(bytes)};
  EXPECT_EQ(failure(), "tensor 'x' has 8 bytes, which is not F64 [2]");
  content.arrays["x"].dtype = "F65";
  EXPECT_EQ(failure(), "tensor 'x' has the unknown dtype 'F65'");
  content.arrays = {{"\xff", {"F64", {}, bytes_of_text(bytes)}}};
  EXPECT_EQ(failure(), "a name or a text of the metadata is not valid UTF-8");
}

TEST(Safetensors, RefusesImpossibleHeaderLengths) {
  EXPECT_EQ(refusal(""), "the file has 0 bytes, no room for a header");
  EXPECT_EQ(refusal("hello\n"), "the file has 6 bytes, no room for a header");
  EXPECT_EQ(refusal(eight_bytes(2) + "{"), "the file has 9 bytes, no room for a header");
  EXPECT_EQ(refusal(eight_bytes(3) + "{}"), "the header should have 3 bytes, the file has 10");
  for (const std::uint64_t length :
       {std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max(),
        std::numeric_limits<std::uint64_t>::max() - 7, std::uint64_t{1} << 32})
    EXPECT_EQ(refusal(eight_bytes(length) + "{}"),
              "the header should have " + std::to_string(length) + " bytes, the file has 10");
  EXPECT_EQ(refusal(eight_bytes(0) + "{}"),
            "the header is not a JSON object, followed by nothing but spaces");
  EXPECT_EQ(refusal(eight_bytes(1) + "{}"),
            "the header is not a JSON object, followed by nothing but spaces");
  EXPECT_EQ(refusal(safetensors_text("x{}")), "no header begins at byte 8: expected '{'");
  const std::string long_header = "{" + std::string(100'000'000, ' ') + "}";
  EXPECT_EQ(refusal(safetensors_text(long_header)),
            "the header has 100000002 bytes, at most 100000000 are allowed");
  EXPECT_FALSE(is_cut(safetensors_text(long_header)));
  for (const std::string& cut :
       {std::string(), eight_bytes(2) + "{", eight_bytes(1000) + "{}", safetensors_text("x{}")})
    EXPECT_TRUE(is_cut(cut));
}

TEST(Safetensors, RefusesWhatIsNoJson) {
  const auto at = [](int byte) {
    return "the header is not valid JSON in UTF-8 at its byte " + std::to_string(byte);
  };
  EXPECT_EQ(refusal("{'a'}", 0), at(2));
  EXPECT_EQ(refusal("{\"a}", 0), at(5));
  EXPECT_EQ(refusal("{}{}", 0), at(3));
  EXPECT_EQ(refusal("{}x}", 0), at(3));
  EXPECT_EQ(refusal("{\"a\xff\":1}", 0), at(4));
  EXPECT_EQ(refusal("{\"\xed\xa0\x80\":1}", 0), at(4));  // half of a surrogate pair
  EXPECT_EQ(refusal("{\"\\ud800\":1}", 0), at(9));
  EXPECT_EQ(refusal("{\"__metadata__\":{\"a\":\"\xc0\xaf\"}}", 0), at(23));  // too long a form
  EXPECT_EQ(refusal("{/* comment */}", 0), at(2));
  // After a zero byte a parser sees nothing.
  EXPECT_EQ(refusal(std::string("{}\0}", 4), 0), "the header has a zero byte at its byte 3");
  EXPECT_EQ(refusal("{}\n", 0), "the header is not a JSON object, followed by nothing but spaces");
  EXPECT_EQ(refusal("\xef\xbb\xbf{}", 0), "no header begins at byte 8: expected '{'");
}

TEST(Safetensors, RefusesWhatDoesNotBelongIntoAHeader) {
  for (const char* value : {"1", "\"text\"", "null", "true", "[]", "-1", "1.5"})
    EXPECT_EQ(refusal("{\"a\":" + std::string(value) + "}", 0), "'a' is not an object") << value;
  EXPECT_EQ(refusal(R"({"__metadata__":[]})", 0), "'__metadata__' is not an object");
  for (const char* value : {"1", "null", "{}", "[\"a\"]", "false"})
    EXPECT_EQ(refusal(R"({"__metadata__":{"m":)" + std::string(value) + "}}", 0),
              "the metadata 'm' is not a text")
        << value;
  const auto tensor = [](const std::string& fields) {
    return refusal("{\"a\":{" + fields + "}}", 8);
  };
  EXPECT_EQ(tensor(R"("dtype":1)"), "'dtype' of tensor 'a' is not a text");
  EXPECT_EQ(tensor(R"("dtype":["F64"])"), "'dtype' of tensor 'a' is not a text");
  EXPECT_EQ(tensor(R"("shape":{})"),
            "'shape' of tensor 'a' is not a list of whole numbers that are not negative");
  const std::string numbers =
      "'shape' of tensor 'a' is not a list of whole numbers that are not negative and below 2^64";
  for (const char* shape : {"[-1]", "[1.0]", "[18446744073709551616]", "[1e3]", "[\"1\"]", "[null]",
                            "[[1]]", "[true]", "[{}]"})
    EXPECT_EQ(tensor("\"shape\":" + std::string(shape)), numbers) << shape;
  EXPECT_EQ(tensor(R"("shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1])"),
            "'shape' of tensor 'a' has more than 16 numbers");
  EXPECT_EQ(tensor(R"("dtype":"F64","shape":[1])"), "tensor 'a' has no 'data_offsets'");
  EXPECT_EQ(tensor(R"("dtype":"F64","data_offsets":[0,8])"), "tensor 'a' has no 'shape'");
  EXPECT_EQ(tensor(R"("shape":[1],"data_offsets":[0,8])"), "tensor 'a' has no 'dtype'");
  EXPECT_EQ(tensor(R"("dtype":"F64","shape":[1],"data_offsets":[0])"),
            "'data_offsets' of tensor 'a' are 1 numbers, expected 2");
  EXPECT_EQ(tensor(R"("dtype":"F64","strides":[1])"), "tensor 'a' has the unknown key 'strides'");
  for (const char* dtype : {"f64", "C64", "", "F64 ", "object"})
    EXPECT_EQ(tensor(R"("shape":[1],"data_offsets":[0,8],"dtype":")" + std::string(dtype) + "\""),
              "tensor 'a' has the unknown dtype '" + std::string(dtype) + "'");
}

TEST(Safetensors, RefusesWhatIsThereTwice) {
  const std::string a = R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]})";
  EXPECT_EQ(refusal("{" + a + "," + a + "}", 2), "the name 'a' is there twice");
  EXPECT_EQ(refusal(R"({"__metadata__":{},"__metadata__":{}})", 0),
            "the name '__metadata__' is there twice");
  EXPECT_EQ(refusal(R"({"__metadata__":{"m":"1","n":"","\u006d":"2"}})", 0),
            "the metadata 'm' is there twice");
  for (const char* field : {R"("dtype":"U8")", R"("shape":[2])", R"("data_offsets":[0,2])"}) {
    const std::string key = std::string(field).substr(1, std::string(field).find('"', 1) - 1);
    EXPECT_EQ(refusal("{\"a\":{" + std::string(field) + "," + field + "}}", 2),
              "tensor 'a' has '" + key + "' twice");
  }
}

/// Deep JSON is refused at its fourth level, however deep it goes.
TEST(Safetensors, BoundsTheDepth) {
  constexpr std::size_t kLevels = 1'000'000;
  EXPECT_EQ(refusal("{\"a\":" + std::string(kLevels, '[') + "}", 0), "'a' is not an object");
  std::string objects = "{";
  for (std::size_t i = 0; i < kLevels; ++i) objects += "\"a\":{";
  EXPECT_EQ(refusal(objects + "}", 0), "tensor 'a' has the unknown key 'a'");
  EXPECT_EQ(refusal("{\"a\":{\"shape\":" + std::string(kLevels, '[') + "}", 0),
            "'shape' of tensor 'a' is not a list of whole numbers that are not negative and below "
            "2^64");
}

TEST(Safetensors, RefusesOffsetsThatDoNotFit) {
  const auto two = [](const std::string& b, std::size_t n_data) {
    return refusal(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":)" + b + "}",
                   n_data);
  };
  EXPECT_NO_THROW(parse(safetensors_text(kTwo, std::string(10, 'x'))));
  EXPECT_EQ(refusal(kTwo, 9), "tensor 'b' ends at byte 10 of the data, which has 9");
  EXPECT_TRUE(is_cut(safetensors_text(kTwo, std::string(9, 'x'))));
  EXPECT_EQ(refusal(kTwo, 11), "1 bytes at the end belong to no tensor");
  EXPECT_EQ(two(R"({"dtype":"U8","shape":[3],"data_offsets":[4,7]})", 7),
            "2 bytes before tensor 'b' belong to no tensor");
  EXPECT_EQ(refusal(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3),
            "1 bytes before tensor 'a' belong to no tensor");
  EXPECT_EQ(two(R"({"dtype":"U8","shape":[2],"data_offsets":[1,3]})", 3),
            "tensors 'a' and 'b' overlap");
  EXPECT_EQ(two(R"({"dtype":"U8","shape":[2],"data_offsets":[0,2]})", 2),
            "tensors 'a' and 'b' overlap");
  EXPECT_EQ(two(R"({"dtype":"U8","shape":[0],"data_offsets":[1,1]})", 2),
            "tensors 'a' and 'b' overlap");
  EXPECT_EQ(two(R"({"dtype":"U8","shape":[0],"data_offsets":[3,3]})", 3),
            "1 bytes before tensor 'b' belong to no tensor");
  EXPECT_EQ(two(R"({"dtype":"U8","shape":[2],"data_offsets":[4,2]})", 4),
            "tensor 'b' ends at byte 2, before it begins at byte 4");
  EXPECT_EQ(two(R"({"dtype":"F32","shape":[2],"data_offsets":[2,6]})", 6),
            "tensor 'b' has 4 bytes, but F32 [2] needs 8");
  EXPECT_EQ(two(R"({"dtype":"U8","shape":[18446744073709551615],)"
                R"("data_offsets":[0,18446744073709551615]})",
                2),
            "tensor 'b' ends at byte 18446744073709551615 of the data, which has 2");
  // Products that would wrap around to what the offsets say.
  EXPECT_EQ(two(R"({"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[2,2]})", 2),
            "tensor 'b' has a shape of more than 2^64 bytes");
  EXPECT_EQ(two(R"({"dtype":"F64","shape":[2305843009213693953],"data_offsets":[2,10]})", 10),
            "tensor 'b' has a shape of more than 2^64 bytes");
}

TEST(Safetensors, ShowsNamesWithoutControlCharacters) {
  EXPECT_EQ(refusal(R"({"\u001b[2J\u0000\u0085x":1})", 0),
            R"('\x1b[2J\x00\x85x' is not an object)");
  EXPECT_EQ(refusal("{\"" + std::string(500, 'n') + "\":1}", 0),
            "'" + std::string(80, 'n') + "...' is not an object");
}

/// Every file that differs from a good one by some bytes is read or refused, never more.
TEST(Safetensors, SurvivesRandomChanges) {
  const std::string whole = safetensors_text(kTwo, std::string(10, 'x'));
  auto stream = test_stream(113);
  const std::string pieces[] = {"\"", "{", "}", "[", "]", ",", ":", "0", "9", "-", "\\u", "\xc3"};
  std::size_t n_read = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    std::string text = whole;
    for (std::size_t i = 0; i <= stream.below(3); ++i) {
      const std::size_t place = stream.below(text.size());
      if (stream.below(2) == 0)
        text[place] = static_cast<char>(stream.below(256));
      else
        text.replace(place, stream.below(3), pieces[stream.below(std::size(pieces))]);
    }
    try {
      const SafetensorsContent content = parse(text);
      std::size_t n_bytes = 0;
      for (const auto& [name, array] : content.arrays) n_bytes += array.bytes.size();
      EXPECT_LT(n_bytes, text.size());
      ++n_read;
    } catch (const SafetensorsError&) {
    }
  }
  EXPECT_GT(n_read, 100u);  // changes of data and of names leave a good file
}

}  // namespace
}  // namespace saltus::tests
