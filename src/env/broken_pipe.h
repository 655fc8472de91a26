#pragma once

#include <csignal>

namespace firn {

// While it lives, writing to a connection that the other side closed is an error for its thread, and not a SIGPIPE that
// ends the process: for libraries that write to sockets themselves (TLS). Not to be moved to another thread.
class BrokenPipeBlock {
 public:
  BrokenPipeBlock();
  BrokenPipeBlock(const BrokenPipeBlock&) = delete;
  BrokenPipeBlock& operator=(const BrokenPipeBlock&) = delete;
  ~BrokenPipeBlock();

 private:
  sigset_t before_;
  bool blocked_here_ = false;
};

}  // namespace firn
