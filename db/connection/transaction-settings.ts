/**
 * Settings of a session for connections that have none: behind a pooler in transaction mode each transaction may run in
 * another session of the server, which others use before and after. So the settings go with each transaction, and end
 * with it: `set local` behind `begin`, and `set_config` in front of a statement that is a transaction of its own
 * (pooled-socket.ts).
 */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Values that change nothing: defaults, and those without effect where each statement is planned every time. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = {
  lock_timeout: ['0'],
  default_transaction_read_only: ['false'],
  plan_cache_mode: ['auto', 'force_custom_plan'],
};

/** Of a session, and of the transaction that it is set in. */
const IN_TRANSACTION: Readonly<Record<string, string>> = {
  default_transaction_read_only: 'transaction_read_only',
};

/** Without effect on a statement that is a transaction of its own. */
const BETWEEN_STATEMENTS = new Set(['idle_in_transaction_session_timeout']);

/** @returns what follows `begin` in the same message: `; set local ...`, or nothing. */
export function afterBegin(settings: Settings): string {
  return effective(settings)
    .map(([name, value]) => `; set local ${name} = '${value}'`)
    .join('');
}

/** @returns a statement that sets them for the rest of its transaction; null if there is nothing to set. */
export function beforeStatement(settings: Settings): string | null {
  const calls = effective(settings)
    .filter(([name]) => !BETWEEN_STATEMENTS.has(name))
    .map(([name, value]) => `set_config('${name}', '${value}', true)`);
  return calls.length === 0 ? null : `select ${calls.join(', ')}`;
}

function effective(settings: Settings): [string, string][] {
  return Object.entries(settings)
    .map(([name, value]): [string, string] => [name, String(value)])
    .filter(([name, value]) => !WITHOUT_EFFECT[name]?.includes(value))
    .map(([name, value]) => [IN_TRANSACTION[name] ?? name, value]);
}
