/** A body that is already JSON text; it is sent unchanged. */
export class WrittenJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Serializes JSON without loss. `JSON.stringify` throws for some values and writes `null` for numbers that JSON does
 * not have; both are refused here with a clear message.
 *
 * @throws TypeError for values without a JSON form: BigInt, a circular reference, NaN, Infinity, undefined, a function,
 *   a `toJSON` that throws.
 */
export function writeJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (key, member: unknown) => {
      if (typeof member !== 'number' || Number.isFinite(member)) return member;
      throw new TypeError(
        `${key === '' ? 'it' : `"${key}"`} is ${member}, which JSON cannot write; send a number or leave it out`,
      );
    });
  } catch (error) {
    throw new TypeError(`It cannot be written as JSON: ${reasonOf(error)}`, { cause: error });
  }
  if (text === undefined)
    throw new TypeError(`It cannot be written as JSON: it is ${typeof value}; pass an object`);
  return text;
}

/** One line of bounded length: V8 prints a circular reference over several. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ').slice(0, 300);
}
