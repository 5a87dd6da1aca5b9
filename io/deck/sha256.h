#pragma once

#include <string>
#include <string_view>

namespace saltus::io {

/// SHA-256 digest of some bytes as 64 lower-case hexadecimal digits, computed by OpenSSL.
/// Source: NIST FIPS 180-4 (2015), doi:10.6028/NIST.FIPS.180-4.
/// @throws InternalError  when OpenSSL has no SHA-256
std::string sha256_hex(std::string_view bytes);

}  // namespace saltus::io
