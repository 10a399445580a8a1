/**
 * What decides a doubt that no evidence settles, chosen per category:
 * `resolve` waits for evidence until a deadline; then critical ones are sent again, the others wait for a person.
 * `at_least_once` sends again after the deadline. `at_most_once` never sends again what may have arrived.
 * `ask` leaves every doubt that evidence cannot settle to a person.
 */
export const DELIVERY_POLICIES = ['resolve', 'at_least_once', 'at_most_once', 'ask'] as const;
export type DeliveryPolicy = (typeof DELIVERY_POLICIES)[number];
