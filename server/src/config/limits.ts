import type { Limit } from '../core/limit.ts'
import type { Deployments } from './deployments.ts'
import type { ProxyFile } from './proxy-file.ts'

/**
 * The limits that proxy.yaml asks for, of one tenant. A model named in `model_list` is limited under the models that it
 * stands for, so that another name for it does not count apart (check Q12).
 */
export function limitsFrom(
  proxy: ProxyFile,
  deployments: Pick<Deployments, 'canonical'>,
  tenantId: string,
): readonly Omit<Limit, 'id'>[] {
  return proxy.limits.flatMap(({ scope, ...rule }): Omit<Limit, 'id'>[] => {
    if (scope.kind === 'tenant') return [{ ...rule, tenantId, scope: { kind: 'tenant', id: tenantId } }]
    return deployments.canonical(scope.id).map((id) => ({ ...rule, tenantId, scope: { kind: 'model', id } }))
  })
}
