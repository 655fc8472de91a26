#include "query/lake_files.h"

#include <utility>

namespace firn {

Status FetchedFiles::Bring(std::span<const ObjectInfo> objects, std::stop_token stop) {
  Status fetched = copies_.Fetch(objects, std::move(stop));
  if (!fetched && fetched.error().kind == ErrorKind::kMismatch) fetched.error().kind = ErrorKind::kConflict;
  return fetched;
}

}  // namespace firn
