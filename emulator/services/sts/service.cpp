namespace rockwatch::sts {}
