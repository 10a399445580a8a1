/**
 * The command that a recipient address gives the simulator. A word for addresses, tokens and subscription ids
 * (`bounce@`, `bounce+17@`, `bounce1@`, `timeout-abc`); for phone numbers Twilio's own magic numbers `+1500555000N`
 * and, for the words they have no number for, `+1500555001N`; `+1500555002N` is accepted, and its outcome is reported
 * later.
 */
export type Command = Word | NumberTrouble | LateTrouble;

const WORDS = ['ok', 'bounce', 'complain', 'slow', 'throttle', 'error', 'timeout', 'drop'] as const;
type Word = (typeof WORDS)[number];

const NUMBER_TROUBLES = ['invalid', 'unroutable', 'region_blocked', 'opted_out', 'unreachable'] as const;
type NumberTrouble = (typeof NUMBER_TROUBLES)[number];

/** Accepted: the number does not exist, its owner sent STOP, or no carrier report ever arrives. */
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

/**
 * A word is alone or followed by `+`, `-`, `_`, `:` or a digit: `bounce2@` commands, `bouncer@` is an ordinary address.
 */
const WORD = new RegExp(`^(${WORDS.join('|')})(?=$|[-+_:@\\d])`, 'i');

/** @param to an email address, an E.164 number, a device token, a subscription id or a recipient id. */
export function commandOf(to: string): Command {
  if (to.startsWith('+')) return COMMAND_NUMBERS[to] ?? 'ok';
  return (WORD.exec(to)?.[1]?.toLowerCase() as Word | undefined) ?? 'ok';
}

/** The command of a request for several recipients: the first one found. */
export function commandOfAny(recipients: readonly string[]): Command {
  for (const to of recipients) {
    const command = commandOf(to);
    if (command !== 'ok') return command;
  }
  return 'ok';
}

/** Recipients that cannot be reached at all, however the provider reports that. */
export function isUndeliverable(command: Command): boolean {
  return command === 'bounce' || (NUMBER_TROUBLES as readonly string[]).includes(command);
}
