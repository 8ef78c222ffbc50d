import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { FOLDER_VARIABLE } from './shared.ts'

const ENDS_WITHIN_MS = 10_000

/** Around a run of Vitest: a folder for the engines that its tests start, which end with it. */
export default function setup(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'token-trackr-engines-'))
  // The engines may run as another user.
  chmodSync(folder, 0o711)
  process.env[FOLDER_VARIABLE] = folder
  return async () => {
    await endPostgres(join(folder, 'postgres', 'data', 'postmaster.pid'))
    endDynamo(join(folder, 'dynamodb', 'pid'))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** It keeps everything in memory, so there is nothing to wait for. */
function endDynamo(pidFile: string): void {
  if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
}

/** As a crash would: nobody needs its data any more. */
async function endPostgres(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
  process.kill(pid, 'SIGQUIT')
  const deadline = AbortSignal.timeout(ENDS_WITHIN_MS)
  while (existsSync(pidFile) && !deadline.aborted) await delay(20)
}
