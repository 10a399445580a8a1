/**
 * An error whose message is written in this code and holds nothing from outside: no value of a request, a row or an
 * answer. A log may show its message; of all other errors it shows class, code and place (describe-error.ts).
 */
export abstract class OwnError extends Error {}
