#include "run/run_watch.h"

#include <algorithm>

namespace firn {

RunWatch::RunWatch(Catalog& catalog, const Clock& clock, Log& log, RunRecord record, const Settings& settings,
                   std::stop_token stop)
    : catalog_(catalog),
      clock_(clock),
      log_(log),
      settings_(settings),
      record_(std::move(record)),
      life_{record_.state, false} {
  thread_ = std::thread([this] { Loop(); });
  // Last: the callback may run at once.
  on_stop_.emplace(std::move(stop), [this] {
    work_.request_stop();  // at once; the state is recorded by the thread
    const std::scoped_lock lock(mutex_);
    stop_asked_ = true;
    wake_.notify_all();
  });
}

RunWatch::~RunWatch() {
  End();
}

RunWatch::Last RunWatch::End() {
  on_stop_.reset();
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  const std::scoped_lock lock(mutex_);
  if (stop_asked_ && life_.state != RunState::kStopping) life_ = Next(life_, RunEvent::kStopRequested).life;
  record_.state = life_.state;
  return {record_, life_};
}

Status RunWatch::Tell(RunEvent event) {
  const std::scoped_lock lock(mutex_);
  return Perform(Next(life_, event));
}

Status RunWatch::Perform(const RunStep& step) {
  life_ = step.life;
  Status recorded;
  for (const RunEffect effect : step.effects) {
    if (effect == RunEffect::kCancelWork) work_.request_stop();
    if (effect != RunEffect::kRecord) continue;
    record_.state = life_.state;
    record_.heartbeat_ns = clock_.NowNs();
    recorded = catalog_.UpdateRun(record_);
  }
  return recorded;
}

void RunWatch::Loop() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    wake_.wait_for(lock, UntilNextBeat(),
                   [this] { return ending_ || (stop_asked_ && life_.state != RunState::kStopping); });
    if (!ending_) Beat();
  }
}

std::chrono::nanoseconds RunWatch::UntilNextBeat() const {
  if (settings_.timeout.count() == 0 || life_.past_deadline) return settings_.beat;
  const std::chrono::nanoseconds left(record_.started_ns + settings_.timeout.count() - clock_.NowNs());
  return std::clamp<std::chrono::nanoseconds>(left, std::chrono::milliseconds(1), settings_.beat);
}

// A catalog that is busy or out of order for a moment must not end the run: the commit will tell.
void RunWatch::Beat() {
  const auto warn = [this](const Status& status) {
    if (!status) log_.Write(LogLevel::kWarning, "cannot record that the run is alive: " + status.error().Text());
  };
  const Result<RunRecord> stored = catalog_.GetRun(record_.id);
  const bool stopped_elsewhere = stored && stored->state == RunState::kStopping;
  if (stop_asked_ || stopped_elsewhere) return warn(Perform(Next(life_, RunEvent::kStopRequested)));
  const int64_t now = clock_.NowNs();
  if (settings_.timeout.count() > 0 && now - record_.started_ns >= settings_.timeout.count())
    warn(Perform(Next(life_, RunEvent::kDeadlinePassed)));
  record_.heartbeat_ns = now;
  warn(catalog_.UpdateRun(record_));
}

}  // namespace firn
