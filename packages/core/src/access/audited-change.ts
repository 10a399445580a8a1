/** The detail of an entry in the audit log: names and bounds, never a secret, an address or a message. */
export type AuditDetail = Readonly<Record<string, unknown>>;

export interface AuditedChange {
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What an entry of the audit log changed: the members that were something else before. Verbs record it as
 * `detail.before`; entries of earlier releases name single members `role_before`, `was_held_by`, `previous_send_at`, or
 * `from` and `was` for the state or the reason.
 *
 * @returns null where the entry does not say what was before.
 */
export function auditedChange(detail: AuditDetail): AuditedChange | null {
  const before: Record<string, unknown> = {};
  const note = (name: string, value: unknown): void => {
    before[name] = value;
  };
  for (const [name, value] of Object.entries(detail)) {
    const [, old] = /^(?:was|previous)_(.+)$/.exec(name) ?? /^(.+)_before$/.exec(name) ?? [];
    if (name === 'before' && isObject(value)) Object.assign(before, value);
    else if (old !== undefined) note(old, value);
    else if (name === 'from' && typeof value === 'string') note('state', value);
    else if (name === 'was' && typeof value === 'string')
      note('reason' in detail ? 'reason' : 'state', value);
  }
  if (Object.keys(before).length === 0) return null;
  const after = Object.fromEntries(
    Object.keys(before).flatMap((name) => (name in detail ? [[name, detail[name]]] : [])),
  );
  return { before, after };
}

/**
 * For `detail.before`: the members of `before` that `after` changes.
 *
 * @returns members to spread into the detail; nothing where it is new or nothing changed.
 */
export function beforeChange(
  before: AuditDetail | null | undefined,
  after: AuditDetail,
): { before?: Record<string, unknown> } {
  if (!before) return {};
  const changed = Object.entries(before).filter(
    ([name, value]) => name in after && JSON.stringify(value ?? null) !== JSON.stringify(after[name] ?? null),
  );
  return changed.length === 0 ? {} : { before: Object.fromEntries(changed) };
}
