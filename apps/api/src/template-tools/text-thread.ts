import { parentPort } from 'node:worker_threads';
import { compile } from 'html-to-text';

export interface TextJob {
  html: string;
}

/** Links behind their words, no images, headings as they are written. */
const convert = compile({
  wordwrap: 100,
  selectors: [
    { selector: 'img', format: 'skip' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
});

/** The entry of the thread that makes plain texts of HTML: one job after the other. */
parentPort?.on('message', ({ html }: TextJob) => {
  parentPort?.postMessage(convert(html));
});
parentPort?.postMessage('ready');
