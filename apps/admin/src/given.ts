import { parseArgs } from 'node:util';
import { type Given, UsageError, type Verb } from './command.ts';

/** Options that would hold a secret, in any spelling. */
const SECRET_OPTION =
  /^--?(?:[a-z-]*-)?(pass(word|phrase|wd)?|pwd|secrets?|tokens?|credentials?|auth|api-?keys?|private-?keys?|encryption-?keys?|(database|redis)-url)(=|$)/i;
const KEY_TEXT = /cln_(live|test)_[0-9a-f]{12}_/;

/**
 * @throws UsageError. It never quotes the value of an option that looks like a secret: errors end up in logs.
 */
export function readGiven(args: readonly string[], verb: Verb): Given {
  refuseSecrets(args);
  const read = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { ...verb.options, json: { type: 'boolean' } },
  });
  const { positionals } = read;
  const values: Readonly<Record<string, unknown>> = read.values;
  if (positionals.length !== verb.words)
    throw new UsageError(
      `it takes ${verb.words === 0 ? 'no word' : verb.words === 1 ? 'one word' : `${verb.words} words`} besides its options, and ${positionals.length} were given; quote what has spaces`,
    );
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    words: positionals,
    json: values.json === true,
    text,
    needed: (name, what) => {
      const value = text(name);
      if (value === undefined || value === '') throw new UsageError(`--${name} is missing: ${what}`);
      return value;
    },
    list: (name) => {
      const value = values[name];
      const given = Array.isArray(value) ? value.map(String) : [];
      return given.flatMap((each) => each.split(',').map((part) => part.trim())).filter(Boolean);
    },
    flag: (name) => values[name] === true,
    whole: (name, least, most) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (/^\d+$/.test(value) && number >= least && number <= most) return number;
      throw new UsageError(`--${name} is "${value}"; it must be a whole number from ${least} to ${most}`);
    },
  };
}

/** Other users of the machine can read a command line, and shells keep it. */
function refuseSecrets(args: readonly string[]): void {
  const option = args.find((arg) => SECRET_OPTION.test(arg));
  if (option !== undefined)
    throw new UsageError(
      `${option.split('=')[0]} is refused: a secret on the command line can be read by every user of this machine. ${
        /url/i.test(option)
          ? 'Set DATABASE_URL and REDIS_URL in the environment'
          : 'Give provider credentials in a file or on standard input ("--file account.json", "--file -"); passwords and keys are made here, not given'
      }`,
    );
  if (args.some((arg) => KEY_TEXT.test(arg)))
    throw new UsageError(
      'a whole API key is on the command line, where every user of this machine can read it: rotate it. A key is named by its id, the 12 characters after "cln_live_" or "cln_test_"',
    );
}
