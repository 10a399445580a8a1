import type { Campaign, PatchCampaignRequest } from '@carillon/client/api-types';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { CarillonError, exchange } from '../../api/call.ts';
import { useHere } from '../../api/session.tsx';
import { campaignKey, type Read, readCampaign } from '../read.ts';

/** What a step of the wizard is given. */
export interface StepProps {
  campaign: Campaign;
  readOnly: boolean;
  /**
   * Stores some members.
   *
   * @returns false where somebody else changed it meanwhile: the page then shows what is there now.
   * @throws CarillonError for everything else.
   */
  save(patch: PatchCampaignRequest): Promise<boolean>;
  /** To the step after this one. */
  next(): void;
}

/** Two people changed it: what was asked for, and what is there now. */
export interface Clash {
  patch: PatchCampaignRequest;
  now: Read;
}

/** A draft that is being written, and how it is stored: never over what somebody else stored meanwhile. */
export function useDraft(id: string) {
  const { tenant } = useHere();
  const queries = useQueryClient();
  const [clash, setClash] = useState<Clash | null>(null);
  const key = campaignKey(tenant, id);
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readCampaign(id, signal),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  });
  const accept = (read: Read) => {
    setClash(null);
    queries.setQueryData(key, read);
    void queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, 'campaigns'] });
  };
  const saveFrom = async (from: Read, patch: PatchCampaignRequest): Promise<boolean> => {
    try {
      const stored = await exchange('patchCampaign', { path: { id }, body: patch }, { ifMatch: from.etag });
      accept({ campaign: stored.body, etag: stored.header('etag') ?? '' });
      return true;
    } catch (failure) {
      if (!(failure instanceof CarillonError) || failure.code !== 'conflict') throw failure;
      setClash({ patch, now: await readCampaign(id) });
      return false;
    }
  };
  return {
    query,
    clash,
    accept,
    save: (patch: PatchCampaignRequest) => saveFrom(query.data!, patch),
    /** Their other changes stay; only what this step writes is replaced. */
    keepMine: () => (clash === null ? Promise.resolve(false) : saveFrom(clash.now, clash.patch)),
    takeTheirs: () => clash !== null && accept(clash.now),
  };
}

/**
 * Asks before a step with changes is left.
 *
 * @returns called before a move that is meant, so that nothing is asked; with `false` once that failed.
 */
export function useUnsaved(isDirty: boolean): (isMeant?: boolean) => void {
  const meant = useRef(false);
  useBlocker({
    shouldBlockFn: ({ current, next }) => {
      const stepOf = ({ search }: { search: unknown }) => (search as { step?: string }).step;
      // The choice of a time changes the address too.
      if (current.pathname === next.pathname && stepOf(current) === stepOf(next)) return false;
      if (!isDirty || meant.current) return false;
      return !window.confirm('What you changed on this step is not saved. Leave it?');
    },
    enableBeforeUnload: () => isDirty && !meant.current,
  });
  return (isMeant = true) => {
    meant.current = isMeant;
  };
}
