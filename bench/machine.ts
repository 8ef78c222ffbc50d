import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100

/** The cores to pin to, the harness on one and the proxy on another; undefined where that cannot be had. */
export function pinning(): { readonly harness: string; readonly proxy: string } | undefined {
  const allowed = /^Cpus_allowed_list:\s*(.*)$/m.exec(read('/proc/self/status') ?? '')?.[1]
  const cores = (allowed ?? '').split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 || 0 }, (_, index) => first + index)
  })
  return cores.length < 2 ? undefined : { harness: String(cores[0]), proxy: String(cores[1]) }
}

export interface ProcessReading {
  readonly cpuSeconds: number
  readonly rssMiB: number
  readonly peakRssMiB: number
}

/** What the kernel says of a process; not a number where there is no /proc. */
export function readProcess(pid: number | undefined): ProcessReading {
  const stat = read(`/proc/${pid}/stat`)
  const status = read(`/proc/${pid}/status`) ?? ''
  // The name in parentheses may contain spaces; user and system time are the 12th and 13th field behind it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  const mebibytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssMiB: mebibytes('VmRSS'),
    peakRssMiB: mebibytes('VmHWM'),
  }
}

/** Open files and sockets of a process; not a number where there is no /proc. */
export function countDescriptors(pid: number | undefined): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return Number.NaN
  }
}

/** Seconds that all cores together spent on processes, and that the hypervisor took away. */
export function readMachine(): { readonly busySeconds: number; readonly stolenSeconds: number } {
  const [user = Number.NaN, nice = 0, system = 0, , , , , stolen = 0] =
    /^cpu +(.*)$/m
      .exec(read('/proc/stat') ?? '')?.[1]
      ?.split(' ')
      .map(Number) ?? []
  return { busySeconds: (user + nice + system) / TICKS_PER_SECOND, stolenSeconds: stolen / TICKS_PER_SECOND }
}

/** The median time that the disk under `folder` takes to make 4 KiB durable. */
export function syncMs(folder: string): number {
  const path = join(folder, 'sync-probe')
  const file = openSync(path, 'w')
  const page = Buffer.alloc(4096, 1)
  try {
    const timesMs = Array.from({ length: 200 }, (_, index) => {
      const startMs = performance.now()
      // Over the same few pages, as a write-ahead log does between checkpoints.
      writeSync(file, page, 0, page.length, (index % 16) * page.length)
      fdatasyncSync(file)
      return performance.now() - startMs
    })
    return timesMs.toSorted((a, b) => a - b)[timesMs.length / 2] ?? Number.NaN
  } finally {
    closeSync(file)
    rmSync(path)
  }
}

export function describeMachine(): string {
  const load = loadavg()[0]?.toFixed(2)
  return `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}, load average ${load}`
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
