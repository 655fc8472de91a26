#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firn {

// RFC 4648, section 4: the usual alphabet, padded with '='.
void AppendBase64(std::string_view bytes, std::string& out);

// std::nullopt for what AppendBase64 does not write: other characters, missing padding, bits behind the last byte.
[[nodiscard]] std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace firn
