import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { join } from 'node:path'
import { Agent } from 'undici'
import packageJson from '../package.json' with { type: 'json' }
import { openAccounts } from './accounts/accounts.ts'
import { openCredentials } from './accounts/credentials.ts'
import { openSecrets } from './accounts/secrets.ts'
import { controlPlane } from './api/control-plane.ts'
import { nameOf } from './config/database.ts'
import { openDataFolder } from './config/data-folder.ts'
import { deploymentsFrom } from './config/deployments.ts'
import { type Configuration, isLoopback, withKept } from './config/env.ts'
import { readFiles } from './config/files.ts'
import { limitsFrom } from './config/limits.ts'
import { readTls } from './config/tls.ts'
import { ConfigurationError } from './core/errors.ts'
import { fewNames } from './core/few-names.ts'
import { openGuesses } from './core/guesses.ts'
import { filesIn } from './dashboard-files.ts'
import { type FirstStart, firstStart } from './first-start.ts'
import { proxyRouter } from './gateway/router.ts'
import { simulate } from './gateway/simulate.ts'
import { vaultUnder } from './installation.ts'
import { unprovenCopy } from './ledger/copy.ts'
import { openLedger } from './ledger/ledger.ts'
import { liveHints } from './ledger/live.ts'
import { serve } from './operation/http-server.ts'
import { openLog } from './operation/log.ts'
import { closing } from './operation/stop.ts'
import { priceBookFrom } from './pricing/price-book.ts'
import { guardedLookup } from './providers/guarded-lookup.ts'
import { startSimulator } from './providers/simulator/simulator.ts'
import { openStores } from './open-stores.ts'
import { openReports } from './reports/reports.ts'
import { chatOverConverse } from './translation/chat-over-converse.ts'
import { openLoopback } from './translation/loopback.ts'
import { channelsFrom, waitingOf, wireAlerts } from './wire-alerts.ts'
import { wireFailOpen } from './wire-fail-open.ts'
import { wireGateway } from './wire-gateway.ts'
import { wireOperation } from './wire-operation.ts'
import { wireRedis } from './wire-redis.ts'

/** The one tenant of an installation that nobody has divided. */
export const DEFAULT_TENANT = 'default'

const CONNECT_TIMEOUT_MS = 10_000
/** Services start together: the database may take longer. Nothing is served before it is there. */
const DATABASE_WAIT_MS = 30_000
const MOST_NEW_NAMES_PER_DAY = 200
/** How long keys are believed that nobody can be asked about, where calls may go without the ledger. */
const KNOWN_UNREACHED_MS = 15 * 60_000

const DASHBOARD = join(import.meta.dirname, '../../dashboard/dist')

export interface Application {
  readonly url: string
  /** What can be read only now: on the very first start. */
  readonly first: FirstStart | undefined
  /** Reads the certificate and its key again; where they cannot be used, those that are in use stay. */
  renewTls(): void
  /** Takes no more calls, waits for those under way, and lets everything go. Answers whether all of it could be done. */
  close(): Promise<boolean>
  /** Tells the log of an error that nobody expected. */
  report(problem: string, error: unknown): void
}

/** Chooses the adapters, wires the rooms, and listens. Throws ConfigurationError with one line for people. */
export async function start(
  configuration: Configuration,
  crashPoint: (name: string) => void = () => {},
): Promise<Application> {
  const { tls, host, port, isBehindProxy, isTrustedProxy, stopMs } = configuration
  const pair = tls && readTls(tls)
  const log = openLog(configuration.logLevel)
  const files = readFiles(configuration.configFolder)
  for (const notice of files.proxy.notices) log.notice(notice)
  const prices = priceBookFrom(files.pricing, files.models)
  const folder = openDataFolder(configuration.dataFolder)
  const secret = configuration.appSecretKey ?? folder.installationSecret()
  for (const hidden of [secret, ...configuration.secrets]) log.conceal(hidden)
  const stores = await openStores(configuration.database, {
    waitMs: DATABASE_WAIT_MS,
    // Points that nobody looks at are not made: some engines then need fewer steps.
    ...(configuration.crashAt !== undefined && { crashPoint }),
  })
  const unproven = unprovenCopy(await stores.accounts.setting('copy'))
  if (unproven !== undefined)
    throw new ConfigurationError(
      `${nameOf(configuration.database)} is a copy of ${unproven} that was not finished. Finish it: token-trackr copy --from … --to …`,
    )
  const vault = await vaultUnder(secret, stores.accounts, { ...configuration, name: nameOf(configuration.database) })
  const kept = new Map(Object.entries(vault.credentials).map(([name, { value }]) => [name, value]))
  for (const hidden of [vault.hashing, ...kept.values()]) log.conceal(hidden)
  const simulator = await startSimulator()
  const deployments = deploymentsFrom(withKept(configuration, kept), files, prices, simulator.baseUrl)
  const secrets = openSecrets(secret, vault.hashing)
  const { failOpenCalls } = files.proxy
  const accounts = await openAccounts({
    ...{ store: stores.accounts, reports: stores.reports, secrets, now: Date.now },
    unreachedMs: failOpenCalls > 0 ? KNOWN_UNREACHED_MS : 0,
  })
  const reports = openReports(stores, Date.now)
  const redis = await wireRedis(configuration, secrets, log)
  const live = liveHints(stores.ledger, (error) => log.report('live hints failed', error), redis?.hints)
  const operation = wireOperation({
    ...{ log, store: stores.ledger, prices, deployments, redis, version: packageJson.version },
  })
  const failOpen = await wireFailOpen({
    ...{ configuration, accounts, log, events: operation.events },
    mostCalls: new Map([[DEFAULT_TENANT, failOpenCalls]]),
  })
  const lookup = guardedLookup(configuration.privateHosts)
  const dispatcher = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, lookup } })
  const channels = channelsFrom(configuration, dispatcher)
  const ledger = await openLedger({
    store: operation.store,
    writerId: randomUUID(),
    leaseMs: configuration.leaseMs,
    tellOver: channels.map(({ name }) => name),
    knownRefusals: redis?.refusals,
    failOpen,
    onCommitted: live.committed,
    onError: (error) => log.report('the lease could not be renewed, or holds of dead writers not be ended', error),
  })
  const tenant = await stores.accounts.tenant(DEFAULT_TENANT)
  for (const rule of limitsFrom(files.proxy, deployments, tenant.id)) await accounts.putLimit(rule)
  const first = await firstStart(accounts, folder, tenant.id)

  const guesses = openGuesses(Date.now)
  const names = fewNames(MOST_NEW_NAMES_PER_DAY)
  const alerts = wireAlerts(stores, channels, { log, events: operation.events })
  const loopback = await openLoopback()
  const gateway = wireGateway({
    ...{ translation: chatOverConverse(loopback), isOwnDoor: loopback.has },
    ...{ configuration, routing: files.proxy.routing, deployments, prices, ledger, names, dispatcher, crashPoint },
    ...{ accounts, guesses },
    ...{ openCalls: operation.openCalls, drains: operation.drains, events: operation.events, report: log.report },
  })
  const router = proxyRouter(gateway)
  loopback.answerBy(router)
  const ready = () => [
    ...(operation.openCalls.isRefusing ? ['the server is stopping'] : []),
    ...(ledger.isFailing && !ledger.failOpen?.hasRoom(tenant.id) ? ['the ledger cannot be written'] : []),
  ]
  const spooledCalls = () => ledger.failOpen?.depth ?? 0
  const control = controlPlane({
    ...{ accounts, guesses, reports, alerts, ledger, prices, names, live, canonical: deployments.canonical, ready },
    ...{ version: packageJson.version, report: log.report },
    ...{ secure: pair !== undefined, isLocalOnly: isLoopback(host) && !isBehindProxy, isTrustedProxy },
    credentials: openCredentials({ store: stores.accounts, secret, conceal: log.conceal, now: Date.now }),
    metrics: operation.metricsOf({
      ...{ isReady: () => ready().length === 0, spooledCalls, alertsWaiting: () => waitingOf(alerts) },
    }),
    spooledCalls,
    simulate: (call, of) => simulate(gateway, call, of),
    health: gateway.health.all,
    dashboardFolder: DASHBOARD,
    isDashboardFile: filesIn(DASHBOARD),
    newId: randomUUIDv7,
    now: Date.now,
  })
  await control.ready()
  const server = await serve({ host, port, tls: pair, doorUrl: loopback.url }, router, control.handler)
  operation.events.started(server.url, packageJson.version)
  return {
    url: server.url,
    first,
    report: log.report,
    renewTls: () => tls && operation.renewTls(() => server.renewTls(readTls(tls))),
    close: closing({
      ...{ server, stopMs, openCalls: operation.openCalls, events: operation.events, log },
      parts: {
        control,
        server,
        alerts,
        ledger,
        ...(redis && { redis }),
        dispatcher,
        simulator,
        loopback,
        stores,
        operation,
      },
    }),
  }
}
