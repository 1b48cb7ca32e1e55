// Package vae is where a person puts together a file of validation of experience
// (VAE), alone or accompanied, and where a jury answers it.
//
// # Words
//
// A Certification has Blocs, and a bloc Competences: from the register (RNCP), typed
// by hand, or a Referential that an organisation keeps. A File aims at blocs of one
// certification; it is made of two dossiers, of feasibility (once "livret 1") and of
// validation (once "livret 2"), both written Part by Part. A Claim is what she says
// of one competence: yes, partly, no. Coverage tells, for each competence, what is
// told, proved and recognised. A Companion reads what is opened to it and comments.
// A Jury receives a frozen copy, deliberates and decides; each bloc it grants becomes
// a credential.
//
// # Promises
//
//   - All that a person writes lies in her vault, in the room "vae". Only what a jury
//     says lies in tables, in clear, for the jury and the candidate.
//   - Proximity is said competence by competence, with the words it rests on; there is
//     no figure of a person, and she decides.
//   - Each part has its own version: two windows never overwrite each other silently,
//     and each version can be taken up again.
//   - A jury reads what was frozen, whatever is written afterwards. Withdrawn before
//     the decision, the copy closes; after it, the certifier keeps it, and the page
//     where it was handed over said so.
//   - Nobody decides on her own file. Only the official system grants a bloc of a
//     certification of the State, and the pages say so.
//
// # Sources
//
// Loi 2022-1598, art. 10; décret 2023-1275; model of dossier of the arrêté of 3 July
// 2025, in its two variants; RNCP, open data of France compétences.
package vae
