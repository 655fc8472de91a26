#include "text/text_bytes.h"

#include <fmt/format.h>

#include <algorithm>

namespace firn {
namespace {

constexpr int64_t kBlock = int64_t{4} << 20;
constexpr size_t kRoom = size_t{4} << 20;  // for what one step of decompression gives

}  // namespace

std::unexpected<Error> TextBytes::Damaged(std::string_view how) const {
  return Fail(ErrorKind::kCorrupt, fmt::format("{}: {}", object_.key, how),
              "Replace the file, or set bad_files: quarantine");
}

Result<bool> TextBytes::Read(std::string& out) {
  if (!begun_) {
    const size_t before = out.size();
    FIRN_TRY(Begin());
    FIRN_TRY_ASSIGN(const bool more, codec_ ? ReadDecompressed(out) : ReadRaw(out));
    const std::string_view read = std::string_view(out).substr(before);
    if (read.starts_with("\xFF\xFE") || read.starts_with("\xFE\xFF"))
      return Fail(ErrorKind::kUnsupported, fmt::format("{}: it is UTF-16 or UTF-32 text", object_.key),
                  "Convert it to UTF-8");
    if (read.starts_with("\xEF\xBB\xBF")) out.erase(before, 3);
    if (!more || out.size() > before) return more;
  }
  return codec_ ? ReadDecompressed(out) : ReadRaw(out);
}

// The first block tells how the bytes are packed.
Status TextBytes::Begin() {
  begun_ = true;
  FIRN_TRY(ReadRaw(block_));
  auto type = arrow::Compression::UNCOMPRESSED;
  if (block_.starts_with("\x1F\x8B")) type = arrow::Compression::GZIP;
  if (block_.starts_with("\x28\xB5\x2F\xFD")) type = arrow::Compression::ZSTD;
  if (type == arrow::Compression::UNCOMPRESSED) return {};
  auto codec = arrow::util::Codec::Create(type);
  if (!codec.ok()) return Fail(ErrorKind::kUnsupported, fmt::format("{}: {}", object_.key, codec.status().message()));
  codec_ = std::move(*codec);
  return {};
}

Result<bool> TextBytes::ReadRaw(std::string& out) {
  if (&out != &block_ && !block_.empty()) {  // the first block, once
    out += block_;
    block_.clear();
    return true;
  }
  if (offset_ >= object_.size) return false;
  FIRN_TRY_ASSIGN(const Bytes bytes, store_.ReadRange(object_, offset_, std::min(kBlock, object_.size - offset_)));
  if (bytes.view().empty()) return Damaged("it is shorter than it was when it was listed");
  offset_ += static_cast<int64_t>(bytes.view().size());
  out += bytes.view();
  return true;
}

Result<bool> TextBytes::ReadDecompressed(std::string& out) {
  const size_t before = out.size();
  while (out.size() == before) {
    if (at_ == block_.size()) {
      block_.clear();
      at_ = 0;
      FIRN_TRY_ASSIGN(const bool more, ReadRaw(block_));
      if (!more && member_open_) return Damaged("its compressed bytes end too early");
      if (!more) return false;
    }
    FIRN_TRY(Decompress(out));
  }
  return true;
}

Status TextBytes::Decompress(std::string& out) {
  if (!member_open_) {
    auto decompressor = codec_->MakeDecompressor();
    if (!decompressor.ok()) return Damaged(decompressor.status().message());
    decompressor_ = std::move(*decompressor);
    member_open_ = true;
  }
  const size_t before = out.size();
  out.resize(before + kRoom);
  const auto step = decompressor_->Decompress(static_cast<int64_t>(block_.size() - at_),
                                              reinterpret_cast<const uint8_t*>(block_.data()) + at_,
                                              static_cast<int64_t>(kRoom), reinterpret_cast<uint8_t*>(&out[before]));
  if (!step.ok()) return Damaged(step.status().message());
  out.resize(before + static_cast<size_t>(step->bytes_written));
  at_ += static_cast<size_t>(step->bytes_read);
  if (decompressor_->IsFinished())
    member_open_ = false;
  else if (step->bytes_read == 0 && step->bytes_written == 0)
    return Damaged("its compressed bytes make no sense");
  return {};
}

}  // namespace firn
