#include "env/process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace firn {

int64_t ProcessId() {
  return getpid();
}

int64_t ProcessStartTime(int64_t pid) {
  std::ifstream in(fmt::format("/proc/{}/stat", pid));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  // proc(5): "pid (name) state ...", and the name may hold anything, ')' too. The start is field 22, the state field 3.
  size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string state;
  fields >> state;
  if (state == "Z" || state == "X") return 0;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  int64_t start = 0;
  return (fields >> start) ? start : 0;
}

}  // namespace firn
