#include "io/files/unpacked_bytes.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <vector>

#include "engine/core/error.h"
#include "io/files/durable_file.h"

namespace saltus::io {

using engine::FileError;

/// zlib's state and the packed bytes not yet read.
class UnpackedBytes::Inflater {
 public:
  Inflater() : waiting(1 << 16) {
    constexpr int kGzipOfAnyWindow = 15 + 16;
    if (::inflateInit2(&stream, kGzipOfAnyWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { ::inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  std::size_t n_waiting() const { return end - begin; }
  unsigned byte(std::size_t i) const { return static_cast<unsigned char>(waiting[begin + i]); }
  bool at_magic() const { return n_waiting() >= 2 && byte(0) == 0x1F && byte(1) == 0x8B; }

  z_stream stream{};
  std::vector<char> waiting;
  std::size_t begin = 0, end = 0;
  std::uint64_t n_read = 0;  ///< bytes of the file
  bool known = false;        ///< whether the first bytes were looked at
  bool packed = false, in_member = false, padded = false;
};

UnpackedBytes::UnpackedBytes(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)), inflater_(std::make_unique<Inflater>()) {}

UnpackedBytes::~UnpackedBytes() = default;

std::uint64_t UnpackedBytes::n_taken() const { return inflater_->n_read - inflater_->n_waiting(); }

/// Reads more after what waits; false at the end of the file.
bool UnpackedBytes::refill() {
  Inflater& in = *inflater_;
  std::memmove(in.waiting.data(), in.waiting.data() + in.begin, in.n_waiting());
  in.end -= in.begin;
  in.begin = 0;
  ssize_t n = 0;
  do {
    n = ::read(descriptor_, in.waiting.data() + in.end, in.waiting.size() - in.end);
  } while (n < 0 && errno == EINTR);
  if (n < 0) throw FileError(name_ + ": cannot be read: " + system_reason(errno));
  in.end += static_cast<std::size_t>(n);
  in.n_read += static_cast<std::uint64_t>(n);
  return n > 0;
}

std::size_t UnpackedBytes::read(char* out, std::size_t size) {
  Inflater& in = *inflater_;
  if (!in.known) {
    while (in.n_waiting() < 2 && refill()) {
    }
    in.known = true;
    in.packed = in.in_member = in.at_magic();
  }
  const std::string damaged = name_ + ": the gzip archive is damaged or cut off (";
  while (true) {
    if (in.n_waiting() == 0 && !refill()) {
      if (in.in_member) throw FileError(damaged + "it ends within the packed data)");
      return 0;
    }
    if (!in.packed) {
      const std::size_t n = std::min(size, in.n_waiting());
      std::memcpy(out, in.waiting.data() + in.begin, n);
      in.begin += n;
      return n;
    }
    if (!in.in_member) {
      if (in.byte(0) == 0) {
        in.padded = true;
        ++in.begin;
        continue;
      }
      if (in.n_waiting() == 1) refill();
      if (!in.at_magic() || in.padded)
        throw FileError(name_ +
                        ": data that is not gzipped follows the gzip archive, at "
                        "byte " +
                        std::to_string(n_taken() + 1) + "; cut it off, or unpack the file first");
      ::inflateReset(&in.stream);
      in.in_member = true;
    }
    in.stream.next_in = reinterpret_cast<Bytef*>(in.waiting.data() + in.begin);
    in.stream.avail_in = static_cast<uInt>(in.n_waiting());
    in.stream.next_out = reinterpret_cast<Bytef*>(out);
    in.stream.avail_out = static_cast<uInt>(size);
    const int state = ::inflate(&in.stream, Z_NO_FLUSH);
    in.begin = in.end - in.stream.avail_in;
    if (state == Z_STREAM_END)
      in.in_member = false;
    else if (state != Z_OK && state != Z_BUF_ERROR)
      throw FileError(damaged + "what is before byte " + std::to_string(n_taken() + 1) +
                      " cannot be unpacked)");
    if (in.stream.avail_out < size) return size - in.stream.avail_out;
  }
}

}  // namespace saltus::io
