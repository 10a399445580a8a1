import type {
  AuditEntry,
  AuditVerification,
  CreateStaffMemberRequest,
  Operations,
  PatchStaffMemberRequest,
  ResetStaffPasswordRequest,
  Role,
  StaffMember,
  StaffMemberWithLink,
  StaffSession,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

/** Who may use the dashboard. Needs a live key with the scope `installation`. */
export class Staff {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** The person gets a link by e-mail; without an e-mail account `link.url` is to be handed over. It is not shown again. */
  create(body: CreateStaffMemberRequest, options?: CallOptions): Promise<StaffMemberWithLink> {
    return this.#api.call('createStaffMember', { body }, options);
  }

  list(query: { limit?: number } = {}, options?: CallOptions): Pages<StaffMember> {
    return new Pages((cursor) => this.#api.call('listStaff', { query: { ...query, cursor } }, options));
  }

  /** Changes roles or name, disables or enables: applies from the next request, 5 s later at most. */
  patch(id: string, body: PatchStaffMemberRequest, options?: CallOptions): Promise<StaffMember> {
    return this.#api.call('patchStaffMember', { path: { id }, body }, options);
  }

  /** Takes the password away, ends all sessions and makes a link for another one. */
  resetPassword(
    id: string,
    body: ResetStaffPasswordRequest = {},
    options?: CallOptions,
  ): Promise<StaffMemberWithLink> {
    return this.#api.call('resetStaffPassword', { path: { id }, body }, options);
  }

  /** The live sessions of a person. */
  sessions(id: string, options?: CallOptions): Pages<StaffSession> {
    return new Pages(() => this.#api.call('listStaffSessions', { path: { id } }, options));
  }

  async endSession(id: string, session_id: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteStaffSession', { path: { id, session_id } }, options);
  }

  roles(options?: CallOptions): Pages<Role> {
    return new Pages(() => this.#api.call('listRoles', {}, options));
  }
}

export type ListAudit = Omit<NonNullable<Operations['listAudit']['query']>, 'cursor'>;

export type ExportAudit = Operations['exportAudit']['query'];

/**
 * Who changed what: of your app, or of everything with the scope `installation`. Needs a live key with the scope
 * `audit:read`.
 */
export class Audit {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Newest first. */
  list(query: ListAudit = {}, options?: CallOptions): Pages<AuditEntry> {
    return new Pages((cursor) => this.#api.call('listAudit', { query: { ...query, cursor } }, options));
  }

  /**
   * Checks the hash chain, from the oldest entry on. `unfinished`: call it again with the cursor of the answer as `from`.
   */
  verify(query: { from?: string } = {}, options?: CallOptions): Promise<AuditVerification> {
    return this.#api.call('verifyAudit', { query: { cursor: query.from } }, options);
  }

  /** All entries that match as one text, CSV or NDJSON. A log of millions is better read as a stream, by curl. */
  export(query: ExportAudit, options?: CallOptions): Promise<string> {
    return this.#api.call('exportAudit', { query }, options);
  }
}
