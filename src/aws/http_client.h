#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <semaphore>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace firn {

using HttpFields = std::vector<std::pair<std::string, std::string>>;  // names in lower case

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpFields headers;
  std::string_view body;  // must live as long as Send
  // Where the body of a success (2xx) goes; empty: into HttpResponse::body. One that is longer is cut off there.
  std::span<char> into;
  bool expects_bytes = false;      // `into` counts even when it is empty
  size_t max_error_body = 65'536;  // what is longer is cut off there
  // Never sent twice. Otherwise a request on a kept connection that turns out to be dead is sent again on a new one.
  bool once = false;
  std::chrono::seconds stall_timeout{30};
};

struct HttpResponse {
  int status = 0;
  HttpFields headers;
  std::string body;       // of errors at most `max_error_body`
  int64_t received = 0;   // bytes of the body in `into`
  bool too_long = false;  // the body had more

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
  [[nodiscard]] std::string_view Header(std::string_view name) const;  // "" when there is none
};

struct HttpExchange {
  Result<HttpResponse> response;
  bool sent = false;  // the server may have seen the request, whatever became of the answer
};

// Who sends requests, so that tests can play a server without one. Thread-safe.
class HttpSender {
 public:
  virtual ~HttpSender() = default;
  // Every answer of the server is a response. Errors: kUnavailable when there is none, or only a part of it; see
  // HttpClient.
  virtual HttpExchange Exchange(const HttpRequest& request) = 0;
};

struct HttpSettings {
  int max_in_flight = 256;  // further calls of Send wait
  std::chrono::seconds connect_timeout{5};
  std::string ca_file;  // PEM; empty: the system's
};

// Requests over kept connections (libcurl, HTTP/1.1). Thread-safe: each Send runs in its caller's thread, on a
// connection of its own that is kept for the next one. Redirects are not followed. Proxies come from the usual
// environment variables (https_proxy, no_proxy).
class HttpClient : public HttpSender {
 public:
  explicit HttpClient(HttpSettings settings);
  ~HttpClient() override;

  // Errors: kUnavailable when there is no answer, or only a part of it: refused, reset, unresolved, slower than 1 KiB/s
  // for `stall_timeout`; kPermission when TLS does not trust the server.
  HttpExchange Exchange(const HttpRequest& request) override;
  Result<HttpResponse> Send(const HttpRequest& request) { return Exchange(request).response; }

 private:
  class Connection;
  std::unique_ptr<Connection> Take();
  void GiveBack(std::unique_ptr<Connection> connection);

  const HttpSettings settings_;
  std::counting_semaphore<> in_flight_;
  std::mutex mutex_;                               // guards the rest
  std::vector<std::unique_ptr<Connection>> idle_;  // the last used first: few callers keep few connections
};

}  // namespace firn
