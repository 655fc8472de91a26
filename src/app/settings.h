#pragma once

#include <string>

#include "app/screen.h"

namespace firn {

// What the command line says for every verb.
struct Settings {
  std::string directory = ".";  // -C: where firn.yaml is
  std::string environment;      // -e
  OutputFormat output = OutputFormat::kTable;
  int threads = 0;     // 0: as many as the machine has
  std::string memory;  // "2GB"; "": a quarter of the machine
};

}  // namespace firn
