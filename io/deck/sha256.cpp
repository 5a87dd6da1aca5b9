#include "io/deck/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace saltus::io {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw engine::InternalError("OpenSSL cannot compute SHA-256");
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += engine::hexadecimal_text(digest[i], 2);
  return text;
}

}  // namespace saltus::io
