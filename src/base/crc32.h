#pragma once

#include <cstdint>
#include <string_view>

namespace firn {

// The checksum of zip, PNG and the x-amz-crc32 header (CRC-32/ISO-HDLC: reflected polynomial 0xEDB88320).
[[nodiscard]] uint32_t Crc32(std::string_view bytes);

}  // namespace firn
