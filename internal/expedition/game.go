package expedition

import (
	"cmp"
	"slices"
)

// Seat is where a player stands in the transition game.
type Seat struct {
	Player *Card
	Places []Place // in desirable futures, with how she acts there
	Silent []Place // in desirable futures, without saying how
}

// Place is a player's place in a future.
type Place struct{ Role, Future *Card }

// Game is the transition game as it stands.
type Game struct {
	Seats []Seat
	Won   bool
}

// Game tells whether the transition game is won: every player has a place in at least
// one desirable future and knows how she acts in it. With nobody to play, or one
// alone, nothing is won.
//
// Source: Fing, Jeu de la transition (2015).
func (b *Book) Game() Game {
	var g Game
	for _, p := range b.Of("player") {
		seat := Seat{Player: p}
		for _, r := range b.From(p, "role", "player") {
			f := b.First(r, "future")
			switch {
			case f == nil || f.Fields["desirable"] != "yes":
			case r.Fields["acts"] == "":
				seat.Silent = append(seat.Silent, Place{r, f})
			default:
				seat.Places = append(seat.Places, Place{r, f})
			}
		}
		g.Seats = append(g.Seats, seat)
	}
	g.Won = len(g.Seats) > 1 && !slices.ContainsFunc(g.Seats, func(s Seat) bool { return len(s.Places) == 0 })
	return g
}

// Story are the moments that lead to a future, in the order of their dates.
func (b *Book) Story(future *Card) []*Card {
	all := b.From(future, "moment", "future")
	slices.SortStableFunc(all, func(x, y *Card) int { return cmp.Compare(x.Fields["date"], y.Fields["date"]) })
	return all
}
