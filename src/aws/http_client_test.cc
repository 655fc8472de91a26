#include "aws/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

namespace firn {
namespace {

// Answers the first request of each connection and keeps it open; hangs up when a second one comes.
class ForgetfulServer {
 public:
  ForgetfulServer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    thread_ = std::jthread([this] { Serve(); });
  }
  ForgetfulServer(const ForgetfulServer&) = delete;
  ForgetfulServer& operator=(const ForgetfulServer&) = delete;
  ~ForgetfulServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  // Requests here have no body, and come whole.
  bool AwaitRequest(int client) {
    char some[4096];
    if (recv(client, some, sizeof some, 0) <= 0) return false;
    ++requests_;
    return true;
  }
  void Serve() {
    for (int client; (client = accept(listener_, nullptr, nullptr)) >= 0; close(client)) {
      constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      if (!AwaitRequest(client)) continue;
      send(client, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
      AwaitRequest(client);
    }
  }

  const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string url_;
  std::atomic<int> requests_ = 0;
  std::jthread thread_;
};

HttpRequest RequestTo(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

TEST(HttpClient, SendsAgainWhenAKeptConnectionIsDead) {
  ForgetfulServer server;
  HttpClient http({});
  for (int i = 0; i < 2; ++i) {
    const HttpExchange exchange = http.Exchange(RequestTo(server.url()));
    ASSERT_TRUE(exchange.response) << exchange.response.error().Text();
    EXPECT_EQ(exchange.response->body, "ok");
    EXPECT_TRUE(exchange.sent);
  }
  EXPECT_EQ(server.requests(), 3);
}

TEST(HttpClient, SendsOnceWhatMustNotBeSentTwice) {
  ForgetfulServer server;
  HttpClient http({});
  HttpRequest request = RequestTo(server.url());
  request.once = true;
  ASSERT_TRUE(http.Send(request));
  const HttpExchange exchange = http.Exchange(request);
  ASSERT_FALSE(exchange.response);
  EXPECT_EQ(exchange.response.error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(exchange.sent);
  EXPECT_EQ(server.requests(), 2);
  EXPECT_TRUE(http.Send(request));
}

TEST(HttpClient, SaysWhenNobodyCanHaveSeenTheRequest) {
  std::string url;
  {
    const ForgetfulServer server;
    url = server.url();
  }
  const HttpExchange exchange = HttpClient({}).Exchange(RequestTo(url));
  ASSERT_FALSE(exchange.response);
  EXPECT_EQ(exchange.response.error().kind, ErrorKind::kUnavailable);
  EXPECT_FALSE(exchange.sent);
}

}  // namespace
}  // namespace firn
