import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SimulatorUnderTest, simulatorUnderTest } from './under-test.ts';

let simulator: SimulatorUnderTest;
beforeEach(async () => {
  simulator = await simulatorUnderTest();
});
afterEach(() => simulator.end());

const page = async (path: string) => {
  const answer = await fetch(simulator.httpUrl + path);
  return {
    status: answer.status,
    html: await answer.text(),
    policy: answer.headers.get('content-security-policy')!,
  };
};

test('an e-mail opens from the page: its HTML in a frame without scripts, its text, headers and links', async () => {
  await simulator.post({
    subject: 'Your <order>',
    attempt_id: '0b270aeb-acb5-8900-8480-b070eab727ac/1',
    html: '<p onclick="alert(1)">Hello "Ada"</p><script>alert(2)</script>',
    text: 'Hello <Ada>, see https://shop.example/orders?a=1&b=2.',
    headers: { 'List-Unsubscribe': '<https://notify.example/v1/unsubscribe/t0ken>' },
  });
  const [, href] =
    /<td><a href="(\/letter\?[^"]*)">Your &#60;order&#62;<\/a>/.exec((await page('/')).html) ?? [];
  const { status, html, policy } = await page(href!);
  expect(status).toBe(200);
  expect(html).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
  expect(html).toContain(
    'srcdoc="&#60;!doctype html&#62;&#60;base target=&#34;_blank&#34;&#62;&#60;p onclick=',
  );
  expect(html).not.toMatch(/<script|<p onclick/);
  expect(html).toContain('<a href="https://shop.example/orders?a=1&#38;b=2."');
  expect(html).toContain('<a href="https://notify.example/v1/unsubscribe/t0ken"');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('script-src');
});

test('an e-mail received by SMTP is parsed, in any encoding of its parts', async () => {
  const { hostname, port } = new URL(simulator.smtpUrl);
  const mailer = createTransport({ host: hostname, port: Number(port), ignoreTLS: true });
  await mailer.sendMail({
    from: 'shop@example.com',
    to: 'ada@example.com',
    subject: 'Grüße',
    text: 'Grüße an Ada',
    html: '<p>Grüße an <b>Ada</b></p>',
    headers: { 'X-Carillon-Attempt': '0b270aeb-acb5-8900-8480-b070eab727ac/2' },
  });
  const { html } = await page('/letter?attempt_id=0b270aeb-acb5-8900-8480-b070eab727ac%2F2');
  expect(html).toContain('<pre id="text">Grüße an Ada');
  expect(html).toContain('Grüße an &#60;b&#62;Ada&#60;/b&#62;');
});

test('one that is not kept says so', async () => {
  const { status, html } = await page('/letter?attempt_id=nobody%2F1');
  expect(status).toBe(404);
  expect(html).toContain('newest 200');
  expect((await page('/letter')).status).toBe(404);
});
