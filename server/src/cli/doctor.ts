import type { Command } from 'commander'
import { installationFindings } from './doctor-installation.ts'
import { serverFindings } from './doctor-server.ts'
import { EXIT, Failure } from './failure.ts'
import type { Finding } from './finding.ts'
import type { Column } from './table.ts'
import type { World } from './world.ts'

const COLUMNS: readonly Column<Finding>[] = [
  { title: '', of: (finding) => finding.state },
  { title: 'check', of: (finding) => finding.check },
  { title: 'detail', of: (finding) => finding.detail },
  { title: 'what to do', of: (finding) => finding.fix ?? '' },
]

export function addDoctor(program: Command, world: World): void {
  program
    .command('doctor')
    .description('is everything as it should be? Each line says what to do where it is not')
    .action(async () => {
      const findings = [...(await serverFindings(world)), ...(await installationFindings(world))]
      const failed = findings.filter(({ state }) => state === 'fail').length
      world.out.show({ ok: failed === 0, findings }, COLUMNS, findings, '')
      if (failed > 0) throw new Failure(`${failed} of ${findings.length} checks failed.`, EXIT.error)
    })
}
