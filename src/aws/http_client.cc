#include "aws/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/check.h"
#include "env/broken_pipe.h"

namespace firn {
namespace {

constexpr long kMinBytesPerSecond = 1024;
constexpr long kReceiveBuffer = 262'144;

void InitializeOnce() {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  Check(initialized == CURLE_OK, "libcurl cannot be initialized");
}

// What curl's callbacks fill in.
struct Receiver {
  const HttpRequest& request;
  HttpResponse response;
  bool has_head = false;  // all of it
  int sends = 0;

  bool wants_bytes() const { return response.ok() && (request.expects_bytes || !request.into.empty()); }

  size_t TakeBody(std::string_view data) {
    if (!wants_bytes()) {
      const size_t most = request.max_error_body;
      const size_t room = response.ok() ? data.size() : most - std::min(most, response.body.size());
      response.body.append(data.substr(0, room));
      return data.size();
    }
    const size_t at = static_cast<size_t>(response.received);
    if (data.size() > request.into.size() - at) {
      response.too_long = true;
      return 0;  // ends the transfer
    }
    std::memcpy(request.into.data() + at, data.data(), data.size());
    response.received += std::ssize(data);
    return data.size();
  }

  void TakeHeader(std::string_view line) {
    if (line.starts_with("HTTP/")) {  // the first line; there are several after "100 Continue"
      const size_t space = line.find(' ');
      response.status = space == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(space + 1, 3)).c_str());
      response.headers.clear();
      has_head = false;
      return;
    }
    has_head = has_head || line == "\r\n" || line == "\n";
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && std::string_view(" \t\r\n").contains(value.back())) value.remove_suffix(1);
    response.headers.emplace_back(std::move(name), value);
  }
};

size_t OnBody(char* data, size_t size, size_t count, void* receiver) {
  return static_cast<Receiver*>(receiver)->TakeBody({data, size * count});
}
size_t OnHeader(char* data, size_t size, size_t count, void* receiver) {
  static_cast<Receiver*>(receiver)->TakeHeader({data, size * count});
  return size * count;
}

// Called when there is a connection, before the request goes out.
int OnSend(void* receiver, char*, char*, int, int) {
  Receiver& one = *static_cast<Receiver*>(receiver);
  const bool again = one.sends++ > 0;
  return again && one.request.once ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

std::string_view OriginOf(std::string_view url) {
  const size_t host = url.find("://");
  return url.substr(0, host == std::string_view::npos ? url.find('/') : url.find('/', host + 3));
}

std::unexpected<Error> FailTransfer(CURLcode code, const char* detail, std::string_view url) {
  const std::string why = *detail != '\0' ? detail : curl_easy_strerror(code);
  std::string message = fmt::format("no answer from {}: {}", OriginOf(url), why);
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return Fail(ErrorKind::kPermission, std::move(message),
                  "The server's certificate is not trusted: name its authority's file as ca_file, or mend it there");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Fail(ErrorKind::kInvalidArgument, std::move(message), "Write the endpoint as https://host:port");
    case CURLE_OUT_OF_MEMORY:
      return Fail(ErrorKind::kIo, std::move(message));
    case CURLE_ABORTED_BY_CALLBACK:
      return Fail(ErrorKind::kUnavailable, fmt::format("no answer from {}: it closed the connection", OriginOf(url)));
    default:
      return Fail(ErrorKind::kUnavailable, std::move(message),
                  "Is the endpoint right, and can it be reached from here?");
  }
}

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

HeaderList HeadersOf(const HttpRequest& request) {
  HeaderList list;
  const auto add = [&](const std::string& line) { list.reset(curl_slist_append(list.release(), line.c_str())); };
  add("Expect:");  // or curl waits for a "100 Continue" before a large body
  add("Accept:");
  for (const auto& [name, value] : request.headers)
    add(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  return list;
}

}  // namespace

std::string_view HttpResponse::Header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &HttpFields::value_type::first);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

class HttpClient::Connection {
 public:
  explicit Connection(const HttpSettings& settings) : settings_(settings), handle_(curl_easy_init()) {
    Check(handle_ != nullptr, "out of memory");
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { curl_easy_cleanup(handle_); }

  HttpExchange Exchange(const HttpRequest& request) {
    Receiver receiver{request, {}};
    auto response = Send(request, receiver);
    return {std::move(response), receiver.sends > 0};
  }

 private:
  Result<HttpResponse> Send(const HttpRequest& request, Receiver& receiver) {
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_reset(handle_);  // keeps the connection
    Set(CURLOPT_ERRORBUFFER, static_cast<char*>(detail));
    const HeaderList headers = HeadersOf(request);
    Set(CURLOPT_HTTPHEADER, headers.get());
    SetTransport(request);
    SetMethod(request);
    Set(CURLOPT_WRITEFUNCTION, &OnBody);
    Set(CURLOPT_WRITEDATA, &receiver);
    Set(CURLOPT_HEADERFUNCTION, &OnHeader);
    Set(CURLOPT_HEADERDATA, &receiver);
    Set(CURLOPT_PREREQFUNCTION, &OnSend);
    Set(CURLOPT_PREREQDATA, &receiver);
    const BrokenPipeBlock block;
    const CURLcode code = curl_easy_perform(handle_);
    if (code != CURLE_OK && !receiver.response.too_long) return FailTransfer(code, detail, request.url);
    // For curl an end in the middle of the head is an end.
    if (!receiver.has_head) return FailTransfer(CURLE_PARTIAL_FILE, "the answer ends in its head", request.url);
    return std::move(receiver.response);
  }

  template <class T>
  void Set(CURLoption option, T value) {
    curl_easy_setopt(handle_, option, value);
  }

  void SetTransport(const HttpRequest& request) {
    Set(CURLOPT_URL, request.url.c_str());
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    Set(CURLOPT_PATH_AS_IS, 1L);  // it is signed as it is
    Set(CURLOPT_NOSIGNAL, 1L);    // several threads
    Set(CURLOPT_TCP_KEEPALIVE, 1L);
    Set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
    Set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings_.connect_timeout.count()));
    Set(CURLOPT_LOW_SPEED_LIMIT, kMinBytesPerSecond);
    Set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_timeout.count()));
    if (!settings_.ca_file.empty()) Set(CURLOPT_CAINFO, settings_.ca_file.c_str());
  }

  void SetMethod(const HttpRequest& request) {
    if (request.method == "HEAD") {
      Set(CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
      Set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
      Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    if (request.method != "HEAD") Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  const HttpSettings& settings_;
  CURL* const handle_;
};

HttpClient::HttpClient(HttpSettings settings)
    : settings_(std::move(settings)), in_flight_(std::max(1, settings_.max_in_flight)) {
  InitializeOnce();
}

HttpClient::~HttpClient() = default;

HttpExchange HttpClient::Exchange(const HttpRequest& request) {
  in_flight_.acquire();
  std::unique_ptr<Connection> connection = Take();
  HttpExchange exchange = connection->Exchange(request);
  GiveBack(std::move(connection));
  in_flight_.release();
  return exchange;
}

std::unique_ptr<HttpClient::Connection> HttpClient::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return std::make_unique<Connection>(settings_);
}

void HttpClient::GiveBack(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
}

}  // namespace firn
