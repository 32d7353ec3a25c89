#pragma once

namespace rockwatch {

/// Whoever runs threads, and lets others work while one of them waits.
class ThreadKeeper {
public:
    virtual ~ThreadKeeper() = default;
    virtual void begin_waiting() = 0;
    virtual void end_waiting() = 0;
};

/// Names the keeper of the present thread, for as long as the thread lives; nullptr: none.
void keep_this_thread(ThreadKeeper* keeper);

/// While it lives, the present thread waits for something that another one does: its keeper is told. Costs
/// next to nothing where there is no keeper.
class Waiting {
public:
    Waiting();
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

private:
    ThreadKeeper* keeper_;
};

}  // namespace rockwatch
