#include "schedule/object_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/json.h"

namespace firn {
namespace {

constexpr size_t kDeepestWrapping = 4;  // SQS around SNS around Records

// "sales%2Fa+b.csv" -> "sales/a b.csv". Nothing when an escape is broken.
std::optional<std::string> UrlDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    unsigned byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

std::string TextAt(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& PartAt(const Json& json, const char* key) {
  static const Json kNothing = Json::object();
  if (!json.is_object()) return kNothing;
  const auto found = json.find(key);
  return found == json.end() ? kNothing : *found;
}

class Reader {
 public:
  Status Add(const Json& event, size_t depth = 0) {
    if (event.is_array()) {
      for (const Json& item : event) FIRN_TRY(Add(item, depth));
      return {};
    }
    if (depth == 0) ++number_;
    if (!event.is_object()) return Broken("an event is a JSON object");
    if (event.contains("detail-type")) return AddBridgeEvent(event);
    if (event.contains("Records")) return AddRecords(event["Records"], depth);
    if (event.contains("eventSource") || event.contains("s3")) return AddRecord(event, depth);
    if (TextAt(event, "Event") == "s3:TestEvent") return Other();
    for (const char* wrapped : {"Message", "body", "Body"})
      if (!TextAt(event, wrapped).empty()) return AddWrapped(TextAt(event, wrapped), depth);
    return Broken("neither `detail-type` (EventBridge) nor `Records` (a notification) is in it");
  }

  [[nodiscard]] ObjectEvents Take() && { return std::move(events_); }

 private:
  Status AddBridgeEvent(const Json& event) {
    if (TextAt(event, "source") != "aws.s3" || TextAt(event, "detail-type") != "Object Created") return Other();
    const Json& detail = PartAt(event, "detail");
    const Json& object = PartAt(detail, "object");
    return AddCreated({TextAt(PartAt(detail, "bucket"), "name"), TextAt(object, "key"), TextAt(object, "etag"),
                       TextAt(object, "sequencer")});
  }

  Status AddRecords(const Json& records, size_t depth) {
    if (!records.is_array()) return Broken("`Records` is no list");
    for (const Json& record : records) FIRN_TRY(AddRecord(record, depth));
    return {};
  }

  // Of a notification, or of a queue that carries one.
  Status AddRecord(const Json& record, size_t depth) {
    if (!record.is_object()) return Broken("a record is a JSON object");
    if (const std::string body = TextAt(record, "body"); !body.empty()) return AddWrapped(body, depth);
    if (const std::string text = TextAt(PartAt(record, "Sns"), "Message"); !text.empty())
      return AddWrapped(text, depth);
    if (TextAt(record, "eventSource") != "aws:s3" || !TextAt(record, "eventName").starts_with("ObjectCreated:"))
      return Other();
    const Json& s3 = PartAt(record, "s3");
    const Json& object = PartAt(s3, "object");
    auto key = UrlDecoded(TextAt(object, "key"));
    if (!key) return Broken(fmt::format("its key '{}' is not URL-encoded", TextAt(object, "key")));
    return AddCreated(
        {TextAt(PartAt(s3, "bucket"), "name"), std::move(*key), TextAt(object, "eTag"), TextAt(object, "sequencer")});
  }

  Status AddWrapped(const std::string& text, size_t depth) {
    if (depth == kDeepestWrapping) return Broken("its message is wrapped too often");
    const Json message = Json::parse(text, nullptr, false);
    if (message.is_discarded()) return Broken("its message is no JSON");
    return Add(message, depth + 1);
  }

  Status AddCreated(ObjectCreated object) {
    if (object.key.empty()) return Broken("it names no object's key");
    const auto [known, is_new] = index_.try_emplace({object.bucket, object.key}, events_.created.size());
    if (is_new)
      events_.created.push_back(std::move(object));
    else if (IsLater(object.sequencer, events_.created[known->second].sequencer))
      events_.created[known->second] = std::move(object);
    return {};
  }

  // Sequencers are hexadecimal; the shorter is filled with zeros on its right.
  static bool IsLater(std::string a, std::string b) {
    const size_t width = std::max(a.size(), b.size());
    a.resize(width, '0');
    b.resize(width, '0');
    return a > b;
  }

  Status Other() {
    ++events_.others;
    return {};
  }

  Status Broken(std::string why) const {
    return Fail(ErrorKind::kInvalidArgument, fmt::format("event {}: {}", number_, why),
                "Events are those that S3 sends to EventBridge, SQS, SNS or Lambda.");
  }

  int64_t number_ = 0;
  ObjectEvents events_;
  std::map<std::pair<std::string, std::string>, size_t> index_;
};

}  // namespace

Result<ObjectEvents> ReadObjectEvents(std::string_view text) {
  Reader reader;
  if (const Json whole = Json::parse(text, nullptr, false); !whole.is_discarded()) {
    FIRN_TRY(reader.Add(whole));
    return std::move(reader).Take();
  }
  int64_t line_number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++line_number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const Json event = Json::parse(line, nullptr, false);
    if (event.is_discarded())
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("the events are neither one JSON value nor one a line: line {}", line_number),
                  "Events are those that S3 sends to EventBridge, SQS, SNS or Lambda.");
    FIRN_TRY(reader.Add(event));
  }
  return std::move(reader).Take();
}

}  // namespace firn
