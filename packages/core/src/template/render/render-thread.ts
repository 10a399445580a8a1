import { parentPort } from 'node:worker_threads';
import type { Channel } from '../../notification/channel.ts';
import type { Content } from '../../notification/message.ts';
import { type ContentCheck, checkContent } from '../syntax/check.ts';
import { type Rendering, type RenderOptions, renderContent } from './render.ts';

/** Work done off the shared thread: rendering a heavy template, checking a long one. */
export type Job =
  | {
      kind: 'render';
      channel: Channel;
      content: Content;
      data: Readonly<Record<string, unknown>>;
      options: RenderOptions;
    }
  | { kind: 'check'; channel: Channel; content: Content; stage: 'template' | 'compiled' };

export type Result<J extends Job> = J extends { kind: 'render' } ? Rendering : ContentCheck;

/** The entry of a thread of the render pool (render-pool.ts): one job after the other. */
parentPort?.on('message', (job: Job) => {
  parentPort?.postMessage(
    job.kind === 'render'
      ? renderContent(job.channel, job.content, job.data, job.options)
      : checkContent(job.channel, job.content, job.stage),
  );
});
parentPort?.postMessage('ready');
