import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { z } from 'zod';
import type { AnyProvider } from '../provider.ts';
import { SECRET_FIELDS } from './account-encryption.ts';

/** A field of an account's form, derived from the provider's schema: what a page needs to ask for it. */
export interface DescribedField {
  /** In snake_case, as in the body of a request and in its problems: `from`, `credentials.api_key`. */
  name: string;
  /** `API key`. */
  label: string;
  type: FieldType;
  /** Whether every account must have it. */
  required: boolean;
  /** The object it is part of (`credentials`, `dkim`); null if it is part of none. */
  group: string | null;
  /** Whether it must be given where anything of its group is. */
  requiredInGroup: boolean;
  /** Sealed at rest and never shown again. */
  secret: boolean;
  /** A text of several lines: a key in PEM. */
  multiline: boolean;
  help: string | null;
  minimum: number | null;
  maximum: number | null;
  minLength: number | null;
  maxLength: number | null;
  /** A regular expression of JavaScript that each text must match. */
  pattern: string | null;
  /** What can be chosen, with `choice` and `choices`. */
  options: string[] | null;
  /** What holds where it is left out, if that is always the same. */
  default: string | number | boolean | null;
}

export const FIELD_TYPES = [
  'text',
  'url',
  'integer',
  'number',
  'boolean',
  'choice',
  'choices',
  'texts',
] as const;
/** `choices` and `texts` are lists. */
export type FieldType = (typeof FIELD_TYPES)[number];

/** The fields of a provider's accounts, in display order, without those that its URL and the provider say. */
export function describedFields(provider: AnyProvider): DescribedField[] {
  const { properties = {}, required = [] } = z.toJSONSchema(provider.settings, {
    io: 'input',
    unrepresentable: 'any',
  }) as JsonObject;
  return Object.entries(properties)
    .filter(([name]) => !NOT_ASKED.has(name) && (name !== 'receipts' || provider.receipts !== undefined))
    .sort(([a], [b]) => placeOf(a) - placeOf(b))
    .flatMap(([name, field]) => {
      const place = { provider, isRequired: required.includes(name), group: null, inGroup: false };
      return field.properties === undefined
        ? describe(name, field, place)
        : members(provider, name, field, required.includes(name));
    });
}

/** The channels that an account may serve: one, unless its own settings say which. */
export function channelsOf({ channel, settings }: AnyProvider): Channel[] {
  if (typeof channel !== 'function') return [channel];
  const { options } = settings.shape.channel as z.ZodEnum;
  return CHANNELS.filter((each) => options.includes(each));
}

/** The part of JSON Schema that `z.toJSONSchema` makes of our settings, and the texts of `.meta`. */
interface JsonField {
  type?: string;
  format?: string;
  description?: string;
  default?: string | number | boolean;
  enum?: string[];
  items?: JsonField;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  multiline?: boolean;
  channels?: Channel[];
  providers?: string[];
  properties?: Record<string, JsonField>;
  required?: string[];
}
type JsonObject = Pick<JsonField, 'properties' | 'required'>;

interface Place {
  provider: AnyProvider;
  isRequired: boolean;
  group: string | null;
  inGroup: boolean;
}

/** The path and the provider say the first two; the last names a file of the worker. */
const NOT_ASKED = new Set(['id', 'provider', 'caFile']);

function members(
  provider: AnyProvider,
  group: string,
  { properties = {}, required = [], channels }: JsonField,
  isGroupRequired: boolean,
): DescribedField[] {
  const asIssued = group === 'credentials' && provider.credentialsAsIssued === true;
  return Object.entries(properties).flatMap(([name, field]) => {
    const inGroup = required.includes(name);
    const place = { provider, isRequired: isGroupRequired && inGroup, group: snake(group), inGroup };
    const path = `${group}.${name}`;
    return describe(path, channels === undefined ? field : { ...field, channels }, place, asIssued);
  });
}

function describe(path: string, field: JsonField, place: Place, asIssued = false): DescribedField[] {
  const { provider, isRequired, group, inGroup } = place;
  const servesOthers = field.channels?.every((each) => !channelsOf(provider).includes(each)) ?? false;
  if (servesOthers || field.providers?.includes(provider.id) === false) return [];
  const one = field.items ?? field;
  const [root] = path.split('.');
  return [
    {
      name: asIssued ? path : snake(path),
      label: labelOf(path),
      type: typeOf(field),
      required: isRequired,
      group,
      requiredInGroup: inGroup,
      secret: SECRET_FIELDS.includes(root!),
      multiline: one.multiline ?? false,
      help: field.description ?? one.description ?? null,
      minimum: bound(one.minimum ?? one.exclusiveMinimum),
      maximum: bound(one.maximum),
      minLength: one.minLength ?? null,
      maxLength: one.maxLength ?? null,
      pattern: one.pattern ?? null,
      options: one.enum ?? null,
      default: path === 'order' ? provider.order : (field.default ?? null),
    },
  ];
}

function typeOf({ type, format, enum: options, items }: JsonField): FieldType {
  if (items !== undefined) return items.enum === undefined ? 'texts' : 'choices';
  if (options !== undefined) return 'choice';
  if (format === 'uri') return 'url';
  if (type === 'integer' || type === 'number' || type === 'boolean') return type;
  return 'text';
}

/** Every whole number has the bounds of a safe integer, which are no bounds for people. */
const bound = (value: number | undefined): number | null =>
  value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER ? null : value;

/** Settings and credentials first, then what every account has. */
const LATER = ['environments', 'order', 'weight', 'ratePerSecond', 'prefixes', 'pricePerSegment', 'receipts'];
const placeOf = (name: string): number => LATER.indexOf(name);

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const ABBREVIATIONS: Readonly<Record<string, string>> = {
  api: 'API',
  arn: 'ARN',
  dkim: 'DKIM',
  ehlo: 'EHLO',
  id: 'id',
  sid: 'SID',
  tls: 'TLS',
  ttl: 'TTL',
  uri: 'URI',
  url: 'URL',
  ms: '(ms)',
  pass: 'password',
};

/** `credentials.apiKey` is "API key", `dkim.privateKey` "DKIM private key". */
function labelOf(path: string): string {
  const [group, member] = path.split('.');
  const named = member === undefined || group === 'credentials' ? (member ?? group!) : `${group}_${member}`;
  const words = snake(named)
    .split('_')
    .map((word) => ABBREVIATIONS[word] ?? word)
    .join(' ');
  return words[0]!.toUpperCase() + words.slice(1);
}
