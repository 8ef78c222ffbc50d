/** What code of others reaches a machine by: manifests and lock files by path, workflows of CI, and our own installer. */
export interface Supply {
  readonly manifests: Readonly<Record<string, { readonly scripts?: Readonly<Record<string, string>> }>>
  readonly locks: Readonly<Record<string, { readonly packages: Readonly<Record<string, LockedPackage>> }>>
  readonly workflows: readonly string[]
  readonly installer: string
}
interface LockedPackage {
  readonly integrity?: string
  readonly link?: boolean
}

/** What npm runs by itself when somebody installs, packs or publishes. */
const RUN_BY_NPM = /^(pre|post)?(install|prepare|publish|pack|prepublishOnly|uninstall)$/

/**
 * Where something could run, or be replaced, that nobody has looked at (S60): a script of ours that npm runs by itself, a package
 * without a checksum, an action of CI that a tag names, an installer that lets packages run scripts.
 */
export function supplyFaults({ manifests, locks, workflows, installer }: Supply): string[] {
  return [
    ...Object.entries(manifests).flatMap(([path, { scripts = {} }]) =>
      Object.keys(scripts)
        .filter((name) => RUN_BY_NPM.test(name))
        .map((name) => `${path} has a script that npm runs by itself: ${name}`),
    ),
    ...Object.entries(locks).flatMap(([path, { packages }]) =>
      Object.entries(packages)
        .filter(
          ([name, { integrity, link }]) => name.includes('node_modules/') && !link && !integrity?.startsWith('sha512-'),
        )
        .map(([name]) => `${path} has no checksum of ${name}`),
    ),
    ...workflows
      .flatMap((text) => [...text.matchAll(/uses:\s*(\S+)/g)].map(([, action = '']) => action))
      .filter((action) => !/@[0-9a-f]{40}$/.test(action))
      .map((action) => `${action} is not pinned to a commit`),
    ...(installer.includes("'--ignore-scripts'") ? [] : ['the installer lets packages run scripts']),
  ]
}
