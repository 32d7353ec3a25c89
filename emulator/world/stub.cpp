namespace rockwatch {}
