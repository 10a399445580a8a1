/**
 * Parses JSON, unless the value would differ from the text: a number with more digits than a double holds (RFC 8259, 6;
 * RFC 7493, 2.2) would be sent with other digits.
 *
 * @param name of the text, for error messages.
 * @throws SyntaxError for invalid JSON; RangeError for a number that would be altered.
 */
export function parseExactly(text: string, name = 'it'): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${name} is not JSON: ${(error as Error).message}`);
  }
  // The text is valid JSON, so a digit outside of strings begins a number.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)) {
    if (!token.startsWith('"') && !isExact(token))
      throw new RangeError(
        `the number ${token.slice(0, 40)} has more digits than a JSON number can carry (it would become ${Number(token)}); write it as a string`,
      );
  }
  return value;
}

/** Whether the shortest writing of the double that a number is read as has the same digits. */
function isExact(written: string): boolean {
  const read = Number(written);
  return Number.isFinite(read) && decimalOf(written) === decimalOf(String(read));
}

/** `-12.50e3` as `-125:2`: digits without outer zeros, and the power of ten of the first digit's right neighbour. */
function decimalOf(text: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(
    text,
  )!;
  const digits = (whole! + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}:${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
