#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>

#include "app/verbs.h"
#include "app/wiring.h"
#include "env/stop_signal.h"
#include "env/time_zone.h"

namespace firn {
namespace {

constexpr int64_t kPage = 1000;

Json ToJson(const EventRecord& event) {
  return {{"event_id", event.id},
          {"type", event.type},
          {"topic", event.topic},
          {"key", event.key},
          {"run_id", event.run.str()},
          {"state", NameOf(event.state)},
          {"attempts", event.attempts},
          {"last_error", event.last_error.empty() ? Json() : Json(event.last_error)},
          {"created_at", FormatUtc(event.created_ns)},
          {"delivered_at", event.delivered_ns == 0 ? Json() : Json(FormatUtc(event.delivered_ns))},
          {"payload", event.payload}};
}

// What earlier runs could not deliver, and what killed runs left.
Status DeliverAgain(Wiring& wiring) {
  wiring.Recover();
  return StatusOf(wiring.DeliverEvents());
}

VerbResult ListEvents(const Settings& settings) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  FIRN_TRY(DeliverAgain(*wiring));
  Json records = Json::array();
  for (int64_t after = 0;;) {
    FIRN_TRY_ASSIGN(const auto events, wiring->catalog().ListEvents(after, kPage));
    for (const EventRecord& event : events) records.push_back(ToJson(event));
    if (static_cast<int64_t>(events.size()) < kPage) break;
    after = events.back().id;
  }
  Screen(settings.output)
      .Records(records, "no events yet: a job with `publish` makes one for each partition that it writes");
  return 0;
}

// One JSON line an event, as they come, until a signal.
VerbResult FollowEvents(const Settings& settings) {
  FIRN_TRY_ASSIGN(const auto wiring, Wiring::Open(settings, LakeAccess::kRead));
  FIRN_TRY(DeliverAgain(*wiring));
  const std::stop_token stop = InstallStopSignals();
  std::mutex mutex;
  std::condition_variable_any woken;
  for (int64_t after = 0; !stop.stop_requested();) {
    FIRN_TRY_ASSIGN(const auto events, wiring->catalog().ListEvents(after, kPage));
    for (const EventRecord& event : events) fmt::print("{}\n", ToJson(event).dump());
    (void)std::fflush(stdout);
    if (!events.empty()) after = events.back().id;
    if (static_cast<int64_t>(events.size()) == kPage) continue;
    std::unique_lock lock(mutex);
    woken.wait_for(lock, stop, std::chrono::milliseconds(500), [] { return false; });
  }
  return 0;
}

}  // namespace

void AddEventsVerb(CLI::App& app, ChosenVerb& chosen) {
  CLI::App* const events = app.add_subcommand("events", "Show the outbox and what became of each event");
  const auto follow = std::make_shared<bool>(false);
  events->add_flag("--follow", *follow, "Go on showing events as they come, one JSON line each");
  events->callback([&chosen, follow] { chosen = *follow ? FollowEvents : ListEvents; });
}

}  // namespace firn
