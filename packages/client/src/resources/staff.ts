import type {
  AuditEntry,
  AuditVerification,
  CreateStaffMemberRequest,
  Operations,
  PatchStaffMemberRequest,
  Role,
  StaffMember,
  StaffMemberWithPassword,
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

  /** Pass the one-time password on: it is not shown again, and opens the page to set a password. */
  create(body: CreateStaffMemberRequest, options?: CallOptions): Promise<StaffMemberWithPassword> {
    return this.#api.call('createStaffMember', { body }, options);
  }

  list(query: { limit?: number } = {}, options?: CallOptions): Pages<StaffMember> {
    return new Pages((cursor) => this.#api.call('listStaff', { query: { ...query, cursor } }, options));
  }

  /** Changes the role, disables or enables: applies from the next request to the dashboard. */
  patch(id: string, body: PatchStaffMemberRequest, options?: CallOptions): Promise<StaffMember> {
    return this.#api.call('patchStaffMember', { path: { id }, body }, options);
  }

  /** Replaces the account's password with a one-time password, and ends all its sessions. */
  resetPassword(id: string, options?: CallOptions): Promise<StaffMemberWithPassword> {
    return this.#api.call('resetStaffPassword', { path: { id } }, options);
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
