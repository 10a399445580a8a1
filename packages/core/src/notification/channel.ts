/** The ways a notification can reach a person. A notification's route is an ordered list of these. */
export const CHANNELS = ['email', 'sms', 'push', 'in_app'] as const;
export type Channel = (typeof CHANNELS)[number];
