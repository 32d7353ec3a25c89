#pragma once

#include <string_view>

#include "services/service.hpp"

namespace rockwatch::s3 {

struct Read {};
struct Write {};

/// S3 as far as it is done: known by the names of its operations, each of which is answered with 501.
class S3 : public TableService<Read, Write> {
public:
    S3() : TableService({}) {}

    std::string_view name() const override { return "s3"; }

protected:
    Read reading(Database& database, Instant now) override;
    Write writing(Database& database, Instant now) override;
};

}  // namespace rockwatch::s3
