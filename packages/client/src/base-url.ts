/** @throws TypeError for an address that cannot work. */
export function checkedUrl(baseUrl: unknown): string {
  const given = JSON.stringify(baseUrl);
  let url: URL;
  try {
    url = new URL(baseUrl as string);
  } catch {
    throw new TypeError(`baseUrl is ${given}; it must be a URL such as https://carillon.example.com`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new TypeError(`baseUrl is ${given}; it must begin with https:// or http://`);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new TypeError('baseUrl has a password, a query or a fragment; it must be an address alone');
  return url.href.replace(/\/+$/, '');
}
