#include "base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include "base/check.h"

namespace firn {

Hash128 HashBytes(std::string_view bytes, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.low64, hash.high64};
}

std::string ToHex(const Hash128& hash) {
  return fmt::format("{:016x}{:016x}", hash.high, hash.low);
}

RunningHash::RunningHash() : state_(XXH3_createState()) {
  Check(state_ != nullptr, "no memory for a hash state");
  XXH3_128bits_reset(static_cast<XXH3_state_t*>(state_));
}

RunningHash::~RunningHash() {
  XXH3_freeState(static_cast<XXH3_state_t*>(state_));
}

void RunningHash::Update(std::string_view bytes) {
  XXH3_128bits_update(static_cast<XXH3_state_t*>(state_), bytes.data(), bytes.size());
}

Hash128 RunningHash::Digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(static_cast<XXH3_state_t*>(state_));
  return {hash.low64, hash.high64};
}

}  // namespace firn
