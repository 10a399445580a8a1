import type { Context } from 'hono';
import type { DashboardEnv } from '../deps.ts';
import { problemPage } from '../pages/problem.ts';
import { isSameToken } from './form-token.ts';

export type CheckedForm =
  /** @param max characters; longer text is truncated, line breaks become spaces. Undefined for an empty field. */
  | { ok: true; field(name: string, max: number): string | undefined }
  | { ok: false; answer: Response | Promise<Response> };

/** The form of a changing request: refused unless it carries the session's token (the origin was checked before). */
export async function checkedForm(c: Context<DashboardEnv>): Promise<CheckedForm> {
  const form = await c.req.parseBody();
  if (!isSameToken(form['token'], c.get('formToken'))) {
    const text = 'Go back, reload the page and try again.';
    return { ok: false, answer: c.html(problemPage('This form is out of date', text), 403) };
  }
  return {
    ok: true,
    field: (name, max) => {
      const value = form[name];
      if (typeof value !== 'string') return undefined;
      return value.replaceAll(CONTROL, ' ').trim().slice(0, max) || undefined;
    },
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
