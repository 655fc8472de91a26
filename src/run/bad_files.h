#pragma once

#include <string>
#include <vector>

#include "pipeline/execute.h"
#include "store/object_store.h"

namespace firn {

// Puts what `bad_files: quarantine` left out below `staged`: the bytes, as they are, under bad-files/<their key>, and a
// line for each in `list`, with the object, the reason and the place of the copy once `published` is there. A file that
// has vanished since has no copy. The store's errors.
Status StageBadFiles(ObjectStore& store, const std::vector<BadFile>& bad_files, const std::string& staged,
                     const std::string& published, const std::string& list);

}  // namespace firn
