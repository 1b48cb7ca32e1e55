// Package portrait is what one shows of oneself: CV, portfolio page, visiting card.
package portrait
