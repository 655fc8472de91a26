#include "run/run_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace firn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

RunLife After(RunLife life, std::initializer_list<RunEvent> events) {
  for (RunEvent event : events) life = Next(life, event).life;
  return life;
}

TEST(RunState, ARunThatCommitsSucceedsAndSettlesBeforeItReleasesItsLeases) {
  const RunStep step = Next(After({}, {RunEvent::kClaimed}), RunEvent::kCommitted);
  EXPECT_EQ(step.life.state, RunState::kSucceeded);
  EXPECT_THAT(step.effects, ElementsAre(RunEffect::kSettle, RunEffect::kRemoveStaging, RunEffect::kReleaseLeases));
}

TEST(RunState, AStopIsRecordedAtOnceAndEndsAsStopped) {
  const RunStep asked = Next(After({}, {RunEvent::kClaimed}), RunEvent::kStopRequested);
  EXPECT_EQ(asked.life.state, RunState::kStopping);
  EXPECT_THAT(asked.effects, ElementsAre(RunEffect::kCancelWork, RunEffect::kRecord));
  const RunStep ended = Next(asked.life, RunEvent::kWorkStopped);
  EXPECT_EQ(ended.life.state, RunState::kStopped);
  EXPECT_THAT(ended.effects, ElementsAre(RunEffect::kRemoveStaging, RunEffect::kReleaseLeases, RunEffect::kRecord));
}

TEST(RunState, ADeadlineEndsAsTimeout) {
  EXPECT_EQ(After({}, {RunEvent::kClaimed, RunEvent::kDeadlinePassed, RunEvent::kWorkStopped}).state,
            RunState::kTimeout);
}

TEST(RunState, AnOperatorsStopAfterTheDeadlineEndsAsStopped) {
  EXPECT_EQ(After({}, {RunEvent::kClaimed, RunEvent::kDeadlinePassed, RunEvent::kStopRequested, RunEvent::kWorkStopped})
                .state,
            RunState::kStopped);
}

TEST(RunState, AnErrorAfterTheDeadlineIsStillTheError) {
  EXPECT_EQ(After({}, {RunEvent::kClaimed, RunEvent::kDeadlinePassed, RunEvent::kWorkFailed}).state, RunState::kFailed);
}

TEST(RunState, AWaitingRunBecomesRunningWhenItsPartitionsAreFree) {
  EXPECT_EQ(After({}, {RunEvent::kHeldUp}).state, RunState::kWaiting);
  EXPECT_EQ(After({}, {RunEvent::kHeldUp, RunEvent::kClaimed}).state, RunState::kRunning);
}

TEST(RunState, AGoneProcessFailsTheRunFromAnyUnfinishedState) {
  for (RunState state : {RunState::kStarting, RunState::kRunning, RunState::kStopping, RunState::kWaiting}) {
    const RunStep step = Next({state, false}, RunEvent::kProcessGone);
    EXPECT_EQ(step.life.state, RunState::kFailed);
    EXPECT_EQ(step.effects.back(), RunEffect::kRecord);
  }
}

TEST(RunState, ADryRunSucceedsAndLeavesNothing) {
  const RunStep step = Next(After({}, {RunEvent::kClaimed}), RunEvent::kRehearsed);
  EXPECT_EQ(step.life.state, RunState::kSucceeded);
  EXPECT_THAT(step.effects, ElementsAre(RunEffect::kRemoveStaging, RunEffect::kReleaseLeases, RunEffect::kRecord));
}

RC_GTEST_PROP(RunStateProperty, AFinishedRunNeverChanges, ()) {
  RunLife life;
  const auto events = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 9));
  for (int number : events) {
    const RunStep step = Next(life, static_cast<RunEvent>(number));
    if (IsFinal(life.state)) {
      RC_ASSERT(step.life == life);
      RC_ASSERT(step.effects.empty());
    }
    life = step.life;
  }
}

}  // namespace
}  // namespace firn
