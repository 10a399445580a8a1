/**
 * Termii's `channel`: `generic` is promotional and does not reach numbers on a do-not-disturb list, `dnd`
 * reaches all and has to be activated for the account, `whatsapp` needs a device.
 */
export const TERMII_ROUTES = ['generic', 'dnd', 'whatsapp'] as const;
export type TermiiRoute = (typeof TERMII_ROUTES)[number];
