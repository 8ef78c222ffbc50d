import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { PublicError } from '../core/errors.ts'
import { fieldError } from './answer-errors.ts'
import { authenticateSlowly } from './authentication.ts'
import { describeRoute } from './describe.ts'
import type { Caller, Context, ControlRoute } from './route.ts'
import { CONTROL_ROUTES } from './routes.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const
/** What Fastify needs as a cap where a route takes no body. */
const NO_BODY_BYTES = 1

/**
 * Gives a declared route to Fastify. Who calls is found out before a byte of the body is read; then the parts of the
 * request are checked, so that a handler sees only what its schemas say.
 */
export function register(app: FastifyInstance, context: Context, route: ControlRoute): void {
  const { method, path, authentication, bodyCapBytes, deadlineMs } = route
  const callers = new WeakMap<FastifyRequest, Caller>()
  app.route({
    method,
    url: path,
    schema: describeRoute(route),
    validatorCompiler: () => () => true,
    bodyLimit: Math.max(NO_BODY_BYTES, bodyCapBytes),
    ...(deadlineMs !== null && { handlerTimeout: deadlineMs }),
    async onRequest(request) {
      requireIdentityEncoding(request)
      callers.set(request, await authenticateSlowly(context, authentication, request))
    },
    async handler(request, reply) {
      const asked = {
        caller: callers.get(request) as never,
        params: check(route.params, request.params, 'path'),
        query: path === '/*' ? undefined : check(route.query, request.query, 'query'),
        body: check(route.body, request.body, 'body'),
        raw: request,
      }
      if (path !== '/*') reply.header('cache-control', 'no-store')
      const answer = await route.handle(context, asked, reply)
      if (reply.sent || answer === reply) return reply
      return answer === undefined ? reply.send() : answer
    },
  })
  if (path !== '/*' && isFirstOfPath(route)) refuseOtherMethods(app, path)
}

/** A part of the request as its schema has it. A part without a schema must not say anything. */
function check(schema: z.ZodType | undefined, given: unknown, part: 'path' | 'query' | 'body'): unknown {
  if (!schema) {
    const [field] = Object.keys(given ?? {})
    if (field === undefined || part === 'path') return undefined
    throw new PublicError('invalid_field', `${field}: is not a field of this request.`, { field: field.slice(0, 200) })
  }
  if (part === 'body' && given == null) throw new PublicError('invalid_json', 'The body is missing.')
  const result = schema.safeParse(given)
  if (!result.success) throw fieldError(result.error)
  return result.data
}

function requireIdentityEncoding({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    throw new PublicError('unsupported_media_type', 'The body must not be compressed.')
}

function isFirstOfPath(route: ControlRoute): boolean {
  return CONTROL_ROUTES.find(({ path }) => path === route.path) === route
}

function refuseOtherMethods(app: FastifyInstance, path: string): void {
  const allowed = CONTROL_ROUTES.filter((route) => route.path === path).map(({ method }) => method as string)
  app.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url: path,
    schema: { hide: true },
    async onRequest(_request: FastifyRequest, reply: FastifyReply) {
      reply.header('allow', allowed.join(', '))
      throw new PublicError('method_not_allowed', `This path takes ${allowed.join(', ')}.`)
    },
    handler: async () => undefined,
  })
}
