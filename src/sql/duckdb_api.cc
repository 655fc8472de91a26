#include "sql/duckdb_api.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace firn {
namespace {

constexpr const char* kLibrary = "libduckdb.so";
DuckDbApi api;  // written once, by LoadDuckDb

Status Load() {
  // Where the executable's own search path says; never closed, as the library's threads may outlive their users.
  void* const library = dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr)
    return Fail(ErrorKind::kInternal, fmt::format("cannot load the SQL engine: {}", dlerror()),
                "Build firn again with `make build`: it puts the library where firn looks for it.");
  const char* missing = nullptr;
#define FIRN_FIND(function)                                                           \
  api.function = reinterpret_cast<decltype(api.function)>(dlsym(library, #function)); \
  if (api.function == nullptr) missing = #function;
  FIRN_DUCKDB_FUNCTIONS(FIRN_FIND)
#undef FIRN_FIND
  if (missing != nullptr)
    return Fail(ErrorKind::kInternal, fmt::format("{} is another version: it lacks {}", kLibrary, missing),
                "Build firn again with `make build`.");
  return {};
}

}  // namespace

Status LoadDuckDb() {
  static const Status loaded = Load();
  return loaded;
}

const DuckDbApi& DuckDb() {
  return api;
}

}  // namespace firn
