// Oracle: what the test made of the files itself.
#include "io/files/file_place.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "io/files/durable_file.h"
#include "io/files/text_input.h"
#include "io/files/text_output.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

namespace fs = std::filesystem;

class FilePlaces : public testing::Test {
 protected:
  std::string fifo(const std::string& name) const {
    EXPECT_EQ(mkfifo(folder_.file(name).c_str(), 0600), 0);
    return folder_.file(name);
  }
  template <class Work>
  static std::string message_of(const Work& work) {
    try {
      work();
    } catch (const engine::FileError& error) {
      return error.what();
    }
    return "nothing thrown";
  }

  tests::TemporaryFolder folder_;
};

TEST_F(FilePlaces, AreNoPipesAndDevices) {
  const std::string pipe = fifo("pipe");
  EXPECT_EQ(message_of([&] { require_file_place(pipe); }),
            "cannot write '" + pipe +
                "': it is a named pipe (FIFO), expected the name of a regular file");
  EXPECT_EQ(message_of([] { require_file_place("/dev/null"); }),
            "cannot write '/dev/null': it is a device, expected the name of a regular file");
  EXPECT_EQ(message_of([&] { require_file_place(folder_.file("new")); }), "nothing thrown");
  EXPECT_EQ(message_of([&] { require_file_place(folder_.write("old", "x")); }), "nothing thrown");
}

TEST_F(FilePlaces, AreNoLinksThatLeadNowhere) {
  fs::create_symlink("gone", folder_.file("link"));
  EXPECT_EQ(message_of([&] { require_file_place(folder_.file("link")); }),
            "cannot write '" + folder_.file("link") +
                "': it is a symbolic link to 'gone', which does not exist; remove the link, or "
                "make what it leads to");
  fs::create_symlink("b", folder_.file("a"));
  fs::create_symlink("a", folder_.file("b"));
  EXPECT_EQ(message_of([&] { require_file_place(folder_.file("a")); }),
            "cannot write '" + folder_.file("a") +
                "': it is a symbolic link that leads back to itself; remove it");
}

TEST_F(FilePlaces, LinksStayAndTheirFilesAreWritten) {
  const std::string target = folder_.write("target", "old");
  fs::create_symlink(target, folder_.file("link"));
  {
    TextOutput output(folder_.file("link"), {false, true, std::nullopt});
    output.write("new");
    output.commit();
  }
  EXPECT_TRUE(fs::is_symlink(folder_.file("link")));
  EXPECT_EQ(read_whole_file(target, "file"), "new");
  write_file_durably(folder_.file("link"), "newer");
  EXPECT_TRUE(fs::is_symlink(folder_.file("link")));
  EXPECT_EQ(read_whole_file(target, "file"), "newer");
}

TEST_F(FilePlaces, AreNotThoseOfInputs) {
  const std::string input = folder_.write("list.smi", "C");
  fs::create_symlink(input, folder_.file("other.smi"));
  EXPECT_EQ(message_of([&] {
              refuse_to_replace_input(folder_.file("other.smi"), {"none", input});
            }),
            "cannot write '" + folder_.file("other.smi") + "': it is the input '" + input +
                "'; choose another name");
  EXPECT_EQ(message_of([&] { refuse_to_replace_input(folder_.file("new"), {input}); }),
            "nothing thrown");
}

// Each of these would block for ever.
TEST_F(FilePlaces, NothingWaitsForPipes) {
  const std::string pipe = fifo("pipe");
  const std::string is = ": is a named pipe (FIFO), expected a regular file";
  EXPECT_EQ(message_of([&] { engine::refuse_special_file(pipe); }), pipe + is);
  EXPECT_EQ(message_of([&] { TextInput input(pipe); }), pipe + is);
  EXPECT_EQ(message_of([&] { read_whole_file(pipe, "model"); }),
            "cannot read model '" + pipe + "': it is a named pipe (FIFO), expected a regular file");
  EXPECT_EQ(message_of([&] {
              TextOutput output(pipe, {false, true, std::nullopt});
            }),
            "cannot write '" + pipe +
                "': it is a named pipe (FIFO), expected the name of a regular file");
  fifo("out.new");
  EXPECT_EQ(message_of([&] { TextOutput output(folder_.file("out"), {}); }),
            "cannot write '" + folder_.file("out.new") +
                "': it is a named pipe (FIFO), expected the name of a regular file");
  EXPECT_EQ(message_of([&] { refuse_if_in_use(pipe); }),
            "cannot open '" + pipe + "': it is a named pipe (FIFO), expected a regular file");
}

TEST_F(FilePlaces, AreNoFolders) {
  EXPECT_EQ(engine::special_file(folder_.path()), "");
  EXPECT_EQ(message_of([&] {
              TextOutput output(folder_.path(), {false, true, std::nullopt});
            }),
            "cannot write '" + std::string(folder_.path()) +
                "': it is a folder, expected the name of a file");
}

TEST(Descriptors, HaveNames) {
  EXPECT_EQ(descriptor_behind("/dev/stdin"), 0);
  EXPECT_EQ(descriptor_behind("/dev/fd/63"), 63);
  EXPECT_EQ(descriptor_behind("/proc/self/fd/7"), 7);
  EXPECT_FALSE(descriptor_behind("/dev/fd/"));
  EXPECT_FALSE(descriptor_behind("/dev/fd/6x"));
  EXPECT_FALSE(descriptor_behind("/dev/fd/-1"));
  EXPECT_FALSE(descriptor_behind("stdin"));
}

/// Both ends of a pipe.
struct Pipe {
  Pipe() { EXPECT_EQ(pipe(ends), 0); }
  ~Pipe() {
    close(ends[0]);
    end();
  }
  void end() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }
  std::string name() const { return "/dev/fd/" + std::to_string(ends[0]); }
  int ends[2];
};

TEST(PipesOfShells, AreRead) {
  Pipe pipe;
  ASSERT_EQ(write(pipe.ends[1], "CCO ethanol\n", 12), 12);
  pipe.end();
  TextInput input(pipe.name(), [] { return false; });
  std::string line;
  ASSERT_TRUE(std::getline(input.stream(), line));
  EXPECT_EQ(line, "CCO ethanol");
}

TEST(PipesOfShells, EndWhereTheyEnd) {
  Pipe pipe;
  const std::string text(300'000, 'x');  // more than pipe and sockets hold at once
  std::thread writer([&] {
    EXPECT_EQ(write(pipe.ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    pipe.end();
  });
  TextInput input(pipe.name(), [] { return false; });
  std::string all;
  std::getline(input.stream(), all);
  writer.join();
  EXPECT_EQ(all, text);
}

TEST(PipesOfShells, AreLeftWhenSomebodyAsks) {
  const Pipe pipe;
  std::atomic<bool> stop{false};
  TextInput input(pipe.name(), [&] { return stop.load(); });
  std::thread asker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop = true;
  });
  std::string line;
  EXPECT_FALSE(std::getline(input.stream(), line));
  asker.join();
}

TEST(PipesOfShells, NeedNotBeReadToTheirEnd) {
  const Pipe pipe;
  ASSERT_EQ(write(pipe.ends[1], "C\n", 2), 2);
  const TextInput input(pipe.name(), [] { return false; });
}

}  // namespace
}  // namespace saltus::io
