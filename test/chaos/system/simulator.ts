import type { LedgerEntry } from '../judge/evidence.ts';

/** The simulator's own API: what its providers took, and how they behave. */
export interface Simulator {
  url: string;
  /** Everything accepted after a number, oldest first. */
  ledger(after?: number): Promise<LedgerEntry[]>;
  behave(behaviour: Record<string, unknown> & { provider: string }): Promise<void>;
  /** Forgets one provider's behaviour, or all. */
  behaveWell(provider?: string): Promise<void>;
}

interface LedgerLine {
  seq: number;
  at: string;
  provider: string;
  notification_id: string | null;
  attempt_id: string | null;
}

export function simulatorAt(url: string): Simulator {
  const must = async (answer: Response): Promise<Response> => {
    if (!answer.ok) throw new Error(`the simulator said ${answer.status}: ${await answer.text()}`);
    return answer;
  };
  return {
    url,
    async ledger(after = 0) {
      const answer = await must(await fetch(`${url}/ledger?after=${after}`));
      const lines = (await answer.text()).split('\n').filter((line) => line !== '');
      return lines.map((line) => {
        const { seq, at, provider, notification_id, attempt_id } = JSON.parse(line) as LedgerLine;
        return { seq, at: Date.parse(at), provider, notificationId: notification_id, attemptId: attempt_id };
      });
    },
    async behave(behaviour) {
      await must(await fetch(`${url}/behaviour`, { method: 'PUT', body: JSON.stringify(behaviour) }));
    },
    async behaveWell(provider) {
      const query = provider === undefined ? '' : `?provider=${provider}`;
      await must(await fetch(`${url}/behaviour${query}`, { method: 'DELETE' }));
    },
  };
}
