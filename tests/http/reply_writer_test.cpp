#include "http/reply_writer.hpp"

#include "raw_client.hpp"
#include "support/catch.hpp"

using rockwatch::Ending;
using rockwatch::HttpReply;
using rockwatch::Milliseconds;
using namespace rockwatch::http;
using Woken = Connection::Woken;

namespace {

/// Notes what happens, in order; time passes when it is waited for.
class NotingLink : public Link {
public:
    Woken wait_until(Moment due) override {
        notes += due == Moment::max() ? "wait-for-end " : "wait ";
        return ++waits == leaves_at ? Woken::gone : stops ? Woken::stopping : Woken::due;
    }
    std::function<void()> ringer() override {
        return [this] { ++rings; };
    }
    Woken wait_for_ring(Moment /*due*/) override {
        notes += "listen ";
        if (on_listen) on_listen();
        if (++waits == leaves_at) return Woken::gone;
        if (stops) return Woken::stopping;
        return std::exchange(rings, 0) > 0 ? Woken::rung : Woken::due;
    }
    bool flush() override {
        notes += "flush ";
        return true;
    }
    void reset() override { notes += "reset "; }

    std::string notes;
    int waits = 0;
    int leaves_at = 0;
    int rings = 0;
    std::function<void()> on_listen;
    bool stops = false;
};

struct Played {
    std::string notes;
    int completions = 0;
    bool began = false;
    bool is_whole = false;
};

Played play(HttpReply reply, NotingLink link = {}) {
    Played played;
    reply.on_complete = [&] {
        link.notes += "complete ";
        ++played.completions;
    };
    {
        ReplyWriter writer(reply, link, std::chrono::steady_clock::now());
        played.began = writer.begin();
        if (played.began && reply.streamed) {
            played.is_whole = writer.play([&](std::string_view bytes) {
                link.notes += std::string(bytes) + " ";
                return true;
            });
        }
    }
    played.notes = link.notes;
    return played;
}

constexpr Milliseconds far{3'600'000};

HttpReply stream(Ending ending, Milliseconds due = Milliseconds{0}) {
    HttpReply reply;
    reply.streamed = true;
    reply.pieces = {{due, "one"}, {due, ""}, {2 * due, "two"}};
    reply.ending = ending;
    return reply;
}

}  // namespace

TEST_CASE("a plain answer waits for its time and is completed before it is written", "[http][reply]") {
    const Played at_once = play({});
    CHECK(at_once.began);
    CHECK(at_once.notes == "complete ");
    const Played later = play({.due = far});
    CHECK(later.began);
    CHECK(later.notes == "wait complete ");
}

TEST_CASE("a stream is completed before its last piece, and what is written never waits for a later piece",
          "[http][reply]") {
    const Played at_once = play(stream(Ending::normal));
    CHECK(at_once.is_whole);
    CHECK(at_once.notes == "one complete two ");
    CHECK(play(stream(Ending::normal, far)).notes == "flush wait one flush wait flush wait complete two ");
}

TEST_CASE("a client that leaves while it waits completes the answer and gets nothing more", "[http][reply]") {
    NotingLink link;
    link.leaves_at = 1;
    const Played plain = play({.due = far}, link);
    CHECK_FALSE(plain.began);
    CHECK(plain.notes == "wait complete ");
    link.leaves_at = 2;
    const Played streamed = play(stream(Ending::normal, far), link);
    CHECK_FALSE(streamed.is_whole);
    CHECK(streamed.notes == "flush wait one flush wait complete ");
}

TEST_CASE("a stop cuts waits short and sends what was to come", "[http][reply]") {
    NotingLink link;
    link.stops = true;
    CHECK(play({.due = far}, link).began);
    CHECK(play(stream(Ending::normal, far), link).is_whole);
}

TEST_CASE("faults take the place of a plain answer", "[http][reply]") {
    CHECK(play({.due = far, .ending = Ending::reset}).notes == "wait complete reset ");
    CHECK(play({.ending = Ending::hang}).notes == "complete wait-for-end ");
    CHECK_FALSE(play({.ending = Ending::hang}).began);
    HttpReply truncated{.body = "hello", .ending = Ending::truncate, .truncate_after = 2};
    CHECK(play(truncated).began);
    NotingLink link;
    CHECK(ReplyWriter(truncated, link, {}).body() == "he");
    truncated.truncate_after = 100;
    CHECK(ReplyWriter(truncated, link, {}).body() == "hello");
}

TEST_CASE("faults end a stream after its pieces", "[http][reply]") {
    CHECK(play(stream(Ending::reset)).notes == "one complete two flush reset ");
    CHECK(play(stream(Ending::hang)).notes == "one complete two flush wait-for-end ");
    CHECK(play(stream(Ending::truncate)).notes == "one complete two flush ");
    HttpReply nothing{.streamed = true, .ending = Ending::reset};
    CHECK(play(nothing).notes == "complete reset ");
    const Ending ending = GENERATE(Ending::normal, Ending::reset, Ending::hang, Ending::truncate);
    CHECK(play(stream(ending)).completions == 1);
    CHECK(play({.ending = ending}).completions == 1);
}

TEST_CASE("an answer that is never played is completed all the same", "[http][reply]") {
    int completions = 0;
    HttpReply reply;
    reply.on_complete = [&] { ++completions; };
    NotingLink link;
    { const ReplyWriter writer(reply, link, {}); }
    CHECK(completions == 1);
}

TEST_CASE("a live answer goes on until its source has ended, and shows that it lives",
          "[http][reply-writer]") {
    const auto source = std::make_shared<rockwatch::test::FakeSource>();
    HttpReply reply = rockwatch::test::live_reply(source);
    reply.pieces = {{Milliseconds(0), "first"}};
    NotingLink link;
    int listened = 0;
    link.on_listen = [&] {
        ++listened;
        if (listened == 2) source->put("news");
        if (listened == 3) source->end();
    };
    const Played played = play(std::move(reply), link);
    CHECK(played.notes == "first flush listen alive  flush listen news flush listen complete ");
    CHECK(played.is_whole);
    CHECK(played.completions == 1);
    CHECK_FALSE(source->is_heard());
}

TEST_CASE("a live answer ends properly when the server stops, and not when the client leaves",
          "[http][reply-writer]") {
    const auto source = std::make_shared<rockwatch::test::FakeSource>();
    NotingLink stopping;
    stopping.stops = true;
    CHECK(play(rockwatch::test::live_reply(source), stopping).is_whole);
    NotingLink leaving;
    leaving.leaves_at = 1;
    const Played left = play(rockwatch::test::live_reply(source), leaving);
    CHECK_FALSE(left.is_whole);
    CHECK(left.completions == 1);
    CHECK_FALSE(source->is_heard());
}
