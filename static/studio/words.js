// The words that the page gives its scripts, in its language, and numbers as that language writes them.

export const words = JSON.parse(document.getElementById("studio-words")?.textContent ?? "{}");

export const fill = (sentence, values) => sentence.replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole);

// With exactly so many digits behind the point, or at most so many.
export const decimal = (value, digits) => written(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const number = (value, digits = 2) => written(value, { maximumFractionDigits: digits });
// Adding 0 turns -0, which would be written with its sign, into 0.
const written = (value, form) => (value + 0).toLocaleString(document.documentElement.lang, { ...form, useGrouping: false });
