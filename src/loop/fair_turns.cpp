#include "loop/fair_turns.hpp"

#include "loop/event_loop.hpp"

namespace chopin::loop {
namespace {

/// While batch after batch of events is full, those who wait do so for that many at most.
constexpr unsigned most_passed_rounds = 16;

/// After so many rounds in which one handler at most was ready there is nobody to be fair to.
constexpr unsigned most_lone_rounds = 64;

/// How many tasks run without a look at the time between them.
constexpr int most_unmeasured = 8;

}  // namespace

void FairTurns::watch(Ticks time) noexcept {
  is_watching_ = true;
  lone_rounds_ = 0;
  last_long_ = time;
}

void FairTurns::begin_dispatch(std::size_t ready) noexcept {
  dispatch_begin_ = since_ = now();
  const bool is_lone = ready <= 1 && unknown_.empty() && costly_.empty();
  lone_rounds_ = is_lone ? lone_rounds_ + 1 : 0;
  is_watching_ = since_ - last_long_ <= limits_.watch && lone_rounds_ < most_lone_rounds;
}

void FairTurns::add(Task& task, Cost cost) noexcept {
  (cost == Cost::high ? costly_ : unknown_).push_back(task);
  if (!Task::is_linked()) loop_.run_next_round(*this);
}

/// Called in each round while tasks wait, twice: a task for the next round keeps the loop from waiting for
/// events.
void FairTurns::run() noexcept {
  if (!std::exchange(is_round_end_, true)) return loop_.run_at_round_end(*this);
  is_round_end_ = false;
  if (!loop_.was_batch_full() || ++passed_rounds_ >= most_passed_rounds) {
    passed_rounds_ = 0;
    run_waiting();
  }
  if (!unknown_.empty() || !costly_.empty()) loop_.run_next_round(*this);
}

void FairTurns::run_waiting() noexcept {
  const Ticks begin = now();
  const bool costly_first = std::exchange(costly_first_, false);
  for (const bool is_costly : {costly_first, !costly_first}) {
    TaskList& waiting = is_costly ? costly_ : unknown_;
    while (!waiting.empty()) {
      waiting.run_first();
      if (now() - begin < limits_.turn) continue;
      costly_first_ = !is_costly;
      return;
    }
  }
}

void FairTurns::run_tasks(TaskList& tasks) noexcept {
  const Ticks begin = since_ = now();
  while (!tasks.empty()) {
    int unmeasured = 0;
    do {
      tasks.run_first();
    } while (!tasks.empty() && !is_watching_ && ++unmeasured < most_unmeasured);
    const Ticks time = now();
    if (time - begin < limits_.round) continue;
    if (!is_watching_) watch(time);
    return;
  }
}

void FairTurns::discard_all() noexcept {
  unknown_.discard_all();
  costly_.discard_all();
}

}  // namespace chopin::loop
