/**
 * Allowed hosts of Web Push. A subscription's endpoint is a URL from a browser, so from any client: without a list the
 * worker would call any host, the internal network included.
 */
export const PUSH_SERVICES: readonly string[] = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '*.push.services.mozilla.com',
  '*.notify.windows.com',
  'web.push.apple.com',
  '*.push.apple.com',
];

/**
 * @param allowed host names; `*.example.com` allows every host below it.
 * @returns the endpoint as a URL, or null if it is not https, carries credentials or names a host that is not allowed.
 */
export function allowedEndpoint(endpoint: string, allowed: readonly string[]): URL | null {
  const url = URL.parse(endpoint);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return null;
  const host = url.hostname;
  const fits = allowed.some((name) => (name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name));
  return fits ? url : null;
}
