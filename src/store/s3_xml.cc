#include "store/s3_xml.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <sstream>

#include "aws/http_time.h"

namespace firn {
namespace {

Result<pugi::xml_document> Parse(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
  if (parsed) return document;
  return Fail(ErrorKind::kUnavailable, fmt::format("the server's answer is no XML: {}", parsed.description()),
              "Is the endpoint an S3 server's, or a web page's?");
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// As forms are encoded: '+' is a space.
std::string UrlDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escaped =
        text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0;
    if (escaped) {
      decoded.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

S3Fault FaultOf(const pugi::xml_node& error) {
  return {error.child_value("Code"), error.child_value("Message"), error.child_value("Region"),
          error.child_value("Key")};
}

std::string TextOf(const pugi::xml_document& document) {
  std::ostringstream out;
  document.save(out, "", pugi::format_raw | pugi::format_no_declaration);
  return std::move(out).str();
}

}  // namespace

Result<S3Page> ParseListing(std::string_view xml) {
  FIRN_TRY_ASSIGN(const pugi::xml_document document, Parse(xml));
  const pugi::xml_node root = document.document_element();
  if (std::string_view(root.name()) != "ListBucketResult")
    return Fail(ErrorKind::kUnavailable, fmt::format("asked for a listing, the server answers with <{}>", root.name()),
                "Is the endpoint an S3 server's?");
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  const auto key_of = [&](const char* text) { return encoded ? UrlDecode(text) : std::string(text); };
  S3Page page;
  for (const pugi::xml_node& object : root.children("Contents")) {
    page.objects.push_back({key_of(object.child_value("Key")), object.child("Size").text().as_llong(),
                            ParseIsoTimeNs(object.child_value("LastModified")),
                            WithoutQuotes(object.child_value("ETag"))});
  }
  for (const pugi::xml_node& folder : root.children("CommonPrefixes"))
    page.folders.push_back(key_of(folder.child_value("Prefix")));
  if (root.child("IsTruncated").text().as_bool()) page.next = root.child_value("NextContinuationToken");
  return page;
}

std::optional<S3Fault> ParseFault(std::string_view xml) {
  const auto document = Parse(xml);
  if (!document || std::string_view(document->document_element().name()) != "Error") return std::nullopt;
  return FaultOf(document->document_element());
}

Result<std::vector<S3Fault>> ParseDeleteFaults(std::string_view xml) {
  FIRN_TRY_ASSIGN(const pugi::xml_document document, Parse(xml));
  std::vector<S3Fault> faults;
  for (const pugi::xml_node& error : document.document_element().children("Error")) faults.push_back(FaultOf(error));
  return faults;
}

Result<std::string> ParseElement(std::string_view xml, const char* name) {
  FIRN_TRY_ASSIGN(const pugi::xml_document document, Parse(xml));
  std::string text = WithoutQuotes(document.document_element().child_value(name));
  if (!text.empty()) return text;
  return Fail(ErrorKind::kUnavailable, fmt::format("the server's answer has no <{}>", name));
}

std::string DeleteDocument(const std::vector<std::string>& keys) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("Delete");
  root.append_child("Quiet").text().set("true");
  for (const std::string& key : keys) root.append_child("Object").append_child("Key").text().set(key.c_str());
  return TextOf(document);
}

std::string CompletionDocument(const std::vector<std::string>& part_etags) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("CompleteMultipartUpload");
  for (size_t i = 0; i < part_etags.size(); ++i) {
    pugi::xml_node part = root.append_child("Part");
    part.append_child("PartNumber").text().set(static_cast<unsigned>(i + 1));
    part.append_child("ETag").text().set(fmt::format("\"{}\"", part_etags[i]).c_str());
  }
  return TextOf(document);
}

std::string WithoutQuotes(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

}  // namespace firn
