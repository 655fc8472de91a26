#include "run/liveness.h"

#include <fmt/format.h>

#include <charconv>

#include "env/process.h"

namespace firn {
namespace {

constexpr std::string_view kRecovery = "recovery_";

// Takes "123_" from the front.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != '_') return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  return number;
}

}  // namespace

ProcessMark ThisProcess() {
  const int64_t pid = ProcessId();
  return {pid, ProcessStartTime(pid)};
}

bool IsAlive(const ProcessMark& process) {
  const int64_t started = ProcessStartTime(process.pid);
  return started != 0 && started == process.started;
}

RunId Liveness::RecoveryId(std::string_view unique) const {
  return RunId(fmt::format("{}{}_{}_{}", kRecovery, self_.pid, self_.started, unique));
}

std::optional<ProcessMark> Liveness::ProcessOfRecovery(const RunId& holder) {
  std::string_view text = holder.str();
  if (!text.starts_with(kRecovery)) return std::nullopt;
  text.remove_prefix(kRecovery.size());
  const auto pid = TakeNumber(text);
  if (!pid) return std::nullopt;
  const auto started = TakeNumber(text);
  if (!started) return std::nullopt;
  return ProcessMark{*pid, *started};
}

void Liveness::Enter(const RunId& holder) {
  const std::scoped_lock lock(mutex_);
  holders_.insert(holder);
}

void Liveness::Leave(const RunId& holder) {
  const std::scoped_lock lock(mutex_);
  holders_.erase(holder);
}

bool Liveness::AtWork(const RunId& holder, const ProcessMark& process) const {
  if (!(process == self_)) return alive_(process);
  const std::scoped_lock lock(mutex_);
  return holders_.contains(holder);
}

}  // namespace firn
