"""What ``./onepoint verify`` proves of measures: what was added up is what the tables say (reliability I11)."""
