import type { ServerResponse } from 'node:http'
import type { Deployments } from './gateway.ts'

/** `GET /v1/models` in OpenAI's shape: each model once, under the provider that serves it. */
export function sendModels(response: ServerResponse, deployments: Deployments): void {
  const owners = new Map(deployments.models().map(({ model, provider }) => [model, provider]))
  const data = [...owners].map(([id, owner]) => ({ id, object: 'model', created: 0, owned_by: owner }))
  const payload = Buffer.from(JSON.stringify({ object: 'list', data }))
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': payload.length })
  response.end(payload)
}
