namespace rockwatch::iam {}
