import type { AttemptEnd, Claimed, Delivery, Steps } from './steps.ts';

/**
 * Lane -> provider, as one sentence: claim, guard, render, choose, attach, permit, send, record. What comes in is an untrusted
 * id; what goes out is a Delivery, a value that says where the notification stands. Until `send` no provider is
 * touched; whatever ends the attempt, `record` writes it. No transaction is open across a step.
 *
 * A chunk of a hundred notifications is a hundred of these at once: claims and records made in the same turn of the
 * event loop share one statement (group commit), so one path serves both.
 */
export async function deliver(
  id: string,
  steps: Steps,
  onError: (error: unknown) => void = () => {},
): Promise<Delivery> {
  const claim = await steps.claim(id);
  if (!claim.ok) return claim.delivery;
  const held: Held = { detach: () => {} };
  try {
    return await steps.record(claim.claimed, await endOf(claim.claimed, steps, onError, held));
  } finally {
    held.detach();
  }
}

/** What this delivery has of the memory that all share. */
interface Held {
  detach(): void;
}

/** A step before the call that breaks (PostgreSQL away) leaves no doubt: the claim is given back. */
const BROKEN_STEP_MS = 2000;

async function endOf(
  claimed: Claimed,
  steps: Steps,
  onError: (error: unknown) => void,
  held: Held,
): Promise<AttemptEnd> {
  try {
    const guarded = await steps.guard(claimed);
    if (!guarded.ok) return guarded.end;

    const rendered = await steps.render(claimed, guarded.compose);
    if (!rendered.ok) return rendered.end;

    const chosen = await steps.choose(claimed, rendered.message);
    if (!chosen.ok) return chosen.end;

    const attached = await steps.attach(claimed, rendered.message);
    if (!attached.ok) return attached.end;
    held.detach = attached.detach;

    const permitted = await steps.permit(claimed, chosen.account);
    if (!permitted.ok) return permitted.end;

    // It never throws: from here on only the provider knows.
    return steps.send(claimed, attached.message, chosen.account).finally(permitted.leave);
  } catch (error) {
    onError(error);
    return { kind: 'unsent', retryInMs: BROKEN_STEP_MS, reason: 'a step before the call could not be made' };
  }
}
