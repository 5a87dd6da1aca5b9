// Oracle: the tensors that were written, the published FNV-1a values, every single-byte change and
// every truncation of a small file, and the documented message for what is no model.
#include "mlsamplers/model/model_file.h"
#include "engine/core/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "engine/core/error.h"
#include "mlsamplers/model/model_bytes.h"
#include "tests/mlsamplers/safetensors_text.h"
#include "tests/support/errors.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using engine::FileError;
using engine::ModelError;
using mlsamplers::ModelReader;
using mlsamplers::ModelWriter;
using mlsamplers::write_model_bytes;

const std::string kDamaged = ": the model file is damaged: ";
const std::string kNoModel =
    ": this is not a model file of Saltus, or it is cut short; make one with saltus train";
const std::string kCanCarryCode =
    ": this is a zip archive or a pickle, as models of earlier versions were; such files can carry "
    "code that runs when they are opened, so they are not read any more; train the model again "
    "with 'saltus train DECK', which writes a .safetensors file";

std::string hash_of(const std::string& text) {
  engine::Fnv1a hash;
  hash.add(text.data(), text.size());
  return hash.hex();
}

mlsamplers::ModelCard small_card() {
  mlsamplers::ModelCard card;
  card.kind = "test";
  return card;
}

void write_small_model(const std::string& path) {
  ModelWriter writer;
  writer.add("doubles", std::vector<double>{1.5, -2.0}, 1);
  writer.add("integers", std::vector<std::int64_t>{1, 2, 3, 4}, 2);
  writer.add_size("size", 7);
  const float weights[] = {0.25f, 0.5f, 1.0f};
  writer.add("weights", "F32", {3, 1}, weights);
  writer.write(small_card(), path);
}

std::string refusal(const std::string& path) {
  return message_of<ModelError>([&] { ModelReader reader(path); });
}

// Source: draft-eastlake-fnv, test vectors.
TEST(Fnv1a, HasThePublishedValues) {
  EXPECT_EQ(hash_of(""), "cbf29ce484222325");
  EXPECT_EQ(hash_of("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(hash_of("foobar"), "85944171f73967e8");
}

TEST(ModelFile, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.file("model");
  write_small_model(path);
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
  ModelReader reader(path);
  EXPECT_EQ(reader.card().kind, "test");
  EXPECT_EQ(reader.doubles("doubles"), (std::vector<double>{1.5, -2.0}));
  EXPECT_EQ(reader.integers("integers", 2), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(reader.size("size", 7), 7);
  EXPECT_EQ(message_of<ModelError>([&] { reader.require_all_used(); }),
            path + kDamaged + "it holds the tensor 'weights', which no such model has");
  EXPECT_EQ(reader.array("weights", "F32", {3, 1}).size(), 12u);
  EXPECT_NO_THROW(reader.require_all_used());
  EXPECT_NO_THROW(reader.require_kind("test"));

  const std::string bytes = content_of(path);
  EXPECT_NO_THROW(ModelReader("in memory", bytes_of_text(bytes)));
  EXPECT_EQ(message_of<ModelError>([&] { ModelReader("in memory", bytes_of_text("{}")); }),
            "in memory" + kNoModel);
}

TEST(ModelFile, NamesTensorsThatAreNotAsWanted) {
  const TemporaryFolder folder;
  const std::string path = folder.file("model");
  write_small_model(path);
  ModelReader reader(path);
  const auto failure = [&](const auto& read) {
    return message_of<ModelError>([&] { read(); }).substr(path.size() + kDamaged.size());
  };
  EXPECT_EQ(failure([&] { reader.doubles("none"); }), "'none' is missing");
  EXPECT_EQ(failure([&] { reader.doubles("integers"); }), "'integers' is I64 [2, 2], expected F64");
  EXPECT_EQ(failure([&] { reader.integers("integers", 4); }),
            "'integers' is I64 [2, 2], expected I64 [any, 4]");
  EXPECT_EQ(failure([&] { reader.integers("doubles", 0); }),
            "'doubles' is F64 [2, 1], expected I64");
  EXPECT_EQ(failure([&] {
              reader.array("weights", "F32", {1, 3});
            }),
            "'weights' is F32 [3, 1], expected F32 [1, 3]");
  EXPECT_EQ(failure([&] {
              reader.array("weights", "F64", {3, 1});
            }),
            "'weights' is F32 [3, 1], expected F64 [3, 1]");
  EXPECT_EQ(failure([&] { reader.size("integers", 9); }), "'integers' is not one positive number");
  EXPECT_EQ(failure([&] { reader.size("size", 6); }), "'size' is 7, at most 6 are possible");
  EXPECT_EQ(message_of<ModelError>([&] { reader.require_kind("other"); }),
            path + ": a model of kind 'test', expected 'other'");
}

TEST(ModelFile, EverySingleChangeIsSeen) {
  const TemporaryFolder folder;
  write_small_model(folder.file("whole"));
  const std::string whole = content_of(folder.file("whole"));
  const auto refusal_of = [](const std::string& text) {
    return message_of<ModelError>([&] { ModelReader("m", bytes_of_text(text)); });
  };
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(refusal_of(whole.substr(0, i)), "m" + kNoModel) << "cut to " << i << " bytes";
    for (const char flip : {'\x01', '\x20', '\x80'}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      EXPECT_THAT(refusal_of(changed), testing::StartsWith("m: ")) << "byte " << i;
    }
  }
  EXPECT_EQ(refusal_of(whole + "x"), "m" + kDamaged + "1 bytes at the end belong to no tensor");
  std::string changed = whole;
  changed.back() = static_cast<char>(changed.back() ^ '\x01');
  EXPECT_EQ(refusal_of(changed),
            "m" + kDamaged +
                "its checksum does not fit; copy it again, or make a new one with saltus train");
}

TEST(ModelFile, RefusesFilesWithoutCardOrDigest) {
  const TemporaryFolder folder;
  const std::string path = folder.file("model");
  folder.write("model",
               safetensors_text(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "x"));
  EXPECT_EQ(refusal(path), path + ": this file holds no model card; it was not written by Saltus");
  folder.write("model", safetensors_text(R"({"__metadata__":{"card":"{}"}})"));
  EXPECT_EQ(refusal(path), path + kDamaged + "it has no digest");
  folder.write("model", safetensors_text(R"({"__metadata__":{"card":"{}","digest":""}})"));
  EXPECT_THAT(refusal(path), testing::HasSubstr("its checksum does not fit"));
}

TEST(ModelFile, RefusesWhatCanCarryCode) {
  const TemporaryFolder folder;
  // Empty and full archives, and pickles of protocols 2 to 5.
  for (const std::string& begin :
       {std::string("PK\x05\x06"), std::string("PK\x03\x04\0\0\x08\x08", 8),
        std::string("PK\x07\x08"), std::string("\x80\x02}q"), std::string("\x80\x03"),
        std::string("\x80\x04\x95"), std::string("\x80\x05\x95")}) {
    const std::string path = folder.write("model.pt", begin + std::string(40, '\x01'));
    EXPECT_EQ(refusal(path), path + kCanCarryCode);
    EXPECT_TRUE(mlsamplers::looks_like_model(path));
  }
  // A header of 640 bytes begins like a pickle and is none.
  std::string header = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  header.resize(640, ' ');
  EXPECT_EQ(
      refusal(folder.write("model.pt", safetensors_text(header, "x"))),
      folder.file("model.pt") + ": this file holds no model card; it was not written by Saltus");
}

TEST(ModelFile, OpensOnlyRegularFilesAndReadsNoneThatAreTooLarge) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<FileError>([&] { ModelReader reader(folder.file("missing")); }),
            folder.file("missing") + ": cannot open the model file: No such file or directory");
  EXPECT_EQ(refusal(folder.path()), folder.path() + kNoModel);
  const std::string no_file = ": this is a device or a pipe; a model is read from a regular file";
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(refusal(pipe), pipe + no_file);
  EXPECT_EQ(refusal("/dev/zero"), "/dev/zero" + no_file);
  EXPECT_FALSE(mlsamplers::looks_like_model(pipe));
  EXPECT_FALSE(mlsamplers::looks_like_model(folder.path()));
  EXPECT_FALSE(mlsamplers::looks_like_model(folder.file("missing")));

  // Holes in a file cost nothing, its length could.
  const std::string path = folder.write("sparse", "");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 36);
  EXPECT_EQ(refusal(path), path + kNoModel);
  folder.write("sparse", safetensors_text("{}"));
  std::filesystem::resize_file(path, std::uintmax_t{1} << 36);
  EXPECT_EQ(refusal(path),
            path + ": the model file has 68719476736 bytes; at most 1073741824 are read");
}

TEST(ModelFile, SaysWhenItCannotBeWritten) {
  const TemporaryFolder folder;
  for (const std::string& path :
       {folder.file("no_such_folder/model"), folder.write("a_file", "") + "/model"})
    EXPECT_EQ(message_of<FileError>([&] { write_model_bytes(path, "bytes"); }),
              path +
                  ": cannot write the model file; is the directory there and writable, and the "
                  "disk not full?");
  // A folder stands where the file should go: nothing half-finished stays behind.
  const std::string taken = folder.file("taken");
  std::filesystem::create_directories(taken + "/inside");
  EXPECT_EQ(message_of<FileError>([&] { write_model_bytes(taken, "bytes"); }),
            taken + ": cannot rename the finished model file: Is a directory");
  EXPECT_FALSE(std::filesystem::exists(taken + ".partial"));
  // A device would be replaced by the file.
  EXPECT_EQ(message_of<FileError>([&] { write_model_bytes("/dev/null", "bytes"); }),
            "/dev/null: this is a device or a pipe; a model is written to a regular file");
}

TEST(ModelFile, FullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/full", folder.file("model.partial"));
  EXPECT_EQ(message_of<FileError>(
                [&] { write_model_bytes(folder.file("model"), std::string(100000, 'x')); }),
            folder.file("model") +
                ": cannot write the model file; is the directory there and writable, and the disk "
                "not full?");
  EXPECT_FALSE(std::filesystem::exists(folder.file("model")));
}

}  // namespace
}  // namespace saltus::tests
