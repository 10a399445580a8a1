const MAX_SHOWN = 80;

/**
 * A value as JSON, short enough for a sentence: a refusal shows what was given.
 *
 * @returns at most 80 characters; a longer text ends with three dots.
 */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text;
}
