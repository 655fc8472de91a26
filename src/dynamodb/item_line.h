#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "dynamodb/attribute_value.h"

namespace firn {

// Items as lines of JSON, without the newline.

// Plain JSON, as firn's jobs and other tools read it: {"id":"x","n":1.50}. Numbers are JSON numbers with all their
// digits (a column of decimal(38,s) keeps them), sets are arrays, binary is base64; text that is not UTF-8 has
// U+FFFD in its place.
void AppendPlainLine(const Item& item, std::string& out);

// A line of DynamoDB's export to S3 in DYNAMODB_JSON: {"Item":{"id":{"S":"x"}}}.
void AppendExportLine(const Item& item, std::string& out);
// kCorrupt for what is no such line; kUnsupported for a line of an incremental export, which has changes and no items.
Result<Item> ParseExportLine(std::string_view line);

}  // namespace firn
