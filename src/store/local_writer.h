#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "store/lake_root.h"
#include "store/object_store.h"
#include "store/temp_folder.h"

namespace firn {

// Whether what was written has to outlive the machine's crash. Scratch is for objects that end with their process.
enum class Durability { kSynced, kScratch };

// Writes to a place of the temp folder; Finish syncs the file, unless it is scratch, and moves it to its name, which
// must be free. After an error it can only be destroyed.
Result<std::unique_ptr<ObjectWriter>> CreateLocalWriter(LakeRoot& root, TempFolder& temp, std::string_view key,
                                                        Durability durability);

}  // namespace firn
