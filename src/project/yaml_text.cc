#include "project/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace firn {
namespace {

// Bytes that nobody means when they write "\x.." (0x01 to 0x03 are Hive's delimiters, 0x04 ends yaml-cpp's stream).
constexpr std::array<std::pair<char, char>, 4> kStandIns = {
    {{'{', '\x11'}, {'}', '\x12'}, {',', '\x13'}, {'?', '\x14'}}};

char StandInFor(char c) {
  for (const auto& [plain, stand_in] : kStandIns)
    if (plain == c) return stand_in;
  return c;
}

bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool IsWord(char c) {
  return IsWordStart(c) || (c >= '0' && c <= '9');
}

bool IsContinuation(std::string_view bytes, size_t at) {
  return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xC0) == 0x80;
}

// The length of the UTF-8 character at `at`, or 0 when it is malformed, overlong, a surrogate, or past U+10FFFF.
size_t CharacterLength(std::string_view bytes, size_t at) {
  const auto first = static_cast<unsigned char>(bytes[at]);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first < 0xE0   ? 2
                        : first >= 0xE0 && first < 0xF0 ? 3
                        : first >= 0xF0 && first < 0xF5 ? 4
                                                        : 0;
  for (size_t i = 1; i < length; ++i)
    if (!IsContinuation(bytes, at + i)) return 0;
  if (length < 3) return length;
  const auto second = static_cast<unsigned char>(bytes[at + 1]);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool out_of_range = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || out_of_range ? 0 : length;
}

bool IsForbiddenControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

// Of `opening`, a name and '}'.
size_t ReferenceLength(std::string_view text, std::string_view opening) {
  size_t end = opening.size();
  if (text.size() < end + 2 || !text.starts_with(opening) || !IsWordStart(text[end])) return 0;
  while (end < text.size() && (IsWord(text[end]) || text[end] == '-')) ++end;
  return end < text.size() && text[end] == '}' ? end + 1 : 0;
}

}  // namespace

bool CheckYamlBytes(const std::string& file, std::string_view bytes, Findings& findings) {
  SourcePosition at{file, 1, 1};
  for (size_t i = 0; i < bytes.size();) {
    const size_t length = CharacterLength(bytes, i);
    if (length == 0) {
      findings.Add(at, fmt::format("byte 0x{:02x} is not UTF-8", static_cast<unsigned char>(bytes[i])),
                   "Save the file as UTF-8.");
      return false;
    }
    if (IsForbiddenControl(bytes[i])) {
      findings.Add(at, fmt::format("control character 0x{:02x}", static_cast<unsigned char>(bytes[i])),
                   "Remove it, or write it as \"\\x..\" in a double-quoted text.");
      return false;
    }
    at.column += static_cast<int>(length);
    if (bytes[i] == '\n') at = {file, at.line + 1, 1};
    i += length;
  }
  return true;
}

bool IsUtf8(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const size_t length = CharacterLength(bytes, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

size_t ArgumentReferenceLength(std::string_view text) {
  return ReferenceLength(text, "${");
}

size_t VariableReferenceLength(std::string_view text) {
  return ReferenceLength(text, "${var.");
}

std::string ProtectWords(std::string bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const std::string_view rest = std::string_view(bytes).substr(i);
    const std::string_view word = rest.substr(0, 256);
    if (const size_t length = std::max(ArgumentReferenceLength(word), VariableReferenceLength(word)); length > 0) {
      bytes[i + 1] = StandInFor('{');
      bytes[i + length - 1] = StandInFor('}');
      i += length - 1;
    } else if (rest.starts_with("cron(") && (i == 0 || !IsWord(bytes[i - 1]))) {
      const size_t end = bytes.find_first_of(")\n", i);
      if (end == std::string::npos || bytes[end] == '\n') continue;
      for (size_t j = i; j < end; ++j)
        if (bytes[j] == ',' || bytes[j] == '?') bytes[j] = StandInFor(bytes[j]);
      i = end;
    }
  }
  return bytes;
}

std::string RestoreWords(std::string text) {
  for (char& c : text)
    for (const auto& [plain, stand_in] : kStandIns)
      if (c == stand_in) c = plain;
  return text;
}

bool HasTabIndentNear(std::string_view bytes, int line) {
  int current = 1;
  bool previous = false;
  for (size_t start = 0; start < bytes.size() && current <= line; ++current) {
    const size_t end = std::min(bytes.find('\n', start), bytes.size());
    const std::string_view content = bytes.substr(start, end - start);
    const size_t first = content.find_first_not_of(" \t\r");
    const bool tab = first != std::string_view::npos && content.substr(0, first).find('\t') != std::string_view::npos;
    if (current == line) return tab || previous;
    if (first != std::string_view::npos) previous = tab;
    start = end + 1;
  }
  return previous;
}

}  // namespace firn
