/** The result of one check. */
export interface Finding {
  /** The subject of the check: `setting API_PORT`, `postgres version`. */
  check: string;
  level: 'ok' | 'warning' | 'error';
  /** The observation, as a sentence without a full stop. Never a secret. */
  message: string;
  /** The remedy; null if nothing is wrong. */
  remedy: string | null;
}

export const ok = (check: string, message: string): Finding => ({
  check,
  level: 'ok',
  message,
  remedy: null,
});

export const warning = (check: string, message: string, remedy: string): Finding => ({
  check,
  level: 'warning',
  message,
  remedy,
});

export const error = (check: string, message: string, remedy: string): Finding => ({
  check,
  level: 'error',
  message,
  remedy,
});

/** 0 no problems, 1 warnings, 2 errors. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ level }) => level === 'error')) return 2;
  return findings.some(({ level }) => level === 'warning') ? 1 : 0;
}
