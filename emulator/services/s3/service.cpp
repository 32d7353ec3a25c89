#include "services/s3/service.hpp"

namespace rockwatch::s3 {

Read S3::reading(Database& /*database*/, Instant /*now*/) { return {}; }

Write S3::writing(Database& /*database*/, Instant /*now*/) { return {}; }

}  // namespace rockwatch::s3
