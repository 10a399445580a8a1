import type { Channel } from '@carillon/core/channel';
import type { ChannelRule } from './channel-rule.ts';
import { email } from './email.ts';
import { inApp } from './in-app.ts';
import { push } from './push.ts';
import { sms } from './sms.ts';

export const CHANNEL_RULES: Readonly<Record<Channel, ChannelRule>> = { email, sms, push, in_app: inApp };
