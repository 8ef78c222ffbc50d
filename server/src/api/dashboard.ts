import { z } from 'zod'
import { PublicError } from '../core/errors.ts'
import { type ControlRoute, route } from './route.ts'

/** Paths that belong to programs: what they do not have is an error, never the dashboard. */
const FOR_PROGRAMS = /^(api|v1|usage)(\/|$)/
const YEAR = '365d'

export const dashboardRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/*',
    summary: 'The dashboard: its page for whoever navigates, its files for the page',
    authentication: 'none',
    params: z.strictObject({ '*': z.string() }),
    answers: { 200: null },
    async handle({ isDashboardFile }, { params: { '*': path }, raw }, reply) {
      if (FOR_PROGRAMS.test(path)) throw new PublicError('not_found', 'There is nothing at this path.')
      // Browsers ask for pages with text/html, and for scripts, styles and images without it.
      const isPage = path === '' || (raw.headers.accept ?? '').includes('text/html')
      if (!isDashboardFile(isPage ? 'index.html' : path)) return reply.callNotFound()
      if (isPage) return reply.sendFile('index.html', { maxAge: 0 })
      // The names of assets carry a hash of what is in them.
      return reply.sendFile(path, path.startsWith('assets/') ? { maxAge: YEAR, immutable: true } : { maxAge: 0 })
    },
  }),
]
