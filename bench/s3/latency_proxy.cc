// Stands between a client and an S3 server, holds every request back for some milliseconds, and counts requests.
//
// usage: firn_latency_proxy UPSTREAM_PORT MILLISECONDS
// Prints its port. On SIGUSR1 it prints how many requests came since the last time; it ends when standard input does.
//
// HTTP/1.1 over kept connections: what a client sends is a request when the last thing on its connection was an answer.
// One thread, one epoll: the machine's other core is the client's and the server's.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kChunk = 256 << 10;
constexpr size_t kMostHeld = 4 << 20;  // bytes of one direction that the other side has not taken yet

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Held {
  Clock::time_point due;
  std::string bytes;
};

// One direction of a connection.
struct Flow {
  int from = -1;
  int to = -1;
  std::deque<Held> held;
  size_t held_bytes = 0;
  bool ended = false;     // nothing more comes
  bool finished = false;  // and the other side was told
};

struct Connection {
  Flow up;    // client -> server, held back
  Flow down;  // server -> client
  bool answered = true;
};

class Proxy {
 public:
  Proxy(int upstream_port, std::chrono::microseconds delay) : upstream_port_(upstream_port), delay_(delay) {
    poll_ = epoll_create1(0);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 1024) != 0)
      Die("listen");
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    sigprocmask(SIG_BLOCK, &wanted, nullptr);
    signals_ = signalfd(-1, &wanted, SFD_NONBLOCK);
    for (const int fd : {listener_, signals_, STDIN_FILENO}) Watch(fd);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  void Run() {
    std::array<epoll_event, 256> events;
    while (true) {
      const int count = epoll_wait(poll_, events.data(), events.size(), WaitMs());
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<size_t>(i)].data.fd;
        if (fd == STDIN_FILENO) return;
        if (fd == listener_)
          Accept();
        else if (fd == signals_)
          Tell();
        else
          Serve(fd);
      }
      SendDue();
    }
  }

 private:
  void Watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN | (fd == listener_ || fd == signals_ || fd == STDIN_FILENO ? 0U : EPOLLOUT | EPOLLET);
    event.data.fd = fd;
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event) != 0 && fd != STDIN_FILENO) Die("epoll");
  }

  void Accept() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (client < 0) return;
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(upstream_port_));
    if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) Die("connect");
    fcntl(server, F_SETFL, O_NONBLOCK);
    const int on = 1;
    for (const int fd : {client, server}) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_shared<Connection>();
    connection->up = {client, server};
    connection->down = {server, client};
    connections_[client] = connections_[server] = connection;
    Watch(client);
    Watch(server);
  }

  void Tell() {
    signalfd_siginfo info;
    while (read(signals_, &info, sizeof info) > 0) {
    }
    std::printf("%ld\n", requests_);
    std::fflush(stdout);
    requests_ = 0;
  }

  void Serve(int fd) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    const auto connection = found->second;
    // Both ways whatever happened: room on one side may be what the other waited for.
    for (int turn = 0; turn < 2; ++turn) {
      Pull(*connection, connection->up, true);
      Pull(*connection, connection->down, false);
      Push(connection->up);
      Push(connection->down);
    }
    CloseWhenDone(*connection);
  }

  void Pull(Connection& connection, Flow& flow, bool client) {
    static std::string buffer(kChunk, '\0');
    while (!flow.ended && flow.held_bytes < kMostHeld) {
      const ssize_t got = read(flow.from, buffer.data(), buffer.size());
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (got <= 0) {
        flow.ended = true;
        return;
      }
      if (client && std::exchange(connection.answered, false)) {
        ++requests_;
      }
      if (!client) connection.answered = true;
      const Clock::time_point due = client ? Clock::now() + delay_ : Clock::time_point{};
      flow.held.push_back({due, std::string(buffer.data(), static_cast<size_t>(got))});
      flow.held_bytes += static_cast<size_t>(got);
      if (client) waiting_.push_back({due, flow.to});
    }
  }

  static void Push(Flow& flow) {
    const auto now = Clock::now();
    while (!flow.held.empty() && flow.held.front().due <= now) {
      Held& next = flow.held.front();
      const ssize_t sent = send(flow.to, next.bytes.data(), next.bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (sent < 0) {
        flow.ended = true;
        flow.held.clear();
        flow.held_bytes = 0;
        break;
      }
      flow.held_bytes -= static_cast<size_t>(sent);
      next.bytes.erase(0, static_cast<size_t>(sent));
      if (next.bytes.empty()) flow.held.pop_front();
    }
    if (flow.ended && flow.held.empty() && !std::exchange(flow.finished, true)) shutdown(flow.to, SHUT_WR);
  }

  void CloseWhenDone(Connection& connection) {
    if (!connection.up.finished || !connection.down.finished) return;
    for (const int fd : {connection.up.from, connection.up.to}) {
      connections_.erase(fd);
      close(fd);
    }
  }

  void SendDue() {
    const auto now = Clock::now();
    while (!waiting_.empty() && waiting_.front().first <= now) {
      const int fd = waiting_.front().second;
      waiting_.pop_front();
      if (connections_.contains(fd)) Serve(fd);
    }
  }

  [[nodiscard]] int WaitMs() const {
    if (waiting_.empty()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(waiting_.front().first - Clock::now());
    return static_cast<int>(std::max<int64_t>(left.count(), 0));
  }

  const int upstream_port_;
  const std::chrono::microseconds delay_;
  int poll_ = -1;
  int listener_ = -1;
  int signals_ = -1;
  long requests_ = 0;
  std::unordered_map<int, std::shared_ptr<Connection>> connections_;
  std::deque<std::pair<Clock::time_point, int>> waiting_;  // in the order in which they are due
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: firn_latency_proxy UPSTREAM_PORT MILLISECONDS\n", stderr);
    return 2;
  }
  Proxy proxy(std::atoi(argv[1]), std::chrono::microseconds(static_cast<int64_t>(std::atof(argv[2]) * 1000)));
  proxy.Run();
}
