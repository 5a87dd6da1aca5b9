// Oracle: the content that was sealed, the published FNV-1a values, and every single-byte change
// and every truncation of a small file.
#include "mlsamplers/model/sealed_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/core/error.h"
#include "mlsamplers/model/fnv1a.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using mlsamplers::read_sealed;
using mlsamplers::write_sealed;

const std::string kContent("any bytes\0\n\xff", 12);

std::string hash_of(const std::string& text) {
  mlsamplers::Fnv1a hash;
  hash.add(text.data(), text.size());
  return hash.hex();
}

// Source: draft-eastlake-fnv, test vectors.
TEST(Fnv1a, HasThePublishedValues) {
  EXPECT_EQ(hash_of(""), "cbf29ce484222325");
  EXPECT_EQ(hash_of("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(hash_of("foobar"), "85944171f73967e8");
}

TEST(SealedFile, GivesBackItsContent) {
  const TemporaryFolder folder;
  for (const std::string& content :
       {std::string(), kContent, "\nsaltus model \n" + kContent, std::string(100000, 'x')}) {
    write_sealed(folder.file("model"), content);
    EXPECT_TRUE(read_sealed(folder.file("model")) == content);
  }
  EXPECT_FALSE(std::filesystem::exists(folder.file("model.partial")));
}

TEST(SealedFile, EverySingleChangeIsSeen) {
  const TemporaryFolder folder;
  write_sealed(folder.file("whole"), kContent);
  std::ifstream stream(folder.file("whole"), std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(stream), {}};
  const std::string path = folder.file("damaged");
  const std::string cut = path +
                          ": this is not a model file of Saltus, or it is cut short; make one with "
                          "saltus train",
                    changed = path +
                              ": the model file is damaged: its checksum does not fit; copy it "
                              "again, or make a new one with saltus train";
  const auto refusal = [&path] {
    return message_of<engine::ModelError>([&path] { read_sealed(path); });
  };
  for (std::size_t i = 0; i < whole.size(); ++i) {
    folder.write("damaged", whole.substr(0, i));
    EXPECT_EQ(refusal(), cut) << "cut to " << i << " bytes";
    for (const char flip : {'\x01', '\x20', '\x80'}) {
      std::string damaged = whole;
      damaged[i] ^= flip;
      folder.write("damaged", damaged);
      const bool in_words = i >= kContent.size() && i < kContent.size() + 14;
      EXPECT_EQ(refusal(), in_words ? cut : changed) << "byte " << i;
    }
  }
}

TEST(SealedFile, SaysWhenItCannotBeWritten) {
  const TemporaryFolder folder;
  for (const std::string& path :
       {folder.file("no_such_folder/model"), folder.write("a_file", "") + "/model"})
    EXPECT_EQ(message_of<engine::FileError>([&] { write_sealed(path, kContent); }),
              path +
                  ": cannot write the model file; is the directory there and writable, and the "
                  "disk not full?");
  // A folder stands where the file should go: nothing half-finished stays behind.
  const std::string taken = folder.file("taken");
  std::filesystem::create_directories(taken + "/inside");
  EXPECT_EQ(message_of<engine::FileError>([&] { write_sealed(taken, kContent); }),
            taken + ": cannot rename the finished model file: Is a directory");
  EXPECT_FALSE(std::filesystem::exists(taken + ".partial"));
}

TEST(SealedFile, FullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/full", folder.file("model.partial"));
  EXPECT_EQ(message_of<engine::FileError>(
                [&] { write_sealed(folder.file("model"), std::string(100000, 'x')); }),
            folder.file("model") +
                ": cannot write the model file; is the directory there and writable, and the disk "
                "not full?");
  EXPECT_FALSE(std::filesystem::exists(folder.file("model")));
}

}  // namespace
}  // namespace saltus::tests
