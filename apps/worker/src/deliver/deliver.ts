import type { Claimed, Delivery, Steps } from './steps.ts';

/**
 * Lane -> provider, as one sentence: claim, guard, render, choose, permit, send, record. What comes in is an untrusted
 * id; what goes out is a Delivery, a value that says where the notification stands. Until `send` no provider is
 * touched; whatever ends the attempt, `record` writes it. No transaction is open across a step.
 *
 * A chunk of a hundred notifications is a hundred of these at once: claims and records made in the same turn of the
 * event loop share one statement (group commit), so one path serves both.
 */
export async function deliver(id: string, steps: Steps): Promise<Delivery> {
  const claim = await steps.claim(id);
  return claim.ok ? deliverClaimed(claim.claimed, steps) : claim.delivery;
}

async function deliverClaimed(claimed: Claimed, steps: Steps): Promise<Delivery> {
  const guarded = await steps.guard(claimed);
  if (!guarded.ok) return steps.record(claimed, guarded.end);

  const rendered = await steps.render(claimed, guarded.compose);
  if (!rendered.ok) return steps.record(claimed, rendered.end);

  const chosen = await steps.choose(claimed, rendered.message);
  if (!chosen.ok) return steps.record(claimed, chosen.end);

  const permitted = await steps.permit(claimed, chosen.account);
  if (!permitted.ok) return steps.record(claimed, permitted.end);

  return steps.record(claimed, await steps.send(claimed, rendered.message, chosen.account));
}
