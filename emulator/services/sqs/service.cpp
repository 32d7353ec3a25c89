namespace rockwatch::sqs {}
