#include "env/stop_signal.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <thread>

#include "base/check.h"

namespace firn {
namespace {

// Written by the handler: the one thing that a handler may do is write(2), while request_stop takes locks and runs
// callbacks.
volatile sig_atomic_t wake_descriptor = -1;
volatile sig_atomic_t first_signal = 0;

void OnSignal(int signal) {
  int saved = errno;
  if (first_signal == 0) first_signal = signal;
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(wake_descriptor, &one, sizeof(one));
  errno = saved;
}

void InstallFor(int signal) {
  struct sigaction action{};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);  // the second one of a kind finds the default: death
  sigemptyset(&action.sa_mask);
  Check(sigaction(signal, &action, nullptr) == 0, "a signal handler can be installed");
}

std::stop_source* StartWatching() {
  auto* source = new std::stop_source;  // never freed: the watching thread lives as long as the process
  int descriptor = eventfd(0, EFD_CLOEXEC);
  Check(descriptor >= 0, "an eventfd can be made");
  wake_descriptor = descriptor;
  std::thread([source, descriptor] {
    uint64_t signals = 0;
    while (read(descriptor, &signals, sizeof(signals)) < 0 && errno == EINTR) {
    }
    source->request_stop();
  }).detach();
  InstallFor(SIGINT);
  InstallFor(SIGTERM);
  return source;
}

}  // namespace

std::string_view StopSignalName() {
  if (first_signal == 0) return "";
  return first_signal == SIGINT ? "SIGINT" : "SIGTERM";
}

std::stop_token InstallStopSignals() {
  static std::stop_source* const source = StartWatching();
  return source->get_token();
}

}  // namespace firn
