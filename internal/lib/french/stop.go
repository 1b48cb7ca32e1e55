package french

// French and English words that carry no subject, in folded form.
var stopWords = map[string]map[string]bool{
	French: set(`a afin ai aient ainsi alors apres as au aucun aucune aujourdhui auquel aura aurait aussi
		autre autres aux auxquelles auxquels avaient avait avant avec avez avions avoir avons ayant ca car ce ceci cela
		celle celles celui cependant certain certaine certaines certains ces cet cette ceux chacun chaque chez ci comme
		comment dans de depuis des deja donc dont du duquel elle elles en encore entre es est et etaient etais etait
		etant etc ete etes etre eu eux fait faire faut fois font furent fut hors ici il ils j je jusque l la laquelle le
		lequel les lesquels lesquelles leur leurs lors lorsque lui m ma mais me meme memes mes mien moi moins mon n ne
		ni non nos notre nous on ont or ou par parce parfois parmi pas pendant peu peut peuvent plus plusieurs pour
		pourquoi puis puisque qu quand que quel quelle quelles quelque quelques quels qui quoi s sa sans se sera serait
		seront ses si sien soi soient soit sommes son sont sous suis sur t ta tandis te tel telle telles tels tes toi
		ton toujours tous tout toute toutes tres tu un une vers via voici voila vos votre vous y`),
	English: set(`a about after all also am an and any are as at be because been before being both but by can
		could did do does doing during each either etc few for from had has have having he her here hers him his how i
		if in into is it its itself just me more most my myself no nor not of off on once only or other our ours out
		over own per same she should so some such than that the their theirs them then there these they this those
		through to too under until up upon us very via was we were what when where whether which while who whom whose
		why will with within without would you your yours`),
}

// Stop says whether a folded word carries no subject in the language.
func Stop(folded, lang string) bool { return stopWords[language(lang)][folded] }

func stopBytes(folded []byte, stop map[string]bool) bool {
	return len(folded) <= longestStop && stop[string(folded)]
}

const longestStop = 12
