/**
 * What a recipient asks the simulator to do. A word for addresses, tokens and subscription ids (`bounce@`,
 * `bounce+17@`, `bounce1@`, `timeout-abc`); for phone numbers Twilio's own magic numbers `+1500555000N` and, for the
 * words they have no number for, `+1500555001N`; `+1500555002N` is accepted, and what becomes of it is told later.
 */
export type Command = Word | NumberTrouble | LateTrouble;

const WORDS = ['ok', 'bounce', 'complain', 'slow', 'throttle', 'error', 'timeout', 'drop'] as const;
type Word = (typeof WORDS)[number];

const NUMBER_TROUBLES = ['invalid', 'unroutable', 'region_blocked', 'opted_out', 'unreachable'] as const;
type NumberTrouble = (typeof NUMBER_TROUBLES)[number];

/** Accepted: nobody has that number, its owner said STOP, or no carrier ever says anything. */
const LATE_TROUBLES = ['undelivered', 'stopped', 'unreported'] as const;
type LateTrouble = (typeof LATE_TROUBLES)[number];

/** Shown on the page and used to read numbers: one table for both. */
export const COMMAND_NUMBERS: Readonly<Record<string, Command>> = {
  '+15005550000': 'ok',
  '+15005550001': 'invalid',
  '+15005550002': 'unroutable',
  '+15005550003': 'region_blocked',
  '+15005550004': 'opted_out',
  '+15005550009': 'unreachable',
  ...Object.fromEntries(WORDS.map((word, index) => [`+1500555001${index}`, word])),
  ...Object.fromEntries(LATE_TROUBLES.map((trouble, index) => [`+1500555002${index}`, trouble])),
};

/** A word stands alone or before `+`, `-`, `_`, `:` or a digit: `bounce2@` commands, `bouncer@` is somebody's name. */
const WORD = new RegExp(`^(${WORDS.join('|')})(?=$|[-+_:@\\d])`, 'i');

/** @param to an email address, an E.164 number, a device token, a subscription id or a recipient id. */
export function commandOf(to: string): Command {
  if (to.startsWith('+')) return COMMAND_NUMBERS[to] ?? 'ok';
  return (WORD.exec(to)?.[1]?.toLowerCase() as Word | undefined) ?? 'ok';
}

/** The command of a request for several recipients: the first that asks for anything. */
export function commandOfAny(recipients: readonly string[]): Command {
  for (const to of recipients) {
    const command = commandOf(to);
    if (command !== 'ok') return command;
  }
  return 'ok';
}

/** Recipients that cannot be reached at all, in whatever way the provider says so. */
export function isUndeliverable(command: Command): boolean {
  return command === 'bounce' || (NUMBER_TROUBLES as readonly string[]).includes(command);
}
