package taxonomy

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// RunImport is the command "taxonomy import": it imports files into the shelf
// and writes what came of it, for people in lang or as one JSON document.
func (s Shelf) RunImport(out io.Writer, lang string, asJSON bool, scheme Scheme, version string, paths []string) error {
	rep, err := s.Import(scheme, version, paths)
	if err != nil {
		return err
	}
	if asJSON {
		if rep.Replaced == nil {
			rep.Replaced = []Replace{}
		}
		return json.NewEncoder(out).Encode(rep)
	}
	say := sentences(lang)
	lines := []string{line(rep.Entry), fmt.Sprintf(say.added, rep.Added)}
	if rep.Kept > 0 {
		lines = append(lines, fmt.Sprintf(say.kept, rep.Kept, len(rep.Replaced)))
	}
	if !rep.Current {
		lines = append(lines, say.older)
	}
	if rep.Notice != "" {
		lines = append(lines, rep.Notice)
	}
	_, err = fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

// RunList is the command "taxonomy list".
func (s Shelf) RunList(out io.Writer, lang string, asJSON bool) error {
	all, err := s.List()
	if err != nil {
		return err
	}
	if asJSON {
		if all == nil {
			all = []Entry{}
		}
		return json.NewEncoder(out).Encode(map[string]any{"taxonomies": all})
	}
	say := sentences(lang)
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, say.empty)
		return err
	}
	var notices []string
	for _, e := range all {
		mark := " "
		if e.Current {
			mark = "*"
		}
		if _, err := fmt.Fprintln(out, mark, line(e)); err != nil {
			return err
		}
		if e.Notice != "" && !slices.Contains(notices, e.Notice) {
			notices = append(notices, e.Notice)
		}
	}
	_, err = fmt.Fprintln(out, say.current+"\n"+strings.Join(notices, "\n"))
	return err
}

// line sums a book up: esco 1.1.1 (en, fr): skill 13896, occupation 3007, group 1266.
func line(e Entry) string {
	var counts []string
	for _, k := range kindNames {
		if n := e.Counts[k]; n > 0 {
			counts = append(counts, fmt.Sprintf("%s %d", k, n))
		}
	}
	return fmt.Sprintf("%s %s (%s): %s", e.Scheme, e.Version, strings.Join(e.Langs, ", "), strings.Join(counts, ", "))
}

type spoken struct {
	added, kept, older, empty, current string
	refusals                           map[Reason]string
	row                                string
}

// sentences are what people read of this package, in their language.
func sentences(lang string) spoken {
	if lang == "en" {
		return spoken{
			added:   "%d new entries.",
			kept:    "%d entries of the version before are no longer in this one; references to them still work, and %d are known to have been replaced.",
			older:   "A newer version is on the shelf: suggestions are made from that one.",
			empty:   "No taxonomy has been imported. Suggestions come from the small list of the program. To import one: digiwork taxonomy import esco FILE…",
			current: "* suggestions are made from this version.",
			row:     "%s (row %d)",
			refusals: map[Reason]string{
				Unknown:   "This taxonomy is not known. Choose esco, rome, rome-esco, rncp or formacode.",
				Missing:   "This file cannot be opened: %s. Check its path and who may read it.",
				Damaged:   "This file is cut short or is not what its name says: %s. Download it again; nothing was changed.",
				TooLarge:  "This file is larger than any official one: %s. It was not read further, and nothing was changed.",
				NothingIn: "Nothing of this taxonomy was found in %s. Give the official archive, or a CSV file out of it, with its first line.",
				Busy:      "Another import is under way. Try again when it has ended.",
			},
		}
	}
	return spoken{
		added:   "%d nouvelles entrées.",
		kept:    "%d entrées de la version précédente ne figurent plus dans celle-ci ; les références vers elles restent lisibles, et l'on sait ce qui en remplace %d.",
		older:   "Une version plus récente est déjà là : c'est d'elle que viennent les suggestions.",
		empty:   "Aucun référentiel n'a été importé. Les suggestions viennent de la petite liste du programme. Pour en importer un : digiwork taxonomy import esco FICHIER…",
		current: "* les suggestions viennent de cette version.",
		row:     "%s (ligne %d)",
		refusals: map[Reason]string{
			Unknown:   "Ce référentiel n'est pas connu. Choisissez esco, rome, rome-esco, rncp ou formacode.",
			Missing:   "Ce fichier ne peut pas être ouvert : %s. Vérifiez son chemin et qui a le droit de le lire.",
			Damaged:   "Ce fichier est incomplet ou n'est pas ce que son nom annonce : %s. Téléchargez-le de nouveau ; rien n'a été modifié.",
			TooLarge:  "Ce fichier est plus grand que tous ceux qui sont publiés : %s. Sa lecture a été arrêtée, et rien n'a été modifié.",
			NothingIn: "Rien de ce référentiel n'a été trouvé dans %s. Donnez l'archive officielle, ou un fichier CSV qui en vient, avec sa première ligne.",
			Busy:      "Un autre import est en cours. Recommencez quand il sera terminé.",
		},
	}
}

// Say words a refusal for a person.
func (r *Refusal) Say(lang string) string {
	say := sentences(lang)
	text := say.refusals[r.Reason]
	if !strings.Contains(text, "%s") {
		return text
	}
	where := r.File
	if r.Row > 0 {
		where = fmt.Sprintf(say.row, r.File, r.Row)
	}
	return fmt.Sprintf(text, where)
}
