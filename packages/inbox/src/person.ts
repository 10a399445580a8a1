/**
 * Whose token it is: the same for all tokens of one person. The first part of a token is readable, for this purpose;
 * one that is not stands for itself.
 */
export function personOf(token: string): string {
  try {
    const [text] = token.replace(/^crt_/, '').split('.');
    const bytes = Uint8Array.from(atob(text!.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
      letter.charCodeAt(0),
    );
    const { app, env, id } = JSON.parse(new TextDecoder().decode(bytes));
    return JSON.stringify([app, env, id]);
  } catch {
    return token;
  }
}
