namespace rockwatch::s3 {}
