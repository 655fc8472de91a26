#include "app/settings.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace firn {

Result<int64_t> ParseByteSize(const std::string& text) {
  static const std::map<std::string, double> kUnits = {
      {"", 1},     {"B", 1},     {"kB", 1e3},   {"KB", 1e3},      {"MB", 1e6},
      {"GB", 1e9}, {"TB", 1e12}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = kUnits.find(std::string(end, text.data() + text.size()));
  const double bytes = unit == kUnits.end() ? 0 : number * unit->second;
  if (error != std::errc() || bytes < 1 || bytes > 1e15)
    return Fail(ErrorKind::kInvalidArgument, fmt::format("'{}' is no amount of memory", text),
                "Write it as 512MB or 2GB");
  return static_cast<int64_t>(bytes);
}

}  // namespace firn
