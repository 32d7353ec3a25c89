namespace rockwatch::bedrock_runtime {}
