/** For tests of durability: kills the process, as a power cut would, when the n-th crash point is reached. */
export function crashAt(point: number | undefined): (name: string) => void {
  if (point === undefined) return () => {}
  let reached = 0
  return () => {
    reached++
    if (reached === point) process.kill(process.pid, 'SIGKILL')
  }
}
