import { html } from 'hono/html';
import { documentOf, type Html } from './layout.ts';

export interface LoginForm {
  token: string;
  next: string;
  email?: string;
  problem?: string;
}

export function loginPage({ token, next, email = '', problem }: LoginForm): Html {
  return documentOf(
    'Log in',
    html`<main class="login">
  <form class="card" method="post" action="/login">
    <div class="login-brand"><img src="/assets/icon.svg" alt="" width="44" height="44"></div>
    <h1>Log in to Carillon</h1>
    ${problem ? html`<p class="notice bad" role="alert">${problem}</p>` : ''}
    <input type="hidden" name="token" value="${token}">
    <input type="hidden" name="next" value="${next}">
    <label for="email">E-mail address</label>
    <input id="email" name="email" type="email" autocomplete="username" required maxlength="320" value="${email}" ${email ? '' : html`autofocus`}>
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024" ${email ? html`autofocus` : ''}>
    <button class="primary" type="submit">Log in</button>
  </form>
</main>`,
  );
}
