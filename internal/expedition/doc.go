// Package expedition is expeditions: maps, scenarios, votes, territories, tracks, campaigns, cahier.
package expedition
