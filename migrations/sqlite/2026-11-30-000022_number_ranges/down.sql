DROP TABLE number_ranges;
