import { objectOrUndefined } from '../field.ts'

/** By the words of all makers: what stands for more tokens than its bytes. */
const MEDIA = new Set([
  ...['image', 'images', 'image_url', 'inputImage', 'video', 'audio', 'input_audio', 'document', 'file'],
  's3Location',
])
/** Descriptions of tools are text, whatever their parameters are called. */
const TEXT_ONLY = new Set(['tools', 'toolConfig', 'response_format', 'textGenerationConfig', 'inferenceConfig'])

/** The paths of images, documents, sounds and videos in a body of any maker. */
export function mediaIn(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown, index) => mediaIn(one, `${path}[${index}]`))
  return Object.entries(objectOrUndefined(value) ?? {}).flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}.${name}`
    if (TEXT_ONLY.has(name) || member === null) return []
    return MEDIA.has(name) ? [at] : mediaIn(member, at)
  })
}
