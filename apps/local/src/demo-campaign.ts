import { setTimeout as pause } from 'node:timers/promises';
import type { RunFile } from './run-file.ts';

const BATCH = 1_000;
const REVIEW_MS = 30_000;

/**
 * Adds people to the demo app and sends them a campaign, as a marketer would: recipients, a category, a template, an
 * audience, a draft, a review, and the schedule.
 *
 * @param count how many people.
 * @returns what was scheduled, in a sentence.
 * @throws when the API refuses a step.
 */
export async function sendDemoCampaign(run: RunFile, count: number): Promise<string> {
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${run.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${run.api_key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
  for (let from = 0; from < count; from += BATCH) {
    const recipients = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => demoReader(from + i));
    await call('POST', '/v1/recipients/batch', { recipients });
  }
  await call('PUT', '/v1/categories/spring-news', { delivery_policy: 'resolve', unsubscribable: true });
  await call('PUT', '/v1/templates/spring-news', { channels: { email: { en: CONTENT } } });
  const filter = { all: [{ field: 'attributes.reader', op: 'eq', value: true }] };
  await call('PUT', '/v1/audiences/readers', { name: 'Readers', filter });
  const campaign = await call('POST', '/v1/campaigns', {
    name: 'Spring news',
    template: 'spring-news',
    channel: 'email',
    category: 'spring-news',
    audience: { audience: 'readers' },
    variables: { name: 'attributes.name' },
    holdout_percent: 5,
  });
  const at = `/v1/campaigns/${campaign.id as string}`;
  await call('POST', `${at}/review`, {});
  const deadline = Date.now() + REVIEW_MS;
  while ((await call('GET', `${at}/review`)).state === 'counting' && Date.now() < deadline) await pause(200);
  await call('POST', `${at}/schedule`, {});
  return `  A campaign to ${count} people is under way: GET ${run.api}${at} shows its counts.`;
}

const CONTENT = {
  subject: 'Spring is here, {{ name }}',
  html: '<h1>Spring is here, {{ name }}</h1><p>Look at what is new.</p><p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>',
};

/** Some cannot be reached, some do not want it: so that each figure of the campaign has people behind it. */
function demoReader(n: number) {
  const reachable = n % 100 !== 99;
  return {
    id: `reader_${n}`,
    locale: 'en',
    ...(reachable ? { email: `reader.${n}@demo.example` } : {}),
    attributes: { reader: true, ...(n % 50 === 49 ? {} : { name: `Reader ${n}` }) },
  };
}
