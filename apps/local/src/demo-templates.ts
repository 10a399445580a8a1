import type { Channel } from '@carillon/core/notification/channel';
import type { Content } from '@carillon/core/notification/message';

/**
 * The templates of the demo app. Kept small: enough to show a greeting, a multi-channel alert and a one-time password.
 */
export const DEMO_TEMPLATES: Readonly<Record<string, Partial<Record<Channel, Content>>>> = {
  welcome: {
    email: {
      subject: 'Welcome, {{ name }}',
      text: 'Hello {{ name }},\n\nyour account is ready. {{ tip | default: "Tell us what you would like to hear about." }}\n',
      html: '<h1>Welcome, {{ name }}</h1><p>Your account is ready.</p><p>{{ tip | default: "Tell us what you would like to hear about." }}</p>',
    },
    in_app: { title: 'Welcome, {{ name }}', body: 'Your account is ready.' },
  },
  order_shipped: {
    email: {
      subject: 'Your order {{ order }} is on its way',
      text: 'Hello {{ name }},\n\nwe shipped your order {{ order }}.{% if carrier %} It travels with {{ carrier }}.{% endif %}\n',
      html: '<p>Hello {{ name }},</p><p>we shipped your order <b>{{ order }}</b>.{% if carrier %} It travels with {{ carrier }}.{% endif %}</p>',
    },
    sms: { text: '{{ name }}, your order {{ order }} is on its way.' },
    push: { title: 'Order {{ order }} shipped', body: 'It is on its way to you, {{ name }}.' },
    in_app: { title: 'Order {{ order }} shipped', body: 'It is on its way to you, {{ name }}.' },
  },
  otp: {
    sms: { text: '{{ code }} is your code. It is valid for {{ minutes | default: 10 }} minutes.' },
    email: {
      subject: '{{ code }} is your code',
      text: '{{ code }} is your code. It is valid for {{ minutes | default: 10 }} minutes.',
    },
  },
};

/** The default locale. */
export const DEMO_LOCALE = 'en';
