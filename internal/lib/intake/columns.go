package intake

import (
	"regexp"
	"strings"
)

// column is what a column of a table holds.
type column int

const (
	colNone column = iota // a name we do not know: kept in the narrative
	colIgnored
	colTitle
	colName // a title when there is no other, a person's name among contacts
	colFirstName
	colKind
	colStart
	colEnd
	colPeriod
	colOrganisation
	colPlace
	colWithWhom
	colPurpose
	colPaid
	colStatus
	colHours
	colNarrative
	colTools
	colMethods
	colTags
	colSkill
	colURL
	colFacts
	colEmail
	colPhone
	colAddress
	colRole
)

// columnWords are the names people give to columns, French then English, folded.
var columnWords = map[column][2]string{
	colTitle: {
		"intitulé|titre|activité|activités|poste|poste occupé|intitulé du poste|fonction|libellé|emploi|métier|mission|objet|sujet|nom de l'activité|expérience|profession|intitulé de la formation|formation|diplôme|projet|nom du projet|tâche|désignation",
		"title|activity|position|job title|job|role title|activity name|experience|occupation|assignment|task|project|project name|degree|degree name|course|subject|event|summary title|what",
	},
	colName:         {"nom|nom complet|nom de famille|dénomination", "name|full name|last name|surname|family name"},
	colFirstName:    {"prénom|prénoms", "first name|given name|forename"},
	colKind:         {"type|type d'activité|nature|catégorie|genre", "kind|type of activity|category|activity type"},
	colStart:        {"début|date de début|date début|commencé|depuis|date d'entrée|entrée|date|quand|du|année|année de début|commencé le|début le|jour", "start|start date|started|started on|from|begin|beginning|date from|since|year|when|day|connected on"},
	colEnd:          {"fin|date de fin|date fin|terminé|jusqu'à|date de sortie|sortie|au|année de fin|terminé le|jusqu'au", "end|end date|ended|finished|finished on|to|until|date to|completed|completion date"},
	colPeriod:       {"période|dates|durée et dates|années", "period|date range|time period|years|timeframe"},
	colOrganisation: {"organisation|employeur|entreprise|société|structure|organisme|association|client|établissement|donneur d'ordre|raison sociale|école|nom de l'employeur|nom de l'entreprise|commanditaire|collectivité", "organization|company|employer|company name|institution|school|school name|organisation name|organization name|customer|agency"},
	colPlace:        {"lieu|ville|localisation|commune|adresse du lieu|site|où|département|région|pays|lieu de travail", "place|location|city|town|where|workplace|country|region"},
	colWithWhom:     {"avec qui|avec|collègues|équipe|partenaires|participants", "with whom|with|team|colleagues|partners|attendees"},
	colPurpose:      {"pour quoi|but|objectif|objectifs|finalité|pourquoi|raison", "purpose|goal|objective|objectives|aim|why|what for|cause"},
	colPaid:         {"rémunéré|rémunérée|payé|rémunération|bénévole|salaire", "paid|remunerated|paid or unpaid|unpaid|pay"},
	colStatus:       {"statut|statut professionnel|contrat|type de contrat|régime|situation", "status|employment status|contract|contract type|employment type"},
	colHours:        {"heures par semaine|heures hebdomadaires|h/semaine|temps de travail|heures/semaine|volume horaire hebdomadaire|nb heures semaine", "hours per week|weekly hours|hours a week|hours/week|hours_per_week"},
	colNarrative:    {"récit|description|détail|détails|commentaire|commentaires|remarque|remarques|notes|missions|tâches|contenu|résumé|observations|descriptif|responsabilités|tâches réalisées", "narrative|summary|details|comment|comments|remarks|note|content|responsibilities|duties|highlights"},
	colTools:        {"outils|outil|logiciels|matériel|machines|outils utilisés", "tools|tool|software|equipment|technologies"},
	colMethods:      {"méthodes|méthode|savoir-faire", "methods|method|practices|know-how"},
	colTags:         {"étiquettes|mots-clés|mots clés|tags|thèmes|domaine|domaines|secteur|secteurs|étiquette", "labels|keywords|tag|themes|categories|sector|field|domain|industry"},
	colSkill:        {"compétence|compétences|aptitudes|qualités", "skill|skills|competence|competences|competencies|abilities"},
	colURL:          {"adresse web|lien|url|site web|site internet|liens", "web address|link|website|web site|web page"},
	colFacts:        {"chiffres", "facts|figures"},
	colEmail:        {"e-mail|courriel|mail|adresse e-mail|adresse mail|email|mél|adresse électronique", "e-mail address|email address|mail address"},
	colPhone:        {"téléphone|tél|mobile|portable|n° de téléphone|numéro de téléphone", "phone|telephone|phone number|mobile phone|cell"},
	colAddress:      {"adresse|adresse postale", "address|postal address"},
	colRole:         {"rôle|fonction du contact", "role|job role"},
	colIgnored:      {"id|n°|numéro|no|num|#|identifiant|ligne|clé", "number|key|row|index|uuid|identifier"},
}

var columnOf = func() map[string]column {
	m := map[string]column{}
	for c, lists := range columnWords {
		for _, list := range lists {
			for _, w := range strings.Split(list, "|") {
				m[Fold(w)] = c
			}
		}
	}
	return m
}()

var bracketed = regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]|\*`)

// nearly recognises a longer name by a word in it.
var nearly = []struct {
	word *regexp.Regexp
	is   column
}{
	{regexp.MustCompile(`\b(date (de )?fin|end date|date fin)\b`), colEnd},
	{regexp.MustCompile(`\b(date (de )?debut|start date|date d entree)\b`), colStart},
	{regexp.MustCompile(`\b(heures?|hours?)\b.*\b(semaine|week|hebdo)`), colHours},
	{regexp.MustCompile(`\b(e mail|email|courriel)\b`), colEmail},
	{regexp.MustCompile(`\b(telephone|phone|mobile)\b`), colPhone},
	{regexp.MustCompile(`\b(employeur|entreprise|employer|company|organisme|organisation|organization)\b`), colOrganisation},
	{regexp.MustCompile(`\b(intitule|titre|title)\b`), colTitle},
	{regexp.MustCompile(`\b(ville|lieu|city|location)\b`), colPlace},
	{regexp.MustCompile(`\b(description|descriptif)\b`), colNarrative},
}

// columnFor is what a column of this name holds.
func columnFor(name string) column {
	f := Fold(bracketed.ReplaceAllString(name, " "))
	if len(f) > 80 {
		return colNone
	}
	if c, ok := columnOf[f]; ok {
		return c
	}
	for _, n := range nearly {
		if n.word.MatchString(f) {
			return n.is
		}
	}
	return colNone
}

// kindWords are the words people use for the type of an activity, folded.
var kindWords = func() map[string]string {
	m := map[string]string{}
	for typ, list := range map[string]string{
		TypeJob:          "emploi|poste|travail|salariat|cdi|cdd|job|work|employment|emploi salarié|position|apprentissage|alternance|stage|internship|salarié|intérim|interim|temps plein|temps partiel|full-time|part-time",
		TypeMission:      "mission|missions|prestation|freelance|contrat|contract|gig|indépendant|conseil|consulting|assignment|course|livraison",
		TypeVolunteering: "bénévolat|bénévole|volontariat|volunteering|volunteer|voluntary work|associatif|engagement|service civique",
		TypeCare:         "soin|soins|soin d'un proche|aidance|aidant|aidante|proche aidant|care|caring|caregiving|parental|congé parental|famille",
		TypeLearning:     "formation|étude|études|learning|education|training|course of study|cours|diplôme|apprendre|school|université|study|studies|certification",
		TypeMandate:      "mandat|élu|élue|mandate|elected|représentation|syndical|mandat syndical|mandat électif|délégation|office",
		TypeProject:      "projet|project|création|personal project|projet personnel",
		TypeOther:        "autre|other|divers|misc",
	} {
		for _, w := range strings.Split(list, "|") {
			m[Fold(w)] = typ
		}
	}
	return m
}()

// kindHint is the type a column's own name suggests for the lines below it.
var kindHint = map[string]string{
	"poste": TypeJob, "poste occupe": TypeJob, "intitule du poste": TypeJob, "emploi": TypeJob, "employeur": TypeJob,
	"job title": TypeJob, "position": TypeJob, "employer": TypeJob, "job": TypeJob,
	"mission": TypeMission, "client": TypeMission, "assignment": TypeMission,
	"association": TypeVolunteering,
	"formation":   TypeLearning, "diplome": TypeLearning, "ecole": TypeLearning, "degree": TypeLearning, "school": TypeLearning,
	"degree name": TypeLearning, "school name": TypeLearning, "intitule de la formation": TypeLearning,
	"projet": TypeProject, "project": TypeProject, "project name": TypeProject, "nom du projet": TypeProject,
}
