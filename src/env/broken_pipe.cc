#include "env/broken_pipe.h"

#include <pthread.h>

#include <ctime>

namespace firn {
namespace {

sigset_t OnlyPipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  return signals;
}

}  // namespace

BrokenPipeBlock::BrokenPipeBlock() {
  const sigset_t pipe = OnlyPipe();
  blocked_here_ = pthread_sigmask(SIG_BLOCK, &pipe, &before_) == 0 && sigismember(&before_, SIGPIPE) == 0;
}

BrokenPipeBlock::~BrokenPipeBlock() {
  if (!blocked_here_) return;
  const sigset_t pipe = OnlyPipe();
  const timespec at_once{};
  while (sigtimedwait(&pipe, nullptr, &at_once) == SIGPIPE) {  // what came meanwhile was this thread's own
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace firn
