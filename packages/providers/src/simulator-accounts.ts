import { generateKeyPairSync } from 'node:crypto';
import webPush from 'web-push';
import type { AccountSettings } from './account-settings.ts';
import { SIMULATOR_APNS_KEY } from './simulator/providers/apns-key.ts';
import { SIMULATOR_AWS_KEY } from './simulator/providers/ses-signature.ts';
import {
  RESEND_SIGNING_SECRET,
  SENDGRID_VERIFICATION_KEY,
  SNS_CERTIFICATE,
  SNS_TOPIC,
  TERMII_SIGNING_SECRET,
} from './simulator/receipts/keys.ts';

/**
 * Accounts of every provider that all lead to the simulator, for `npm start`, tests and benchmarks. Both environments
 * use them: on a developer's machine even a `live` key reaches nobody. Keys are made here and worth nothing elsewhere.
 */
export interface SimulatorAddress {
  /** HTTP: Resend, SendGrid, SES, Twilio, Termii and the generic provider. */
  httpUrl: string;
  /** TLS: FCM, APNs and Web Push. */
  tlsHost: string;
  tlsPort: number;
  /** File of the authority that signed the simulator's certificate. */
  caFile: string;
  /** `smtp://host:port` */
  smtpUrl: string;
  /** Where Twilio's status callbacks go: our API. Without it they name the simulator, only to carry the attempt id. */
  apiUrl?: string;
}

export function simulatorAccounts(address: SimulatorAddress): AccountSettings[] {
  const { httpUrl, tlsHost, tlsPort, caFile, smtpUrl, apiUrl } = address;
  const mail = new URL(smtpUrl);
  const tls = { host: tlsHost, port: tlsPort, caFile };
  const both: Pick<AccountSettings, 'environments'> = { environments: ['live', 'test'] };
  const from = 'Carillon <carillon@example.com>';
  const signed = { credentials: { secret: 'simulator-shared-secret' } };
  return [
    {
      id: 'resend',
      provider: 'resend',
      ...both,
      credentials: { apiKey: 're_simulator' },
      receipts: { secrets: [RESEND_SIGNING_SECRET] },
      from,
      baseUrl: httpUrl,
    },
    { id: 'smtp', provider: 'smtp', ...both, from, host: mail.hostname, port: Number(mail.port) },
    {
      id: 'generic-email',
      provider: 'generic',
      ...both,
      ...signed,
      channel: 'email',
      url: `${httpUrl}/generic/email`,
    },
    {
      id: 'twilio',
      provider: 'twilio',
      ...both,
      credentials: { accountSid: 'AC00000000000000000000000000000000', authToken: 'simulator' },
      from: '+15005550006',
      callbackBaseUrl: apiUrl ?? httpUrl,
      // The simulator lists a message in the moment it takes it.
      lookupSettlesMs: 5000,
      baseUrl: httpUrl,
    },
    {
      id: 'generic-sms',
      provider: 'generic',
      ...both,
      ...signed,
      channel: 'sms',
      url: `${httpUrl}/generic/sms`,
    },
    { id: 'fcm', provider: 'fcm', ...both, credentials: serviceAccount(tlsHost, tlsPort), ...tls },
    {
      id: 'web-push',
      provider: 'web-push',
      ...both,
      credentials: { subject: 'mailto:carillon@example.com', ...webPush.generateVAPIDKeys() },
      extraHosts: ['localhost', '127.0.0.1'],
      ...tls,
    },
    {
      id: 'generic-push',
      provider: 'generic',
      ...both,
      ...signed,
      channel: 'push',
      url: `${httpUrl}/generic/push`,
    },
    {
      id: 'sendgrid',
      provider: 'sendgrid',
      ...both,
      credentials: { apiKey: 'SG.simulator' },
      receipts: { secrets: [SENDGRID_VERIFICATION_KEY] },
      from,
      emailActivity: true,
      // The simulator shows a message in the moment it takes it.
      lookupSettlesMs: 5000,
      baseUrl: httpUrl,
    },
    {
      id: 'ses',
      provider: 'ses',
      ...both,
      credentials: SIMULATOR_AWS_KEY,
      receipts: { topicArn: SNS_TOPIC, certificate: SNS_CERTIFICATE },
      region: 'eu-west-1',
      from,
      configurationSetName: 'carillon',
      baseUrl: httpUrl,
    },
    {
      id: 'termii',
      provider: 'termii',
      ...both,
      credentials: { apiKey: 'TL-simulator' },
      receipts: { secrets: [TERMII_SIGNING_SECRET] },
      from: 'Carillon',
      lookupSettlesMs: 5000,
      baseUrl: httpUrl,
    },
    {
      id: 'apns',
      provider: 'apns',
      ...both,
      credentials: SIMULATOR_APNS_KEY,
      topic: 'com.example.carillon',
      ...tls,
    },
    { id: 'inbox', provider: 'inbox', ...both },
  ];
}

function serviceAccount(host: string, port: number) {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    project_id: 'carillon-simulator',
    client_email: 'carillon@carillon-simulator.iam.gserviceaccount.com',
    private_key: privateKey,
    token_uri: `https://${host}:${port}/token`,
  };
}
