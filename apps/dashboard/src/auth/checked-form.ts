import type { Context } from 'hono';
import type { DashboardEnv } from '../deps.ts';
import { problemPage } from '../pages/problem.ts';
import { isSameToken } from './form-token.ts';
import { mayOrRefuse } from './may-or-refuse.ts';
import type { Permission } from './permissions.ts';

export type CheckedForm =
  /** @param max characters; what is longer is cut, line breaks become spaces. Undefined for an empty field. */
  | { ok: true; field(name: string, max: number): string | undefined }
  | { ok: false; answer: Response | Promise<Response> };

/**
 * The form of a changing request: refused unless the person's role may do this and the form carries the session's
 * token (the origin was checked before).
 *
 * @param deed begins the sentence of a refusal: "A retry".
 */
export async function checkedForm(
  c: Context<DashboardEnv>,
  permission: Permission,
  deed: string,
): Promise<CheckedForm> {
  const refusal = mayOrRefuse(c, permission, deed);
  if (refusal) return { ok: false, answer: refusal };
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
