#pragma once

#include <string>

#include "project/finding.h"
#include "project/yaml_tree.h"

namespace firn {

// Puts the environment's name in the place of `${env}`, in names and values everywhere in the document, so that one
// file names things by a pattern: `cat-${env}-normalize`. False, with a finding, when there is no environment and a
// place for it; an argument of a job that is called so is a finding, too.
bool PutInEnvironment(YamlNode& root, const std::string& env, Findings& findings);

}  // namespace firn
