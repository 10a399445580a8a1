import { common } from '@carillon/providers/accounts/account-fields';
import { channelsOf } from '@carillon/providers/accounts/described-fields';
import type { AnyProvider } from '@carillon/providers/provider';
import { DEFINITIONS } from '@carillon/providers/providers';
import type { z } from 'zod';

type Fields = Readonly<Record<string, z.ZodType>>;

/** Every provider with its channel, guarantee class, default place and own settings, by channel and place. */
export function providerTable(providers: readonly AnyProvider[] = DEFINITIONS): string {
  const rows = providers.map((provider) => {
    const { id, guarantee, order, settings } = provider;
    const channels = channelsOf(provider);
    const { required, optional } = fieldsOf(settings.shape);
    return {
      place: order,
      cells: [`\`${id}\``, channels.join(', '), guarantee, String(order), required, optional],
      channel: CHANNEL_ORDER.indexOf(channels[0]!),
      generic: channels.length > 1,
    };
  });
  rows.sort((a, b) => Number(a.generic) - Number(b.generic) || a.channel - b.channel || a.place - b.place);
  return [
    '| provider | channel | guarantee | place | must have | may have |',
    '|---|---|---|---|---|---|',
    ...rows.map(({ cells }) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

const CHANNEL_ORDER = ['email', 'sms', 'push', 'in_app'];

/** What accounts of every provider have. */
const COMMON = new Set(['provider', ...Object.keys(common)]);

function fieldsOf(shape: object): { required: string; optional: string } {
  const own = Object.entries(shape as Fields).filter(([name]) => !COMMON.has(name));
  const names = own.flatMap(([name, field]) => {
    const inner = membersOf(field);
    // Of a group that may be left out, all members are named: what is needed within is said when it is missing.
    if (name !== 'credentials' || inner === null) return [{ name, optional: isOptional(field) }];
    return Object.entries(inner).map(([member, each]) => ({
      name: `credentials.${member}`,
      optional: isOptional(field) || isOptional(each),
    }));
  });
  const list = (optional: boolean): string =>
    names.flatMap((each) => (each.optional === optional ? [`\`${each.name}\``] : [])).join(', ');
  return { required: list(false), optional: list(true) };
}

const isOptional = (field: z.ZodType): boolean => field.safeParse(undefined).success;

function membersOf(field: z.ZodType): Fields | null {
  const inner = 'unwrap' in field ? (field as z.ZodOptional<z.ZodType>).unwrap() : field;
  return 'shape' in inner ? (inner as z.ZodObject).shape : null;
}
