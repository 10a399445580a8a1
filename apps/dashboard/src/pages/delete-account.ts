import type { ProviderAccountRow } from '@carillon/db/queries/find-provider-account';
import { html } from 'hono/html';
import { type Frame, type Html, staffPage } from './layout.ts';
import { label } from './pieces.ts';

export interface DeleteAccountView {
  frame: Frame;
  account: ProviderAccountRow;
  /** Whether its channel is left without one that is enabled. */
  isLast: boolean;
}

/** Asks once more, and says what goes with the account. */
export function deleteAccountPage({ frame, account, isLast }: DeleteAccountView): Html {
  const { id, provider, channel, managedBy } = account;
  const at = `/providers/${id}`;
  return staffPage(
    `Delete ${id}`,
    { ...frame, current: 'providers' },
    html`<p class="trail"><a href="/providers">Providers</a></p>
<div class="title-line"><h1>Delete ${id}?</h1></div>
<div class="card account-form">
  <p>Workers stop using this ${provider} account within 10 seconds. Its credentials are gone for good, and so are the receipts that still come for it: their signatures cannot be checked any more. Attempts keep its name.</p>
  ${isLast ? html`<p class="notice bad">It is the only enabled account for ${label(channel)}: without it, such messages wait until they expire.</p>` : ''}
  ${managedBy === 'file' ? html`<p class="notice doubt">PROVIDERS_FILE names this account: it comes back when a worker starts.</p>` : ''}
  <p class="muted">To stop using it for a while, disable it instead.</p>
  <form class="buttons" method="post" action="${at}/delete">
    <input type="hidden" name="token" value="${frame.formToken}">
    <input type="hidden" name="confirmed" value="${id}">
    <button class="danger" type="submit">Delete ${id}</button>
    <a class="button" href="/providers">Cancel</a>
  </form>
</div>`,
  );
}
