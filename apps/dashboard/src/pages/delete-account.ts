import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { html } from 'hono/html';
import { label } from './elements.ts';
import { type Frame, type Html, staffPage } from './layout.ts';

export interface DeleteAccountView {
  frame: Frame;
  account: ProviderAccountRow;
  /** Whether its channel would have no enabled account left. */
  isLast: boolean;
}

/** Asks for confirmation and lists the consequences. */
export function deleteAccountPage({ frame, account, isLast }: DeleteAccountView): Html {
  const { id, provider, channel, managedBy } = account;
  const at = `/providers/${id}`;
  return staffPage(
    `Delete ${id}`,
    { ...frame, current: 'providers' },
    html`<p class="trail"><a href="/providers">Providers</a></p>
<div class="title-line"><h1>Delete ${id}?</h1></div>
<div class="card account-form">
  <p>From the answer on no call is begun with this ${provider} account. Its credentials are gone for good, and so are the receipts that still come for it: their signatures cannot be checked any longer. Attempts keep its name.</p>
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
