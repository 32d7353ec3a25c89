namespace rockwatch::logs {}
