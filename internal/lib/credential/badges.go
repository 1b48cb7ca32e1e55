package credential

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/lib/credential/integrity"
)

// property says what a member of a class holds.
type property struct {
	name     string
	kind     string
	required bool
	many     bool
}

// classes are those of OB 3.0, appendix B, and CLR 2.0, appendix B: for each, its
// members with their kind. "!" is required, "*" may be a list. Kinds are text, url,
// date, day, number, boolean, a list of values ("=name") or another class.
var classes = parseClasses(`
AchievementSubject: achievement! Achievement, activityEndDate date, activityStartDate date, creditsEarned number, achievement! Achievement, identifier* IdentityObject, image Image, licenseNumber text, narrative text, result* Result, role text, source Profile, term text
EndorsementSubject: id! url, endorsementComment text
ClrSubject: identifier* IdentityObject, achievement* Achievement, association* Association
Association: associationType! =association, sourceId! url, targetId! url
Achievement: id! url, alignment* Alignment, achievementType =achievement, creator Profile, creditsAvailable number, criteria! Criteria, description! text, fieldOfStudy text, humanCode text, image Image, inLanguage text, name! text, otherIdentifier* IdentifierEntry, related* Related, resultDescription* ResultDescription, specialization text, tag* text, version text
Alignment: targetCode text, targetDescription text, targetName! text, targetFramework text, targetType =target, targetUrl! url
Criteria: id url, narrative text
IdentityObject: hashed! boolean, identityHash! text, identityType! =identifier, salt text
IdentifierEntry: identifier! text, identifierType! =identifier
Evidence: id url, narrative text, name text, description text, genre text, audience text
Image: id! url, caption text
Result: achievedLevel url, alignment* Alignment, resultDescription url, status =status, value text
ResultDescription: id! url, alignment* Alignment, allowedValue* text, name! text, requiredLevel url, requiredValue text, resultType! =result, rubricCriterionLevel* RubricCriterionLevel, valueMax text, valueMin text
RubricCriterionLevel: id! url, alignment* Alignment, description text, level text, name! text, points text
Related: id! url, inLanguage text, version text
Profile: id! url, name text, url url, phone text, description text, image Image, email text, address Address, otherIdentifier* IdentifierEntry, official text, parentOrg Profile, familyName text, givenName text, additionalName text, patronymicName text, honorificPrefix text, honorificSuffix text, familyNamePrefix text, dateOfBirth day
Address: addressCountry text, addressCountryCode text, addressRegion text, addressLocality text, streetAddress text, postOfficeBoxNumber text, postalCode text, geo GeoCoordinates
GeoCoordinates: latitude! number, longitude! number
`)

// values are the lists that the specifications fix. A value may also start with "ext:".
var values = map[string][]string{
	"=achievement": strings.Fields(`Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award Badge
		BachelorDegree Certificate CertificateOfCompletion Certification CommunityService Competency Course CoCurricular
		Degree Diploma DoctoralDegree Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram License
		Membership ProfessionalDoctorate QualityAssuranceCredential MasterCertificate MasterDegree MicroCredential
		ResearchDoctorate SecondarySchoolDiploma`),
	"=target": strings.Fields(`ceasn:Competency ceterms:Credential CFItem CFRubric CFRubricCriterion CFRubricCriterionLevel CTDL`),
	"=identifier": strings.Fields(`name sourcedId systemId productId userName accountId emailAddress nationalIdentityNumber
		isbn issn lisSourcedId oneRosterSourcedId sisSourcedId ltiContextId ltiDeploymentId ltiToolId ltiPlatformId
		ltiUserId identifier`),
	"=status": strings.Fields(`Completed Enrolled Failed InProgress OnHold Provisional Withdrew`),
	"=result": strings.Fields(`GradePointAverage LetterGrade Percent PerformanceLevel PredictedScore RawScore Result
		RubricCriterion RubricCriterionLevel RubricScore ScaledScore Status`),
	"=association": strings.Fields(`exactMatchOf isChildOf isParentOf isPartOf isPeerOf isRelatedTo precedes replacedBy`),
}

// untyped are the classes whose objects need not say their type.
var untyped = []string{"Criteria"}

func parseClasses(text string) map[string][]property {
	all := map[string][]property{}
	for line := range strings.Lines(text) {
		class, members, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		for _, m := range strings.Split(members, ", ") {
			name, kind, _ := strings.Cut(m, " ")
			plain := strings.TrimRight(name, "!*")
			all[class] = append(all[class], property{plain, kind, strings.Contains(name, "!"), strings.Contains(name, "*")})
		}
	}
	return all
}

// badge checks what Open Badges 3.0 and CLR 2.0 ask of a credential beyond VCDM.
func (i *inspector) badge(doc object) {
	subject := ""
	switch {
	case hasType(doc, "OpenBadgeCredential"), hasType(doc, "AchievementCredential"):
		subject = "AchievementSubject"
	case hasType(doc, "EndorsementCredential"):
		subject = "EndorsementSubject"
	case hasType(doc, "ClrCredential"):
		subject = "ClrSubject"
	default:
		return
	}
	i.left = maxObjects
	for _, v := range asList(doc["credentialSubject"]) {
		if m, ok := v.(object); ok {
			i.class(m, subject, &spot{name: "credentialSubject"})
		}
	}
	if m, ok := doc["issuer"].(object); ok {
		i.class(m, "Profile", &spot{name: "issuer"})
	}
	for n, v := range asList(doc["evidence"]) {
		if m, ok := v.(object); ok {
			i.class(m, "Evidence", &spot{&spot{name: "evidence"}, "", n})
		}
	}
	if v, ok := doc["image"]; ok {
		i.value(property{name: "image", kind: "Image"}, v, &spot{name: "image"})
	}
	if v, ok := doc["awardedDate"]; ok {
		i.value(property{name: "awardedDate", kind: "date"}, v, &spot{name: "awardedDate"})
	}
}

// spot is a place in a document, written out only when something is wrong there.
type spot struct {
	up    *spot
	name  string // of a member; "" for an element of a list
	index int
}

func (s *spot) String() string {
	if s == nil {
		return ""
	}
	if s.name == "" {
		return s.up.String() + "/" + strconv.Itoa(s.index)
	}
	return s.up.String() + "/" + s.name
}

// class checks an object against a class.
func (i *inspector) class(m object, class string, where *spot) {
	if i.left--; i.left < 0 {
		return
	}
	if !slices.Contains(untyped, class) && !hasType(m, class) {
		if m["type"] == nil {
			i.absent(where.String() + "/type")
		} else {
			i.wrong(where.String()+"/type", class)
		}
	}
	for _, p := range classes[class] {
		v, ok := m[p.name]
		if !ok {
			if p.required {
				i.absent(where.String() + "/" + p.name)
			}
			continue
		}
		list, isList := v.([]any)
		if !isList || !p.many {
			i.value(p, v, &spot{up: where, name: p.name})
			continue
		}
		for n, e := range list {
			i.value(p, e, &spot{&spot{up: where, name: p.name}, "", n})
		}
	}
}

// value checks one value of a member.
func (i *inspector) value(p property, v any, where *spot) {
	s, isText := v.(string)
	ok := true
	switch {
	case p.kind == "text":
		_, tagged := v.(object)
		ok = isText || tagged
	case p.kind == "url":
		ok = isURL(v)
	case p.kind == "date":
		_, err := integrity.Time(s)
		ok = err == nil
	case p.kind == "day":
		_, err := time.Parse(time.DateOnly, s)
		ok = err == nil
	case p.kind == "number":
		_, ok = v.(float64)
	case p.kind == "boolean":
		_, ok = v.(bool)
	case p.kind[0] == '=':
		ok = slices.Contains(values[p.kind], s) || strings.HasPrefix(s, "ext:")
	default:
		m, isObject := v.(object)
		if !isObject {
			// A profile may be named by its address alone.
			ok = p.kind == "Profile" && isURL(v)
			break
		}
		i.class(m, p.kind, where)
	}
	if !ok {
		i.wrong(where.String(), strings.TrimPrefix(p.kind, "="))
	}
}
