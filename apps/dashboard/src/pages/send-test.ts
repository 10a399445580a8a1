import type { Channel } from '@carillon/core/notification/channel';
import type { AppRow } from '@carillon/db/apps/list-apps';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { html } from 'hono/html';
import { MAX_ADDRESSEE } from '../accounts/read-addressee.ts';
import { type Frame, type Html, staffPage } from './layout.ts';

export interface SendTestView {
  frame: Frame;
  account: ProviderAccountRow;
  /** By name; with only one there is no choice. */
  apps: readonly AppRow[];
  /** The previous input, if it was refused. */
  shown: { app: string | undefined; to: string | undefined };
  /** The errors of that input. */
  problem: string | null;
  /** Why there is no form. */
  hindrance: string | null;
  /** Identifies this form, so that submitting it twice sends one message. */
  once: string;
}

const ADDRESSEE: Readonly<Record<Channel, { title: string; mode: string; hint: string }>> = {
  email: { title: 'E-mail address', mode: 'email', hint: 'Such as ada@example.com' },
  sms: { title: 'Phone number', mode: 'tel', hint: 'With + and country code, such as +14155552671' },
  push: { title: 'Recipient id', mode: 'text', hint: 'The app\u2019s own id; all devices of this person' },
  in_app: { title: 'Recipient id', mode: 'text', hint: 'The app\u2019s own id; it comes into their inbox' },
};

/** A small form; the page of the notification shows the result. */
export function sendTestPage(view: SendTestView): Html {
  const { frame, account, hindrance, problem, once } = view;
  const { id, provider } = account;
  const title = `Send a test of ${id}`;
  return staffPage(
    title,
    { ...frame, current: 'providers' },
    html`<p class="trail"><a href="/providers">Providers</a></p>
<div class="title-line"><h1>${title}</h1></div>
${problem ? html`<p class="notice bad" role="alert" id="problem">Nothing was sent. ${problem}</p>` : ''}
${
  hindrance === null
    ? html`<form class="card account-form" method="post" action="/providers/${id}/test">
  <input type="hidden" name="token" value="${frame.formToken}">
  <input type="hidden" name="once" value="${once}">
  <p>A real message that says “Test of ${id}” goes out through this ${provider} account and no other. It lives ten minutes.</p>
  ${addressee(view)}
  ${appChoice(view)}
  <div class="buttons"><button class="primary" type="submit">Send the test</button><a class="button" href="/providers">Cancel</a></div>
</form>`
    : html`<div class="card account-form"><p class="notice bad" role="alert">Nothing can be sent. ${hindrance}</p>
  <div class="buttons"><a class="button" href="/providers">Back</a></div></div>`
}`,
  );
}

function addressee({ account, shown, problem }: SendTestView): Html {
  const { title, mode, hint } = ADDRESSEE[account.channel];
  return html`<div class="field"><label for="to">${title}</label><input id="to" name="to" class="mono" inputmode="${mode}" required maxlength="${MAX_ADDRESSEE - 1}" autocomplete="off" spellcheck="false" value="${shown.to ?? ''}" ${problem ? html`aria-describedby="problem"` : ''}><span class="hint">${hint}</span></div>`;
}

function appChoice({ apps, shown }: SendTestView): Html | '' {
  if (apps.length < 2) return '';
  return html`<div class="field"><label for="app">App</label><select id="app" name="app" required>
    <option value="">Choose</option>${apps.map(
      ({ id, name }) =>
        html`<option value="${id}" ${id === shown.app ? html`selected` : ''}>${name}</option>`,
    )}</select><span class="hint">Whose message it is: its recipients, limits and list of notifications.</span></div>`;
}
