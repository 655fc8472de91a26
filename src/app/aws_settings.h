#pragma once

#include <initializer_list>
#include <string>

#include "aws/aws_credentials.h"

namespace firn {

// What the environment and the project file say about AWS's services, in the order that AWS's tools have: the
// environment first.

// The first variable that is set, else what the project file says.
[[nodiscard]] std::string FirstSet(const Environment& environment, std::initializer_list<const char*> variables,
                                   const std::string& otherwise);

// An identity's own region and profile come before the environment's: so here they are what is left when that has
// none, but for the keys themselves.
[[nodiscard]] AwsIdentity IdentityOf(const Environment& environment, const std::string& region,
                                     const std::string& profile);

}  // namespace firn
