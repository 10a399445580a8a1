import type { Channel } from '@carillon/core/notification/channel';
import { isReachable } from '@carillon/core/provider/reach';
import { resolveLocale } from '@carillon/core/recipient/locale';
import { missingVariables } from '@carillon/core/template/syntax/required-variables';
import { ProblemError } from '@carillon/core/text/problem';
import type { NewNotification } from '@carillon/db/notifications/accept-notifications';
import { findReachableRecipients, type ReachableRecipient } from '@carillon/db/recipients/people';
import { findPublishedTemplates, type PublishedTemplate } from '@carillon/db/templates/templates';
import type { Sql, TransactionSql } from 'postgres';
import type { Submission } from './accept-submission.ts';

/**
 * Looks up what a group of submissions refers to, each distinct template and recipient once, and completes their rows:
 * channel that reaches the person, pinned template version, locale. A row that cannot be completed gets a refusal.
 * Without references there is no query.
 */
export async function resolveReferences(
  sql: Sql | TransactionSql,
  submissions: readonly Submission[],
): Promise<void> {
  const templates = new Map<
    string,
    { app_id: string; environment: NewNotification['environment']; key: string }
  >();
  const recipients = new Map<
    string,
    { app_id: string; environment: NewNotification['environment']; id: string }
  >();
  for (const { row, template } of submissions) {
    const { app_id, environment } = row;
    if (template !== null) templates.set(scoped(row, template), { app_id, environment, key: template });
    if (row.recipient_id !== undefined) {
      recipients.set(scoped(row, row.recipient_id), { app_id, environment, id: row.recipient_id });
    }
  }
  const [foundTemplates, foundRecipients] = await Promise.all([
    templates.size === 0 ? [] : findPublishedTemplates(sql, [...templates.values()]),
    recipients.size === 0 ? [] : findReachableRecipients(sql, [...recipients.values()]),
  ]);
  const templateBy = new Map(foundTemplates.map((found) => [scoped(found, found.key), found]));
  const recipientBy = new Map(foundRecipients.map((found) => [scoped(found, found.id), found]));

  for (const submission of submissions) {
    const { row, template } = submission;
    const recipient =
      row.recipient_id === undefined ? undefined : recipientBy.get(scoped(row, row.recipient_id));
    submission.refusal ??=
      completeChannel(row, recipient) ??
      (template === null
        ? null
        : completeTemplate(row, template, templateBy.get(scoped(row, template)), recipient));
  }
}

function scoped(of: { app_id: string; environment: string }, name: string): string {
  return `${of.app_id} ${of.environment} ${name}`;
}

/** Sets the first channel of the route that reaches the person; the worker continues from there. */
function completeChannel(
  row: NewNotification,
  recipient: ReachableRecipient | undefined,
): ProblemError | null {
  if (row.recipient_id !== undefined && !recipient) {
    return new ProblemError(
      'unknown_recipient',
      `to.recipient_id: there is no recipient "${row.recipient_id}" in ${row.environment}. PUT /v1/recipients/${encodeURIComponent(row.recipient_id)} first, or give an address alone.`,
      { errors: [{ path: 'to.recipient_id', message: `there is no recipient "${row.recipient_id}"` }] },
    );
  }
  const first = row.route.find((channel) => reaches(channel, row, recipient));
  if (first === undefined) return noContactPoint(row);
  row.channel = first;
  return null;
}

function reaches(
  channel: Channel,
  { address }: NewNotification,
  recipient: ReachableRecipient | undefined,
): boolean {
  if (channel === 'in_app') return recipient !== undefined;
  const direct = { email: address?.email, sms: address?.phone, push: address?.push }[channel];
  return direct !== undefined || (recipient !== undefined && isReachable(channel, recipient.kinds));
}

function noContactPoint(row: NewNotification): ProblemError {
  const who = row.recipient_id === undefined ? 'the address in "to"' : `recipient "${row.recipient_id}"`;
  const remedy = 'Add a contact point, give the address in "to", or choose another channel';
  return new ProblemError(
    'no_contact_point',
    `to: ${who} cannot be reached by ${row.route.join(' or ')}. ${remedy}.`,
    { errors: [{ path: 'to', message: `cannot be reached by ${row.route.join(' or ')}` }] },
  );
}

function completeTemplate(
  row: NewNotification,
  key: string,
  template: PublishedTemplate | undefined,
  recipient: ReachableRecipient | undefined,
): ProblemError | null {
  if (!template) {
    return unknownTemplate(
      `there is no template "${key}" in ${row.environment}. PUT /v1/templates/${encodeURIComponent(key)} first, or check the key.`,
    );
  }
  row.template_id = template.id;
  row.template_version = template.version;
  const wished = [row.locale, recipient?.locale];
  const missing = new Set<string>();
  for (const channel of row.route) {
    const variants = template.variants.filter((variant) => variant.channel === channel);
    const locale = resolveLocale(
      variants.map((variant) => variant.locale),
      wished,
    );
    if (locale === null) {
      const has = [...new Set(template.variants.map((variant) => variant.channel))].join(', ');
      return unknownTemplate(
        `template "${key}" version ${template.version} has no ${channel} text; it has ${has}. Add one, or take ${channel} out of the route.`,
      );
    }
    const { required } = variants.find((variant) => variant.locale === locale)!;
    for (const path of missingVariables(required, row.data ?? {})) missing.add(path);
    // Stores the locale of the channel that is tried first; a fallback channel resolves its own from it.
    if (channel === row.channel) row.locale = locale;
  }
  if (missing.size === 0) return null;
  const names = [...missing];
  return new ProblemError(
    'missing_variables',
    `data: template "${key}" version ${template.version} needs ${names.map((name) => `"${name}"`).join(', ')}. Add ${names.length === 1 ? 'it' : 'them'} to data, or give a default in the template.`,
    {
      errors: names.map((name) => ({ path: `data.${name}`, message: 'is missing; the template prints it' })),
    },
  );
}

function unknownTemplate(message: string): ProblemError {
  return new ProblemError('unknown_template', `template: ${message}`, {
    errors: [{ path: 'template', message }],
  });
}
