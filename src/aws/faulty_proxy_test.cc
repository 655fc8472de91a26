#include "aws/faulty_proxy_test.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <initializer_list>
#include <optional>

namespace firn {
namespace {

using Deed = Mishap::Deed;

int Connect(int port) {
  const int socket_number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket_number, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << std::strerror(errno);
  return socket_number;
}

bool SendAll(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool Receive(int from, std::string& text) {
  char some[65536];
  const ssize_t got = recv(from, some, sizeof some, 0);
  if (got > 0) text.append(some, static_cast<size_t>(got));
  return got > 0;
}

size_t ContentLength(std::string_view head) {
  const size_t at = head.find("\r\nContent-Length: ");
  size_t length = 0;
  if (at != std::string_view::npos) std::from_chars(head.data() + at + 18, head.data() + head.size(), length);
  return length;
}

// A whole request: head and body.
std::optional<std::string> ReadRequest(int client) {
  std::string text;
  size_t end = std::string::npos;
  while ((end = text.find("\r\n\r\n")) == std::string::npos) {
    if (!Receive(client, text)) return std::nullopt;
  }
  const size_t size = end + 4 + ContentLength(std::string_view(text).substr(0, end));
  while (text.size() < size) {
    if (!Receive(client, text)) return std::nullopt;
  }
  return text;
}

// The server's whole answer. It is told to close its connection, so that its end is the answer's.
std::string Forward(int port, std::string request) {
  request.insert(request.find("\r\n"), "\r\nConnection: close");
  const int server = Connect(port);
  std::string answer;
  if (SendAll(server, request)) {
    while (Receive(server, answer)) {
    }
  }
  close(server);
  return answer;
}

std::string XmlError(const std::string& code) {
  return "<?xml version=\"1.0\"?>\n<Error><Code>" + code + "</Code><Message>played</Message></Error>";
}

std::string JsonError(const std::string& code) {
  return R"({"__type":"com.amazonaws.played#)" + code + R"(","message":"played"})";
}

std::string Answer(std::string_view status, const std::string& body) {
  return "HTTP/1.1 " + std::string(status) + "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// Up to the middle of the body, or of the head when there is none.
std::string_view HalfOf(std::string_view answer) {
  const size_t body = answer.find("\r\n\r\n") + 4;
  return body == answer.size() ? answer.substr(0, body / 2) : answer.substr(0, body + (answer.size() - body) / 2);
}

// Of the first header that the answer has.
void ReplaceHeader(std::string& answer, std::initializer_list<std::string_view> names, std::string_view value) {
  for (const std::string_view name : names) {
    const size_t at = answer.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) continue;
    const size_t begin = at + name.size() + 4;
    answer.replace(begin, answer.find("\r\n", begin) - begin, value);
    return;
  }
}

// "GET /bucket/key?query", "POST / DynamoDB_20120810.Scan".
std::string NameOf(std::string_view request) {
  constexpr std::string_view kTarget = "\r\nx-amz-target: ";
  std::string name(request.substr(0, request.find(" HTTP/")));
  const size_t target = request.find(kTarget);
  if (target == std::string_view::npos) return name;
  const size_t begin = target + kTarget.size();
  return (name += ' ') += request.substr(begin, request.find("\r\n", begin) - begin);
}

// What the proxy says itself, without the server; empty: nothing.
std::string OwnAnswer(Deed deed) {
  if (deed == Deed::kSlowDown) return Answer("503 Slow Down", XmlError("SlowDown"));
  if (deed == Deed::kInternalError) return Answer("200 OK", XmlError("InternalError"));
  if (deed == Deed::kThrottle) return Answer("400 Bad Request", JsonError("ThrottlingException"));
  return {};
}

void CloseWithReset(int client) {
  const linger at_once{1, 0};
  setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(client);
}

void AwaitEnd(int client) {
  std::string ignored;
  while (Receive(client, ignored)) {
  }
}

}  // namespace

FaultyProxy::FaultyProxy(const std::string& upstream_endpoint)
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  upstream_port_ = std::stoi(upstream_endpoint.substr(upstream_endpoint.rfind(':') + 1));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener_, 512), 0);
  EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { Accept(); });
}

FaultyProxy::~FaultyProxy() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  threads_.clear();
  close(listener_);
}

std::string FaultyProxy::endpoint() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

void FaultyProxy::SetRule(MishapRule rule) {
  const std::lock_guard lock(mutex_);
  rule_ = std::move(rule);
  requests_.clear();
  seen_.clear();
}

std::vector<std::string> FaultyProxy::Requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void FaultyProxy::Accept() {
  for (int client; (client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, client] { Serve(client); });
  }
}

Deed FaultyProxy::Note(const std::string& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  return rule_ ? rule_(request, seen_[request]++) : Deed::kNone;
}

// One request a connection: the client is told that it closes.
void FaultyProxy::Serve(int client) {
  const std::optional<std::string> request = ReadRequest(client);
  if (!request) {
    close(client);
    return;
  }
  const Deed deed = Note(NameOf(*request));
  if (const std::string own = OwnAnswer(deed); !own.empty()) {
    SendAll(client, own);
    shutdown(client, SHUT_WR);
    AwaitEnd(client);
    close(client);
    return;
  }
  std::string answer = Forward(upstream_port_, *request);
  if (deed == Deed::kOtherETag) ReplaceHeader(answer, {"Etag", "ETag"}, "\"another\"");
  if (deed == Deed::kWrongChecksum) ReplaceHeader(answer, {"x-amz-crc32"}, "7");
  if (deed == Deed::kServerFault) answer = Answer("500 Internal Server Error", JsonError("InternalServerError"));
  const bool half = deed == Deed::kReset || deed == Deed::kStall || deed == Deed::kShort;
  if (deed != Deed::kLoseAnswer) SendAll(client, half ? HalfOf(answer) : std::string_view(answer));
  if (deed == Deed::kReset || deed == Deed::kLoseAnswer) return CloseWithReset(client);
  if (deed != Deed::kStall) shutdown(client, SHUT_WR);
  AwaitEnd(client);
  close(client);
}

}  // namespace firn
