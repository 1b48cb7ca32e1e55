package intake

import (
	"testing"
)

// A complete export: every file that describes work is read, the rest is named.
func TestACompleteLinkedInExport(t *testing.T) {
	raw := zipOf(t,
		"Profile.csv", "First Name,Last Name,Headline,Summary,Industry,Geo Location,Birth Date,Websites\nAwa,Exemple,Cheffe,Quinze ans,Transport,Lyon,May 17,[PERSONAL:https://exemple.invalid/awa]\n",
		"Positions.csv", "Company Name,Title,Description,Location,Started On,Finished On\nQuai,Docker,\"Ligne 1\nLigne 2\",Brest,Mar 2019,\n,,,,,\n",
		"Education.csv", "School Name,Start Date,End Date,Notes,Degree Name,Activities\nLycée,2006,2009,,,\n",
		"Volunteering.csv", "Company Name,Role,Cause,Started On,Finished On,Description\nMaraude,Bénévole,Solidarité,Nov 2015,Mar 2018,La nuit\n",
		"Projects.csv", "Title,Description,Url,Started On,Finished On\nJardin,,https://exemple.invalid/jardin,Apr 2020,\n",
		"Courses.csv", "Name,Number\nSoudure,S1\n",
		"Learning.csv", "Content Title,Content Description,Content Type,Content Last Watched Date (if viewed),Content Completed At (if completed)\nExcel,,COURSE,2020-05-01 10:00 UTC,N/A\n",
		"Certifications.csv", "Name,Url,Authority,Started On,Finished On,License Number\nCACES,,Org,Jun 2022,Jun 2027,42\n",
		"Honors.csv", "Title,Description,Issued On\nMédaille,,May 2019\n",
		"Publications.csv", "Name,Published On,Description,Publisher,Url\nArticle,\"Jan 3, 2020\",,Revue,\n",
		"Patents.csv", "Title,Description,Patent Number,Issued On,Url\nPalan,,FR1,Jan 2021,\n",
		"Test_Scores.csv", "Name,Score,Description,Test Date\nTOEIC,900,,Feb 2018\n",
		"Organizations.csv", "Name,Position,Description,Started On,Finished On\nAmicale,Trésorière,,2017,\n",
		"Recommendations_Received.csv", "First Name,Last Name,Company,Job Title,Text,Creation Date,Status\nPaul,Fictif,Quai,Cariste,Très bien,\"07/21/09, 12:11 PM\",VISIBLE\nHid,Den,,,non,,HIDDEN\n",
		"Languages.csv", "Name,Proficiency\nWolof,Native\n",
		"Skills.csv", "Name\nAccueil\n",
		"Connections.csv", "Notes:\n\"Some are missing.\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\nNguyễn,Ánh,https://exemple.invalid/in/a,,Port,Ébéniste,05 Jan 2024\n,,,,,,05 Jan 2024\n",
		"messages.csv", "CONVERSATION ID,FROM,CONTENT\n1,x,secret\n",
		"Ad_Targeting.csv", "Member Age\n\"25 to 34\"\n",
	)
	r := read(t, "Complete.zip", raw)
	for title, w := range map[string]want{
		"Docker":              {KindActivity, TypeJob, "2019-03", "", "Quai", "Brest", ""},
		"Lycée":               {KindActivity, TypeLearning, "2006", "2009", "Lycée", "", ""},
		"Bénévole":            {KindActivity, TypeVolunteering, "2015-11", "2018-03", "Maraude", "", ""},
		"Jardin":              {KindActivity, TypeProject, "2020-04", "", "", "", ""},
		"Soudure":             {KindActivity, TypeLearning, "", "", "", "", ""},
		"Excel":               {KindActivity, TypeLearning, "2020-05-01", "2020-05-01", "LinkedIn Learning", "", ""},
		"CACES":               {KindDocument, TypeCertificate, "2022-06", "", "Org", "", ""},
		"Médaille":            {KindDocument, TypeAward, "2019-05", "", "", "", ""},
		"Article":             {KindDocument, TypePublication, "2020-01-03", "", "Revue", "", ""},
		"Palan":               {KindDocument, TypePatent, "2021-01", "", "", "", ""},
		"TOEIC":               {KindDocument, TypeScore, "2018-02", "", "", "", ""},
		"Amicale, Trésorière": {KindDocument, TypeMembership, "2017", "", "Amicale", "", ""},
		"Paul Fictif":         {KindDocument, TypeReference, "2009-07-21", "", "Quai", "", "Paul Fictif"},
		"Wolof":               {KindLanguage, "", "", "", "", "", ""},
		"Accueil":             {KindSkill, "", "", "", "", "", ""},
		"Nguyễn Ánh":          {KindContact, "", "", "", "Port", "", ""},
		"Awa Exemple":         {KindProfile, "", "", "", "", "Lyon", ""},
	} {
		w.check(t, entry(t, r, title))
	}
	if len(r.Entries) != 17 || len(r.Skipped) != 4 || skipped(r, "intake.linkedin.not_used") != 2 || skipped(r, "intake.linkedin.hidden") != 1 || skipped(r, "intake.linkedin.nameless") != 1 {
		t.Errorf("%d entries, skipped %v", len(r.Entries), r.Skipped)
	}
	if p := entry(t, r, "Awa Exemple"); len(p.Card.Links) != 1 || p.Card.Links[0] != "https://exemple.invalid/awa" {
		t.Errorf("%+v", p.Card)
	}
}

func TestAFileOfAnExportAlone(t *testing.T) {
	r := accepted(t, "Positions.csv", []byte("Company Name,Title,Description,Location,Started On,Finished On\nQuai,Docker,,Brest,Mar 2019,\n"), 1)
	if r.Format != FormatLinkedIn || r.Entries[0].Type != TypeJob {
		t.Errorf("%s %+v", r.Format, r.Entries)
	}
}
