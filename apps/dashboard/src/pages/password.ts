import { html } from 'hono/html';
import { documentOf, type Html } from './layout.ts';

export interface PasswordForm {
  token: string;
  email: string;
  problem?: string;
}

/** The page that a one-time password opens, and the only one. */
export function passwordPage({ token, email, problem }: PasswordForm): Html {
  return documentOf(
    'Choose a password',
    html`<main class="login">
  <form class="card" method="post" action="/password">
    <div class="login-brand"><img src="/assets/icon.svg" alt="" width="44" height="44"></div>
    <h1>Choose a password</h1>
    <p>You logged in as ${email} with a one-time password. Choose one of your own: 12 characters or more that are hard to guess.</p>
    ${problem ? html`<p class="notice bad" role="alert">${problem}</p>` : ''}
    <input type="hidden" name="token" value="${token}">
    <input type="hidden" name="email" autocomplete="username" value="${email}">
    <label for="password">New password</label>
    <input id="password" name="password" type="password" autocomplete="new-password" required maxlength="1024" autofocus>
    <label for="again">The same again</label>
    <input id="again" name="again" type="password" autocomplete="new-password" required maxlength="1024">
    <button class="primary" type="submit">Save the password</button>
  </form>
</main>`,
  );
}
