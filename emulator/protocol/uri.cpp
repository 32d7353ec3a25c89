#include "protocol/uri.hpp"

#include "core/text.hpp"

namespace rockwatch {

namespace {

constexpr int arn_slashes_max = 4;  // custom-model/base.id/xxxxxxxxxxxx has two

bool is_arn(std::string_view raw) {
    return raw.size() > 4 && equal_ignoring_case(raw.substr(0, 3), "arn") &&
           (raw[3] == ':' || raw.substr(3).starts_with("%3A") || raw.substr(3).starts_with("%3a"));
}

/// Where the segment ends that has `slashes` slashes inside; npos when the path has fewer.
std::size_t segment_end(std::string_view rest, int slashes) {
    std::size_t end = rest.find('/');
    for (; slashes > 0 && end != std::string_view::npos; --slashes) end = rest.find('/', end + 1);
    return slashes > 0 ? std::string_view::npos - 1 : std::min(end, rest.size());
}

/// Fits what is left of the path to the segments from `index` on.
bool match_rest(const std::vector<UriSegment>& segments, std::size_t index, std::string_view rest,
                PathMatch& match) {
    if (index == segments.size()) return rest.empty() || rest == "/";
    if (index > 0) {
        if (!rest.starts_with('/')) return false;
        rest.remove_prefix(1);
    }
    const UriSegment& segment = segments[index];
    if (segment.is_greedy) {
        if (rest.empty()) return false;
        match.labels.push_back(rest);
        return true;
    }
    if (!segment.is_label) {
        if (!rest.starts_with(segment.text)) return false;
        ++match.static_segments;
        return match_rest(segments, index + 1, rest.substr(segment.text.size()), match);
    }
    const int slashes_max = is_arn(rest) ? arn_slashes_max : 0;
    for (int slashes = 0; slashes <= slashes_max; ++slashes) {
        const std::size_t end = segment_end(rest, slashes);
        if (end == 0 || end > rest.size()) return false;
        PathMatch tried = match;
        tried.labels.push_back(rest.substr(0, end));
        tried.joined += slashes;
        if (match_rest(segments, index + 1, rest.substr(end), tried)) {
            match = std::move(tried);
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<PathMatch> match_path(const OperationModel& operation, std::string_view raw_path) {
    if (raw_path.starts_with('/')) raw_path.remove_prefix(1);
    if (operation.path.empty() && raw_path.empty()) return PathMatch{};
    PathMatch match;
    if (!operation.path.empty() && match_rest(operation.path, 0, raw_path, match)) return match;
    return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view raw) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!raw.empty()) {
        const auto end = raw.find('&');
        const std::string_view part = raw.substr(0, end);
        raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
        if (part.empty()) continue;
        const auto equals = part.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
        parameters.emplace_back(percent_decode(part.substr(0, equals), true), percent_decode(value, true));
    }
    return parameters;
}

std::optional<std::string> query_value(std::string_view raw, std::string_view name) {
    while (!raw.empty()) {
        const auto end = raw.find('&');
        const std::string_view part = raw.substr(0, end);
        raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
        const auto equals = part.find('=');
        const auto named = part.substr(0, equals);
        const bool is_escaped = named.find_first_of("%+") != std::string_view::npos;
        if (is_escaped ? percent_decode(named, true) != name : named != name) continue;
        if (equals == std::string_view::npos) return std::string{};
        return percent_decode(part.substr(equals + 1), true);
    }
    return std::nullopt;
}

std::string_view host_name(const HttpRequest& request) {
    std::string_view host = request.headers.get("Host");
    if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
    host = host.substr(0, host.find(':'));
    for (const std::string_view prefix : {"stream-", "streaming-"}) {
        if (host.starts_with(prefix)) host.remove_prefix(prefix.size());
    }
    return host;
}

std::string_view virtual_bucket(const HttpRequest& request) {
    const std::string_view host = host_name(request);
    for (const std::string_view mark : {".s3.", ".s3-"}) {
        if (const auto at = host.find(mark); at != std::string_view::npos) return host.substr(0, at);
    }
    constexpr std::string_view local = ".localhost";
    if (!host.ends_with(local) || host == "s3.localhost") return {};
    return host.substr(0, host.size() - local.size());
}

std::string object_path(const HttpRequest& request) {
    const std::string_view bucket = virtual_bucket(request);
    if (bucket.empty()) return std::string(request.path());
    return "/" + std::string(bucket) + std::string(request.path());
}

}  // namespace rockwatch
