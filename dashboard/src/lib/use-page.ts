import { useUrlParameter } from './location.ts'

/** Which page of a list is seen, from 0 on; the address counts from 1, as people do. */
export function usePage(): [number, (page: number) => void] {
  const [text, set] = useUrlParameter('page')
  const page = Math.max(0, Math.floor(Number(text ?? 1)) - 1) || 0
  return [page, (next) => set(next === 0 ? null : String(next + 1))]
}
