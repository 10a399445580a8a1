import { CHANNELS } from '@carillon/core/notification/channel';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { describe, expect, it } from 'vitest';
import { DEMO_TEMPLATES } from './demo-templates.ts';
import { loadItem } from './load-mix.ts';

describe('the demo load', () => {
  const items = Array.from({ length: 500 }, (_, i) => loadItem('run', i));

  it('has every channel, every priority and some failures', () => {
    expect(new Set(items.map(({ channel }) => channel))).toEqual(new Set(CHANNELS));
    expect(new Set(items.map(({ priority }) => priority))).toEqual(new Set(PRIORITIES));
    expect(items.filter(({ to }) => !('recipient_id' in to))).toHaveLength(20);
  });

  it('sends nothing twice', () => {
    expect(new Set(items.map(({ idempotency_key }) => idempotency_key)).size).toBe(items.length);
  });

  it('uses only templates that have the channel', () => {
    const mute = items.filter(
      ({ template, channel }) =>
        !DEMO_TEMPLATES[template]?.[channel as keyof (typeof DEMO_TEMPLATES)[string]],
    );
    expect(mute).toEqual([]);
  });
});
