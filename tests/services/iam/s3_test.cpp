#include "services/s3/service.hpp"
#include "support/catch.hpp"

namespace rockwatch::s3 {

TEST_CASE("S3 is known by name and does nothing yet", "[s3]") {
    const S3 s3;
    CHECK(s3.name() == "s3");
    CHECK(s3.operations().empty());
    CHECK_FALSE(s3.access("PutObject").has_value());
}

}  // namespace rockwatch::s3
