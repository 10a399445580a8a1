import { createECDH, randomBytes } from 'node:crypto';

/** The people of the demo app: user_1 to user_20. */
export interface DemoRecipient {
  id: string;
  name: string;
  locale: string;
  timeZone: string;
  contactPoints: {
    kind: 'email' | 'phone' | 'fcm' | 'web_push';
    address: string;
    keys?: { p256dh: string; auth: string };
  }[];
}

const NAMES = [
  ...['Ada', 'Amara', 'Bilal', 'Chidi', 'Dana', 'Elif', 'Femi', 'Grace', 'Hugo', 'Ines'],
  ...['Jun', 'Kofi', 'Lena', 'Mateo', 'Ngozi', 'Olga', 'Priya', 'Quinn', 'Rosa', 'Sven'],
];
const TIME_ZONES = ['Europe/Berlin', 'Africa/Lagos', 'Asia/Tokyo', 'America/New_York', 'America/Sao_Paulo'];

/**
 * Each has an e-mail address and a phone; every second one a device, user_2 a browser. Numbers are from the fictional
 * 555 range.
 */
export const DEMO_RECIPIENTS: readonly DemoRecipient[] = NAMES.map((name, index) => {
  const n = index + 1;
  return {
    id: `user_${n}`,
    name,
    locale: 'en',
    timeZone: TIME_ZONES[index % TIME_ZONES.length]!,
    contactPoints: [
      { kind: 'email', address: `${name.toLowerCase()}@demo.example` },
      { kind: 'phone', address: `+1415555${String(100 + n).padStart(4, '0')}` },
      ...(n % 2 === 1 ? [{ kind: 'fcm' as const, address: `demo-device-${n}` }] : []),
      ...(n === 2 ? [demoBrowser()] : []),
    ],
  };
});

/**
 * A subscription as a browser makes it. Its endpoint has no port: the account connects to the simulator's actual
 * address.
 */
function demoBrowser() {
  const keyPair = createECDH('prime256v1');
  return {
    kind: 'web_push' as const,
    address: 'https://localhost/push/demo-browser-2',
    keys: {
      p256dh: keyPair.generateKeys('base64url', 'uncompressed'),
      auth: randomBytes(16).toString('base64url'),
    },
  };
}
