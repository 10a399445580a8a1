import type { Channel } from '../notification/channel.ts';
import type { ContactPoint } from '../notification/compose.ts';
import type { Environment } from '../notification/environment.ts';
import { isReachable } from '../provider/reach.ts';
import { resolveLocale } from '../recipient/locale.ts';
import { missingVariables } from '../template/syntax/required-variables.ts';
import { notificationId } from '../text/ids.ts';
import type { NotMadeReason } from './counts.ts';
import { campaignKey } from './keys.ts';
import { dataOfRecipient, withOwnData } from './variables.ts';
import { armOf, type Division } from './variant.ts';

/** What all notifications of a campaign are made by. */
export interface FanOut {
  campaignId: string;
  appId: string;
  environment: Environment;
  route: readonly Channel[];
  /** Template variables that all recipients share. */
  data: Readonly<Record<string, unknown>>;
  division: Division;
  /** The texts by variant; 0 where there is one. */
  texts: ReadonlyMap<number, FanOutTexts>;
}

/** A pinned template version. */
export interface FanOutTexts {
  templateId: string;
  version: number;
  /** The locales that it has of each channel, with the variables that each prints. */
  variants: readonly { channel: Channel; locale: string; required: readonly string[] }[];
}

/** A recipient, as far as the fan-out depends on them. */
export interface FanOutPerson {
  id: string;
  locale: string | null;
  /** The kinds of contact points that can be used. */
  kinds: readonly ContactPoint['kind'][];
  /** The recipient's values of template variables. */
  values: Readonly<Record<string, unknown>>;
}

/** The part of a notification that differs between recipients. */
export interface MadeOne {
  id: string;
  recipientId: string;
  channel: Channel;
  templateId: string;
  version: number;
  locale: string;
  data: Record<string, unknown>;
  variant: number;
}

export interface NotMade {
  /** Null for one that was erased. */
  recipientId: string | null;
  reason: NotMadeReason;
  /** The variables that are missing. */
  detail?: string;
}

/**
 * Pure: the notification of a campaign to one recipient, or why there can be none. Wishes, suppressions and caps are not
 * asked here: the claim asks them, and what changes until then counts.
 *
 * @param person undefined if there is no such recipient.
 */
export function fanOut(
  plan: FanOut,
  recipientId: string,
  person: FanOutPerson | undefined,
): MadeOne | NotMade {
  if (!person) return { recipientId, reason: 'unknown' };
  const arm = armOf(plan.campaignId, recipientId, plan.division);
  if (arm === 'holdout') return { recipientId, reason: 'holdout' };
  const channel = plan.route.find((each) => isReachable(each, person.kinds));
  if (channel === undefined) return { recipientId, reason: 'no_contact_point' };
  const texts = plan.texts.get(arm);
  if (!texts) throw new Error(`campaign ${plan.campaignId} has no text for its variant ${arm}`);
  const data = dataOfRecipient(person.values);
  const known = withOwnData(plan.data, data);
  const missing = new Set<string>();
  let chosen: string | null = null;
  for (const each of plan.route) {
    const variants = texts.variants.filter((variant) => variant.channel === each);
    const locale = resolveLocale(
      variants.map((variant) => variant.locale),
      [person.locale],
    );
    // A channel without a text ends there when its turn comes; the first one has a text (campaigns are checked).
    const variant = variants.find((one) => one.locale === locale);
    for (const path of missingVariables(variant?.required ?? [], known)) missing.add(path);
    if (each === channel) chosen = locale;
  }
  if (missing.size > 0 || chosen === null)
    return { recipientId, reason: 'missing_variable', detail: [...missing].join(', ') };
  const { templateId, version } = texts;
  const id = notificationId(plan.appId, plan.environment, campaignKey(plan.campaignId, recipientId));
  return { id, recipientId, channel, templateId, version, locale: chosen, data, variant: arm };
}
