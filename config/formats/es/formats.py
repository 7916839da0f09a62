"""How a day and a moment are written in Spanish, as in "29 November 2026"; `date` filters take the names."""

DATE_FORMAT = r"j \d\e F \d\e Y"
MONTH_DAY_FORMAT = r"j \d\e F"
DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i"
