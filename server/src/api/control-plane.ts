import type { IncomingMessage, ServerResponse } from 'node:http'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import files from '@fastify/static'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { PublicError } from '../core/errors.ts'
import { throttle } from '../core/throttle.ts'
import { answerError } from './answer-errors.ts'
import type { ControlPlaneDependencies } from './dependencies.ts'
import { liveStreams } from './live-streams.ts'
import { openApi } from './describe.ts'
import { register } from './register.ts'
import type { Context } from './route.ts'
import { CONTROL_ROUTES } from './routes.ts'
import { strictJson, writeJson } from './json.ts'

export interface ControlPlane {
  /** Answers a request. The server itself is somebody else's, and asks the gateway first. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** Resolves once requests can be handled. */
  ready(): Promise<void>
  /** Ends live streams, and waits for the requests that are being answered. */
  close(): Promise<void>
}

/** Everything that is not a proxied model call: the REST API, sign-in, live hints and the dashboard's files. */
export function controlPlane(dependencies: ControlPlaneDependencies): ControlPlane {
  const app = buildControlPlane(dependencies)
  return {
    handler: (request, response) => app.routing(request, response),
    ready: async () => {
      await app.ready()
    },
    close: () => app.close(),
  }
}

/** Ids have up to 200 characters, each up to 12 bytes when percent-encoded. */
const LONGEST_PARAM = 2_500
const MOST_STREAMS = 200
/** Ten wrong secrets at once, then one every six seconds. */
const SIGN_INS = { most: 10, everyMs: 6_000 }

/** The control plane as a Fastify instance, for tests and for its description. */
export function buildControlPlane(dependencies: ControlPlaneDependencies): FastifyInstance {
  const { now, report, live, secure, dashboardFolder, isTrustedProxy } = dependencies
  const context: Context = {
    ...dependencies,
    signIns: throttle(SIGN_INS.most, SIGN_INS.everyMs, now),
    streams: liveStreams({
      subscribe: live.subscribe,
      now,
      most: MOST_STREAMS,
      hintEveryMs: 500,
      pingEveryMs: 15_000,
    }),
  }
  const app = Fastify({
    exposeHeadRoutes: false,
    forceCloseConnections: false,
    trustProxy: isTrustedProxy,
    routerOptions: { maxParamLength: LONGEST_PARAM },
    frameworkErrors: (error, _request, reply) => void answerError(error, reply, report),
  })
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, report))
  app.setNotFoundHandler((request, reply) => answerError(notFound(request), reply, report))
  app.setSerializerCompiler(() => writeJson)
  app.setReplySerializer(writeJson)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    strictJson(body),
  )
  app.addHook('preClose', async () => context.streams.closeAll())
  app.register(helmet, securityHeaders(secure))
  app.register(cookie)
  app.register(files, { root: dashboardFolder, serve: false, dotfiles: 'deny' })
  app.register(swagger, openApi())
  app.register(async (routes) => {
    for (const route of CONTROL_ROUTES) register(routes, context, route)
  })
  return app
}

/** Also where the built dashboard lacks a file; without its page, it was not built. */
function notFound({ url, headers }: FastifyRequest): PublicError {
  const isPage = url === '/' || (headers.accept ?? '').includes('text/html')
  return new PublicError(
    'not_found',
    isPage ? 'There is nothing here: the dashboard is not built.' : 'There is nothing at this path.',
  )
}

/** Everything from here alone, nothing inline, and nobody frames us. */
function securityHeaders(secure: boolean) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' as const },
    referrerPolicy: { policy: 'no-referrer' as const },
    strictTransportSecurity: secure,
  }
}
