#include "services/cloudwatch/alarm_scheduler.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/arn.hpp"
#include "core/text_time.hpp"
#include "services/cloudwatch/alarm_notification.hpp"
#include "services/cloudwatch/metric_store.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::chrono::seconds long_step{60};
constexpr std::chrono::seconds short_step{10};
// A machine that slept does not live through every minute in between. Real time: a fast clock is hours behind
// after a moment's stall, and its alarms still see each of their minutes.
constexpr std::chrono::hours catch_up_max{1};

constexpr std::size_t summary_length_max = 255;
constexpr std::size_t history_data_length_max = 4095;

std::string action_history_data(const Alarm& after, const std::string& arn, const std::string& published,
                                const std::optional<std::string>& error) {
    OrderedJson data{{"actionState", error ? "Failed" : "Succeeded"},
                     {"stateUpdateTimestamp", epoch_ms(after.state_updated)},
                     {"notificationResource", arn},
                     {"publishedMessage", error ? OrderedJson() : OrderedJson(published)},
                     {"error", error ? OrderedJson(*error) : OrderedJson()}};
    std::string text = to_text(data);
    if (text.size() > history_data_length_max) {
        data["publishedMessage"] = nullptr;
        text = to_text(data);
    }
    return text;
}

}  // namespace

void AlarmScheduler::start() {
    {
        const std::lock_guard lock(armed_mutex_);
        armed_for_.reset();
    }
    const auto outcome = parts_.storage.write([this](Database& database) {
        load(database);
        Outcome found;
        found.has_alarms = !alarms_.empty() || !stale_.empty();
        found.has_short_periods = std::any_of(alarms_.begin(), alarms_.end(), [](const auto& entry) {
            return entry.second.watched.rule.period_seconds < 60;
        });
        return found;
    });
    if (outcome.has_alarms) arm(parts_.clock.now(), outcome.has_short_periods);
}

void AlarmScheduler::arm(Instant after, bool short_periods) {
    const Milliseconds step = short_periods ? short_step : long_step;
    const Instant due = floor_to(after, step) + step;
    {
        const std::lock_guard lock(armed_mutex_);
        if (armed_for_ && *armed_for_ <= due) return;
        armed_for_ = due;
    }
    parts_.agenda.add(due, [this, due](Instant) {
        {
            const std::lock_guard lock(armed_mutex_);
            if (armed_for_ != due) return;  // another task took its place
            armed_for_.reset();
        }
        tick(due);
    });
}

void AlarmScheduler::arm_after_commit(Database& database, Instant now, std::int64_t period_seconds) {
    database.after_commit([this, now, period_seconds] { arm(now, period_seconds < 60); });
}

void AlarmScheduler::tick(Instant due) {
    const Scope scope = floor_to(due, long_step) == due ? Scope::all : Scope::short_periods;
    Outcome outcome{.has_alarms = true, .has_short_periods = true};  // until the store says otherwise
    try {
        outcome =
            parts_.storage.write([&](Database& database) { return evaluate_in(database, {}, scope, due); });
    } catch (const std::exception& error) {
        spdlog::error("the alarms of {} could not be evaluated: {}", epoch_ms(due), error.what());
    }
    if (!outcome.has_alarms) return;
    const Instant now = parts_.clock.now();
    const bool has_slept = parts_.clock.real_duration(now - due) > catch_up_max;
    if (has_slept) {
        spdlog::warn("alarms were not judged between {} and {}: the clock went on while nothing ran",
                     iso_seconds(due), iso_seconds(now));
    }
    arm(has_slept ? now : due, outcome.has_short_periods);
}

Evaluated AlarmScheduler::evaluate(std::span<const std::string> names, Instant now) {
    return parts_.storage
        .write([&](Database& database) { return evaluate_in(database, names, Scope::all, now); })
        .evaluated;
}

void AlarmScheduler::changed(const Owner& owner, const std::string& name) {
    stale_[{owner, name}] = ++stale_count_;
}

void AlarmScheduler::forget_all() {
    alarms_.clear();
    is_loaded_ = false;
    ++reset_count_;
}

void AlarmScheduler::load(Database& database) {
    const AlarmReader reader(database);
    if (!is_loaded_) {
        alarms_.clear();
        reader.each([&](Alarm alarm) {
            Key key{alarm.owner, alarm.name};
            stale_[key] = ++stale_count_;  // until what is read here is committed
            alarms_.emplace(std::move(key), Entry{.watched = watched(std::move(alarm))});
        });
        database.after_commit([this, asked_at = reset_count_] { is_loaded_ = asked_at == reset_count_; });
    }
    if (stale_.empty()) return;
    for (const auto& [key, change] : stale_) {
        alarms_.erase(key);
        if (auto alarm = reader.find(key.first, key.second))
            alarms_.emplace(key, Entry{.watched = watched(std::move(*alarm))});
    }
    database.after_commit([this, until = stale_count_] {
        std::erase_if(stale_, [until](const auto& entry) { return entry.second <= until; });
    });
}

const std::vector<UnitSeries>& AlarmScheduler::series_of(Database& database, Entry& entry) const {
    const WatchedAlarm& watched = entry.watched;
    if (entry.series_version != parts_.metrics.ids.version()) {
        entry.series = MetricReader(database).units(watched.alarm.owner, watched.metric, watched.rule.unit);
        entry.series_version = parts_.metrics.ids.version();
    }
    return entry.series;
}

std::vector<AlarmDatapoint> AlarmScheduler::datapoints(Database& database, Entry& entry, Instant end) {
    const WatchedAlarm& watched = entry.watched;
    const AlarmRule& rule = watched.rule;
    const int count = evaluation_range(rule.evaluation_periods);
    const Milliseconds period = std::chrono::seconds{rule.period_seconds};
    const Instant from = end - count * period;
    std::vector<AlarmDatapoint> points;
    points.reserve(std::size_t(count));
    for (int index = 0; index < count; ++index) points.push_back({.start = from + index * period});

    // Chosen: of several units the first in GetMetricData's order that has samples; AWS calls it undefined.
    for (const UnitSeries& series : series_of(database, entry)) {
        std::vector<Bucket> windows;
        if (rule.period_seconds < 60) {
            windows.resize(points.size());
            for (auto& [start, bucket] :
                 MetricReader(database).buckets(series.id, {.from = from, .to = end, .period = period})) {
                windows[static_cast<std::size_t>((start - from) / period)] = std::move(bucket);
            }
        } else {
            const auto keep =
                watched.statistic.is_plain() ? MinuteBuckets::Keep::totals : MinuteBuckets::Keep::samples;
            windows = parts_.metrics.minutes.windows(database, series.id, end, period, count, keep);
        }
        bool has_samples = false;
        for (std::size_t index = 0; index < points.size(); ++index) {
            points[index].value = watched.statistic.of(windows[index]);
            points[index].sample_count = windows[index].sample_count();
            has_samples = has_samples || !windows[index].empty();
        }
        if (has_samples) break;
    }
    return points;
}

std::optional<AlarmScheduler::Change> AlarmScheduler::judge_one(Database& database, Entry& entry,
                                                                Instant now) {
    const WatchedAlarm& watched = entry.watched;
    const auto points = datapoints(database, entry, window_end(now, watched.rule.period_seconds));
    const AlarmState state = judge(watched.rule, points, watched.alarm.state);
    if (state == watched.alarm.state) return std::nullopt;
    Explanation explanation = explain(watched.rule, points, state, now);
    Change change{.before = watched.alarm, .after = watched.alarm};
    change.after.state = state;
    change.after.reason = std::move(explanation.reason);
    change.after.reason_data = std::move(explanation.reason_data);
    change.after.state_updated = now;
    change.after.state_transitioned = now;
    return change;
}

AlarmScheduler::Outcome AlarmScheduler::evaluate_in(Database& database, std::span<const std::string> names,
                                                    Scope scope, Instant now) {
    load(database);
    if (!parts_.metrics.minutes.begin(database)) {
        for (auto& [key, entry] : alarms_) entry.series_version = 0;
    }
    Outcome outcome{.has_alarms = !alarms_.empty()};
    std::vector<Change> changes;
    for (auto& [key, entry] : alarms_) {
        const bool is_short = entry.watched.rule.period_seconds < 60;
        outcome.has_short_periods = outcome.has_short_periods || is_short;
        if (scope == Scope::short_periods && !is_short) continue;
        if (!names.empty() && std::find(names.begin(), names.end(), key.second) == names.end()) continue;
        ++outcome.evaluated.evaluations;
        if (auto change = judge_one(database, entry, now)) changes.push_back(std::move(*change));
    }
    if (names.empty() && scope == Scope::all) parts_.metrics.minutes.end_of_all();

    // All states first, then all actions, in the order of the changes.
    std::erase_if(changes, [&](const Change& change) { return !write_change(database, change); });
    for (const Change& change : changes) {
        run_actions(database, change);
        outcome.evaluated.transitions.push_back({.owner = change.after.owner,
                                                 .alarm = change.after.name,
                                                 .from = std::string(state_text(change.before.state)),
                                                 .to = std::string(state_text(change.after.state)),
                                                 .at = now,
                                                 .reason = change.after.reason});
    }
    evaluations_.fetch_add(outcome.evaluated.evaluations, std::memory_order_relaxed);
    return outcome;
}

void AlarmScheduler::transition(Database& database, const Alarm& before, const Alarm& after) {
    const Change change{.before = before, .after = after};
    if (write_change(database, change)) run_actions(database, change);
}

bool AlarmScheduler::write_change(Database& database, const Change& change) {
    AlarmWriter writer(database);
    const Alarm& after = change.after;
    if (!writer.set_state(after)) return false;
    changed(after.owner, after.name);
    const std::string from(state_text(change.before.state));
    const std::string to(state_text(after.state));
    writer.add_history(after.owner,
                       {.alarm_name = after.name,
                        .timestamp = after.state_updated,
                        .item_type = "StateUpdate",
                        .summary = fmt::format("Alarm updated from {} to {}", from, to),
                        .data = state_history_data(change.before, after)},
                       after.state_updated - history_kept);
    database.after_commit([this, transition = AlarmTransition{.owner = after.owner,
                                                              .alarm = after.name,
                                                              .from = from,
                                                              .to = to,
                                                              .at = after.state_updated,
                                                              .reason = after.reason}] {
        spdlog::info("alarm {} went from {} to {}: {}", transition.alarm, transition.from, transition.to,
                     transition.reason);
        parts_.listener.changed(transition);
    });
    return true;
}

/// Chosen: what is neither a topic nor a function gets what a topic would.
AlarmScheduler::Acted AlarmScheduler::run_action(Database& database, const Change& change,
                                                 const std::string& arn, const std::string& message) {
    const Alarm& after = change.after;
    const std::string service = parse_arn(arn).value_or(Arn{}).service;
    if (service == "sns") {
        const std::string subject = notification_subject(after);
        return {.published = to_text(OrderedJson{{"default", message}, {"sms", subject}}),
                .error = parts_.publisher.publish(
                    database, after.owner,
                    {.topic_arn = arn, .subject = subject, .message = message, .source = "alarm"},
                    after.state_updated)};
    }
    AlarmAction action{.target = arn,
                       .service = service,
                       .payload = service == "lambda" ? function_event(change.before, after) : message};
    parts_.actions.act(database, after.owner, action, after.state_updated);
    return {.published = std::move(action.payload)};
}

void AlarmScheduler::run_actions(Database& database, const Change& change) {
    const Alarm& after = change.after;
    if (!after.has_actions_enabled()) return;
    const std::string message = notification_message(after, change.before.state);
    AlarmWriter writer(database);
    for (const Json& action : actions_of(after, after.state)) {
        const std::string arn = action.get<std::string>();
        const auto [published, error] = run_action(database, change, arn, message);
        std::string summary =
            error ? fmt::format("Failed to execute action {}. Received error: \"{}\"", arn, *error)
                  : fmt::format("Successfully executed action {}", arn);
        if (summary.size() > summary_length_max) summary.resize(summary_length_max);
        writer.add_history(after.owner,
                           {.alarm_name = after.name,
                            .timestamp = after.state_updated,
                            .item_type = "Action",
                            .summary = std::move(summary),
                            .data = action_history_data(after, arn, published, error)},
                           after.state_updated - history_kept);
    }
}

}  // namespace rockwatch::cloudwatch
