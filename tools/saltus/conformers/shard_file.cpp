#include "tools/saltus/conformers/shard_file.h"

#include <fstream>
#include <utility>

#include "engine/core/error.h"
#include "io/deck/sha256.h"
#include "io/files/packed_bytes.h"
#include "tools/saltus/conformers/outcome_bytes.h"

namespace saltus::tools {

using engine::FileError;
using engine::InputError;

namespace {

/// Begins the head, whose block begins the file.
constexpr const char* kMagic = "saltus shard 1";
enum class Kind : char { kHead = 'H', kRecord = 'R', kEnd = 'E' };
constexpr std::size_t kChecksumSize = 64;

std::string block_of(Kind kind, const std::string& content) {
  io::Packer size;
  size(content.size() + 1 + kChecksumSize);
  const std::string body = static_cast<char>(kind) + content;
  return size.bytes() + body + io::sha256_hex(body);
}

template <class Visit, class Head>
void visit_head(Visit& visit, Head& head) {
  visit(head.shard.index), visit(head.shard.count), visit(head.program), visit(head.arguments);
}

template <class Visit, class End>
void visit_end(Visit& visit, End& end) {
  visit(end.n_records), visit(end.digest), visit(end.seconds);
}

std::string bytes_of(const ShardHead& head) {
  io::Packer pack;
  pack(std::string(kMagic));
  visit_head(pack, head);
  pack(head.options.size());
  for (const auto& [name, value] : head.options) pack(name), pack(value);
  return pack.bytes();
}

/// One block as it lies in the file.
struct Block {
  Kind kind = Kind::kRecord;
  std::string content;
  std::uint64_t next = 0;  ///< where the one after it begins
};

/// The bytes of a shard file; each read opens it anew.
class Blocks {
 public:
  explicit Blocks(const std::string& path)
      : path_(path), stream_(path, std::ios::binary | std::ios::ate) {
    if (!stream_) throw FileError(path + ": cannot be opened for reading");
    size_ = static_cast<std::uint64_t>(stream_.tellg());
  }

  std::uint64_t size() const { return size_; }

  /// @throws InputError  when there is none
  Block read(std::uint64_t at) {
    const InputError damaged("'" + path_ +
                             "' is damaged: a shard file of 'saltus conformers "
                             "--shard' was cut or changed; run this shard again");
    std::uint64_t n = 0;
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(at));
    stream_.read(reinterpret_cast<char*>(&n), sizeof n);
    if (!stream_ || n <= kChecksumSize || n > size_ - at - sizeof n) throw damaged;
    std::string bytes(n, '\0');
    stream_.read(bytes.data(), static_cast<std::streamsize>(n));
    if (!stream_) throw FileError(path_ + ": cannot be read");
    const std::string body = bytes.substr(0, n - kChecksumSize);
    if (io::sha256_hex(body) != bytes.substr(n - kChecksumSize)) throw damaged;
    return {static_cast<Kind>(body[0]), body.substr(1), at + sizeof n + n};
  }

 private:
  std::string path_;
  std::ifstream stream_;
  std::uint64_t size_ = 0;
};

bool begins_like_a_shard(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  // Size of the block, its kind, size of the text.
  const std::size_t before = sizeof(std::uint64_t) + 1 + sizeof(std::size_t);
  std::string beginning(before + std::string(kMagic).size(), '\0');
  stream.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  return stream && beginning.substr(before) == kMagic;
}

}  // namespace

ShardOutput::ShardOutput(const std::filesystem::path& path, const OutputStart& start,
                         const ShardHead& head, std::shared_ptr<const ConformerInputs> inputs,
                         const double& seconds)
    : file_(path, {false, start.overwrite, start.bytes()}),
      inputs_(std::move(inputs)),
      seconds_(seconds) {
  if (!start.mark) file_.write(block_of(Kind::kHead, bytes_of(head)));
}

void ShardOutput::write(const ConformerRecord& record, const ConformerOutcome& outcome) {
  file_.write(block_of(Kind::kRecord, outcome_bytes(record, outcome)));
}

void ShardOutput::commit(bool complete) {
  if (complete) {
    io::Packer pack;
    const ShardEnd end{inputs_->n_records(), inputs_->digest(), seconds_};
    visit_end(pack, end);
    file_.write(block_of(Kind::kEnd, pack.bytes()));
  }
  file_.commit();
}

ShardFile::ShardFile(const std::string& path) : path_(path) { survey(); }

void ShardFile::survey() {
  Blocks blocks(path_);
  if (!begins_like_a_shard(path_))
    throw InputError("'" + path_ +
                     "' is no shard file; expected what 'saltus conformers --shard i/n -o "
                     "NAME.shard' writes");
  std::uint64_t at = 0;
  const std::string what = "'" + path_ + "'";
  while (at < blocks.size()) {
    const Block block = blocks.read(at);
    io::Unpacker unpack(block.content, what);
    if (block.kind == Kind::kHead) {
      std::string magic;
      unpack(magic);
      visit_head(unpack, head_);
      std::size_t n = 0;
      unpack(n);
      for (std::size_t i = 0; i < n; ++i) {
        std::string name, value;
        unpack(name), unpack(value);
        head_.options[name] = value;
      }
    } else if (block.kind == Kind::kRecord) {
      Place place{at, 0};
      unpack(place.number);
      records_.push_back(place);
    } else {
      visit_end(unpack, end_.emplace());
    }
    at = block.next;
  }
}

std::optional<std::size_t> ShardFile::next_number() const {
  if (n_read_ == records_.size()) return std::nullopt;
  return records_[n_read_].number;
}

ConformerRecord ShardFile::next() {
  const Place& place = records_.at(n_read_++);
  return record_of_bytes(Blocks(path_).read(place.at).content, "'" + path_ + "'");
}

}  // namespace saltus::tools
