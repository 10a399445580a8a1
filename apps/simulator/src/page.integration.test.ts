import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SimulatorUnderTest, simulatorUnderTest } from './under-test.ts';

let simulator: SimulatorUnderTest;
beforeEach(async () => {
  simulator = await simulatorUnderTest();
});
afterEach(() => simulator.end());

const page = async (query = '') => {
  const answer = await fetch(`${simulator.httpUrl}/${query}`);
  return { html: await answer.text(), policy: answer.headers.get('content-security-policy')! };
};

test('the page shows what was received, newest first, with nothing of a message taken as HTML', async () => {
  await simulator.post({ subject: 'First <script>alert(1)</script>', attempt_id: 'first/1' });
  await simulator.post({ subject: 'Second "quoted" & more', to: '"><img src=x>@example.com' });
  const { html } = await page();
  expect(html.indexOf('Second')).toBeLessThan(html.indexOf('First'));
  expect(html).toContain('First &#60;script&#62;alert(1)&#60;/script&#62;');
  expect(html).not.toContain('<img');
  expect(html).toContain('first/1');
});

test('a provider can be shown alone, with its latest 200', async () => {
  await Promise.all(Array.from({ length: 450 }, (_, i) => simulator.post({ to: `user${i}@example.com` })));
  const rows = ({ html }: { html: string }) => html.match(/<td class="to">/g)?.length ?? 0;
  expect(rows(await page('?provider=generic'))).toBe(200);
  expect(rows(await page('?provider=twilio'))).toBe(0);
  expect((await page()).html).toContain('data-accepted="generic">450<');
});

test('its own style and script are all that its policy allows', async () => {
  const { html, policy } = await page();
  const hashOf = (tag: string) => {
    const content = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)![1]!;
    return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
  };
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`style-src ${hashOf('style')}`);
  expect(policy).toContain(`script-src ${hashOf('script')}`);
  expect(html).not.toMatch(/ style="| on\w+="|https?:\/\//);
});

test('its forms set and clear an outage, but not when another site sends them', async () => {
  const submit = (fields: Record<string, string>, origin = simulator.httpUrl) =>
    fetch(`${simulator.httpUrl}/behaviour`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { origin },
      redirect: 'manual',
    });
  const outage = {
    action: 'set',
    provider: 'twilio',
    mode: 'outage',
    status: '',
    latency_ms: '',
    for_seconds: '60',
  };
  expect((await submit(outage, 'https://evil.example')).status).toBe(403);
  expect((await page()).html).toContain('Every provider answers well');
  expect((await submit(outage)).status).toBe(303);
  expect((await page()).html).toMatch(/<th scope="row">twilio<\/th><td><span class="bad">outage, until/);
  expect((await submit({ ...outage, status: '77' })).status).toBe(422);
  await submit({ action: 'clear', provider: 'twilio' });
  expect((await page()).html).toContain('Every provider answers well');
});
