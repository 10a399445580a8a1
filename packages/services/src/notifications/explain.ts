import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import type { Channel } from '@carillon/core/notification/channel';
import { type Compose, composeFor } from '@carillon/core/notification/compose';
import type { LinkSettings } from '@carillon/core/notification/email-links';
import { judgeBy } from '@carillon/core/notification/judge';
import type { Message } from '@carillon/core/notification/message';
import { nextState } from '@carillon/core/notification/next-state';
import { admissionBy } from '@carillon/core/provider/admission';
import { pick, rank, withoutAccount } from '@carillon/core/provider/rank';
import type { Renderer } from '@carillon/core/template/render/budgeted-render';
import { sharedTurns } from '@carillon/core/template/render/shared-turns';
import type { NewNotification } from '@carillon/db/notifications/accept-notifications';
import { findPersonal } from '@carillon/db/recipients/people';
import type { Sql } from 'postgres';
import { type ExplainFacts, onChannel, readExplainFacts } from './explain-facts.ts';
import { type Rendered, type RenderStep, render } from './render.ts';

/** The outcome of a notification if it were accepted now. */
export interface Explanation {
  /** `hold`: it would wait until `at`; what happens then depends on the facts at that time. */
  would: 'send' | 'hold' | 'skip' | 'fail';
  /** When it would be sent or checked again; null if unknown or never. */
  at: Date | null;
  /** The channel of the last step that was explained. */
  channel: Channel;
  /** The provider account that would be called. */
  account: string | null;
  /** The message that the provider would get. */
  rendered: Message | null;
  /** The reasons, in the order of a delivery's checks; the last one decides. */
  because: Because[];
}

export interface Because {
  code: string;
  detail: string;
}

export interface ExplainContext {
  db: Sql;
  renderer: Renderer;
  /** Links of e-mails, as in workers. The caller sees their tokens: pass a key that signs nothing else. */
  links: LinkSettings | null;
}

/**
 * A dry run: gathers the facts of a delivery without locks, decides and ranks by the same rules, and stops. Nothing is
 * stored, counted or called. What only a call can show stays unknown: rate limits, attachments, the provider.
 *
 * @param row complete as for accepting: channel, template version and locale are resolved.
 */
export async function explain(ctx: ExplainContext, row: NewNotification): Promise<Explanation> {
  const { db } = ctx;
  const facts = await readExplainFacts(db, row);
  const rendering = {
    sql: db,
    templates: new Map(),
    origins: new Map(),
    groups: {
      findPersonal: async (whose: Parameters<typeof findPersonal>[1][0]) =>
        (await findPersonal(db, [whose]))[0]!,
    },
    categories: { settingsFor: () => facts.category },
    links: ctx.links,
    renderer: ctx.renderer,
    turns: sharedTurns(),
  };
  return explainBy(row, facts, (rendered, compose) => render(rendering, rendered, compose));
}

type Render = (row: Rendered, compose: Compose) => Promise<RenderStep>;
type Step =
  | { account: string; message: Message; because: Because[] }
  | { end: AttemptEnd; because: Because[] };

/** Decides by facts alone. */
export async function explainBy(
  row: NewNotification,
  facts: ExplainFacts,
  renderOne: Render,
): Promise<Explanation> {
  const sendAt = row.send_at === undefined ? facts.now : Math.max(Date.parse(row.send_at), facts.now);
  const because: Because[] = [];
  const end = (would: Explanation['would'], atMs: number | null, channel: Channel): Explanation => {
    const at = atMs === null ? null : new Date(atMs);
    return { would, at, channel, account: null, rendered: null, because };
  };
  let { channel } = row;
  if (sendAt > facts.now)
    because.push({ code: 'scheduled', detail: `send_at is ${new Date(sendAt).toISOString()}` });
  else if (facts.waitsInLine) {
    const detail = `waits for an older notification of the ordering key "${row.ordering_key}"`;
    because.push({ code: 'waits_in_line', detail });
    return end('hold', null, channel);
  }
  for (;;) {
    const step = await explainChannel(row, channel, facts, sendAt, renderOne);
    because.push(...step.because);
    if ('account' in step)
      return { ...end('send', sendAt, channel), account: step.account, rendered: step.message };
    const next = stateAfter(row, channel, facts, step.end);
    if (next.nextChannel === undefined)
      return end(next.would, next.inMs === null ? null : sendAt + next.inMs, channel);
    channel = next.nextChannel;
  }
}

async function explainChannel(
  row: NewNotification,
  channel: Channel,
  facts: ExplainFacts,
  at: number,
  renderOne: Render,
): Promise<Step> {
  const because: Because[] = [];
  const stop = (code: string, end: AttemptEnd): Step => {
    const detail = 'reason' in end && end.reason ? end.reason : 'expires_at would have passed';
    because.push({ code, detail });
    return { end, because };
  };
  const addressed = onChannel(row, channel, facts.contactPoints);
  const compose = composeFor(addressed);
  const judgement = await judgeBy(
    { ...judged(row), channel },
    {
      preferences: facts.preferences,
      category: facts.category,
      address: compose ? 'usable' : 'none',
    },
    () => at,
    {
      suppression: async () => facts.suppressions.get(channel) ?? null,
      cap: async () => facts.caps.get(channel) ?? null,
    },
  );
  if (judgement.verdict === 'refuse') return stop(judgement.code, judgement.end);

  const rendered = await renderOne(renderedOf(row, channel), compose!);
  if (!rendered.ok)
    return stop(rendered.end.kind === 'impossible' ? rendered.end.code : 'render_busy', rendered.end);

  const { message } = rendered;
  const carried = { environment: row.environment, account: row.options?.account, message };
  const ranked = rank(facts.accounts, carried, null, row.id);
  const picked = pick(ranked, ({ id }) => admissionBy(facts.breakers.get(id), facts.now));
  for (const { why } of picked.refusals) because.push({ code: 'breaker_open', detail: why });
  if (!picked.account) {
    const code = picked.refusals.length === 0 ? 'no_account' : 'breakers_open';
    return stop(code, withoutAccount({ ...row, channel }, picked.refusals, 0));
  }
  const { id: account } = picked.account;
  if (picked.isTrial) {
    const detail = `${account} is on trial after an outage: a few messages at a time`;
    because.push({ code: 'breaker_half_open', detail });
  }
  because.push({ code: 'account', detail: `${account} is the first account that may be called` });
  return { account, message, because };
}

/** The next step of the delivery, from the function that the worker uses. */
function stateAfter(row: NewNotification, channel: Channel, facts: ExplainFacts, end: AttemptEnd) {
  const { id, route, priority } = row;
  const attempted = {
    ...onChannel(row, channel, facts.contactPoints),
    ...{ id, route, priority, attempt_count: 1, tries: 1, leaseToken: '', expectedProvider: '' },
  };
  if (end.kind === 'answered' || end.kind === 'unready') throw new Error(`a dry run ended as ${end.kind}`);
  const next = end.kind === 'impossible' ? nextState(attempted, end, 0) : nextState(attempted, end);
  const { state, nextChannel } = next;
  const inMs = 'dueInMs' in next ? next.dueInMs : null;
  const would: Explanation['would'] = inMs !== null ? 'hold' : state === 'failed' ? 'fail' : 'skip';
  return { would, inMs, nextChannel };
}

function judged({ category, priority, recipient_id, expires_at }: NewNotification) {
  return {
    category: category ?? null,
    priority,
    recipient_id: recipient_id ?? null,
    expires_at: expires_at === undefined ? null : new Date(expires_at),
  };
}

function renderedOf(row: NewNotification, channel: Channel): Rendered {
  const { id, app_id, environment, priority, category = null, recipient_id = null } = row;
  const { template_id = null, template_version = null, locale = null, data = null, content = null } = row;
  return {
    ...{ id, app_id, environment, channel, priority, category, recipient_id, attempt_count: 1 },
    ...{ template_id, template_version, locale, data, content },
  };
}
