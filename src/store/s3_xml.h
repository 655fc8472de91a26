#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/object_store.h"

namespace firn {

// The documents of the S3 API, read with pugixml. Keys are those of the bucket, whatever they are: nothing is validated
// here. A document that is none is kUnavailable: something between us and the server cut or replaced it.

struct S3Page {
  std::vector<ObjectInfo> objects;   // in the server's order
  std::vector<std::string> folders;  // common prefixes, with their slash
  std::string next;                  // the token of the next page; empty: this was the last
};
Result<S3Page> ParseListing(std::string_view xml);

// What an answer says went wrong. Empty fields: it does not say.
struct S3Fault {
  std::string code;  // "NoSuchKey"
  std::string message;
  std::string region;  // where the bucket is, when that is what is wrong
  std::string key;     // in the answer to a DeleteObjects
};
// std::nullopt when it is no <Error>: some requests fail with status 200 and an error as their body.
[[nodiscard]] std::optional<S3Fault> ParseFault(std::string_view xml);
// The objects that a DeleteObjects left.
Result<std::vector<S3Fault>> ParseDeleteFaults(std::string_view xml);

// The text of an element below the root: "UploadId", "ETag" (without quotes).
Result<std::string> ParseElement(std::string_view xml, const char* name);

[[nodiscard]] std::string DeleteDocument(const std::vector<std::string>& keys);
[[nodiscard]] std::string CompletionDocument(const std::vector<std::string>& part_etags);

[[nodiscard]] std::string WithoutQuotes(std::string_view etag);

}  // namespace firn
