import { expect, test } from 'vitest';
import { isMachineAgent } from './machine-agent.ts';

test.each([
  'Mozilla/5.0',
  '',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Slackbot-LinkExpanding 1.0',
  'Mozilla/5.0 (Windows NT 10.0) BarracudaSentinel (EE)',
  'python-requests/2.32',
  'curl/8.5.0',
])('%j is a machine', (agent) => {
  expect(isMachineAgent(agent)).toBe(true);
});

test.each([
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 15; CUBOT X90) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
])('%j is a person', (agent) => {
  expect(isMachineAgent(agent)).toBe(false);
});
