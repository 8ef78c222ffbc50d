import { Requests } from '../../features/calls/requests.tsx'
import { CreateUser } from '../../features/users/create-user.tsx'

export function RequestsPage() {
  return <Requests firstStep={<CreateUser label="Create a user and a key" variant="secondary" />} />
}
