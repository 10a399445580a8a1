import { useEffect, useId, useRef } from 'react';

/**
 * Somebody's message, in a frame without scripts, forms, links out and requests: only its own markup, inline styles and
 * embedded images. The dashboard's server returns it under a policy of its own, because a frame made here would have
 * the one of this page, which forbids inline styles.
 */
export function MessageFrame({ html, title }: { html: string; title: string }) {
  // A new frame for each text: going back would lead through the earlier ones.
  return <Frame key={html} html={html} title={title} />;
}

function Frame({ html, title }: { html: string; title: string }) {
  const name = `message${useId()}`;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.submit(), []);
  return (
    <>
      <form ref={form} method="post" action="/message-frame" target={name} hidden>
        <textarea name="html" defaultValue={html} readOnly tabIndex={-1} />
      </form>
      <iframe className="message-frame" name={name} title={title} sandbox="" referrerPolicy="same-origin" />
    </>
  );
}
