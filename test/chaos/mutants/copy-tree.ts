import { cpSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/** The files of the programs and this suite. */
const OURS = ['apps', 'packages', 'db', 'deploy', 'test', 'bench', 'package.json', 'tsconfig.json'];
const WORKSPACES = ['apps', 'packages'];

/**
 * A copy of the checkout in which files can be changed without touching the checkout: sources are copied, third-party
 * packages are linked, and `@carillon/*` leads into the copy.
 */
export function copyTree(root: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const name of OURS)
    cpSync(path.join(root, name), path.join(target, name), {
      recursive: true,
      filter: (source) => path.basename(source) !== 'node_modules',
    });
  linkPackages(realpathSync(path.join(root, 'node_modules')), target);
}

/**
 * Links the packages of one checkout into another, whose own workspaces are found under `@carillon`.
 *
 * @param from a `node_modules`.
 * @param target the top of the other checkout.
 */
export function linkPackages(from: string, target: string): void {
  const modules = path.join(target, 'node_modules');
  mkdirSync(path.join(modules, '@carillon'), { recursive: true });
  for (const name of readdirSync(from))
    if (name !== '@carillon') symlinkSync(path.join(from, name), path.join(modules, name));
  for (const workspace of WORKSPACES)
    for (const name of readdirSync(path.join(target, workspace)))
      symlinkSync(path.join(target, workspace, name), path.join(modules, '@carillon', name));
  symlinkSync(path.join(target, 'db'), path.join(modules, '@carillon', 'db'));
}
