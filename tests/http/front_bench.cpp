#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "http/front.hpp"

namespace {

/// A Converse answer of 600 bytes, whatever is asked, after the body has been read: what
/// shared/bench/bare.cpp sends in its mode `fixed`.
class FixedAnswer : public rockwatch::Handler {
public:
    rockwatch::HttpReply answer(rockwatch::HttpRequest& request) override {
        request.read_body();
        rockwatch::HttpReply reply;
        reply.headers.add("Content-Type", "application/json");
        reply.headers.add("x-amzn-requestid", "6f1f7f0e-6a1c-4d33-9b0a-0e7bb5a7a001");
        reply.body.assign(600, ' ');
        reply.body.replace(0, 2, "{}");
        return reply;
    }
};

}  // namespace

/// The front alone, to be measured with wrk beside bare.cpp: front_bench PORT [HOLD_MS]
int main(int count, char* values[]) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    FixedAnswer handler;
    rockwatch::FrontOptions options;
    options.port = count > 1 ? std::atoi(values[1]) : 0;
    if (count > 2) options.hold = rockwatch::Milliseconds(std::atoi(values[2]));
    rockwatch::Front front(options, handler);
    front.start();
    std::printf("%d\n", front.port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
    const auto figures = front.figures();
    std::printf("requests %lu, workers %zu\n", figures.requests, figures.workers);
    return front.stop() ? 0 : 1;
}
