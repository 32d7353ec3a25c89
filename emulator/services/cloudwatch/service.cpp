namespace rockwatch::cloudwatch {}
