DROP TABLE letter_try;
