import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { join } from 'node:path'
import { Agent } from 'undici'
import packageJson from '../package.json' with { type: 'json' }
import { isSameInstallation } from './accounts/administrator.ts'
import { openAccounts } from './accounts/accounts.ts'
import { openSecrets } from './accounts/secrets.ts'
import { controlPlane } from './api/control-plane.ts'
import { openDataFolder } from './config/data-folder.ts'
import { deploymentsFrom } from './config/deployments.ts'
import type { Configuration } from './config/env.ts'
import { readFiles } from './config/files.ts'
import { limitsFrom } from './config/limits.ts'
import { ConfigurationError } from './core/errors.ts'
import { type FirstStart, firstStart } from './first-start.ts'
import { DRAIN_CAPS, drains } from './gateway/drain.ts'
import type { Gateway } from './gateway/gateway.ts'
import { health } from './gateway/health.ts'
import { openCalls } from './gateway/open-calls.ts'
import { proxyRouter } from './gateway/router.ts'
import { type HttpServer, serve } from './http-server.ts'
import { openLedger } from './ledger/ledger.ts'
import { liveHints } from './ledger/live.ts'
import { type Log, openLog } from './log.ts'
import { priceBookFrom } from './pricing/price-book.ts'
import { ENDPOINTS } from './providers/endpoints/all.ts'
import { FORMATS } from './providers/formats/all.ts'
import { jsonBodyFraming } from './providers/framing/json-body.ts'
import { sseFraming } from './providers/framing/sse.ts'
import { startSimulator } from './providers/simulator/simulator.ts'
import { estimateTokens, exactInputTokens } from './providers/tokenizer.ts'
import { openReports } from './reports/reports.ts'
import { openSqlite } from './stores/sqlite/open.ts'

/** The one tenant of an installation that nobody has divided. */
export const DEFAULT_TENANT = 'default'
/** A provider may think for minutes before its first byte. */
const UPSTREAM_TIMEOUT_MS = 600_000
const SETTLE_PATIENCE_MS = 10_000

export interface Application {
  readonly url: string
  /** What can be read only now: on the very first start. */
  readonly first: FirstStart | undefined
  /** Takes no more calls, waits for those under way, and lets everything go. */
  close(): Promise<void>
}

/** Chooses the adapters, wires the rooms, and listens. Throws ConfigurationError with one line for people. */
export async function start(
  configuration: Configuration,
  crashPoint: (name: string) => void = () => {},
): Promise<Application> {
  const log = openLog(configuration.logLevel)
  const files = readFiles(configuration.configFolder)
  for (const notice of files.proxy.notices) log.notice(notice)
  const prices = priceBookFrom(files.pricing, files.models)
  const folder = openDataFolder(configuration.dataFolder)
  const secrets = openSecrets(configuration.appSecretKey ?? folder.installationSecret())
  const stores = openSqlite(configuration.database.file, { crashPoint })
  if (!(await isSameInstallation(stores.accounts, secrets)))
    throw new ConfigurationError(
      `${configuration.database.file} was begun under another secret: give back its APP_SECRET_KEY or ${join(configuration.dataFolder, 'secret')}.`,
    )
  const simulator = await startSimulator()
  const deployments = deploymentsFrom(configuration, files, prices, simulator.baseUrl)
  const accounts = await openAccounts({ store: stores.accounts, reports: stores.reports, secrets, now: Date.now })
  const reports = openReports(stores.reports, stores.ledger, Date.now)
  const live = liveHints(stores.ledger, (error) => log.report('live hints failed', error))
  const ledger = await openLedger({
    store: stores.ledger,
    writerId: randomUUID(),
    leaseMs: configuration.leaseMs,
    onCommitted: live.committed,
    onError: (error) => log.report('the lease could not be renewed, or holds of dead writers not be ended', error),
  })
  const tenant = await stores.accounts.tenant(DEFAULT_TENANT)
  for (const rule of limitsFrom(files.proxy, deployments, tenant.id)) await accounts.putLimit(rule)
  const first = await firstStart(accounts, folder, tenant.id)

  const dispatcher = new Agent({ connect: { timeout: 10_000 } })
  const timeoutMs = configuration.upstreamTimeoutMs ?? UPSTREAM_TIMEOUT_MS
  const gateway: Gateway = {
    identify: accounts.identify,
    refresh: accounts.refresh,
    deployments,
    health: health(files.proxy.routing, Date.now),
    retries: files.proxy.routing.retries,
    openCalls: openCalls(),
    events: { sent: () => {}, ended: () => {}, refused: () => {} },
    prices,
    ledger,
    formats: FORMATS,
    endpoints: ENDPOINTS,
    framings: { stream: sseFraming, body: jsonBodyFraming },
    tokens: { estimateTokens, exactInputTokens },
    dispatcher,
    drains: drains(DRAIN_CAPS),
    timeouts: { headersMs: timeoutMs, idleMs: timeoutMs, settleMs: SETTLE_PATIENCE_MS },
    // In order of time, so that neighbours in time are neighbours in every index.
    newId: randomUUIDv7,
    nowMs: Date.now,
    report: log.report,
    crashPoint,
  }
  const control = controlPlane({
    ...{ accounts, reports, ledger, prices, live, version: packageJson.version, report: log.report },
    ready: () => (ledger.isFailing ? ['the ledger cannot be written'] : []),
    dashboardFolder: join(import.meta.dirname, '../../dashboard/dist'),
    secure: false,
    newId: randomUUIDv7,
    now: Date.now,
  })
  await control.ready()
  const server = await serve(configuration, proxyRouter(gateway), control.handler)
  return {
    url: server.url,
    first,
    close: () => closeAll(log, [control, server, ledger, dispatcher, simulator, stores]),
  }
}

/** In order: whoever uses another is closed before it. */
async function closeAll(log: Log, parts: readonly Pick<HttpServer, 'close'>[]): Promise<void> {
  for (const part of parts)
    try {
      await part.close()
    } catch (error) {
      log.report('a part did not close', error)
    }
}
