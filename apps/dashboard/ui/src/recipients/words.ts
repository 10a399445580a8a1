import type { ContactPoint, RecipientWithReachability } from '@carillon/client/api-types';
import type { Tone } from '../elements/mark.tsx';

export const KIND_WORDS: Readonly<Record<ContactPoint['kind'], string>> = {
  email: 'E-mail',
  phone: 'Phone',
  fcm: 'Android (FCM)',
  apns: 'iPhone (APNs)',
  web_push: 'Browser (Web Push)',
};

type Reachability = RecipientWithReachability['reachability']['email'];

export const REACHABILITY_WORDS: Readonly<Record<Reachability, { tone: Tone; word: string; means: string }>> =
  {
    reachable: { tone: 'good', word: 'reachable', means: 'An ordinary message would be sent.' },
    opted_out: { tone: 'doubt', word: 'opted out', means: 'The person wants nothing by this channel.' },
    suppressed: {
      tone: 'bad',
      word: 'suppressed',
      means: 'The address bounced, complained or was added by hand.',
    },
    disabled: {
      tone: 'bad',
      word: 'disabled',
      means: 'Bounces or refusals have disabled every address or device.',
    },
    no_contact_point: { tone: 'neutral', word: 'no address', means: 'There is no address or device for it.' },
  };
