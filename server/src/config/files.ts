import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError } from '../core/errors.ts'
import { type ModelsOverlay, modelsOverlayFrom } from '../pricing/models.ts'
import { type Overlay, overlayFrom } from '../pricing/overlay.ts'
import { readYaml, type YamlValue } from '../pricing/yaml-document.ts'
import { type ProxyFile, proxyFileFrom } from './proxy-file.ts'

/** What the folder of configuration says. A file that is not there says nothing. */
export interface Files {
  readonly proxy: ProxyFile
  readonly pricing: Overlay
  readonly models: ModelsOverlay
}

/** Reads proxy.yaml, pricing.yaml and models.yaml. Throws ConfigurationError: one line with file, line and path. */
export function readFiles(folder: string): Files {
  return {
    proxy: proxyFileFrom(documentIn(folder, 'proxy.yaml')),
    pricing: overlayFrom(documentIn(folder, 'pricing.yaml')),
    models: modelsOverlayFrom(documentIn(folder, 'models.yaml')),
  }
}

function documentIn(folder: string, name: string): YamlValue | undefined {
  const file = join(folder, name)
  const bytes = bytesOf(file)
  return bytes && readYaml(utf8(file, bytes), file)
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new ConfigurationError(`${file}: cannot be read (${code})`)
  }
}

function utf8(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ConfigurationError(`${file}: is not UTF-8`)
  }
}
