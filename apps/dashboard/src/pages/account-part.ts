import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { receiptsPath } from '@carillon/providers/receipts/receipts-path';
import { html } from 'hono/html';
import type { Frame, Html } from './layout.ts';

/** The parts of an account that need no decryption: credentials are shown as a fingerprint only. */
export function accountFacts(account: ProviderAccountRow, apiUrl: string | undefined): Html {
  const { position, weight, ratePerSecond, prefixes, environments, managedBy } = account;
  const receipts = receiptsPath(account);
  return html`<dl class="facts">
    <div><dt>Order</dt><dd>${position} <span class="muted">weight ${weight}</span></dd></div>
    <div><dt>Limit</dt><dd>${ratePerSecond === null ? 'none' : `${ratePerSecond} a second`}</dd></div>
    ${prefixes.length === 0 ? '' : html`<div><dt>Only for</dt><dd>${prefixes.join(', ')}</dd></div>`}
    <div><dt>Environments</dt><dd>${environments.join(', ')}</dd></div>
    <div><dt>Managed by</dt><dd>${managedBy === 'file' ? 'PROVIDERS_FILE' : 'people'}</dd></div>
    <div><dt>Credentials</dt><dd>${credentialsMark(account)}</dd></div>
    ${
      receipts === null
        ? ''
        : html`<div><dt>Receipts</dt><dd class="mono">${(apiUrl ?? '').replace(/\/$/, '')}${receipts}${apiUrl === undefined ? html` <span class="muted">below the API's address</span>` : ''}</dd></div>`
    }
  </dl>`;
}

export function credentialsMark({ fingerprint, keyId }: ProviderAccountRow): Html {
  return fingerprint === null
    ? html`<span class="none">none</span>`
    : html`<span class="mono">${fingerprint}</span> <span class="muted">sealed with ${keyId}</span>`;
}

/** For admins: routing, whether it is enabled, and links to the rest. */
export function placingForm(account: ProviderAccountRow, { formToken }: Frame): Html {
  const { id, enabled, position, weight, ratePerSecond } = account;
  const at = `/providers/${id}`;
  return html`<details class="change">
  <summary>Change</summary>
  ${account.managedBy === 'file' ? html`<p class="muted">PROVIDERS_FILE names this account: what is changed here holds until a worker starts.</p>` : ''}
  <form method="post" action="${at}/placing">
    <input type="hidden" name="token" value="${formToken}">
    <div class="triple">
      <div class="field"><label for="order-${id}">Order</label><input id="order-${id}" name="order" type="number" required min="0" max="1000" value="${position}"></div>
      <div class="field"><label for="weight-${id}">Weight</label><input id="weight-${id}" name="weight" type="number" required min="1" max="1000" value="${weight}"></div>
      <div class="field"><label for="rate-${id}">Messages a second</label><input id="rate-${id}" name="rate_per_second" type="number" step="any" max="100000" placeholder="no limit" value="${ratePerSecond ?? ''}"></div>
    </div>
    <div class="buttons">
      <button class="primary" type="submit">Save</button>
      <button type="submit" formaction="${at}/${enabled ? 'disable' : 'enable'}" formnovalidate>${enabled ? 'Disable' : 'Enable'}</button>
      <button type="submit" formaction="${at}/verify" formnovalidate>Verify credentials</button>
      <a class="button" href="${at}/test">Send a test</a>
      <a class="button" href="${at}/settings">Settings and credentials</a>
      <a class="button" href="${at}/delete">Delete</a>
    </div>
  </form>
</details>`;
}
