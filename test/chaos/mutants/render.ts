import type { MutantOutcome } from './run-mutants.ts';

export function renderMutant({ mutant, scenario, findings, isRight, log }: MutantOutcome): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))].join(', ') || 'nothing';
  if (!mutant) {
    const head = `  ${isRight ? 'sound    ' : 'BROKEN   '} the product as it is | ${scenario}: found ${rules}`;
    return isRight
      ? head
      : `${head}${findings.map(({ rule, why }) => `\n            ${rule}: ${why}`).join('')}\n${log}`;
  }
  const head = `  ${isRight ? 'noticed  ' : 'UNNOTICED'} ${mutant.name} | ${scenario}: found ${rules}`;
  return isRight ? head : `${head}, expected ${mutant.expects.join(' or ')}\n${log}`;
}
