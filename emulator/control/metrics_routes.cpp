#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "control/routes.hpp"
#include "core/prometheus.hpp"

namespace rockwatch::control {

namespace {

using Type = PrometheusText::Type;

double real(std::uint64_t count) { return static_cast<double>(count); }

void add_calls(PrometheusText& text, World& world) {
    text.family("rockwatch_requests_total", Type::counter, "AWS calls answered.");
    for (const auto& row : world.gateway().figures().rows()) {
        text.sample(
            real(row.count),
            {{"service", row.service}, {"operation", row.operation}, {"status", std::to_string(row.status)}});
    }
    text.family("rockwatch_request_duration_seconds", Type::histogram,
                "From the request to its last byte, injected latency included.");
    for (const auto& [service, times] : world.gateway().figures().times())
        text.sample(times, {{"service", service}});
}

void add_storage(PrometheusText& text, World& world) {
    const StorageFigures figures = world.storage().figures();
    text.family("rockwatch_commit_duration_seconds", Type::histogram,
                "SQLite: the changes of a batch and their COMMIT.")
        .sample(figures.batch_times);
    text.family("rockwatch_committed_changes_total", Type::counter, "Changes in those batches.")
        .sample(real(figures.changes));
    text.family("rockwatch_write_queue_depth", Type::gauge, "Changes that wait for the writer.")
        .sample(real(figures.queued));
}

void add_world(PrometheusText& text, World& world) {
    text.family("rockwatch_clock_seconds", Type::gauge, "The emulator's time, in seconds since 1970.")
        .sample(static_cast<double>(epoch_ms(world.clock().now())) / 1000);
    text.family("rockwatch_agenda_tasks", Type::gauge, "What is due later: evaluations, sweeps, retries.")
        .sample(real(world.agenda().size()));
    text.family("rockwatch_alarm_evaluations_total", Type::counter, "Alarms judged.")
        .sample(real(world.evaluations()));
    text.family("rockwatch_alarm_transitions_total", Type::counter, "Changes of alarm states.")
        .sample(real(world.transitions().count()));
    text.family("rockwatch_delivery_attempts_total", Type::counter,
                "Attempts to deliver; one that was settled at once, in a queue or as captured, is one.")
        .sample(real(world.outbox().attempts()));
    text.family("rockwatch_delivery_queue_depth", Type::gauge, "Attempts that are due and not done.")
        .sample(real(world.outbox().waiting()));
    text.family("rockwatch_journal_entries", Type::gauge, "Calls that /_rockwatch/calls tells.")
        .sample(real(world.journal().size()));
    text.family("rockwatch_rules", Type::gauge, "Rules in force.").sample(real(world.rules().size()));
}

double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    double resident_pages = 0;
    file >> pages >> resident_pages;
    return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void add_process(PrometheusText& text, const ControlOptions& options) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    text.family("process_cpu_seconds_total", Type::counter, "Processor time, user and system.")
        .sample(seconds(usage.ru_utime) + seconds(usage.ru_stime));
    text.family("process_resident_memory_bytes", Type::gauge, "Memory in use.").sample(resident_bytes());
    text.family("rockwatch_uptime_seconds", Type::gauge, "Since the start.")
        .sample(static_cast<double>((monotonic() - options.started).count()) / 1000);
    text.family("rockwatch_build_info", Type::gauge, "1; the version is its label.")
        .sample(1, {{"version", options.version}});
}

ControlAnswer metrics(Control& control, const ControlRequest& /*request*/) {
    PrometheusText text;
    add_calls(text, control.world);
    add_storage(text, control.world);
    add_world(text, control.world);
    if (control.options.add_front_figures) control.options.add_front_figures(text);
    add_process(text, control.options);
    return {.text = text.text(), .content_type = std::string(PrometheusText::content_type)};
}

constexpr Route routes[] = {
    {"GET", "/_rockwatch/metrics", metrics},
};

}  // namespace

std::span<const Route> metrics_routes() { return routes; }

}  // namespace rockwatch::control
