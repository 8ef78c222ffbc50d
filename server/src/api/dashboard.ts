import { existsSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import { PublicError } from '../core/errors.ts'
import { type ControlRoute, route } from './route.ts'

/** Paths that belong to programs: what they do not have is an error, never the dashboard. */
const FOR_PROGRAMS = /^\/(api|v1|usage)(\/|$)/
const YEAR = '365d'

export const dashboardRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/*',
    summary: 'The dashboard',
    authentication: 'none',
    params: z.strictObject({ '*': z.string() }),
    answers: { 200: null },
    async handle({ dashboardFiles }, { params, raw }, reply) {
      const path = params['*']
      if (dashboardFiles.has(path) && path !== 'index.html')
        return path.startsWith('assets/')
          ? reply.sendFile(path, { maxAge: YEAR, immutable: true })
          : reply.sendFile(path, { maxAge: 0 })
      const isPage = !FOR_PROGRAMS.test(raw.url.split('?')[0]!) && (raw.headers.accept ?? '').includes('text/html')
      if (!isPage) throw new PublicError('not_found', 'There is nothing at this path.')
      if (!dashboardFiles.has('index.html'))
        throw new PublicError('not_found', 'The dashboard is not built: run npm start, or npm run build in dashboard/.')
      return reply.sendFile('index.html', { cacheControl: false })
    },
  }),
]

/** The built files, by their paths with slashes. Only what is listed here is ever served; links are not. */
export function listFiles(folder: string): ReadonlySet<string> {
  if (!existsSync(folder)) return new Set()
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Set(files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, '/')))
}
