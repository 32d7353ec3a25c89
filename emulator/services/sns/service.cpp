namespace rockwatch::sns {}
