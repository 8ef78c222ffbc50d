import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Identity } from '../core/account.ts'
import type { Authentication, RouteDeclaration } from '../core/route.ts'
import type { Throttle } from '../core/throttle.ts'
import type { ControlPlaneDependencies } from './dependencies.ts'
import type { LiveStreams } from './live-streams.ts'

/** A route of the control plane, with what it does. */
export interface ControlRoute extends RouteDeclaration, Schemas {
  readonly summary: string
  handle(context: Context, request: Asked, reply: FastifyReply): Promise<unknown>
}

interface Schemas {
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** The shape of each successful answer, by status; null for one without a body. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>
}

/** What handlers work with: the dependencies, and what one control plane keeps in memory. */
export interface Context extends ControlPlaneDependencies {
  readonly signIns: Throttle
  readonly streams: LiveStreams
}

/** Who called, as its route's authentication found. */
export type Caller =
  | { readonly role: 'anybody' }
  | { readonly role: 'admin'; readonly tenantId: string; readonly expiresAtMs: number | null }
  | { readonly role: 'key'; readonly tenantId: string; readonly identity: Identity }
interface Roles {
  readonly none: 'anybody'
  readonly admin: 'admin'
  readonly key: 'key'
  readonly local: 'anybody' | 'admin'
}
type CallerOf<A extends Authentication> = Extract<Caller, { role: Roles[A] }>

interface Asked<A extends Authentication = Authentication, P = unknown, Q = unknown, B = unknown> {
  readonly caller: CallerOf<A>
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly raw: FastifyRequest
}

type Spec<A extends Authentication, P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Pick<
  ControlRoute,
  'method' | 'path' | 'summary' | 'answers'
> &
  Partial<Pick<ControlRoute, 'tenant' | 'metering' | 'bodyCapBytes' | 'deadlineMs'>> & {
    readonly authentication: A
    readonly params?: P
    readonly query?: Q
    readonly body?: B
    handle(
      context: Context,
      request: Asked<A, z.output<P>, z.output<Q>, z.output<B>>,
      reply: FastifyReply,
    ): Promise<unknown>
  }

const SMALL_BODY_BYTES = 16 * 1024
const DEADLINE_MS = 10_000

/** Declares a route; its handler gets what its schemas and its authentication say. */
export function route<
  A extends Authentication,
  P extends z.ZodType = z.ZodType<undefined>,
  Q extends z.ZodType = z.ZodType<undefined>,
  B extends z.ZodType = z.ZodType<undefined>,
>(spec: Spec<A, P, Q, B>): ControlRoute {
  return {
    tenant: spec.authentication === 'none' ? 'none' : 'own',
    metering: 'free',
    bodyCapBytes: spec.body ? SMALL_BODY_BYTES : 0,
    deadlineMs: DEADLINE_MS,
    ...spec,
  } as unknown as ControlRoute
}
