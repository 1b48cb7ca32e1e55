// Package account is who a person is to this instance: how she comes in, what she
// is called, what she may lend to a program, and how she leaves.
//
// # Words
//
// A Person has a handle (how she signs in), a name (what others read) and, if she
// wants, a mail address. Handle and name are shared data and the pages say so. A
// Session is one signed-in browser; a Token lets a program act for her within
// scopes. A passkey, a password, a recovery code and a link are ways in. An owner
// keeps the instance: she counts people, she never reads them. Not "user", not
// "login", not "administrator": see the glossary.
//
// # Promises
//
//   - A stolen database opens no door: passwords are stretched, everything else is
//     a digest, mail addresses and names of tokens are sealed.
//   - A wrong name and a wrong password cost the same work and get the same sentence.
//   - Sessions and tokens are read from the database at every request; closing one
//     closes it on every process at once. No address of a visitor is kept.
//   - Nobody is impersonated from a page. A link that the operator makes for somebody
//     who lost everything opens after 72 hours, and is announced.
//   - Registration is closed until the instance has an owner.
//   - Who leaves is gone: one transaction over all contexts, then her data key.
//     A crash in between is made good at the next start.
//
// # Others
//
// The gate makes and destroys her vault. Leavers are the contexts that keep
// something of her. Post sends mail when the instance can. Account tells the gate
// whose a credential is (Recognise) and what people are called (Names).
package account
