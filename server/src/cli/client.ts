import type { CliConfiguration } from '../config/cli.ts'
import { EXIT, Failure } from './failure.ts'

/** Speaks to the API of a running server. Throws Failure, with the exit code that fits. */
export interface Client {
  request<Answer>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer>
  /** Yields once it is connected, and then whenever there is something new; ends with the connection. */
  hints(signal: AbortSignal): AsyncGenerator<'connected' | 'hint'>
}

const PATIENCE_MS = 30_000
/** The server says something at least every 15 seconds. */
const SILENCE_MS = 45_000

interface ErrorAnswer {
  readonly error?: { readonly code?: string; readonly message?: string; readonly hint?: string }
}

export function apiClient({ url, secret, credentialsFile }: CliConfiguration): Client {
  /** Who is asked, and with which secret. */
  function target(): { url: string; secret: string } {
    if (url === undefined)
      throw new Failure('TOKEN_TRACKR_URL is no http or https URL. Set it, or leave it out.', EXIT.usage)
    if (secret === undefined)
      throw new Failure(
        `There is no administrator's secret in ${credentialsFile}. Run this in the folder that the server was started in, or set TOKEN_TRACKR_SECRET.`,
      )
    return { url, secret }
  }

  return {
    async request<Answer>(method: string, path: string, body?: object) {
      const { url: to, secret: mine } = target()
      const response = await reach(to, path, {
        method,
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: { authorization: `Bearer ${mine}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (response.ok) return (text === '' ? undefined : parse(to, text)) as Answer
      throw refusal(response.status, parse(to, text) as ErrorAnswer)
    },

    async *hints(signal) {
      const { url: to, secret: mine } = target()
      const silence = new AbortController()
      const timer = setTimeout(() => silence.abort(), SILENCE_MS)
      try {
        const response = await reach(to, '/api/live', {
          signal: AbortSignal.any([signal, silence.signal]),
          headers: { authorization: `Bearer ${mine}` },
        })
        if (!response.ok) throw refusal(response.status, parse(to, await response.text()) as ErrorAnswer)
        yield 'connected' as const
        let text = ''
        for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
          timer.refresh()
          text += chunk
          const end = text.lastIndexOf('\n\n')
          if (end < 0) continue
          if (/^event: hint$/m.test(text.slice(0, end))) yield 'hint' as const
          text = text.slice(end + 2)
        }
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof Failure) throw error
        throw new Failure(`The connection to ${to} was lost.`, EXIT.unreachable)
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

async function reach(url: string, path: string, init: RequestInit): Promise<Response> {
  try {
    // A secret follows no redirect.
    return await fetch(url + path, { ...init, redirect: 'error' })
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } }
    const why = name === 'TimeoutError' ? 'it did not answer in time' : (cause?.code ?? 'no connection')
    throw new Failure(
      `Token Trackr cannot be reached at ${url} (${why}). Is it running? Start it with: token-trackr start`,
      EXIT.unreachable,
    )
  }
}

function parse(url: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure(`What answers at ${url} is not Token Trackr. Check TOKEN_TRACKR_URL.`, EXIT.unreachable)
  }
}

function refusal(status: number, { error }: ErrorAnswer): Failure {
  if (status === 401)
    return new Failure(
      "The server does not know this administrator's secret. Set TOKEN_TRACKR_SECRET to the one that its first start printed.",
    )
  const message = [error?.message, error?.hint].filter((part) => part !== undefined).join(' ')
  return new Failure(
    message || `The server answered ${status}.`,
    error?.code === 'limit_reached' ? EXIT.limitReached : EXIT.error,
  )
}
