#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/message.hpp"
#include "protocol/model.hpp"

namespace rockwatch {

/// How a raw path fits an operation's URI.
struct PathMatch {
    std::vector<std::string_view> labels;  ///< raw values, in the order of the URI's labels
    int static_segments = 0;               ///< the more, the better
    int joined = 0;                        ///< slashes inside labels that hold an ARN; the fewer, the better
};

/// Fits the raw path to the operation. Segments are cut at raw slashes and only then decoded; a label that
/// holds an ARN may have swallowed raw slashes (clients write them either way). Labels are never empty.
std::optional<PathMatch> match_path(const OperationModel& operation, std::string_view raw_path);

/// Parameters of a query string or form, decoded, in their order. `?policy` has an empty value.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view raw);

/// The first parameter of that name, decoded; nullopt when there is none.
std::optional<std::string> query_value(std::string_view raw, std::string_view name);

/// The Host header without port.
std::string_view host_name(const HttpRequest& request);

/// The bucket that a virtual-hosted S3 request names in its Host: bucket.s3.amazonaws.com, bucket.localhost.
std::string_view virtual_bucket(const HttpRequest& request);

/// The raw path with the bucket in front, wherever the request named it.
std::string object_path(const HttpRequest& request);

}  // namespace rockwatch
