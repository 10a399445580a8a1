/**
 * Somebody's message, in a frame without scripts, forms, links out and requests: only its own markup, inline styles and
 * embedded images. The policy is inside the frame, and the sandbox around it.
 */
export function MessageFrame({ html, title }: { html: string; title: string }) {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data: cid:; font-src 'none'";
  const page = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><base target="_blank">${html}`;
  return (
    <iframe className="message-frame" title={title} sandbox="" srcDoc={page} referrerPolicy="no-referrer" />
  );
}
