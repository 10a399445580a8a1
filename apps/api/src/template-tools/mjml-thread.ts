import { parentPort } from 'node:worker_threads';
import type { MjmlResult } from '@carillon/core/template/compile/compile';
import mjml2html from 'mjml';

export interface MjmlJob {
  source: string;
  locale: string;
}

/**
 * The entry of the thread that compiles MJML: one job after the other. The compiler takes a second and 100 MB to load; the thread
 * says that it is ready when it is loaded, so that no job pays for it with its time.
 */
parentPort?.on('message', async (job: MjmlJob) => {
  parentPort?.postMessage(await compiled(job));
});
parentPort?.postMessage('ready');

/** No fonts of others unless the author names them, no includes, not minified: that costs 200 ms and changes Liquid. */
const OPTIONS = { validationLevel: 'soft', fonts: {}, keepComments: false, ignoreIncludes: true } as const;

async function compiled({ source, locale }: MjmlJob): Promise<MjmlResult> {
  try {
    const { html, errors } = await mjml2html(source, OPTIONS);
    return {
      html: html.replace('<html lang="und"', `<html lang="${locale}"`),
      errors: errors.map(({ line, message, tagName }) => ({
        line,
        message: `<${tagName}>: ${message.trim()}`,
      })),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint =
      'it must be one <mjml> with an <mj-body> in it; what is inside of a layout goes without both';
    return { html: '', errors: [{ line: 1, message: `${message} (${hint})` }] };
  }
}
