import type { Limit } from '../core/limit.ts'
import { type Deployments, FORMATS } from './deployments.ts'
import type { ProxyFile } from './proxy-file.ts'

/**
 * The limits that proxy.yaml asks for, of one tenant. A model named in `model_list` is limited under the model that it
 * stands for, so that another name for it does not count apart (check Q12).
 */
export function limitsFrom(proxy: ProxyFile, deployments: Deployments, tenantId: string): readonly Omit<Limit, 'id'>[] {
  return proxy.limits.map(({ scope, ...rule }) => {
    if (scope.kind === 'tenant') return { ...rule, tenantId, scope: { kind: 'tenant', id: tenantId } }
    const deployment = FORMATS.map((format) => deployments.resolve(format, scope.id)).find(
      (found) => found !== undefined,
    )
    return { ...rule, tenantId, scope: { kind: 'model', id: deployment?.model ?? scope.id } }
  })
}
