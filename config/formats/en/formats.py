"""How a day and a moment are written in English, as in "29 November 2026"; `date` filters take the names."""

DATE_FORMAT = "j F Y"
MONTH_DAY_FORMAT = "j F"
DATETIME_FORMAT = "j F Y, H:i"
