// Package circle is people gathered under a name: a guild, an organisation, a team,
// a territory, a jury, an expedition.
//
// # Words
//
// A Circle has Members; a Member has a Role. An owner looks after the circle; there
// is at least one. An Invitation lets one person in, once, within seven days. Not
// "group", not "admin": see the glossary.
//
// # Promises
//
//   - Nobody is put into a circle: she says yes to an invitation herself.
//   - Every open circle has an owner. The last one hands over before leaving; when
//     her account is erased, the oldest member takes over, and a circle without
//     anybody is closed.
//   - Who does not belong learns nothing of a circle, not even that it exists.
//   - Who belongs is read from the database at each use: leaving takes effect at once.
//   - The name of a circle, and what its members are called, is shared data: pages
//     say so where it is typed. The address an invitation was sent to is sealed, seen
//     by owners while it waits, and forgotten after.
//
// # Others
//
// It asks People for names and hands letters to the post. The gate asks it who
// belongs. Account asks it whether a token is an invitation (Invites), and tells it
// that somebody leaves for good (Leave).
package circle
