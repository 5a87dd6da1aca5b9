#include "tools/saltus/conformers/record_digest.h"

#include <filesystem>

#include "io/deck/sha256.h"
#include "io/files/packed_bytes.h"

namespace saltus::tools {

namespace {

std::string content_of(const ConformerRecord& record) {
  if (!record.molecule) return record.text;
  io::Packer pack;
  for (const engine::Atom& atom : record.molecule->topology.atoms) pack(atom.atomic_number);
  pack(record.molecule->positions_nm);
  return pack.bytes();
}

}  // namespace

void RecordDigest::add(const ConformerRecord& record) {
  // Inputs may have been moved: their folder does not count.
  const std::string where = std::filesystem::path(record.where).filename().string();
  text_ = io::sha256_hex(text_ + '\0' + where + '\0' + record.name + '\0' + content_of(record));
}

}  // namespace saltus::tools
