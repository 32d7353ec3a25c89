namespace rockwatch::bedrock {}
