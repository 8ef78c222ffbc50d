import type { ServerResponse } from 'node:http'
import type { Deployments } from './gateway.ts'

/** `GET /v1/models`: each model once, with the members of OpenAI's list and of Anthropic's, since both ask this path. */
export function sendModels(response: ServerResponse, deployments: Deployments): void {
  const owners = new Map(deployments.models().map(({ model, provider }) => [model, provider]))
  const data = [...owners].map(([id, owner]) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: owner,
    type: 'model',
    display_name: id,
    created_at: '1970-01-01T00:00:00Z',
  }))
  const list = {
    object: 'list',
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  }
  const payload = Buffer.from(JSON.stringify(list))
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': payload.length })
  response.end(payload)
}
