/**
 * Whether an open or a click was made by a program and not by a person, as far as its `User-Agent` shows. Security
 * gateways follow every link of a message, and Apple Mail fetches every image in advance under the bare agent
 * `Mozilla/5.0`. The image proxies of Gmail and Yahoo fetch when a person opens the message: they count as the person.
 *
 * @param userAgent of the request, or as the provider quotes it; empty if the request had none, which no browser does.
 */
export function isMachineAgent(userAgent: string): boolean {
  if (userAgent.trim() === '' || userAgent.trim() === 'Mozilla/5.0') return true;
  return !PERSONS_PROXY.test(userAgent) && MACHINE.test(userAgent);
}

const PERSONS_PROXY = /GoogleImageProxy|YahooMailProxy/;
const MACHINE =
  /(?<!cu)bot\b|crawl|spider|scanner|preview|prefetch|barracuda|proofpoint|mimecast|symantec|ironport|fireeye|trendmicro|safelinks|headless|phantomjs|python|curl|wget|java\/|okhttp|go-http|axios|node-fetch|undici|libwww|httpclient/i;
