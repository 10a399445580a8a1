import type { StaffMember } from '@carillon/db/staff/sessions';
import { html } from 'hono/html';

/** A fragment of a page. Every value in an `html` template is escaped, unless it is itself such a fragment. */
export type Html = ReturnType<typeof html>;

/** The frame of every page: no script, one stylesheet, everything from this server. */
export function documentOf(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Carillon</title>
<link rel="icon" type="image/svg+xml" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/dashboard.css">
</head>
<body>${body}</body>
</html>`;
}

export interface Frame {
  staff: StaffMember;
  formToken: string;
  /** The page that the navigation marks as the current one. */
  current?: 'notifications' | 'doubts' | 'providers' | 'webhooks';
}

/** A page for logged-in staff: bar with navigation, person and logout, then the content. */
export function staffPage(title: string, { staff, formToken, current }: Frame, content: Html): Html {
  return documentOf(
    title,
    html`<a class="skip" href="#content">Skip to content</a>
<header class="bar">
  <a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="28" height="28"><span>Carillon</span></a>
  <nav aria-label="Main">
    <a href="/" ${current === 'notifications' ? html`aria-current="page"` : ''}>Notifications</a>
    <a href="/doubts" ${current === 'doubts' ? html`aria-current="page"` : ''}>Doubts</a>
    <a href="/providers" ${current === 'providers' ? html`aria-current="page"` : ''}>Providers</a>
    <a href="/webhooks" ${current === 'webhooks' ? html`aria-current="page"` : ''}>Webhooks</a>
    <a href="/queues">Queues</a>
  </nav>
  <form class="who" method="post" action="/logout">
    <input type="hidden" name="token" value="${formToken}">
    <span class="who-name"><span class="who-mail">${staff.email}</span> <span class="role">${staff.role}</span></span>
    <button class="quiet" type="submit">Log out</button>
  </form>
</header>
<main id="content">${content}</main>`,
  );
}
